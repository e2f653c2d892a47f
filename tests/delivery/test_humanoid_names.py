"""Bones are found by the names that common programs give them."""

from __future__ import annotations

import pytest

from accessify.core.humanoid import BONES, SIDES, twist
from accessify.delivery.glb_parse import Glb
from accessify.delivery.humanoid_names import named_bones, without_fingers
from tests.delivery.foreign_figures import mixamo


def found(*names: str) -> dict[str, str]:
    """Bone → name of its node, of a file with such nodes."""
    glb = Glb({"nodes": [{"name": name} for name in names]}, memoryview(b""), "a.glb")
    return {bone: names[number] for bone, number in named_bones(glb).items()}


def test_all_of_mixamo() -> None:
    names = {bone: mixamo(bone) for bone in BONES if bone not in {twist(side) for side in SIDES} | {"jaw"}}
    assert found(*names.values(), "mixamorig:LeftHandIndex4", "mixamorig:HeadTop_End") == names
    bare = {bone: name.replace(":", "") for bone, name in names.items()}
    assert found(*bare.values()) == bare


def test_all_of_vrm_by_its_names() -> None:
    names = [bone for bone in BONES if bone not in {twist(side) for side in SIDES}]
    assert found(*names) == {name: name for name in names}


@pytest.mark.parametrize(
    ("names", "bones"),
    [
        (  # Unreal
            ("pelvis", "spine_01", "spine_02", "spine_03", "spine_04", "neck_01", "head"),
            ("hips", "spine", "chest", "upperChest", None, "neck", "head"),
        ),
        (
            ("clavicle_l", "upperarm_l", "lowerarm_l", "hand_l", "thumb_01_l", "index_03_r", "pinky_02_r"),
            (
                *("leftShoulder", "leftUpperArm", "leftLowerArm", "leftHand", "leftThumbMetacarpal"),
                *("rightIndexDistal", "rightLittleIntermediate"),
            ),
        ),
        (  # Unreal's further bones are none of ours
            ("lowerarm_twist_01_l", "index_metacarpal_l", "ik_hand_l", "hand_l", "ball_l"),
            (None, None, None, "leftHand", None),
        ),
        (  # Blender
            ("upper_arm.L", "forearm.R", "hand.L", "thigh.R", "shin.L", "foot.R", "DEF-f_middle.01.L"),
            (
                *("leftUpperArm", "rightLowerArm", "leftHand", "rightUpperLeg", "leftLowerLeg", "rightFoot"),
                "leftMiddleProximal",
            ),
        ),
        (  # 3ds Max
            ("Bip01 Pelvis", "Bip01 Spine", "Bip01 Spine1", "Bip01 L UpperArm", "Bip01 R Forearm"),
            ("hips", "spine", "chest", "leftUpperArm", "rightLowerArm"),
        ),
        (  # VRoid without its extension
            ("J_Bip_C_Hips", "J_Bip_L_UpperArm", "J_Bip_R_Little3", "J_Bip_L_Thumb1", "J_Adj_L_FaceEye"),
            ("hips", "leftUpperArm", "rightLittleDistal", "leftThumbMetacarpal", None),
        ),
        (  # thumbs counted from nought
            ("LeftHandThumb0", "LeftHandThumb1", "LeftHandThumb2"),
            ("leftThumbMetacarpal", "leftThumbProximal", "leftThumbDistal"),
        ),
        (  # Unity, which names thumbs as it does fingers
            ("Left Thumb Proximal", "Left Thumb Intermediate", "Left Thumb Distal", "Right Index Proximal"),
            ("leftThumbMetacarpal", "leftThumbProximal", "leftThumbDistal", "rightIndexProximal"),
        ),
    ],
)
def test_names_of_programs(names: tuple[str, ...], bones: tuple[str | None, ...]) -> None:
    expected = {bone: name for name, bone in zip(names, bones, strict=True) if bone is not None}
    assert found(*names) == expected


def test_finger_bones_that_are_not_there() -> None:
    assert len(without_fingers(())) == 30
    assert without_fingers(tuple(bone for bone in BONES if bone != "leftRingDistal")) == ["leftRingDistal"]
