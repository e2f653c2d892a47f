"""The head spread out flat: half of its skin as a net of points with loops about eye and mouth.

A point of the chart is a ray from inside the head: (longitude from the front, in radians times `SPAN`;
latitude likewise). From the throat down the ray's start slides along the neck. Where the ray leaves the
distance field is the skin. Only the left half is made; the right one is its mirror image.

Loops follow the edges of lids and lips (the way faces that move are modelled everywhere), and between them a
Delaunay triangulation fills in points as dense as each place needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Field, Points, Values
from accessify.avatar.head_field import (
    BOTTOM,
    CORNERS,
    EYE,
    MOUTH,
    MOUTH_LINE,
    head_field,
    lid_edges,
    lip_borders,
    mouth_line,
)
from accessify.core.errors import MissingExtra

Flat = NDArray[np.float64]
"""Shape [n, 2]: points of the chart."""

SPAN = 95.0
"""Millimetres of the chart for a radian."""
_CENTER = np.array([0.0, -15.0, 0.0])
THROAT = np.radians(-58.0)
"""Latitude from which on rays start lower and lower down the neck."""
_SLIDE = 90.0
"""Millimetres of the chart from the throat to the end of the neck."""
_FAR = 175.0
_POLE = np.radians(84.0)
LOWEST = THROAT * SPAN - _SLIDE
HIGHEST = _POLE * SPAN
WIDEST = np.pi * SPAN


def rays(flat: Flat) -> tuple[Points, Points]:
    """Start and direction, both [n, 3], of the rays of chart points."""
    longitude, latitude = flat.T / SPAN
    slide = np.clip((THROAT - latitude) * SPAN / _SLIDE, 0, 1)
    latitude = np.maximum(latitude, THROAT) * (1 - slide * slide)
    start = np.tile(_CENTER, (len(flat), 1))
    start[:, 1] += slide * (BOTTOM - _CENTER[1])
    start[:, 2] -= slide * 22
    level = np.cos(latitude)
    way = np.stack([level * np.sin(longitude), np.sin(latitude), level * np.cos(longitude)], axis=-1)
    return start.astype(np.float32), way.astype(np.float32)


def on_skin(flat: Flat, field: Field = head_field) -> Points:
    """Where the rays of chart points leave the skin, [n, 3]."""
    start, way = rays(flat)
    return _met(field, start + way * np.float32(_FAR), -way)


def seen_from_front(across: Values, height: Values) -> Points:
    """The skin as seen straight from the front at (x, y), each [n]."""
    start = np.stack([across, height, np.full_like(across, 150)], axis=-1).astype(np.float32)
    return _met(head_field, start, np.broadcast_to(np.array([0, 0, -1], np.float32), start.shape))


def _met(field: Field, points: Points, way: Points) -> Points:
    """Sphere tracing (J. C. Hart, 1996) with shortened steps, for fields that claim too much."""
    points = points.copy()
    for _ in range(60):
        left = field(points)
        points += way * (np.float32(0.75) * np.maximum(left, -3))[:, None]
        if np.abs(left).max() < 2e-3:
            break
    return points


def chart_of(points: NDArray[np.floating]) -> Flat:
    """Chart points of places on the skin above the throat."""
    away = points.astype(np.float64) - _CENTER
    longitude = np.arctan2(away[:, 0], away[:, 2])
    latitude = np.arctan2(away[:, 1], np.hypot(away[:, 0], away[:, 2]))
    return np.stack([longitude, latitude], axis=-1) * SPAN


_LINE = (
    (0.0, 47.0),
    (25.0, 46.0),
    (48.0, 45.0),
    (66.0, 38.0),
    (76.0, 25.0),
    (83.0, 15.0),
    (90.0, 17.0),
    (98.0, 25.0),
    (108.0, 22.0),
    (120.0, -4.0),
    (135.0, -26.0),
    (155.0, -37.0),
    (180.0, -39.0),
)
"""(longitude from the front, latitude) in degrees of the hair's lower edge."""


