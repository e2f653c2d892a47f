"""A hand from its angles, and its angles again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.core.humanoid import SIDES
from accessify.core.motion import Motion, placed_bones
from accessify.core.proportions import HandSizes
from accessify.motion.fingers import finger_rotations, hand_axes, hand_sizes
from accessify.motion.hand_model import ALONG, OUT, THUMBWARDS, hand_points, joint_angles
from accessify.motion.limits import passed_on, within_bends
from tests.motion.people import plain_rig
from tests.motion.postures import RATE

FLAT, STRAIGHT = np.zeros((5, 3)), np.zeros(5)
FLAT[0, 0] = STRAIGHT[0] = 30


@pytest.fixture(scope="module")
def sizes() -> HandSizes:
    return hand_sizes(plain_rig())


def test_a_straight_hand_points_along_and_a_bent_knuckle_out_of_the_palm(sizes: HandSizes) -> None:
    flat = hand_points(sizes, FLAT, STRAIGHT)
    np.testing.assert_allclose(flat[8] - flat[5], ALONG * sizes.bones[1].sum())
    bent = FLAT.copy()
    bent[1] = [90, 0, 0]
    np.testing.assert_allclose(
        hand_points(sizes, bent, STRAIGHT)[8] - flat[5], OUT * sizes.bones[1].sum(), atol=1e-12
    )
    fist = FLAT.copy()
    fist[1:] = [90, 100, 60]
    tips = hand_points(sizes, fist, STRAIGHT)[[8, 12, 16, 20]]
    assert (tips[:, 1] > 0).all()  # before the palm, not through it
    assert (tips[:, 0] < flat[[5, 9, 13, 17], 0]).all()


def test_spread_is_towards_the_thumb(sizes: HandSizes) -> None:
    aside = np.array([30, 20, 0, 0, -20.0])
    points = hand_points(sizes, FLAT, aside)
    assert (points[8] - points[5]) @ THUMBWARDS > 0.02
    assert (points[20] - points[17]) @ THUMBWARDS < -0.02


@pytest.mark.parametrize(
    ("bends", "spread", "where"),
    [
        ((57, 2, 8), 56, "beside"),
        ((39, 41, 37), 3, "across"),
        ((73, 25, 43), -4, "opposed"),
    ],
)
def test_the_thumb_is_beside_across_or_opposed(
    sizes: HandSizes, bends: tuple[float, ...], spread: float, where: str
) -> None:
    hand, aside = FLAT.copy(), STRAIGHT.copy()
    hand[0], aside[0] = bends, spread
    points = hand_points(sizes, hand, aside)
    tip, knuckle = points[4], points[5]
    if where == "beside":
        assert tip[2] > knuckle[2] + 0.03
        assert abs(tip[1]) < 0.045
    elif where == "across":
        assert tip[2] < knuckle[2]
        assert tip[1] > 0.02
    else:
        assert tip[1] > 0.05
        pinch = hand.copy()
        pinch[1] = [73, 54, 18]
        tips = hand_points(sizes, pinch, aside)
        assert np.linalg.norm(tips[4] - tips[8]) < 0.03


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_angles_are_found_again(seed: int) -> None:
    chance = np.random.default_rng(seed)
    bends = chance.uniform(0, 70, (5, 3))
    spread = chance.uniform(-20, 20, 5)
    spread[0] = chance.uniform(-10, 50)
    bends[0, 0] = max(abs(spread[0]), chance.uniform(10, 75))
    points = hand_points(hand_sizes(plain_rig()), bends, spread)
    again, aside = joint_angles(points)
    np.testing.assert_allclose(again, bends, atol=0.1)
    np.testing.assert_allclose(aside, spread, atol=0.1)


@pytest.mark.parametrize("side", SIDES)
def test_a_rig_so_turned_has_its_joints_there(side: str) -> None:
    rig = plain_rig()
    chance = np.random.default_rng(3)
    bends, spread = chance.uniform(0, 90, (6, 5, 3)), chance.uniform(-20, 20, (6, 5))
    bends[:, 0, 0] += 20
    rotations = np.array(Motion.at_rest(rig, 6, RATE).rotations, np.float64)
    numbers, turns = finger_rotations(rig, side, bends, spread)
    rotations[:, numbers] = turns
    places, _ = placed_bones(rig, rotations)
    wrist = rig.heads[rig.index(f"{side}Hand")]
    expected = hand_points(hand_sizes(rig, side), bends, spread) @ hand_axes(side) + wrist
    np.testing.assert_allclose(
        places[:, numbers].reshape(6, 5, 3, 3), expected[:, 1:].reshape(6, 5, 4, 3)[:, :, :3], atol=1e-9
    )


def test_a_finger_rolled_up_past_the_half_turn_is_curled_not_straight(sizes: HandSizes) -> None:
    bends = FLAT.copy()
    bends[2] = [20, 190, 10]  # as networks see the finger of a fist
    found, _ = joint_angles(hand_points(sizes, bends, STRAIGHT))
    assert found[2, 1] > 165
    shared = within_bends(passed_on(found))
    assert shared[2, 1] == pytest.approx(110)
    assert shared[2, 0] == pytest.approx(20 + (found[2, 1] - 110) / 2, abs=0.1)
    assert passed_on(found)[2].sum() == pytest.approx(found[2].sum())
    np.testing.assert_array_equal(passed_on(FLAT), FLAT)


def test_a_finger_bent_backwards_a_little_or_aside_stays_so(sizes: HandSizes) -> None:
    bends = FLAT.copy()
    bends[1] = [0, -12, -4]
    np.testing.assert_allclose(joint_angles(hand_points(sizes, bends, STRAIGHT))[0][1], bends[1], atol=1e-6)
    points = hand_points(sizes, FLAT, STRAIGHT)
    points[7:9, 2] += [0.004, 0.008]  # a trembling joint, aside
    assert np.abs(joint_angles(points)[0][1]).max() < 1
