"""The figure's bones: complete, in VRM's T-pose, of a person's proportions, the same on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.avatar.proportions import figure_proportions
from accessify.avatar.rig import (
    figure_rig,
    finger_directions,
    finger_joints,
    hand_to_world,
    thumb_pad_direction,
)
from accessify.core.humanoid import BONES, FINGERS, SIDES, finger_bones, twist

RIG = figure_rig()


def along(bone: str) -> np.ndarray:
    number = RIG.index(bone)
    way = RIG.tails[number] - RIG.heads[number]
    return np.asarray(way / np.linalg.norm(way))


def length(bone: str) -> float:
    number = RIG.index(bone)
    return float(np.linalg.norm(RIG.tails[number] - RIG.heads[number]))


def test_it_has_all_bones_and_two_equal_sides() -> None:
    assert RIG.bones == BONES
    mirror = np.array([-1, 1, 1])
    for bone in BONES:
        if bone.startswith("left"):
            other = RIG.index(bone.replace("left", "right"))
            np.testing.assert_allclose(RIG.heads[other], RIG.heads[RIG.index(bone)] * mirror, atol=1e-12)
            np.testing.assert_allclose(RIG.tails[other], RIG.tails[RIG.index(bone)] * mirror, atol=1e-12)


@pytest.mark.parametrize("side", SIDES)
def test_it_stands_in_the_t_pose_of_vrm(side: str) -> None:
    out = [1 if side == "left" else -1, 0, 0]
    straight = [f"{side}UpperArm", f"{side}LowerArm", twist(side), f"{side}Hand"]
    for finger in FINGERS[1:]:
        straight += finger_bones(side, finger)
    for bone in straight:
        np.testing.assert_allclose(along(bone), out, atol=1e-9)
    for bone in finger_bones(side, "Thumb"):
        np.testing.assert_allclose(along(bone), np.array([out[0], 0, 1]) / np.sqrt(2), atol=1e-9)


def test_joints_follow_each_other() -> None:
    for side in SIDES:
        for finger in FINGERS:
            first, second, third = (RIG.index(bone) for bone in finger_bones(side, finger))
            np.testing.assert_allclose(RIG.tails[first], RIG.heads[second])
            np.testing.assert_allclose(RIG.tails[second], RIG.heads[third])
        lower, hand = RIG.index(f"{side}LowerArm"), RIG.index(f"{side}Hand")
        np.testing.assert_allclose(RIG.tails[lower], RIG.heads[hand])


def test_it_is_a_grown_person() -> None:
    assert RIG.tails[RIG.index("head"), 1] == pytest.approx(1.70, abs=0.01)
    assert 0.34 <= np.ptp([RIG.heads[RIG.index(f"{side}UpperArm"), 0] for side in SIDES]) <= 0.38
    wrist = RIG.heads[RIG.index("leftHand")]
    hand = np.linalg.norm(RIG.tails[RIG.index("leftMiddleDistal")] - wrist)
    assert 0.108 * 1.70 < hand < 1.08 * 0.108 * 1.70  # a little large: up to 8 %
    for finger in FINGERS[1:]:
        first, second, third = (length(bone) for bone in finger_bones("left", finger))
        assert first > second > 0.85 * third
    reach = {finger: RIG.tails[RIG.index(f"left{finger}Distal"), 0] for finger in FINGERS}
    assert reach["Middle"] > max(reach["Index"], reach["Ring"]) > reach["Little"] > reach["Thumb"]


def test_hands_axes_are_along_the_fingers_out_of_the_palm_and_towards_the_thumb() -> None:
    for side, sign in (("left", 1), ("right", -1)):
        axes = hand_to_world(side, np.eye(3)) - hand_to_world(side, np.zeros(3))
        np.testing.assert_allclose(axes, [[sign, 0, 0], [0, -1, 0], [0, 0, 1]], atol=1e-12)
    thumb, pad = finger_directions()[0], thumb_pad_direction()
    assert thumb @ pad == pytest.approx(0)
    nail = hand_to_world("left", -pad) - hand_to_world("left", np.zeros(3))
    np.testing.assert_allclose(nail, np.array([-1, 0, 1]) / np.sqrt(2), atol=1e-9)  # VRM, definition 1.8


def test_proportions_are_those_of_the_rig() -> None:
    sizes = figure_proportions()
    joints = finger_joints()
    np.testing.assert_allclose(np.linalg.norm(np.diff(joints, axis=1), axis=2), sizes.hand.bones)
    np.testing.assert_allclose(joints[:, 0], sizes.hand.knuckles)
    for number, side in enumerate(SIDES):
        upper, lower = RIG.index(f"{side}UpperArm"), RIG.index(f"{side}LowerArm")
        np.testing.assert_allclose(sizes.shoulders[number], RIG.heads[upper])
        assert length(f"{side}UpperArm") == pytest.approx(sizes.upper_arm)
        assert length(f"{side}LowerArm") == pytest.approx(sizes.forearm)
        np.testing.assert_allclose(RIG.heads[lower], RIG.tails[upper])
