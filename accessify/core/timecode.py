"""Timecode text both ways: `HH:MM:SS:FF`, and `HH:MM:SS;FF` for drop-frame (SMPTE ST 12-1).

Drop-frame skips the frame *numbers* 0 and 1 (0 to 3 at 59.94) of every minute that is not a
multiple of ten; no picture is dropped. Timecode is a count of frames, so at 24000/1001 it runs
0.1 % behind the wall clock on purpose.
"""

from __future__ import annotations

import re

from accessify.core.errors import OptionError
from accessify.core.timeline import Rate

_TIMECODE = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)([:;.,])(\d{2,3})")


def format_timecode(ticks: int, rate: Rate) -> str:
    """Timecode of the frame on screen at `ticks` (not negative; hours run past 24)."""
    return frame_timecode(rate.index(ticks), rate)


def frame_timecode(index: int, rate: Rate) -> str:
    """Timecode of frame number `index`."""
    if index < 0:
        raise ValueError(f"timecode counts from frame 0, not {index}")
    if rate.drop:
        index = _with_dropped_numbers(index, rate)
    fps = rate.nominal
    total, frames = divmod(index, fps)
    hours, rest = divmod(total, 3600)
    separator = ";" if rate.drop else ":"
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}{separator}{frames:02}"


def parse_timecode(text: str, rate: Rate) -> int:
    """Ticks at which the frame named by `text` starts.

    `;` needs a drop-frame rate. Raises `OptionError` for text that is no timecode, a frame number
    beyond the rate, or a number that drop-frame counting skips.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if not match:
        raise OptionError(f"not a timecode: {text!r}; write HH:MM:SS:FF, e.g. 01:00:00:00")
    hours, minutes, secs, frames = (int(match[group]) for group in (1, 2, 3, 5))
    fps = rate.nominal
    if frames >= fps:
        raise OptionError(f"timecode {text!r}: frame {frames} does not exist at {fps} frames a second")
    if match[4] == ";" and not rate.drop:
        raise OptionError(f"timecode {text!r} is drop-frame but the rate is not; write it with ':'")
    index = (hours * 3600 + minutes * 60 + secs) * fps + frames
    if rate.drop:
        dropped = _dropped_per_minute(rate)
        if secs == 0 and minutes % 10 and frames < dropped:
            raise OptionError(f"timecode {text!r}: drop-frame counting skips this number")
        total_minutes = hours * 60 + minutes
        index -= dropped * (total_minutes - total_minutes // 10)
    return rate.at(index)


def _dropped_per_minute(rate: Rate) -> int:
    return 2 * rate.nominal // 30


def _with_dropped_numbers(index: int, rate: Rate) -> int:
    """The label of a real frame: real count plus the numbers that counting skipped so far."""
    dropped = _dropped_per_minute(rate)
    per_minute = rate.nominal * 60 - dropped
    per_ten = per_minute * 10 + dropped
    tens, rest = divmod(index, per_ten)
    skipped = 9 * dropped * tens
    if rest >= rate.nominal * 60:  # past the first minute of the ten, which drops nothing
        skipped += dropped * (1 + (rest - rate.nominal * 60) // per_minute)
    return index + skipped
