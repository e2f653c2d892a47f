"""Which of up to two followed hands is the left and which the right, decided once for each.

The network names a side anew in every picture and may call both hands left. So the first pictures of a
hand vote, and two hands never have one side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accessify.tracking.hands import Hand

_DECIDED = 5
"""Pictures after which the side of a hand no longer changes."""

Pair = tuple[Hand | None, Hand | None]
"""Left and right."""


@dataclass(slots=True, eq=False)
class HandTrack:
    """One hand over time."""

    hand: Hand
    """As it was seen last."""
    votes: float = 0.0
    """Sum over its first pictures of how right it looked, −0.5 to 0.5 each."""
    pictures: int = 0
    right: bool | None = None
    """Which hand it is, once that is decided."""

    def follow(self, hand: Hand) -> None:
        """Go on with the same hand in the next picture."""
        self.hand = hand
        if self.pictures < _DECIDED:
            self.votes += hand.right - 0.5
        self.pictures += 1


def by_side(tracks: Sequence[HandTrack]) -> Pair:
    """One hand a side, of at most two: what is decided stays, and where both look alike, the surer has it.

    Decides the side of those that were followed for long enough.
    """
    sides: dict[bool, Hand] = {}
    for track in sorted(tracks, key=lambda track: (track.right is None, -abs(track.votes))):
        right = track.votes > 0 if track.right is None else track.right
        right ^= right in sides
        if track.pictures >= _DECIDED:
            track.right = right
        sides[right] = track.hand
    return sides.get(False), sides.get(True)
