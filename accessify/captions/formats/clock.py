"""Times as text: `HH:MM:SS.mmm` and its relatives.

Written times are rounded *down* to what the format can hold. A caption that starts with frame n
then carries a time at most one unit before that frame and after the frame before it, which every
kind of reader takes for frame n: one that rounds to the nearest frame, and one that shows the first
frame not earlier than the time (IMSC 1.1 "Synchronization"; the ASS renderers). Rounding up or to
the nearest millisecond would show half of all captions one frame late with the latter.
Whole milliseconds (1 ms) hold this to well over 120 fps, centiseconds (ASS) to 100 fps on screen.
"""

from __future__ import annotations

import re

from accessify.core.errors import FormatError
from accessify.core.timeline import TICKS_PER_SECOND, Note, Span

TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,9})"
"""A time as SubRip and WebVTT files write it, hours optional: four groups for `ticks_of`."""

_TIME = re.compile(TIME)


def clock_text(ticks: int, mark: str = ".", digits: int = 3, hour_digits: int = 2) -> str:
    """`ticks` as `HH:MM:SS` and `digits` decimals after `mark`, rounded down.

    Raises `FormatError` for a time before zero, which no caption format can hold.
    """
    unit = 10**digits
    whole, part = divmod(whole_units(ticks, unit), unit)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:0{hour_digits}}:{minutes:02}:{seconds:02}{mark}{part:0{digits}}"


def whole_units(ticks: int, unit: int) -> int:
    """`ticks` as a count of 1/`unit` of a second, rounded down; raises as `clock_text` does."""
    if ticks < 0:
        raise FormatError(
            "a caption starts before the film does, which no format can hold; shift it with --offset"
        )
    return ticks * unit // TICKS_PER_SECOND


def ticks_of(hours: str | None, minutes: str, seconds: str, decimals: str) -> int:
    """Ticks of the four groups that `TIME` matches; raises `ValueError` for minute or second 60."""
    if int(minutes) > 59 or int(seconds) > 59:
        raise ValueError("minutes and seconds run from 0 to 59")
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    unit: int = 10 ** len(decimals)
    return whole * TICKS_PER_SECOND + int(decimals) * TICKS_PER_SECOND // unit


def parse_clock(text: str) -> int:
    """Ticks of one time such as `01:02:03.456`; raises `ValueError` for anything else."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not a time: {text!r}; write HH:MM:SS.mmm")
    return ticks_of(*match.groups())


def span_of(start: int, end: int, line: int) -> tuple[Span, list[Note]]:
    """The span of the cue on `line`; where its end lies before its start: no length, and a note of that."""
    if end >= start:
        return Span(start, end), []
    span = Span(start, start)
    text = f"line {line}: ends at {clock_text(end)}, before it starts at {clock_text(start)}"
    return span, [Note(span, "negative-duration", text)]
