from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from accessify.tracking.body_hands import BodyHands, PalmRules
from accessify.tracking.graphs import HAND_LANDMARKS, PALM_DETECTOR
from accessify.tracking.hands import Hand, Jobs, Together, WristRules, one_by_one
from tests.tracking.scene import Person, Place, Scene, TrueHand, misled, person, true_hand

WRISTS = WristRules(retry=1, rest=0.1, recrop=1)
PALMS = PalmRules(every=4, reach=0.6, presence=0.8)
Pair = tuple[Hand | None, Hand | None]


def followed(
    scene: Scene, palms: PalmRules = PALMS, wrists: WristRules = WRISTS, together: Together = one_by_one
) -> list[Pair]:
    hands = BodyHands(wrists, palms)
    found = []
    for index, people in enumerate(scene.pictures):
        body = next((one.seen() for one in people if one.body is not None), None)
        found.append(hands.push(scene.image(index), body, scene, together))
    return found


def are_at(found: Pair, true: Sequence[TrueHand | None]) -> bool:
    """Whether each side's hand is where it is, and missing where there is none."""
    return all(
        (hand is None) == (one is None)
        and (hand is None or one is None or bool(np.abs(hand.points - one.points).max() < 2e-3))
        for hand, one in zip(found, true, strict=True)
    )


def alone(*hands: TrueHand) -> list[Person]:
    """Hands in a close-up."""
    return [Person(hands=(hand, None)) for hand in hands]


def one_handed(side: int) -> Person:
    """A person with only one hand in the picture, the other arm as if there were one."""
    whole = person(Place())
    left, right = whole.hands
    return replace(whole, hands=(None, right) if side else (left, None))


# At the wrists


def test_both_hands_are_followed_without_looking_for_palms() -> None:
    people = [person(Place(300 + 3 * index, 260, 60, 0.03 * index)) for index in range(6)]
    scene = Scene([[one] for one in people])
    assert all(are_at(found, one.hands) for found, one in zip(followed(scene), people, strict=True))
    assert scene.count(PALM_DETECTOR) == 0
    assert scene.count(HAND_LANDMARKS) == 12


def test_hands_may_be_looked_at_in_any_order() -> None:
    def backwards(jobs: Jobs) -> list[Hand | None]:
        return [job() for job in reversed(jobs)][::-1]

    people = [person(Place(300 + 3 * index)) for index in range(3)]
    close_up = alone(*(hand for hand in people[0].hands if hand))
    scene = Scene([[people[0]], [people[1]], close_up, close_up, [people[2]]])
    for found, expected in zip(followed(scene), followed(scene, together=backwards), strict=True):
        for one, other in zip(found, expected, strict=True):
            assert one is not None
            assert other is not None
            np.testing.assert_array_equal(one.points, other.points)


@pytest.mark.parametrize("side", [0, 1])
def test_a_hand_seen_at_both_wrists_belongs_to_the_nearer(side: int) -> None:
    one = one_handed(side)
    assert one.body is not None
    body = one.body.copy()
    own, other = [15 + side, 17 + side, 19 + side], [16 - side, 18 - side, 20 - side]
    body[other] = body[own] + (5, 0, 0)
    scene = Scene([[replace(one, body=body)]] * 3)
    assert all(are_at(found, one.hands) for found in followed(scene))
    assert scene.count(HAND_LANDMARKS, 0) >= 2  # it was seen twice indeed


# By the palm


@pytest.mark.parametrize("side", [0, 1])
def test_a_hand_that_its_wrist_misleads_about_is_found_by_its_palm(side: int) -> None:
    """At once, and then followed without looking for palms again."""
    people = [misled(person(Place(300 + 2 * index)), side) for index in range(6)]
    scene = Scene([[one] for one in people])
    assert all(are_at(found, one.hands) for found, one in zip(followed(scene), people, strict=True))
    assert [scene.count(PALM_DETECTOR, index) for index in range(6)] == [1, 0, 0, 0, 0, 0]


def test_both_hands_may_be_found_by_their_palms() -> None:
    one = misled(misled(person(Place()), 0), 1)
    (found,) = followed(Scene([[one]]))
    assert are_at(found, one.hands)


def test_palms_are_not_looked_for_where_that_is_not_wanted() -> None:
    one = misled(person(Place()), 1)
    scene = Scene([[one]] * 3 + [alone(true_hand(Place()))])
    rules = replace(PALMS, every=None)
    left, _ = one.hands
    assert [are_at(found, (left, None)) for found in followed(scene, rules)[:3]] == [True] * 3
    assert scene.count(PALM_DETECTOR) == 0


def test_missing_hands_are_looked_for_by_palm_in_every_nth_picture() -> None:
    none = person(Place(), (None, None))
    one = one_handed(0)
    scene = Scene([[none]] * 6 + [[one]] * 3)
    followed(scene)
    assert [scene.count(PALM_DETECTOR, index) for index in range(9)] == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_counting_starts_again_where_both_hands_were_seen() -> None:
    none, both = person(Place(), (None, None)), person(Place())
    scene = Scene([[none], [none], [both], [none], [none]])
    followed(scene)
    assert [scene.count(PALM_DETECTOR, index) for index in range(5)] == [1, 0, 0, 1, 0]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("looks", [0.02, 0.98])
def test_a_palms_hand_goes_to_the_nearest_wrist_however_it_looks(side: int, looks: float) -> None:
    one = misled(one_handed(side), side)
    hand = one.hands[side]
    assert hand is not None
    hands = (None, replace(hand, right=looks)) if side else (replace(hand, right=looks), None)
    (found,) = followed(Scene([[replace(one, hands=hands)]]))
    assert are_at(found, hands)


