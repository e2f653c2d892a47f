"""A figure, with or without a movement, as binary glTF 2.0 that is also a VRM 1.0.

Every bone is a node of its VRM name, every surface a mesh with one material, vertex colours in `COLOR_0`, the
ambient light that reaches each vertex in `_OCCLUSION`, and a sparse morph target for each expression. What
glTF has no word for (exact joints, kinds of materials) is in `extras`, so that `read_figure` gives the same
figure back. Rules: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np

from accessify.core.character import Character, Material, Surface
from accessify.core.disclosure import disclosure
from accessify.core.errors import OptionError
from accessify.core.motion import Motion
from accessify.core.placing import placed
from accessify.core.timeline import Note
from accessify.delivery.glb_build import INDICES, VERTICES, Document, GlbBuilder
from accessify.delivery.gltf_motion import Animated, add_bones, animation_of, not_carried
from accessify.delivery.vrm_extension import is_vrm, vrm_of

SCHEMA = "accessify.figure 1"
SUFFIXES = (".glb", ".vrm")


def write_figure(character: Character, path: str | Path, motion: Motion | None = None) -> tuple[Note, ...]:
    """Write a figure in the T-pose, and with `motion` an animation called `signing`.

    Returns what of the movement the figure cannot show: turns of bones and expressions that it lacks.
    Raises `OptionError` for a path that does not end in `.glb` or `.vrm`.
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise OptionError(f"{path}: figures are written as {' or '.join(SUFFIXES)}; end the name so")
    builder = GlbBuilder(_head(character))
    first = add_bones(builder, character.rig)
    meshes = _add_surfaces(builder, character, first)
    roots = [first + number for number, parent in enumerate(character.rig.parents) if parent < 0]
    builder.document["scenes"] = [{"name": character.name, "nodes": [*roots, *meshes]}]
    builder.document["scene"] = 0
    animated = Animated(
        {bone: first + number for number, bone in enumerate(character.rig.bones)},
        character.rig.offsets[0],
        {
            node: tuple(morph.name for morph in surface.morphs)
            for node, surface in zip(meshes, character.surfaces, strict=True)
            if surface.morphs
        },
    )
    if is_vrm(character.rig):
        builder.document["extensionsUsed"] = ["VRMC_vrm"]
        builder.document["extensions"] = {"VRMC_vrm": vrm_of(character, animated)}
    notes: tuple[Note, ...] = ()
    if motion is not None:
        animation_of(builder, motion, animated).finish()
        notes = not_carried(motion, animated)
    with placed(target) as temporary:
        temporary.write_bytes(builder.to_bytes())
    return notes


def _head(character: Character) -> Document:
    rig = character.rig
    return {
        "asset": {
            "version": "2.0",
            "generator": f"accessify {version('accessify')}",
            "copyright": f"{character.author}, {character.licence}",
            "extras": {
                "schema": SCHEMA,
                "disclosure": disclosure("en").comment,
                "name": character.name,
                "author": character.author,
                "licence": character.licence,
                "bones": list(rig.bones),
                "heads": rig.heads.tolist(),
                "tails": rig.tails.tolist(),
            },
        }
    }


def _add_surfaces(builder: GlbBuilder, character: Character, first: int) -> list[int]:
    """Skin, materials and meshes; returns the numbers of the meshes' nodes."""
    rig = character.rig
    back = np.tile(np.eye(4, dtype=np.float32), (len(rig.bones), 1, 1))
    back[:, 3, :3] = -rig.heads  # columns first, as glTF counts
    skin: Document = {
        "joints": [first + number for number in range(len(rig.bones))],
        "inverseBindMatrices": builder.accessor(back),
    }
    builder.add("skins", skin)
    numbers = {one.name: builder.add("materials", _material(one)) for one in character.materials}
    nodes = []
    for surface in character.surfaces:
        mesh = builder.add("meshes", _mesh(builder, surface, numbers[surface.material]))
        node: Document = {"name": f"{surface.name} surface", "mesh": mesh, "skin": 0}
        nodes.append(builder.add("nodes", node))
    return nodes


def _material(material: Material) -> Document:
    return {
        "name": material.name,
        "pbrMetallicRoughness": {
            "baseColorFactor": [*material.color, 1.0],
            "metallicFactor": 0.0,
            "roughnessFactor": material.roughness,
        },
        "extras": {"kind": material.kind},
    }


def _mesh(builder: GlbBuilder, surface: Surface, material: int) -> Document:
    used = np.where(surface.weights > 0, surface.joints, 0)  # glTF wants no name for a share of nothing
    attributes: Document = {
        "POSITION": builder.accessor(surface.positions, VERTICES, bounds=True),
        "NORMAL": builder.accessor(surface.normals, VERTICES),
        "JOINTS_0": builder.accessor(used.astype(np.uint16), VERTICES),
        "WEIGHTS_0": builder.accessor(surface.weights, VERTICES),
    }
    if surface.colors is not None:
        attributes["COLOR_0"] = builder.accessor(surface.colors, VERTICES)
    if surface.occlusion is not None:
        attributes["_OCCLUSION"] = builder.accessor(surface.occlusion, VERTICES)
    primitive: Document = {
        "attributes": attributes,
        "indices": builder.accessor(surface.triangles.reshape(-1), INDICES),
        "material": material,
        "mode": 4,
    }
    mesh: Document = {"name": surface.name, "primitives": [primitive]}
    if surface.morphs:
        primitive["targets"] = _targets(builder, surface)
        mesh["weights"] = [0.0] * len(surface.morphs)
        mesh["extras"] = {"targetNames": [morph.name for morph in surface.morphs]}
    return mesh


def _targets(builder: GlbBuilder, surface: Surface) -> list[Document]:
    targets = []
    for morph in surface.morphs:
        order = np.argsort(morph.vertices)  # sparse rows must ascend
        of = len(surface.positions), len(order)
        rows = builder.view(morph.vertices[order].astype(np.uint32)) if len(order) else -1
        targets.append(
            {
                "POSITION": builder.sparse(rows, morph.positions[order], of, bounds=True),
                "NORMAL": builder.sparse(rows, morph.normals[order], of),
            }
        )
    return targets
