"""Rules of duration, reading speed and the gaps between captions."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from accessify.captions.findings import Breach
from accessify.captions.sheet import Sheet


def one_decimal(value: Fraction) -> Fraction:
    """`value` to one decimal, half up: the precision that speeds are judged and shown with."""
    return Fraction(floor(value * 10 + Fraction(1, 2)), 10)


def min_duration(sheet: Sheet, index: int) -> Breach | None:
    """A caption is shown long enough to be noticed."""
    entry, grid, limit = sheet.entries[index], sheet.grid, sheet.limits["min_duration"]
    if entry.length >= limit.least:
        return None
    return Breach(
        grid.text(entry.length),
        f"at least {grid.text(limit.aim)}",
        "is gone before it can be read",
        "join it with a neighbour, or move the next caption",
    )


def negative_duration(sheet: Sheet, index: int) -> Breach | None:
    """A caption ends behind its start."""
    entry = sheet.entries[index]
    if not entry.backwards or entry.length:
        return None
    return Breach(
        entry.backwards,
        f"an end at least {sheet.grid.text(sheet.limits['min_duration'].aim)} behind the start",
        "ends before it starts",
        "swap or correct its times",
    )


def max_duration(sheet: Sheet, index: int) -> Breach | None:
    """A caption leaves before people read it twice."""
    entry, grid, limit = sheet.entries[index], sheet.grid, sheet.limits["max_duration"]
    if entry.length <= limit.most:
        return None
    return Breach(
        grid.text(entry.length),
        f"at most {grid.text(limit.aim)}",
        "stays too long",
        "split it in two, or end it earlier",
    )


def min_word_duration(sheet: Sheet, index: int) -> Breach | None:
    """A caption is shown long enough for the words it holds."""
    entry, grid = sheet.entries[index], sheet.grid
    needed = entry.saying
    if entry.length >= needed:
        return None
    return Breach(
        f"{grid.text(entry.length)} for {_words(entry.words)}",
        f"at least {grid.text(needed)}",
        "is too short for its words",
        _cut(entry.words * entry.length // needed, "word", "show it longer"),
    )


def reading_speed(sheet: Sheet, index: int) -> Breach | None:
    """Characters a second: every character counts, spaces too, line breaks not (as Subtitle Edit).

    Divided by the time shown, in whole frames; to one decimal, and equal to the limit is allowed.
    """
    entry, limit = sheet.entries[index], sheet.profile.max_cps
    if not limit or entry.length <= 0 or entry.length >= entry.reading:
        return None
    shown = sheet.grid.seconds(entry.length)
    speed, most = one_decimal(entry.width / shown), Fraction(str(limit))
    if speed <= most:
        return None
    return Breach(
        f"{float(speed):.1f} characters a second "
        f"({_count(entry.width)} with spaces, without line breaks, in {float(shown):.2f} s)",
        f"at most {float(most):.1f} characters a second",
        "is too fast to read",
        _cut(floor(most * shown), "character", f"show it for {float(entry.width / most):.2f} s"),
    )


def word_rate(sheet: Sheet, index: int) -> Breach | None:
    """Words a minute: stretches between white space, divided by the time shown."""
    entry, limit = sheet.entries[index], sheet.profile.max_wpm
    if not limit or entry.length <= 0 or entry.length >= entry.reading:
        return None
    minutes = sheet.grid.seconds(entry.length) / 60
    speed, most = one_decimal(entry.words / minutes), Fraction(str(limit))
    if speed <= most:
        return None
    return Breach(
        f"{float(speed):.1f} words a minute ({_words(entry.words)} in {float(minutes * 60):.2f} s)",
        f"at most {float(most):.1f} words a minute",
        "is too fast to read",
        _cut(floor(most * minutes), "word", f"show it for {float(entry.words * 60 / most):.2f} s"),
    )


def order(sheet: Sheet, index: int) -> Breach | None:
    """Captions stand in their file in the order in which they are shown."""
    if not sheet.entries[index].displaced:
        return None
    return Breach(
        "behind a later one", "in order of time", "stands in the wrong place of the file", "sort the file"
    )


def overlap(sheet: Sheet, index: int) -> Breach | None:
    """A caption starts when all before it at the same place are gone."""
    entry, grid = sheet.entries[index], sheet.grid
    together = max((sheet.entries[other].shared(entry) for other in sheet.still_shown(index)), default=0)
    if not together:
        return None
    return Breach(
        f"{grid.text(together)} together",
        "no overlap",
        "starts while a caption before it is still shown",
        "join the two as a caption of two speakers, or give them different places",
    )


def gap(sheet: Sheet, index: int) -> Breach | None:
    """The gap before a caption is the guide's chain gap, or wide enough to be seen as a pause."""
    before, grid, limits = sheet.before(index), sheet.grid, sheet.limits
    if before is None:
        return None
    wide, chain, opened = sheet.entries[index].start - before.end, limits["chain_gap"], limits.get("open_gap")
    if wide < 0:
        return None
    short = wide < chain.least
    flicker = opened is not None and chain.most < wide < opened.least
    if not short and not flicker:
        return None
    allowed = "" if opened else "at least "
    allowed += grid.text(chain.aim)
    if opened:
        allowed += f", or {grid.text(opened.aim)} and more"
    return Breach(
        grid.text(wide),
        allowed,
        "follows too closely" if short else "leaves a gap that flickers",
        "move the end of the caption before it",
    )


def beyond_film_end(sheet: Sheet, index: int) -> Breach | None:
    """A caption ends with the film."""
    entry, grid = sheet.entries[index], sheet.grid
    if sheet.end is None or entry.end <= sheet.end:
        return None
    return Breach(
        f"ends at {grid.time(entry.end)}",
        f"at {grid.time(sheet.end)} at the latest, with the film",
        "is still shown when the film has ended",
        "make sure that the captions belong to this film",
    )


def _count(width: Fraction) -> str:
    return str(width if width.denominator == 1 else float(width))


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"


def _cut(room: int, unit: str, longer: str) -> str:
    """What a person can do where only `room` characters or words can be read in the time."""
    if room < 1:
        return f"join it with a neighbour, or {longer}: in this time nothing can be read"
    return f"shorten it to {room} {unit}{'s' * (room > 1)}, or {longer}"
