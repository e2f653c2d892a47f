"""Cues on frames, and what a check says of them, in the words that tests need."""

from __future__ import annotations

from dataclasses import replace

from accessify.captions.check import check
from accessify.captions.film import Film
from accessify.captions.findings import Finding
from accessify.captions.rules import Profile, load_profile
from accessify.core.text import Cue, Document, Run, Style, Word
from accessify.core.timeline import Rate, Span, Track

EN = load_profile("netflix-en")
ZH = load_profile("netflix-zh-hans")
BBC = load_profile("bbc")
DCMP = load_profile("dcmp")
F24 = Rate.parse("24")


def cue(start: int, end: int, text: str = "All right.", rate: Rate = F24) -> Cue:
    """A cue from frame `start` to frame `end`."""
    return Cue(Span(rate.at(start), rate.at(end)), text)


def spoken(start: int, end: int, first: int, last: int, rate: Rate = F24) -> Cue:
    """A cue whose words are heard from frame `first` to frame `last`."""
    middle = (first + last) // 2
    spans = Span(rate.at(first), rate.at(middle)), Span(rate.at(middle), rate.at(last))
    words = tuple(Word(span, text) for span, text in zip(spans, ("All", "right."), strict=True))
    return replace(cue(start, end, rate=rate), words=words)


def italic(text: str, part: str) -> Cue:
    """A cue of 3 s with `part` in italics."""
    before, after = text.split(part)
    runs = tuple(run for run in (Run(before), Run(part, Style(italic=True)), Run(after)) if run.text)
    return replace(cue(0, 72, text), runs=runs)


def findings(
    *cues: Cue,
    profile: Profile = EN,
    rate: Rate | None = F24,
    shots: tuple[int, ...] = (),
    end: int | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with `cues`; `shots` and `end` in frames."""
    film = None
    if rate:
        film = Film(rate, tuple(map(rate.at, shots)), None if end is None else rate.at(end))
    return check(Document(Track.of(cues)), profile, film)


def broken(*cues: Cue, **options: object) -> list[tuple[str, int]]:
    """Rules that `cues` break, each with the number of the cue."""
    return [(found.rule, found.cue) for found in findings(*cues, **options)]  # type: ignore[arg-type]


def the(rule: str, found: tuple[Finding, ...]) -> Finding:
    """The one finding of a rule."""
    (one,) = (finding for finding in found if finding.rule == rule)
    return one
