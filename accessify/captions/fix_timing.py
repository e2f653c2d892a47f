"""Where a caption could start and end instead: the repairs of time that are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from accessify.captions.check_shots import reach, start_target
from accessify.captions.sheet import Entry, Sheet

_STARTS = frozenset({"late-start", "early-start", "shot-start"})
_BETWEEN = frozenset({"gap", "overlap"})

Move = Mapping[int, Entry]
"""Index of a cue → the same cue at another time."""


def time_repairs(sheet: Sheet, rule: str, index: int) -> Iterator[list[Move]]:
    """Other times for a cue and the one before it, the smallest change to the file first."""
    entry, grid = sheet.entries[index], sheet.grid
    before = _index_before(sheet, index)
    if rule in _BETWEEN and before is not None:
        first = sheet.entries[before]
        ends = _ends(sheet, before, first.start)
        for found in ([end for end in ends if end > first.end], ends):  # a gap is closed, not widened
            yield [{before: first.moved(first.start, end, grid)} for end in found]
    if rule == "overlap":
        yield from _apart(sheet, index)
    if rule not in _STARTS | _BETWEEN:
        yield [{index: entry.moved(entry.start, end, grid)} for end in _ends(sheet, index, entry.start)]
    yield list(_moves(sheet, index, before))


def _apart(sheet: Sheet, index: int) -> Iterator[list[Move]]:
    """The cues still shown when one starts ended before it; where they need their time, it starts later.

    It starts later by no more than `linger`, the time that a guide lets text and speech differ by.
    """
    entry, grid, limits = sheet.entries[index], sheet.grid, sheet.limits
    chain, shortest = limits["chain_gap"].aim, limits["min_duration"].aim
    earlier = {other: sheet.entries[other] for other in sheet.still_shown(index)}
    freed = max((first.start + min(first.length, shortest) + chain for first in earlier.values()), default=0)
    for start in (entry.start, freed):
        cut = start - chain
        in_reach = entry.start <= start <= min(entry.start + limits["linger"].aim, entry.end - 1)
        if in_reach and all(first.start < cut for first in earlier.values()):
            ended = {
                other: first.moved(first.start, min(first.end, cut), grid) for other, first in earlier.items()
            }
            yield [{**ended, index: entry.moved(start, entry.end, grid)}]


def _index_before(sheet: Sheet, index: int) -> int | None:
    before = sheet.before(index)
    return None if before is None else sheet.entries.index(before)


def _moves(sheet: Sheet, index: int, before: int | None) -> Iterator[Move]:
    """Another start and end of the cue, and the cue before it ended in time for that."""
    entry, grid = sheet.entries[index], sheet.grid
    for start in _starts(sheet, index):
        for end in dict.fromkeys((entry.end, *_ends(sheet, index, start))):
            if start >= end or (start, end) == entry.place:
                continue
            moved = entry.moved(start, end, grid)
            yield {index: moved}
            if before is not None:
                first = sheet.entries[before]
                cut = start - sheet.limits["chain_gap"].aim
                if first.start < cut != first.end:
                    yield {index: moved, before: first.moved(first.start, cut, grid)}


def _starts(sheet: Sheet, index: int) -> list[int]:
    """Counts at which the cue could start, its own first."""
    entry, limits, zone = sheet.entries[index], sheet.limits, reach(sheet, "shot_zone")
    found = [entry.start] if entry.speech is None else [entry.start, entry.speech[0]]
    for start in tuple(found):
        target, shot = start_target(sheet, start), sheet.shot_near(start)
        found += [] if target is None else [target]
        if shot is not None and abs(shot - start) <= zone:
            found += [shot, shot + zone]
    before = sheet.before(index)
    if before is not None:
        found.append(before.end + limits["chain_gap"].aim)
        if "open_gap" in limits:
            found.append(before.end + limits["open_gap"].aim)
    # where no words tell when it is said, a start moves as far as a shot change may pull it
    far = max(zone, limits["lag"].aim)
    near = range(entry.start - far, entry.start + far + 1)
    return [start for start in dict.fromkeys(found) if start >= 0 and (entry.speech or start in near)]


def _ends(sheet: Sheet, index: int, start: int) -> list[int]:
    """Counts at which the cue could end if it started at `start`.

    Where no words tell when its speech ends, its own end is taken for that: it stays `linger` after
    it, and longer only as its minimum duration or reading speed needs.
    """
    entry, limits, zone = sheet.entries[index], sheet.limits, reach(sheet, "shot_zone")
    chain, shortest, linger = limits["chain_gap"].aim, limits["min_duration"].aim, limits["linger"].aim
    needed = start + max(shortest, entry.saying, entry.reading)
    found = [start + shortest, start + max(shortest, entry.saying), needed]
    found.append(start + limits["max_duration"].aim)
    if entry.speech is not None:
        found += [entry.speech[1], entry.speech[1] + linger]
    for end in (entry.end, *found):
        shot = sheet.shot_near(end)
        if shot is not None and abs(shot - end) <= zone:
            found += [shot - chain, shot + zone]
    after = sheet.after(index)
    if after is not None:
        found.append(after.start - chain)
        if "open_gap" in limits:
            found.append(after.start - limits["open_gap"].aim)
    if sheet.end is not None:
        found.append(sheet.end)
    latest = max(*found, 0) if entry.speech else max(entry.end, needed) + linger
    return [end for end in dict.fromkeys(found) if start < end <= latest and end != entry.end]
