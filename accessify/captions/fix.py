"""Repairing captions without changing a word.

Every repair is tried on a copy and judged by the same rules that found the fault. It is kept only
when there are fewer findings than before and no rule fails that held before; so repairing never
makes a file worse, ends, and changes nothing when it is run again. No repair lets captions share
more time than before, nor takes time that a minimum duration needs. One fault weighs more than
others: where two captions overlap, the first is ended even if it then is too fast to read, since
nobody reads both at once anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import NamedTuple

from accessify.captions.check_layout import rebreak
from accessify.captions.film import Film
from accessify.captions.findings import Severity
from accessify.captions.fix_timing import time_repairs
from accessify.captions.judge import RULES, TIMED, Hit, Rule, judge
from accessify.captions.retext import words_of
from accessify.captions.rules import Profile
from accessify.captions.sheet import BACKWARDS, DISPLACED, LOOK, Entry, Sheet, sheet_of
from accessify.core.text import Document
from accessify.core.timeline import Note, Track

Repair = Mapping[int, Entry]
"""Index of a cue → what takes its place."""
_WIDE = 3 * LOOK
"""How many cues around a repair can be concerned by it, directly or through a neighbour."""
REPAIRED_NOTES = frozenset({DISPLACED, BACKWARDS})
"""Kinds of notes on what is wrong in a file and is right once it is written."""
SPEEDS = frozenset({"reading-speed", "word-rate", "min-word-duration"})
"""Rules that may come to fail where an overlap is mended."""


def fix(document: Document, profile: Profile, film: Film | None = None) -> Document:
    """The document with all repaired that can be without changing words; frames and times included.

    Times come to lie on whole frames of the film's rate (the film's, else the document's; see
    `Grid` where both are unknown). `fix(fix(x)) == fix(x)`.
    """
    sheet = repaired(sheet_of(document, profile, film))
    cues = (entry.cue for entry in sheet.entries)
    notes = [note for note in document.cues.notes if note.kind not in REPAIRED_NOTES]
    left = (entry for entry in sheet.entries if entry.backwards and not entry.length)
    notes += [Note(entry.cue.span, BACKWARDS, entry.backwards) for entry in left]
    return replace(document, cues=Track.of(cues, notes))


def fix_cue(
    document: Document, profile: Profile, film: Film | None, number: int, rule: str | None = None
) -> Document:
    """The same for caption `number` (from 1, as in a finding) alone, or for one `rule` that it breaks.

    Its neighbours change only where that repairs it, other faults of its text may go along; one that shows
    nothing is removed.
    """
    sheet = sheet_of(document, profile, film)
    index = next(at for at, entry in enumerate(sheet.entries) if entry.key == number - 1)
    better: Sheet | None = sheet
    while better is not None and not sheet.entries[index].blank:
        sheet = better
        hits = [hit for hit in judge(sheet, (index,)) if rule in (None, hit.rule.name)]
        better = next(filter(None, (_improved(sheet, hit) for hit in hits)), None)
    cues = [entry.cue for at, entry in enumerate(sheet.entries) if at != index or not entry.blank]
    span = document.cues[number - 1].span
    notes = [each for each in document.cues.notes if each.kind not in REPAIRED_NOTES or each.span != span]
    return replace(document, cues=Track.of(cues, notes))


def repaired(sheet: Sheet) -> Sheet:
    """The sheet with every repair made that improves it."""
    sheet = _on_frames(sheet)
    concerned: Iterable[int] = range(len(sheet.entries))
    while concerned:
        changed: set[int] = set()
        for hit in list(judge(sheet, concerned)):
            better = _improved(sheet, hit)
            if better is not None:
                sheet = better
                changed.update(range(hit.index - _WIDE, hit.index + _WIDE + 1))
        concerned = sorted(changed & set(range(len(sheet.entries))))
    return sheet


def _on_frames(sheet: Sheet) -> Sheet:
    """Cues that show something, in order, on whole frames."""
    return sheet.with_entries(
        replace(entry.moved(entry.start, entry.end, sheet.grid), displaced=False)
        for entry in sheet.entries
        if not entry.blank
    )


def _improved(sheet: Sheet, hit: Hit) -> Sheet | None:
    """The sheet with this hit repaired, or None when no repair makes it better."""
    first, last = _around(sheet, hit.index)
    window, index = sheet.with_entries(sheet.entries[first:last]), hit.index - first
    if hit.rule.judge(window, index) is None:
        return None  # the repair of another finding mended it
    for repairs in _repairs(window, hit.rule, index):
        best = _best(window, repairs, hit.rule, index)
        if best is not None:
            return sheet.with_entries((*sheet.entries[:first], *best, *sheet.entries[last:]))
    return None


def _around(sheet: Sheet, index: int) -> tuple[int, int]:
    """The stretch of cues that a repair at `index` can concern: all that are shown with those near it."""
    first, last = max(0, index - _WIDE), index + _WIDE + 1
    while first and sheet.latest[first - 1] > sheet.entries[first].start:
        first -= 1
    starts = (entry.start for entry in sheet.entries[index + 1 :])
    shown_with = sum(1 for _ in takewhile(lambda start: start < sheet.latest[index], starts))
    return first, min(len(sheet.entries), last + shown_with)


def _repairs(sheet: Sheet, rule: Rule, index: int) -> Iterator[list[Repair]]:
    """Repairs to try, stage by stage: the least invasive first."""
    if rule.timed:
        yield from time_repairs(sheet, rule.name, index)
    elif rule.mend is not None:
        yield [{index: entry} for entry in _text_repairs(sheet, rule, index)]


def _text_repairs(sheet: Sheet, rule: Rule, index: int) -> Iterator[Entry]:
    """The rule's own repair, the same with new line breaks, and all text repairs at once."""
    entry, profile = sheet.entries[index], sheet.profile
    mended = rule.mend(entry.cue, profile) if rule.mend else entry.cue
    everything = entry.cue
    for each in RULES:
        if each.mend is not None and not each.timed and each.judge(sheet, index):
            everything = each.mend(everything, profile)
    for cue in dict.fromkeys((mended, rebreak(mended, profile), everything, rebreak(everything, profile))):
        if cue != entry.cue and words_of(cue.text) == words_of(entry.cue.text):
            yield entry.worded(cue, profile, sheet.grid)


