"""Movements in glTF: turns of bones, the way of the hips, and weights of morph targets, out and in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import Rig
from accessify.core.motion import Motion
from accessify.core.rotation import IDENTITY, continuous
from accessify.core.timeline import Note, Rate
from accessify.delivery.glb_build import Document, GlbBuilder
from accessify.delivery.glb_parse import Glb, read_glb

_STILL = 1e-6
"""Parts of a quaternion or metres below which a bone counts as at rest."""


@dataclass(frozen=True, slots=True)
class Animated:
    """What of a file can be moved."""

    bones: Mapping[str, int]
    """Bone → number of its node."""
    root: NDArray[np.float64]
    """Shape [3], metres: where the first bone is at rest."""
    morphs: Mapping[int, tuple[str, ...]]
    """Number of a mesh's node → names of its morph targets."""


def add_bones(builder: GlbBuilder, rig: Rig) -> int:
    """A node for each bone at rest, turned by nothing; returns the number of the first."""
    first = len(builder.document.get("nodes", ()))
    for number, bone in enumerate(rig.bones):
        node: Document = {"name": bone, "translation": rig.offsets[number].tolist()}
        below = [first + child for child, parent in enumerate(rig.parents) if parent == number]
        if below:
            node["children"] = below
        builder.add("nodes", node)
    return first


@dataclass(frozen=True, slots=True)
class Animation:
    """The animation `signing` of a file in the making; its pictures are joined by straight lines."""

    builder: GlbBuilder
    times: int
    """Number of the accessor with the times."""
    document: Document

    def channel(self, node: int, path: str, values: NDArray[np.float32]) -> None:
        """Move `path` (`rotation`, `translation`, `weights`) of a node."""
        output = self.builder.accessor(values)
        sampler = {"input": self.times, "output": output, "interpolation": "LINEAR"}
        self.document["samplers"].append(sampler)
        target = {"node": node, "path": path}
        self.document["channels"].append({"sampler": len(self.document["samplers"]) - 1, "target": target})

    def finish(self) -> None:
        """Keep it in the file, unless nothing moves."""
        if self.document["channels"]:
            self.builder.add("animations", self.document)


def animation_of(builder: GlbBuilder, motion: Motion, animated: Animated) -> Animation:
    """The movement of bones and morphs, to be finished by the caller; only what moves is told."""
    times = np.arange(len(motion)) / float(motion.rate.fps)
    clock = builder.accessor(times.astype(np.float32), bounds=True) if len(motion) else -1
    document: Document = {"name": "signing", "channels": [], "samplers": [], "extras": _clock(motion)}
    animation = Animation(builder, clock, document)
    for bone, turns in moving_bones(motion):
        if bone in animated.bones:
            animation.channel(animated.bones[bone], "rotation", turns)
    if np.abs(motion.hips).max(initial=0) > _STILL:
        where = (animated.root + motion.hips).astype(np.float32)
        animation.channel(animated.bones[motion.rig.bones[0]], "translation", where)
    for node, names in animated.morphs.items():
        weights = motion.expressions[:, [EXPRESSIONS.index(name) for name in names]]
        if weights.any():
            animation.channel(node, "weights", np.ascontiguousarray(weights).reshape(-1))
    return animation


def moving_bones(motion: Motion) -> list[tuple[str, NDArray[np.float32]]]:
    """Bones that are not at rest throughout, with their turns [frames, 4], without jumps of sign."""
    moved = np.abs(np.abs(motion.rotations) - np.abs(IDENTITY)).max(axis=(0, 2), initial=0) > _STILL
    return [
        (bone, continuous(motion.rotations[:, number]).astype(np.float32))
        for number, bone in enumerate(motion.rig.bones)
        if moved[number]
    ]


def not_carried(motion: Motion, animated: Animated) -> tuple[Note, ...]:
    """What of `motion` has nothing to move."""
    lost = [bone for bone, _ in moving_bones(motion) if bone not in animated.bones]
    held = {name for names in animated.morphs.values() for name in names}
    used = np.flatnonzero((motion.expressions != 0).any(axis=0))
    shown = [EXPRESSIONS[number] for number in used if EXPRESSIONS[number] not in held | {"_neutral"}]
    notes = []
    if lost:
        notes.append(Note(motion.span, "not-held", f"the figure lacks the bones: {', '.join(lost)}"))
    if shown:
        notes.append(Note(motion.span, "not-held", f"the figure lacks the expressions: {', '.join(shown)}"))
    return tuple(notes)


def _clock(motion: Motion) -> Document:
    return {
        "rate": list(motion.rate.fps.as_integer_ratio()),
        "drop": motion.rate.drop,
        "start": motion.start,
        "frames": len(motion),
    }


def read_motion(path: str | Path, rig: Rig) -> Motion:
    """The movement of `rig` that `write_figure` or `write_vrma` wrote to a `.glb` or `.vrma`.

    Quaternions may come back with the other sign. Raises `FormatError` for a file without one, and as
    `accessify.delivery.glb_parse.read_glb` does.
    """
    glb = read_glb(Path(path))
    try:
        animation = glb.rows("animations")[0]
        clock = animation["extras"]
        frames = int(clock["frames"])
        rate = Rate(Fraction(*clock["rate"]), bool(clock["drop"]))
        motion = Motion.at_rest(rig, frames, rate)
        for channel in animation["channels"]:
            target = channel["target"]
            values = glb.numbers(animation["samplers"][channel["sampler"]]["output"])
            _fill(glb, motion, (target["node"], target["path"]), values)
    except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        raise FormatError(
            "it holds no movement that accessify wrote; give a .glb or .vrma of accessify sign",
            source=str(path),
        ) from None
    return Motion(rig, motion.rotations, motion.hips, motion.expressions, rate, int(clock["start"]))


def _fill(glb: Glb, motion: Motion, target: tuple[int, str], values: NDArray[np.float32]) -> None:
    """Write one channel into the arrays of `motion`."""
    number, path = target
    node = glb.rows("nodes")[number]
    if path == "weights":
        names = glb.rows("meshes")[node["mesh"]]["extras"]["targetNames"]
        motion.expressions[:, [EXPRESSIONS.index(name) for name in names]] = values.reshape(-1, len(names))
    elif path == "rotation":
        motion.rotations[:, motion.rig.index(node["name"])] = values
    elif node["name"] in motion.rig:
        motion.hips[:] = values - np.array(node["translation"], np.float32)
    else:  # an expression of a VRM animation moves a node along x
        motion.expressions[:, EXPRESSIONS.index(node["name"])] = values[:, 0]
