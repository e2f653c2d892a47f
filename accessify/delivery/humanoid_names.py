"""Which node of a file is which bone: as a VRM says, else by the names that common rigs use.

Names: VRM 0.x and 1.0 (whose thumbs are named one bone apart), Unity's humanoid, Mixamo
(`mixamorig:LeftForeArm`), Unreal (`lowerarm_l`), Blender (`upper_arm.L`), 3ds Max (`Bip01 L UpperArm`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from accessify.core.humanoid import BONES, FINGERS, SIDES, finger_bones
from accessify.delivery.glb_parse import Glb

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LEFT_OUT = frozenset(
    {"mixamorig", "bip", "biped", "armature", "def", "bone", "j", "b", "c", "cc", "base", "adj"}
    | {"finger", "jnt", "f"}
)
_SIDES = {"left": "left", "l": "left", "lft": "left", "right": "right", "r": "right", "rgt": "right"}
_MIDDLE = {"hips": "hips", "hip": "hips", "pelvis": "hips", "neck": "neck", "neck1": "neck", "head": "head"}
_MIDDLE |= {"jaw": "jaw", "chest": "chest", "upperchest": "upperChest"}
_LIMBS = {
    **dict.fromkeys(("shoulder", "clavicle", "collar"), "Shoulder"),
    **dict.fromkeys(("arm", "upperarm", "uparm"), "UpperArm"),
    **dict.fromkeys(("forearm", "lowerarm"), "LowerArm"),
    **dict.fromkeys(("hand", "wrist"), "Hand"),
    **dict.fromkeys(("upleg", "upperleg", "thigh"), "UpperLeg"),
    **dict.fromkeys(("leg", "lowerleg", "calf", "shin"), "LowerLeg"),
    **dict.fromkeys(("foot", "ankle"), "Foot"),
    "eye": "Eye",
}
_TRUNK = ("spine", "chest", "upperChest")
_JOINTS = {"1": 0, "2": 1, "3": 2, "proximal": 0, "intermediate": 1, "distal": 2}
_THUMB_JOINTS = {"metacarpal": 0, "proximal": 1, "distal": 2}


def named_bones(glb: Glb) -> dict[str, int]:
    """Bone → number of its node, for those of `BONES` that the file has."""
    extensions = glb.document.get("extensions", {})
    if "VRMC_vrm" in extensions:
        human = extensions["VRMC_vrm"]["humanoid"]["humanBones"]
        return _known({bone: row["node"] for bone, row in human.items()}, glb)
    if "VRM" in extensions:
        rows = extensions["VRM"]["humanoid"]["humanBones"]
        return _known({_of_vrm0(row["bone"]): row["node"] for row in rows}, glb)
    return _by_name(glb)


def _known(found: dict[str, Any], glb: Glb) -> dict[str, int]:
    count = len(glb.rows("nodes"))
    return {
        bone: found[bone] for bone in BONES if isinstance(found.get(bone), int) and 0 <= found[bone] < count
    }


def _of_vrm0(bone: str) -> str:
    """VRM 1.0's name of a bone of VRM 0.x."""
    return bone.replace("ThumbProximal", "ThumbMetacarpal").replace("ThumbIntermediate", "ThumbProximal")


def _by_name(glb: Glb) -> dict[str, int]:
    nodes = glb.rows("nodes")
    named = [
        (_parts(str(node.get("name", ""))), number) for number, node in enumerate(nodes) if "mesh" not in node
    ]
    metacarpal = any(joint == "thumbmetacarpal" for (_, joint), _ in named)
    thumb_from_0 = any(joint in {"thumb0", "handthumb0"} for (_, joint), _ in named)
    found: dict[str, int] = {}
    spine = []
    for (side, joint), number in named:
        if side is None and re.fullmatch(r"spine\d*", joint):
            spine.append((joint, number))
            continue
        bone = _bone(side, joint, metacarpal, thumb_from_0)
        if bone is not None:
            found.setdefault(bone, number)
    free = [bone for bone in _TRUNK if bone not in found]
    for bone, (_, number) in zip(free, sorted(spine), strict=False):
        found[bone] = number
    return _known(found, glb)


def _parts(name: str) -> tuple[str | None, str]:
    """The side that a name tells and the rest of its words, in small letters."""
    words = [word.lower() for word in _WORDS.findall(re.sub(r"(?i)^bip(ed)?0*1\b|^.*[:|]", "", name))]
    side = next((_SIDES[word] for word in words if word in _SIDES), None)
    rest = [word.lstrip("0") or "0" for word in words if word not in _SIDES and word not in _LEFT_OUT]
    return side, "".join(rest)


def _bone(side: str | None, joint: str, metacarpal: bool, thumb_from_0: bool) -> str | None:
    if side is None:
        return _MIDDLE.get(joint)
    if joint in _LIMBS:
        return side + _LIMBS[joint]
    match = re.fullmatch(r"(?:hand)?(thumb|index|middle|mid|ring|pinky|little)([a-z]+|\d)", joint)
    if match is None:
        return None
    finger = {"mid": "middle", "pinky": "little"}.get(match[1], match[1]).capitalize()
    if finger == "Thumb" and metacarpal:
        place = _THUMB_JOINTS.get(match[2])
    elif finger == "Thumb" and thumb_from_0 and match[2].isdigit():
        place = int(match[2])
    else:
        place = _JOINTS.get(match[2])
    return None if place is None or place > 2 else finger_bones(side, finger)[place]


REQUIRED = (
    "hips",
    "spine",
    "head",
    *(side + bone for side in SIDES for bone in ("UpperArm", "LowerArm", "Hand")),
)
"""Bones that signing cannot do without."""


def without_fingers(bones: Collection[str]) -> list[str]:
    """Finger bones that are not there."""
    wanted = [bone for side in SIDES for finger in FINGERS for bone in finger_bones(side, finger)]
    return [bone for bone in wanted if bone not in bones]