def test_a_hand_far_from_every_wrist_is_somebody_elses() -> None:
    """Its wrist may be `reach` hand sizes away from the body's, no more."""
    none = person(Place(), (None, None))
    assert none.body is not None
    x, y, _ = none.body[16]
    size = float(np.ptp(true_hand(Place(scale=20)).points[:, :2], axis=0).max())
    for away, taken in ((0.55, True), (0.65, False), (3.0, False)):
        stray = true_hand(Place(x - away * size, y, 20))
        (found,) = followed(Scene([[none, *alone(stray)]]), wrists=WRISTS)
        assert are_at(found, (None, stray if taken else None))


@pytest.mark.parametrize(("presence", "taken"), [(0.79, False), (0.81, True)])
def test_a_palms_hand_must_be_surer_than_one_at_the_wrist(presence: float, taken: bool) -> None:
    one = misled(person(Place()), 1)
    left, right = one.hands
    assert right is not None
    one = replace(one, hands=(left, replace(right, presence=presence)))
    (found,) = followed(Scene([[one]]))
    assert are_at(found, (left, one.hands[1] if taken else None))


def test_a_strangers_hand_is_not_given_to_the_farther_wrist() -> None:
    """Near the left wrist, whose hand is seen: the right hand stays missing."""
    one = one_handed(0)
    left, _ = one.hands
    assert left is not None
    x, y, _ = left.points[0]
    stray = true_hand(Place(x + 22, y + 45, 21, np.pi))  # points down, beside the own hand
    scene = Scene([[one, *alone(stray)]] * 2)
    assert all(are_at(found, (left, None)) for found in followed(scene, replace(PALMS, reach=9.0, every=1)))
    assert scene.count(HAND_LANDMARKS, 0) >= 3  # the stray one was seen


def test_the_palm_of_a_hand_that_is_seen_is_not_looked_at_again() -> None:
    one = one_handed(0)
    scene = Scene([[one]] * 3)
    assert all(are_at(found, one.hands) for found in followed(scene, replace(PALMS, every=1)))
    assert scene.count(PALM_DETECTOR) == 3
    assert scene.count(HAND_LANDMARKS) == 2 * 3  # at the wrists


def test_a_palm_that_leads_to_a_hand_seen_before_gives_no_second_one() -> None:
    """A false palm, twice as large, around the left hand, and the right wrist is right there."""
    one = one_handed(0)
    left, _ = one.hands
    assert one.body is not None
    assert left is not None
    body = one.body.copy()
    body[16], body[15] = left.points[0], left.points[0] + (4, 0, 0)
    body[18], body[20] = body[16] + (2, 12, 0), body[16] + (-2, 12, 0)  # its fingers point away
    x, y, _ = left.points[9]
    false = true_hand(Place(x, y + 40, 42), 1, presence=0.0)
    false.points[[4, 8, 12, 16, 20], 0] += 400  # no hand at all
    scene = Scene([[replace(one, body=body), *alone(false)]])
    (found,) = followed(scene, replace(PALMS, every=1))
    assert are_at(found, (left, None))
    assert scene.count(HAND_LANDMARKS) >= 3  # the palm was looked at


# Without a body


def test_a_close_up_shows_its_hands_by_their_looks() -> None:
    left, right = true_hand(Place(200, 240, 40), 0), true_hand(Place(440, 240, 40, 0.4), 1)
    scene = Scene([alone(right, left)] * 4)
    assert all(are_at(found, (left, right)) for found in followed(scene))
    assert scene.count(PALM_DETECTOR) == 1


def test_hands_of_a_close_up_go_to_the_wrists_they_are_at() -> None:
    """However they looked, as soon as there is a body; with one hand or two."""
    one = person(Place())
    left, right = one.hands
    assert left is not None
    assert right is not None
    left, right = replace(left, right=0.95), replace(right, right=0.05)
    for hands in ((left, right), (left, None), (None, right)):
        body = replace(one, hands=hands)
        shown = [hand for hand in hands if hand]
        scene = Scene([alone(*shown), alone(*shown), [body], [body]])
        found = followed(scene, replace(PALMS, every=1))
        assert are_at(found[1], (hands[1], hands[0]))
        assert are_at(found[2], hands)
        assert are_at(found[3], hands)


def test_a_body_that_is_lost_for_a_moment_keeps_its_hands() -> None:
    people = [person(Place(300 + 2 * index)) for index in range(5)]
    shown = [alone(*(hand for hand in one.hands if hand)) for one in people]
    scene = Scene([[people[0]], [people[1]], shown[2], shown[3], [people[4]]])
    assert all(are_at(found, one.hands) for found, one in zip(followed(scene), people, strict=True))


def test_where_palms_are_not_wanted_a_lost_body_loses_its_hands() -> None:
    """And the next body's hands are not compared with those of the one before."""
    one = person(Place())
    scene = Scene([[one], [], [one]])
    found = followed(scene, replace(PALMS, every=None))
    assert [are_at(pair, one.hands) for pair in found] == [True, False, True]
    assert found[1] == (None, None)
    asked = [
        [region for at, name, region in scene.asked if (at, name) == (index, HAND_LANDMARKS.name)]
        for index in (0, 2)
    ]
    assert asked[0] == asked[1]  # at the wrists' crops again, not where the hands were
