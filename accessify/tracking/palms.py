"""Hands without a body: palms are detected while fewer than two hands are followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.detection import detect
from accessify.tracking.graphs import PALM_DETECTOR, Look
from accessify.tracking.hands import (
    Hand,
    Together,
    one_by_one,
    region_of,
    region_of_palm,
    same_hand,
    see_hand,
)
from accessify.tracking.regions import Region, overlap
from accessify.tracking.sides import HandTrack, Pair, by_side

_MOST = 2
_SAME = 0.5


class PalmTracker:
    """Up to two hands; left or right is decided once for a track, by what its first pictures look like."""

    def __init__(self) -> None:
        self._tracks: list[HandTrack] = []

    @property
    def seeks(self) -> bool:
        """Whether palms are looked for in the next picture."""
        return len(self._tracks) < _MOST

    def push(
        self,
        image: NDArray[np.uint8],
        look: Look,
        together: Together = one_by_one,
        find: Callable[[], list[Region]] | None = None,
    ) -> Pair:
        """Left and right hand in the next picture; `find` gives what `find_palms` does, if it is known."""
        palms: list[Region] = []

        def seek() -> None:
            palms.extend(find() if find else find_palms(image, look))

        seeks: list[Callable[[], Hand | None]] = [seek] if self.seeks else []
        follows = [partial(see_hand, image, region_of(track.hand), look) for track in self._tracks]
        found = together([*seeks, *follows])[len(seeks) :]
        self._tracks = self._kept(found)
        self._add(image, palms, look, together)
        return by_side(self._tracks)

    def _kept(self, hands: Sequence[Hand | None]) -> list[HandTrack]:
        """The tracks whose hand was seen again; two that follow one hand become one."""
        seen = [(track, hand) for track, hand in zip(self._tracks, hands, strict=True) if hand]
        kept: list[HandTrack] = []
        for track, hand in sorted(seen, key=lambda one: -one[1].presence):  # the surer one stays
            if not _is_followed(hand, kept):
                track.follow(hand)
                kept.append(track)
        return kept

    def _add(self, image: NDArray[np.uint8], palms: Sequence[Region], look: Look, together: Together) -> None:
        """Begin to follow the hands of palms that are nobody's yet, the surest first."""
        new = [region for region in palms if not _known(region, self._tracks)]
        for hand in together([partial(see_hand, image, region, look) for region in new]):
            if hand and len(self._tracks) < _MOST and not _is_followed(hand, self._tracks):
                track = HandTrack(hand)
                track.follow(hand)
                self._tracks.append(track)


def find_palms(image: NDArray[np.uint8], look: Look) -> list[Region]:
    """Where hands are whose palms are detected, the surest first; nothing is remembered for it."""
    whole = Region.whole((image.shape[1], image.shape[0]))
    return [region_of_palm(palm) for palm in detect(PALM_DETECTOR, image, whole, look)]


def _is_followed(hand: Hand, tracks: list[HandTrack]) -> bool:
    known = _known(region_of(hand), tracks)
    return known or any(same_hand(hand, track.hand) for track in tracks)


def _known(region: Region, tracks: list[HandTrack]) -> bool:
    return any(overlap(region, region_of(track.hand)) > _SAME for track in tracks)
