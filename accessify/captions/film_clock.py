"""Where a film begins on the clock of its captions.

Captions count from the film's first frame, or from its timecode (SMPTE ST 12-1), which by custom is a
whole hour. A caption file in milliseconds holds the media time of that timecode: its frames counted,
so at 24000/1001 fps 01:00:00:00 is 3603.6 s. Some tools write the plain hour, 3600 s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from accessify.captions.film import Film
from accessify.core.text import Cue
from accessify.core.timecode import frame_timecode, parse_timecode
from accessify.core.timeline import TICKS_PER_MILLI, Rate, Track, seconds

_DROPPING = (Fraction(30000, 1001), Fraction(60000, 1001))
_HOUR = seconds(3600)


@dataclass(frozen=True, slots=True)
class FilmStart:
    """Where a film begins, and by what timecode its frames are called."""

    ticks: int = 0
    """Tick on the captions' clock at which the first frame is shown."""
    first: int | None = None
    """Frame number that the first frame's timecode stands for; None where it has no timecode."""
    drop: bool = False
    """Whether that timecode is drop-frame."""
    told: str = ""
    """What the captions count from, for people; empty where they count from the film's beginning."""
    is_guess: bool = False

    def timecode(self, frame: int, rate: Rate) -> str | None:
        """Timecode of a frame counted from the film's first, where there is one."""
        if self.first is None or self.first + frame < 0:
            return None
        return frame_timecode(self.first + frame, replace(rate, drop=self.drop))


def start_at(timecode: str, rate: Rate) -> FilmStart:
    """A film whose captions count from `timecode`, e.g. `01:00:00:00`, or `01:00:00;00` for drop-frame.

    Raises `OptionError` for text that is no timecode at this rate.
    """
    counted = replace(rate, drop=True) if ";" in timecode and rate.fps in _DROPPING else rate
    ticks = parse_timecode(timecode, counted)
    return FilmStart(ticks, counted.nearest(ticks), counted.drop, timecode)


def guessed_start(cues: Track[Cue], film: Film, timecode: str | None) -> FilmStart:
    """Where a film begins that nobody told of: `timecode` is its own, where the file carries one.

    At zero where no caption lies outside the film then. Else at the film's own timecode, at a whole
    hour of timecode, or at a plain hour: where most captions lie inside the film, and most of their
    times on its frames and shot changes.
    """
    own = start_at(timecode, film.rate) if timecode else FilmStart()
    zero = replace(own, ticks=0, told="")
    if not cues or film.end is None or not _outside(cues, film, zero):
        return zero
    return max(
        (zero, *([replace(own, is_guess=True)] if timecode else []), *_hours(cues, film.rate, own)),
        key=lambda start: (-_outside(cues, film, start), _on_frames(cues, film, start)),
    )


def _hours(cues: Track[Cue], rate: Rate, own: FilmStart) -> Iterator[FilmStart]:
    """Whole hours of timecode, and then plain ones, that lie not far before the first caption."""
    earliest = min(cue.span.start for cue in cues)
    hours = [hour for hour in (earliest // _HOUR, earliest // _HOUR - 1) if 0 < hour < 24]
    marks = ";:" if rate.drop else ":;"
    for hour in hours:
        for mark in marks if rate.fps in _DROPPING else ":":
            yield replace(start_at(f"{hour:02}:00:00{mark}00", replace(rate, drop=False)), is_guess=True)
    for hour in hours:
        named = own if own.told else start_at(f"{hour:02}:00:00:00", replace(rate, drop=False))
        yield replace(named, ticks=hour * _HOUR, told=f"{hour:02}:00:00.000 of the clock", is_guess=True)


def _outside(cues: Track[Cue], film: Film, start: FilmStart) -> int:
    """How many captions are never shown while the film runs."""
    last = start.ticks + (film.end or 0)
    return sum(cue.span.end <= start.ticks or cue.span.start >= last for cue in cues)


def _on_frames(cues: Track[Cue], film: Film, start: FilmStart) -> int:
    """How many times lie on a frame to the millisecond, and how many of those frames begin a shot."""
    shots = {film.rate.nearest(shot) for shot in film.shots}
    found = 0
    for cue in cues:
        for time in (cue.span.start - start.ticks, cue.span.end - start.ticks):
            frame = film.rate.nearest(time)
            found += abs(film.rate.at(frame) - time) <= TICKS_PER_MILLI
            found += frame in shots
    return found
