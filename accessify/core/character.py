"""A figure that can be moved and drawn: surfaces with bones and expressions, in the T-pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import Rig

Color = tuple[float, float, float]
"""Red, green, blue, linear light, 0 to 1 (as glTF's factors)."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a surface is made of, in glTF's metallic-roughness terms; nothing here is metal."""

    name: str
    """Unique within the character, e.g. `skin`, `hair`, `shirt`, `eye`, `teeth`."""
    color: Color
    """Base colour."""
    roughness: float = 0.7
    """0 is polished, 1 is dull."""
    kind: str = "plain"
    """How a drawing shades it: `skin` (light goes in), `eye` (glossy), `hair`, `cloth` or `plain`."""


@dataclass(frozen=True, slots=True, eq=False)
class Morph:
    """How an expression at 1 changes a surface."""

    name: str
    """One of `EXPRESSIONS`."""
    vertices: NDArray[np.uint32]
    """Shape [n]: numbers of the vertices that it changes."""
    positions: NDArray[np.float32]
    """Shape [n, 3], float32, metres: how far each is moved."""
    normals: NDArray[np.float32]
    """Shape [n, 3], float32: what is added to each normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One mesh with one material."""

    name: str
    material: str
    """Name of a `Material`."""
    positions: NDArray[np.float32]
    """Shape [vertices, 3], float32, metres, in the rig's T-pose."""
    normals: NDArray[np.float32]
    """Shape [vertices, 3], float32, unit length."""
    triangles: NDArray[np.uint32]
    """Shape [triangles, 3]: vertices, counter-clockwise as seen from outside."""
    joints: NDArray[np.uint16]
    """Shape [vertices, 4]: numbers of the rig's bones that carry each vertex."""
    weights: NDArray[np.float32]
    """Shape [vertices, 4], float32: their shares, summing to 1."""
    colors: NDArray[np.float32] | None = None
    """Shape [vertices, 3], float32, linear: multiplied with the material's colour (lips, nails, creases)."""
    occlusion: NDArray[np.float32] | None = None
    """Shape [vertices], float32, 0 hidden to 1 open: how much ambient light reaches each vertex at rest."""
    morphs: tuple[Morph, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Character:
    """A figure."""

    name: str
    rig: Rig
    surfaces: tuple[Surface, ...]
    materials: tuple[Material, ...]
    licence: str = "CC0-1.0"
    author: str = "accessify"

    def material(self, name: str) -> Material:
        """The material called `name`; raises `KeyError`."""
        for material in self.materials:
            if material.name == name:
                return material
        raise KeyError(f"no material {name!r}; there are {', '.join(one.name for one in self.materials)}")

    @property
    def expressions(self) -> tuple[str, ...]:
        """Names of all expressions that some surface has a morph for, sorted."""
        return tuple(sorted({morph.name for surface in self.surfaces for morph in surface.morphs}))
