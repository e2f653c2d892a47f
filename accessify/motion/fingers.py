"""Fingers of a rig: the turns of their bones from the angles of a hand, and a rig's hand as sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import FINGERS, Rig, finger_bones
from accessify.core.proportions import HandSizes
from accessify.core.rotation import inverse, multiply, of_axes, unit
from accessify.motion.hand_model import bone_directions

Array = NDArray[np.float64]

_RADII = np.array([0.0102, 0.0088, 0.0076])
"""Metres: radius of a finger at the middle of each bone where nothing better is known."""


def hand_axes(side: str) -> Array:
    """The axes of a hand at rest as rows [3, 3]: finger direction, palm normal, towards the thumb."""
    return np.array([[1.0 if side == "left" else -1.0, 0, 0], [0, -1.0, 0], [0, 0, 1.0]])


def has_fingers(rig: Rig, side: str) -> bool:
    """Whether all fifteen bones are there."""
    return all(bone in rig for finger in FINGERS for bone in finger_bones(side, finger))


def hand_sizes(rig: Rig, side: str = "right") -> HandSizes:
    """The sizes of a rig's hand; raises `KeyError` where it lacks a bone.

    The palm point lies below 58 % of the way to the middle knuckle, by the radius of a palm.
    """
    axes, wrist = hand_axes(side), rig.heads[rig.index(f"{side}Hand")]
    chains = [[rig.index(bone) for bone in finger_bones(side, finger)] for finger in FINGERS]
    knuckles = np.array([(rig.heads[chain[0]] - wrist) @ axes.T for chain in chains])
    ends = [np.vstack([rig.heads[chain], rig.tails[chain[-1:]]]) for chain in chains]
    bones = np.array([np.linalg.norm(np.diff(end, axis=0), axis=1) for end in ends])
    scale = float(np.linalg.norm(knuckles[2])) / 0.09
    palm = 0.58 * knuckles[2] + np.array([0, 0.015 * scale, 0])
    return HandSizes(knuckles, bones, palm, np.tile(_RADII * scale, (5, 1)))


def finger_rotations(rig: Rig, side: str, bends: Array, spread: Array) -> tuple[tuple[int, ...], Array]:
    """The turns of a hand's finger bones.

    Args:
        rig: with all finger bones, else `KeyError`.
        side: `left` or `right`.
        bends: [frames, 5, 3], degrees, as `Postures.bends`.
        spread: [frames, 5], degrees, as `Postures.spread`.

    Returns:
        Numbers of the 15 bones, and their turns [frames, 15, 4] against their parents.
    """
    axes = hand_axes(side)
    directions, pads = bone_directions(bends, spread)
    numbers: list[int] = []
    turns = []
    for finger, name in enumerate(FINGERS):
        above = None
        for joint, bone in enumerate(finger_bones(side, name)):
            number = rig.index(bone)
            rest = rig.tails[number] - rig.heads[number]
            whole = multiply(
                _frame(directions[:, finger, joint] @ axes, pads[:, finger, joint] @ axes),
                inverse(_frame(rest, _rest_pad(name, rest, axes))),
            )
            turns.append(whole if above is None else multiply(inverse(above), whole))
            numbers.append(number)
            above = whole
    return tuple(numbers), np.stack(turns, axis=1)


def _rest_pad(finger: str, rest: Array, axes: Array) -> Array:
    """The way a finger bends at rest: into the palm; the thumb level, its nail outwards (VRM's T-pose)."""
    return np.asarray(-axes[2] + axes[0] if finger == "Thumb" else axes[1])


def _frame(direction: Array, pad: Array) -> Array:
    along = unit(direction)
    across = unit(pad - (pad * along).sum(axis=-1, keepdims=True) * along)
    return of_axes(along, across, np.cross(along, across))
