"""Fingers that meet: thumbs that reach a finger or lie between two, fingers that cross.

What is meant is from the HamNoSys 4 chart (thumb between fingers; parts of fingers that touch). Angles are
searched for, since where a thumb reaches depends on the hand.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import HandSizes
from accessify.core.rotation import unit
from accessify.motion.hand_model import hand_points
from accessify.motion.hand_shapes import FINGERS
from accessify.motion.notated_hand import FingerContact, HandShape

Array = NDArray[np.float64]

CROSSING = 18.0
"""Degrees that each of two crossed fingers leans over the other."""
_JOINT = {"tip": 3, "nail": 3, "pad": 3, "mid_joint": 1, "side": 1, "base": 0}
_OUT = np.array([0.0, 1.0, 0.0])
_RELUCTANCE = 0.0004
"""Metres of distance that a degree away from the usual thumb is worth."""


def with_contacts(shape: HandShape, angles: tuple[Array, Array], sizes: HandSizes) -> tuple[Array, Array]:
    """Bends [5, 3] and spread [5] in which fingers meet as `shape` says; else `angles` as they are."""
    bends, spread = np.array(angles[0]), np.array(angles[1])
    for contact in shape.contacts:
        pair = {contact.finger or _first(shape), contact.by or "thumb"}
        if len(pair) == 2 and "thumb" not in pair:
            _cross(contact, bends, spread)
        elif len(pair) == 2:
            finger = next(name for name in pair if name != "thumb")
            _reach(_spot(finger, contact.spot, bends, spread, sizes), bends, spread, sizes)
    if len(shape.thumb_between) == 2:
        first, second = (_spot(name, "mid_joint", bends, spread, sizes) for name in shape.thumb_between)
        _reach((first + second) / 2, bends, spread, sizes)
    return bends, spread


def _first(shape: HandShape) -> str:
    """The finger that is meant where none is named."""
    return next((finger.name for finger in shape.fingers if finger.name != "thumb"), "index")


def _spot(finger: str, spot: str, bends: Array, spread: Array, sizes: HandSizes) -> Array:
    """Shape [3], metres: a place on a finger, in the hand's axes; the thumb's own thickness before it."""
    number = FINGERS.index(finger)
    joints = hand_points(sizes, bends, spread)[1 + 4 * number : 5 + 4 * number]
    joint = _JOINT.get(spot, 2)
    along = unit(joints[max(joint, 1)] - joints[max(joint, 1) - 1])
    inside = unit(np.cross(np.array([0.0, 0.0, 1.0]), along))
    sign = -1.0 if spot == "nail" else 1.0
    room = float(sizes.thickness[number, 2] + sizes.thickness[0, 2])
    return np.asarray(joints[joint] + sign * room * inside)


def _cross(contact: FingerContact, bends: Array, spread: Array) -> None:
    """Lean two fingers over each other; the one that meets the other lies on the side that it meets."""
    met, by = FINGERS.index(contact.finger or "index"), FINGERS.index(contact.by)
    middle = (spread[met] + spread[by]) / 2
    over = 1.0 if met > by else -1.0  # towards the other's side: fingers count away from the thumb
    spread[by], spread[met] = middle - over * CROSSING / 2, middle + over * CROSSING / 2
    lower = -8.0 if contact.spot == "nail" else 14.0
    bends[by] = bends[by] + np.array([lower, 10.0, 0.0])


def _reach(target: Array, bends: Array, spread: Array, sizes: HandSizes) -> None:
    """Set the thumb so that its tip is at `target`, or as near as it comes, changing it little."""
    thumbs = _thumbs()
    many, wide = (
        np.broadcast_to(bends, (len(thumbs), 5, 3)).copy(),
        np.broadcast_to(spread, (len(thumbs), 5)).copy(),
    )
    many[:, 0], wide[:, 0] = thumbs[:, :3], thumbs[:, 3]
    tips = hand_points(sizes, many, wide)[:, 4]
    usual = np.array([*bends[0], spread[0]])
    cost = np.linalg.norm(tips - target, axis=-1) + _RELUCTANCE * np.abs(thumbs - usual).max(axis=-1)
    best = thumbs[int(cost.argmin())]
    bends[0], spread[0] = best[:3], best[3]


@lru_cache(maxsize=1)
def _thumbs() -> Array:
    """Shape [n, 4], degrees: bends and spread of thumbs within their range."""
    angle, first, second, aside = np.meshgrid(
        np.arange(10.0, 81.0, 7.0),
        np.arange(0.0, 61.0, 12.0),
        np.arange(0.0, 71.0, 14.0),
        np.arange(-20.0, 61.0, 8.0),
        indexing="ij",
    )
    grid = np.stack([angle, first, second, aside], axis=-1).reshape(-1, 4)
    return np.asarray(grid[np.abs(grid[:, 3]) <= grid[:, 0]])
