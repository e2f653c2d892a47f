"""Where on an arm a place is: upper arm, elbow and forearm of the hand that is touched there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import Proportions
from accessify.core.rotation import about, rotate, unit
from accessify.motion.notated_hand import BodyPlace
from accessify.motion.places import Spot, arm_length

Array = NDArray[np.float64]

ARM = frozenset({"upper_arm", "elbow", "elbow_inside", "lower_arm"})
"""Names of places of an arm."""
SWIVEL = 23.0
"""Degrees that an elbow is turned outwards from straight down."""
RADIUS = 0.1
"""Of an arm, in shoulder widths."""


def elbow_of(shoulder: Array, wrist: Array, own: float, person: Proportions) -> Array:
    """Shape [3]: where the elbow is for a wrist; `own` is 1 for the left arm, -1 for the right."""
    way = wrist - shoulder
    far = float(np.clip(np.linalg.norm(way), 1e-6, 0.999 * arm_length(person)))
    line = unit(way)
    upper, fore = person.upper_arm, person.forearm
    ahead = (upper**2 - fore**2 + far**2) / (2 * far)
    aside = np.sqrt(max(upper**2 - ahead**2, 0.0))
    down = np.array([0.0, -1.0, 0.0])
    across = down - (down @ line) * line
    across = unit(across) if np.linalg.norm(across) > 1e-6 else np.array([0.0, 0.0, -1.0])
    turns = [rotate(about(line, sense * np.radians(SWIVEL)), across) for sense in (1.0, -1.0)]
    turned = max(turns, key=lambda way: float(way[0] * own))
    return np.asarray(shoulder + ahead * line + aside * turned)


def arm_spot(place: BodyPlace, side: int, wrist: Array, person: Proportions) -> Spot:
    """A place of the arm of `side` (0 left, 1 right), whose wrist is at `wrist`."""
    own = 1.0 if side == 0 else -1.0
    shoulder = person.shoulders[side]
    elbow = elbow_of(shoulder, wrist, own, person)
    ahead = unit(wrist - elbow)
    out = _out(place, own, ahead)
    middle = {
        "upper_arm": (shoulder + elbow) / 2,
        "elbow": elbow,
        "elbow_inside": elbow,
        "lower_arm": (elbow + wrist) / 2,
    }[place.name]
    return Spot(middle + RADIUS * person.width * out, out, True, False)


def lent_palm(side: int, person: Proportions) -> Array:
    """Where the palm of a hand or arm is that only holds still, low before the body, to be touched."""
    own = 1.0 if side == 0 else -1.0
    centre = person.shoulders.mean(axis=0)
    up = (person.places["chest"][1] + person.places["stomach"][1]) / 2
    ahead = centre[2] + 0.6 * arm_length(person)
    return np.array([centre[0] + own * 0.1 * person.width, up, ahead])


def _out(place: BodyPlace, own: float, ahead: Array) -> Array:
    """Out of the arm there: the side that is named, else the one that looks away from the body."""
    surface = place.surface[-1] if place.surface else ""
    if place.name == "elbow":
        return -ahead
    if place.name == "elbow_inside" or surface in ("palm", "wrist_pulse"):
        return _clear(np.array([0.0, 0.5, 1.0]), ahead)
    if place.name == "upper_arm":
        return _clear(np.array([own, 0.0, 0.5]), ahead)
    return _clear(np.array([0.0, 1.0, 0.0]), ahead)


def _clear(wanted: Array, ahead: Array) -> Array:
    rest = wanted - (wanted @ ahead) * ahead
    return unit(rest) if np.linalg.norm(rest) > 1e-6 else np.array([0.0, 0.0, 1.0])
