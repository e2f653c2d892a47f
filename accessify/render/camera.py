"""Where the camera stands: the whole signing space in the picture, and no hand ever cut off.

The space reaches from below the waist to above the head, with room for both elbows. Where hands or elbows
reach farther, the picture takes them in. It never moves within a clip.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character
from accessify.core.humanoid import FINGERS, SIDES, Rig, finger_bones
from accessify.core.motion import Motion, placed_bones
from accessify.core.projection import Projection
from accessify.core.rotation import rotate

Array = NDArray[np.float64]

_DISTANCE = 2.8
"""Metres from the person: hands before the body look nearer, and not swollen."""
_NEAREST = 0.5
"""Metres before the camera; what would come nearer is framed as if it were there."""
_ABOVE = 0.09
"""Metres of air above the head."""
_BELOW_WAIST = 0.07
"""Metres below the joint of the hips, which is itself below the waist."""
_ELBOWS = 0.97
"""How far out the elbows have room, as a share of the upper arm beside the shoulder."""
_SKIN = 0.035
"""Metres between a joint of hand or arm and the edge of the picture: its flesh, and some air."""
_CHUNK = 256
"""Pictures placed at a time."""


def framing(character: Character, motion: Motion, size: tuple[int, int]) -> Projection:
    """The camera for all of `motion` in pictures of `size` (width, height).

    The person stands in the middle. A picture taller than needed shows more of the person below, as far as
    there is any, and then more air above.
    """
    eye, side, top, bottom = _seen(character, motion)
    focal = min(size[0] / (2 * side), size[1] / (top - bottom))
    spare = size[1] / focal - (top - bottom)
    lowest = min(surface.positions[:, 1].min() for surface in character.surfaces)
    below = min(spare, max(0.0, bottom - (lowest - eye[1]) / _DISTANCE))
    middle = focal * (top + spare - below)
    return Projection(size, (eye[0], eye[1], eye[2]), float(focal), (size[0] / 2, float(middle)))


def shape(character: Character, motion: Motion) -> float:
    """Width over height of the smallest picture that holds all of `motion`: no air is wasted in it."""
    _, side, top, bottom = _seen(character, motion)
    return 2 * side / (top - bottom)


def _seen(character: Character, motion: Motion) -> tuple[Array, float, float, float]:
    """Where the camera is, in metres, and how far beside, above and below its axis it must see at a distance
    of 1; what is below is negative.
    """
    head = character.rig.heads[character.rig.index("head")]
    eye = np.array([0.0, head[1], head[2] + _DISTANCE])
    seen = np.concatenate([_slopes(eye, *needed) for needed in _needed(character, motion)])
    return eye, float(seen[:, 0].max()), float(seen[:, 1].max()), float(seen[:, 2].min())


def _slopes(eye: Array, places: Array, air: float) -> Array:
    """[n, 3]: how far beside, above and, at the least, above the axis of the camera each of `places` [n, 3]
    with `air` metres around it is seen, at a distance of 1.
    """
    distance = np.maximum(eye[2] - places[:, 2], _NEAREST)
    beside, above = np.abs(places[:, 0] - eye[0]), places[:, 1] - eye[1]
    return np.asarray(np.stack([beside + air, above + air, above - air], axis=-1) / distance[:, None])


def _needed(character: Character, motion: Motion) -> Iterator[tuple[Array, float]]:
    """Points [n, 3] that must be in the picture, in metres, and the air that each of them needs."""
    rig = character.rig
    head, hips = rig.heads[rig.index("head")], rig.heads[rig.index("hips")]
    crown = np.array([head[0], _crown(character), head[2]])
    up = np.array([0.0, 1.0, 0.0])
    still = [crown + _ABOVE * up, hips - _BELOW_WAIST * up]
    for side in SIDES:
        shoulder, elbow = (rig.heads[rig.index(f"{side}{part}")] for part in ("UpperArm", "LowerArm"))
        still.append(shoulder + _ELBOWS * (elbow - shoulder) * [1, 0, 0])
    yield np.array(still), 0.0
    bones, tips = _reaching(rig)
    reach = rig.tails[tips] - rig.heads[tips]
    for first in range(0, len(motion), _CHUNK):
        piece = slice(first, first + _CHUNK)
        places, turns = placed_bones(rig, motion.rotations[piece], motion.hips[piece])
        yield places[:, bones].reshape(-1, 3), _SKIN
        yield (places[:, tips] + rotate(turns[:, tips], reach)).reshape(-1, 3), _SKIN
        number = rig.index("head")
        yield places[:, number] + rotate(turns[:, number], crown - head), _SKIN


def _reaching(rig: Rig) -> tuple[list[int], list[int]]:
    """Numbers of the bones of elbows and hands, and of those that end in a fingertip or, without, a hand."""
    fingers = [finger_bones(side, finger) for side in SIDES for finger in FINGERS]
    arms = [f"{side}{part}" for side in SIDES for part in ("LowerArm", "Hand")]
    names = [*arms, *(bone for bones in fingers for bone in bones)]
    tips = [bones[2] for bones in fingers if bones[2] in rig]
    tips = tips or [f"{side}Hand" for side in SIDES]
    return [rig.index(name) for name in names if name in rig], [rig.index(name) for name in tips]


def _crown(character: Character) -> float:
    """Metres from the floor to the top of head and hair."""
    head = character.rig.index("head")
    tops = [float(character.rig.tails[head, 1])]
    for surface in character.surfaces:
        carried = surface.joints[np.arange(len(surface.joints)), surface.weights.argmax(axis=1)] == head
        if carried.any():
            tops.append(float(surface.positions[carried, 1].max()))
    return max(tops)
