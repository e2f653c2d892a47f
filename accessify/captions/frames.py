"""The grid that timing rules are judged on: whole frames, or milliseconds where the rate is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from accessify.captions.formats.clock import clock_text
from accessify.captions.rules import Length
from accessify.core.text import Cue
from accessify.core.timeline import TICKS_PER_MILLI, Rate, Track


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of a rule, in counts."""

    least: int
    """The smallest count that can still be it."""
    aim: int
    """The count it asks for."""
    most: int
    """The largest count that can still be it."""


_GUIDE_FPS = Fraction(24)
"""The rate that guides are written for (NFLX 360051554394)."""
_SLOWEST, _FASTEST = Fraction(24000, 1001), Fraction(60)
_SLACK = 21
"""Milliseconds: half a frame at 24 fps, by which frames may round a length stated in seconds."""
_COMMON_RATES = tuple(
    Rate(fps)
    for fps in (
        Fraction(24),
        Fraction(24000, 1001),
        Fraction(25),
        Fraction(30),
        Fraction(30000, 1001),
        Fraction(50),
        Fraction(60),
        Fraction(60000, 1001),
    )
)
_EVIDENCE = 10
"""Cues that a file must have before its times may tell its rate."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Times as whole counts: frames of the film's rate, or milliseconds where no rate is known.

    In milliseconds nothing is reported that could be right at some rate: a length stated in seconds
    may be off by half a frame at 24 fps (21 ms), a length stated in frames may be of any rate from
    23.976 to 60 fps. Repairs then aim at the exact milliseconds, and at frames of 24 fps.
    """

    rate: Rate | None = None
    """The film's rate; None counts milliseconds."""
    start: int = 0
    """Tick of count 0: where the film begins on the captions' clock."""

    @property
    def step(self) -> Rate:
        """The rate of the counts."""
        return self.rate or Rate(Fraction(1000))

    def count(self, ticks: int) -> int:
        """The count nearest to `ticks`, because files in milliseconds round."""
        return self.step.nearest(ticks - self.start)

    def ticks(self, count: int) -> int:
        """Tick at which `count` starts."""
        return self.start + self.step.at(count)

    def limit(self, length: Length) -> Limit:
        """`length` in counts."""
        if self.rate:
            frames = length.frames_at(self.rate)
            return Limit(frames, frames, frames)
        if length.frames:
            return Limit(
                floor(length.frames * 1000 / _FASTEST),
                round(length.frames * 1000 / _GUIDE_FPS),
                ceil(length.frames * 1000 / _SLOWEST),
            )
        millis = round(length.seconds * 1000)
        return Limit(max(0, millis - _SLACK), millis, millis + _SLACK)

    def seconds(self, count: int) -> Fraction:
        """Seconds that `count` lasts, exactly."""
        return count / self.step.fps

    def text(self, count: int) -> str:
        """`count` for people: `18 frames (0.75 s)`, `1 frame (0.04 s)` or `750 ms`."""
        if not self.rate:
            return f"{count} ms"
        unit = "frame" if abs(count) == 1 else "frames"
        return f"{count} {unit} ({float(self.seconds(count)):.2f} s)"

    def time(self, count: int) -> str:
        """Where `count` is on the captions' clock, for people: `00:00:01.500`, as files have it."""
        return clock_text(max(0, self.ticks(count)))


def rate_of_times(cues: Track[Cue]) -> Rate | None:
    """The slowest common rate on whose frames every time lies, to the nearest millisecond.

    None where no rate fits, or where fewer than ten cues would make it a guess.
    """
    if len(cues) < _EVIDENCE:
        return None
    times = [time for cue in cues for time in (cue.span.start, cue.span.end)]
    for rate in _COMMON_RATES:
        if all(abs(rate.at(rate.nearest(time)) - time) <= TICKS_PER_MILLI for time in times):
            return rate
    return None
