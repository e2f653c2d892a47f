"""Hands turned only as far as wrists go, with what touches staying where it touches.

Notation asks for turns that no wrist does; signers do them half and keep the contact, which tells signs apart
more than the exact turn. Limits and arms are those of `accessify.motion.arms`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import SIDES
from accessify.core.proportions import Proportions
from accessify.core.rotation import inverse, multiply, of_axes, rotate, unit
from accessify.core.timeline import Note, Span
from accessify.motion.arms import Wanted, reach
from accessify.motion.fingers import hand_axes
from accessify.motion.posture import Postures

Array = NDArray[np.float64]

_TOLD = 12.0
"""Degrees from which it is told that a hand is not turned as was asked."""
_SMOOTHING = 0.06
"""Seconds over which elbows are smoothed."""
_COLLAR = 0.12
"""Where collar bones turn: to the side of the middle, as a share of the way to the shoulder."""


def within_wrists(postures: Postures, anchors: Array, person: Proportions) -> Postures:
    """The same hands, turned only as far as wrists go; notes of kind `wrist` tell where that is less.

    `anchors` [pictures, 2, 3], metres from the wrist in the hand's own axes (finger direction, palm normal,
    towards the thumb), are the points of the hands that stay where they are.
    """
    palms, directions, normals = (
        np.array(values) for values in (postures.palms, postures.directions, postures.normals)
    )
    notes = []
    for number, side in enumerate(SIDES):
        if postures.active[:, number].max(initial=0) < 1:
            continue
        rest = hand_axes(side)
        offset = (anchors[:, number] - person.hand.palm) @ rest
        turn = _turns(directions[:, number], normals[:, number], rest)
        spot = palms[:, number] + rotate(turn, offset)
        forced = np.zeros(len(postures))
        for _ in range(2):
            wanted = _wanted(replace(postures, palms=palms), number, turn, person)
            arm = reach(wanted, person, _SMOOTHING * float(postures.rate.fps))
            forced = np.maximum(forced, arm.forced)
            turn = np.where(forced[:, None] > 0, arm.hand, turn)
            palms[:, number] = spot - rotate(turn, offset)
        directions[:, number], normals[:, number] = rotate(turn, rest[0]), rotate(turn, rest[1])
        notes += _told(forced, side, postures)
    across = normals - (normals * directions).sum(axis=-1, keepdims=True) * directions
    return replace(
        postures,
        palms=palms,
        directions=unit(directions),
        normals=unit(across),
        notes=(*postures.notes, *notes),
    )


def _turns(directions: Array, normals: Array, rest: Array) -> Array:
    """Turns [pictures, 4] of a hand from rest."""
    now = of_axes(directions, normals, np.cross(directions, normals))
    return multiply(now, inverse(of_axes(rest[0], rest[1], np.cross(rest[0], rest[1]))))


def _wanted(postures: Postures, number: int, turn: Array, person: Proportions) -> Wanted:
    shoulder, middle = person.shoulders[number], person.shoulders.mean(axis=0)
    return Wanted(
        SIDES[number],
        postures.palms[:, number],
        person.hand.palm @ hand_axes(SIDES[number]),
        turn,
        postures.elbows[:, number],
        middle + _COLLAR * (shoulder - middle),
    )


def _told(forced: Array, side: str, postures: Postures) -> list[Note]:
    most = float(forced.max(initial=0))
    if most < _TOLD:
        return []
    text = f"the {side} hand is turned {most:.0f}° less than is written, as far as a wrist goes"
    return [Note(Span(0, postures.rate.at(len(postures))), "wrist", text)]
