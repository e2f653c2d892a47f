"""Movements as BVH, which film tools and game engines read: a tree of joints and a row of numbers a picture.

Centimetres and degrees; every joint has its turns as Z, X, Y (as most tools write them), the root its place
before that. Format: M. Meredith, S. Maddock, "Motion capture file formats explained", 2001, §3.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.humanoid import Rig
from accessify.core.motion import Motion
from accessify.core.placing import placed
from accessify.core.rotation import to_matrix
from accessify.core.timeline import Note

_CENTIMETRES = 100.0


def write_bvh(motion: Motion, path: str | Path) -> tuple[Note, ...]:
    """Write the movement of the bones.

    Returns what the format cannot hold: the face, and a start that is not zero. Raises `OptionError` for a
    path that does not end in `.bvh`.
    """
    target = Path(path)
    if target.suffix.lower() != ".bvh":
        raise OptionError(f"{path}: bones are written as .bvh; end the name so")
    order, lines = _hierarchy(motion.rig)
    places = _CENTIMETRES * (motion.rig.offsets[0] + motion.hips)
    turns = np.degrees(euler_zxy(motion.rotations[:, order])).reshape(len(motion), -1)
    lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1 / float(motion.rate.fps):.9f}"]
    with placed(target) as temporary, temporary.open("w", encoding="ascii", newline="\n") as stream:
        stream.write("\n".join(lines) + "\n")
        for row in np.hstack([places, turns]):
            stream.write(" ".join(f"{value:.6f}" for value in row) + "\n")
    return tuple(_losses(motion))


def euler_zxy(rotations: NDArray[np.floating]) -> NDArray[np.float64]:
    """Angles of unit quaternions [frames, bones, 4]: about z, then the turned x, then the turned y.

    Radians, [frames, bones, 3], without jumps from picture to picture. A turn of a quarter about x leaves
    z and y undetermined; what was before goes on there.
    """
    m = to_matrix(rotations)
    x = np.arcsin(np.clip(m[..., 2, 1], -1, 1))
    z = np.arctan2(-m[..., 0, 1], m[..., 1, 1])
    y = np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    locked = np.hypot(m[..., 0, 1], m[..., 1, 1]) < 1e-6
    z = np.where(locked, np.arctan2(m[..., 1, 0], m[..., 0, 0]), z)
    y = np.where(locked, 0.0, y)
    angles = np.stack([z, x, y], axis=-1)
    other = np.stack([z + np.pi, np.pi - x, y + np.pi], axis=-1)  # the same turn, the other way round
    for frame in range(1, len(angles)):
        angles[frame] = _nearest(angles[frame - 1], angles[frame], other[frame])
    return np.asarray(angles)


def _nearest(
    before: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of two ways to say a turn, whole turns added, the one nearest to what was before."""
    whole = 2 * np.pi
    near = [choice + whole * np.round((before - choice) / whole) for choice in (one, other)]
    far = [np.abs(choice - before).sum(axis=-1, keepdims=True) for choice in near]
    return np.where(far[0] <= far[1], near[0], near[1])


def _hierarchy(rig: Rig) -> tuple[list[int], list[str]]:
    """The order in which the file has the bones, and its lines for them."""
    order: list[int] = []
    lines = ["HIERARCHY"]

    def joint(number: int, depth: int) -> None:
        order.append(number)
        within = "  " * depth
        root = depth == 0
        lines.append(f"{within}{'ROOT' if root else 'JOINT'} {rig.bones[number]}")
        lines.append(f"{within}{{")
        lines.append(f"{within}  OFFSET {_numbers(rig.offsets[number])}")
        channels = "6 Xposition Yposition Zposition" if root else "3"
        lines.append(f"{within}  CHANNELS {channels} Zrotation Xrotation Yrotation")
        below = [child for child, parent in enumerate(rig.parents) if parent == number]
        for child in below:
            joint(child, depth + 1)
        if not below:
            tip = _numbers(rig.tails[number] - rig.heads[number])
            lines.extend(f"{within}  {line}" for line in ("End Site", "{", f"  OFFSET {tip}", "}"))
        lines.append(f"{within}}}")

    joint(0, 0)
    return order, lines


def _numbers(place: NDArray[np.float64]) -> str:
    return " ".join(f"{value:.6f}" for value in _CENTIMETRES * place)


def _losses(motion: Motion) -> list[Note]:
    losses = []
    if motion.expressions[:, 1:].any():  # the first is the face at rest
        losses.append(Note(motion.span, "not-held", "the format holds no face: expressions are left out"))
    if motion.start:
        losses.append(Note(motion.span, "not-held", "the format holds no start: its first picture is at 0"))
    return losses
