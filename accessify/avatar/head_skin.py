"""The skin of the head as one net: face, lids, lips with their inner sides, skull and neck, both halves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import slopes
from accessify.avatar.head_chart import (
    EYE_LOOPS,
    HIGHEST,
    LIP_LOOPS,
    LOWEST,
    SPAN,
    THROAT,
    WIDEST,
    Flat,
    chart_of,
    eye_patch,
    fill,
    hairline,
    mouth_patch,
    on_skin,
)
from accessify.avatar.head_field import EYE, EYE_RADIUS, head_field

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A mesh of the head with what its movement and colour are told by."""

    points: Array
    """Shape [n, 3], millimetres in the axes of `head_field`."""
    triangles: NDArray[np.int64]
    """Shape [m, 3], counter-clockwise as seen from outside."""
    normals: Array
    """Shape [n, 3], unit length."""
    anchors: Array
    """Shape [n, 3]: the place of the outer skin that each point moves with."""
    lip: NDArray[np.int8]
    """Shape [n]: 1 what belongs to the upper lip, -1 to the lower, 0 neither: they touch where the mouth
    is closed, and part when it opens."""
    loop: NDArray[np.int8]
    """Shape [n]: number of the loop about an eye (from 0) or the mouth (from 20) that a point is on, those
    inside the edge negative (-1 of an eye; -2, -3 of the mouth), else 100."""


FREE = 100
_MOUTH_LOOPS = 20


