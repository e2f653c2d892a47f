"""Our test figure as other programs would save it: other names, axes, units, rest poses and bone axes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character, Surface
from accessify.core.humanoid import SIDES, twist
from accessify.core.motion import placed_bones
from accessify.core.rotation import IDENTITY, about, multiply, to_matrix
from accessify.delivery.glb_build import INDICES, VERTICES, GlbBuilder
from tests.avatar.figures import bent

Array = NDArray[np.float64]

_FINGERS = {"Thumb": "Thumb", "Index": "Index", "Middle": "Middle", "Ring": "Ring", "Little": "Pinky"}
_PLACES = {"Metacarpal": "1", "Proximal": "1", "Intermediate": "2", "Distal": "3"}
_MIXAMO = {
    "hips": "Hips",
    "spine": "Spine",
    "chest": "Spine1",
    "upperChest": "Spine2",
    "neck": "Neck",
    "head": "Head",
    "Shoulder": "Shoulder",
    "UpperArm": "Arm",
    "LowerArm": "ForeArm",
    "Hand": "Hand",
    "UpperLeg": "UpLeg",
    "LowerLeg": "Leg",
    "Foot": "Foot",
    "Eye": "Eye",
}


def mixamo(bone: str) -> str:
    """What Mixamo calls a bone."""
    side = next((side for side in SIDES if bone.startswith(side)), "")
    rest = bone.removeprefix(side)
    finger = next((finger for finger in _FINGERS if rest.startswith(finger)), None)
    if finger is not None:
        place = rest.removeprefix(finger)
        number = "2" if (finger, place) == ("Thumb", "Proximal") else _PLACES[place]
        return f"mixamorig:{side.capitalize()}Hand{_FINGERS[finger]}{number}"
    return f"mixamorig:{side.capitalize()}{_MIXAMO.get(rest, rest)}"


@dataclass(frozen=True, slots=True, eq=False)
class Habit:
    """How a program saves."""

    name: Callable[[str], str] = str
    """Bone → name of its node."""
    turns: Mapping[str, Array] = field(default_factory=dict)
    """Turns of bones from the T-pose into the pose that it saves."""
    axes: int | None = None
    """Seed of random axes of the bones; None for none."""
    above: Array = field(default_factory=lambda: np.eye(4))
    """Shape [4, 4]: the node above all, which turns and sizes the whole figure."""
    left_out: frozenset[str] = frozenset(twist(side) for side in SIDES)


def foreign(character: Character, habit: Habit) -> GlbBuilder:
    """A builder with nodes, one skin, meshes and materials; extensions are the test's."""
    rig = character.rig
    builder = GlbBuilder({"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}]})
    worlds = _worlds(character, habit)
    root: dict[str, Any] = {"name": "Armature", "matrix": habit.above.T.reshape(-1).tolist(), "children": []}
    builder.add("nodes", root)
    bones = [bone for bone in rig.bones if bone not in habit.left_out]
    numbers = {}
    for bone in bones:
        parent = _parent(character, habit, bone)
        local = np.linalg.inv(worlds[parent]) @ worlds[bone] if parent else worlds[bone]
        node = {"name": habit.name(bone), "matrix": local.T.reshape(-1).tolist()}
        numbers[bone] = builder.add("nodes", node)
        above = builder.document["nodes"][numbers[parent]] if parent else root
        above.setdefault("children", []).append(numbers[bone])
    inverse = np.stack([np.linalg.inv(worlds[bone]).T for bone in bones]).astype(np.float32)
    builder.add(
        "skins",
        {
            "joints": [numbers[bone] for bone in bones],
            "inverseBindMatrices": builder.accessor(inverse),
        },
    )
    for material in character.materials:
        shading = {"baseColorFactor": [*material.color, 1.0], "roughnessFactor": material.roughness}
        builder.add("materials", {"name": material.name, "pbrMetallicRoughness": shading})
    places = [bones.index(_kept(character, habit, bone)) for bone in rig.bones]
    for surface in character.surfaces:
        mesh = builder.add("meshes", _mesh(builder, (character, habit), surface, np.array(places)))
        node = {"name": surface.name, "mesh": mesh, "skin": 0}
        root["children"].append(builder.add("nodes", node))
    return builder


def vrm1(builder: GlbBuilder, bones: Mapping[str, str] | None = None) -> GlbBuilder:
    """The same as a VRM 1.0; nodes have the names of bones."""
    human = {
        node["name"]: {"node": number}
        for number, node in enumerate(builder.document["nodes"])
        if "mesh" not in node and node["name"] != "Armature"
    }
    meta = {"name": "Ada", "authors": ["A. Byron"], "licenseUrl": "https://vrm.dev/licenses/1.0/"}
    builder.document["extensionsUsed"] = ["VRMC_vrm"]
    builder.document["extensions"] = {
        "VRMC_vrm": {"specVersion": "1.0", "meta": meta, "humanoid": {"humanBones": human}}
    }
    return builder


def vrm0(builder: GlbBuilder) -> GlbBuilder:
    """The same as a VRM 0.x, whose thumbs are named otherwise."""
    rows = [
        {
            "bone": node["name"]
            .replace("ThumbProximal", "ThumbIntermediate")
            .replace("ThumbMetacarpal", "ThumbProximal"),
            "node": number,
        }
        for number, node in enumerate(builder.document["nodes"])
        if "mesh" not in node and node["name"] != "Armature"
    ]
    meta = {"title": "Old", "author": "B", "licenseName": "Redistribution_Prohibited"}
    builder.document["extensionsUsed"] = ["VRM"]
    builder.document["extensions"] = {"VRM": {"meta": meta, "humanoid": {"humanBones": rows}}}
    return builder


def saved(builder: GlbBuilder, path: Path) -> Path:
    """Write it."""
    path.write_bytes(builder.to_bytes())
    return path


def picture(builder: GlbBuilder, pixels: NDArray[np.uint8]) -> int:
    """Put a texture [height, width, 3 or 4] into the file; returns its number."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    view = builder.view(np.frombuffer(stream.getvalue(), np.uint8))
    image = builder.add("images", {"mimeType": "image/png", "bufferView": view})
    return builder.add("textures", {"source": image})


def a_pose(degrees: float = 50.0) -> dict[str, Array]:
    """Arms that hang, and hands that are rolled."""
    angle = np.radians(degrees)
    roll = about([1, 0, 0], 0.5)
    return {
        "leftUpperArm": about([0, 0, 1], -angle),
        "rightUpperArm": about([0, 0, 1], angle),
        "leftHand": roll,
        "rightHand": roll,
        "leftIndexProximal": about([0, 0, 1], -0.6),
    }


def turned(degrees: float, axis: list[int], scale: float = 1.0) -> Array:
    """A matrix [4, 4]."""
    matrix = np.eye(4)
    matrix[:3, :3] = scale * to_matrix(about(axis, np.radians(degrees)))
    return matrix


def _kept(character: Character, habit: Habit, bone: str) -> str:
    while bone in habit.left_out:
        bone = character.rig.bones[character.rig.parents[character.rig.index(bone)]]
    return bone


def _parent(character: Character, habit: Habit, bone: str) -> str | None:
    number = character.rig.parents[character.rig.index(bone)]
    return None if number < 0 else _kept(character, habit, character.rig.bones[number])


def _worlds(character: Character, habit: Habit) -> dict[str, Array]:
    """Where bones are in the saved pose, [4, 4], with the axes of the program."""
    rig = character.rig
    rotations = np.tile(IDENTITY, (len(rig.bones), 1))
    for bone, turn in habit.turns.items():
        rotations[rig.index(bone)] = turn
    places, turns = placed_bones(rig, rotations)
    if habit.axes is not None:
        chance = np.random.default_rng(habit.axes)
        shape = chance.normal(size=(len(turns), 3)), chance.uniform(0, 3, len(turns))
        turns = multiply(turns, about(*shape))
    worlds = {}
    for number, bone in enumerate(rig.bones):
        worlds[bone] = np.eye(4)
        worlds[bone][:3, :3], worlds[bone][:3, 3] = to_matrix(turns[number]), places[number]
    return worlds


def _mesh(
    builder: GlbBuilder, source: tuple[Character, Habit], surface: Surface, places: NDArray[np.int64]
) -> dict[str, Any]:
    character, habit = source
    names = [material.name for material in character.materials]
    points = bent(character, surface, habit.turns).astype(np.float32)
    attributes = {
        "POSITION": builder.accessor(points, VERTICES, bounds=True),
        "JOINTS_0": builder.accessor(places[surface.joints].astype(np.uint8), VERTICES),
        "WEIGHTS_0": builder.accessor(surface.weights, VERTICES),
    }
    if surface.colors is not None:
        attributes["COLOR_0"] = builder.accessor(surface.colors, VERTICES)
    primitive: dict[str, Any] = {
        "attributes": attributes,
        "indices": builder.accessor(surface.triangles.reshape(-1), INDICES),
        "material": names.index(surface.material),
    }
    mesh: dict[str, Any] = {"name": surface.name, "primitives": [primitive]}
    if surface.morphs:
        mesh["extras"] = {"targetNames": [morph.name for morph in surface.morphs]}
        primitive["targets"] = []
        for morph in surface.morphs:
            whole = np.zeros_like(surface.positions)
            whole[morph.vertices] = morph.positions
            primitive["targets"].append({"POSITION": builder.accessor(whole, bounds=True)})
    return mesh
