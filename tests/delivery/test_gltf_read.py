"""Figures out of files: our own exactly, others' from any program in our terms, damaged ones refused."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.character import Character, Morph, Surface
from accessify.core.errors import FormatError, MissingExtra
from accessify.core.humanoid import FINGERS, SIDES, finger_bones
from accessify.core.rotation import about, unit
from accessify.delivery.glb_build import GlbBuilder
from accessify.delivery.gltf_read import ReadFigure, read_figure
from accessify.delivery.gltf_write import write_figure
from tests.avatar.figures import bent, coarse_figure
from tests.delivery.foreign_figures import (
    Habit,
    a_pose,
    foreign,
    mixamo,
    picture,
    saved,
    turned,
    vrm0,
    vrm1,
)
from tests.delivery.khronos import complaints
from tests.render.figures import figure, signing

ALL_FINGERS = (
    frozenset(bone for side in SIDES for finger in FINGERS for bone in finger_bones(side, finger))
    | Habit().left_out
)


def plain(builder: GlbBuilder) -> GlbBuilder:
    return builder


def reread(builder: GlbBuilder, folder: Path) -> ReadFigure:
    return read_figure(saved(builder, folder / "theirs.glb"))


def kinds(read: ReadFigure) -> set[str]:
    return {note.kind for note in read.notes}


def surface_of(figure: Character, name: str) -> Surface:
    return next(surface for surface in figure.surfaces if surface.name == name)


def test_our_own_figure_comes_back_exactly(tmp_path: Path) -> None:
    made = coarse_figure()
    write_figure(made, tmp_path / "a.glb", signing(2))
    read = read_figure(tmp_path / "a.glb")
    back = read.character
    assert read.notes == ()
    assert (back.name, back.licence, back.author) == (made.name, made.licence, made.author)
    assert back.materials == made.materials
    assert back.rig.bones == made.rig.bones
    assert np.array_equal(back.rig.heads, made.rig.heads)
    assert np.array_equal(back.rig.tails, made.rig.tails)
    for one, other in zip(made.surfaces, back.surfaces, strict=True):
        assert (one.name, one.material) == (other.name, other.material)
        for name in ("positions", "normals", "triangles", "weights", "colors", "occlusion"):
            before, after = getattr(one, name), getattr(other, name)
            assert (before is None) == (after is None)
            assert before is None or (before.dtype == after.dtype and np.array_equal(before, after))
        assert np.array_equal(np.where(one.weights > 0, one.joints, 0), other.joints)
        for morph, again in zip(one.morphs, other.morphs, strict=True):
            order = np.argsort(morph.vertices)
            assert morph.name == again.name
            for name in ("vertices", "positions", "normals"):
                assert np.array_equal(getattr(morph, name)[order], getattr(again, name))


def anonymous(source: Path, target: Path) -> None:
    """The same file without what only accessify writes, as after a turn through another program."""
    data = source.read_bytes()
    (size,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + size])
    del document["asset"]["extras"]
    target.write_bytes(as_glb(document, data[20 + size + 8 :]))


def as_glb(document: Any, binary: bytes) -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def test_our_own_figure_reads_as_a_vrm_like_any_other(tmp_path: Path) -> None:
    made = coarse_figure()
    write_figure(made, tmp_path / "a.vrm")
    anonymous(tmp_path / "a.vrm", tmp_path / "b.vrm")
    read = read_figure(tmp_path / "b.vrm")
    back = read.character
    assert kinds(read) == set()
    assert (back.licence, back.author) == ("CC0-1.0", "accessify")
    assert back.rig.bones == made.rig.bones
    assert back.expressions == made.expressions
    away = back.rig.heads[0] - made.rig.heads[0]
    assert np.allclose(back.rig.heads - away, made.rig.heads, atol=1e-6)
    for one, other in zip(made.surfaces, back.surfaces, strict=True):
        assert np.allclose(other.positions - away, one.positions, atol=1e-5)
        assert np.allclose(other.normals, one.normals, atol=1e-4)
        for morph, again in zip(sorted(one.morphs, key=lambda morph: morph.name), other.morphs, strict=True):
            assert morph.name == again.name
            assert np.allclose(dense(again, one), dense(morph, one), atol=2e-6)


def dense(morph: Morph, surface: Surface) -> np.ndarray:
    whole = np.zeros(surface.positions.shape)
    whole[morph.vertices] = morph.positions
    return whole


PROGRAMS: dict[str, tuple[Habit, Callable[[GlbBuilder], GlbBuilder]]] = {
    "VRM 1.0": (Habit(), vrm1),
    "VRM 1.0, bone axes, A-pose": (Habit(axes=2, turns=a_pose()), vrm1),
    "VRM 0.x, looks back": (Habit(turns=a_pose(30), above=turned(180, [0, 1, 0])), vrm0),
    "Mixamo, centimetres, Z up": (
        Habit(name=mixamo, axes=4, turns=a_pose(), above=turned(-90, [1, 0, 0], 100)),
        plain,
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_figures_of_other_programs_stand_in_our_t_pose(program: str, tmp_path: Path) -> None:
    habit, finish = PROGRAMS[program]
    made = figure(4)
    read = reread(finish(foreign(made, habit)), tmp_path)
    back = read.character
    assert ("pose" in kinds(read)) == bool(habit.turns)
    assert ("size" in kinds(read)) == (np.linalg.det(habit.above) > 2)
    assert back.rig.bones == made.rig.bones
    hands = [bone for bone in made.rig.bones if any(finger in bone for finger in FINGERS)]
    size = np.ptp(back.rig.heads[:, 1]) / np.ptp(made.rig.heads[:, 1])
    assert size == pytest.approx(1, abs=0.05 if "size" in kinds(read) else 1e-5)
    for number, bone in enumerate(back.rig.bones):
        off = np.linalg.norm((back.rig.heads[number] - back.rig.heads[0]) / size - from_hips(made)[number])
        assert off < (0.004 if bone in hands else 1e-5), bone
    away = back.rig.heads[0] - size * made.rig.heads[0]
    for one, other in zip(made.surfaces, back.surfaces, strict=True):
        assert np.abs((other.positions - away) / size - one.positions).max() < 0.008, one.name
        facing = (surface_normals(other) * other.normals).sum(axis=1)
        assert facing.min() > 0.99


def from_hips(figure: Character) -> np.ndarray:
    return figure.rig.heads - figure.rig.heads[0]


def surface_normals(surface: Surface) -> np.ndarray:
    a, b, c = (surface.positions[surface.triangles[:, corner]].astype(float) for corner in range(3))
    normals = np.zeros(surface.positions.shape)
    for corner in range(3):
        np.add.at(normals, surface.triangles[:, corner], np.cross(b - a, c - a))
    return unit(normals)


def test_it_moves_as_the_figure_that_it_was(tmp_path: Path) -> None:
    made = figure(4)
    habit = Habit(name=mixamo, axes=1, turns={"leftUpperArm": about([0, 0, 1], -0.7)})
    back = reread(foreign(made, habit), tmp_path).character
    away = back.rig.heads[0] - made.rig.heads[0]
    turns = {
        "leftUpperArm": about([0, 0, 1], 0.4),
        "leftLowerArm": about([0, 1, 0], -1.2),
        "leftHand": about([0, 0, 1], 0.5),
        "leftIndexProximal": about([0, 0, 1], -1.0),
        "head": about([0, 1, 0], 0.3),
    }
    for one, other in zip(made.surfaces, back.surfaces, strict=True):
        off = bent(back, other, turns) - away - bent(made, one, turns)
        assert np.abs(off).max() < 1e-4, one.name


def test_the_forearm_twists_with_the_hand(tmp_path: Path) -> None:
    back = reread(vrm1(foreign(figure(4), Habit())), tmp_path).character
    elbow, wrist = (back.rig.heads[back.rig.index(f"left{bone}")] for bone in ("LowerArm", "Hand"))
    near, far = back.rig.index("leftLowerArm"), back.rig.index("leftLowerArmTwist")
    seen = 0
    for surface in back.surfaces:
        along = (surface.positions[:, 0] - elbow[0]) / (wrist[0] - elbow[0])
        both = np.where(np.isin(surface.joints, (near, far)), surface.weights, 0).sum(axis=1)
        share = np.where(surface.joints == far, surface.weights, 0).sum(axis=1)
        on_forearm = both > 0.999
        assert np.allclose(share[on_forearm], np.clip(along / 0.72, 0, 1)[on_forearm], atol=1e-4)
        seen += int(on_forearm.sum())
    assert seen > 50


def test_what_was_read_can_be_written(tmp_path: Path) -> None:
    habit, finish = PROGRAMS["VRM 0.x, looks back"]
    read = reread(finish(foreign(figure(4), habit)), tmp_path)
    write_figure(read.character, tmp_path / "again.vrm")
    assert complaints(tmp_path / "again.vrm") == []
    again = read_figure(tmp_path / "again.vrm")
    assert (again.character.name, again.character.author) == ("Old", "B")
    assert again.character.licence == "Redistribution_Prohibited"
    assert "licence" in kinds(read)


def test_without_finger_bones_it_loads_and_says_so(tmp_path: Path) -> None:
    made = figure(4)
    read = reread(vrm1(foreign(made, Habit(left_out=ALL_FINGERS))), tmp_path)
    (note,) = (note for note in read.notes if note.kind == "no-fingers")
    assert note.text.startswith("finger bones are missing (all 30): hand shapes do not show")
    assert not set(read.character.rig.bones) & set(ALL_FINGERS - Habit().left_out)
    few = frozenset({"leftLittleDistal"}) | Habit().left_out
    read = reread(vrm1(foreign(made, Habit(left_out=few))), tmp_path)
    (note,) = (note for note in read.notes if note.kind == "no-fingers")
    assert "(leftLittleDistal)" in note.text


def test_bones_that_signing_needs_are_named(tmp_path: Path) -> None:
    few = frozenset({"leftHand", "head"}) | ALL_FINGERS
    with pytest.raises(FormatError, match=r"lacks head, leftHand; name its bones as VRM or Mixamo do"):
        reread(vrm1(foreign(figure(4), Habit(left_out=few))), tmp_path)
    with pytest.raises(FormatError, match="lacks hips, spine"):
        read_figure(
            saved(foreign(figure(4), Habit(name=lambda bone: f"part {len(bone)}")), tmp_path / "a.glb")
        )


def test_eight_influences_become_the_four_largest(tmp_path: Path) -> None:
    made = figure(4)
    builder = foreign(made, Habit())
    primitive = builder.document["meshes"][0]["primitives"][0]
    count = len(made.surfaces[0].positions)
    joints = np.tile(np.array([0, 1, 2, 3], np.uint8), (count, 1))
    for number, weights in enumerate(((90, 5, 40, 0), (30, 60, 20, 10))):
        primitive["attributes"][f"JOINTS_{number}"] = builder.accessor(joints + np.uint8(4 * number))
        stored = np.tile(np.array(weights, np.uint8), (count, 1))
        primitive["attributes"][f"WEIGHTS_{number}"] = builder.accessor(stored)
    path = saved(vrm1(builder), tmp_path / "a.glb")
    data = path.read_bytes()
    (size,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + size])
    for number in range(2):
        which = document["meshes"][0]["primitives"][0]["attributes"][f"WEIGHTS_{number}"]
        document["accessors"][which]["normalized"] = True
    path.write_bytes(as_glb(document, data[20 + size + 8 :]))
    surface = read_figure(path).character.surfaces[0]
    assert (surface.joints == [0, 5, 2, 4]).all()
    assert np.allclose(surface.weights, np.array([90, 60, 40, 30]) / 220)


def test_strips_mirrored_nodes_and_meshes_on_a_bone(tmp_path: Path) -> None:
    builder = foreign(figure(4), Habit())
    corners = np.array([[-1, 0, 0], [1, 0, 0], [-1, 1, 0], [1, 1, 0]], np.float32)
    normals = builder.accessor(np.tile(np.array([0, 0, 1], np.float32), (4, 1)))
    attributes = {"POSITION": builder.accessor(corners, bounds=True), "NORMAL": normals}
    strip = {"attributes": attributes, "mode": 5}
    mesh = builder.add("meshes", {"name": "sign", "primitives": [strip, {**strip, "mode": 1}]})
    head = next(node for node in builder.document["nodes"] if node["name"] == "head")
    for name, scale in (("hat", [0.1, 0.1, 0.1]), ("mirrored", [-0.1, 0.1, 0.1])):
        number = builder.add("nodes", {"name": name, "mesh": mesh, "scale": scale})
        head.setdefault("children", []).append(number)
    lone = builder.add("nodes", {"name": "floor", "mesh": mesh})
    builder.document["scenes"][0]["nodes"].append(lone)
    read = reread(vrm1(builder), tmp_path)
    hats = [surface for surface in read.character.surfaces if surface.name.startswith("sign")]
    assert [hat.name for hat in hats] == ["sign", "sign 2"]
    for hat in hats:
        assert np.allclose(hat.normals, [0, 0, 1])
        assert np.allclose(surface_normals(hat), [0, 0, 1])
        assert np.ptp(hat.positions, axis=0) == pytest.approx([0.2, 0.1, 0])
        assert (hat.joints[:, 0] == read.character.rig.index("head")).all()
    told = [note.text for note in read.notes if note.kind == "left-out"]
    assert "sign hangs on no bone: left out" in told
    assert "sign has points or lines, which are not drawn: left out" in told


def textured(material: dict[str, Any], pixels: np.ndarray) -> GlbBuilder:
    """A figure with a square before its chest that a picture is on, u to its left and v downwards."""
    builder = foreign(figure(4), Habit())
    corners = np.array([[-1, 1, 0], [1, 1, 0], [-1, -1, 0], [1, -1, 0]], np.float32)
    places = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    attributes = {
        "POSITION": builder.accessor(corners, bounds=True),
        "TEXCOORD_0": builder.accessor(places * np.float32(0.999)),
    }
    texture = picture(builder, pixels)
    shading = {"baseColorTexture": {"index": texture}}
    number = builder.add("materials", {"name": "picture", "pbrMetallicRoughness": shading, **material})
    order = builder.accessor(np.array([0, 2, 1, 1, 2, 3], np.uint16))
    primitive = {"attributes": attributes, "indices": order, "material": number}
    mesh = builder.add("meshes", {"name": "picture", "primitives": [primitive]})
    chest = next(node for node in builder.document["nodes"] if node["name"] == "chest")
    node = builder.add("nodes", {"name": "picture", "mesh": mesh, "scale": [0.1, 0.1, 0.1]})
    chest.setdefault("children", []).append(node)
    return vrm1(builder)


def test_textures_become_colours_of_vertices(tmp_path: Path) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32, 0] = 255
    pixels[:, 32:, 1] = 188
    pixels[32:, :, 2] = 255
    read = reread(textured({}, pixels), tmp_path)
    surface = surface_of(read.character, "picture")
    assert "texture" in kinds(read)
    assert len(surface.triangles) >= 2 * 4**3  # parted, since two triangles cannot show it
    assert surface.colors is not None
    middle = surface.positions.mean(axis=0)
    left = surface.positions[:, 0] > middle[0] + 1e-3
    low = surface.positions[:, 1] < middle[1] - 1e-3
    right, high = surface.positions[:, 0] < middle[0] - 1e-3, surface.positions[:, 1] > middle[1] + 1e-3
    assert np.allclose(surface.colors[right & high], [1, 0, 0], atol=0.01)
    assert np.allclose(surface.colors[left & high], [0, 0.5, 0], atol=0.01)  # sRGB 188 is half the light
    assert np.allclose(surface.colors[left & low], [0, 0.5, 1], atol=0.01)


def test_transparent_parts_are_not_there_and_both_sides_are(tmp_path: Path) -> None:
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[:, :32, 3] = 0
    read = reread(textured({"alphaMode": "MASK", "doubleSided": True}, pixels), tmp_path)
    surface = surface_of(read.character, "picture")
    assert "transparent" in kinds(read)
    corners = surface.positions[surface.triangles]
    middle = surface.positions[:, 0].mean()
    assert corners[:, :, 0].mean(axis=1).min() > middle - 0.01
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normals[:, 2] > 0).sum() == (normals[:, 2] < 0).sum() > 0


def test_a_damaged_texture_is_told(tmp_path: Path) -> None:
    builder = textured({}, np.zeros((4, 4, 3), np.uint8))
    broken = builder.view(np.frombuffer(b"no picture at all", np.uint8))
    builder.document["images"][0]["bufferView"] = broken
    read = reread(builder, tmp_path)
    assert any("cannot be read: its plain colour stands in" in note.text for note in read.notes)
    assert surface_of(read.character, "picture").colors is None


def faced(names: tuple[str, ...]) -> GlbBuilder:
    """A figure whose face has the same morph target, all of it 1 cm forward, under several names."""
    made = figure(4)
    face = surface_of(made, "face")
    count = len(face.positions)
    ways = np.tile(np.array([0, 0, 0.01], np.float32), (count, 1))
    everything = np.arange(count, dtype=np.uint32)
    morphs = tuple(Morph(name, everything, ways, 0 * ways) for name in names)
    surfaces = tuple(replace(face, morphs=morphs) if one is face else one for one in made.surfaces)
    return foreign(replace(made, surfaces=surfaces), Habit())


def moved(figure: Character, name: str) -> np.ndarray:
    """How far forward each vertex of the face goes, in centimetres."""
    face = surface_of(figure, "face")
    (morph,) = (morph for morph in face.morphs if morph.name == name)
    return 100 * dense(morph, face)[:, 2]


def test_names_of_arkit_in_any_spelling(tmp_path: Path) -> None:
    names = ("JawOpen", "eyeBlink_L", "mouth_smile_right", "Face.browInnerUp", "nothing")
    read = reread(vrm1(faced(names)), tmp_path)
    assert read.character.expressions == ("browInnerUp", "eyeBlinkLeft", "jawOpen", "mouthSmileRight")
    assert np.allclose(moved(read.character, "jawOpen"), 1, atol=1e-4)
    (note,) = (note for note in read.notes if note.kind == "expressions")
    assert note.text == "the face can show only: browInnerUp, eyeBlinkLeft, jawOpen, mouthSmileRight"


def test_both_sides_of_a_face_move_together(tmp_path: Path) -> None:
    builder = vrm1(faced(("jawOpen",)))
    for material in builder.document["materials"]:
        material["doubleSided"] = True
    face = next(mesh for mesh in builder.document["meshes"] if mesh["name"] == "face")
    (target,) = face["primitives"][0]["targets"]
    count = len(surface_of(figure(4), "face").positions)
    slope = np.linspace(0, 0.01, count, dtype=np.float32)[:, None] * np.array([0, 0, 1], np.float32)
    target["POSITION"] = builder.accessor(slope, bounds=True)
    surface = surface_of(reread(builder, tmp_path).character, "face")
    (morph,) = surface.morphs
    front, behind = np.split(morph.vertices, 2)
    assert np.array_equal(front + count, behind)
    assert np.array_equal(*np.split(morph.positions, 2))
    one, other = np.split(morph.normals, 2)
    assert np.allclose(one, -other)
    assert np.abs(one).max() > 0.01


def test_presets_of_vrm_stand_in_for_halves_of_the_face(tmp_path: Path) -> None:
    builder = vrm1(faced(("a", "b")))
    node = next(number for number, row in enumerate(builder.document["nodes"]) if row["name"] == "face")
    half = [{"node": node, "index": 0, "weight": 0.5}]
    whole = [{"node": node, "index": 1, "weight": 1.0}]
    presets = {"blink": {"morphTargetBinds": whole}, "aa": {"morphTargetBinds": half}}
    presets["happy"] = {"morphTargetBinds": whole}
    builder.document["extensions"]["VRMC_vrm"]["expressions"] = {"preset": presets}
    back = reread(builder, tmp_path).character
    assert {"eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthSmileLeft"} <= set(back.expressions)
    assert np.allclose(moved(back, "jawOpen"), 0.5, atol=1e-4)
    left, right = moved(back, "eyeBlinkLeft"), moved(back, "eyeBlinkRight")
    assert np.allclose(left + right, 1, atol=1e-4)
    face = surface_of(back, "face")
    assert np.allclose(left[face.positions[:, 0] > 0.03], 1, atol=1e-4)
    eyes = back.rig.heads[back.rig.index("leftEye")][1]
    assert np.allclose(moved(back, "mouthSmileLeft")[face.positions[:, 1] > eyes], 0, atol=1e-4)


def test_groups_of_vrm_0_count_in_hundredths(tmp_path: Path) -> None:
    builder = vrm0(faced(("x",)))
    mesh = next(number for number, row in enumerate(builder.document["meshes"]) if row["name"] == "face")
    groups = [
        {"name": "Wink", "presetName": "blink_l", "binds": [{"mesh": mesh, "index": 0, "weight": 80}]},
        {"name": "BrowInnerUp", "presetName": "unknown", "binds": [{"mesh": mesh, "index": 0, "weight": 50}]},
    ]
    builder.document["extensions"]["VRM"]["blendShapeMaster"] = {"blendShapeGroups": groups}
    back = reread(builder, tmp_path).character
    assert back.expressions == ("browInnerUp", "eyeBlinkLeft")
    assert np.allclose(moved(back, "eyeBlinkLeft"), 0.8, atol=1e-4)
    assert np.allclose(moved(back, "browInnerUp"), 0.5, atol=1e-4)


def test_a_face_without_morphs_is_told(tmp_path: Path) -> None:
    assert "no-face" in kinds(reread(vrm1(faced(())), tmp_path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"", "does not begin with `glTF`"),
        (lambda data: b"PK" + data[2:], "does not begin with `glTF`"),
        (lambda data: b'{"asset": {"version": "2.0"}}', r"a \.gltf with its data in other files"),
        (lambda data: data[:4] + b"\1" + data[5:], "glTF version 1; only version 2"),
        (lambda data: data[: len(data) // 2], "it ends early: .* get a whole copy"),
        (lambda data: data[:20] + b"[" + data[21:], "damaged"),
        (lambda data: data[:12] + b"\xff\xff\xff\x7f" + data[16:], "a chunk is cut off"),
    ],
)
def test_what_is_no_glb_is_refused(
    change: Callable[[bytes], bytes], words: str, tmp_path: Path, small: bytes
) -> None:
    (tmp_path / "a.glb").write_bytes(change(small))
    with pytest.raises(FormatError, match=words):
        read_figure(tmp_path / "a.glb")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = figure(3)
    few = replace(made, surfaces=(*made.surfaces[:2], surface_of(made, "face")))
    return saved(vrm1(foreign(few, Habit())), tmp_path_factory.mktemp("small") / "a.glb").read_bytes()


def split(data: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack_from("<I", data, 12)
    return json.loads(data[20 : 20 + size]), data[20 + size + 8 :]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"extensionsRequired": ["KHR_draco_mesh_compression"]},
            r"compressed \(KHR_draco.*\.glb\) without compression",
        ),
        ({"extensionsRequired": ["EXT_meshopt_compression"]}, r"compressed \(EXT_meshopt"),
        ({"extensionsRequired": ["ADA_secret"]}, "without the extension ADA_secret"),
        ({"buffers": [{"byteLength": 4, "uri": "theirs.bin"}]}, "its data lies in another file"),
        ({"buffers": [{"byteLength": 4, "uri": "data:,AAAA"}]}, "written as text"),
        ({"nodes": [{"children": [0]}]}, "damaged|lacks"),
        ({"asset": None}, "damaged"),
        ({"meshes": 3}, "meshes is no list of objects"),
        ({"skins": []}, "damaged"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(
    change: dict[str, Any], words: str, tmp_path: Path, small: bytes
) -> None:
    document, binary = split(small)
    (tmp_path / "a.glb").write_bytes(as_glb(document | change, binary))
    with pytest.raises(FormatError, match=words):
        read_figure(tmp_path / "a.glb")


def test_nodes_in_a_ring_and_masses_are_refused(tmp_path: Path, small: bytes) -> None:
    document, binary = split(small)
    hips = next(node for node in document["nodes"] if node["name"] == "hips")
    head = next(node for node in document["nodes"] if node["name"] == "head")
    head.setdefault("children", []).append(document["nodes"].index(hips))
    document["nodes"][0]["children"].remove(document["nodes"].index(hips))
    (tmp_path / "ring.glb").write_bytes(as_glb(document, binary))
    with pytest.raises(FormatError, match="its nodes make no tree"):
        read_figure(tmp_path / "ring.glb")
    document, binary = split(small)
    for accessor in document["accessors"]:
        accessor["count"] = 10_000_000
    (tmp_path / "mass.glb").write_bytes(as_glb(document, binary))
    with pytest.raises(FormatError, match=r"more than \d+ are not (read|drawn); make the mesh"):
        read_figure(tmp_path / "mass.glb")
    with pytest.raises(FormatError, match="no such file"):
        read_figure(tmp_path / "nowhere.glb")


@pytest.mark.parametrize("number", [1e300, float("nan")])
def test_numbers_beyond_all_measure_are_damage(number: float, tmp_path: Path, small: bytes) -> None:
    document, binary = split(small)
    head = next(node for node in document["nodes"] if node["name"] == "head")
    head["matrix"][12] = number
    (tmp_path / "a.glb").write_bytes(as_glb(document, binary))
    with pytest.raises(FormatError, match="damaged"):
        read_figure(tmp_path / "a.glb")


def test_no_damage_ends_in_anything_but_a_figure_or_a_clear_error(tmp_path: Path, small: bytes) -> None:
    chance = np.random.default_rng(9)
    (head,) = struct.unpack_from("<I", small, 12)
    path = tmp_path / "a.glb"
    told: list[str] = []
    for turn in range(100):
        data = np.frombuffer(small, np.uint8).copy()
        # digits in the text, so that it mostly stays readable, or bytes of the numbers
        text = np.flatnonzero((data[20 : 20 + head] >= 48) & (data[20 : 20 + head] <= 57)) + 20
        where = chance.choice(text if turn % 3 else np.arange(head + 28, len(data)), 3)
        data[where] = chance.integers(48, 58, 3) if turn % 3 else chance.integers(0, 256, 3)
        path.write_bytes(data.tobytes())
        try:
            read_figure(path)
        except FormatError as error:
            told.append(str(error))
    assert len(told) > 10
    assert all(text.startswith(str(path)) for text in told)


def test_pillow_is_asked_for_where_there_are_textures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(textured({}, np.zeros((4, 4, 3), np.uint8)), tmp_path / "a.glb")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(
        MissingExtra, match=r"pillow is not installed; run: pip install 'accessify\[avatar\]'"
    ):
        read_figure(path)
