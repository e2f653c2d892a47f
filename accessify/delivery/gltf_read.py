"""Figures from binary glTF: our own exactly as it was written, others' brought into our terms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character, Material, Morph, Surface
from accessify.core.errors import FormatError
from accessify.core.humanoid import Rig
from accessify.core.timeline import Note, Span
from accessify.delivery.foreign_figure import foreign_figure
from accessify.delivery.glb_parse import Glb, read_glb
from accessify.delivery.gltf_write import SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class ReadFigure:
    """A figure out of a file."""

    character: Character
    notes: tuple[Note, ...] = ()
    """What was changed or could not be read; the span is empty."""


def read_figure(path: str | Path) -> ReadFigure:
    """The figure in a `.glb` or `.vrm`: one that `write_figure` wrote, exactly, or any humanoid.

    Raises `FormatError` for a file that cannot be read or is no humanoid, naming the bones that it lacks, and
    `MissingExtra` where it has textures and Pillow is not there.
    """
    glb = read_glb(Path(path))
    try:
        asset = glb.document["asset"]
        extras = asset.get("extras")
        if isinstance(extras, dict) and extras.get("schema") == SCHEMA:
            return ReadFigure(_own(glb, extras))
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            character, told = foreign_figure(glb)
        return ReadFigure(character, tuple(Note(Span(0, 0), kind, text) for kind, text in told))
    except FormatError:
        raise
    except KeyError as error:
        raise FormatError(f"damaged (it has no {error}); get a whole copy", source=glb.source) from None
    except (AttributeError, IndexError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise FormatError(f"damaged ({error}); get a whole copy", source=glb.source) from None


def _own(glb: Glb, extras: dict[str, Any]) -> Character:
    """What `write_figure` wrote, exactly."""
    rig = Rig(tuple(extras["bones"]), np.array(extras["heads"]), np.array(extras["tails"]))
    materials = tuple(_material(row) for row in glb.rows("materials"))
    surfaces = tuple(_surface(glb, mesh, materials, len(rig.bones)) for mesh in glb.rows("meshes"))
    return Character(
        str(extras["name"]), rig, surfaces, materials, str(extras["licence"]), str(extras["author"])
    )


def _material(row: dict[str, Any]) -> Material:
    shading = row["pbrMetallicRoughness"]
    red, green, blue = (float(part) for part in shading["baseColorFactor"][:3])
    return Material(row["name"], (red, green, blue), float(shading["roughnessFactor"]), row["extras"]["kind"])


def _surface(glb: Glb, mesh: dict[str, Any], materials: tuple[Material, ...], bones: int) -> Surface:
    primitive = mesh["primitives"][0]
    stored = {name: glb.accessor(number) for name, number in primitive["attributes"].items()}
    surface = Surface(
        mesh["name"],
        materials[primitive["material"]].name,
        stored["POSITION"],
        stored["NORMAL"],
        glb.accessor(primitive["indices"]).reshape(-1, 3),
        stored["JOINTS_0"],
        stored["WEIGHTS_0"],
        stored.get("COLOR_0"),
        stored.get("_OCCLUSION"),
        _morphs(glb, mesh, len(stored["POSITION"])),
    )
    _require_whole(surface, bones)
    return surface


def _morphs(glb: Glb, mesh: dict[str, Any], vertices: int) -> tuple[Morph, ...]:
    targets = mesh["primitives"][0].get("targets", [])
    names = mesh["extras"]["targetNames"] if targets else []
    morphs = []
    for name, target in zip(names, targets, strict=True):
        positions, normals = glb.sparse_rows(target["POSITION"]), glb.sparse_rows(target["NORMAL"])
        if positions is None or normals is None or positions[0].max(initial=0) >= max(vertices, 1):
            raise ValueError("a morph target that is not sparse")
        morphs.append(Morph(name, positions[0], positions[1], normals[1]))
    return tuple(morphs)


def _require_whole(surface: Surface, bones: int) -> None:
    count = len(surface.positions)
    columns: tuple[tuple[NDArray[Any] | None, tuple[int, ...]], ...] = (
        (surface.positions, (count, 3)),
        (surface.normals, (count, 3)),
        (surface.joints, (count, 4)),
        (surface.weights, (count, 4)),
        (surface.colors, (count, 3)),
        (surface.occlusion, (count,)),
    )
    if any(array is not None and array.shape != shape for array, shape in columns):
        raise ValueError("attributes of different lengths")
    if surface.triangles.max(initial=0) >= max(count, 1) or surface.joints.max(initial=0) >= bones:
        raise ValueError("a vertex or bone that is not there")