def head_skin(fineness: float = 1.0) -> Net:
    """The whole skin; `fineness` below 1 makes wider meshes."""
    eye = eye_patch(2 * round(17 * fineness))
    mouth = mouth_patch(max(6, round(12 * fineness)))
    fixed, holes = _fixed(eye.points[-1], mouth.points[-1], fineness)
    flat, triangles = fill(fixed, holes, lambda points: _spacing(points) / fineness)
    points = np.vstack([on_skin(flat.astype(np.float32)), eye.points[:-1].reshape(-1, 3)])
    points = np.vstack([points, mouth.points[:-1].reshape(-1, 3)]).astype(np.float64)
    n_eye, n_mouth = eye.points.shape[1], mouth.points.shape[1]
    points[:n_eye], points[n_eye : n_eye + n_mouth] = eye.points[-1], mouth.points[-1]
    loop = np.full(len(points), FREE, np.int8)
    eye_numbers = _numbers(EYE_LOOPS, n_eye, len(flat), 0)
    mouth_numbers = _numbers(LIP_LOOPS, n_mouth, len(flat) + (EYE_LOOPS - 1) * n_eye, n_eye)
    for numbers, start in ((eye_numbers, 0), (mouth_numbers, _MOUTH_LOOPS)):
        for ring, row in enumerate(numbers):
            loop[row] = start + ring
    lip = np.zeros(len(points), np.int8)
    lip[mouth_numbers[:, : n_mouth // 2]], lip[mouth_numbers[:, n_mouth // 2 + 1 :]] = -1, 1
    lip[mouth_numbers[4:]] = 0
    parts = [
        triangles,
        eye_numbers.reshape(-1)[eye.triangles()],
        mouth_numbers.reshape(-1)[mouth.triangles()],
    ]
    half = Net(points, np.vstack(parts), points, points, lip, loop)
    half = _with_eye_rim(half, eye_numbers[0])
    half = _with_inner_lips(half, mouth_numbers[0])
    return _finished(_doubled(_with_crown(half, flat)), fineness)


def _numbers(loops: int, count: int, start: int, outer: int) -> NDArray[np.int64]:
    """Numbers [loops, count] of a patch's points: the outer loop came first among the fixed ones."""
    inner = start + np.arange((loops - 1) * count).reshape(loops - 1, count)
    return np.vstack([inner, outer + np.arange(count)])


def _fixed(eye: Array, mouth: Array, fineness: float) -> tuple[Flat, list[Flat]]:
    """Outer loops of the patches, and the chart's own edge; then the holes that the patches fill."""
    around_eye, around_mouth = chart_of(eye), chart_of(mouth)
    around_mouth[[0, -1], 0] = 0
    above = _edge_points(around_mouth[-1, 1], HIGHEST, 0.0, fineness)
    below = _edge_points(around_mouth[0, 1], LOWEST, 0.0, fineness)
    back = _edge_points(LOWEST, HIGHEST, WIDEST, fineness)
    steps = max(6, round(WIDEST / 11 * fineness))
    across = np.linspace(0, WIDEST, steps + 1)[1:-1]
    bottom = np.stack([across, np.full_like(across, LOWEST)], axis=-1)
    across = np.linspace(0, WIDEST, max(5, steps // 3) + 1)[1:-1]
    top = np.stack([across, np.full_like(across, HIGHEST)], axis=-1)
    ends = np.array([[WIDEST, LOWEST]])
    fixed = np.vstack([around_eye, around_mouth, above[1:], below[1:], back[1:], ends, bottom, top])
    hole = np.vstack([around_mouth, [[-1.0, around_mouth[-1, 1]], [-1.0, around_mouth[0, 1]]]])
    return fixed, [around_eye, hole]


def _edge_points(start: float, end: float, across: float, fineness: float) -> Flat:
    """Points along a vertical line of the chart as dense as the net is there, both ends among them."""
    sign, at, found = np.sign(end - start), start, [start]
    while (end - at) * sign > 0:
        at += sign * float(_spacing(np.array([[across, at]]))[0]) / fineness
        found.append(at)
    heights = start + (np.array(found) - start) * (end - start) / (found[-1] - start)
    return np.stack([np.full_like(heights, across), heights], axis=-1)


_DENSE = (
    ((0.0, -36.0, 111.0), (19.0, 14.0), 2.25),
    ((0.0, -12.0, 98.0), (13.0, 20.0), 3.0),
    ((31.5, 1.0, 90.0), (24.0, 19.0), 3.3),
    ((0.0, -63.0, 100.0), (40.0, 18.0), 2.9),
    ((0.0, -96.0, 92.0), (26.0, 12.0), 4.6),
    ((30.0, 24.0, 86.0), (28.0, 10.0), 4.2),
)
"""Where on the face (millimetres), how far about it on the chart, and how dense."""


def _spacing(flat: Flat) -> Array:
    """Millimetres of the chart between neighbours."""
    least = np.where(np.abs(flat[:, 0]) > 140, 11.5, 8.0)
    least = np.where(np.abs(flat[:, 1] - THROAT * SPAN) < 17, 6.4, least)
    covered = flat[:, 1] / SPAN > hairline(flat[:, 0] / SPAN) + 0.16
    least = np.where(covered, 17.0, least)
    for place, size, dense in _DENSE:
        away = (flat - chart_of(np.array([place]))) / np.array(size)
        beyond = np.maximum(np.linalg.norm(away, axis=1) - 1, 0) * min(size)
        least = np.minimum(least, dense + 0.2 * beyond)
    return np.asarray(least)


def _with_eye_rim(net: Net, edge: NDArray[np.int64]) -> Net:
    """The thickness of the lids: from their edge in to the eyeball, and a little into it."""
    away = net.points[edge] - EYE
    distance = np.linalg.norm(away, axis=1, keepdims=True)
    inner = EYE + away / distance * (EYE_RADIUS - 0.35)
    return _with_ring(net, edge, inner, (-1, True))


def _with_inner_lips(net: Net, line: NDArray[np.int64]) -> Net:
    """The inner sides of the lips, back from the line where they meet."""
    up = np.sign(np.arange(len(line)) - len(line) // 2).astype(np.float64)
    taper = 1 - (net.points[line, 0] / net.points[line, 0].max()) ** 2
    first = net.points[line] + np.stack([0 * up, 0.5 * up * taper, np.full(len(line), -2.8)], axis=-1)
    net = _with_ring(net, line, first, (-2, False))
    added = np.arange(len(net.points) - len(line), len(net.points))
    second = first + np.stack([0 * up, 3.0 * up * taper, np.full(len(line), -4.5)], axis=-1)
    return _with_ring(net, added, second, (-3, False))


def _with_ring(net: Net, edge: NDArray[np.int64], inner: Array, kind: tuple[int, bool]) -> Net:
    """One more loop inside `edge`, sewn to it; `kind` is its number and whether it is closed."""
    number, closed = kind
    added = np.arange(len(net.points), len(net.points) + len(edge))
    here, there = (edge, np.roll(edge, -1)) if closed else (edge[:-1], edge[1:])
    new, after = (added, np.roll(added, -1)) if closed else (added[:-1], added[1:])
    sewn = np.vstack([np.stack([new, there, after], axis=-1), np.stack([new, here, there], axis=-1)])
    points = np.vstack([net.points, inner])
    return Net(
        points,
        np.vstack([net.triangles, sewn]),
        points,
        np.vstack([net.anchors, net.anchors[edge]]),
        np.concatenate([net.lip, net.lip[edge]]),
        np.concatenate([net.loop, np.full(len(edge), number, np.int8)]),
    )


def _with_crown(net: Net, flat: Flat) -> Net:
    """The top closed by a fan; hair lies over it."""
    top = np.flatnonzero(np.abs(flat[:, 1] - HIGHEST) < 1e-6)
    top = top[np.argsort(flat[top, 0])]
    crown = on_skin(np.array([[0.0, np.pi / 2 * 95.0]], np.float32)).astype(np.float64)
    fan = np.stack([top[:-1], top[1:], np.full(len(top) - 1, len(net.points))], axis=-1)
    points = np.vstack([net.points, crown])
    return Net(
        points,
        np.vstack([net.triangles, fan]),
        points,
        np.vstack([net.anchors, crown]),
        np.append(net.lip, np.int8(0)),
        np.append(net.loop, np.int8(FREE)),
    )


def _doubled(half: Net) -> Net:
    """The left half and its mirror image, sharing the points on the middle."""
    middle = np.abs(half.points[:, 0]) < 1e-3
    points = half.points.copy()
    points[middle, 0] = 0
    anchors = half.anchors.copy()
    anchors[middle, 0] = 0
    anchors = np.vstack([anchors, anchors[~middle] * np.array([-1.0, 1, 1])])
    renamed = np.arange(len(points))
    renamed[~middle] = len(points) + np.arange((~middle).sum())
    other = points[~middle] * np.array([-1.0, 1, 1])
    points = np.vstack([points, other])
    triangles = np.vstack([half.triangles, renamed[half.triangles[:, ::-1]]])
    a, b, c = triangles.T
    triangles = triangles[(a != b) & (b != c) & (c != a)]
    lip = np.concatenate([half.lip, half.lip[~middle]])
    return Net(points, triangles, points, anchors, lip, np.concatenate([half.loop, half.loop[~middle]]))


def _finished(net: Net, fineness: float) -> Net:
    """Normals from the field, which knows more than the net; inside lids and lips from the net."""
    left = np.abs(net.points[:, :1]) * [1, 0, 0] + net.points * [0, 1, 1]
    normals = slopes(head_field, left.astype(np.float32), 0.6 / min(1.0, fineness)).astype(np.float64)
    normals[:, 0] *= np.sign(net.points[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    inside = (net.loop <= 0) | (net.loop == _MOUTH_LOOPS)
    normals[inside] = net_normals(net.points, net.triangles)[inside]
    return Net(net.points, net.triangles, normals, net.anchors, net.lip, net.loop)


def net_normals(points: Array, triangles: NDArray[np.int64]) -> Array:
    """Shape [n, 3]: means of the triangles' normals around each point, by their area."""
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, corner], faces[:, axis], len(points))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(length, 1e-12))
