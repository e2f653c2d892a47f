"""A figure as `.glb`: Khronos finds nothing wrong, other libraries read it, and it moves as it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.character import Character
from accessify.core.errors import OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import BONES, SIDES, Rig, twist
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import about, rotate
from accessify.delivery.gltf_motion import read_motion
from accessify.delivery.gltf_write import write_figure
from tests.avatar.figures import bent, coarse_figure
from tests.delivery.khronos import complaints, report_of
from tests.render.figures import figure, signing

pygltflib = pytest.importorskip("pygltflib")
trimesh = pytest.importorskip("trimesh")


def signed(frames: int = 5) -> Motion:
    """Arms, hips, jaw and eyes move."""
    motion = signing(frames)
    motion.hips[:, 1] = -0.01 * np.arange(frames)
    motion.expressions[:, EXPRESSIONS.index("jawOpen")] = np.linspace(0, 1, frames)
    return motion


def test_khronos_finds_no_error_and_no_warning(tmp_path: Path) -> None:
    write_figure(coarse_figure(), tmp_path / "still.glb")
    write_figure(figure(4), tmp_path / "moving.vrm", signed())
    assert complaints(tmp_path / "still.glb") == []
    assert complaints(tmp_path / "moving.vrm") == []
    info = report_of(tmp_path / "moving.vrm")["info"]
    assert (info["animationCount"], info["hasSkins"], info["hasMorphTargets"]) == (1, True, True)


def test_a_mesh_library_sees_the_same_triangles(tmp_path: Path) -> None:
    made = figure(4)
    write_figure(made, tmp_path / "a.glb")
    scene = trimesh.load(tmp_path / "a.glb", process=False)
    assert isinstance(scene, trimesh.Scene)
    for surface in made.surfaces:
        seen = scene.geometry[surface.name]
        assert np.array_equal(seen.faces, surface.triangles)
        assert np.allclose(seen.vertices, surface.positions, atol=1e-7)


def test_bones_are_nodes_of_their_vrm_names(tmp_path: Path) -> None:
    made = figure(4)
    write_figure(made, tmp_path / "a.glb")
    gltf = pygltflib.GLTF2().load(tmp_path / "a.glb")
    assert gltf is not None
    vrm = gltf.extensions["VRMC_vrm"]
    human = vrm["humanoid"]["humanBones"]
    assert set(human) == set(BONES) - {twist(side) for side in SIDES}
    for bone, row in human.items():
        assert gltf.nodes[row["node"]].name == bone
        assert gltf.nodes[row["node"]].rotation is None
    assert {node.name for node in gltf.nodes} >= set(BONES)
    assert vrm["meta"]["allowRedistribution"] is True
    assert vrm["meta"]["otherLicenseUrl"].startswith("https://creativecommons.org/publicdomain/zero")
    assert "avatar" in gltf.asset.extras["disclosure"]
    assert gltf.asset.copyright == "accessify, CC0-1.0"
    look = vrm["lookAt"]
    eyes = made.rig.heads[[made.rig.index("leftEye"), made.rig.index("rightEye")]].mean(axis=0)
    assert look["type"] == "bone"
    assert np.allclose(look["offsetFromHeadBone"] + made.rig.heads[made.rig.index("head")], eyes)


def test_expressions_point_at_morphs_that_are_there(tmp_path: Path) -> None:
    made = coarse_figure()
    write_figure(made, tmp_path / "a.glb")
    gltf = pygltflib.GLTF2().load(tmp_path / "a.glb")
    assert gltf is not None
    told = gltf.extensions["VRMC_vrm"]["expressions"]
    assert {"happy", "surprised", "blink", "blinkLeft", "blinkRight", "aa", "ih", "ou", "ee", "oh"} <= set(
        told["preset"]
    )
    assert set(told["custom"]) == set(made.expressions)
    for name, row in told["custom"].items():
        assert row["morphTargetBinds"]
        for bind in row["morphTargetBinds"]:
            mesh = gltf.meshes[gltf.nodes[bind["node"]].mesh]
            assert mesh.extras["targetNames"][bind["index"]] == name


def test_another_persons_figure_keeps_its_rights(tmp_path: Path) -> None:
    write_figure(replace(figure(4), licence="all rights reserved", author="Ada"), tmp_path / "a.glb")
    gltf = pygltflib.GLTF2().load(tmp_path / "a.glb")
    assert gltf is not None
    meta = gltf.extensions["VRMC_vrm"]["meta"]
    assert (meta["authors"], meta["allowRedistribution"], meta["modification"]) == (
        ["Ada"],
        False,
        "prohibited",
    )
    assert gltf.asset.copyright == "Ada, all rights reserved"


def test_skin_and_inverse_bind_matrices_move_vertices_as_our_own_blending_does(tmp_path: Path) -> None:
    made = figure(4)
    write_figure(made, tmp_path / "a.glb")
    gltf = pygltflib.GLTF2().load(tmp_path / "a.glb")
    assert gltf is not None
    turn = {"leftUpperArm": about([0, 0, 1], -0.9), "leftLowerArm": about([0, 1, 0], -0.7)}
    worlds = _worlds(gltf, turn)
    skin = gltf.skins[0]
    back = _array(gltf, skin.inverseBindMatrices).reshape(-1, 4, 4).swapaxes(1, 2)
    matrices = np.stack([worlds[node] for node in skin.joints]) @ back
    for number, surface in enumerate(made.surfaces):
        attributes = gltf.meshes[number].primitives[0].attributes
        points = np.pad(_array(gltf, attributes.POSITION), ((0, 0), (0, 1)), constant_values=1)
        joints, weights = _array(gltf, attributes.JOINTS_0), _array(gltf, attributes.WEIGHTS_0)
        moved = np.einsum("vk,vkij,vj->vi", weights, matrices[joints], points)[:, :3]
        assert np.allclose(moved, bent(made, surface, turn), atol=1e-5)


def test_a_movement_comes_back(tmp_path: Path) -> None:
    made, motion = figure(4), signed(6)
    assert write_figure(made, tmp_path / "a.glb", motion) == ()
    back = read_motion(tmp_path / "a.glb", made.rig)
    assert (back.rate, back.start, len(back)) == (motion.rate, motion.start, 6)
    same = np.abs((back.rotations * motion.rotations).sum(axis=-1))
    assert np.allclose(same, 1, atol=1e-6)
    assert np.allclose(back.hips, motion.hips, atol=1e-6)
    assert np.array_equal(back.expressions, motion.expressions)


def test_turns_take_the_short_way_and_only_moving_bones_are_told(tmp_path: Path) -> None:
    made = figure(4)
    motion = Motion.at_rest(made.rig, 4, signing(1).rate)
    hand = made.rig.index("rightHand")
    motion.rotations[:, hand] = about([1, 0, 0], np.linspace(0, 2, 4)) * np.array([[1], [-1], [1], [-1]])
    write_figure(made, tmp_path / "a.glb", motion)
    gltf = pygltflib.GLTF2().load(tmp_path / "a.glb")
    assert gltf is not None
    (channel,) = gltf.animations[0].channels
    assert gltf.nodes[channel.target.node].name == "rightHand"
    turns = _array(gltf, gltf.animations[0].samplers[channel.sampler].output)
    assert ((turns[1:] * turns[:-1]).sum(axis=1) > 0).all()


def test_what_the_figure_cannot_show_is_told(tmp_path: Path) -> None:
    made, motion = figure(4), signed()
    motion.expressions[2, EXPRESSIONS.index("cheekPuff")] = 1
    motion.expressions[:, 0] = 1
    kept = [number for number, bone in enumerate(made.rig.bones) if "Hand" in bone or "Arm" not in bone]
    rig = Rig(tuple(made.rig.bones[number] for number in kept), made.rig.heads[kept], made.rig.tails[kept])
    bald = tuple(
        replace(surface, joints=np.zeros_like(surface.joints), morphs=()) for surface in made.surfaces
    )
    notes = write_figure(Character("few", rig, bald, made.materials), tmp_path / "a.glb", motion)
    assert len(notes) == 2
    assert "leftUpperArm" in notes[0].text
    assert notes[1].text == "the figure lacks the expressions: cheekPuff, jawOpen"
    assert complaints(tmp_path / "a.glb") == []  # without arms it is a glTF and no VRM


def test_no_picture_no_animation(tmp_path: Path) -> None:
    made = figure(4)
    write_figure(made, tmp_path / "a.glb", Motion.at_rest(made.rig, 0, signing(1).rate))
    assert complaints(tmp_path / "a.glb") == []


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"written as \.glb or \.vrm"):
        write_figure(figure(4), tmp_path / "a.gltf")
    assert list(tmp_path.iterdir()) == []


def _array(gltf: Any, number: int) -> np.ndarray:
    """As pygltflib's users do it."""
    accessor = gltf.accessors[number]
    view = gltf.bufferViews[accessor.bufferView]
    blob = gltf.binary_blob()
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor.type]
    dtype = {5123: np.uint16, 5125: np.uint32, 5126: np.float32}[accessor.componentType]
    return np.frombuffer(blob, dtype, accessor.count * width, view.byteOffset).reshape(-1, width)


