"""The skin of a hand and the forearm behind it, in the hand's own axes: along the fingers, out of the palm,
towards the thumb.

It is meshed with the fingers straight and the thumb as a relaxed hand holds it, out of the palm and rolled
to it, half way between all that a thumb does; `accessify.avatar.skin` then brings the thumb to where VRM's
T-pose wants it, so that skin stretches least where it is seen most.
"""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import (
    Points,
    Values,
    bump,
    curve,
    ellipsoid,
    joined,
    oval,
    round_cone,
    smooth_max,
    smooth_min,
    step,
)
from accessify.avatar.fingers import Finger
from accessify.avatar.rig import KNUCKLES, PHALANGES, finger_directions, thumb_pad_direction
from accessify.core.rotation import about, between, multiply, rotate

Array = NDArray[np.float64]

_THUMB_OUT = math.radians(21)
"""Of the thumb's metacarpal as meshed, out of the palm."""
_THUMB_ASIDE = math.radians(25)
"""Of the thumb's metacarpal as meshed, in the palm's plane."""
_THUMB_ROLL = math.radians(-22)
"""How far the thumb as meshed is rolled back from the T-pose's roll."""

_RADII = (
    (0.0116, 0.0103, 0.0091),
    (0.0093, 0.0083, 0.0074),
    (0.0095, 0.0085, 0.0075),
    (0.0091, 0.0081, 0.0072),
    (0.0081, 0.0071, 0.0063),
)
"""Metres: thumb to little finger, as in `Finger`."""
_METACARPALS = (0.0128, 0.0126, 0.0120, 0.0112)
"""Metres: radius of the palm at each knuckle, index to little finger."""
METACARPAL_OF_THUMB = 0.0145
"""Metres: its radius with its flesh."""
STUB = -0.054
"""Metres along the forearm: where it ends, within the sleeve."""
WEB = 0.0080
"""Metres from the knuckles: where the skin between two fingers lies."""


def thumb_turn() -> Array:
    """The turn [4] of the thumb's metacarpal from the T-pose to where it is meshed, in the hand's axes.

    Those axes are a left hand's mirrored: the turn of a left hand in the world is its mirror image.
    """
    rest = finger_directions()[0]
    swing = between(rest, _thumb_direction())
    return np.asarray(multiply(about(_thumb_direction(), _THUMB_ROLL), swing))


def _thumb_direction() -> Array:
    out, aside = math.tan(_THUMB_OUT), math.tan(_THUMB_ASIDE)
    direction = np.array([1.0, out, aside])
    return np.asarray(direction / np.linalg.norm(direction))


@cache
def thumb() -> Finger:
    """The two free bones of the thumb."""
    direction = _thumb_direction()
    root = KNUCKLES[0] + direction * PHALANGES[0, 0]
    back = -rotate(thumb_turn(), thumb_pad_direction())
    return Finger(root, direction, back, (PHALANGES[0, 1], PHALANGES[0, 1:].sum()), _RADII[0])


@cache
def fingers() -> tuple[Finger, ...]:
    """Index to little finger."""
    along, back = np.array([1.0, 0.0, 0.0]), np.array([0.0, -1.0, 0.0])
    return tuple(
        Finger(KNUCKLES[number], along, back, tuple(np.cumsum(PHALANGES[number])), _RADII[number])
        for number in range(1, 5)
    )


def hand(points: Points) -> Values:
    """The whole hand and some of the forearm."""
    whole = smooth_min(palm(points), wrist(points), 0.016)
    separate = np.minimum.reduce([finger.distance(points) for finger in fingers()])
    within = np.maximum(separate, np.float32(KNUCKLES[2, 0] - 0.03) - points[:, 0])
    whole = smooth_min(whole, within, 0.0055)
    return smooth_min(whole, _thumb(points), 0.010)


def palm(points: Points) -> Values:
    """From the wrist to the skin between the fingers, without the thumb."""
    bones = []
    for knuckle, radius in zip(KNUCKLES[1:], _METACARPALS, strict=True):
        start = np.array([0.006, 0.0005, knuckle[2] * 0.52])
        bones.append(round_cone(points, start, knuckle + np.array([-0.004, 0.0012, 0.0]), (0.0150, radius)))
    body = joined(bones, 0.016)
    body = smooth_min(body, ellipsoid(points, [0.041, 0.0105, -0.0310], [0.034, 0.0115, 0.0125]), 0.014)
    body = smooth_min(body, _pads(points), 0.008)
    hollow = ellipsoid(points, [0.057, 0.0325, -0.004], [0.027, 0.0180, 0.0175])
    body = smooth_max(body, -hollow, 0.012)
    body = smooth_min(body, _webs(points), 0.006)
    return body - _knuckles(points)


def _pads(points: Points) -> Values:
    """The ridge of flesh before the fingers."""
    first, last = KNUCKLES[1] + [0.0, 0.0052, -0.001], KNUCKLES[4] + [-0.001, 0.0048, 0.003]
    middle = KNUCKLES[2] + [0.0005, 0.0058, -0.008]
    ridge = [
        round_cone(points, first, middle, (0.0078, 0.0082)),
        round_cone(points, middle, last, (0.0082, 0.0074)),
    ]
    return joined(ridge, 0.004)


