"""Face, head and trunk as a layer of their own over the hands: signals with a span, drawn as curves.

Angles are degrees: pitch bows the head (chin to chest), yaw turns it to the signer's left, roll tilts it to
the left shoulder; of the trunk likewise. Gaze is left and up of straight ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.expressions import EXPRESSIONS
from accessify.core.motion import Motion
from accessify.core.rotation import about, multiply, rotate
from accessify.core.timeline import TICKS_PER_SECOND, Rate, Span
from accessify.motion.stretch import eased

X, Y, Z = np.eye(3)
_NECK, _TRUNK = 0.4, {"spine": 0.3, "chest": 0.4, "upperChest": 0.3}
"""Shares of a turn: cervical spine and head move together, so do the parts of the trunk."""


_LIDS = 22.0
"""Degrees up or down at which lids have wholly followed the eyes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a face does at full strength."""

    expressions: tuple[tuple[str, float], ...] = ()
    """Names of `EXPRESSIONS` and how strong each is, 0 to 1."""
    head: tuple[float, float, float] = (0, 0, 0)
    """Pitch, yaw, roll in degrees."""
    trunk: tuple[float, float, float] = (0, 0, 0)
    """Pitch, yaw, roll in degrees."""
    gaze: tuple[float, float] = (0, 0)
    """Degrees to the left, degrees up."""
    shoulders: tuple[float, float] = (0, 0)
    """Degrees that left and right shoulder are lifted."""
    swing: tuple[float, float, float] = (0, 0, 0)
    """Pitch, yaw, roll in degrees: how far the head moves to and fro about where it is."""
    beats: float = 0.0
    """To and fro movements a second."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A shape over a stretch of time."""

    span: Span
    shape: Shape
    amount: float = 1.0
    """0 is nothing, 1 is full strength."""
    onset: float = 0.15
    """Seconds in which it comes before, and goes after, its span at most; shorter signals come faster."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """What face, head and trunk do, picture by picture."""

    expressions: NDArray[np.float32]
    """Shape [frames, 52], float32, 0 to 1, in the order of `EXPRESSIONS`."""
    head: NDArray[np.float64]
    """Shape [frames, 3], degrees: pitch, yaw, roll."""
    trunk: NDArray[np.float64]
    """Shape [frames, 3], degrees: pitch, yaw, roll."""
    gaze: NDArray[np.float64]
    """Shape [frames, 2], degrees: left, up."""
    shoulders: NDArray[np.float64]
    """Shape [frames, 2], degrees lifted: left, right."""
    rate: Rate = field(kw_only=True)
    """Pictures per second."""

    def __len__(self) -> int:
        return len(self.expressions)


def drawn(signals: Iterable[Signal], frames: int, rate: Rate) -> Face:
    """The face that does all `signals`, in `frames` pictures from tick 0.

    Of two signals with one expression the stronger shows; turns of the head add up.
    """
    face = Face(
        np.zeros((frames, len(EXPRESSIONS)), np.float32),
        *(np.zeros((frames, size)) for size in (3, 3, 2, 2)),
        rate=rate,
    )
    seconds = np.array([rate.at(picture) for picture in range(frames)], np.float64) / TICKS_PER_SECOND
    for signal in signals:
        margin = signal.onset + 1
        edges = signal.span.start / TICKS_PER_SECOND - margin, signal.span.end / TICKS_PER_SECOND + margin
        first, end = (int(edge) for edge in np.searchsorted(seconds, edges))
        strength = signal.amount * _envelope(signal, seconds[first:end])
        there = np.flatnonzero(strength > 1e-4)
        if len(there):
            part = slice(first + int(there[0]), first + int(there[-1]) + 1)
            _draw(face, signal, strength[there[0] : there[-1] + 1], part, seconds)
    return face


def _draw(
    face: Face, signal: Signal, strength: NDArray[np.float64], part: slice, seconds: NDArray[np.float64]
) -> None:
    """Put a signal of this strength into the pictures `part`; `seconds` is the clock of all."""
    shape, grown = signal.shape, strength[:, None]
    for name, amount in shape.expressions:
        column = face.expressions[part, EXPRESSIONS.index(name)]
        np.maximum(column, np.clip(grown[:, 0] * amount, 0, 1), out=column, casting="same_kind")
    since = seconds[part] - signal.span.start / TICKS_PER_SECOND
    swing = np.sin(2 * np.pi * shape.beats * since)[:, None] * np.array(shape.swing)
    face.head[part] += grown * (np.array(shape.head) + swing)
    face.trunk[part] += grown * np.array(shape.trunk)
    face.gaze[part] += grown * np.array(shape.gaze)
    face.shoulders[part] += grown * np.array(shape.shoulders)


def _envelope(signal: Signal, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rises before the span, so that it is whole when the hands begin, and falls behind it."""
    start, end = signal.span.start / TICKS_PER_SECOND, signal.span.end / TICKS_PER_SECOND
    ramp = max(signal.onset, 1e-3)
    return np.asarray(eased((seconds - start + ramp) / ramp) * eased((end + ramp - seconds) / ramp))


