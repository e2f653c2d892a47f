"""Hands without a body: palms are detected while fewer than two hands are followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.detection import detect
from accessify.tracking.graphs import PALM_DETECTOR, Look
from accessify.tracking.hands import Hand, region_of, region_of_palm, see_hand
from accessify.tracking.regions import Region, overlap

_MOST = 2
_SAME = 0.5
_DECIDED = 5
"""Pictures after which a track's side no longer changes."""


@dataclass(slots=True)
class _Track:
    """One hand that is being followed."""

    hand: Hand
    votes: float = 0.0
    """Sum over its first pictures of how right it looked, −0.5 to 0.5 each."""
    pictures: int = 0

    def follow(self, hand: Hand) -> None:
        self.hand = hand
        if self.pictures < _DECIDED:
            self.votes += hand.right - 0.5
        self.pictures += 1


class PalmTracker:
    """Up to two hands; left or right is decided once for a track, by what its first pictures look like."""

    def __init__(self, every: int = 1) -> None:
        """`every`: with fewer than two hands, palms are looked for in every n-th picture."""
        self._every = every
        self._tracks: list[_Track] = []
        self._pictures = 0

    def push(self, image: NDArray[np.uint8], look: Look) -> tuple[Hand | None, Hand | None]:
        """Left and right hand in the next picture."""
        kept: list[_Track] = []
        for track in self._tracks:
            hand = see_hand(image, region_of(track.hand), look)
            if hand and not _known(region_of(hand), kept):
                track.follow(hand)
                kept.append(track)
        self._tracks = kept
        if len(kept) < _MOST and self._pictures % self._every == 0:
            self._find(image, look)
        self._pictures += 1
        return self._sided()

    def _find(self, image: NDArray[np.uint8], look: Look) -> None:
        whole = Region.whole((image.shape[1], image.shape[0]))
        for palm in detect(PALM_DETECTOR, image, whole, look):
            region = region_of_palm(palm)
            if len(self._tracks) == _MOST or _known(region, self._tracks):
                continue
            hand = see_hand(image, region, look)
            if hand and not _known(region_of(hand), self._tracks):
                track = _Track(hand)
                track.follow(hand)
                self._tracks.append(track)

    def _sided(self) -> tuple[Hand | None, Hand | None]:
        """One hand a side: where both look alike, the surer track has the side."""
        tracks = sorted(self._tracks, key=lambda track: -abs(track.votes))
        sides: dict[bool, Hand] = {}
        for track in tracks:
            right = track.votes > 0
            sides[right if right not in sides else not right] = track.hand
        return sides.get(False), sides.get(True)


def _known(region: Region, tracks: list[_Track]) -> bool:
    return any(overlap(region, region_of(track.hand)) > _SAME for track in tracks)
