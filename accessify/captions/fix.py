"""Repairing captions without changing a word.

Every repair is tried on a copy and judged by the same rules that found the fault. It is kept only
when there are fewer findings than before and no rule fails that held before; so repairing never
makes a file worse, ends, and changes nothing when it is run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from accessify.captions.check_layout import rebreak
from accessify.captions.film import Film
from accessify.captions.findings import Severity
from accessify.captions.fix_timing import time_repairs
from accessify.captions.judge import RULES, TIMED, Hit, Rule, judge
from accessify.captions.retext import words_of
from accessify.captions.rules import Profile
from accessify.captions.sheet import LOOK, Entry, Sheet, sheet_of
from accessify.core.text import Document
from accessify.core.timeline import Track

Repair = Mapping[int, Entry]
"""Index of a cue → what takes its place."""
_WIDE = 3 * LOOK
"""How many cues around a repair can be concerned by it, directly or through a neighbour."""


def fix(document: Document, profile: Profile, film: Film | None = None) -> Document:
    """The document with all repaired that can be without changing words; frames and times included.

    Times come to lie on whole frames of the film's rate (the film's, else the document's; see
    `Grid` where both are unknown). `fix(fix(x)) == fix(x)`.
    """
    sheet = repaired(sheet_of(document, profile, film))
    cues = (entry.cue for entry in sheet.entries)
    return replace(document, cues=Track.of(cues, document.cues.notes))


def repaired(sheet: Sheet) -> Sheet:
    """The sheet with every repair made that improves it."""
    sheet = _on_frames(sheet)
    concerned = list(range(len(sheet.entries)))
    while concerned:
        changed: set[int] = set()
        for hit in list(judge(sheet, concerned)):
            index = _index_of(sheet, hit)
            better = None if index is None else _improved(sheet, hit, index)
            if better is not None and index is not None:
                sheet = better
                changed.update(entry.key for entry in sheet.entries[max(0, index - _WIDE) : index + _WIDE])
        concerned = [index for index, entry in enumerate(sheet.entries) if entry.key in changed]
    return sheet


def _on_frames(sheet: Sheet) -> Sheet:
    """Cues that show something, on whole frames; one that would vanish there keeps its time."""
    return sheet.with_entries(
        entry.moved(entry.start, entry.end, sheet.grid) if entry.length > 0 else entry
        for entry in sheet.entries
        if not entry.blank
    )


def _index_of(sheet: Sheet, hit: Hit) -> int | None:
    """Where the cue of a hit stands now: repairs before it may have removed cues."""
    for index in range(min(hit.index, len(sheet.entries) - 1), -1, -1):
        if sheet.entries[index].key == hit.key:
            return index
    return None


def _improved(sheet: Sheet, hit: Hit, index: int) -> Sheet | None:
    """The sheet with this hit repaired, or None when no repair makes it better."""
    rules = TIMED if hit.rule.timed else RULES
    first, last = max(0, index - _WIDE), min(len(sheet.entries), index + _WIDE + 1)
    window = sheet.with_entries(sheet.entries[first:last])
    if not any(hit.name == now.name for now in judge(window, [index - first], (hit.rule,))):
        return None  # a repair of another finding mended it
    for stage in _repairs(window, hit.rule, index - first):
        best = _best(window, stage, rules)
        if best is not None:
            entries = (*sheet.entries[:first], *best, *sheet.entries[last:])
            return sheet.with_entries(entries)
    return None


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
            yield entry.worded(cue, profile)


def _best(sheet: Sheet, repairs: list[Repair], rules: tuple[Rule, ...]) -> tuple[Entry, ...] | None:
    """The entries after the best of `repairs`, or None when none makes the sheet better."""
    chosen, fewest = None, None
    for repair in repairs:
        entries = _applied(sheet.entries, repair)
        if entries is None:
            continue
        touched = range(max(0, min(repair) - LOOK), min(len(sheet.entries), max(repair) + LOOK + 1))
        left = _after(sheet, entries, touched, rules)
        if left is not None and (fewest is None or left < fewest):
            chosen, fewest = entries, left
    return chosen


def _after(
    sheet: Sheet, entries: tuple[Entry, ...], touched: range, rules: tuple[Rule, ...]
) -> tuple[int, int, int] | None:
    """Errors left, findings left, and how far cues move: smaller is better; None when it is no gain."""
    keys = {sheet.entries[index].key for index in touched}
    errors, count = _names(judge(sheet, touched, rules))
    places = [index for index, entry in enumerate(entries) if entry.key in keys]
    new_errors, new_count = _names(judge(sheet.with_entries(entries), places, rules))
    better = len(new_errors) < len(errors) or new_count < count
    if not (better and new_errors <= errors and new_count <= count):
        return None
    old = {entry.key: entry.span for entry in sheet.entries}
    moved = sum(
        abs(entry.start - old[entry.key][0]) + abs(entry.end - old[entry.key][1]) for entry in entries
    )
    return len(new_errors), new_count, moved


def _names(hits: Iterator[Hit]) -> tuple[set[tuple[str, int]], int]:
    """The errors among `hits` by name, and the number of all."""
    found = list(hits)
    return {hit.name for hit in found if hit.severity == Severity.ERROR}, len(found)


def _applied(entries: tuple[Entry, ...], repair: Repair) -> tuple[Entry, ...] | None:
    """The entries after a repair, or None when they would leave the order of time."""
    fresh = tuple(repair.get(index, entry) for index, entry in enumerate(entries))
    return fresh if all(first.span <= second.span for first, second in pairwise(fresh)) else None
