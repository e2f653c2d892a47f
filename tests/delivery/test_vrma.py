"""VRM animations: valid, with VRM's own bones only, the face as the standard asks, nothing told twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import FormatError, OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import BONES
from accessify.core.motion import Motion
from accessify.core.rotation import about
from accessify.delivery.gltf_motion import read_motion
from accessify.delivery.vrm_extension import PRESETS
from accessify.delivery.vrma import expression_curves, write_vrma
from tests.delivery.khronos import complaints
from tests.motion.people import plain_rig
from tests.render.figures import RATE, signing

pygltflib = pytest.importorskip("pygltflib")


def faced() -> Motion:
    """Lids, jaw, brows and gaze move as well as the arms."""
    motion = signing(5)
    motion.expressions[:] = 0
    for name, most in (("eyeBlinkLeft", 1), ("jawOpen", 0.6), ("browInnerUp", 0.5), ("mouthPucker", 0.3)):
        motion.expressions[:, EXPRESSIONS.index(name)] = np.linspace(0, most, 5)
    for eye in ("leftEye", "rightEye"):
        motion.rotations[:, motion.rig.index(eye)] = about([0, 1, 0], np.linspace(0, 0.3, 5))
    return motion


def loaded(path: Path) -> Any:
    gltf = pygltflib.GLTF2().load_binary(path)
    assert gltf is not None
    return gltf


def test_it_is_valid_and_names_vrm_bones(tmp_path: Path) -> None:
    write_vrma(faced(), tmp_path / "a.vrma")
    assert complaints(tmp_path / "a.vrma") == []
    gltf = loaded(tmp_path / "a.vrma")
    told = gltf.extensions["VRMC_vrm_animation"]
    human = told["humanoid"]["humanBones"]
    left_out = {"leftEye", "rightEye", "leftLowerArmTwist", "rightLowerArmTwist"}
    assert set(human) == set(BONES) - left_out
    assert all(gltf.nodes[row["node"]].name == bone for bone, row in human.items())
    assert told["specVersion"] == "1.0"
    assert not gltf.meshes
    moved = {gltf.nodes[channel.target.node].name for channel in gltf.animations[0].channels}
    assert not moved & {"leftEye", "rightEye"}
    assert gltf.nodes[told["lookAt"]["node"]].name == "gaze"
    assert {"leftUpperArm", "gaze"} <= moved


def test_bones_come_back_as_they_were(tmp_path: Path) -> None:
    motion = faced()
    write_vrma(motion, tmp_path / "a.vrma")
    gltf = loaded(tmp_path / "a.vrma")
    rotations = {
        gltf.nodes[channel.target.node].name: channel.sampler
        for channel in gltf.animations[0].channels
        if channel.target.path == "rotation"
    }
    number = motion.rig.index("leftUpperArm")
    accessor = gltf.accessors[gltf.animations[0].samplers[rotations["leftUpperArm"]].output]
    start = gltf.bufferViews[accessor.bufferView].byteOffset
    turns = np.frombuffer(gltf.binary_blob(), np.float32, 20, start).reshape(5, 4)
    assert np.allclose(np.abs((turns * motion.rotations[:, number]).sum(axis=1)), 1, atol=1e-6)


def test_the_face_goes_along_x(tmp_path: Path) -> None:
    motion = faced()
    write_vrma(motion, tmp_path / "a.vrma")
    gltf = loaded(tmp_path / "a.vrma")
    told = gltf.extensions["VRMC_vrm_animation"]["expressions"]
    assert set(told["preset"]) == {"blinkLeft", "aa", "ou"}
    assert set(told["custom"]) == {"browInnerUp"}
    node = told["custom"]["browInnerUp"]["node"]
    (channel,) = (one for one in gltf.animations[0].channels if one.target.node == node)
    assert channel.target.path == "translation"
    accessor = gltf.accessors[gltf.animations[0].samplers[channel.sampler].output]
    start = gltf.bufferViews[accessor.bufferView].byteOffset
    where = np.frombuffer(gltf.binary_blob(), np.float32, 15, start).reshape(5, 3)
    assert np.allclose(where, np.outer(np.linspace(0, 0.5, 5), [1, 0, 0]), atol=1e-6)


def test_presets_played_on_our_figure_open_the_mouth_as_far(tmp_path: Path) -> None:
    motion = faced()
    presets, _ = expression_curves(motion)
    for name in ("jawOpen", "mouthPucker", "eyeBlinkLeft"):
        again = sum(dict(PRESETS[preset]).get(name, 0) * values for preset, values in presets.items())
        assert np.allclose(again, motion.expressions[:, EXPRESSIONS.index(name)], atol=1e-6)


def test_a_rig_without_legs_and_another_ending_are_refused(tmp_path: Path) -> None:
    rig = plain_rig(tuple(bone for bone in BONES if "Leg" not in bone and "Foot" not in bone))
    with pytest.raises(FormatError, match=r"write \.glb or \.bvh"):
        write_vrma(Motion.at_rest(rig, 2, RATE), tmp_path / "a.vrma")
    with pytest.raises(OptionError, match="end the name so"):
        write_vrma(faced(), tmp_path / "a.glb")


def test_a_still_figure_is_valid_too(tmp_path: Path) -> None:
    write_vrma(Motion.at_rest(plain_rig(), 3, RATE), tmp_path / "a.vrma")
    assert complaints(tmp_path / "a.vrma") == []
    with pytest.raises(FormatError, match="no movement"):
        read_motion(tmp_path / "a.vrma", plain_rig())
