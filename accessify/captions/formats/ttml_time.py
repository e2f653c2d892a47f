"""Time expressions of TTML (TTML2 §12.3.1) and the time containers they count in (§12.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from accessify.core.errors import OptionError
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Rate, nearest_standard, seconds

_OFFSET = re.compile(r"(\d{1,15})(?:\.(\d{1,15}))?(h|ms|m|s|f|t)")
_CLOCK = re.compile(r"(\d{2,4}):([0-5]\d):([0-5]\d)(?:\.(\d{1,15})|:(\d{2,3})(?:\.\d{1,3})?)?")
_UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}


@dataclass(frozen=True, slots=True)
class Clock:
    """The time parameters of a `tt` element."""

    rate: Rate
    tick_rate: Fraction
    """Ticks of the `t` metric per second."""
    smpte: bool = False
    """Whether clock times are timecode labels (`ttp:timeBase="smpte"`)."""

    def parse(self, text: str) -> int:
        """Ticks of a time expression; raises `ValueError` for what is none."""
        body = text.strip()
        if match := _OFFSET.fullmatch(body):
            value = Fraction(f"{match[1]}.{match[2] or 0}")
            if match[3] == "f":
                return seconds(value / self.rate.fps)
            return seconds(value / self.tick_rate if match[3] == "t" else value * _UNITS[match[3]])
        match = _CLOCK.fullmatch(body)
        if not match:
            raise ValueError(f"not a time: {text!r}; write HH:MM:SS.mmm")
        hours, minutes, secs, decimals, frames = match.groups()
        if frames and self.smpte:
            return self._label(f"{hours}:{minutes}:{secs}:{frames}")
        if frames and int(frames) >= self.rate.nominal:
            raise ValueError(f"{text!r}: there is no frame {frames} at {self.rate.nominal} a second")
        whole = (int(hours) * 60 + int(minutes)) * 60 + int(secs)
        part = Fraction(int(frames)) / self.rate.fps if frames else Fraction(f"0.{decimals or 0}")
        return seconds(whole + part)

    def _label(self, text: str) -> int:
        try:
            return parse_timecode(text, self.rate)
        except OptionError as error:
            raise ValueError(str(error)) from None


def clock_of(parameters: dict[str, str]) -> tuple[Clock, Rate | None]:
    """The clock that a `tt` element's parameters set, and the film's rate where they state it.

    30 frames a second where the file says nothing (TTML2 "ttp:frameRate"). Raises `ValueError` for a
    parameter that makes no sense.
    """
    stated = "frameRate" in parameters
    fps = Fraction(_whole(parameters.get("frameRate", "30")))
    multiplier = re.split(r"[\s:]+", parameters.get("frameRateMultiplier", "1 1").strip())
    fps *= Fraction(_whole(multiplier[0]), _whole(multiplier[-1]))
    smpte = parameters.get("timeBase", "media").strip() == "smpte"
    fps = nearest_standard(fps)
    can_drop = fps in (Fraction(30000, 1001), Fraction(60000, 1001))
    drop = smpte and parameters.get("dropMode", "nonDrop").strip() == "dropNTSC" and can_drop
    rate = Rate(fps, drop)
    if "tickRate" in parameters:
        tick_rate = Fraction(_whole(parameters["tickRate"]))
    else:  # TTML2 "ttp:tickRate": frames times sub-frames where a frame rate is stated, else one a second
        tick_rate = fps if stated else Fraction(1)
    return Clock(rate, tick_rate, smpte), rate if stated else None


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*[1-9]\d{0,8}\s*", text):
        raise ValueError(f"{text!r} is not a whole number above zero")
    return int(text)


@dataclass(frozen=True, slots=True)
class Interval:
    """When an element is active, in ticks of the film; `end` None is open."""

    begin: int = 0
    end: int | None = None

    def inner(self, base: int, begin: int | None, end: int | None, dur: int | None) -> Interval:
        """The interval of a child whose `begin`, `end` and `dur` count from `base` (§12.2.2)."""
        start = base + (begin or 0)
        ends = [base + end] if end is not None else []
        ends += [start + dur] if dur is not None else []
        ends += [self.end] if self.end is not None else []
        return Interval(start, max(min(ends), start) if ends else None)
