"""What makes a glTF a VRM 1.0: which node is which bone, which morphs make which expression, and rights.

Rules: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm-1.0 (humanoid.md,
meta.md, expressions.md, lookAt.md).
"""

from __future__ import annotations

import numpy as np

from accessify.core.character import Character
from accessify.core.disclosure import disclosure
from accessify.core.humanoid import SIDES, Rig, twist
from accessify.delivery.glb_build import Document
from accessify.delivery.gltf_motion import Animated

_LICENCE = "https://vrm.dev/licenses/1.0/"
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_REQUIRED = (
    "hips",
    "spine",
    "head",
    *(
        side + bone
        for side in SIDES
        for bone in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
    ),
)
EYES = tuple(f"{side}Eye" for side in SIDES)
_NOT_VRM = frozenset(twist(side) for side in SIDES)

PRESETS: dict[str, tuple[tuple[str, float], ...]] = {
    "happy": (
        ("mouthSmileLeft", 0.9),
        ("mouthSmileRight", 0.9),
        ("cheekSquintLeft", 0.6),
        ("cheekSquintRight", 0.6),
    ),
    "angry": (
        ("browDownLeft", 1.0),
        ("browDownRight", 1.0),
        ("noseSneerLeft", 0.4),
        ("noseSneerRight", 0.4),
        ("mouthPressLeft", 0.5),
        ("mouthPressRight", 0.5),
    ),
    "sad": (("browInnerUp", 0.9), ("mouthFrownLeft", 0.8), ("mouthFrownRight", 0.8)),
    "surprised": (
        ("browInnerUp", 0.8),
        ("browOuterUpLeft", 0.9),
        ("browOuterUpRight", 0.9),
        ("eyeWideLeft", 0.8),
        ("eyeWideRight", 0.8),
        ("jawOpen", 0.3),
    ),
    "relaxed": (
        ("mouthSmileLeft", 0.3),
        ("mouthSmileRight", 0.3),
        ("eyeBlinkLeft", 0.25),
        ("eyeBlinkRight", 0.25),
    ),
    "blink": (("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0)),
    "blinkLeft": (("eyeBlinkLeft", 1.0),),
    "blinkRight": (("eyeBlinkRight", 1.0),),
    "aa": (("jawOpen", 0.6),),
    "ih": (("jawOpen", 0.15), ("mouthStretchLeft", 0.5), ("mouthStretchRight", 0.5)),
    "ou": (("jawOpen", 0.1), ("mouthPucker", 0.9)),
    "ee": (("jawOpen", 0.2), ("mouthSmileLeft", 0.3), ("mouthSmileRight", 0.3)),
    "oh": (("jawOpen", 0.35), ("mouthFunnel", 0.8)),
}
"""Expression that any program for VRM knows → what makes it of ours, with weights."""


def is_vrm(rig: Rig) -> bool:
    """Whether the rig has every bone that VRM 1.0 requires."""
    return all(bone in rig for bone in _REQUIRED)


def human_bones(bones: dict[str, int]) -> Document:
    """Bone → node, in VRM's words; twist bones are none of them and stay plain nodes."""
    return {bone: {"node": node} for bone, node in bones.items() if bone not in _NOT_VRM}


def vrm_of(character: Character, animated: Animated) -> Document:
    """The extension `VRMC_vrm` of a figure: presets where it has a morph for one, and each morph by name."""
    presets = {
        name: _expression(parts, animated)
        for name, parts in PRESETS.items()
        if any(part in character.expressions for part, _ in parts)
    }
    custom = {name: _expression(((name, 1.0),), animated) for name in character.expressions}
    extension: Document = {
        "specVersion": "1.0",
        "meta": _meta(character),
        "humanoid": {"humanBones": human_bones(dict(animated.bones))},
        "expressions": {"preset": presets, "custom": custom},
    }
    return extension | _gaze(character.rig)


def _gaze(rig: Rig) -> Document:
    """That the eyes' bones turn as far as the gaze (lookAt.md); nothing for a rig without."""
    if any(eye not in rig for eye in EYES):
        return {}
    as_far = {"inputMaxValue": 90.0, "outputScale": 90.0}
    ranges = ("HorizontalInner", "HorizontalOuter", "VerticalDown", "VerticalUp")
    told = {f"rangeMap{name}": as_far for name in ranges}
    return {"lookAt": {"type": "bone", "offsetFromHeadBone": between_eyes(rig), **told}}


def between_eyes(rig: Rig) -> list[float]:
    """The middle of both eyes, metres from the head's joint."""
    middle = np.mean([rig.heads[rig.index(eye)] for eye in EYES], axis=0)
    return [float(part) for part in middle - rig.heads[rig.index("head")]]


def _expression(parts: tuple[tuple[str, float], ...], animated: Animated) -> Document:
    binds = [
        {"node": node, "index": names.index(part), "weight": weight}
        for part, weight in parts
        for node, names in animated.morphs.items()
        if part in names
    ]
    return {
        "morphTargetBinds": binds,
        "isBinary": False,
        "overrideBlink": "none",
        "overrideLookAt": "none",
        "overrideMouth": "none",
    }


def _meta(character: Character) -> Document:
    """Rights: everything for CC0; the least that VRM can say for all others, whose terms stand beside."""
    free = character.licence == "CC0-1.0"
    meta: Document = {
        "name": character.name,
        "version": "1",
        "authors": [character.author or "unknown"],
        "copyrightInformation": f"{character.licence}. {disclosure('en').comment}",
        "licenseUrl": _LICENCE,
        "avatarPermission": "everyone" if free else "onlyAuthor",
        "allowExcessivelyViolentUsage": free,
        "allowExcessivelySexualUsage": free,
        "commercialUsage": "corporation" if free else "personalNonProfit",
        "allowPoliticalOrReligiousUsage": free,
        "allowAntisocialOrHateUsage": False,
        "creditNotation": "unnecessary" if free else "required",
        "allowRedistribution": free,
        "modification": "allowModificationRedistribution" if free else "prohibited",
    }
    if free:
        meta["otherLicenseUrl"] = _CC0
    elif character.licence.startswith(("http://", "https://")):
        meta["otherLicenseUrl"] = character.licence
    return meta
