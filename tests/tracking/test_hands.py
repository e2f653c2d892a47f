from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.tracking.detection import Detection
from accessify.tracking.graphs import HAND_LANDMARKS, HAND_RECROP
from accessify.tracking.hands import (
    Hand,
    WristRules,
    WristTracker,
    one_by_one,
    region_of,
    region_of_palm,
    see_hand,
)
from accessify.tracking.regions import Region, around, wrap
from tests.tracking.scene import Person, Place, Scene, TrueHand, misled, person, true_hand

RULES = WristRules(retry=4, rest=0.1, recrop=1)
hand_places = st.builds(
    Place, st.floats(150, 490), st.floats(150, 330), st.floats(12, 45), st.floats(-3.1, 3.1)
)


def with_hand(hand: TrueHand, side: int, place: Place | None = None) -> Person:
    """A person with one hand up."""
    hands = (None, hand) if side else (hand, None)
    return person(place or Place(), hands)


def followed(scene: Scene, side: int, rules: WristRules = RULES) -> list[Hand | None]:
    tracker = WristTracker(side, rules)
    return [
        tracker.push(scene.image(index), people[0].seen() if people else None, scene)
        for index, people in enumerate(scene.pictures)
    ]


def is_at(hand: Hand | None, true: TrueHand | None) -> bool:
    return hand is not None and true is not None and bool(np.abs(hand.points - true.points).max() < 2e-3)


def seen(true: TrueHand) -> Hand:
    return Hand(true.points.astype(np.float32), true.world.astype(np.float32), true.presence, true.right)


# One hand in one region


@given(place=hand_places, side=st.integers(0, 1))
def test_a_hand_is_told_in_pixels_and_metres(place: Place, side: int) -> None:
    """Depth in the unit of x and y, metres along the picture, whatever the region's angle."""
    true = true_hand(place, side, presence=0.75)
    scene = Scene([[Person(hands=(true, None))]])
    hand = see_hand(scene.image(0), region_of(seen(true)), scene)
    assert is_at(hand, true)
    assert hand is not None
    np.testing.assert_allclose(hand.world, true.world, atol=1e-6)
    assert (hand.presence, hand.right) == pytest.approx((0.75, true.right))
    assert hand.points.dtype == hand.world.dtype == np.float32


@pytest.mark.parametrize(("presence", "there"), [(0.49, False), (0.51, True)])
def test_the_network_must_be_sure(presence: float, there: bool) -> None:
    true = true_hand(Place(), presence=presence)
    scene = Scene([[Person(hands=(true, None))]])
    assert (see_hand(scene.image(0), region_of(seen(true)), scene) is not None) is there


@given(place=hand_places, side=st.integers(0, 1))
def test_the_region_of_a_hand_is_upright_to_it_and_holds_it(place: Place, side: int) -> None:
    """The line from the wrist to the knuckles points up, and there is room around."""
    true = true_hand(place, side)
    region = region_of(seen(true))
    inside = region.from_picture(true.points)
    assert ((inside > 0) & (inside < 1)).all()
    assert region.width == region.height
    knuckles = (inside[5] + inside[13] + 2 * inside[9]) / 4
    assert knuckles[0] == pytest.approx(inside[0, 0], abs=1e-4)
    assert knuckles[1] < inside[0, 1]


def test_the_region_of_a_hand_is_twice_its_palm_moved_to_the_fingers() -> None:
    """By hand, for a hand drawn upright: 12 points of palm and thumb span its box."""
    points = np.zeros((21, 3), np.float32)
    points[:, :2] = (100, 200)
    points[[9, 5, 13], :2] = (100, 120)
    points[10, :2], points[2, :2], points[17, :2] = (100, 110), (70, 150), (120, 140)
    points[[4, 8, 12, 16, 20], :2] = (300, 10)  # finger tips do not count
    region = region_of(Hand(points, points, 1.0, 1.0))
    # the box is 70..120 and 110..200: 50 wide, 90 high, centre 95, 155
    values = (region.x, region.y, region.width, region.height, region.angle)
    assert values == pytest.approx((95, 155 - 9, 180, 180, 0), abs=1e-4)


@given(place=hand_places, side=st.integers(0, 1))
def test_the_region_of_a_palm_holds_the_hand(place: Place, side: int) -> None:
    true = true_hand(place, side)
    palm = true.points[[0, 5, 9, 13, 17, 1, 2], :2].astype(np.float32)
    middle, length = (palm[0] + palm[2]) / 2, float(np.linalg.norm(palm[2] - palm[0]))
    region = region_of_palm(Detection(1.0, Region(*middle.tolist(), length, length), palm))
    assert region.contains(true.points[:, :2].astype(np.float32))
    assert region.width == pytest.approx(2.6 * length)
    inside = region.from_picture(palm)
    assert inside[0, 0] == pytest.approx(inside[2, 0], abs=1e-4)
    assert inside[2, 1] == pytest.approx(0.5, abs=1e-3)  # half a palm further than its middle


# At the wrist


