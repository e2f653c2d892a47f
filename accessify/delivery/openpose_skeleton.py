"""OpenPose's points: the body of 25 or 18, the face of 70, the hands of 21.

Components and points are called as pose-format calls them
(https://github.com/sign-language-processing/pose), so that its tools know them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from accessify.core.pose import Component, Limb

_ARMS = ("Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist")
_RIGHT_LEG, _LEFT_LEG = ("RHip", "RKnee", "RAnkle"), ("LHip", "LKnee", "LAnkle")
_HEAD = ("REye", "LEye", "REar", "LEar")
_FEET = ("LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel")
_BODY_25 = (*_ARMS, "MidHip", *_RIGHT_LEG, *_LEFT_LEG, *_HEAD, *_FEET)
_COCO_18 = (*_ARMS, *_RIGHT_LEG, *_LEFT_LEG, *_HEAD)
_BONES = (
    *(("Nose", "Neck"), ("Nose", "REye"), ("REye", "REar"), ("Nose", "LEye"), ("LEye", "LEar")),
    *(("Neck", "RShoulder"), ("RShoulder", "RElbow"), ("RElbow", "RWrist")),
    *(("Neck", "LShoulder"), ("LShoulder", "LElbow"), ("LElbow", "LWrist")),
    *(("Neck", "MidHip"), ("MidHip", "RHip"), ("MidHip", "LHip")),
    *(("RHip", "RKnee"), ("RKnee", "RAnkle"), ("LHip", "LKnee"), ("LKnee", "LAnkle")),
    *(("RAnkle", "RHeel"), ("RAnkle", "RBigToe"), ("RBigToe", "RSmallToe")),
    *(("LAnkle", "LHeel"), ("LAnkle", "LBigToe"), ("LBigToe", "LSmallToe")),
)
_FINGERS = (
    *("BASE", "T_STT", "T_BCMC", "T_MCP", "T_IP"),
    *(f"{finger}_{joint}" for finger in "IMRP" for joint in ("CMC", "MCP", "PIP", "DIP")),
)
_FACE_RUNS = (
    ("FB", 0, 17),
    ("FEB", 17, 27),
    ("FN", 27, 36),
    ("FE", 36, 48),
    ("FLO", 48, 60),
    ("FLI", 60, 68),
)
_FACE_CHAINS = (
    *(range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36)),
    *((*range(36, 42), 36), (*range(42, 48), 42), (*range(48, 60), 48), (*range(60, 68), 60)),
)


def _chained(chains: Sequence[Sequence[int]]) -> tuple[Limb, ...]:
    return tuple(limb for chain in chains for limb in pairwise(chain))


def _body(points: tuple[str, ...]) -> Component:
    limbs = [(points.index(a), points.index(b)) for a, b in _BONES if a in points and b in points]
    if "MidHip" not in points:
        limbs += [(points.index("Neck"), points.index(hip)) for hip in ("RHip", "LHip")]
    return Component("pose_keypoints_2d", points, tuple(limbs), ((255, 255, 255),))


def _hand(name: str) -> Component:
    return Component(name, _FINGERS, _chained([(0, *range(i, i + 4)) for i in range(1, 21, 4)]))


_FACE = Component(
    "face_keypoints_2d",
    (
        *(f"{name}_{index}" for name, start, end in _FACE_RUNS for index in range(start, end)),
        "FP_68",
        "FP_69",
    ),
    _chained(_FACE_CHAINS),
)

BODIES = {len(points): _body(points) for points in (_BODY_25, _COCO_18)}
"""Number of points → body."""
OTHERS = (_FACE, _hand("hand_left_keypoints_2d"), _hand("hand_right_keypoints_2d"))
NAMES = tuple(part.name for part in (BODIES[25], *OTHERS))
"""The components in the order of a file."""
PARTS = {(part.name, len(part.points)): part for part in (*BODIES.values(), *OTHERS)}
"""Name and number of points → component."""
