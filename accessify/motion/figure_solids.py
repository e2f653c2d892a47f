"""The solid parts of any figure as round cones, fitted to slices through its skin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import Rig
from accessify.core.proportions import RoundCone
from accessify.motion.head_measures import HeadMeasures
from accessify.motion.surface_rays import Skin

Array = NDArray[np.float64]
_FAR = 2.0
"""Metres from which rays come."""
_INSIDE = 0.004
"""Metres that solids stay below cloth and skin, so that touching is not passing through."""


def solids(rig: Rig, head: HeadMeasures, skins: tuple[Skin, Skin, Skin]) -> tuple[RoundCone, ...]:
    """Head, neck and trunk; `skins` are the face, the head with hair, and the trunk."""
    face, whole, trunk = skins
    return (*_head(rig, head, face), *_neck(rig, head, whole), *_girdle(rig, trunk), *_trunk(rig, trunk))


def _cone(
    start: tuple[float, float, float], end: tuple[float, float, float], radii: tuple[float, float], bone: str
) -> RoundCone:
    return RoundCone(np.array(start), np.array(end), radii, bone)


def _head(rig: Rig, head: HeadMeasures, face: Skin) -> tuple[RoundCone, ...]:
    """The skull between back and forehead, the jaw below it, and the nose."""
    joint, scale = rig.heads[rig.index("head")], head.scale
    skull = min(head.half_width, (head.top - head.chin) / 2)
    front = face.near([0, head.eyes + 0.010 * scale, _FAR], [0, 0, -1])
    brow = float(front[2]) if front is not None else float(joint[2]) + 0.090 * scale
    behind = min(head.back + skull, brow - skull)
    chin = face.near([0, head.chin + 0.012 * scale, _FAR], [0, 0, -1])
    reach = float(chin[2]) if chin is not None else brow
    tip = face.near([0, head.eyes - 0.033 * scale, _FAR], [0, 0, -1])
    parts = [
        _cone(
            (0, head.top - skull, behind),
            (0, head.eyes + 0.010 * scale, brow - skull),
            (skull, skull),
            "head",
        ),
        _cone(
            (0, head.eyes - 0.040 * scale, reach - 0.068 * scale),
            (0, head.chin + 0.037 * scale, reach - 0.042 * scale),
            (0.058 * scale, 0.038 * scale),
            "head",
        ),
    ]
    if tip is not None and tip[2] > brow:
        ridge = 0.013 * scale
        bridge = (0.0, head.eyes - 0.010 * scale, brow - ridge)
        parts.append(_cone(bridge, (0, float(tip[1]), float(tip[2]) - ridge), (ridge, ridge), "head"))
    return tuple(parts)


def _neck(rig: Rig, head: HeadMeasures, whole: Skin) -> tuple[RoundCone, ...]:
    if "neck" not in rig:
        return ()
    below, above = rig.heads[rig.index("neck")], rig.heads[rig.index("head")]
    height = float(below[1] + 0.3 * (above[1] - below[1]))
    side = whole.near([_FAR, height, float(below[2])], [-1, 0, 0])
    radius = 0.048 * head.scale if side is None else min(float(side[0]), 0.07 * head.scale) - _INSIDE
    start, end = (0, float(above[1]), float(above[2])), (0, float(below[1]), float(below[2]))
    return (_cone(start, end, (radius, radius), "neck"),)


def _girdle(rig: Rig, trunk: Skin) -> tuple[RoundCone, ...]:
    """From the breastbone to each shoulder, as thick as there is flesh above the joint."""
    joint = rig.heads[rig.index("leftUpperArm")]
    x, y, z = (float(part) for part in joint)
    above = trunk.near([0.8 * x, y + _FAR, z], [0, -1, 0])
    radius = 0.3 * x if above is None else max(min(float(above[1]) - y, 0.45 * x), 0.1 * x) - _INSIDE
    bone = next(bone for bone in ("upperChest", "chest", "spine") if bone in rig)
    return tuple(
        _cone((0.11 * side * x, y, z), (0.83 * side * x, y, z), (radius, radius), bone) for side in (1, -1)
    )


def _trunk(rig: Rig, skin: Skin) -> tuple[RoundCone, ...]:
    """Three pillars side by side from slice to slice: together an oval as wide and deep as the body."""
    hips, shoulder = rig.heads[rig.index("hips")], rig.heads[rig.index("leftUpperArm")]
    long = float(shoulder[1] - hips[1])
    heights = [float(hips[1]) + share * long for share in (0.07, 0.44, 0.51, 0.84)]
    slices = [_slice(skin, height, (float(hips[2]), 0.4 * float(shoulder[0]), long)) for height in heights]
    above = next(bone for bone in ("chest", "upperChest", "spine") if bone in rig)
    parts = []
    for low, high, bone in ((0, 1, "hips"), (2, 3, above)):
        (_, y1, z1, deep1), (_, y2, z2, deep2) = slices[low], slices[high]
        parts.append(_cone((0, y2, z2), (0, y1, z1), (deep2, deep1), bone))
        beside = [
            (max(wide - 0.85 * deep, 0.0), y, z, 0.85 * deep)
            for wide, y, z, deep in (slices[high], slices[low])
        ]
        for side in (1, -1):
            (xa, ya, za, ra), (xb, yb, zb, rb) = beside
            parts.append(_cone((side * xa, ya, za), (side * xb, yb, zb), (ra, rb), bone))
    return tuple(parts)


def _slice(skin: Skin, height: float, usual: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """Half the width, height, z of the middle, and half the depth of the trunk there.

    `usual` are the z, the half depth's and the length that stand in where there is no skin.
    """
    depth, thick, long = usual
    front = skin.near([0, height, _FAR], [0, 0, -1])
    behind = skin.near([0, height, -_FAR], [0, 0, 1])
    if front is None or behind is None:
        return 0.35 * long, height, depth, thick
    middle, half = float(front[2] + behind[2]) / 2, float(front[2] - behind[2]) / 2
    side = skin.near([_FAR, height, middle], [-1, 0, 0])
    wide = 1.5 * half if side is None else float(side[0])
    return wide - _INSIDE, height, middle, half - _INSIDE
