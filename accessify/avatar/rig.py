"""The bones of our figure: an adult of 1.70 m with hands a little large, so that they read at small size.

Lengths of the body are shares of the height (R. Drillis, R. Contini, "Body segment parameters", 1966, as in
D. A. Winter, "Biomechanics and motor control of human movement", fig. 4.1); the shoulders are brought in to
where the upper arms turn. Lengths of the bones of the hand are the means of A. Buryanov, V. Kotiuk,
"Proportions of hand segments", Int. J. Morphol. 28(3), 2010, enlarged by 6 %; the last bone of each finger
ends on the skin of its tip.

A hand is written in its own axes, from the wrist: along the fingers, out of the palm, towards the thumb. At
rest those are the direction of the arm, down and forward. The wrist, the middle knuckle and the middle
finger lie on one line, which is what sign notation calls the finger direction.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import BONES, FINGERS, SIDES, Rig, finger_bones, twist

Array = NDArray[np.float64]

SHOULDER: Array = np.array([0.180, 1.362, -0.014])
"""Where the left upper arm turns, metres."""
UPPER_ARM = 0.288
FOREARM = 0.252

KNUCKLES: Array = np.array(
    [
        [0.0220, 0.0080, 0.0185],  # the thumb's saddle joint
        [0.0945, 0.0010, 0.0226],
        [0.0960, 0.0000, 0.0000],
        [0.0905, 0.0010, -0.0218],
        [0.0825, 0.0032, -0.0418],
    ]
)
"""Shape [5, 3], metres, in the hand's axes: where thumb, index, middle, ring and little finger begin; their
heads stand in a shallow arch, highest at the middle finger."""
PHALANGES: Array = np.array(
    [
        [0.0490, 0.0335, 0.0270],
        [0.0422, 0.0238, 0.0213],
        [0.0468, 0.0276, 0.0225],
        [0.0436, 0.0270, 0.0223],
        [0.0346, 0.0194, 0.0206],
    ]
)
"""Shape [5, 3], metres: the bones of each finger, outwards; of the thumb, metacarpal first."""
THUMB_ANGLE = math.radians(45)
"""Between the thumb at rest and the finger direction, in the palm's plane, as VRM's T-pose asks."""


def side_sign(side: str) -> float:
    """1 of the left, -1 of the right side: the sign of its x."""
    return 1.0 if side == "left" else -1.0


def hand_to_world(side: str, points: NDArray[np.floating]) -> Array:
    """Points [..., 3] in a hand's own axes, from its wrist, as metres of the T-pose."""
    along, out, thumbwards = np.moveaxis(np.asarray(points, np.float64), -1, 0)
    wrist = _wrist(side)
    return np.stack([side_sign(side) * along, -out, thumbwards], axis=-1) + wrist


def finger_directions() -> Array:
    """Shape [5, 3], unit vectors in the hand's axes: where each finger points at rest."""
    straight = np.tile([1.0, 0.0, 0.0], (5, 1))
    straight[0] = [math.cos(THUMB_ANGLE), 0.0, math.sin(THUMB_ANGLE)]
    return straight


def finger_joints() -> Array:
    """Shape [5, 4, 3], metres, in the hand's axes: each finger's joints from its root, then its tip."""
    reach = np.concatenate([np.zeros((5, 1)), np.cumsum(PHALANGES, axis=1)], axis=1)
    return np.asarray(KNUCKLES[:, None] + finger_directions()[:, None] * reach[:, :, None])


def thumb_pad_direction() -> Array:
    """Shape [3], unit vector in the hand's axes: from the thumb's nail through its pad at rest, and so the
    way it bends: level, towards the fingers; the nail is rolled 90° outward (VRM's T-pose, definition 1.8).
    """
    return np.array([math.sin(THUMB_ANGLE), 0.0, -math.cos(THUMB_ANGLE)])


def figure_rig() -> Rig:
    """All of `BONES` of our figure in the T-pose of VRM 1.0."""
    ends = dict(_trunk())
    for side in SIDES:
        ends |= _arm(side) | _leg(side)
    heads, tails = zip(*(ends[bone] for bone in BONES), strict=True)
    return Rig(BONES, np.array(heads, np.float64), np.array(tails, np.float64))


Ends = dict[str, tuple[Array, Array]]


def _trunk() -> Ends:
    chain = {
        "hips": [0.0, 0.930, 0.000],
        "spine": [0.0, 1.030, -0.008],
        "chest": [0.0, 1.135, -0.012],
        "upperChest": [0.0, 1.255, -0.020],
        "neck": [0.0, 1.432, -0.022],
        "head": [0.0, 1.512, -0.004],
        "end": [0.0, 1.700, -0.004],
    }
    names = list(chain)
    ends = {
        name: (np.array(chain[name]), np.array(chain[following]))
        for name, following in itertools.pairwise(names)
    }
    ends["leftEye"] = np.array([0.0315, 1.5900, 0.0760]), np.array([0.0315, 1.5900, 0.0880])
    ends["rightEye"] = np.array([-0.0315, 1.5900, 0.0760]), np.array([-0.0315, 1.5900, 0.0880])
    ends["jaw"] = np.array([0.0, 1.5620, 0.0080]), np.array([0.0, 1.4880, 0.0860])
    return ends


def _wrist(side: str) -> Array:
    reach = np.array([UPPER_ARM + FOREARM, 0.0, 0.0])
    return np.asarray((SHOULDER + reach) * np.array([side_sign(side), 1.0, 1.0]))


def _arm(side: str) -> Ends:
    mirror = np.array([side_sign(side), 1.0, 1.0])
    shoulder = SHOULDER * mirror
    elbow = (SHOULDER + np.array([UPPER_ARM, 0.0, 0.0])) * mirror
    wrist = _wrist(side)
    joints = hand_to_world(side, finger_joints())
    ends = {
        f"{side}Shoulder": (np.array([0.022, 1.396, 0.004]) * mirror, shoulder),
        f"{side}UpperArm": (shoulder, elbow),
        f"{side}LowerArm": (elbow, wrist),
        twist(side): ((elbow + wrist) / 2, wrist),
        f"{side}Hand": (wrist, joints[2, 0]),
    }
    for finger, chain in zip(FINGERS, joints, strict=True):
        for bone, start, end in zip(finger_bones(side, finger), chain, chain[1:], strict=False):
            ends[bone] = start, end
    return ends


def _leg(side: str) -> Ends:
    mirror = np.array([side_sign(side), 1.0, 1.0])
    joints = [[0.088, 0.900, 0.0], [0.086, 0.490, 0.004], [0.086, 0.085, -0.022], [0.100, 0.020, 0.130]]
    hip, knee, ankle, toes = (np.array(joint) * mirror for joint in joints)
    return {
        f"{side}UpperLeg": (hip, knee),
        f"{side}LowerLeg": (knee, ankle),
        f"{side}Foot": (ankle, toes),
    }
