from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.tracking.graphs import HAND_LANDMARKS, PALM_DETECTOR
from accessify.tracking.hands import Hand
from accessify.tracking.palms import PalmTracker
from accessify.tracking.sides import Pair
from tests.tracking.scene import Person, Place, Scene, TrueHand, true_hand

LEFT, RIGHT = Place(460, 240, 30), Place(180, 240, 30)
"""A person's own left is on the right of the picture."""
LONG = 14
"""Pictures, more than a side takes to be decided."""


def shown(*hands: TrueHand | None) -> list[Person]:
    return [Person(hands=(hand, None)) for hand in hands if hand is not None]


def followed(scene: Scene) -> list[Pair]:
    tracker = PalmTracker()
    return [tracker.push(scene.image(index), scene) for index in range(len(scene.pictures))]


def is_at(hand: Hand | None, true: TrueHand | None) -> bool:
    if hand is None or true is None:
        return hand is None and true is None
    return bool(np.abs(hand.points - true.points).max() < 2e-3)


def are_at(found: Pair, true: Sequence[TrueHand | None]) -> bool:
    return all(is_at(*pair) for pair in zip(found, true, strict=True))


def looking(place: Place, *chances: float, side: int = 1) -> list[TrueHand]:
    """One hand at rest, in each picture as right as `chances` say."""
    return [true_hand(place, side, right=chance) for chance in chances]


# Following


@given(
    starts=st.tuples(
        st.builds(Place, st.floats(160, 200), st.floats(180, 300), st.floats(15, 35), st.floats(-3, 3)),
        st.builds(Place, st.floats(440, 480), st.floats(180, 300), st.floats(15, 35), st.floats(-3, 3)),
    ),
    step=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    turn=st.floats(-0.05, 0.05),
)
def test_any_smooth_motion_of_two_hands_is_followed_to_the_point(
    starts: tuple[Place, Place], step: tuple[float, float], turn: float
) -> None:
    """Palms are looked for once; then each hand is looked at once a picture."""
    places, pictures = list(starts), []
    for _ in range(6):
        pictures.append((true_hand(places[1], 0), true_hand(places[0], 1)))
        places = [place.moved(*step, turn=turn) for place in places]
    scene = Scene([shown(*hands) for hands in pictures])
    assert all(are_at(*pair) for pair in zip(followed(scene), pictures, strict=True))
    assert scene.count(PALM_DETECTOR) == 1
    assert scene.count(HAND_LANDMARKS) == 2 * len(pictures)


def test_palms_are_looked_for_while_a_hand_is_missing() -> None:
    hand = true_hand(RIGHT)
    scene = Scene([shown(hand)] * 7)
    assert all(are_at(found, (None, hand)) for found in followed(scene))
    assert [scene.count(PALM_DETECTOR, index) for index in range(7)] == [1] * 7
    assert scene.count(HAND_LANDMARKS) == 7  # its own palm is known


def test_a_lost_hand_is_found_again() -> None:
    """Looked for in the picture behind the one that lost it."""
    left, right = true_hand(LEFT, 0), true_hand(RIGHT, 1)
    moved = true_hand(Place(250, 120, 25, 1.0), 1)
    scene = Scene([shown(left, right), shown(left), shown(left, moved)])
    pictures = [(left, right), (left, None), (left, moved)]
    assert all(are_at(*pair) for pair in zip(followed(scene), pictures, strict=True))
    assert [scene.count(PALM_DETECTOR, index) for index in range(3)] == [1, 0, 1]


def test_nothing_is_nothing() -> None:
    scene = Scene([[]] * 3)
    assert followed(scene) == [(None, None)] * 3
    assert scene.count(HAND_LANDMARKS) == 0


def test_a_palm_without_a_hand_is_not_followed() -> None:
    scene = Scene([shown(true_hand(RIGHT, presence=0.3))] * 2)
    assert followed(scene) == [(None, None)] * 2


