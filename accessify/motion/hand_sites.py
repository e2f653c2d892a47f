"""Where on a hand something is: fingertips, nails, sides, palm and back, as points in the hand's own axes.

Names are those of HamNoSys's symbols for parts of the hand (T. Hanke, LREC 2004). Axes as in
`accessify.core.proportions.HandSizes`: (finger direction, palm normal, towards the thumb), from the wrist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import HandSizes
from accessify.core.rotation import rotate, unit
from accessify.motion.hand_axes import sided
from accessify.motion.hand_model import hand_points
from accessify.motion.hand_shapes import FINGERS, chosen_fingers, is_pinched
from accessify.motion.notated_hand import HandPart, HandShape
from accessify.motion.stance import Stance

Array = NDArray[np.float64]

ALONG, PALMWARD, THUMBWARD = np.eye(3)
PALM_THICKNESS, EDGE = 0.4, 0.135
"""Of the hand from palm to back, and from a knuckle's joint to the hand's edge, as shares of the length from
the wrist to the middle knuckle."""
BACK_FROM_TIP = 0.3
"""How far behind the tip the middle of a nail or pad lies, as a share of the end bone."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A point on a hand's skin."""

    point: Array
    """Shape [3], metres."""
    out: Array
    """Shape [3], unit vector: out of the hand there."""

    def world(self, stance: Stance, sizes: HandSizes, thumb_side: float) -> Array:
        """Shape [3]: where it is with the hand in `stance`."""
        return stance.palm + rotate(stance.turn, sided(self.point - sizes.palm, thumb_side))

    def world_out(self, stance: Stance, thumb_side: float) -> Array:
        """Shape [3]: out of the hand there, in space."""
        return rotate(stance.turn, sided(self.out, thumb_side))

    def palm_for(self, spot: Array, stance: Stance, sizes: HandSizes, thumb_side: float) -> Array:
        """Shape [3]: where the palm point must be for the site to be at `spot`."""
        return spot - rotate(stance.turn, sided(self.point - sizes.palm, thumb_side))


def default_site(shape: HandShape | None, stance: Stance, sizes: HandSizes) -> Site:
    """What a hand shape touches the body with: an outstretched fingertip, pinched ends, or the palm."""
    if shape is None:
        return Site(sizes.palm, PALMWARD)
    pinched = pinched_site(shape, stance, sizes)
    if pinched is not None:
        return pinched
    if shape.base in ("index", "two", "two_spread"):
        return _finger_site(chosen_fingers(shape)[0], "tip", stance, sizes)
    return Site(sizes.palm, PALMWARD)


def pinched_site(shape: HandShape | None, stance: Stance, sizes: HandSizes) -> Site | None:
    """Between the tips of thumb and index finger of a pinch or a C; None of other hand shapes."""
    if shape is None or not is_pinched(shape) or shape.base == "cee_all":
        return None
    return _mean([_finger_site(name, "tip", stance, sizes) for name in ("thumb", "index")])


def site(part: HandPart, shape: HandShape | None, stance: Stance, sizes: HandSizes) -> Site:
    """The middle of a named part of the hand."""
    spots = part.spots or ("tip",)
    fingers = part.fingers or (chosen_fingers(shape) if shape else ()) or ("index",)
    first = spots[0]
    if first in _HAND and not part.fingers:
        found = _of_hand(first, sizes)
    elif first in _HAND:
        found = _mean([_surface(_finger_site(name, "tip", stance, sizes), first) for name in fingers])
        spots = spots[:1]
    else:
        found = _finger_site(fingers[0], first, stance, sizes)
    for extra in spots[1:]:
        found = _shifted(found, extra, first, sizes)
    return found


def outline(stance: Stance, sizes: HandSizes) -> Array:
    """Shape [21, 3]: the joints of the hand in its own axes."""
    return np.asarray(hand_points(sizes, stance.bends, stance.spread))


