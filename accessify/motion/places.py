"""Where on the body, or before it, a sign's place is: points in space for one signer's proportions.

What places, sides and distances mean is from T. Hanke, "HamNoSys - Representing Sign Language Data in
Language Resources and Language Processing Contexts", LREC 2004. Distances to the sides are in shoulder
widths, those before the body in lengths of the outstretched arm: signing space lies within easy reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import Proportions
from accessify.core.rotation import unit
from accessify.motion.notated_hand import BodyPlace, Side

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SigningSpace:
    """How a body signs: how far before the shoulders palms are where no place is touched, in arm's lengths.

    In calm signing the elbows stay near the body, well bent.
    """

    usual: float = 0.64
    close: float = 0.5
    """Where the text says close to a place of the trunk."""
    extended: float = 0.98
    """Where it says that the arm is stretched out."""
    wrists: bool = True
    """Whether hands turn only as far as wrists go, what touches staying where it is."""

    def depth(self, kind: str) -> float:
        """For `Contact.kind`."""
        return {"arm_extended": self.extended, "close": self.close, "touch": self.close}.get(kind, self.usual)


SPACE = SigningSpace()

ASIDE = {"at": {"": 0.46, "close": 0.4, "arm_extended": 0.525}, "beside": {"": 0.91, "close": 0.8}}
"""To the side of the middle in signing space, in shoulder widths."""
ASIDE_TRUNK = {"neck": 0.14, "shoulder_top": 0.54, "shoulder": 0.47, "chest": 0.25, "stomach": 0.25}
ASIDE_HEAD = {
    "head": (0.2, 0.4),
    "head_top": (0.12, 0.35),
    "forehead": (0.12, 0.38),
    "eye_brow": (0.1, 0.35),
    "eye": (0.08, 0.34),
    "nose": (0.03, 0.06),
    "nostril": (0.03, 0.06),
    "cheek": (0.13, 0.19),
    "ear": (0.19, 0.3),
    "ear_lobe": (0.18, 0.31),
    "upper_lip": (0.05, 0.07),
    "lips": (0.05, 0.07),
    "teeth": (0.07, 0.11),
    "tongue": (0.05, 0.08),
    "chin": (0.06, 0.09),
    "under_chin": (0.06, 0.09),
}
"""At and beside a place of the head, from the middle, in shoulder widths; beside some is beside the head."""
HEAD = frozenset(ASIDE_HEAD)
PAIRED = frozenset({"ear", "ear_lobe", "cheek", "shoulder_top"})
"""Places that a hand finds on its own side where no side is written."""
UNTOUCHED = frozenset(
    {"neutral", "shoulder_top", "shoulder", "chest", "stomach", "below_stomach", "neck", "head_top", "head"}
)
"""Places that without contact mean the space before them."""
TRUNK_HALF = 0.6
"""Half of the trunk's breadth in shoulder widths; it is round."""
CLOSE_HEAD = 0.2
"""Shoulder widths between the head and a hand close to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A point that a hand goes to."""

    point: Array
    """Shape [3], metres."""
    out: Array
    """Shape [3]: away from the body there."""
    on_body: bool
    """Whether a contact site of the hand goes there; in space it is the palm point."""
    aside: bool
    """Whether it is to a side."""


def body_spot(
    place: BodyPlace, kind: str, own: float, person: Proportions, space: SigningSpace = SPACE
) -> Spot:
    """Where `place` is for a hand that comes as near as `kind` says.

    Args:
        place: one of head, trunk or space; not of an arm.
        kind: `Contact.kind`; empty where none is written.
        own: 1 for a left hand, -1 for a right one: on which side it is at home.
        person: whose body it is.
        space: how far before it they sign.
    """
    if place.name in UNTOUCHED and kind != "touch":
        return _in_space(place, own, person, kind, space.depth(kind))
    return _on_body(place, own, person, kind, space.depth(kind))


def height(name: str, person: Proportions) -> float:
    """Metres: how high a place is."""
    places = person.places
    if name == "head":
        return float((places["eye"][1] + places["nose"][1]) / 2)
    if name == "shoulder_top":
        return float(person.shoulders[:, 1].mean() + 0.12 * person.width)
    return float(places["chest" if name == "neutral" else name][1])


def arm_length(person: Proportions) -> float:
    """Metres from shoulder to wrist."""
    return person.upper_arm + person.forearm


def _in_space(place: BodyPlace, own: float, person: Proportions, kind: str, reach: float) -> Spot:
    centre = person.shoulders.mean(axis=0)
    depth = centre[2] + reach * arm_length(person)
    across = 0.0
    for side in place.sides:
        table = ASIDE[side.kind]
        across = _sign(side) * table.get(kind, table[""]) * person.width
    if not place.sides and place.name in PAIRED:
        across = own * ASIDE["at"].get(kind, ASIDE["at"][""]) * person.width
    point = np.array([centre[0] + across, height(place.name, person), depth])
    return Spot(point, np.array([0.0, 0.0, 1.0]), False, bool(across))


def _on_body(place: BodyPlace, own: float, person: Proportions, kind: str, reach: float) -> Spot:
    point, across = _skin(place, own, person)
    beside = any(side.kind == "beside" for side in place.sides)
    out = _outward(place.name, across)
    if kind == "close" and not beside:
        point = point + CLOSE_HEAD * person.width * _clear_of(place.name, across)
    elif kind == "arm_extended":
        centre = person.shoulders.mean(axis=0)
        point = np.array([point[0], point[1], centre[2] + reach * arm_length(person)])
        return Spot(point, out, False, bool(across))
    if place.behind:
        point = np.array([point[0], point[1], 2 * person.places["ear"][2] - point[2]])
    return Spot(point, out, True, bool(across))


def _skin(place: BodyPlace, own: float, person: Proportions) -> tuple[Array, float]:
    """The point on the skin, and to which side (0: the middle) in shoulder widths."""
    known = person.places[
        "nose" if place.name == "head" else "chest" if place.name == "neutral" else place.name
    ]
    middle = person.shoulders.mean(axis=0)[0]
    across = 0.0
    for side in place.sides:
        table = ASIDE_HEAD.get(place.name)
        wide = table[side.kind == "beside"] if table else ASIDE_TRUNK.get(place.name, 0.25)
        across = _sign(side) * wide
    if not place.sides and place.name in PAIRED:
        across = own * (ASIDE_HEAD.get(place.name) or (ASIDE_TRUNK[place.name],))[0]
    depth = known[2] - person.shoulders[:, 2].mean()
    if place.name not in HEAD:
        depth *= np.sqrt(max(1 - (across / TRUNK_HALF) ** 2, 0.0))
    point = [middle + across * person.width, known[1], person.shoulders[:, 2].mean() + depth]
    return np.array(point), across


def _clear_of(name: str, across: float) -> Array:
    """The way from a place of the head that leads away from it, as seen from before."""
    aside = float(np.sign(across))
    ways = {"head_top": (0.0, 1.0, 0.0), "under_chin": (0.0, -1.0, 0.0), "cheek": (0.95 * aside, 0.0, 0.3)}
    return np.array(ways.get(name, (0.0, 0.0, 1.0)))


def _outward(name: str, across: float) -> Array:
    if name == "head_top":
        return np.array([0.0, 1.0, 0.0])
    if name == "under_chin":
        return np.array([0.0, -1.0, 0.0])
    if name in ("ear", "ear_lobe"):
        return np.array([float(np.sign(across)), 0.0, 0.0])
    return unit(np.array([across, 0.0, 1.0]))


def _sign(side: Side) -> float:
    return 1.0 if side.before else -1.0