def _best(sheet: Sheet, repairs: list[Repair], rule: Rule, index: int) -> tuple[Entry, ...] | None:
    """The entries after the best of the `repairs` that mend `rule` at `index`, if one is a gain."""
    rules, look = (TIMED, LOOK) if rule.timed else (RULES, 0)
    if rule.name == "overlap":
        rules = tuple(each for each in rules if each.name not in SPEEDS)
    chosen, fewest = None, None
    states: dict[range, _State] = {}
    for repair in repairs:
        fresh = _applied(sheet, repair)
        if fresh is None or rule.judge(fresh, index) is not None or _harms(sheet, repair):
            continue
        touched = range(max(0, min(repair) - look), min(len(sheet.entries), max(repair) + look + 1))
        if touched not in states:
            states[touched] = _state(sheet, touched, rules)
        old, new = states[touched], _state(fresh, touched, rules)
        gain = len(new.errors) < len(old.errors) or new.total < old.total
        if gain and new.errors <= old.errors and new.total <= old.total:
            left = len(new.errors) - len(old.errors), new.total - old.total, _moved(sheet, repair)
            if fewest is None or left < fewest:
                chosen, fewest = fresh.entries, left
    return chosen


def _harms(sheet: Sheet, repair: Repair) -> bool:
    """Whether cues share more time than before, or one loses time that its minimum duration needs."""
    shortest = sheet.limits["min_duration"].aim
    if any(entry.length < min(sheet.entries[index].length, shortest) for index, entry in repair.items()):
        return True
    fresh = [repair.get(index, entry) for index, entry in enumerate(sheet.entries)]
    return _together(fresh, repair) > _together(sheet.entries, repair)


def _together(entries: Sequence[Entry], touched: Collection[int]) -> int:
    """Counts that the `touched` cues share with others, wherever they stand in the picture."""
    return sum(
        entries[index].shared(other)
        for index in touched
        for place, other in enumerate(entries)
        if place > index or place not in touched
    )


class _State(NamedTuple):
    """What is wrong with a stretch of a sheet."""

    errors: frozenset[tuple[str, int]]
    total: int
    """Errors and advice together."""


def _state(sheet: Sheet, indexes: range, rules: tuple[Rule, ...]) -> _State:
    hits = list(judge(sheet, indexes, rules))
    return _State(frozenset(hit.name for hit in hits if hit.severity == Severity.ERROR), len(hits))


def _moved(sheet: Sheet, repair: Repair) -> int:
    """How far a repair moves starts and ends, in counts."""
    pairs = ((sheet.entries[index], entry) for index, entry in repair.items())
    return sum(abs(old.start - new.start) + abs(old.end - new.end) for old, new in pairs)


def _applied(sheet: Sheet, repair: Repair) -> Sheet | None:
    """The sheet after a repair, or None when its cues would leave the order of time."""
    entries = list(sheet.entries)
    for index, entry in repair.items():
        entries[index] = entry
    touched = entries[max(0, min(repair) - 1) : max(repair) + 2]
    if any(second.place < first.place for first, second in pairwise(touched)):
        return None
    return sheet.with_entries(entries)
