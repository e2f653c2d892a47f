"""Both hands of a person: each is looked for at the body's wrist, and by its palm where that fails.

MediaPipe's holistic solution looks at the wrists only and drops hands that its own hand tracker finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.body import Body
from accessify.tracking.detection import detect
from accessify.tracking.graphs import PALM_DETECTOR, Look
from accessify.tracking.hands import (
    Hand,
    Together,
    WristRules,
    WristTracker,
    one_by_one,
    region_of,
    region_of_palm,
    same_hand,
    see_hand,
)
from accessify.tracking.palms import PalmTracker
from accessify.tracking.regions import Region, overlap


@dataclass(frozen=True, slots=True)
class PalmRules:
    """When palms are looked for although there is a body; None in `every` never does."""

    every: int | None = 8
    """In every n-th picture in which a hand is missing; in each where there is no body."""
    reach: float = 0.6
    """How far from the body's wrist the hand's may be, in sizes of the hand."""
    presence: float = 0.8
    """How sure the network has to be, more than at the wrist, where a hand is expected."""


class BodyHands:
    """Both hands of a body; each is found at its wrist, or by its palm and then given to that wrist."""

    def __init__(self, wrists: WristRules, palms: PalmRules) -> None:
        self._sides = (WristTracker(0, wrists), WristTracker(1, wrists))
        self._palms = palms
        self._alone: PalmTracker | None = None  # while there is no body
        self._missing = 0

    def push(
        self, image: NDArray[np.uint8], body: Body | None, look: Look, together: Together = one_by_one
    ) -> tuple[Hand | None, Hand | None]:
        """Left and right hand in the next picture."""
        if body is None:
            return self._without_body(image, look, together)
        if self._alone:
            self._alone = None
            self._hand_over(body)
        left, right = self._sides
        found = together([partial(side.push, image, body, look) for side in self._sides])
        if found[0] and found[1] and same_hand(found[0], found[1]):
            self._sides[_farther(found[0], body)].adopt(None)
        if left.hand and right.hand:
            self._missing = 0
        else:
            if self._palms.every is not None and self._missing % self._palms.every == 0:
                self._recover(image, body, look)
            self._missing += 1
        return left.hand, right.hand

    def _without_body(
        self, image: NDArray[np.uint8], look: Look, together: Together
    ) -> tuple[Hand | None, Hand | None]:
        """Hands in close-up; their wrists are followed again as soon as a body is seen."""
        self._alone = self._alone or PalmTracker()
        hands = self._alone.push(image, look, together) if self._palms.every is not None else (None, None)
        for side, hand in zip(self._sides, hands, strict=True):
            side.adopt(hand)
        return hands

    def _hand_over(self, body: Body) -> None:
        """Give the hands of a close-up to the wrists they are at, whatever they looked like."""
        left, right = (side.hand for side in self._sides)

        def away(hands: tuple[Hand | None, Hand | None]) -> float:
            pairs = zip(hands, body.points[15:17, :2], strict=True)
            return sum(float(np.linalg.norm(hand.points[0, :2] - wrist)) for hand, wrist in pairs if hand)

        if away((right, left)) < away((left, right)):
            self._sides[0].adopt(right)
            self._sides[1].adopt(left)

    def _recover(self, image: NDArray[np.uint8], body: Body, look: Look) -> None:
        """Look for the palm of a missing hand."""
        whole = Region.whole((image.shape[1], image.shape[0]))
        known = [side.hand for side in self._sides if side.hand]
        for palm in detect(PALM_DETECTOR, image, whole, look):
            region = region_of_palm(palm)
            if any(overlap(region, region_of(other)) > 0.3 for other in known):
                continue
            hand = see_hand(image, region, look)
            if hand is None or any(same_hand(hand, other) for other in known):
                continue
            side = self._owner(hand, body)
            if side is not None:
                self._sides[side].adopt(hand)
                known.append(hand)

    def _owner(self, hand: Hand, body: Body) -> int | None:
        """Whose hand it is: that of the nearest wrist, if the hand is missing there and near enough."""
        if hand.presence < self._palms.presence:
            return None
        away = np.linalg.norm(body.points[15:17, :2] - hand.points[0, :2], axis=1)
        side = int(np.argmin(away))
        near = away[side] <= self._palms.reach * hand.size
        return side if near and self._sides[side].hand is None else None


def _farther(hand: Hand, body: Body) -> int:
    """The side whose wrist is farther from the hand."""
    return int(np.argmax(np.linalg.norm(body.points[15:17, :2] - hand.points[0, :2], axis=1)))
