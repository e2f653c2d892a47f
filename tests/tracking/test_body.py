from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.smoothing import OneEuro, OneEuroFilter
from accessify.tracking.body import Body, BodyTracker, refine
from accessify.tracking.graphs import BODY_DETECTOR, BODY_LANDMARKS
from tests.tracking.scene import Person, Place, Scene, person

places = st.builds(Place, st.floats(200, 440), st.floats(180, 320), st.floats(25, 80), st.floats(-0.6, 0.6))


def followed(scene: Scene, tracker: BodyTracker | None = None) -> list[Body | None]:
    tracker = tracker or BodyTracker()
    return [tracker.push(scene.image(index), scene) for index in range(len(scene.pictures))]


def is_at(body: Body | None, one: Person) -> bool:
    """Whether the unsmoothed points are the person's own."""
    assert one.body is not None
    return body is not None and bool(np.abs(raw(body).points - one.body[:33]).max() < 2e-3)


def raw(body: Body) -> Body:
    """The same before smoothing."""
    assert body.raw is not None
    return body.raw


# Following


@given(
    start=places,
    step=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    turn=st.floats(-0.03, 0.03),
    grow=st.floats(0.98, 1.02),
)
def test_any_smooth_motion_is_followed_to_the_point(
    start: Place, step: tuple[float, float], turn: float, grow: float
) -> None:
    """Detected once, and never again while it is seen; metres turn along."""
    place, people = start, []
    for _ in range(8):
        people.append(person(place))
        place = place.moved(*step, turn=turn, grow=grow)
    scene = Scene([[one] for one in people])
    bodies = followed(scene)
    for body, one in zip(bodies, people, strict=True):
        assert is_at(body, one)
    assert (scene.count(BODY_DETECTOR), scene.count(BODY_DETECTOR, 0)) == (1, 1)
    assert scene.count(BODY_LANDMARKS) == len(people)
    assert bodies[0] is not None
    np.testing.assert_allclose(bodies[0].world, people[0].world[:33], atol=1e-5)


def test_a_body_at_rest_is_at_rest() -> None:
    one = person(Place())
    bodies = followed(Scene([[one]] * 5))
    for body in bodies:
        assert body is not None
        assert one.body is not None
        np.testing.assert_allclose(body.points, one.body[:33], atol=2e-3)
        np.testing.assert_allclose(body.visibility, 1 / (1 + math.exp(-4)), atol=1e-6)


def test_points_are_smoothed_by_the_speed_in_body_sizes() -> None:
    """The filters of MediaPipe's pose graph: pixels over the body's circle, 30 pictures a second assumed."""
    people = [person(Place(300 + 5 * index, 250, 50, 0.02 * index)) for index in range(6)]
    points, world = OneEuroFilter(OneEuro(0.05, 80)), OneEuroFilter(OneEuro(0.1, 40))
    for body, one in zip(followed(Scene([[one] for one in people])), people, strict=True):
        assert one.body is not None
        assert body is not None
        circle = 2 * 2.4 * 50
        np.testing.assert_allclose(body.points, points.push(one.body[:33], 1 / circle), atol=5e-3)
        np.testing.assert_allclose(body.world, world.push(one.world[:33]), atol=1e-5)
    assert not np.allclose(body.points, raw(body).points, atol=0.1)


def test_before_smoothing_all_is_as_it_was_seen() -> None:
    """Points, metres and visibility of a body that moves, turns and is hidden for a picture."""
    people = [person(Place(300 + 5 * index, 250, 50, 0.04 * index)) for index in range(6)]
    people[3] = replace(people[3], visibility=np.full(39, -2.0))
    for body, one in zip(followed(Scene([[one] for one in people])), people, strict=True):
        assert body is not None
        assert is_at(body, one)
        np.testing.assert_allclose(raw(body).world, one.world[:33], atol=1e-5)
        np.testing.assert_allclose(raw(body).visibility, 1 / (1 + np.exp(-one.visibility[:33])), atol=1e-6)
        assert (raw(body).visibility.dtype, raw(body).world.dtype) == (np.float32, np.float32)
    assert not np.allclose(body.world, raw(body).world, atol=1e-3)
    assert not np.allclose(body.visibility, raw(body).visibility, atol=0.01)


