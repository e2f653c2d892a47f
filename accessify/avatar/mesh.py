"""A mesh of a distance field: marching cubes, then every vertex put on the skin and neighbours evened out.

Marching cubes: W. Lorensen, H. Cline, 1987, in scikit-image's version by T. Lewiner et al., 2003. Corners
that the skin nearly touches take the vertices around them (S. Raman, R. Wenger, "Quality isosurface mesh
generation using an extended marching cubes lookup table", 2008): fewer triangles and no slivers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Field, Points, Values, in_chunks, slopes
from accessify.core.errors import MissingExtra

_BLOCK = 8
"""Cells of one side of a block; a block that the skin cannot reach is not looked into."""
_SNAP = 0.28
"""Share of a cell within which a vertex moves to the grid's corner."""
_BOUND = 1.6
"""Fields may claim so many times the distance that there is (ellipsoids do), and are trusted so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A closed skin."""

    positions: NDArray[np.float32]
    """Shape [vertices, 3], metres."""
    normals: NDArray[np.float32]
    """Shape [vertices, 3], unit length."""
    triangles: NDArray[np.uint32]
    """Shape [triangles, 3], counter-clockwise as seen from outside."""


def mesh(field: Field, low: NDArray[np.floating], high: NDArray[np.floating], cell: float) -> Mesh:
    """The skin of `field` within the box from `low` to `high`, both [3], in cells of `cell` metres.

    The shape must lie inside the box. Raises `ValueError` where there is no skin in it and `MissingExtra`
    without scikit-image.
    """
    grid = _sampled(field, np.asarray(low, np.float64), np.asarray(high, np.float64), cell)
    if not grid.min() < 0 < grid.max():
        raise ValueError("there is no skin in the box: it must hold the whole shape")
    corners, triangles = _marched(grid)
    positions = (corners * cell + np.asarray(low)).astype(np.float32)
    return fitted(field, Mesh(positions, np.zeros_like(positions), triangles), cell)


def fitted(field: Field, skin: Mesh, cell: float, rounds: int = 3) -> Mesh:
    """`skin` with its vertices on the field's skin, at most some `cell` metres away, spread evenly, and with
    the field's normals.
    """
    positions = _on_skin(field, skin.positions, cell)
    for _ in range(rounds):
        positions = _evened(positions, slopes(field, positions, cell / 16), skin.triangles)
        positions = _on_skin(field, positions, cell)
    return Mesh(positions, _unit(slopes(field, positions, cell / 16)), skin.triangles)


