"""Fewer triangles where a skin is flat and plain: short edges drawn together, round by round.

Edge collapse after H. Hoppe et al., "Mesh optimization", SIGGRAPH 1993, with its link condition, so that a
closed skin stays closed; which edges are too short follows a wanted length at each vertex (M. Botsch,
L. Kobbelt, "A remeshing approach to multiresolution modeling", SGP 2004). In each round only edges whose
surroundings do not touch are drawn together, all at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Values
from accessify.avatar.mesh import Mesh, edges_of

Triangles = NDArray[np.uint32]
Edges = NDArray[np.int64]

_SHORT = 0.86
"""Share of the wanted length below which an edge is drawn together."""
_LONG = 1.7
"""The same above which no edge is made."""
_ROUNDS = 60
_UPRIGHT = 0.35
"""Least cosine between a triangle before and after, or the skin would fold."""


@dataclass(frozen=True, slots=True)
class Fineness:
    """How long edges may be, metres."""

    error: float
    """Distance of an edge's middle from the skin that is curved below it."""
    shortest: float
    longest: float


def wanted_lengths(skin: Mesh, fineness: Fineness, marks: Values | None = None) -> Values:
    """Shape [vertices], metres: how long edges may be.

    An arc of curvature k leaves its chord c by k c² / 8, so edges are as long as that is `fineness.error`;
    the curvature is how the normals turn along a vertex's edges. `marks` [vertices], what is painted on the
    skin, 0 to 1, may change by a quarter along an edge.
    """
    first, last = edges_of(skin.triangles)[0].T
    length = np.maximum(np.linalg.norm(skin.positions[first] - skin.positions[last], axis=1), 1e-9)
    bend = np.linalg.norm(skin.normals[first] - skin.normals[last], axis=1) / length
    wanted = np.sqrt(8 * fineness.error / np.maximum(_most(bend, first, last, len(skin.positions)), 1e-6))
    if marks is not None:
        change = np.abs(marks[first] - marks[last]) / length
        wanted = np.minimum(wanted, 0.25 / np.maximum(_most(change, first, last, len(marks)), 1e-6))
    return np.clip(wanted, fineness.shortest, fineness.longest).astype(np.float32)


def _most(
    values: NDArray[np.floating], first: NDArray[np.int64], last: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Shape [count]: the largest of the `values` of edges at each vertex."""
    found = np.zeros(count)
    for ends in (first, last):
        np.maximum.at(found, ends, values)
    return found


def simplified(skin: Mesh, wanted: Values) -> Mesh:
    """The same skin with edges of about the `wanted` length [vertices]; vertices lie between those that
    they come from, a little off the skin.
    """
    positions, normals = skin.positions.astype(np.float64), skin.normals.astype(np.float64)
    triangles, sizes = skin.triangles.astype(np.int64), wanted.astype(np.float64)
    for _ in range(_ROUNDS):
        edges, _ = edges_of(triangles)
        length = np.linalg.norm(positions[edges[:, 0]] - positions[edges[:, 1]], axis=1)
        share = length / sizes[edges].mean(axis=1)
        chosen = edges[_apart(edges, np.where(share < _SHORT, share, np.inf), len(positions))]
        chosen = chosen[_linked(chosen, edges, len(positions))]
        middles = positions[chosen].mean(axis=1)
        kept = _fair(chosen, middles, (positions, triangles, sizes))
        chosen, middles = chosen[kept], middles[kept]
        if not len(chosen):
            break
        positions[chosen[:, 0]] = middles
        normals[chosen[:, 0]] += normals[chosen[:, 1]]
        sizes[chosen[:, 0]] = sizes[chosen].min(axis=1)
        into = np.arange(len(positions))
        into[chosen[:, 1]] = chosen[:, 0]
        triangles = into[triangles]
        a, b, c = triangles.T
        triangles = triangles[(a != b) & (b != c) & (c != a)]
    used, renamed = np.unique(triangles, return_inverse=True)
    turned = normals[used] / np.linalg.norm(normals[used], axis=1, keepdims=True)
    return Mesh(
        positions[used].astype(np.float32),
        turned.astype(np.float32),
        renamed.reshape(-1, 3).astype(np.uint32),
    )


def _apart(edges: Edges, cost: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Numbers of edges that are cheaper than all that reach a neighbour of their ends."""
    order = np.argsort(cost, kind="stable")
    rank = np.empty(len(edges), np.int64)
    rank[order] = np.arange(len(edges))
    lowest = np.full(count, len(edges), np.int64)
    for ends in edges.T:
        np.minimum.at(lowest, ends, rank)
    around = lowest.copy()
    for here, there in (edges.T, edges.T[::-1]):
        np.minimum.at(around, here, lowest[there])
    alone = (rank == around[edges[:, 0]]) & (rank == around[edges[:, 1]]) & np.isfinite(cost)
    return np.flatnonzero(alone)


def _linked(chosen: Edges, edges: Edges, count: int) -> NDArray[np.bool_]:
    """Whether each edge's ends have exactly two neighbours in common: else the skin would pinch."""
    owner = np.full(count, -1, np.int64)
    for ends in chosen.T:
        owner[ends] = np.arange(len(chosen))
    here = np.concatenate([edges, edges[:, ::-1]])
    here = here[owner[here[:, 0]] >= 0]
    keys, times = np.unique(owner[here[:, 0]] * count + here[:, 1], return_counts=True)
    common = np.bincount(keys[times == 2] // count, minlength=len(chosen))
    return np.asarray(common == 2)


def _fair(
    chosen: Edges,
    middles: NDArray[np.float64],
    skin: tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Whether around each edge no triangle that remains turns over or gets far too long; of a skin's
    positions, triangles and wanted lengths.
    """
    positions, triangles, sizes = skin
    owner = np.full(len(positions), -1, np.int64)
    for ends in chosen.T:
        owner[ends] = np.arange(len(chosen))
    owners = owner[triangles]
    whose = owners.max(axis=1)
    remains = (owners >= 0).sum(axis=1) == 1
    some, whose = triangles[remains], whose[remains]
    before = positions[some]
    after = np.where((owner[some] >= 0)[:, :, None], middles[whose][:, None], before)
    was, becomes = _across(before), _across(after)
    size = np.linalg.norm(was, axis=1) * np.linalg.norm(becomes, axis=1)
    cosine = (was * becomes).sum(axis=1) / np.maximum(size, 1e-30)
    longest = np.linalg.norm(after - np.roll(after, 1, axis=1), axis=2).max(axis=1)
    good = np.ones(len(chosen), np.bool_)
    good[whose[(cosine < _UPRIGHT) | (longest > _LONG * sizes[some].max(axis=1))]] = False
    return good


def _across(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normals [n, 3] of triangles [n, 3, 3], as long as twice their areas."""
    return np.asarray(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