def test_the_next_region_comes_from_smoothed_points() -> None:
    """By hand: around the middle of the hips, through the circle above the head, a quarter larger."""
    people = [person(Place(300 + 6 * index, 250, 50)) for index in range(5)]
    scene = Scene([[one] for one in people])
    followed(scene)
    regions = [region for _, name, region in scene.asked if name == BODY_LANDMARKS.name]
    circle, own = 2 * 2.4 * 50, OneEuroFilter(OneEuro(0.01, 10))
    for one, region in zip(people, regions[1:], strict=False):
        assert one.body is not None
        (x, y, _), _ = own.push(one.body[33:35], 1 / circle)
        values = (region.x, region.y, region.width, region.height, region.angle)
        assert values == pytest.approx((x, y, 1.25 * circle, 1.25 * circle, 0), abs=1e-2)
    assert abs(regions[-1].x - people[-2].body[33, 0]) > 0.5


def test_visibility_is_told_and_changes_slowly() -> None:
    one = person(Place())
    seen = replace(one, visibility=np.where(np.arange(39) == 16, -150.0, 4.0))
    first, second = followed(Scene([[one], [seen]]))
    assert first is not None
    assert second is not None
    before = 1 / (1 + math.exp(-4))
    assert first.visibility.dtype == np.float32
    assert second.visibility[16] == pytest.approx(0.9 * before, rel=1e-3)
    np.testing.assert_allclose(np.delete(second.visibility, 16), before, atol=1e-6)


# Losing and finding


def test_a_lost_body_is_looked_for_until_it_is_back_and_starts_afresh() -> None:
    away: list[Person] = []
    before, after = person(Place(200, 250, 40)), person(Place(420, 260, 60, 0.2))
    scene = Scene([[before], [before], away, away, [after], [after]])
    bodies = followed(scene)
    assert [body is not None for body in bodies] == [True, True, False, False, True, True]
    assert [scene.count(BODY_DETECTOR, index) for index in range(6)] == [1, 0, 0, 1, 1, 0]
    assert is_at(bodies[4], after)
    assert bodies[4] is not None
    np.testing.assert_array_equal(bodies[4].points, raw(bodies[4]).points)  # no memory of the other place


def test_a_jump_loses_the_body_for_one_picture() -> None:
    """The region follows motion, not cuts; the next picture is searched whole."""
    here, there = person(Place(150, 300, 30)), person(Place(520, 250, 30))
    scene = Scene([[here], [there], [there]])
    bodies = followed(scene)
    assert [body is not None for body in bodies] == [True, False, True]
    assert is_at(bodies[2], there)


# Which of several


def test_the_largest_person_is_taken_and_kept() -> None:
    small, large = person(Place(150, 300, 35)), person(Place(470, 300, 50))
    grown = person(Place(150, 300, 60))
    tracker = BodyTracker()
    scene = Scene([[small, large], [large, small], [grown, large]])
    for body in followed(scene, tracker):
        assert is_at(body, large)  # also when another one is larger by now
    assert tracker.people == 2


@pytest.mark.parametrize(("near", "chosen"), [((0.2, 0.6), 0), ((0.8, 0.6), 1), ((0.0, 0.0), 0), ((1, 1), 1)])
def test_the_person_at_a_place_can_be_asked_for(near: tuple[float, float], chosen: int) -> None:
    people = [person(Place(150, 300, 35)), person(Place(470, 300, 50))]
    (body,) = followed(Scene([people]), BodyTracker(near))
    assert is_at(body, people[chosen])


def test_the_most_people_seen_at_once_are_counted() -> None:
    one, other = person(Place(150, 300, 35)), person(Place(470, 300, 50))
    tracker = BodyTracker()
    assert [body is not None for body in followed(Scene([[one, other], [], [one]]), tracker)] == [
        True,
        False,
        True,
    ]
    assert tracker.people == 2


def test_nobody_is_counted_as_nobody() -> None:
    tracker = BodyTracker()
    assert followed(Scene([[]]), tracker) == [None]
    assert tracker.people == 0


# Heat maps


def heat(*spots: tuple[int, int, float], rows: int = 64, columns: int = 64) -> np.ndarray:
    """Logits [rows, columns, 1], cold but for (row, column, logit)."""
    cold = np.full((rows, columns, 1), -200.0, np.float32)
    for row, column, logit in spots:
        cold[row, column, 0] = logit
    return cold


