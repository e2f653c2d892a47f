"""Where a person's wrists are, for a figure of other proportions, and how its elbows are turned.

A wrist is measured from its shoulder in lengths of the person's own arm. Near the face, what counts is where
it is from the face; before the middle of the body, how far the hands are apart: so hands that touch the face,
or each other, do so on figures with broader shoulders or a longer neck too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import SIDES
from accessify.core.proportions import Proportions
from accessify.core.rotation import inverse, rotate, unit
from accessify.motion.arms import swivel_axes
from accessify.motion.seen import Seen, filled, whole

Array = NDArray[np.float64]

_BENT = 0.22
"""Share of the upper arm that the elbow is off the line to the wrist, from which its side is believed."""
_SWIVELS = (-30.0, 110.0)
"""Degrees: elbows that are seen further out or in are seen wrongly."""
_NEAR_FACE, _NEAR_MIDDLE = 0.1, 0.12
"""Metres within which a hand mostly goes with the face, and with the other hand."""
_HAND = 0.17
"""Metres from wrist to fingertips."""
_MOST = 0.12
"""Metres that a wrist is moved at most for either."""


def seen_arm(person: Seen, number: int, trunk: Array, proportions: Proportions) -> tuple[Array, Array] | None:
    """Wrist [frames, 3] in metres of the figure, and swivel of the elbow [frames] in degrees or NaN.

    `number` is 0 for left and 1 for right; `trunk` [frames, 4] is how the person's trunk is turned, for the
    figure's is not. None where shoulder and wrist are never seen together.
    """
    shoulder, elbow, wrist = (
        rotate(inverse(trunk), person.point(f"{SIDES[number].upper()}_{name}"))
        for name in ("SHOULDER", "ELBOW", "WRIST")
    )
    known = whole(shoulder) & whole(wrist)
    if not known.any():
        return None
    length = _length(elbow - shoulder) + _length(wrist - elbow)
    reach = proportions.upper_arm + proportions.forearm
    scale = reach / length if np.isfinite(length) else proportions.width / 0.36
    way = filled((wrist - shoulder) * scale, known)
    joint = proportions.shoulders[number]
    found = joint + way + _to_face(person, number, trunk, (way, scale, joint), proportions)
    found[:, 0] += _to_middle(person, number, found[:, 0], scale, proportions)
    return found, _swivel(wrist - shoulder, elbow - shoulder, number)


def _to_face(
    person: Seen, number: int, trunk: Array, reached: tuple[Array, float, Array], proportions: Proportions
) -> Array:
    """How far wrists near the face must move to be as near to the figure's face, [frames, 3]."""
    way, scale, joint = reached
    shoulder = person.point(f"{SIDES[number].upper()}_SHOULDER")
    face = (person.point("NOSE") + person.point("MOUTH_LEFT") / 2 + person.point("MOUTH_RIGHT") / 2) / 2
    seen_face = rotate(inverse(trunk), face - shoulder) * scale
    if not whole(seen_face).any():
        return np.zeros_like(way)
    seen_face = filled(seen_face, whole(seen_face))
    own = (proportions.places["nose"] + proportions.places["lips"]) / 2 - joint
    off = (own - np.median(seen_face, axis=0)) * np.array([0, 1, 1])  # `_to_middle` moves it sideways
    off *= min(1.0, _MOST / max(float(np.linalg.norm(off)), 1e-9))
    near = np.exp(-0.5 * (_from_hand(person, number, trunk, seen_face - way) / _NEAR_FACE) ** 2)
    return np.asarray(near[:, None] * off)


def _from_hand(person: Seen, number: int, trunk: Array, point: Array) -> Array:
    """Metres [frames] across the picture from a hand to `point` [frames, 3], which counts from its wrist."""
    known = person.handed[:, number]
    if not known.any():
        return np.asarray(np.linalg.norm(point[:, :2], axis=-1))
    hands = filled(person.hands[:, number], known)
    along = rotate(inverse(trunk), unit(hands[:, 9] - hands[:, 0]))
    share = np.clip((point * along).sum(axis=-1), 0, _HAND)
    return np.asarray(np.linalg.norm((point - share[:, None] * along)[:, :2], axis=-1))


def _to_middle(person: Seen, number: int, across: Array, scale: float, proportions: Proportions) -> Array:
    """How far wrists near the middle must move aside for hands to be as near each other, [frames]."""
    sides = [person.point(f"{side.upper()}_SHOULDER") for side in SIDES]
    width = float(np.nanmedian(np.linalg.norm(sides[0] - sides[1], axis=-1)))
    wider = np.clip((proportions.width - width * scale) / 2, -_MOST / 2, _MOST / 2)
    shift = wider * (-1 if number == 0 else 1)
    return np.asarray(shift * np.exp(-0.5 * ((across + shift) / _NEAR_MIDDLE) ** 2))


def _length(bones: Array) -> float:
    """The length of a bone that is often seen shortened: near the longest, without the wildest."""
    lengths = np.linalg.norm(bones, axis=-1)
    return float(np.nanpercentile(lengths, 85)) if np.isfinite(lengths).any() else float("nan")


def _swivel(way: Array, elbow: Array, number: int) -> Array:
    """Degrees that the elbow is turned outwards from straight down; NaN where the arm is nearly straight."""
    line, down, across = swivel_axes(unit(way), SIDES[number])
    aside = elbow - (elbow * line).sum(axis=-1, keepdims=True) * line
    bent = np.linalg.norm(aside, axis=-1) > _BENT * np.linalg.norm(elbow, axis=-1)
    angle = np.degrees(np.arctan2((aside * across).sum(axis=-1), (aside * down).sum(axis=-1)))
    usable = bent & (angle > _SWIVELS[0]) & (angle < _SWIVELS[1])
    return np.where(usable, angle, np.nan)