def _webs(points: Points) -> Values:
    """The skin between neighbouring fingers."""
    forward = np.array([WEB - 0.0075, 0.0030, 0.0])
    webs = [
        round_cone(points, first + forward, second + forward, (0.0072, 0.0070))
        for first, second in itertools.pairwise(KNUCKLES[1:])
    ]
    return np.asarray(np.minimum.reduce(webs), np.float32)


def _knuckles(points: Points) -> Values:
    """Heads of the bones and tendons on the back of the hand, creases in the palm: metres outwards."""
    along, out, side = points.T
    behind, before = step(-out, 0.003, 0.010), step(out, 0.003, 0.010)
    grown = np.zeros_like(along)
    for knuckle in KNUCKLES[1:]:
        near = bump(along, knuckle[0] + 0.001, 0.0070) * bump(side, knuckle[2], 0.0055)
        way = np.clip((along - np.float32(0.02)) / np.float32(knuckle[0] - 0.02), 0, 1)
        tendon = bump(side - np.float32(knuckle[2]) * (np.float32(0.45) + np.float32(0.55) * way), 0, 0.0026)
        tendon *= step(along, 0.030, 0.060) * (1 - step(along, knuckle[0] - 0.014, knuckle[0] - 0.002))
        grown += behind * (np.float32(0.0011) * near + np.float32(0.00055) * tendon)
    return np.asarray(grown - np.float32(0.0006) * palm_lines(points) * before, np.float32)


def palm_lines(points: Points) -> Values:
    """How deep in a line of the palm each point lies, 0 to 1."""
    along, out, side = points.T
    around = curve(side, (-0.030, -0.012, 0.010, 0.026), (0.020, 0.034, 0.056, 0.078))
    across = curve(side, (-0.036, -0.018, 0.006, 0.026), (0.052, 0.058, 0.070, 0.077))
    heart = curve(side, (-0.046, -0.030, -0.010, 0.012), (0.069, 0.074, 0.083, 0.095))
    lines = [
        bump(along - around, 0, 0.0017) * step(side, -0.014, 0.000),
        bump(along - across, 0, 0.0015) * step(side, -0.038, -0.026),
        bump(along - heart, 0, 0.0015) * (1 - step(side, 0.000, 0.012)),
        np.float32(0.7) * bump(along, 0.0015, 0.0014),
    ]
    for knuckle in KNUCKLES[1:]:
        root = bump(along, knuckle[0] + 0.0142, 0.0014)
        lines.append(root * (1 - step(np.abs(side - np.float32(knuckle[2])), 0.006, 0.010)))
    return np.asarray(
        np.maximum.reduce(lines) * step(out, 0.002, 0.010) * step(side, -0.047, -0.037), np.float32
    )


def _thumb(points: Points) -> Values:
    finger = thumb()
    start, end = KNUCKLES[0], finger.root
    across = np.cross(finger.along, finger.back)
    bone = round_cone(points, start, end, (0.0150, 0.0124))
    along, back, _ = finger.coordinates(points)
    ball = ellipsoid(
        points,
        start + 0.52 * (end - start) - 0.0050 * finger.back + 0.0035 * _towards_palm(across),
        [0.0310, 0.0135, 0.0150],
        np.stack([finger.along, finger.back, across]),
    )
    free = np.maximum(finger.distance(points), -along - np.float32(0.022))
    joint = bump(along, 0.0, 0.0065) * step(back, -0.002, 0.008)
    flesh = joined([bone, ball], 0.012)
    flesh = smooth_min(flesh, _first_web(points), 0.014)
    return smooth_min(flesh, free, 0.0075) - np.float32(0.0009) * joint


def _towards_palm(across: Array) -> Array:
    return across if across[2] < 0 else -across


def _first_web(points: Points) -> Values:
    """The muscle between thumb and index finger, thin towards its edge."""
    start, end = KNUCKLES[0], thumb().root
    index = KNUCKLES[1]
    inner = round_cone(
        points, start * 0.6 + end * 0.4, index * [0.60, 1, 0.9] + [0, 0.001, 0], (0.0105, 0.0105)
    )
    outer = round_cone(
        points, start * 0.32 + end * 0.68, index * [0.80, 1, 1] + [0, 0.002, 0], (0.0062, 0.0068)
    )
    return smooth_min(inner, outer, 0.014)


def wrist(points: Points) -> Values:
    """The wrist and the forearm behind it, an oval tube with the ulna's head on its little finger side."""
    along, out, side = points.T
    knots = (-0.26, -0.20, -0.12, -0.05, -0.018, 0.004, 0.022)
    wide = curve(along, knots, (0.0420, 0.0430, 0.0375, 0.0292, 0.0276, 0.0282, 0.0290))
    thick = curve(along, knots, (0.0400, 0.0405, 0.0340, 0.0232, 0.0192, 0.0182, 0.0165))
    tube = oval(side, out, (wide, thick), 2.2)
    tube = smooth_max(tube, along - np.float32(0.022), 0.012)
    tube = smooth_max(tube, np.float32(STUB) - along, 0.006)
    ulna = ellipsoid(points, [-0.020, -0.0100, -0.0195], [0.0105, 0.0085, 0.0085])
    return smooth_min(tube, ulna, 0.012)
