"""Our figure's sizes, for whoever plans its movement: arms, hands, places on the skin, solid parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.clothes import shirt
from accessify.avatar.hands import METACARPAL_OF_THUMB, fingers, thumb
from accessify.avatar.head import head_places
from accessify.avatar.rig import FOREARM, KNUCKLES, PHALANGES, SHOULDER, UPPER_ARM, figure_rig
from accessify.core.proportions import HandSizes, Proportions, RoundCone

Array = NDArray[np.float64]

PALM: Array = np.array([0.0560, 0.0140, 0.0010])
"""Shape [3], metres, in the hand's axes: the middle of the palm, on its skin."""
_ON_TRUNK: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "shoulder_top": ((0.125, 1.80, -0.020), (0.0, -1.0, 0.0)),
    "shoulder": ((0.150, 1.362, 0.50), (0.0, 0.0, -1.0)),
    "chest": ((0.0, 1.275, 0.50), (0.0, 0.0, -1.0)),
    "stomach": ((0.0, 1.115, 0.50), (0.0, 0.0, -1.0)),
    "below_stomach": ((0.0, 0.985, 0.50), (0.0, 0.0, -1.0)),
}
"""Place → where a ray towards it starts, metres, and where it goes."""


def figure_proportions() -> Proportions:
    """The sizes of the figure of `accessify.avatar.rig.figure_rig`."""
    mirror, rig = np.array([-1.0, 1.0, 1.0]), figure_rig()
    return Proportions(
        shoulders=np.stack([SHOULDER, SHOULDER * mirror]),
        upper_arm=UPPER_ARM,
        forearm=FOREARM,
        hand=HandSizes(knuckles=KNUCKLES, bones=PHALANGES, palm=PALM, thickness=_thickness()),
        places=head_places(rig) | {name: _met(*ray) for name, ray in _ON_TRUNK.items()},
        solids=_solids(),
    )


def _met(start: tuple[float, float, float], way: tuple[float, float, float]) -> Array:
    """Where a ray meets the shirt: steps as long as the field allows (J. Hart, "Sphere tracing", 1996)."""
    point = np.array([start], np.float32)
    for _ in range(80):
        point = point + np.float32(0.8) * shirt(point)[:, None] * np.array(way, np.float32)
    return np.asarray(point[0], np.float64)


def _thickness() -> Array:
    """Shape [5, 3], metres: radii at the middles of the bones, as the hand is modelled."""
    rows = []
    for finger in (thumb(), *fingers()):
        starts = (0.0, *finger.joints[:-1])
        middles = np.array([(a + b) / 2 for a, b in zip(starts, finger.joints, strict=True)], np.float32)
        rows.append(finger.radius(middles).astype(np.float64))
    rows[0] = np.concatenate([[METACARPAL_OF_THUMB], rows[0]])
    return np.array(rows)


Ball = tuple[float, float, float, float]
"""A middle and a radius, metres."""

_SOLIDS: tuple[tuple[str, Ball, Ball, bool], ...] = (
    ("head", (0.0, 1.616, -0.016, 0.084), (0.0, 1.600, 0.002, 0.086), False),
    ("head", (0.0, 1.550, 0.030, 0.058), (0.0, 1.524, 0.054, 0.038), False),
    ("head", (0.0, 1.580, 0.080, 0.013), (0.0, 1.557, 0.098, 0.013), False),
    ("neck", (0.0, 1.510, -0.018, 0.047), (0.0, 1.420, -0.024, 0.051), False),
    ("upperChest", (0.020, 1.370, -0.028, 0.053), (0.150, 1.356, -0.016, 0.050), True),
    ("chest", (0.0, 1.295, 0.002, 0.107), (0.0, 1.150, 0.001, 0.104), False),
    ("chest", (0.075, 1.305, -0.008, 0.087), (0.068, 1.150, 0.000, 0.086), True),
    ("hips", (0.0, 1.120, 0.002, 0.104), (0.0, 0.960, 0.000, 0.113), False),
    ("hips", (0.066, 1.120, 0.000, 0.086), (0.074, 0.960, -0.003, 0.098), True),
)
"""Bone, both ends, and whether there is one on the right too: fitted into trunk, neck and head so that they
stand out of the skin or below it by about a centimetre where hands go."""


def _solids() -> tuple[RoundCone, ...]:
    found = []
    for bone, start, end, both in _SOLIDS:
        for side in (1.0, -1.0) if both else (1.0,):
            mirror = np.array([side, 1.0, 1.0])
            radii = start[3], end[3]
            found.append(RoundCone(mirror * start[:3], mirror * end[:3], radii, bone))
    return tuple(found)
