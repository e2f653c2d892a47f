"""Where rays meet a figure's skin.

T. Möller, B. Trumbore, "Fast, minimum storage ray/triangle intersection", J. Graphics Tools 2(1), 1997.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accessify.core.character import Character, Surface

Array = NDArray[np.float64]

_FLAT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Triangles at rest that rays can meet."""

    corners: Array
    """Shape [triangles, 3, 3], metres."""

    @classmethod
    def of(cls, character: Character, bones: Collection[str], *, hair: bool = True) -> Skin:
        """The triangles that some of `bones` carry most of; with or without those of hair."""
        numbers = [number for number, bone in enumerate(character.rig.bones) if bone in bones]
        corners = [
            _carried(surface, numbers)
            for surface in character.surfaces
            if hair or character.material(surface.material).kind != "hair"
        ]
        return cls(np.concatenate(corners) if corners else np.zeros((0, 3, 3)))

    def near(self, start: ArrayLike, way: ArrayLike) -> Array | None:
        """The first point [3] that a ray from `start` meets, or None."""
        found = self._met(start, way)
        if not len(found):
            return None
        return np.asarray(start, np.float64) + float(found.min()) * np.asarray(way, np.float64)

    def _met(self, start: ArrayLike, way: ArrayLike) -> Array:
        """How far along `way` the ray meets each triangle that it meets."""
        origin, direction = np.asarray(start, np.float64), np.asarray(way, np.float64)
        a, b, c = self.corners[:, 0], self.corners[:, 1], self.corners[:, 2]
        one, two = b - a, c - a
        across = np.cross(direction, two)
        size = (one * across).sum(axis=1)
        usable = np.abs(size) > _FLAT
        scale = np.where(usable, size, 1.0)
        away = origin - a
        u = (away * across).sum(axis=1) / scale
        turned = np.cross(away, one)
        v = turned @ direction / scale
        far = (two * turned).sum(axis=1) / scale
        inside = usable & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (far > 0)
        return np.asarray(far[inside])


def _carried(surface: Surface, numbers: list[int]) -> Array:
    share = np.where(np.isin(surface.joints, numbers), surface.weights, 0).sum(axis=1)
    chosen = surface.triangles[(share[surface.triangles].mean(axis=1) > 0.5)]
    return np.asarray(surface.positions[chosen], np.float64)
