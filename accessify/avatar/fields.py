"""Distance fields: how far points are from a shape's skin, negative inside.

Points are float32 [n, 3] in metres, distances float32 [n]. Formulas: I. Quilez, "3D SDFs" and "Smooth
minimum", https://iquilezles.org/articles/distfunctions and /smin (public articles; code here is our own).
Where a formula is no exact distance it says so; all are exact to first order near the skin, which is what
meshing, normals and weights read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float32]
Values = NDArray[np.float32]
Field = Callable[[Points], Values]

CHUNK = 1 << 16
"""Points that are worked on at once: the arrays in between stay in the processor's cache."""
_TINY = np.float32(1e-9)


def round_cone(points: Points, start: ArrayLike, end: ArrayLike, radii: tuple[float, float]) -> Values:
    """Two balls of `radii` at `start` and `end` and the tangent cone between them; exact.

    Neither ball may hold the other.
    """
    first, last = np.asarray(start, np.float32), np.asarray(end, np.float32)
    axis = last - first
    length = np.float32(np.linalg.norm(axis))
    slope = np.float32((radii[0] - radii[1]) / length)
    cosine = np.sqrt(1 - slope * slope)
    offset = points - first
    along = offset @ (axis / length)
    across = np.sqrt(np.maximum(np.einsum("ij,ij->i", offset, offset) - along * along, 0))
    part = cosine * along - slope * across
    side = cosine * across + slope * along - np.float32(radii[0])
    near = np.hypot(across, along) - np.float32(radii[0])
    far = np.hypot(across, along - length) - np.float32(radii[1])
    return np.asarray(np.where(part < 0, near, np.where(part > cosine * length, far, side)), np.float32)


def ellipsoid(
    points: Points, center: ArrayLike, radii: ArrayLike, axes: NDArray[np.floating] | None = None
) -> Values:
    """An ellipsoid; a bound away from the skin. `axes` [3, 3] has its own axes as rows, else the world's."""
    offset = points - np.asarray(center, np.float32)
    if axes is not None:
        offset = offset @ axes.T.astype(np.float32)
    size = np.asarray(radii, np.float32)
    scaled = offset / size
    outer = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    scaled /= size
    steep = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    return np.asarray(outer * (outer - 1) / np.maximum(steep, _TINY), np.float32)


def oval(across: Values, out: Values, halves: tuple[Values, Values], power: float = 2.0) -> Values:
    """The section of a tube: a superellipse |across / a|^power + |out / b|^power = 1 with half sides a, b.

    To first order: the value over its slope; with half sides that change along the tube, how they change
    must be small.
    """
    a, b = (np.maximum(half, np.float32(1e-4)) for half in halves)
    u, v = np.abs(across) / a, np.abs(out) / b
    level = (u**power + v**power + _TINY) ** np.float32(1 / power)
    u, v = u / level, v / level
    slope = np.hypot(u ** (power - 1) / a, v ** (power - 1) / b)
    return np.asarray((level - 1) / np.maximum(slope, _TINY), np.float32)


def smooth_min(first: Values, second: Values, width: float) -> Values:
    """Both shapes joined; within `width` of each other their seam is filled, by a quarter of it at most."""
    overlap = np.maximum(width - np.abs(first - second), 0)
    return np.asarray(np.minimum(first, second) - overlap * overlap * np.float32(0.25 / width), np.float32)


def smooth_max(first: Values, second: Values, width: float) -> Values:
    """What both shapes share, its edge rounded; `smooth_max(a, -b, width)` takes b out of a."""
    overlap = np.maximum(width - np.abs(first - second), 0)
    return np.asarray(np.maximum(first, second) + overlap * overlap * np.float32(0.25 / width), np.float32)


def joined(shapes: Sequence[Values], width: float) -> Values:
    """All of `shapes` by `smooth_min`, one after the other."""
    whole = shapes[0]
    for shape in shapes[1:]:
        whole = smooth_min(whole, shape, width)
    return whole


def step(values: NDArray[np.floating], start: float, end: float) -> Values:
    """0 up to `start`, 1 from `end`, between them the smoothstep 3t² - 2t³."""
    share = np.clip((values - np.float32(start)) / np.float32(end - start), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def bump(values: NDArray[np.floating], center: float, width: float) -> Values:
    """1 at `center`, falling to 0.61 at `width` from it: exp(-x²/2)."""
    scaled = (values - np.float32(center)) / np.float32(width)
    return np.asarray(np.exp(np.float32(-0.5) * scaled * scaled), np.float32)


def curve(values: NDArray[np.floating], knots: Sequence[float], heights: Sequence[float]) -> Values:
    """A smooth curve through `heights` at `knots` (rising), level beyond them.

    Cubic Hermite pieces with the slopes of parabolas through three neighbours (Catmull-Rom for uneven
    knots), level at both ends.
    """
    x, y = np.asarray(knots, np.float32), np.asarray(heights, np.float32)
    gaps = np.diff(x)
    steep = np.diff(y) / gaps
    rise = np.zeros_like(x)
    rise[1:-1] = (steep[:-1] * gaps[1:] + steep[1:] * gaps[:-1]) / (gaps[1:] + gaps[:-1])
    piece = np.clip(np.searchsorted(x, values, side="right") - 1, 0, len(gaps) - 1)
    t = np.clip((values - x[piece]) / gaps[piece], 0, 1)
    back = 1 - t
    start = (1 + 2 * t) * back * back * y[piece] + t * back * back * gaps[piece] * rise[piece]
    end = t * t * (3 - 2 * t) * y[piece + 1] - t * t * back * gaps[piece] * rise[piece + 1]
    return np.asarray(start + end, np.float32)


def in_chunks(field: Field, points: Points) -> Values:
    """`field` of many points, `CHUNK` at a time."""
    found = np.empty(len(points), np.float32)
    for start in range(0, len(points), CHUNK):
        place = slice(start, start + CHUNK)
        found[place] = field(points[place])
    return found


def slopes(field: Field, points: Points, reach: float) -> NDArray[np.float32]:
    """Shape [n, 3]: which way the field rises and how steeply, from four points of a tetrahedron around
    each (I. Quilez, "Normals for an SDF"), `reach` metres away.
    """
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    total = np.zeros_like(points)
    for corner in corners:
        total += corner * in_chunks(field, points + np.float32(reach) * corner)[:, None]
    return np.asarray(total / np.float32(4 * reach), np.float32)