@given(
    start=hand_places,
    step=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    turn=st.floats(-0.2, 0.2),
    side=st.integers(0, 1),
)
def test_any_smooth_motion_of_a_hand_is_followed_to_the_point(
    start: Place, step: tuple[float, float], turn: float, side: int
) -> None:
    """One look at the hand a picture, and one around its wrist."""
    place, hands = start, []
    for _ in range(6):
        hands.append(true_hand(place, side))
        place = place.moved(*step, turn=turn)
    scene = Scene([[with_hand(hand, side)] for hand in hands])
    assert all(is_at(*pair) for pair in zip(followed(scene, side), hands, strict=True))
    assert scene.count(HAND_LANDMARKS) == scene.count(HAND_RECROP) == len(hands)


def test_a_followed_hand_is_looked_at_where_it_was() -> None:
    """Once found, the region comes from its points, not from the wrist's crop."""
    hands = [true_hand(Place(300 + index, 200, 30, 0.5)) for index in range(3)]
    scene = Scene([[with_hand(hand, 1)] for hand in hands])
    found = followed(scene, 1)
    regions = [region for _, name, region in scene.asked if name == HAND_LANDMARKS.name]
    assert regions[0] not in {region_of(seen(hands[0]))}
    for before, region in zip(found, regions[1:], strict=False):
        assert before is not None
        assert region == region_of(before)


@pytest.mark.parametrize(
    "jump",
    [{"x": 40.0}, {"turn": 1.0}, {"grow": 1.9}],
    ids=["away", "turned", "grown"],
)
def test_a_hand_that_jumped_is_looked_for_at_the_wrist(jump: dict[str, float]) -> None:
    """Where the old region disagrees with the wrist's it is not used, and nothing is lost."""
    here = Place(300, 200, 30)
    there = here.moved(jump.get("x", 0.0), turn=jump.get("turn", 0.0), grow=jump.get("grow", 1.0))
    hands = [true_hand(here), true_hand(there)]
    scene = Scene([[with_hand(hand, 1)] for hand in hands])
    found = followed(scene, 1)
    assert is_at(found[1], hands[1])
    assert scene.count(HAND_LANDMARKS, 1) == 1


@pytest.mark.parametrize("side", [0, 1])
def test_the_region_around_a_wrist_is_that_of_the_rule(side: int) -> None:
    """By hand: two thirds from the little to the index finger, as far again as from the wrist."""
    one = person(Place(), (None, None))
    assert one.body is not None
    body = one.body.copy()
    body[[15 + side, 17 + side, 19 + side], :2] = (200, 200), (212, 170), (194, 170)
    scene = Scene([[replace(one, body=body)]])
    followed(scene, side)
    region = next(region for _, name, region in scene.asked if name == HAND_RECROP.name)
    # middle 200, 170: 30 above the wrist; 60 wide, up by a tenth of it, 2.7 times as wide
    values = (region.x, region.y, region.width, region.height, region.angle)
    assert values == pytest.approx((200, 164, 162, 162, 0), abs=1e-3)


@pytest.mark.parametrize("side", [0, 1])
def test_each_side_looks_at_its_own_wrist(side: int) -> None:
    one = person(Place())
    (hand,) = followed(Scene([[one]]), side)
    assert is_at(hand, one.hands[side])


def test_a_hidden_wrist_is_not_looked_at() -> None:
    one = person(Place())
    hidden = replace(one, visibility=np.where(np.arange(39) == 16, -3.0, 4.0))
    scene = Scene([[hidden], [one], [hidden]])
    assert [hand is not None for hand in followed(scene, 1)] == [False, True, False]
    assert [scene.count(HAND_RECROP, index) for index in range(3)] == [0, 1, 0]


def test_without_a_body_nothing_is_looked_at() -> None:
    scene = Scene([[], []])
    assert followed(scene, 0) == [None, None]
    assert scene.asked == []


# A hand that is not seen


def test_a_hand_that_rests_unseen_is_looked_for_rarely() -> None:
    none = person(Place(), (None, None))
    scene = Scene([[none]] * 9)
    assert followed(scene, 1, WristRules(retry=4, rest=0.1, recrop=1)) == [None] * 9
    assert [scene.count(HAND_LANDMARKS, index) for index in range(9)] == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    every = Scene([[none]] * 4)
    followed(every, 1, WristRules(retry=1, rest=0.1, recrop=1))
    assert every.count(HAND_LANDMARKS) == 4


def test_a_hand_that_appears_at_rest_is_found_by_the_next_look() -> None:
    none, one = person(Place(), (None, None)), person(Place())
    hands = followed(Scene([[none], *[[one]] * 4]), 1, WristRules(retry=4, rest=10, recrop=1))
    assert [hand is not None for hand in hands] == [False, False, False, False, True]


