"""Checking captions against a style guide: every broken rule, and what repairs it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from accessify.captions.check_file import about_file
from accessify.captions.check_text import quoted
from accessify.captions.film import Film
from accessify.captions.findings import Finding, Severity
from accessify.captions.fix import repaired
from accessify.captions.judge import Hit, judge
from accessify.captions.rules import Profile
from accessify.captions.sheet import Entry, Sheet, sheet_of
from accessify.core.text import Document, Word
from accessify.core.timeline import Track

_NEAR = 8
"""Captions on both sides of a change that are judged anew."""
_FAR = 16
"""Captions beyond these that their repairs may concern."""
_OWN_SOURCE = "accessify: holds for every guide"
_DEFAULT_SOURCE = "accessify: default, the guide is silent"


def check(document: Document, profile: Profile, film: Film | None = None) -> tuple[Finding, ...]:
    """Every rule of `profile` that `document` breaks: the file as a whole, then its cues in order of time.

    Times are judged in whole frames of the film's rate, else the document's; where both are unknown,
    in milliseconds with the tolerance that `Grid` states. A finding is `fixable` when `fix()` really
    repairs it: the repair is tried.
    """
    return (*about_file(document, profile), *_broken(sheet_of(document, profile, film)))


@dataclass(frozen=True, slots=True)
class Splice:
    """A change in a list of captions: `removed` of them, from place `first` (from 0) on, became `added`."""

    first: int
    removed: int
    added: int
    until: int
    """Tick at which the last of them, removed or added, ends."""


def recheck(
    document: Document, profile: Profile, film: Film | None, known: Sequence[Finding], splice: Splice
) -> tuple[Finding, ...]:
    """What `check` gives for a `document` of which a part has changed since `known` was found.

    Only captions near the change are judged anew: where one's repair hangs together with captions further
    away than `_FAR`, `check` may say otherwise.
    """
    shift = splice.added - splice.removed
    shown = bisect_left(document.cues.events, splice.until, key=lambda cue: cue.span.start)
    low, high = splice.first - _NEAR, max(shown, splice.first + splice.added) + _NEAR
    first = max(0, low - _FAR)
    cues = document.cues[first : high + _FAR]
    words = Track[Word]() if any(cue.words for cue in document.cues) else document.words
    part = replace(document, cues=Track(cues, document.cues.notes), words=words)
    sheet = sheet_of(part, profile, film)
    sheet = sheet.with_entries(replace(entry, key=entry.key + first) for entry in sheet.entries)
    near = [finding for finding in _broken(sheet) if low < finding.cue <= high]
    before = [finding for finding in known if 0 < finding.cue <= low]
    behind = [_shifted(finding, shift, high) for finding in known if finding.cue + shift > high]
    return (*about_file(document, profile), *before, *near, *behind)


def _shifted(finding: Finding, shift: int, high: int) -> Finding:
    """The finding of a caption whose number has changed."""
    if not shift or not finding.cue:
        return finding

    def renumbered(named: re.Match[str]) -> str:
        number = int(named[1]) + shift
        return f"caption {number if number > high else named[1]}"

    told = finding.fix and re.sub(r"\bcaption (\d+)", renumbered, finding.fix)
    return replace(finding, cue=finding.cue + shift, fix=told)


def _broken(sheet: Sheet) -> tuple[Finding, ...]:
    """Every rule that a caption breaks."""
    hits = list(judge(sheet, range(len(sheet.entries))))
    if not hits:
        return ()
    mended = repaired(sheet)
    left = {hit.name for hit in judge(mended, range(len(mended.entries)))}
    places = {entry.key: index for index, entry in enumerate(mended.entries)}
    return tuple(_finding(sheet, hit, mended, places, hit.name not in left) for hit in hits)


def _finding(sheet: Sheet, hit: Hit, mended: Sheet, places: dict[int, int], fixable: bool) -> Finding:
    severity = hit.severity
    if hit.rule.negotiable and not fixable:
        severity = Severity.ADVICE
    return Finding(
        rule=hit.rule.name,
        cue=hit.key + 1,
        span=sheet.entries[hit.index].cue.span,
        measured=hit.breach.measured,
        allowed=hit.breach.allowed,
        message=hit.breach.message,
        fix=_told(sheet, hit, mended, places) if fixable else hit.breach.advice,
        fixable=fixable,
        source=_source(sheet.profile, hit),
        severity=severity,
    )


def _source(profile: Profile, hit: Hit) -> str:
    if not hit.rule.data:
        return _OWN_SOURCE
    named = [profile.sources[name] for name in hit.rule.data if name in profile.sources]
    return named[0] if named else _DEFAULT_SOURCE


def _told(sheet: Sheet, hit: Hit, mended: Sheet, places: dict[int, int]) -> str:
    """What the repair did to the cue and, where that mended it, to its neighbours."""
    old, index = sheet.entries[hit.index], places.get(hit.key)
    if index is None:
        return "remove it"
    new = mended.entries[index]
    if not hit.rule.timed:
        return _text_change(old, new)
    if hit.rule.name == "order":
        return "write the captions in order of time"
    own = _time_change(sheet, old, new)
    if hit.rule.name == "overlap":
        names = ((at, f"caption {sheet.entries[at].key + 1}") for at in sheet.still_shown(hit.index))
        earlier = [_told_neighbour(sheet, at, name, mended, places) for at, name in names]
        return "; ".join(filter(None, (*earlier, own)))
    before = _told_neighbour(sheet, hit.index - 1, "the caption before", mended, places)
    if hit.rule.name == "gap":
        return before or own
    return own or before or _told_neighbour(sheet, hit.index + 1, "the caption after", mended, places)


def _told_neighbour(sheet: Sheet, index: int, name: str, mended: Sheet, places: dict[int, int]) -> str:
    """What the repair did to the cue at `index`, or nothing."""
    if not 0 <= index < len(sheet.entries):
        return ""
    old = sheet.entries[index]
    if old.key not in places:
        return f"remove {name}"
    change = _time_change(sheet, old, mended.entries[places[old.key]])
    return f"{change} ({name})" if change else ""


def _text_change(old: Entry, new: Entry) -> str:
    if old.cue.text == new.cue.text:
        return "set it upright"
    return f"write {quoted(new.cue.text)}"


def _time_change(sheet: Sheet, old: Entry, new: Entry) -> str:
    parts = []
    if old.start != new.start:
        parts.append(f"start at {sheet.grid.time(new.start)}")
    if old.end != new.end:
        parts.append(f"end at {sheet.grid.time(new.end)}")
    return ", ".join(parts)
