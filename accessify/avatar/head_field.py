"""The shape of our figure's head as a distance field, eyes and mouth closed, without ears.

Points are float32 [n, 3] in millimetres from the middle of the head at the height of the eyes: +x the
figure's left, +y up, +z front. Distances are millimetres, exact to first order near the skin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import (
    Points,
    Values,
    bump,
    curve,
    ellipsoid,
    oval,
    round_cone,
    smooth_max,
    step,
)
from accessify.avatar.fields import smooth_min as joined_by

EYE = np.array([31.5, 0.0, 76.0], np.float32)
"""The middle of the left eyeball."""
EYE_RADIUS = 14.3
LID_RADIUS = 16.0
"""Of the outer side of the lids, about the eyeball's middle."""
CORNERS = ((-16.0, -2.0), (16.2, 1.5))
"""Inner and outer corner of the left eye, from its middle, as seen from the front."""
MOUTH = 25.0
"""From the middle to a corner of the mouth."""
MOUTH_LINE = -62.0
"""Height of the line between the lips."""
JAW_JOINT = np.array([0.0, -28.0, 8.0], np.float32)
"""Middle between the joints that the jaw turns about."""
TOP, BOTTOM = 112.0, -216.0
"""Heights of the crown and of the end of the neck, which is inside the collar."""


def head_field(points: Points) -> Values:
    """Distance to the skin of head and neck."""
    p = points.copy()
    p[:, 0] = np.abs(p[:, 0])
    whole = joined_by(_skull(p), _face(p), 14.0)
    whole = joined_by(whole, _neck(p), 24.0)
    whole = _masses(p, whole)
    whole = _nose(p, whole)
    whole = _eye(p, whole)
    return _lips(p, whole)


def _skull(p: Points) -> Values:
    cranium = ellipsoid(p, [0, 26, -11], [73.5, 85, 88])
    forehead = ellipsoid(p, [0, 36, 6], [65, 62, 83])
    return joined_by(cranium, forehead, 16.0)


_HEIGHTS = (-106.0, -95.0, -80.0, -62.0, -42.0, -20.0, 0.0, 25.0, 45.0)
_WIDTHS = (29.0, 37.5, 46.5, 54.5, 63.5, 67.5, 68.0, 62.0, 52.0)
_MIDDLES = (46.0, 40.0, 28.0, 14.0, 6.0, 4.0, 4.0, 4.0, 4.0)
_FRONTS = (86.0, 90.5, 91.0, 93.0, 90.0, 86.0, 84.0, 85.0, 78.0)


def _face(p: Points) -> Values:
    """From the jaw to the brow: sections whose width, middle and front follow curves along the height."""
    x, y, z = p.T
    middle = curve(y, _HEIGHTS, _MIDDLES)
    front = curve(y, _HEIGHTS, _FRONTS) - middle
    depth = np.where(z > middle, front, np.float32(58.0))
    section = oval(x, z - middle, (curve(y, _HEIGHTS, _WIDTHS), depth), 2.35)
    under = (-y - 106 - (z - 88) * np.float32(0.36)) * np.float32(0.94)
    section = smooth_max(section, under, 20.0)
    return smooth_max(section, y - 52, 30.0)


def _neck(p: Points) -> Values:
    upper = round_cone(p, [0, -70, -19], [0, -145, -21], (42.5, 45.0))
    lower = round_cone(p, [0, -145, -21], [0, -225, -22], (45.0, 52.5))
    return joined_by(upper, lower, 20.0)


def _masses(p: Points, whole: Values) -> Values:
    """Brow ridge, cheekbones, cheeks, chin, and the round of the teeth."""
    whole = joined_by(whole, round_cone(p, [0, 19, 84], [36, 23, 74.5], (7, 8)), 24.0)
    whole = joined_by(whole, ellipsoid(p, [41, -21, 60], [22, 17, 21]), 20.0)
    whole = joined_by(whole, ellipsoid(p, [33, -43, 58], [22, 24, 24.5]), 22.0)
    whole = joined_by(whole, ellipsoid(p, [38, -48, 26], [14.5, 24, 27]), 22.0)
    whole = joined_by(whole, ellipsoid(p, [0, -60, 70], [30, 22, 27]), 16.0)
    return joined_by(whole, ellipsoid(p, [0, -92, 79], [21, 13, 15]), 18.0)


def _nose(p: Points, whole: Values) -> Values:
    bridge = round_cone(p, [0, 5, 82.5], [0, -26, 99], (7.0, 8.8))
    tip = ellipsoid(p, [0, -32.5, 103.5], [10.2, 9.4, 10.6])
    wing = ellipsoid(p, [9.6, -36.5, 94.5], [6.3, 6.8, 10.0])
    strut = round_cone(p, [0, -39.5, 104], [0, -45.5, 92.5], (3.8, 4.6))
    whole = joined_by(whole, bridge, 17.0)
    whole = joined_by(whole, tip, 9.0)
    whole = joined_by(whole, wing, 10.0)
    whole = joined_by(whole, strut, 5.0)
    return smooth_max(whole, -nostrils(p), 3.0)