def test_a_wrist_that_moves_is_looked_at_at_once() -> None:
    """Rest is measured from where the hand was last not seen, so slow motion adds up."""
    none = person(Place(), (None, None))
    side = 2 * 2.7 * math.dist((0, 0), (0, 6))  # the region around a wrist: its fingers are 6 pixels away

    def at(away: float) -> Person:
        assert none.body is not None
        return replace(none, body=none.body + np.array([away, 0, 0]))

    rules = WristRules(retry=100, rest=0.1, recrop=1)
    scene = Scene([[at(share * side)] for share in (0, 0.04, 0.08, 0.12, 0.16, 0.21, 0.23)])
    followed(scene, 1, rules)
    assert [scene.count(HAND_LANDMARKS, index) for index in range(7)] == [1, 0, 0, 1, 0, 0, 1]


def test_a_hand_that_was_just_lost_is_looked_for_in_the_next_picture() -> None:
    """The picture of the loss says where it was not seen; the first look there comes with it."""
    one, none = person(Place()), person(Place(), (None, None))
    scene = Scene([[one], [none], [none], [one]])
    hands = followed(scene, 1, WristRules(retry=2, rest=10, recrop=1))
    assert [hand is not None for hand in hands] == [True, False, False, True]
    assert [scene.count(HAND_RECROP, index) for index in range(4)] == [1, 1, 0, 1]


def test_the_wrists_crop_may_be_looked_at_less_often() -> None:
    one = person(Place())
    scene = Scene([[one]] * 7)
    hands = followed(scene, 1, WristRules(retry=4, rest=0.1, recrop=3))
    assert all(is_at(hand, one.hands[1]) for hand in hands)
    assert scene.count(HAND_RECROP) == 3
    assert scene.count(HAND_LANDMARKS) == 7


# A hand found otherwise


def test_an_adopted_hand_is_followed_where_its_wrist_misleads() -> None:
    hands = [true_hand(Place(300 + 2 * index, 200, 30)) for index in range(4)]
    scene = Scene([[misled(with_hand(hand, 1), 1)] for hand in hands])
    assert followed(scene, 1)[0] is None
    tracker = WristTracker(1, RULES)
    tracker.adopt(seen(hands[0]))
    for index, true in enumerate(hands[1:], 1):
        body = scene.pictures[index][0].seen()
        assert is_at(tracker.push(scene.image(index), body, scene), true)


def test_an_adopted_hand_is_followed_without_its_wrist() -> None:
    true = true_hand(Place(300, 200, 30))
    scene = Scene([[with_hand(true, 1)]] * 2)
    tracker = WristTracker(1, RULES)
    tracker.adopt(seen(true))
    assert is_at(tracker.push(scene.image(0), None, scene), true)
    assert is_at(tracker.push(scene.image(1), None, scene), true)
    assert scene.count(HAND_RECROP) == 0


def test_an_adopted_hand_that_is_gone_is_seen_at_the_wrist_by_the_wrists_rules() -> None:
    """Found at the wrist again, it is compared with the wrist's crop as any hand there."""
    gone, true = true_hand(Place(100, 100, 30)), true_hand(Place(300, 200, 30))
    scene = Scene([[with_hand(true, 1)]] * 2)
    tracker = WristTracker(1, RULES)
    tracker.adopt(seen(gone))
    for index in range(2):
        body = scene.pictures[index][0].seen()
        assert is_at(tracker.push(scene.image(index), body, scene), true)
    assert [scene.count(HAND_LANDMARKS, index) for index in range(2)] == [2, 1]
    assert [scene.count(HAND_RECROP, index) for index in range(2)] == [1, 1]


def test_a_hand_that_is_let_go_is_not_gone_on_from() -> None:
    true = true_hand(Place(300, 200, 30))
    scene = Scene([[with_hand(true, 1)]] * 2)
    tracker = WristTracker(1, RULES)
    tracker.push(scene.image(0), scene.pictures[0][0].seen(), scene)
    tracker.adopt(None)
    assert tracker.hand is None
    assert is_at(tracker.push(scene.image(1), scene.pictures[1][0].seen(), scene), true)
    first, second = [region for _, name, region in scene.asked if name == HAND_LANDMARKS.name]
    assert first == second  # the wrist's crop both times


def test_size_is_the_longer_side() -> None:
    points = np.zeros((21, 3), np.float32)
    points[3], points[7] = (30, -10, 500), (-5, 12, 0)
    assert Hand(points, points, 1.0, 0.0).size == 35


def test_taking_turns_keeps_the_order() -> None:
    done: list[int] = []

    def job(number: int) -> Hand | None:
        done.append(number)
        return None

    assert one_by_one([lambda: job(1), lambda: job(2)]) == [None, None]
    assert done == [1, 2]
    assert one_by_one([]) == []


def test_a_region_upright_to_the_hand_turns_with_it() -> None:
    """No seam anywhere on the circle."""
    turns = np.linspace(-math.pi, math.pi, 73)
    regions = [region_of(seen(true_hand(Place(300, 200, 30, turn)))) for turn in turns]
    steps = [wrap(b.angle - a.angle) for a, b in pairwise(regions)]
    np.testing.assert_allclose(steps, turns[1] - turns[0], atol=1e-4)
    np.testing.assert_allclose([region.width for region in regions], regions[0].width, rtol=1e-4)
    assert around(np.zeros((3, 2)), 0.0).width == 0
