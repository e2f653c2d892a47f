"""One hand from picture to picture: 21 points, looked for at the body's wrist.

Sources: Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking", arXiv:2006.10214;
MediaPipe's holistic_landmark graphs (regions from the body's wrist, re-cropped, and when a tracked
region may be kept).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.body import Body
from accessify.tracking.detection import Detection
from accessify.tracking.graphs import HAND_LANDMARKS, HAND_RECROP, Look
from accessify.tracking.regions import Limits, Points, Region, around, direction, finite

LEAST_PRESENCE = 0.5
_LEAST_WRIST = 0.1
"""Visibility of the body's wrist under which no hand is looked for there."""
_DEPTH = 0.4
"""The network's z is divided by this to have the unit of x and y."""
_PALM = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18]
"""The points that say where to look next: wrist, thumb and the lower finger joints."""
_AGREES = Limits(angle=math.radians(40), shift=0.2, size=0.4)
_INSIDE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """One hand in one picture."""

    points: Points
    """Shape [21, 3], pixels."""
    world: Points
    """Shape [21, 3], metres from the hand's middle, x and y along the picture."""
    presence: float
    """0 to 1: how sure the network is that this is a hand."""
    right: float
    """0 to 1: how much it looks like a right hand (the person's own, in a picture that is not mirrored)."""

    @property
    def size(self) -> float:
        """Pixels; the longer side of the box around it."""
        return float(np.ptp(self.points[:, :2], axis=0).max())


@dataclass(frozen=True, slots=True)
class WristRules:
    """How a hand is followed from the body's wrist; the defaults were measured (docs/benchmarks.md)."""

    retry: int = 4
    """A hand that is not seen, at a wrist that rests, is looked for in every n-th picture."""
    rest: float = 0.1
    """How far the wrist may be from where the hand was last not seen, in sides of the region around it,
    to count as resting: a hand that comes into view moves."""
    recrop: int = 1
    """The region around the wrist is found anew in every n-th picture."""


def see_hand(image: NDArray[np.uint8], region: Region, look: Look) -> Hand | None:
    """The hand inside `region`, or None."""
    raw, presence, right, world = look(HAND_LANDMARKS, image, region)
    chance = float(presence.reshape(-1)[0])
    if not (chance >= LEAST_PRESENCE and finite(raw, right, world)):  # nor if it is no number
        return None
    points = raw.reshape(-1, 3) / np.float32(HAND_LANDMARKS.size)
    points[:, 2] /= np.float32(_DEPTH)
    metres = region.turned(world.reshape(-1, 3))
    return Hand(region.to_picture(points), metres, chance, float(right.reshape(-1)[0]))


def region_of(hand: Hand) -> Region:
    """Where to look for this hand next (MediaPipe's HandLandmarksToRectCalculator)."""
    points = hand.points[:, :2]
    knuckles = (points[5] + points[13] + 2 * points[9]) / np.float32(4)
    turn = direction(points[0], knuckles, math.pi / 2)
    return around(points[_PALM], turn).changed(2.0, shift=-0.1)


def same_hand(one: Hand, other: Hand) -> bool:
    """Whether two hands are one, seen twice: all but at one place, or near and both of one side's look.

    Crossing hands of one person look like opposite sides.
    """
    away = np.linalg.norm(one.points[:, :2] - other.points[:, :2], axis=1).mean()
    alike = (one.right > 0.5) == (other.right > 0.5)
    return bool(away < (0.4 if alike else 0.2) * max(one.size, other.size))


def region_of_palm(palm: Detection) -> Region:
    """Where the hand of a detected palm is."""
    turn = direction(palm.keypoints[0], palm.keypoints[2], math.pi / 2)
    return replace(palm.box, angle=turn).changed(2.6, shift=-0.5)


class WristTracker:
    """Follows the hand of one side of the body."""

    def __init__(self, side: int, rules: WristRules = WristRules()) -> None:
        """`side` 0 is the left hand, 1 the right."""
        self._wrist, self._pinky, self._index = (joint + side for joint in (15, 17, 19))
        self._rules = rules
        self._pictures = 0
        self._lost = 0
        self._unseen: Region | None = None
        self._recrop: Region | None = None
        self.hand: Hand | None = None
        """As seen in the last picture."""
        self._adopted = False

    def push(self, image: NDArray[np.uint8], body: Body | None, look: Look) -> Hand | None:
        """The hand in the next picture, or None."""
        self._pictures += 1
        before, self.hand = self.hand, None
        wrist = self._around_wrist(body) if body else None
        if self._rests(wrist):
            self._lost += 1
            return None
        for region in self._regions(image, wrist, before, look):
            self.hand = see_hand(image, region, look)
            if self.hand:
                break
            self._adopted = False  # what is seen elsewhere is seen at the wrist
        self._lost = 0 if self.hand else self._lost + 1
        self._unseen = None if self.hand else wrist
        return self.hand

    def adopt(self, hand: Hand | None) -> None:
        """Go on from a hand that was found otherwise (None: let go of what is followed)."""
        self.hand, self._adopted = hand, hand is not None
        self._recrop = self._unseen = None

    def _rests(self, wrist: Region | None) -> bool:
        """Whether the hand need not be looked for: it was not seen here a moment ago."""
        if wrist is None or self._unseen is None or self._lost % self._rules.retry == 0:
            return False
        away = math.dist((wrist.x, wrist.y), (self._unseen.x, self._unseen.y))
        return away <= self._rules.rest * wrist.width

    def _regions(
        self, image: NDArray[np.uint8], wrist: Region | None, before: Hand | None, look: Look
    ) -> Iterator[Region]:
        """Where to look, the best place first."""
        tracked, adopted = region_of(before) if before else None, self._adopted
        if tracked and adopted:
            yield tracked
        if wrist is None:
            return
        if self._recrop is None or before is None or self._pictures % self._rules.recrop == 0:
            self._recrop = _recropped(image, wrist, look)
        if before and tracked and not adopted:
            inside = self._recrop.contains(before.points[:, :2], _INSIDE)
            if inside and self._recrop.agrees(tracked, _AGREES):
                yield tracked
        yield self._recrop

    def _around_wrist(self, body: Body) -> Region | None:
        """Roughly where the hand is; None where the wrist is hidden."""
        if body.visibility[self._wrist] <= _LEAST_WRIST:
            return None
        wrist, pinky, index = (body.points[joint, :2] for joint in (self._wrist, self._pinky, self._index))
        middle = (2 * index + pinky) / 3
        side = 2 * math.dist(middle.tolist(), wrist.tolist())
        turn = direction(wrist, middle, math.pi / 2)
        return Region(float(middle[0]), float(middle[1]), side, side, turn).changed(2.7, shift=-0.1)


def _recropped(image: NDArray[np.uint8], region: Region, look: Look) -> Region:
    """A better region, from the network that sees only the rough one."""
    (points,) = look(HAND_RECROP, image, region)
    if not finite(points):
        return region
    centre, rim = region.to_picture(points.reshape(2, 2) / np.float32(HAND_RECROP.size)).astype(float)
    side = 2 * math.dist(centre, rim)
    turn = direction(centre, rim, -math.pi / 2)
    return Region(centre[0], centre[1], side, side, turn).changed(1.0, shift=-0.1)


Jobs = Sequence[Callable[[], Hand | None]]
Together = Callable[[Jobs], list[Hand | None]]
"""Calls all functions, perhaps at the same time; their results in order."""


def one_by_one(jobs: Jobs) -> list[Hand | None]:
    """A `Together` that takes turns."""
    return [job() for job in jobs]
