"""The ears: rim, inner fold, bowl, lobe and the flap before the bowl, growing out of the head's own field."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Points, Values, ellipsoid, joined, round_cone, smooth_max, smooth_min
from accessify.avatar.head_field import head_field
from accessify.avatar.mesh import Mesh, mesh

ROOT = np.array([67.0, -14.0, -9.0])
"""Where the left ear's middle meets the head, millimetres in the axes of `head_field`."""
_BACK = np.array([0.46, 0.0, -0.88])
_UP = np.array([0.10, 0.985, -0.14])
_SIZE = 1.14
_SINK = 0.1
"""Millimetres: the ear's skin ends so far inside the head's."""


Line = tuple[tuple[int, int], ...]


def _axes() -> NDArray[np.float64]:
    """Rows: backwards, up, outwards of the left ear's plane, which leans away from the head."""
    back = _BACK / np.linalg.norm(_BACK)
    up = _UP - back * (back @ _UP)
    up /= np.linalg.norm(up)
    return np.stack([back, up, np.cross(up, back) * -1])


_RIM = ((-7, 3), (-10, 15), (-5, 26), (5, 30), (14, 26), (18, 15), (17, 2), (12, -10), (6, -19))
"""(backwards, up) in millimetres of the rim's line, from the bowl over the top to the lobe."""
_FOLD = ((6, 21), (10, 12), (9, 0), (5, -9), (-1, -13))


def ear_field(points: Points) -> Values:
    """The left ear by itself."""
    p = (points - ROOT.astype(np.float32)) @ (_axes().T / _SIZE).astype(np.float32)
    plate = ellipsoid(p, [3, 5, 1.5], [15.5, 26, 4.2])
    plate = smooth_min(plate, ellipsoid(p, [1, -22, 2.2], [8.5, 9.5, 4.0]), 8.0)
    bowl = ellipsoid(p, [-2.5, -1, 7.5], [8.5, 12, 7.5])
    hollow = ellipsoid(p, [5, 21, 7.0], [8.0, 6.0, 4.6])
    plate = smooth_max(smooth_max(plate, -bowl, 3.0), -hollow, 3.0)
    rim = _tube(p, _RIM, (2.8, 3.4, 2.4), 3.6)
    fold = _tube(p, _FOLD, (2.2, 2.5, 2.0), 3.0)
    flap = ellipsoid(p, [-11.5, -3, 3.5], [3.4, 6.0, 4.0])
    base = round_cone(p, [-3, 12, -9], [-3, -16, -8], (10, 7))
    return np.float32(_SIZE) * joined([smooth_min(plate, base, 10.0), fold, rim, flap], 3.0)


def _tube(p: Points, line: Line, radii: tuple[float, float, float], out: float) -> Values:
    """A round cord along `line`, `radii` at its start, middle and end, `out` millimetres from the plate."""
    thick = np.interp(np.linspace(0, 1, len(line)), (0, 0.5, 1), radii)
    parts = [
        round_cone(p, [*a, out], [*b, out], (float(first), float(last)))
        for (a, b), (first, last) in zip(itertools.pairwise(line), itertools.pairwise(thick), strict=True)
    ]
    return joined(parts, 1.5)


def grown(points: Points) -> Values:
    return smooth_min(head_field(points), ear_field(points), 5.0)


def left_ear(cell: float) -> Mesh:
    """What the left ear adds to the head's skin, in millimetres; its edge is a hair inside that skin."""
    low, high = ROOT + np.array([-24, -66, -48]), ROOT + np.array([38, 62, 42])
    whole = mesh(_near_ear, low, high, cell)
    head = head_field(whole.positions)
    kept = head > 0.05
    triangles = whole.triangles[kept[whole.triangles].any(axis=1)]
    used, renamed = np.unique(triangles, return_inverse=True)
    positions = whole.positions[used].copy()
    edge = head[used] <= 0.05
    positions[edge] -= whole.normals[used][edge] * np.float32(_SINK)
    return Mesh(positions, whole.normals[used], renamed.reshape(-1, 3).astype(np.uint32))


def _near_ear(points: Points) -> Values:
    """The head with its ear, cut off some way around it so that the piece is closed."""
    around = ellipsoid(points, ROOT + np.array([2, 3, -4]), [34, 58, 40])
    return np.maximum(grown(points), around)