def _worlds(gltf: Any, turns: dict[str, np.ndarray]) -> dict[int, np.ndarray]:
    """Each node's matrix, from its parents'."""
    found: dict[int, np.ndarray] = {}

    def place(number: int, above: np.ndarray) -> None:
        node = gltf.nodes[number]
        local = np.eye(4)
        local[:3, :3] = rotate(turns.get(node.name, np.array([0, 0, 0, 1.0])), np.eye(3)).T
        local[:3, 3] = node.translation or (0, 0, 0)
        found[number] = above @ local
        for child in node.children or ():
            place(child, found[number])

    for root in gltf.scenes[0].nodes:
        place(root, np.eye(4))
    return found


def test_nodes_stand_where_forward_kinematics_says(tmp_path: Path) -> None:
    made, motion = figure(4), signed(3)
    write_figure(made, tmp_path / "a.glb", motion)
    gltf = pygltflib.GLTF2().load(tmp_path / "a.glb")
    assert gltf is not None
    turns = {bone: motion.rotations[1, number] for number, bone in enumerate(made.rig.bones)}
    worlds = _worlds(gltf, turns)
    places, _ = placed_bones(made.rig, motion.rotations[1])
    for number, place in enumerate(places):
        assert np.allclose(worlds[number][:3, 3], place, atol=1e-6)
