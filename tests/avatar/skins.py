"""What tests ask of a skin."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Skin(Protocol):
    @property
    def positions(self) -> NDArray[np.float32]: ...

    @property
    def triangles(self) -> NDArray[np.uint32]: ...


def closed(skin: Skin) -> bool:
    """Whether every edge is that of exactly two triangles, once each way."""
    ways = np.concatenate([skin.triangles[:, [0, 1]], skin.triangles[:, [1, 2]], skin.triangles[:, [2, 0]]])
    forth, times = np.unique(ways, axis=0, return_counts=True)
    back = np.unique(ways[:, ::-1], axis=0)
    return bool((times == 1).all() and np.array_equal(forth, back))


def volume(skin: Skin) -> float:
    """Positive where triangles face outwards."""
    a, b, c = np.moveaxis(skin.positions[skin.triangles].astype(np.float64), 1, 0)
    return float((a * np.cross(b, c)).sum() / 6)


def shares_of_regular(skin: Skin) -> NDArray[np.float64]:
    """Shape [triangles]: 1 of one with equal sides, 0 of a sliver."""
    corners = skin.positions[skin.triangles].astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sides = ((corners - np.roll(corners, 1, axis=1)) ** 2).sum(axis=(1, 2))
    return np.asarray(2 * np.sqrt(3) * np.linalg.norm(across, axis=1) / sides)