def test_only_two_hands_are_followed() -> None:
    hands = [true_hand(Place(x, 240, 20), side) for x, side in ((120, 1), (320, 0), (520, 1))]
    scene = Scene([shown(*hands)] * 2)
    for found in followed(scene):
        assert all(found)
        assert sum(is_at(hand, true) for hand in found for true in hands) == 2
    assert scene.count(HAND_LANDMARKS, 1) == 2


def test_hands_that_become_one_are_followed_as_one() -> None:
    """Where one hand covers the other, both regions show the same."""
    left, right = true_hand(Place(320, 240, 30), 0), true_hand(Place(290, 240, 30), 1)
    tracker = PalmTracker()
    scene = Scene([shown(left, right), shown(true_hand(Place(305, 240, 30), 1))])
    assert all(tracker.push(scene.image(0), scene))
    assert scene.count(HAND_LANDMARKS, 1) == 0
    found = tracker.push(scene.image(1), scene)
    assert sum(hand is not None for hand in found) == 1
    assert scene.count(HAND_LANDMARKS, 1) == 2


# Sides


def test_sides_are_those_the_hands_look_like() -> None:
    left, right = true_hand(RIGHT, 0), true_hand(LEFT, 1)  # crossed
    assert all(are_at(found, (left, right)) for found in followed(Scene([shown(right, left)] * LONG)))


@settings(max_examples=25)
@given(noise=st.lists(st.floats(0, 1), min_size=LONG, max_size=LONG), side=st.integers(0, 1))
def test_a_decided_side_never_changes(noise: list[float], side: int) -> None:
    """Whatever the hand looks like after its first pictures."""
    sure = 0.95 if side else 0.05
    hands = looking(RIGHT, *[sure] * LONG, *noise, side=side)
    scene = Scene([shown(hand) for hand in hands])
    for found, hand in zip(followed(scene), hands, strict=True):
        assert are_at(found, (None, hand) if side else (hand, None))


@given(wrong=st.integers(1, LONG - 1))
def test_one_wrong_look_does_not_change_the_outcome(wrong: int) -> None:
    """Not even among the first pictures, which vote."""
    chances = [0.9] * LONG
    chances[wrong] = 0.1
    hands = looking(RIGHT, *chances)
    assert are_at(followed(Scene([shown(hand) for hand in hands]))[-1], (None, hands[-1]))


def test_the_first_look_may_be_wrong() -> None:
    hands = looking(RIGHT, 0.2, *[0.9] * LONG)
    found = followed(Scene([shown(hand) for hand in hands]))
    assert are_at(found[0], (hands[0], None))
    assert are_at(found[-1], (None, hands[-1]))


def test_of_two_hands_that_look_alike_the_surer_has_the_side() -> None:
    unsure, sure = true_hand(LEFT, 0, right=0.6), true_hand(RIGHT, 1, right=0.99)
    for hands in ((unsure, sure), (sure, unsure)):
        assert all(are_at(found, (unsure, sure)) for found in followed(Scene([shown(*hands)] * LONG)))


def test_a_surer_newcomer_does_not_take_a_decided_side() -> None:
    old, new = true_hand(RIGHT, right=0.7), true_hand(LEFT, right=0.99)
    scene = Scene([shown(old)] * LONG + [shown(old, new)] * LONG)
    found = followed(scene)
    assert all(are_at(pair, (None, old)) for pair in found[:LONG])
    assert all(are_at(pair, (new, old)) for pair in found[LONG:])


def test_a_hand_keeps_its_side_when_the_other_goes() -> None:
    unsure, sure = true_hand(LEFT, 0, right=0.6), true_hand(RIGHT, 1, right=0.99)
    scene = Scene([shown(unsure, sure)] * LONG + [shown(unsure)] * LONG)
    assert all(are_at(pair, (unsure, None)) for pair in followed(scene)[LONG:])


def test_a_lost_hand_is_a_new_hand() -> None:
    """Its side is decided anew."""
    hand = true_hand(RIGHT, right=0.9)
    scene = Scene([shown(hand)] * LONG + [[]] + [shown(replace(hand, right=0.1))])
    found = followed(scene)
    assert are_at(found[LONG - 1], (None, hand))
    assert are_at(found[-1], (hand, None))
