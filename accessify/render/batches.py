"""A figure's surfaces as buffers of the graphics card: what never moves, and what expressions move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character, Morph, Surface
from accessify.core.expressions import EXPRESSIONS
from accessify.render.contact import Balls
from accessify.render.shaders import FRAGMENT, KINDS, VERTEX, program

if TYPE_CHECKING:
    from moderngl import Buffer, Context, Program, VertexArray

Array = NDArray[np.float32]

_FAINT = 1e-3
"""An expression weaker than this is none."""


@dataclass(slots=True, eq=False)
class Batch:
    """All surfaces of one kind of material, drawn at once."""

    program: Program
    vertices: VertexArray
    rest: Array
    """Shape [vertices, 6], float32: places in metres and normals, with a still face."""
    moving: Buffer
    """The same as they are drawn."""
    morphs: Sequence[tuple[int, Morph, int]]
    """Number of the expression, what it moves, and the number of its surface's first vertex."""
    shown: bytes = b""
    """Weights of the expressions that `moving` has."""

    def express(self, weights: Array) -> None:
        """Set the face: `weights` [52], float32."""
        weights = np.where(np.abs(weights) < _FAINT, np.float32(0), weights)
        asked = weights[[number for number, _, _ in self.morphs]].tobytes() if self.morphs else b""
        if asked == self.shown:
            return
        self.shown, moved = asked, self.rest.copy()
        for number, morph, first in self.morphs:
            weight = weights[number]
            if weight:
                at = morph.vertices + first
                moved[at, :3] += weight * morph.positions
                moved[at, 3:] += weight * morph.normals
        self.moving.write(moved.tobytes())


def batches(context: Context, character: Character, balls: Balls) -> list[Batch]:
    """Buffers and programs for all of `character`; one batch for each kind of material it has."""
    kinds: dict[str, list[Surface]] = {}
    for surface in character.surfaces:
        kind = character.material(surface.material).kind
        kinds.setdefault(kind if kind in KINDS else "plain", []).append(surface)
    sizes = {"BONES": str(len(character.rig.bones)), "BALLS": str(len(balls.radii))}
    return [
        _batch(context, _program(context, {**sizes, **KINDS[kind]}), (character, balls), surfaces)
        for kind, surfaces in kinds.items()
    ]


def _program(context: Context, defined: dict[str, str]) -> Program:
    return context.program(vertex_shader=program(VERTEX, defined), fragment_shader=program(FRAGMENT, defined))


def _batch(
    context: Context, code: Program, figure: tuple[Character, Balls], surfaces: Sequence[Surface]
) -> Batch:
    firsts = np.cumsum([0, *(len(surface.positions) for surface in surfaces)])
    rest = np.concatenate([np.concatenate([one.positions, one.normals], axis=1) for one in surfaces])
    still = np.concatenate([_still(*figure, surface) for surface in surfaces])
    triangles = np.concatenate(
        [surface.triangles + np.uint32(first) for surface, first in zip(surfaces, firsts, strict=False)]
    )
    triangles = triangles[
        np.argsort(triangles.min(axis=1), kind="stable")
    ]  # neighbours share what is computed
    morphs = [
        (EXPRESSIONS.index(morph.name), morph, int(first))
        for surface, first in zip(surfaces, firsts, strict=False)
        for morph in surface.morphs
    ]
    rest = np.ascontiguousarray(rest, np.float32)
    moving = context.buffer(rest.tobytes(), dynamic=bool(morphs))
    shape = context.buffer(still.tobytes())
    vertices = context.vertex_array(
        code,
        [
            (moving, "3f 3f", "place", "normal"),
            (shape, "4f 1f 4f 4f", "color", "rest", "joints", "weights"),
        ],
        context.buffer(triangles.astype(np.uint32).tobytes()),
    )
    return Batch(code, vertices, rest, moving, morphs)


def _still(character: Character, balls: Balls, surface: Surface) -> Array:
    """[vertices, 13], float32: colour and occlusion, openness at rest, joints, weights."""
    count = len(surface.positions)
    color = np.tile(np.array(character.material(surface.material).color, np.float32), (count, 1))
    if surface.colors is not None:
        color = color * surface.colors
    occlusion = np.ones(count, np.float32) if surface.occlusion is None else surface.occlusion
    rest = balls.openness(character.rig, surface.positions, surface.normals)
    columns: list[NDArray[Any]] = [color, occlusion[:, None], rest[:, None], surface.joints, surface.weights]
    return np.ascontiguousarray(np.concatenate(columns, axis=1), np.float32)