def nostrils(points: Points) -> Values:
    """Distance to the hollows under the wings of the nose."""
    p = np.abs(points * np.array([1, 0, 0], np.float32)) + points * np.array([0, 1, 1], np.float32)
    return ellipsoid(p, [5.8, -44.4, 100.5], [2.9, 3.2, 4.6])


def _eye(p: Points, whole: Values) -> Values:
    """The socket, and the lids over the eyeball with the fold of the upper one."""
    socket = ellipsoid(p, EYE + np.array([-1, 1.5, 19], np.float32), [20, 13.5, 13.5])
    whole = smooth_max(whole, -socket, 14.0)
    lids = np.sqrt(((p - EYE) ** 2).sum(axis=1)) - np.float32(LID_RADIUS)
    whole = joined_by(whole, lids, 11.0)
    away = p - EYE
    across = np.clip(away[:, 0] / 17, -1, 1)
    fold = 13.6 - 7.0 * across * across
    near = step(away[:, 2], 0, 6) * (1 - step(np.abs(away[:, 0]), 12, 19))
    return whole + np.float32(0.9) * near * bump(away[:, 1] - fold, 0, 1.1)


def lid_edges(across: NDArray[np.floating]) -> tuple[Values, Values]:
    """Heights of the edges of the open upper and lower lid, from the eyeball's middle, seen from the front.

    `across` is millimetres from the left eye's middle, outwards; at and beyond the corners both meet.
    """
    (inner, low), (outer, high) = CORNERS
    share = np.clip((across - np.float32(inner)) / np.float32(outer - inner), 0, 1)
    line = low + (high - low) * share
    upper = _arch(share**0.86) ** 0.72
    lower = _arch(share**1.12) ** 0.82
    return np.asarray(line + 7.2 * upper, np.float32), np.asarray(line - 6.1 * lower, np.float32)


def _arch(share: NDArray[np.floating]) -> Values:
    return np.asarray(np.maximum(np.sin(np.pi * share), 0), np.float32)


def mouth_line(across: NDArray[np.floating]) -> Values:
    """Height of the line between the lips at `across` from the middle: a soft bow, corners a little up."""
    share = np.clip(np.abs(across) / MOUTH, 0, 1.6)
    bow = 0.6 * bump(share, 0.45, 0.25) - 0.6 * bump(share, 0, 0.26)
    return np.asarray(MOUTH_LINE + bow + 2.9 * share**2.6, np.float32)


def lip_borders(across: NDArray[np.floating]) -> tuple[Values, Values]:
    """Heights of the upper border of the upper lip and the lower border of the lower lip."""
    share = np.clip(np.abs(across) / MOUTH, 0, 1)
    line = mouth_line(across)
    taper = np.sqrt(np.maximum(1 - share**2.4, 0))
    upper = 7.8 * taper * (1 - 0.16 * bump(share, 0, 0.10)) * (1 - 0.22 * share)
    return np.asarray(line + upper, np.float32), np.asarray(
        line - 9.4 * np.maximum(1 - share**3.2, 0) ** 0.6, np.float32
    )


def _lips(p: Points, whole: Values) -> Values:
    """Lips, the groove between them, the dip above the upper and the hollow below the lower one."""
    x, y, z = p.T
    line = mouth_line(x)
    upper, lower = lip_borders(x)
    share = np.clip(x / MOUTH, 0, 1)
    near = step(z, 55, 75) * (1 - share**2.5)
    above = (y - line) / np.maximum(upper - line, 0.6)
    below = (line - y) / np.maximum(line - lower, 0.6)
    full = np.where(y > line, 3.7 * _bulge(above), 4.3 * _bulge(below))
    whole = whole - near * np.float32(full)
    whole = whole + step(z, 55, 75) * 1.1 * bump(y - line, 0, 1.2) * (1 - step(x, MOUTH, MOUTH + 5))
    dip = bump(x, 0, 2.3) * bump(y, -50.3, 3.2)
    hollow = bump(x, 0, 12) * bump(y, -78.0, 3.6)
    corner = bump(x, MOUTH + 1.5, 3.0) * bump(y, MOUTH_LINE + 0.8, 3.5)
    front = step(z, 50, 70)
    return whole + front * np.float32(0.9 * dip + 1.6 * hollow + 1.1 * corner)


def _bulge(share: Values) -> Values:
    """How far a lip stands out, from the line between the lips (0) over its border (1) to beyond."""
    rise = np.sqrt(np.clip(share / 0.42, 0, 1)) * np.float32(0.75) + np.float32(0.25)
    return np.asarray(rise * (1 - np.float32(0.86) * step(share, 0.35, 1.15)) * (1 - step(share, 1.0, 2.2)))
