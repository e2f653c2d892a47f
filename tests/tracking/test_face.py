from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.tracking.face import Face, FaceRules, FaceTracker
from accessify.tracking.graphs import FACE_DETECTOR, FACE_LANDMARKS, FACE_MESH, Graph
from accessify.tracking.regions import Region
from tests.tracking.scene import FACE, Person, Place, Scene, mesh, person

RULES = FaceRules(every=1, detect=4)


def followed(scene: Scene, rules: FaceRules = RULES) -> list[Face | None]:
    tracker = FaceTracker(rules)
    return [
        tracker.push(scene.image(index), people[0].seen() if people else None, scene)
        for index, people in enumerate(scene.pictures)
    ]


def is_at(face: Face | None, one: Person, tolerance: float = 2e-3) -> bool:
    assert one.face is not None
    return face is not None and bool(np.abs(face.points - one.face).max() < tolerance)


def looks(scene: Scene, graph: Graph) -> list[int]:
    return [scene.count(graph, index) for index in range(len(scene.pictures))]


def regions(scene: Scene, graph: Graph) -> list[Region]:
    return [region for _, name, region in scene.asked if name == graph.name]


def moving(count: int, *, x: float = 0.5, turn: float = 0.005) -> list[Person]:
    return [person(Place(300 + x * index, 260, 60, turn * index)) for index in range(count)]


@given(
    start=st.builds(Place, st.floats(250, 390), st.floats(240, 320), st.floats(40, 80), st.floats(-0.4, 0.4)),
    step=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    turn=st.floats(-0.01, 0.01),
    rules=st.builds(FaceRules, st.just(1), st.integers(1, 5)),
)
def test_any_smooth_motion_of_a_face_is_followed_to_the_point(
    start: Place, step: tuple[float, float], turn: float, rules: FaceRules
) -> None:
    place, people = start, []
    for _ in range(7):
        people.append(person(place))
        place = place.moved(*step, turn=turn)
    scene = Scene([[one] for one in people])
    for face, one in zip(followed(scene, rules), people, strict=True):
        assert is_at(face, one)
        assert face is not None
        assert face.presence == pytest.approx(1 / (1 + np.exp(-6)))
    assert looks(scene, FACE_LANDMARKS) == [1] * 7


def test_a_face_may_come_with_its_irises() -> None:
    """From the other network, in the same places, and followed by the same rules."""
    people = moving(6)
    scene = Scene([[one] for one in people])
    tracker = FaceTracker(RULES, FACE_MESH)
    for index, one in enumerate(people):
        face = tracker.push(scene.image(index), one.seen(), scene)
        assert face is not None
        assert one.face is not None
        np.testing.assert_allclose(face.points, mesh(one.face), atol=2e-3)
    assert looks(scene, FACE_MESH) == [1] * 6
    assert looks(scene, FACE_LANDMARKS) == [0] * 6


def test_the_regions_are_those_of_the_rules() -> None:
    """Three boxes by hand: around the body's head, around the detector's marks, around the mesh."""
    one = person(Place(300, 260, 100))
    scene = Scene([[one]] * 2)
    followed(scene)
    (rough,), (first, second) = regions(scene, FACE_DETECTOR), regions(scene, FACE_LANDMARKS)

    def values(region: Region) -> list[float]:
        return [region.x, region.y, region.width, region.height, region.angle]

    # eyes, ears, mouth, nose: 0.56 wide, from 2.2 to 1.95 above the hips; three times as wide
    assert values(rough) == pytest.approx([300, 260 - 207.5, 168, 168, 0], abs=1e-3)
    # 0.54 wide, 2.2 to 1.95; up by a tenth of its height, twice as wide
    assert values(first) == pytest.approx([300, 260 - 207.5 - 2.5, 108, 108, 0], abs=1e-2)
    low, high = 100 * FACE.min(axis=0), 100 * FACE.max(axis=0)
    x, y = (low + high) / 2
    side = 1.5 * max(high - low)
    assert values(second) == pytest.approx([300 + x, 260 + y, side, side, 0], abs=1e-2)


@pytest.mark.parametrize("angle", [-0.6, 0.4])
def test_the_regions_turn_with_the_eyes(angle: float) -> None:
    one = person(Place(300, 260, 100, angle))
    scene = Scene([[one]] * 2)
    followed(scene)
    for region in (*regions(scene, FACE_DETECTOR), *regions(scene, FACE_LANDMARKS)):
        assert region.angle == pytest.approx(angle, abs=1e-4)