def girth(stance: Stance, sizes: HandSizes) -> Array:
    """Shape [15, 3]: points in the hand's own axes that tell how much room it takes, fingertips left out.

    The thumb's joints, and of each finger knuckle, middle joint and the middle of the next bone.
    """
    chains = outline(stance, sizes)[1:].reshape(5, 4, 3)
    fingers = chains[1:]
    middles = (fingers[:, 1] + fingers[:, 2]) / 2
    return np.concatenate([chains[0, :3], fingers[:, 0], fingers[:, 1], middles])


def palm_length(sizes: HandSizes) -> float:
    """Metres from the wrist to the middle knuckle."""
    return float(np.linalg.norm(sizes.knuckles[2]))


_HAND = ("palm", "back", "thumb_ball", "thumb_side", "little_side", "wrist_back", "wrist_pulse")


def _of_hand(spot: str, sizes: HandSizes) -> Site:
    length = palm_length(sizes)
    index, little, thumb = sizes.knuckles[1], sizes.knuckles[4], sizes.knuckles[0]
    half = PALM_THICKNESS / 2 * length
    table = {
        "palm": (sizes.palm, PALMWARD),
        "back": (sizes.palm - 2 * half * PALMWARD, -PALMWARD),
        "thumb_ball": (thumb + np.array([0.2, 0.15, 0.0]) * length, unit(PALMWARD + THUMBWARD)),
        "thumb_side": (index + EDGE * length * THUMBWARD, THUMBWARD),
        "little_side": (little - EDGE * length * THUMBWARD, -THUMBWARD),
        "wrist_back": (-half * PALMWARD, -PALMWARD),
        "wrist_pulse": (half * PALMWARD, PALMWARD),
    }
    return Site(*table[spot])


def _finger_site(name: str, spot: str, stance: Stance, sizes: HandSizes) -> Site:
    number = FINGERS.index(name)
    joints = outline(stance, sizes)[1 + 4 * number : 5 + 4 * number]
    bone = {"tip": 2, "nail": 2, "pad": 2, "mid_joint": 1, "base": 0, "side": 1}[spot]
    along = unit(joints[bone + 1] - joints[bone])
    inside = _inside(name, along)
    radius = float(sizes.thickness[number, bone])
    if spot == "tip":
        return Site(joints[3], along)
    if spot in ("nail", "pad"):
        sign = 1.0 if spot == "pad" else -1.0
        middle = joints[3] + BACK_FROM_TIP * (joints[2] - joints[3])
        return Site(middle + sign * radius * inside, sign * inside)
    if spot == "side":
        side = np.cross(along, inside)
        return Site(joints[1] + radius * side, side)
    joint = joints[1] if spot == "mid_joint" else joints[0]
    return Site(joint - radius * inside, -inside)


def _inside(name: str, along: Array) -> Array:
    """Towards the palm's side of a finger bone; of the thumb, towards the fingers' side."""
    hinge = THUMBWARD if name != "thumb" else unit(THUMBWARD - PALMWARD)
    return (
        unit(np.cross(hinge, along))
        if name != "thumb"
        else unit(np.cross(along, np.cross(PALMWARD - THUMBWARD, along)))
    )


def _surface(found: Site, surface: str) -> Site:
    return Site(found.point, -PALMWARD if surface in ("back", "wrist_back") else PALMWARD)


def _shifted(found: Site, surface: str, first: str, sizes: HandSizes) -> Site:
    """The same height of the hand, on another of its surfaces."""
    thick = PALM_THICKNESS / 2 * palm_length(sizes)
    if surface in ("back", "palm"):
        out = -PALMWARD if surface == "back" else PALMWARD
        centre = found.point * np.array([1.0, 0.0, 1.0]) if first.startswith("wrist") else found.point
        radius = thick if first.startswith("wrist") else thick / 2
        return Site(centre + radius * out, out)
    if surface in ("thumb_side", "little_side"):
        out = THUMBWARD if surface == "thumb_side" else -THUMBWARD
        return Site(found.point + EDGE * palm_length(sizes) * out, out)
    return found


def _mean(sites: Sequence[Site]) -> Site:
    return Site(
        np.mean([one.point for one in sites], axis=0), unit(np.sum([one.out for one in sites], axis=0))
    )
