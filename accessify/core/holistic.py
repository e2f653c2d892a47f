"""The holistic skeleton: 33 body points, 468 of the face, 21 of each hand, and metric copies.

Names and order of components and points are those that pose-format writes for MediaPipe Holistic
(https://github.com/sign-language-processing/pose), so that its tools and viewers read our files.
Odd body points are on the person's left.
"""

from __future__ import annotations

from itertools import pairwise

from accessify.core.pose import Component, Limb, Skeleton

BODY, FACE = "POSE_LANDMARKS", "FACE_LANDMARKS"
LEFT_HAND, RIGHT_HAND = "LEFT_HAND_LANDMARKS", "RIGHT_HAND_LANDMARKS"
BODY_WORLD = "POSE_WORLD_LANDMARKS"
LEFT_HAND_WORLD, RIGHT_HAND_WORLD = "LEFT_HAND_WORLD_LANDMARKS", "RIGHT_HAND_WORLD_LANDMARKS"

BODY_POINTS = (
    "NOSE",
    *("LEFT_EYE_INNER", "LEFT_EYE", "LEFT_EYE_OUTER", "RIGHT_EYE_INNER", "RIGHT_EYE", "RIGHT_EYE_OUTER"),
    *("LEFT_EAR", "RIGHT_EAR", "MOUTH_LEFT", "MOUTH_RIGHT", "LEFT_SHOULDER", "RIGHT_SHOULDER"),
    *("LEFT_ELBOW", "RIGHT_ELBOW", "LEFT_WRIST", "RIGHT_WRIST", "LEFT_PINKY", "RIGHT_PINKY"),
    *("LEFT_INDEX", "RIGHT_INDEX", "LEFT_THUMB", "RIGHT_THUMB", "LEFT_HIP", "RIGHT_HIP"),
    *("LEFT_KNEE", "RIGHT_KNEE", "LEFT_ANKLE", "RIGHT_ANKLE", "LEFT_HEEL", "RIGHT_HEEL"),
    *("LEFT_FOOT_INDEX", "RIGHT_FOOT_INDEX"),
)
HAND_POINTS = (
    "WRIST",
    *("THUMB_CMC", "THUMB_MCP", "THUMB_IP", "THUMB_TIP"),
    *("INDEX_FINGER_MCP", "INDEX_FINGER_PIP", "INDEX_FINGER_DIP", "INDEX_FINGER_TIP"),
    *("MIDDLE_FINGER_MCP", "MIDDLE_FINGER_PIP", "MIDDLE_FINGER_DIP", "MIDDLE_FINGER_TIP"),
    *("RING_FINGER_MCP", "RING_FINGER_PIP", "RING_FINGER_DIP", "RING_FINGER_TIP"),
    *("PINKY_MCP", "PINKY_PIP", "PINKY_DIP", "PINKY_TIP"),
)
FACE_POINTS = tuple(map(str, range(468)))
MESH_POINTS = 478
"""Points of a face with its irises."""


def _chains(*chains: tuple[int, ...]) -> tuple[Limb, ...]:
    return tuple(limb for chain in chains for limb in pairwise(chain))


BODY_LIMBS = _chains(
    *((8, 6, 5, 4, 0, 1, 2, 3, 7), (9, 10)),
    *((11, 13, 15, 17, 19, 15, 21), (12, 14, 16, 18, 20, 16, 22)),
    *((11, 12, 24, 23, 11), (23, 25, 27, 29, 31, 27), (24, 26, 28, 30, 32, 28)),
)
HAND_LIMBS = _chains(
    *((0, 1, 2, 3, 4), (0, 5, 6, 7, 8), (5, 9, 10, 11, 12), (9, 13, 14, 15, 16), (13, 17, 18, 19, 20)),
    (0, 17),
)
FACE_LIMBS = _chains(
    # lips, outer and inner
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 61),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78),
    # left eye and brow, right eye and brow
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466, 263),
    *((276, 283, 282, 295, 285), (300, 293, 334, 296, 336)),
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 33),
    *((46, 53, 52, 65, 55), (70, 63, 105, 66, 107)),
    # outline
    (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152),
    (152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
)
"""Lips, eyes, brows and outline of the face, not the whole mesh."""

LEFT_COLOR, RIGHT_COLOR = (255, 236, 205), (200, 234, 255)
"""Arms and palms."""
FINGER_COLORS = ((226, 54, 16), (255, 194, 16), (64, 208, 116), (0, 112, 255), (222, 90, 172))
"""Thumb, index, middle, ring, little finger: 25 units of CIELAB apart for colour-blind people too."""
_BODY_COLORS = tuple(
    {"LEFT": LEFT_COLOR, "RIGHT": RIGHT_COLOR}.get(name.split("_")[0], (225, 225, 225))
    for name in BODY_POINTS
)


def _hand(name: str) -> Component:
    palm = LEFT_COLOR if name.startswith("LEFT") else RIGHT_COLOR
    colors = (palm, *(color for color in FINGER_COLORS for _ in range(4)))
    return Component(name, HAND_POINTS, HAND_LIMBS, colors)


HOLISTIC = Skeleton(
    (
        Component(BODY, BODY_POINTS, BODY_LIMBS, _BODY_COLORS),
        Component(FACE, FACE_POINTS, FACE_LIMBS, ((225, 225, 225),)),
        _hand(LEFT_HAND),
        _hand(RIGHT_HAND),
        Component(BODY_WORLD, BODY_POINTS, BODY_LIMBS, _BODY_COLORS),
        _hand(LEFT_HAND_WORLD),
        _hand(RIGHT_HAND_WORLD),
    )
)
IRISES = Component(
    "IRIS_LANDMARKS",
    tuple(map(str, range(len(FACE_POINTS), MESH_POINTS))),
    tuple((start + step, start + (step + 1) % 4) for start in (1, 6) for step in range(4)),
    ((120, 200, 255),),
)
"""Centre and four points of the rim of the right iris, then of the left; names go on from the face's.

A component of its own, so that `FACE_LANDMARKS` is the same 468 points from every engine.
"""
HANDS = HOLISTIC.only((LEFT_HAND, RIGHT_HAND, LEFT_HAND_WORLD, RIGHT_HAND_WORLD))
ADDED = frozenset({LEFT_HAND_WORLD, RIGHT_HAND_WORLD, IRISES.name})
"""Components that pose-format does not know for MediaPipe Holistic; its `reduce_holistic` keeps what it does
not know, so these are left out of `.pose` files."""


def exchanged(skeleton: Skeleton) -> Skeleton:
    """What goes into `.pose` files for other tools: all but `ADDED`, or all where there is nothing else."""
    names = [part.name for part in skeleton.components if part.name not in ADDED]
    return skeleton.only(names) if names else skeleton
