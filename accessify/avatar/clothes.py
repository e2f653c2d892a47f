"""A plain shirt with long sleeves and a round collar, and trousers: what our figure wears.

Both hang on the body of `accessify.avatar.rig`; widths are those of an adult of 1.70 m between the means of
men and women (as in NASA-STD-3000, vol. 1, anthropometry), with a finger's breadth of room in the cloth. The
shirt is meshed with the arms let down and the elbows a little bent, as a signer holds them, and brought to
the T-pose afterwards: so its shoulders are right where they are seen.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import (
    Points,
    Values,
    bump,
    curve,
    joined,
    oval,
    round_cone,
    smooth_max,
    smooth_min,
    step,
)
from accessify.avatar.rig import FOREARM, UPPER_ARM, figure_rig, side_sign
from accessify.avatar.skin import Turns, turned
from accessify.core.humanoid import SIDES
from accessify.core.rotation import about, rotate

Array = NDArray[np.float64]

HEM = 0.872
"""Metres above the floor: where the shirt ends."""
CUFF = 0.026
"""Metres before the wrist: where a sleeve ends."""
TROUSERS = 0.560
"""Metres above the floor: where the trousers end, below what is drawn."""
COLLAR = (0.0, 1.450, -0.024)
"""Metres: the middle of the collar."""
_COLLAR_SLOPE = 0.46
"""Metres that it is lower for each metre farther in front."""
_DOWN = math.radians(55)
_BENT = math.radians(38)

_HEIGHTS = (0.84, 0.93, 1.00, 1.07, 1.15, 1.24, 1.32, 1.38, 1.43)
_HALF_WIDTHS = (0.182, 0.178, 0.166, 0.155, 0.156, 0.165, 0.170, 0.140, 0.060)
_HALF_DEPTHS = (0.128, 0.124, 0.114, 0.106, 0.110, 0.119, 0.114, 0.088, 0.044)
_MIDDLES = (-0.004, -0.004, 0.000, 0.002, 0.000, -0.004, -0.010, -0.018, -0.024)


@cache
def signing_turns() -> Turns:
    """Bone → turn: how the arms are held while the shirt is meshed."""
    turns = {}
    for side in SIDES:
        sign = side_sign(side)
        turns[f"{side}UpperArm"] = about([0.0, 0.0, 1.0], -sign * _DOWN)
        turns[f"{side}LowerArm"] = about([0.0, 1.0, 0.0], -sign * _BENT)
    return turns


@cache
def arm_joints(side: str) -> tuple[Array, Array, Array, Array]:
    """Shoulder, elbow and wrist [3] as meshed, in metres, and where the back of the elbow faces [3]."""
    rig = figure_rig()
    places, worlds = turned(rig, signing_turns())
    upper, lower, hand = (rig.index(f"{side}{bone}") for bone in ("UpperArm", "LowerArm", "Hand"))
    behind = rotate(worlds[upper], [0.0, 0.0, -1.0])
    return places[upper], places[lower], places[hand], behind


def shirt(points: Points) -> Values:
    """Trunk and sleeves, cut off within the collar."""
    near = _stand(points) - np.float32(0.012)
    above = np.minimum(_over_collar(points) - np.float32(0.003), np.float32(0.03) - near)
    return smooth_max(_whole(points), above, 0.004)


def _whole(points: Points) -> Values:
    body = smooth_min(trunk(points), _yoke(points), 0.045)
    for side in SIDES:
        body = smooth_min(body, sleeve(points, side), 0.038)
    return smooth_min(body - _folds(points), _stand(points), 0.026)


def trunk(points: Points) -> Values:
    """Without sleeves and shoulders, open to nothing: a solid."""
    height = points[:, 1]
    wide, deep = curve(height, _HEIGHTS, _HALF_WIDTHS), curve(height, _HEIGHTS, _HALF_DEPTHS)
    out = points[:, 2] - curve(height, _HEIGHTS, _MIDDLES)
    tube = oval(points[:, 0], out, (wide, deep), 2.35)
    tube = smooth_max(tube, height - np.float32(1.420), 0.03)
    return smooth_max(tube, np.float32(HEM) - height, 0.010)


def _yoke(points: Points) -> Values:
    """From the neck over the shoulders."""
    cones = []
    for sign in (1, -1):
        cones.append(
            round_cone(points, [sign * 0.020, 1.372, -0.030], [sign * 0.158, 1.356, -0.016], (0.055, 0.052))
        )
        cones.append(
            round_cone(points, [sign * 0.030, 1.408, -0.036], [sign * 0.128, 1.376, -0.026], (0.028, 0.038))
        )
    return joined(cones, 0.03)


def sleeve(points: Points, side: str) -> Values:
    """One sleeve, a solid that the wrist stands out of; its cuff is a little wider."""
    shoulder, elbow, wrist, _ = arm_joints(side)
    forearm = (wrist - elbow) / FOREARM
    upper = (elbow - shoulder) / UPPER_ARM
    cap = shoulder + 0.012 * upper
    above = round_cone(points, cap, elbow, (0.0520, 0.0435))
    below = round_cone(points, elbow, wrist + 0.01 * forearm, (0.0440, 0.0325))
    along = ((points - wrist.astype(np.float32)) @ forearm.astype(np.float32)).astype(np.float32)
    band = step(along, -CUFF - 0.042, -CUFF - 0.036) * np.float32(0.0016)
    gathered = (
        np.float32(0.0012) * np.sin(along * np.float32(2 * np.pi / 0.030)) * bump(along, -CUFF - 0.085, 0.03)
    )
    below = smooth_max(below - band - gathered, along + np.float32(CUFF), 0.006)
    return smooth_min(above, below, 0.030)


def _folds(points: Points) -> Values:
    """Metres outwards: cloth gathers within the elbows, hangs from chest and shoulder blades."""
    across, height, out = points.T
    grown = np.zeros_like(across)
    for side in SIDES:
        shoulder, elbow, _, behind = arm_joints(side)
        offset = points - elbow.astype(np.float32)
        upper = ((elbow - shoulder) / UPPER_ARM).astype(np.float32)
        along, front = offset @ upper, -(offset @ behind.astype(np.float32))
        near = np.exp(-((along / np.float32(0.055)) ** 2)) * (
            1 - step(np.linalg.norm(offset, axis=1), 0.07, 0.11)
        )
        grown += (
            near * step(front, -0.02, 0.03) * np.sin((along + np.float32(0.5) * front) * np.float32(190.0))
        )
    waist = bump(height, 1.03, 0.06) * step(np.abs(across), 0.05, 0.13)
    slant = height + np.float32(0.35) * np.abs(across) * np.sign(out)
    grown += np.float32(0.9) * waist * np.sin(slant * np.float32(2 * np.pi / 0.062))
    return np.asarray(np.float32(0.0016) * grown, np.float32)


def collar(points: Points) -> Values:
    """A ring where cloth and neck meet."""
    around = np.hypot(_whole(points), _over_collar(points))
    return np.asarray(around - np.float32(0.0062), np.float32)


def _over_collar(points: Points) -> Values:
    """Height over the slanting plane that the collar lies in."""
    height, out = points[:, 1] - np.float32(COLLAR[1]), points[:, 2] - np.float32(COLLAR[2])
    slope = np.float32(_COLLAR_SLOPE)
    return np.asarray((height + slope * out) / np.sqrt(1 + slope * slope), np.float32)


def _stand(points: Points) -> Values:
    """What rises about the neck, up to the collar."""
    return round_cone(points, [0.0, 1.520, -0.0235], [0.0, 1.385, -0.0285], (0.0535, 0.0605))


def _constant(points: Points, wide: float, deep: float) -> tuple[Values, Values]:
    return np.full(len(points), wide, np.float32), np.full(len(points), deep, np.float32)


def trousers(points: Points) -> Values:
    """From under the shirt to above the knees, where nothing is drawn any more."""
    height = points[:, 1]
    hips = oval(points[:, 0], points[:, 2] + np.float32(0.004), _constant(points, 0.166, 0.114), 2.3)
    hips = smooth_max(smooth_max(hips, height - np.float32(0.965), 0.02), np.float32(0.835) - height, 0.05)
    legs = [
        round_cone(points, [sign * 0.086, 0.850, -0.004], [sign * 0.090, 0.500, 0.002], (0.088, 0.066))
        for sign in (1, -1)
    ]
    body = smooth_min(hips, np.minimum(*legs), 0.035)
    return smooth_max(body, np.float32(TROUSERS) - height, 0.008)
