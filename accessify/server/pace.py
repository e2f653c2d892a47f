"""How fast a client sends: what it may, and whether its sound is what it says it is."""

from __future__ import annotations

import time
from collections.abc import Callable

_JUDGED_AFTER = 10.0
"""Seconds of clock before anything is said about a client's pace."""


class Pace:
    """A bucket of seconds of sound that fills with time; a client that empties it has to wait."""

    def __init__(self, burst: float, rate: float, now: Callable[[], float] = time.monotonic) -> None:
        """`burst` seconds at once, then `rate` times real time."""
        self._burst, self._rate, self._now = burst, rate, now
        self._left = burst
        self._at = self._began = now()
        self._sent = 0.0

    def add(self, sound: float) -> None:
        """Sound of so many seconds came."""
        self._fill()
        self._left -= sound
        self._sent += sound

    def wait(self) -> float:
        """Seconds until more may be taken."""
        self._fill()
        return max(0.0, -self._left / self._rate)

    def slow(self) -> bool:
        """Whether sound has been coming far slower than real time, as with a rate declared too high."""
        passed = self._now() - self._began
        return passed > _JUDGED_AFTER and self._sent < 0.6 * passed

    def _fill(self) -> None:
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
