"""Hands that come in any order followed from picture to picture, so that each keeps its side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from accessify.core.timeline import millis
from accessify.tracking.hands import Hand
from accessify.tracking.sides import HandTrack, Pair, by_side

_REMEMBERED = millis(500)
"""A hand that was away for less is the same hand."""
_REACH = 1.0
"""How far a hand's points may have moved between two pictures, in sizes of the hand."""


@dataclass(slots=True, eq=False)
class _Track(HandTrack):
    """One hand over time, also while it is away."""

    seen: int = 0
    """Tick of the last picture with it."""

    def distance(self, hand: Hand) -> float:
        """How far the points are from another hand's, on average, in sizes of this hand."""
        away = np.linalg.norm(self.hand.points[:, :2] - hand.points[:, :2], axis=1).mean()
        return float(away) / max(self.hand.size, hand.size, 1.0)


class HandSides:
    """Follows up to two hands through one video."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []

    def push(self, hands: Sequence[Hand], start: int) -> Pair:
        """Left and right hand of the picture at tick `start`, out of one or two hands in any order."""
        self._tracks = [track for track in self._tracks if start - track.seen <= _REMEMBERED]
        present = []
        for hand, known in self._matched(hands):
            track = known or _Track(hand)
            track.follow(hand)
            track.seen = start
            present.append(track)
        self._tracks = [*present, *(old for old in self._tracks if old not in present)]
        return by_side(present)

    def _matched(self, hands: Sequence[Hand]) -> Iterable[tuple[Hand, _Track | None]]:
        """Each hand with the track it goes on, so that all hands together moved least."""
        known: list[_Track | None] = [*self._tracks, *[None] * len(hands)]

        def moved(tracks: Iterable[_Track | None]) -> float:
            pairs = zip(hands, tracks, strict=True)
            return sum(min(track.distance(hand), _REACH) if track else _REACH for hand, track in pairs)

        best = min(permutations(known, len(hands)), key=moved)
        return [
            (hand, track if track and track.distance(hand) < _REACH else None)
            for hand, track in zip(hands, best, strict=True)
        ]