@pytest.mark.parametrize(("every", "looked"), [(1, [1] * 7), (3, [1, 0, 0, 1, 0, 0, 1])])
def test_a_followed_face_is_checked_in_every_nth_picture(every: int, looked: list[int]) -> None:
    scene = Scene([[one] for one in moving(7)])
    assert all(followed(scene, FaceRules(every=1, detect=every)))
    assert looks(scene, FACE_DETECTOR) == looked


def test_a_face_that_moved_away_is_checked_at_once() -> None:
    """What the detector found last is out of date then, not the face's own region."""
    people = [person(Place(300)), person(Place(309)), person(Place(309))]
    scene = Scene([[one] for one in people])
    found = followed(scene, FaceRules(every=1, detect=100))
    assert all(is_at(*pair) for pair in zip(found, people, strict=True))
    assert looks(scene, FACE_DETECTOR) == [1, 0, 1]


def test_a_jump_is_followed_by_the_detector() -> None:
    here, there = person(Place(200)), person(Place(400, angle=0.4))
    scene = Scene([[here], [there]])
    found = followed(scene, FaceRules(every=1, detect=1))
    assert is_at(found[1], there)


def test_between_looks_the_face_moves_along_with_the_head() -> None:
    people = moving(6, x=4.0, turn=0.0)
    scene = Scene([[one] for one in people])
    found = followed(scene, FaceRules(every=3, detect=1))
    assert all(is_at(*pair) for pair in zip(found, people, strict=True))
    assert looks(scene, FACE_LANDMARKS) == looks(scene, FACE_DETECTOR) == [1, 0, 0, 1, 0, 0]
    assert found[1] is not None
    assert found[1].points.dtype == np.float32


def test_the_detectors_turn_comes_by_looks_not_by_pictures() -> None:
    scene = Scene([[one] for one in moving(14)])
    assert all(followed(scene, FaceRules(every=2, detect=4)))
    assert looks(scene, FACE_LANDMARKS) == [1, 0] * 7
    assert looks(scene, FACE_DETECTOR) == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


def test_expressions_are_scored_where_the_face_is_looked_at() -> None:
    """And kept while it only moves along."""
    people = moving(7, x=4.0, turn=0.0)
    scene = Scene([[one] for one in people])
    scored: list[np.ndarray] = []

    def score(points: np.ndarray) -> np.ndarray:
        scored.append(points)
        return np.full(3, len(scored), np.float32)

    tracker = FaceTracker(FaceRules(every=3), FACE_MESH, score)
    faces = [tracker.push(scene.image(index), one.seen(), scene) for index, one in enumerate(people)]
    told = [int(face.expressions[0]) for face in faces if face and face.expressions is not None]
    assert told == [1, 1, 1, 2, 2, 2, 3]
    for points, one in zip(scored, people[::3], strict=True):
        assert one.face is not None
        np.testing.assert_allclose(points, mesh(one.face), atol=2e-3)


def test_a_missing_face_is_looked_for_in_every_picture() -> None:
    one = person(Place())
    hidden = replace(one, face=None, marks=None)
    scene = Scene([[one], [hidden], [hidden], [hidden], [hidden], [one]])
    found = followed(scene, FaceRules(every=1, detect=3))
    assert [face is not None for face in found] == [True, False, False, False, False, True]
    assert looks(scene, FACE_DETECTOR) == [1, 0, 1, 1, 1, 1]
    assert looks(scene, FACE_LANDMARKS) == [1, 1, 0, 0, 0, 1]
    assert is_at(found[-1], one)


def test_a_missing_face_is_looked_for_even_where_faces_are_looked_at_rarely() -> None:
    one = person(Place())
    hidden = replace(one, face=None, marks=None)
    found = followed(Scene([[hidden], [hidden], [one], [one]]), FaceRules(every=5, detect=1))
    assert [face is not None for face in found] == [False, False, True, True]


def test_what_the_detector_takes_for_a_face_must_be_one() -> None:
    mask = replace(person(Place()), face=None)
    scene = Scene([[mask]] * 2)
    assert followed(scene) == [None, None]
    assert looks(scene, FACE_LANDMARKS) == [1, 1]


def test_without_a_body_there_is_no_face_and_none_is_remembered() -> None:
    here, there = person(Place(200)), person(Place(400))
    scene = Scene([[here], [], [there]])
    found = followed(scene, FaceRules(every=100, detect=100))
    assert [face is not None for face in found] == [True, False, True]
    assert is_at(found[2], there)
    assert looks(scene, FACE_DETECTOR) == [1, 0, 1]


def test_the_face_is_the_bodys_own() -> None:
    """Another face in the picture is not taken, also where the own one is hidden."""
    one, other = person(Place(200)), person(Place(440))
    hidden = replace(one, face=None, marks=None)
    assert is_at(followed(Scene([[one, other]]))[0], one)
    assert followed(Scene([[hidden, other]])) == [None]
