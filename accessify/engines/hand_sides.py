"""Which of the hands found in a picture is the left and which the right, decided once for each hand.

MediaPipe names a side anew for every picture and may call both hands left. Here each hand is followed
and its first pictures vote; two hands never have one side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from accessify.core.timeline import millis
from accessify.tracking.hands import Hand

_DECIDED = 5
"""Pictures after which the side of a hand no longer changes."""
_REMEMBERED = millis(500)
"""A hand that was away for less is the same hand."""
_REACH = 1.0
"""How far a hand's points may have moved between two pictures, in sizes of the hand."""

Pair = tuple[Hand | None, Hand | None]


@dataclass(slots=True, eq=False)
class _Track:
    """One hand over time."""

    hand: Hand
    seen: int
    """Tick of the last picture with it."""
    votes: float = 0.0
    """Sum over its first pictures of how right it looked, −0.5 to 0.5 each."""
    pictures: int = 0
    right: bool | None = None
    """Which hand it is, once that is decided."""

    def follow(self, hand: Hand, start: int) -> None:
        self.hand, self.seen = hand, start
        if self.pictures < _DECIDED:
            self.votes += hand.right - 0.5
        self.pictures += 1

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
            track = known or _Track(hand, start)
            track.follow(hand, start)
            present.append(track)
        self._tracks = [*present, *(old for old in self._tracks if old not in present)]
        return _sided(present)

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


def _sided(tracks: Sequence[_Track]) -> Pair:
    """One hand a side: what is decided stays, and where both look alike, the surer one has it."""
    sides: dict[bool, Hand] = {}
    for track in sorted(tracks, key=lambda track: (track.right is None, -abs(track.votes))):
        right = track.votes > 0 if track.right is None else track.right
        if right in sides:
            right = not right
        if track.pictures >= _DECIDED:
            track.right = right
        sides[right] = track.hand
    return sides.get(False), sides.get(True)
