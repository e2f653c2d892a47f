"""A plain adult to test movement with: bones, sizes and solid parts."""

import numpy as np

from accessify.core.humanoid import BONES, FINGERS, SIDES, Rig, finger_bones, twist
from accessify.core.proportions import PLACES, Proportions, RoundCone
from accessify.motion.fingers import hand_axes, hand_sizes

UPPER_ARM, FOREARM = 0.285, 0.255
_KNUCKLES = np.array(
    [[0.02, 0.01, 0.02], [0.09, 0, 0.02], [0.092, 0, 0], [0.087, 0, -0.02], [0.08, 0, -0.038]]
)
_LENGTHS = np.array(
    [
        [0.046, 0.032, 0.025],
        [0.042, 0.024, 0.02],
        [0.046, 0.028, 0.02],
        [0.043, 0.026, 0.02],
        [0.034, 0.02, 0.018],
    ]
)


def plain_rig(bones: tuple[str, ...] = BONES) -> Rig:
    """All bones, or some, of an adult of 1.7 m in the T-pose."""
    ends: dict[str, tuple[list[float], list[float]]] = {
        "hips": ([0, 0.93, 0], [0, 1.03, 0]),
        "spine": ([0, 1.03, 0], [0, 1.14, 0]),
        "chest": ([0, 1.14, 0], [0, 1.26, 0]),
        "upperChest": ([0, 1.26, 0], [0, 1.43, 0]),
        "neck": ([0, 1.43, 0], [0, 1.51, 0]),
        "head": ([0, 1.51, 0], [0, 1.7, 0]),
        "leftEye": ([0.03, 1.59, 0.07], [0.03, 1.59, 0.08]),
        "rightEye": ([-0.03, 1.59, 0.07], [-0.03, 1.59, 0.08]),
        "jaw": ([0, 1.56, 0.01], [0, 1.49, 0.08]),
    }
    for side in SIDES:
        sign = 1 if side == "left" else -1
        shoulder, elbow = np.array([0.18 * sign, 1.38, 0]), np.array([(0.18 + UPPER_ARM) * sign, 1.38, 0])
        wrist = np.array([(0.18 + UPPER_ARM + FOREARM) * sign, 1.38, 0])
        ends |= {
            f"{side}Shoulder": ([0.02 * sign, 1.4, 0], shoulder),
            f"{side}UpperArm": (shoulder, elbow),
            f"{side}LowerArm": (elbow, wrist),
            twist(side): ((elbow + wrist) / 2, wrist),
            f"{side}Hand": (wrist, wrist + _KNUCKLES[2] @ hand_axes(side)),
            f"{side}UpperLeg": ([0.09 * sign, 0.9, 0], [0.09 * sign, 0.49, 0]),
            f"{side}LowerLeg": ([0.09 * sign, 0.49, 0], [0.09 * sign, 0.08, 0]),
            f"{side}Foot": ([0.09 * sign, 0.08, 0], [0.09 * sign, 0.02, 0.13]),
        }
        for number, finger in enumerate(FINGERS):
            along = np.array([1, 0, 1]) / np.sqrt(2) if finger == "Thumb" else np.array([1, 0, 0])
            joints = _KNUCKLES[number] + along * np.concatenate([[0], np.cumsum(_LENGTHS[number])])[:, None]
            joints = joints @ hand_axes(side) + wrist
            for bone, start, end in zip(finger_bones(side, finger), joints, joints[1:], strict=False):
                ends[bone] = start, end
    return Rig(
        bones,
        np.array([ends[bone][0] for bone in bones], float),
        np.array([ends[bone][1] for bone in bones], float),
    )


def plain_proportions() -> Proportions:
    """The sizes of `plain_rig`, with round places and solids."""
    heights = dict(zip(PLACES, np.linspace(1.7, 1.0, len(PLACES)), strict=True))
    places = {name: np.array([0.0, height, 0.1]) for name, height in heights.items()}
    for name in ("eye", "eye_brow", "nostril", "cheek"):
        places[name] += [0.03, 0, 0]
    places["ear"], places["ear_lobe"] = np.array([0.08, 1.57, 0]), np.array([0.075, 1.55, 0])
    places["shoulder_top"], places["shoulder"] = np.array([0.13, 1.44, 0]), np.array([0.15, 1.38, 0.06])
    solids = (
        RoundCone(np.array([0, 1.62, 0]), np.array([0, 1.58, 0]), (0.09, 0.085), "head"),
        RoundCone(np.array([0, 1.3, 0]), np.array([0, 1.0, 0]), (0.1, 0.1), "chest"),
    )
    shoulders = np.array([[0.18, 1.38, 0], [-0.18, 1.38, 0]])
    return Proportions(shoulders, UPPER_ARM, FOREARM, hand_sizes(plain_rig()), places, solids)