def moved(x: float, y: float, field: np.ndarray) -> list[float]:
    (point,) = refine(np.array([[x, y]], np.float32), field)
    return [float(point[0]) * field.shape[1], float(point[1]) * field.shape[0]]


def test_a_point_moves_to_the_centre_of_heat_around_it() -> None:
    """Weights 0.5 (logit 0) and 0.75 (ln 3): by hand (0.5 · 10 + 0.75 · 12) / 1.25 = 11.2."""
    field = heat((20, 10, 0.0), (22, 12, math.log(3)))
    assert moved(11 / 64, 21 / 64, field) == pytest.approx([11.2, 21.2], abs=1e-4)


def test_only_heat_in_reach_counts() -> None:
    """Four cells to each side of the cell the point is in."""
    inside, outside = (24, 34, 5.0), (24, 35, 9.0)
    assert moved(30.9 / 64, 20.5 / 64, heat(inside, outside)) == pytest.approx([34, 24], abs=1e-3)
    assert moved(30.9 / 64, 20.5 / 64, heat(outside)) == pytest.approx([30.9, 20.5], abs=1e-4)
    low = heat((16, 26, 5.0), (15, 26, 9.0), (16, 25, 9.0))
    assert moved(30.0 / 64, 20.0 / 64, low) == pytest.approx([26, 16], abs=1e-3)


def test_a_point_stays_where_it_is_not_hot_enough() -> None:
    assert moved(30.5 / 64, 20.5 / 64, heat((21, 31, -0.01))) == pytest.approx([30.5, 20.5], abs=1e-4)
    assert moved(30.5 / 64, 20.5 / 64, heat((21, 31, 0.0))) == pytest.approx([31, 21], abs=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "spot", "expected"),
    [
        (0.0, 0.0, (2, 3), (3, 2)),
        (63.9, 63.9, (63, 60), (60, 63)),
        (0.5, 63.5, (60, 4), (4, 60)),
        (63.2, 1.0, (0, 63), (63, 0)),
    ],
)
def test_the_border_cuts_the_reach(
    x: float, y: float, spot: tuple[int, int], expected: tuple[float, float]
) -> None:
    """Heat at the far side must not come in, nor count twice at the edge."""
    far = [(63 - row, 63 - column, 9.0) for row, column in ((0, 0), (63, 0), (0, 63), (63, 63))]
    corner = (0 if y < 32 else 63, 0 if x < 32 else 63)
    field = heat((*spot, 9.0), *[one for one in far if one[:2] != corner])
    assert moved(x / 64, y / 64, field) == pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize(("x", "y"), [(-0.01, 0.5), (0.5, -0.3), (1.0, 0.5), (0.5, 1.2), (-7, 9)])
def test_a_point_outside_stays_outside(x: float, y: float) -> None:
    field = np.full((64, 64, 1), 9.0, np.float32)
    np.testing.assert_array_equal(
        refine(np.array([[x, y]], np.float32), field), [[np.float32(x), np.float32(y)]]
    )


def test_each_point_has_its_own_map_also_in_a_wide_one() -> None:
    field = np.concatenate(
        [heat((5, 20, 9.0), rows=10, columns=40), heat((6, 22, 9.0), rows=10, columns=40)], axis=2
    )
    points = np.array([[0.5, 0.5], [0.5, 0.5]], np.float32)
    np.testing.assert_allclose(refine(points, field), [[0.5, 0.5], [22 / 40, 0.6]], atol=1e-5)


def test_the_bodys_points_are_refined_before_they_are_placed() -> None:
    """A hot cell beside the right wrist pulls it there; a map of the unused points does nothing."""
    one = person(Place())
    scene = Scene([[one]])
    (cold,) = followed(scene)
    assert cold is not None
    region = next(region for _, name, region in scene.asked if name == BODY_LANDMARKS.name)
    column, row = (region.from_picture(raw(cold).points[16:17])[0] * 64).astype(int) + np.array([2, -1])
    scene.heat[row, column, [16, 37]] = 8.0
    (hot,) = followed(scene)
    assert hot is not None
    expected = region.to_picture(np.array([[column / 64, row / 64]], np.float32))[0]
    np.testing.assert_allclose(raw(hot).points[16, :2], expected, atol=0.02)
    np.testing.assert_allclose(
        np.delete(raw(hot).points, 16, axis=0), np.delete(raw(cold).points, 16, axis=0), atol=1e-4
    )