def overlaid(face: Face, part: Face, span: Span) -> Face:
    """`face` with another one, such as a recorded one, over `span`, whatever time that took itself."""
    start, end = span.start / TICKS_PER_SECOND, span.end / TICKS_PER_SECOND
    signal = Signal(span, Shape())
    fps = float(face.rate.fps)
    near = slice(max(0, int((start - signal.onset) * fps)), max(0, int((end + signal.onset) * fps) + 2))
    pictures = range(len(face))[near]  # farther away it does not show
    seconds = np.array([face.rate.at(picture) for picture in pictures], np.float64) / TICKS_PER_SECOND
    weight = _envelope(signal, seconds)[:, None]
    place = np.interp(seconds, [start, max(end, start + 1e-6)], [0, len(part) - 1])
    mixed = {}
    for name in ("expressions", "head", "trunk", "gaze", "shoulders"):
        there, other = getattr(face, name), getattr(part, name)
        columns = [np.interp(place, np.arange(len(part)), column) for column in other.T]
        mixed[name] = there.copy()
        mixed[name][near] = (1 - weight) * there[near] + weight * np.stack(columns, axis=1)
    return replace(face, **mixed)


def with_face(motion: Motion, face: Face) -> Motion:
    """`motion` with the face's turns added to head, eyes, trunk and shoulders, and its expressions.

    Bones that the rig lacks are left out. The stronger of two equal expressions shows. Both must have the
    same number of pictures, else `ValueError`.
    """
    if len(motion) != len(face):
        raise ValueError(f"a face of {len(face)} pictures does not fit a motion of {len(motion)}")
    rotations = motion.rotations.astype(np.float64)
    neck = _NECK if "neck" in motion.rig else 0.0
    turns = {"neck": turned(face.head * neck), "head": turned(face.head * (1 - neck))}
    turns |= {name: turned(face.trunk * share) for name, share in _TRUNK.items()}
    eyes = multiply(about(Y, np.radians(face.gaze[:, 0])), about(X, -np.radians(face.gaze[:, 1])))
    turns |= {"leftEye": eyes, "rightEye": eyes}
    turns["leftShoulder"] = about(Z, np.radians(face.shoulders[:, 0]))
    turns["rightShoulder"] = about(-Z, np.radians(face.shoulders[:, 1]))
    for bone, turn in turns.items():
        if bone in motion.rig:
            number = motion.rig.index(bone)
            rotations[:, number] = multiply(turn, rotations[:, number])
    return replace(
        motion,
        rotations=rotations.astype(np.float32),
        expressions=np.maximum(motion.expressions, _with_lids(face)),
    )


def _with_lids(face: Face) -> NDArray[np.float32]:
    """The expressions, the lids following the eyes up and down."""
    expressions = face.expressions.copy()
    for way, name in ((1, "eyeLookUp"), (-1, "eyeLookDown")):
        follow = np.clip(way * face.gaze[:, 1] / _LIDS, 0, 1)
        for side in ("Left", "Right"):
            column = expressions[:, EXPRESSIONS.index(f"{name}{side}")]
            np.maximum(column, follow, out=column, casting="same_kind")
    return expressions


def turned(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The turns [frames, 4] of pitch, yaw and roll [frames, 3] in degrees."""
    pitch, yaw, roll = np.radians(angles).T
    return multiply(about(Y, yaw), multiply(about(X, pitch), about(-Z, roll)))


def angles_of(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pitch, yaw and roll [frames, 3] in degrees of turns [frames, 4]; pitch is at most a right angle."""
    front, up = rotate(turns, Z), rotate(turns, Y)
    yaw = np.arctan2(front[:, 0], front[:, 2])
    pitch = -np.arcsin(np.clip(front[:, 1], -1, 1))
    level = np.stack([np.cos(yaw), np.zeros_like(yaw), -np.sin(yaw)], axis=-1)
    roll = np.arctan2((up * level).sum(axis=-1), (up * np.cross(front, level)).sum(axis=-1))
    return np.asarray(np.degrees(np.stack([pitch, yaw, roll], axis=-1)), np.float64)
