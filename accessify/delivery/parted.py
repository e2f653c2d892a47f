"""Triangles parted into four, so that colours of vertices can stand in for a texture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Triangles = NDArray[np.int64]

_STEP = 6.0
"""Pixels of the texture between vertices below which parting further shows nothing more."""
_MOST = 24_000
"""Triangles of one part of a figure that it may be parted into."""


@dataclass(frozen=True, slots=True, eq=False)
class Parting:
    """How a mesh was parted."""

    triangles: Triangles
    """Shape [triangles, 3], of the vertices before and those between."""
    middles: tuple[NDArray[np.int64], ...] = ()
    """For each round, shape [new, 2]: the vertices that each new one lies half-way between."""
    before: int = 0
    """Number of vertices before."""

    @property
    def vertices(self) -> int:
        """Number of vertices after."""
        return self.before + sum(len(pairs) for pairs in self.middles)

    def between(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of the vertices before [before, ...] for all vertices, means of two for the new ones."""
        for pairs in self.middles:
            values = np.concatenate([values, values[pairs].mean(axis=1, dtype=values.dtype)])
        return values


def parted(triangles: Triangles, pixels: NDArray[np.floating[Any]] | None, vertices: int) -> Parting:
    """Part until the vertices are as fine as the texture, or many.

    `pixels` [vertices, 2] are places on the texture; None parts nothing.
    """
    parting = Parting(triangles, (), vertices)
    if pixels is None or not len(triangles):
        return parting
    edges = np.diff(pixels[triangles[:, [0, 1, 2, 0]]], axis=1)
    long = float(np.quantile(np.linalg.norm(edges, axis=-1), 0.75))
    while long > _STEP and 4 * len(parting.triangles) <= _MOST:
        parting = _halved(parting)
        long /= 2
    return parting


def _halved(parting: Parting) -> Parting:
    """Every edge halved, every triangle in four."""
    a, b, c = parting.triangles.T
    edges = np.sort(np.concatenate([np.stack(pair, axis=1) for pair in ((a, b), (b, c), (c, a))]), axis=1)
    pairs, numbers = np.unique(edges, axis=0, return_inverse=True)
    ab, bc, ca = parting.vertices + numbers.reshape(3, -1)
    corners = ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
    triangles = np.concatenate([np.stack(three, axis=1) for three in corners])
    return Parting(triangles, (*parting.middles, pairs), parting.before)
