"""The figure's head, built once and coarsely, and what is seen of it from the front."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.head import HeadFrame, head_surfaces
from accessify.avatar.look import Look
from accessify.avatar.rig import figure_rig
from accessify.core.character import Surface

COARSE = 0.7

Array = NDArray[np.float64]


@cache
def coarse_head() -> tuple[Surface, ...]:
    return head_surfaces(figure_rig(), Look(), COARSE)


def head_points(surface: Surface, expressions: Mapping[str, float] | None = None) -> Array:
    """Vertices [n, 3] in the head's own millimetres, with `expressions` of some strength."""
    frame = HeadFrame.of(figure_rig())
    points = surface.positions.astype(np.float64)
    for morph in surface.morphs:
        strength = (expressions or {}).get(morph.name, 0.0)
        points[morph.vertices] += strength * morph.positions
    return (points - frame.origin) / frame.scale


def looked_at(places: Array, expressions: Mapping[str, float]) -> NDArray[np.str_]:
    """Name of the surface that is seen at each (x, y) [n, 2] from the front; empty where there is none."""
    nearest, names = np.full(len(places), -np.inf), np.full(len(places), "", "U16")
    for surface in coarse_head():
        depth = depths(places, surface, expressions)
        names[depth > nearest] = surface.name
        nearest = np.maximum(nearest, depth)
    return names


def depths(places: Array, surface: Surface, expressions: Mapping[str, float]) -> Array:
    """The front of a surface, z [n] in millimetres at (x, y) [n, 2]; -inf where it is not."""
    corners = head_points(surface, expressions)[surface.triangles]
    low, high = corners[..., :2].min(axis=1), corners[..., :2].max(axis=1)
    near = ((low <= places.max(axis=0)) & (high >= places.min(axis=0))).all(axis=1)
    near &= corners[..., 2].max(axis=1) > 0
    a, b, c = (corners[near, corner] for corner in range(3))
    found = np.full(len(places), -np.inf)
    area = _crossed(b - a, c - a)
    kept = np.abs(area) > 1e-9
    a, b, c, area = a[kept], b[kept], c[kept], area[kept]
    for number, place in enumerate(places):
        v = _crossed(place - a[:, :2], c - a) / area
        w = _crossed(b - a, place - a[:, :2]) / area
        inside = (v >= -1e-9) & (w >= -1e-9) & (v + w <= 1 + 1e-9)
        if inside.any():
            z = a[:, 2] + v * (b - a)[:, 2] + w * (c - a)[:, 2]
            found[number] = z[inside].max()
    return found


def _crossed(first: Array, second: Array) -> Array:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])


def front(name: str, expressions: Mapping[str, float]) -> tuple[Array, Array]:
    """(x, y) [n, 2] of the vertices of a surface, and how far each lies before the face, [n] millimetres."""
    surfaces = {surface.name: surface for surface in coarse_head()}
    points = head_points(surfaces[name], expressions)
    return points[:, :2], points[:, 2] - depths(points[:, :2], surfaces["face"], expressions)
