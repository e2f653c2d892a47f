"""Hands without a body: palms are detected while fewer than two hands are followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.detection import detect
from accessify.tracking.graphs import PALM_DETECTOR, Look
from accessify.tracking.hands import Hand, Together, one_by_one, region_of, region_of_palm, see_hand
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
    right: bool | None = None
    """Which hand it is, once that is decided."""

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

    def push(
        self, image: NDArray[np.uint8], look: Look, together: Together = one_by_one
    ) -> tuple[Hand | None, Hand | None]:
        """Left and right hand in the next picture."""
        palms: list[Region] = []

        def find() -> None:
            palms.extend(_palms(image, look))

        jobs: list[Callable[[], Hand | None]] = [
            partial(see_hand, image, region_of(track.hand), look) for track in self._tracks
        ]
        if len(jobs) < _MOST and self._pictures % self._every == 0:
            jobs.append(find)
        found = together(jobs)[: len(self._tracks)]
        self._pictures += 1
        self._tracks = self._kept(found)
        self._add(image, palms, look, together)
        return self._sided()

    def _kept(self, hands: Sequence[Hand | None]) -> list[_Track]:
        """The tracks whose hand was seen again; two that follow one hand become one."""
        kept: list[_Track] = []
        for track, hand in zip(self._tracks, hands, strict=True):
            if hand and not _known(region_of(hand), kept):
                track.follow(hand)
                kept.append(track)
        return kept

    def _add(self, image: NDArray[np.uint8], palms: Sequence[Region], look: Look, together: Together) -> None:
        """Begin to follow the hands of palms that are nobody's yet, the surest first."""
        new = [region for region in palms if not _known(region, self._tracks)]
        for hand in together([partial(see_hand, image, region, look) for region in new]):
            if hand and len(self._tracks) < _MOST and not _known(region_of(hand), self._tracks):
                track = _Track(hand)
                track.follow(hand)
                self._tracks.append(track)

    def _sided(self) -> tuple[Hand | None, Hand | None]:
        """One hand a side: where both look alike, the one decided before or else the surer has it."""
        tracks = sorted(self._tracks, key=lambda track: (track.right is None, -abs(track.votes)))
        sides: dict[bool, Hand] = {}
        for track in tracks:
            right = track.votes > 0 if track.right is None else track.right
            right ^= right in sides
            if track.pictures >= _DECIDED:
                track.right = right
            sides[right] = track.hand
        return sides.get(False), sides.get(True)


def _palms(image: NDArray[np.uint8], look: Look) -> list[Region]:
    whole = Region.whole((image.shape[1], image.shape[0]))
    return [region_of_palm(palm) for palm in detect(PALM_DETECTOR, image, whole, look)]


def _known(region: Region, tracks: list[_Track]) -> bool:
    return any(overlap(region, region_of(track.hand)) > _SAME for track in tracks)
