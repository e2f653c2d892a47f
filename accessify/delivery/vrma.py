"""Movements as VRM animations (`.vrma`), which any VRM figure can play: bones, face and gaze, no meshes.

Rules: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0. Eyelids
and mouth openings are told as VRM's own presets, which every VRM has; all else by ARKit's names as custom
expressions, for figures that have morphs of these names. Nothing is told twice, since expressions add up.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.disclosure import disclosure
from accessify.core.errors import FormatError, OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.motion import Motion
from accessify.core.placing import placed
from accessify.core.rotation import continuous, slerp
from accessify.delivery.glb_build import Document, GlbBuilder
from accessify.delivery.gltf_motion import Animated, Animation, add_bones, animation_of
from accessify.delivery.vrm_extension import EYES, between_eyes, human_bones, is_vrm

_OF_PRESETS = frozenset(
    {"eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthPucker", "mouthFunnel"}
    | {"mouthStretchLeft", "mouthStretchRight"}
)


def write_vrma(motion: Motion, path: str | Path) -> None:
    """Write a movement for VRM figures.

    Raises `OptionError` for a path that does not end in `.vrma`, and `FormatError` for a rig without the
    bones that VRM requires.
    """
    target = Path(path)
    if target.suffix.lower() != ".vrma":
        raise OptionError(f"{path}: VRM animations are written as .vrma; end the name so")
    if not is_vrm(motion.rig):
        raise FormatError(
            "VRM animations need arms, legs, spine and head, and this figure lacks some; write .glb or .bvh",
            source=str(path),
        )
    builder = GlbBuilder(_head())
    add_bones(builder, motion.rig)
    numbers = {bone: number for number, bone in enumerate(motion.rig.bones)}
    body = {bone: number for bone, number in numbers.items() if bone not in EYES}
    animation = animation_of(builder, motion, Animated(body, motion.rig.offsets[0], {}))
    extension: Document = {"specVersion": "1.0", "humanoid": {"humanBones": human_bones(body)}}
    extension |= _face(animation, motion) | _look(animation, motion)
    animation.finish()
    every = builder.document["nodes"]
    below = {child for node in every for child in node.get("children", ())}
    roots = [number for number in range(len(every)) if number not in below]
    builder.document |= {"scene": 0, "scenes": [{"nodes": roots}], "extensionsUsed": ["VRMC_vrm_animation"]}
    builder.document["extensions"] = {"VRMC_vrm_animation": extension}
    with placed(target) as temporary:
        temporary.write_bytes(builder.to_bytes())


def _face(animation: Animation, motion: Motion) -> Document:
    """A node for each expression, which goes along x from 0 to 1."""
    told: list[Document] = []
    for curves in expression_curves(motion):
        nodes = {name: animation.builder.add("nodes", {"name": name}) for name in curves}
        for name, values in curves.items():
            where = np.stack([values, 0 * values, 0 * values], axis=1)
            animation.channel(nodes[name], "translation", where)
        told.append({name: {"node": node} for name, node in nodes.items()})
    return {"expressions": {"preset": told[0], "custom": told[1]}} if any(told) else {}


def _look(animation: Animation, motion: Motion) -> Document:
    """A node that turns as the gaze does; VRM allows the eyes themselves no movement."""
    gaze = _gaze(motion)
    if gaze is None:
        return {}
    node = animation.builder.add("nodes", {"name": "gaze"})
    animation.channel(node, "rotation", gaze)
    return {"lookAt": {"node": node, "offsetFromHeadBone": between_eyes(motion.rig)}}


def _head() -> Document:
    asset = {"version": "2.0", "generator": f"accessify {version('accessify')}"}
    return {"asset": asset | {"extras": {"disclosure": disclosure("en").comment}}}


Curves = dict[str, NDArray[np.float32]]


def expression_curves(motion: Motion) -> tuple[Curves, Curves]:
    """Presets and custom expressions that are on at some time, with their weights [frames], 0 to 1.

    A jaw is opened by `aa`, `ou`, `oh` and `ih` alike, so that `aa` is what the others leave of it.
    """
    weights = {name: motion.expressions[:, number] for number, name in enumerate(EXPRESSIONS)}
    ou, oh = weights["mouthPucker"] / 0.9, weights["mouthFunnel"] / 0.8
    ih = weights["mouthStretchLeft"] + weights["mouthStretchRight"]
    aa = (weights["jawOpen"] - 0.1 * ou - 0.35 * oh - 0.15 * ih) / 0.6
    presets = {"blinkLeft": weights["eyeBlinkLeft"], "blinkRight": weights["eyeBlinkRight"]}
    presets |= {"aa": aa, "ih": ih, "ou": ou, "oh": oh}
    custom = {name: values for name, values in weights.items() if name not in _OF_PRESETS | {"_neutral"}}
    return _shown(presets), _shown(custom)


def _shown(curves: Curves) -> Curves:
    return {
        name: np.clip(values, 0, 1).astype(np.float32)
        for name, values in curves.items()
        if values.max(initial=0) > 0
    }


def _gaze(motion: Motion) -> NDArray[np.float32] | None:
    """Turns of the gaze against the head [frames, 4], between both eyes; None where they rest."""
    if not len(motion) or any(eye not in motion.rig for eye in EYES):
        return None
    left, right = (motion.rotations[:, motion.rig.index(eye)] for eye in EYES)
    if min(np.abs(left[:, 3]).min(), np.abs(right[:, 3]).min()) > 1 - 1e-9:
        return None
    return continuous(slerp(left, right, np.full(len(motion), 0.5))).astype(np.float32)
