"""Colours of a hand's skin, vertex by vertex: palm, nails, creases, and where blood shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Points, Values, bump, step
from accessify.avatar.hands import fingers, palm_lines, thumb
from accessify.core.character import Color

_ROSY = np.array([0.62, 0.35, 0.26], np.float32)
"""Skin without pigment, linear: what palms of every skin tend to."""
_NAIL = np.array([0.88, 0.56, 0.50], np.float32)
_CREASE = np.array([0.30, 0.40, 0.43], np.float32)
"""How much of red, green, blue the deepest crease takes away."""
_FLUSH = np.array([0.03, 0.12, 0.14], np.float32)
"""The same where blood shows: finger tips, knuckles, the balls of the hand."""


def hand_colors(positions: Points, normals: Points, skin: Color) -> NDArray[np.float32]:
    """Shape [n, 3], linear: colours of the skin of a hand as meshed, in the hand's axes.

    Palms are lighter than the back of the hand, the more so the darker the skin (they hardly have pigment).
    """
    base = np.array(skin, np.float32)
    colors = np.tile(base, (len(positions), 1))
    lightness = float(base @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    share = np.clip(0.58 - 1.25 * lightness, 0.05, 0.5)
    on_hand = step(positions[:, 0], -0.020, 0.012)
    colors += _inside(positions, normals)[:, None] * on_hand[:, None] * np.float32(share) * (_ROSY - base)
    colors *= 1 - _FLUSH * _flush(positions)[:, None]
    colors *= 1 - _CREASE * _creases(positions)[:, None]
    nail = np.maximum.reduce([finger.nail(positions) for finger in (thumb(), *fingers())])
    plate = base + np.float32(0.30 + 0.32 * min(1.0, lightness / 0.4)) * (_NAIL - base)
    return np.asarray(colors + nail[:, None] * (plate - colors), np.float32)


def hand_marks(positions: Points) -> Values:
    """Shape [n], 0 to 1: what is drawn finely on a hand, nails and creases."""
    nail = np.maximum.reduce([finger.nail(positions) for finger in (thumb(), *fingers())])
    return np.asarray(np.maximum(nail, np.float32(0.5) * _creases(positions)), np.float32)


def _inside(positions: Points, normals: Points) -> Values:
    """1 in the palm and on the pads' side of fingers and thumb, 0 on their backs."""
    facing = normals[:, 1]
    along, _, _ = thumb().coordinates(positions)
    of_thumb = step(thumb().distance(positions) * np.float32(-1), -0.004, -0.001) * step(along, -0.010, 0.010)
    turned = normals @ (-thumb().back).astype(np.float32)
    return step(facing + of_thumb * (turned - facing), -0.25, 0.40)


def _creases(positions: Points) -> Values:
    lines = [finger.creases(positions) for finger in (thumb(), *fingers())]
    return np.asarray(np.maximum.reduce([*lines, np.float32(0.75) * palm_lines(positions)]), np.float32)


def _flush(positions: Points) -> Values:
    """0 to 1: finger tips, backs of knuckles and middle joints, the balls of thumb and little finger."""
    red = bump(positions[:, 0], 0.045, 0.022) * step(np.abs(positions[:, 2]), 0.012, 0.034) * np.float32(0.6)
    for finger in (thumb(), *fingers()):
        along, back, side = finger.coordinates(positions)
        near = 1 - step(np.hypot(back, side), 1.3 * finger.radii[0], 1.7 * finger.radii[0])
        tip = step(along, finger.length - 0.020, finger.length - 0.004)
        joints = np.float32(0.7) * np.maximum(bump(along, 0.0, 0.008), bump(along, finger.joints[0], 0.007))
        red = np.maximum(red, near * np.maximum(tip, joints * step(back, 0.0, 0.006)))
    return np.asarray(red, np.float32)
