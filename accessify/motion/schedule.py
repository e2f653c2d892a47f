"""When each sign is signed: lines fitted into the spans of their cues at a speed that can be read.

Signing is hastened, not cut, where a cue is short, and at most to a comfortable speed; what then does not fit
ends late, pushes what follows, and is told. Between lines far apart the hands rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from accessify.core.timeline import Note, Rate, Span, to_seconds
from accessify.motion.join import JoinOptions, between, concatenated, core, rest_like, transition
from accessify.motion.posture import Postures
from accessify.motion.stretch import at_rate, eased, picked, stretched


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What is signed in one go, such as the words of one cue."""

    signs: tuple[Postures, ...]
    """In order; ways from and to rest at their ends are cut off. All of one rate or not."""
    span: Span | None = None
    """When it should be signed; None lets it follow the line before it at its own speed."""
    label: str = ""
    """What a note calls it, e.g. the cue's text."""


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """How fast, and how much faster at most."""

    speed: float = 1.0
    """1 is natural, 2 twice as fast; without spans everything is signed at this speed."""
    fastest: float = 1.3
    """How much faster than natural signing may become to fit a cue; little, since viewers of avatars ask for
    slower signing, not for faster."""
    resting: float = 1.6
    """Seconds between two lines from which the hands go to rest."""
    hold: float = 0.12
    """Seconds that the last sign of a line stands still: sentences end with a hold (S. K. Liddell,
    R. E. Johnson, "American Sign Language: The Phonological Base", 1989)."""
    join: JoinOptions = field(default_factory=JoinOptions)


@dataclass(frozen=True, slots=True, eq=False)
class Scheduled:
    """All lines on one clock."""

    postures: Postures
    """From tick 0; its notes hold those of the signs and what did not fit."""
    signs: tuple[tuple[Span, ...], ...]
    """For each line, when each sign is: without the ways between."""
    speeds: tuple[float, ...]
    """For each line, how many times faster than natural it is."""


def schedule(lines: Sequence[Line], rate: Rate, options: ScheduleOptions) -> Scheduled:
    """Sign `lines` at the rate of pictures `rate`.

    Raises `ValueError` where there is nothing to sign at all.
    """
    worded = [_prepared(line, rate) for line in lines]
    if not any(line.signs for line in worded):
        raise ValueError("there is nothing to sign")
    desk = _Desk(rate, options)
    for line in worded:
        desk.add(line)
    return desk.finish()


def _prepared(line: Line, rate: Rate) -> Line:
    return replace(line, signs=tuple(at_rate(core(sign), rate) for sign in line.signs if len(sign)))


class _Desk:
    """Lays lines one behind the other and counts pictures."""

    def __init__(self, rate: Rate, options: ScheduleOptions) -> None:
        self.rate, self.options = rate, options
        self.parts: list[Postures] = []
        self.signs: list[tuple[Span, ...]] = []
        self.speeds: list[float] = []
        self.notes: list[Note] = []
        self.now = 0  # pictures so far

    def add(self, line: Line) -> None:
        if not line.signs:
            self.signs.append(())
            self.speeds.append(self.options.speed)
            return
        raising = self._pictures(self.options.join.raising / self.options.speed)
        wanted = self.now if line.span is None else max(self.now, self.rate.nearest(line.span.start))
        speed = self._speed(line, wanted)
        self._approach(line.signs[0], wanted, raising)
        spans = self._sign(line, speed)
        self.signs.append(spans)
        self.speeds.append(speed)
        if line.span is not None:
            self._tell(line, spans[-1].end, speed)

    def finish(self) -> Scheduled:
        last = self.parts[-1]
        self._lower(last, self._pictures(self.options.join.raising / self.options.speed))
        whole = concatenated(self.parts)
        return Scheduled(
            replace(whole, notes=(*whole.notes, *self.notes)), tuple(self.signs), tuple(self.speeds)
        )

    def _pictures(self, seconds: float) -> int:
        return max(1, round(seconds * float(self.rate.fps)))

    def _put(self, part: Postures) -> None:
        if len(part):
            self.parts.append(part)
            self.now += len(part)

    def _natural(self, line: Line) -> float:
        """Pictures that the line takes at natural speed."""
        ways = (transition(a, b, self.options.join) for a, b in pairwise(line.signs))
        seconds = sum(ways) + self.options.hold
        return sum(len(sign) for sign in line.signs) + seconds * float(self.rate.fps)

    def _speed(self, line: Line, start: int) -> float:
        if line.span is None:
            return self.options.speed
        there = max(1, self.rate.nearest(line.span.end) - start)
        return min(max(self.options.speed, self._natural(line) / there), self._limit)

    @property
    def _limit(self) -> float:
        return max(self.options.speed, self.options.fastest)

    def _approach(self, first: Postures, wanted: int, raising: int) -> None:
        """Come to the first sign of a line at picture `wanted`, from rest or from the line before."""
        gap = wanted - self.now
        if self.parts and gap < self._pictures(self.options.resting):
            least = self._pictures(transition(self.parts[-1], first, self.options.join) / self.options.speed)
            self._put(between(self.parts[-1], first, max(least, gap)))
            return
        if self.parts:
            self._lower(self.parts[-1], raising)
        self._put(rest_like(first, max(0, wanted - self.now - raising), 0))
        up = eased(np.arange(raising) / raising)
        held = picked(first, np.zeros(raising, np.intp))
        self._put(replace(held, active=held.active * up[:, None], notes=()))

    def _lower(self, last: Postures, count: int) -> None:
        down = 1 - eased(np.arange(1, count + 1) / count)
        held = picked(last, np.full(count, len(last) - 1))
        self._put(replace(held, active=held.active * down[:, None], notes=()))

    def _sign(self, line: Line, speed: float) -> tuple[Span, ...]:
        spans = []
        for number, sign in enumerate(line.signs):
            if number:
                seconds = transition(line.signs[number - 1], sign, self.options.join) / speed
                self._put(between(line.signs[number - 1], sign, self._pictures(seconds)))
            start = self.now
            self._put(stretched(sign, max(2, round(len(sign) / speed))))
            spans.append(Span(self.rate.at(start), self.rate.at(self.now)))
        last = self.parts[-1]
        self._put(picked(last, np.full(self._pictures(self.options.hold / speed), len(last) - 1)))
        return tuple(spans)

    def _tell(self, line: Line, end: int, speed: float) -> None:
        assert line.span is not None  # noqa: S101 - for the type checker
        late = end - line.span.end
        if late > self.rate.at(1):
            text = (
                f"{line.label or 'a line'}: ends {to_seconds(late):.1f} s behind its caption of "
                f"{to_seconds(line.span.duration):.1f} s, signed {speed:.2f} times as fast as is natural; "
                "give it more time, fewer words or a higher --speed"
            )
            self.notes.append(Note(Span(line.span.start, end), "late", text))
