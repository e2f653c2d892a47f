"""Networks that answer with what is no number, or with points that are all one: nothing is seen then,
nothing fails, and what was followed is found again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.tracking.body import BodyTracker
from accessify.tracking.body_hands import BodyHands, PalmRules
from accessify.tracking.detection import merge
from accessify.tracking.face import FaceTracker
from accessify.tracking.graphs import (
    BODY_DETECTOR,
    BODY_LANDMARKS,
    FACE_DETECTOR,
    FACE_LANDMARKS,
    HAND_LANDMARKS,
    HAND_RECROP,
    PALM_DETECTOR,
    Graph,
    Look,
)
from accessify.tracking.hands import Hand, WristRules
from accessify.tracking.palms import PalmTracker
from accessify.tracking.regions import Region
from tests.tracking.scene import Place, Scene, person

Image = NDArray[np.uint8]
Answer = tuple[NDArray[np.float32], ...]
Spoil = Callable[[Answer], Answer]
Found = list[NDArray[np.float32] | None]
WHO = person(Place())


def spoiled(scene: Scene, graph: Graph, picture: int, spoil: Spoil) -> Look:
    """The scene, but for what `graph` says of one picture."""

    def look(asked: Graph, image: Image, region: Region) -> Answer:
        assert np.isfinite([region.x, region.y, region.width, region.height, region.angle]).all()
        assert min(region.width, region.height) >= 1
        answer = scene(asked, image, region)
        return spoil(answer) if asked == graph and image[0, 0, 0] == picture else answer

    return look


def nan_in(output: int) -> Spoil:
    def spoil(answer: Answer) -> Answer:
        return tuple(
            np.full_like(part, np.nan) if place == output else part for place, part in enumerate(answer)
        )

    return spoil


def pressed(answer: Answer) -> Answer:
    """All points become one, in the middle of the crop."""
    points, *rest = answer
    return (np.full_like(points, 0.01 + np.nanmean(np.abs(points))), *rest)


def bodies(scene: Scene, look: Look) -> Found:
    tracker = BodyTracker()
    found = [tracker.push(image, look) for image in images(scene)]
    for body in found:
        assert body is None or (np.isfinite(body.world).all() and np.isfinite(body.visibility).all())
    return [body and body.points for body in found]


def faces(scene: Scene, look: Look) -> Found:
    tracker = FaceTracker()
    found = [tracker.push(image, WHO.seen(), look) for image in images(scene)]
    return [face and face.points for face in found]


def own_hands(scene: Scene, look: Look) -> Found:
    tracker = BodyHands(WristRules(retry=1), PalmRules(every=None))
    return right_of([tracker.push(image, WHO.seen(), look) for image in images(scene)])


def lone_hands(scene: Scene, look: Look) -> Found:
    tracker = PalmTracker()
    return right_of([tracker.push(image, look) for image in images(scene)])


def right_of(pairs: Sequence[tuple[Hand | None, Hand | None]]) -> Found:
    for hand in (hand for pair in pairs for hand in pair if hand):
        assert np.isfinite([hand.presence, hand.right, *hand.world.ravel()]).all()
    return [right and right.points for _, right in pairs]


def images(scene: Scene) -> list[Image]:
    return [scene.image(index) for index in range(len(scene.pictures))]


def check(run: Callable[[Scene, Look], Found], graph: Graph, spoil: Spoil, picture: int) -> Found:
    scene = Scene([[WHO]] * 5)
    found = run(scene, spoiled(scene, graph, picture, spoil))
    assert scene.count(graph, picture) > 0, "nothing was spoiled"
    for points in found:
        assert points is None or np.isfinite(points).all()
    right = WHO.hands[1]
    assert right is not None
    assert WHO.body is not None
    true = {bodies: WHO.body[:33], faces: WHO.face}.get(run, right.points)
    assert found[-1] is not None
    size = np.ptp(true[:, :2])
    assert np.abs(found[-1] - true).max() < (2e-3 if spoil is not pressed else 0.5 * size)
    return found


@pytest.mark.parametrize(
    ("run", "graph", "output"),
    [
        (bodies, BODY_LANDMARKS, 0),
        (bodies, BODY_LANDMARKS, 1),
        (bodies, BODY_LANDMARKS, 3),
        *((own_hands, HAND_LANDMARKS, output) for output in range(4)),
        *((lone_hands, HAND_LANDMARKS, output) for output in range(4)),
        (faces, FACE_LANDMARKS, 0),
        (faces, FACE_LANDMARKS, 1),
    ],
    ids=lambda value: getattr(value, "__name__", None) or getattr(value, "name", str(value)),
)
@pytest.mark.parametrize("picture", [0, 1])
def test_what_is_no_number_is_not_seen(
    run: Callable[[Scene, Look], Found], graph: Graph, output: int, picture: int
) -> None:
    found = check(run, graph, nan_in(output), picture)
    assert found[picture] is None


@pytest.mark.parametrize("output", [0, 1])
@pytest.mark.parametrize(
    ("run", "graph"),
    [(bodies, BODY_DETECTOR), (lone_hands, PALM_DETECTOR), (faces, FACE_DETECTOR)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_detector_without_numbers_finds_nothing(
    run: Callable[[Scene, Look], Found], graph: Graph, output: int
) -> None:
    assert check(run, graph, nan_in(output), 0)[0] is None


def test_a_heat_map_without_numbers_moves_no_point() -> None:
    assert all(points is not None for points in check(bodies, BODY_LANDMARKS, nan_in(2), 1))


@pytest.mark.parametrize("picture", [0, 1])
def test_without_a_better_region_a_hand_is_seen_in_the_rough_one(picture: int) -> None:
    found = check(own_hands, HAND_RECROP, nan_in(0), picture)
    assert all(points is not None for points in found)


@pytest.mark.parametrize(
    ("run", "graph"),
    [
        (bodies, BODY_LANDMARKS),
        (own_hands, HAND_LANDMARKS),
        (own_hands, HAND_RECROP),
        (lone_hands, HAND_LANDMARKS),
        (faces, FACE_LANDMARKS),
    ],
    ids=lambda value: getattr(value, "__name__", None) or getattr(value, "name", ""),
)
@pytest.mark.parametrize("picture", [0, 1])
def test_points_that_are_all_one_are_followed_no_further(
    run: Callable[[Scene, Look], Found], graph: Graph, picture: int
) -> None:
    check(run, graph, pressed, picture)


def test_boxes_that_are_no_numbers_are_left_out() -> None:
    good = np.array([[0, 0], [1, 1]], np.float32)
    boxes = np.stack([good, good * np.float32(np.nan), good + 5])
    merged = merge(boxes, np.array([0.6, 0.9, np.nan]))
    assert [score for _, score in merged] == [0.6]
    np.testing.assert_array_equal(merged[0][0], good)
