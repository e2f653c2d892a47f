"""Where one movement ends and the next begins: dips of speed, and where a hold starts and stops.

The way of a hand to its place, the sign's own movements and the way back all end in a dip or a hold
(Liddell and Johnson, "American Sign Language: The Phonological Base", Sign Language Studies 1989: signs
are movements and holds). Every cut is told at most `WAIT` after it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from accessify.core.timeline import millis
from accessify.signs.hand_motion import STEP

WAIT = millis(120)
"""Ticks within which speed must have risen again behind a dip."""
HOLD = millis(100)
"""Hands slow for so long are held."""
AWAY = millis(60)
"""Hands fast for so long have left a hold."""
DIP = 0.6
"""A dip is at most this share of the speeds on both of its sides."""
DEEP = 0.3
"""And so many shoulder widths a second below them, so that trembling makes none."""
APART = millis(100)
"""No movement is shorter."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a part ends and the next begins."""

    time: int
    """Tick."""
    held: bool
    """Whether a hold ends here."""


class PartFinder:
    """Cuts motion that comes step by step."""

    def __init__(self, still: float) -> None:
        """`still`: speed in shoulder widths a second below which hands are held."""
        self._still = still
        self._recent: deque[tuple[float, int]] = deque(maxlen=1 + WAIT // STEP)
        self._peak = 0.0  # highest speed since the last cut
        self._cut: int | None = None
        self._turned: int | None = None  # since when speed is on the other side of `still`
        self.held = False
        """Whether the hands are held now."""

    def push(self, time: int, speed: float) -> Cut | None:
        """The cut that became sure with the next speed, in shoulder widths a second."""
        other = speed > 1.2 * self._still if self.held else speed < self._still
        if not other:
            self._turned = None
        elif self._turned is None:
            self._turned = time
        if self._turned is not None and time - self._turned >= (AWAY if self.held else HOLD):
            return self._turn(self._turned, speed)
        if self.held:
            return None
        self._recent.append((speed, time))
        return self._dip(speed)

    def _turn(self, time: int, speed: float) -> Cut:
        cut = Cut(time, self.held)
        self.held = not self.held
        self._begin(cut.time, speed)
        return cut

    def _dip(self, speed: float) -> Cut | None:
        lowest, time = min(self._recent)
        edge = max(lowest / DIP, lowest + DEEP)
        # the oldest of the recent speeds is no dip: it may be lowest only because speed rises since
        if speed >= edge and self._peak >= edge and time != self._recent[0][1]:
            if self._cut is None or time - self._cut >= APART:
                self._begin(time, speed)
                return Cut(time, held=False)
            self._recent.clear()
        if len(self._recent) == self._recent.maxlen:
            self._peak = max(self._peak, self._recent[0][0])
        return None

    def _begin(self, time: int, speed: float) -> None:
        self._cut, self._peak, self._turned = time, speed, None
        self._recent.clear()
