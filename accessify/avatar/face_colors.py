"""Colour of the head's skin, lips and nostrils as shares of the skin's own, and where light hardly comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Field, bump, step
from accessify.avatar.head_chart import BORDER
from accessify.avatar.head_field import EYE, EYE_RADIUS, MOUTH, MOUTH_LINE, nostrils
from accessify.avatar.head_skin import Net
from accessify.avatar.mesh import Mesh, occlusion

Array = NDArray[np.float64]
Colors = NDArray[np.float32]

LIP = np.array([0.74, 0.42, 0.43])
_INNER_LIP = np.array([0.50, 0.20, 0.20])
_BLUSH = np.array([1.0, 0.83, 0.80])
_NOSTRIL = np.array([0.22, 0.12, 0.11])
_LIP_LINE = np.array([0.40, 0.19, 0.19])
_WATERLINE = np.array([0.86, 0.62, 0.60])


def skin_colors(net: Net) -> Colors:
    """Shape [n, 3], 0 to 1: warmer cheeks, nose and ears, lips, dark nostrils, the lids' edges."""
    x, y, z = net.points.T
    x = np.abs(x)
    front = step(z, 40, 75)
    warm = 0.75 * bump(x, 40, 13) * bump(y, -29, 12) * front
    warm = np.maximum(warm, 0.65 * bump(x, 0, 11) * bump(y, -34, 8) * front)
    warm = np.maximum(warm, 0.6 * step(x, 70, 80) * bump(y, -12, 28) * bump(z, -14, 22))
    warm = np.maximum(warm, 0.25 * bump(x, 0, 16) * bump(y, -92, 9) * front)
    colors = 1 - warm[:, None] * (1 - _BLUSH)
    shadow = 0.10 * bump(x, float(EYE[0]), 14) * bump(y, 9.5, 4.0) * front
    shadow = shadow + 0.03 * bump(x, float(EYE[0]) - 4, 12) * bump(y, -13, 4.0) * front
    shadow = shadow + _painted(x, y, z)
    colors = colors * (1 - shadow[:, None] * np.array([0.8, 1.0, 1.0]))
    hole = 1 - step(nostrils(net.points.astype(np.float32)), 0.0, 1.0)
    colors = colors + hole[:, None] * (_NOSTRIL - colors)
    for number, color in (
        (20, _LIP_LINE),
        (21, LIP),
        (22, LIP),
        (-2, _INNER_LIP),
        (-3, _INNER_LIP),
        (-1, _WATERLINE),
    ):
        on, share = net.loop == number, (1 - step(x, MOUTH - 3.5, MOUTH + 1.5) * (number >= 20))[:, None]
        colors[on] = (colors + share * (color - colors))[on]
    border = net.loop == 20 + BORDER
    colors[border] = (colors[border] + 2.0 * LIP) / 3.0
    colors[net.loop == 0] *= (0.88, 0.76, 0.74)
    return np.asarray(np.clip(colors, 0, 1), np.float32)


def _painted(x: Array, y: Array, z: Array) -> Array:
    """Shade that a soft light gives too little of to be read when small: beside the nose, around its wings,
    under the lower lip and in the corners of the mouth.
    """
    side = 0.10 * bump(x, 13, 4.0) * bump(y, -12, 13) * step(z, 78, 84)
    wing = 0.20 * bump(np.hypot(x - 9.6, 0.9 * (y + 36.5)), 8.6, 1.9) * step(x, 9, 14) * step(z, 80, 86)
    hollow = 0.16 * bump(x, 0, 12) * bump(y, -77.5, 2.8) * step(z, 70, 84)
    dip = 0.08 * bump(x, 0, 1.8) * bump(y, -50.5, 3.0) * step(z, 80, 90)
    corner = 0.22 * bump(x, MOUTH + 2.2, 2.4) * bump(y, MOUTH_LINE + 2.5, 2.6) * step(z, 60, 75)
    return np.asarray(side + wing + hollow + dip + corner, np.float64)


def skin_occlusion(net: Net, field: Field) -> NDArray[np.float32]:
    """Shape [n], 0 hidden to 1 open; the head is taken with its ears, hair as a soft edge of shade."""
    left = net.points * np.where(net.points[:, :1] < 0, [-1.0, 1, 1], [1.0, 1, 1])
    normals = net.normals * np.where(net.points[:, :1] < 0, [-1.0, 1, 1], [1.0, 1, 1])
    skin = Mesh(left.astype(np.float32), normals.astype(np.float32), net.triangles.astype(np.uint32))
    open_ = 1 - np.float32(0.85) * (1 - occlusion(field, skin, 12.0))
    open_[net.loop == -1] *= np.float32(0.8)
    open_[net.loop == -2] *= np.float32(0.6)
    open_[net.loop == -3] *= np.float32(0.35)
    return np.asarray(open_, np.float32)


def eye_occlusion(away: NDArray[np.float64], ball: int) -> NDArray[np.float32]:
    """Shape [n]: the lids' shade on an eye, for points about its middle; the first `ball` are the eyeball."""
    x, y = away[:, 0] / EYE_RADIUS, away[:, 1] / EYE_RADIUS
    shade = 1 - 0.46 * step(y, 0.14, 0.60) - 0.16 * step(np.abs(x), 0.55, 1.0) - 0.08 * step(-y, 0.25, 0.5)
    shade[ball:] = 1
    return np.asarray(np.clip(shade, 0.15, 1), np.float32)