def edges_of(triangles: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All edges [edges, 2], the smaller vertex first, and of how many triangles each is."""
    both = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]).astype(np.int64)
    count = int(both.max(initial=0)) + 1
    keys, times = np.unique(both.min(axis=1) * count + both.max(axis=1), return_counts=True)
    return np.stack([keys // count, keys % count], axis=1), times


def mirrored(right: Mesh) -> Mesh:
    """The same skin on the other side of x = 0."""
    flip = np.array([-1, 1, 1], np.float32)
    return Mesh(right.positions * flip, right.normals * flip, right.triangles[:, ::-1].copy())


def occlusion(field: Field, skin: Mesh, reach: float) -> Values:
    """Shape [vertices], 0 hidden to 1 open: how much room there is before each vertex within `reach` metres.

    Five steps along the normal, each compared with the distance that the field leaves there (A. Evans,
    "Fast approximations for global illumination on dynamic scenes", SIGGRAPH 2006).
    """
    open_ = np.ones(len(skin.positions), np.float32)
    for number in range(1, 6):
        height = np.float32(reach * (number / 5) ** 2)
        room = in_chunks(field, skin.positions + skin.normals * height)
        open_ -= np.float32(0.55 * 0.72**number) * np.clip((height - room) / height, 0, 1)
    return np.clip(open_, 0, 1)


def _sampled(field: Field, low: NDArray[np.float64], high: NDArray[np.float64], cell: float) -> Values:
    """The field at the corners of the grid, true near the skin; elsewhere only its sign is."""
    blocks = np.maximum(np.ceil((high - low) / (cell * _BLOCK)).astype(int), 1)
    side = cell * _BLOCK
    middles = np.stack(np.meshgrid(*(np.arange(n) + 0.5 for n in blocks), indexing="ij"), axis=-1)
    centers = (middles.reshape(-1, 3) * side + low).astype(np.float32)
    rough = in_chunks(field, centers)
    grid = np.repeat(np.repeat(np.repeat(rough.reshape(blocks), _BLOCK, 0), _BLOCK, 1), _BLOCK, 2)
    grid = np.pad(grid, ((0, 1), (0, 1), (0, 1)), mode="edge")
    near = np.flatnonzero(np.abs(rough) < side * np.sqrt(3) / 2 * _BOUND)
    ticks = np.arange(_BLOCK + 1)
    inner = np.stack(np.meshgrid(ticks, ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    starts = np.stack(np.unravel_index(near, blocks), axis=-1) * _BLOCK
    for some in np.array_split(starts, max(1, len(starts) // 64)):
        places = some[:, None] + inner
        values = in_chunks(field, (places.reshape(-1, 3) * cell + low).astype(np.float32))
        grid[tuple(places.reshape(-1, 3).T)] = values
    return grid


def _marched(grid: Values) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """Vertices in cells and triangles, those near a corner of the grid merged in it.

    Where the skin passes a corner on two sides, as between two fingers, merging would join both: there
    vertices stay where they are.
    """
    try:
        from skimage.measure import marching_cubes
    except ImportError as missing:
        raise MissingExtra("scikit-image", "avatar") from missing
    vertices, triangles, _, _ = marching_cubes(grid, 0.0)  # type: ignore[no-untyped-call]
    vertices = vertices.astype(np.float64)
    corner = np.rint(vertices)
    snaps = np.abs(vertices - corner).max(axis=1) < _SNAP
    while True:
        keys = np.where(snaps[:, None], corner * 4096, np.rint(vertices * 4096))
        _, first, merged = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        merged = merged.reshape(-1)
        found = np.where(snaps[:, None], corner, vertices)[first]
        joined = np.zeros(len(found), np.bool_)
        joined[_joining(merged[triangles])] = True
        wrong = snaps & joined[merged]
        if not wrong.any():
            return _without_needless(found, merged[triangles])
        snaps &= ~wrong


def _joining(triangles: NDArray[np.integer]) -> NDArray[np.int64]:
    """Vertices of edges with more than two triangles."""
    a, b, c = triangles.T
    edges, times = edges_of(triangles[(a != b) & (b != c) & (c != a)])
    return np.unique(edges[times > 2])


def _without_needless(
    vertices: NDArray[np.float64], triangles: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """Without triangles that lost a corner, pairs that lie on each other, and vertices of neither."""
    a, b, c = triangles.T
    triangles = triangles[(a != b) & (b != c) & (c != a)]
    _, first, times = np.unique(np.sort(triangles, axis=1), axis=0, return_index=True, return_counts=True)
    triangles = triangles[np.sort(first[times == 1])]
    used, renamed = np.unique(triangles, return_inverse=True)
    return vertices[used], renamed.reshape(-1, 3).astype(np.uint32)


def _on_skin(field: Field, positions: Points, cell: float) -> Points:
    """Newton's steps along the field's slope, each at most half a cell."""
    for _ in range(3):
        rise = slopes(field, positions, cell / 16)
        steep = np.maximum((rise * rise).sum(axis=1, keepdims=True), np.float32(0.05))
        move = in_chunks(field, positions)[:, None] * rise / steep
        length = np.linalg.norm(move, axis=1, keepdims=True)
        positions = positions - move * np.minimum(1, cell / 2 / np.maximum(length, 1e-12)).astype(np.float32)
    return positions


def _evened(positions: Points, rise: Points, triangles: NDArray[np.uint32]) -> Points:
    """Each vertex half the way to the middle of its neighbours, but only along the skin."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    count = np.bincount(edges[:, 0], minlength=len(positions))
    middle = np.stack(
        [np.bincount(edges[:, 0], positions[edges[:, 1], axis], len(positions)) for axis in range(3)], axis=-1
    )
    move = (middle / np.maximum(count, 1)[:, None]).astype(np.float32) - positions
    normal = _unit(rise)
    move -= normal * (move * normal).sum(axis=1, keepdims=True)
    return positions + np.float32(0.5) * move


def _unit(vectors: Points) -> Points:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