def hairline(longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitude of the hair's lower edge, radians, for longitudes in radians."""
    line = np.radians(np.array(_LINE))
    away = np.abs((np.asarray(longitude) + np.pi) % (2 * np.pi) - np.pi)
    return np.asarray(np.interp(away, line[:, 0], line[:, 1]))


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Loops of points, the innermost first, as many in each."""

    points: NDArray[np.float32]
    """Shape [loops, n, 3], millimetres."""
    closed: bool
    """Whether the last point of a loop is followed by its first."""

    def triangles(self) -> NDArray[np.int64]:
        """Numbers into the points [loops * n], seen from outside counter-clockwise; loops run so too."""
        loops, count = self.points.shape[:2]
        number = np.arange(loops * count).reshape(loops, count)
        after = np.roll(number, -1, axis=1) if self.closed else number[:, 1:]
        here = number if self.closed else number[:, :-1]
        quads = [here[:-1], after[:-1], after[1:], here[1:]]
        a, b, c, d = (corner.reshape(-1) for corner in quads)
        return np.concatenate([np.stack([a, c, b], axis=-1), np.stack([a, d, c], axis=-1)])


EYE_LOOPS = 7
"""Loops of skin about an eye, its edge first."""


def eye_patch(count: int) -> Patch:
    """The left eye's lids: loops from the edge outwards, `count` points each, counter-clockwise."""
    turn = np.arange(count) / count * 2 * np.pi
    share = (1 - np.cos(turn)) / 2  # 0 outer corner … 1 inner corner
    upper = turn <= np.pi
    (inner, low), (outer, high) = CORNERS
    across = outer + (inner - outer) * share
    heights = np.where(upper, *lid_edges(across.astype(np.float32)))
    edge = np.stack([across, heights], axis=-1)
    edge[0], edge[count // 2] = (outer, high), (inner, low)
    center = np.array([0.2, 1.2])
    wide = np.stack([21.5 * np.cos(turn), 15.2 * np.sin(turn)], axis=-1)
    wide[:, 1] = np.where(upper, wide[:, 1] * 1.04, wide[:, 1])
    wide = _spread(wide) + center
    shares = np.array([0, 0.09, 0.22, 0.38, 0.56, 0.77, 1.0])[:, None, None]
    loops = edge + (wide - edge) * shares + EYE[:2]
    flat = loops.reshape(-1, 2).astype(np.float32)
    return Patch(seen_from_front(flat[:, 0], flat[:, 1]).reshape(EYE_LOOPS, count, 3), True)


def _spread(loop: Flat) -> Flat:
    """The same closed loop with its points evenly far from each other, the first where it is."""
    closed = np.vstack([loop, loop[:1]])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    even = np.linspace(0, length[-1], len(loop) + 1)[:-1]
    return np.stack([np.interp(even, length, closed[:, axis]) for axis in range(2)], axis=-1)


LIP_LOOPS = 8
"""Loops of skin about the mouth, the line between the lips first; number `BORDER` is the lips' border."""
BORDER = 3


def mouth_patch(count: int) -> Patch:
    """The left half of the mouth: loops from the line between the lips outwards.

    Each has 2 `count` + 1 points from the middle of the lower lip over the corner to that of the upper lip,
    counter-clockwise; of the innermost, lower and upper ones lie on the same line.
    """
    share = np.sin(np.linspace(0, np.pi / 2, count + 1)) ** 0.9
    along = np.concatenate([share, share[-2::-1]]) * MOUTH
    lower = np.arange(2 * count + 1) < count
    corner = np.arange(2 * count + 1) == count
    line = mouth_line(along.astype(np.float32))
    border = np.where(lower, *lip_borders(along.astype(np.float32))[::-1])
    angle = np.linspace(-np.pi / 2, np.pi / 2, 2 * count + 1)
    rim = np.stack(
        [37 * np.cos(angle), np.where(lower, 18.5, 14.5) * np.sin(angle) + MOUTH_LINE - 1], axis=-1
    )
    loops = []
    for part in (0.0, 0.3, 0.68, 1.0):
        x = along + np.where(corner, 1.0, along / MOUTH) * part * 1.6
        loops.append(np.stack([x, line + (border - line) * part], axis=-1))
    for part in (0.16, 0.40, 0.68, 1.0):
        loops.append(loops[3] + (rim - loops[3]) * part)
    flat = np.concatenate(loops).astype(np.float32)
    return Patch(seen_from_front(flat[:, 0], flat[:, 1]).reshape(LIP_LOOPS, -1, 3), False)


Spacing = Callable[[Flat], NDArray[np.float64]]


def fill(fixed: Flat, holes: list[Flat], spacing: Spacing) -> tuple[Flat, NDArray[np.int64]]:
    """The half chart triangulated: `fixed` points first, then new ones, none within the `holes`.

    Raises `MissingExtra` without SciPy, which scikit-image brings.
    """
    free = _scattered(fixed, holes, spacing)
    for _ in range(12):
        flat = np.vstack([fixed, free])
        triangles = _triangulated(flat, holes)
        edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        edges = np.concatenate([edges, edges[:, ::-1]])
        count = np.bincount(edges[:, 0], minlength=len(flat))
        middle = [np.bincount(edges[:, 0], flat[edges[:, 1], axis], len(flat)) for axis in range(2)]
        free = (np.stack(middle, axis=-1) / np.maximum(count, 1)[:, None])[len(fixed) :]
    flat = np.vstack([fixed, free])
    return flat, _triangulated(flat, holes)


def _scattered(fixed: Flat, holes: list[Flat], spacing: Spacing) -> Flat:
    """Points no nearer to each other and to `fixed` than `spacing`, fine places first."""
    candidates = []
    for step in (2.0, 2.8, 4.0, 5.6, 8.0, 11.0):
        x, y = np.meshgrid(np.arange(step / 2, WIDEST, step), np.arange(LOWEST, HIGHEST, step * 0.87))
        x[::2] += step / 2
        grid = np.stack([x.reshape(-1), y.reshape(-1)], axis=-1)
        need = spacing(grid)
        candidates.append(grid[(need >= step) & (need < step * 1.42)])
    points = np.vstack(candidates)
    inside = (points[:, 0] < WIDEST) & (points[:, 0] > 0) & (points[:, 1] > LOWEST) & (points[:, 1] < HIGHEST)
    for hole in holes:
        inside &= ~_within(points, hole)
    points = points[inside]
    need = spacing(points) * 0.86
    taken = np.vstack([fixed, np.full_like(points, 1e9)])
    kept, size = [], len(fixed)
    for point, least in zip(points, need, strict=True):
        away = taken[:size] - point
        if (np.einsum("ij,ij->i", away, away) > least * least).all():
            taken[size] = point
            size += 1
            kept.append(point)
    return np.array(kept)


def _triangulated(flat: Flat, holes: list[Flat]) -> NDArray[np.int64]:
    try:
        from scipy.spatial import Delaunay  # type: ignore[import-untyped]
    except ImportError as missing:
        raise MissingExtra("scipy", "avatar") from missing
    triangles = np.asarray(Delaunay(flat).simplices, np.int64)
    a, b, c = (flat[triangles[:, corner]] for corner in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    kept = np.abs(area) > 1e-6
    for hole in holes:
        kept &= ~_within((a + b + c) / 3, hole)
    return triangles[kept]


def _within(points: Flat, polygon: Flat) -> NDArray[np.bool_]:
    """Even-odd rule."""
    inside = np.zeros(len(points), np.bool_)
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crossing = (start[1] > points[:, 1]) != (end[1] > points[:, 1])
        if start[1] != end[1]:
            at = start[0] + (points[:, 1] - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
            inside ^= crossing & (points[:, 0] < at)
    return inside
