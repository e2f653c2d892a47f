"""Words and cues: text with a place on the clock.

A `Cue` is what a viewer reads. Its `text` is plain; how it looks (italics, voices, colours) is a
tuple of `Run`s that spell exactly the same text, so that every format keeps what it can.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from accessify.core.timeline import Rate, Span, Track


class Timing(StrEnum):
    """How a word's span was found."""

    ALIGNED = "aligned"
    """Measured from the sound."""
    ESTIMATED = "estimated"
    """Interpolated between its neighbours: not in the dictionary, or alignment failed."""
    GIVEN = "given"
    """As a file or a person said."""


@dataclass(frozen=True, slots=True)
class Word:
    """One written word with its punctuation, e.g. `Hello,`."""

    span: Span
    text: str
    """No white space inside or around it."""
    confidence: float | None = None
    """The recogniser's probability, 0 to 1, or None when unknown."""
    timing: Timing = Timing.GIVEN
    """How the span was found."""
    speaker: str | None = None
    """Who speaks, when known."""

    def __post_init__(self) -> None:
        if not self.text or self.text.split() != [self.text]:
            raise ValueError(f"a word is text without white space, not {self.text!r}")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence lies in 0..1, not {self.confidence}")


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of text looks or sounds; the default is plain."""

    italic: bool = False
    bold: bool = False
    underline: bool = False
    color: str | None = None
    """`#rrggbb` or `#rrggbbaa`."""
    background: str | None = None
    """`#rrggbb` or `#rrggbbaa`."""
    voice: str | None = None
    """Who says it."""
    language: str | None = None
    """BCP 47 tag, where it differs from the file's."""
    classes: tuple[str, ...] = ()
    """Names that a style sheet may address."""
    ruby: str | None = None
    """Small reading text over it."""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a cue's text in one style."""

    text: str
    style: Style = PLAIN
    start: int | None = None
    """Tick from which it is shown, when it comes later than its cue (paint-on, karaoke)."""


def merge_runs(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same stretches with equal neighbours joined and empty ones dropped; () when all is plain.

    Two runs with reading text over them stay apart: each reading belongs to its own base.
    """
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if not run.text:
            continue
        if last and (last.style, last.start) == (run.style, run.start) and run.style.ruby is None:
            merged[-1] = replace(last, text=last.text + run.text)
        else:
            merged.append(run)
    plain = all(run.style == PLAIN and run.start is None for run in merged)
    return () if plain else tuple(merged)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a cue stands in the picture; None leaves it to the player (bottom centre)."""

    line: float | None = None
    """Distance from the top in percent of the picture's height."""
    line_number: int | None = None
    """Row counted from the top (0…) or, negative, from the bottom (-1…); excludes `line`."""
    line_align: str | None = None
    """Which edge of the cue `line` places: `start`, `center` or `end`."""
    position: float | None = None
    """Distance from the left in percent of the picture's width."""
    position_align: str | None = None
    """Which edge `position` places: `line-left`, `center` or `line-right`."""
    size: float | None = None
    """Width in percent of the picture's width."""
    align: str | None = None
    """Text alignment: `start`, `center`, `end`, `left` or `right`."""
    vertical: str | None = None
    """Writing direction `rl` or `lr` for vertical text; None is horizontal."""
    region: str | None = None
    """Id of a region the document defines."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption: one or more lines shown together."""

    span: Span
    text: str
    """Plain text; lines are separated by a line feed."""
    runs: tuple[Run, ...] = ()
    """The same text in styled stretches, or empty when it is all plain."""
    id: str | None = None
    speaker: str | None = None
    """Who speaks, when one person does."""
    placement: Placement | None = None
    words: tuple[Word, ...] = field(default=(), repr=False)
    """The words it was composed from, when known."""

    def __post_init__(self) -> None:
        if self.runs and "".join(run.text for run in self.runs) != self.text:
            raise ValueError(f"the runs of a cue must spell its text {self.text!r}")

    @property
    def lines(self) -> tuple[str, ...]:
        """The text line by line."""
        return tuple(self.text.split("\n"))

    @property
    def confidence(self) -> float | None:
        """The lowest confidence among its words: a caption is as sure as its least sure word."""
        known = [word.confidence for word in self.words if word.confidence is not None]
        return min(known, default=None)

    def retime(self, change: Callable[[int], int]) -> Cue:
        """The same cue with every tick changed, those of its runs and words too."""
        runs = (run if run.start is None else replace(run, start=change(run.start)) for run in self.runs)
        words = (replace(word, span=word.span.retime(change)) for word in self.words)
        return replace(self, span=self.span.retime(change), runs=tuple(runs), words=tuple(words))

    def shift(self, ticks: int) -> Cue:
        """The same cue later by `ticks`, with its runs and words."""
        return self.retime(lambda tick: tick + ticks)


def is_wide(character: str) -> bool:
    """Whether a character is set full-width (East Asian Width W or F, UAX #11)."""
    return unicodedata.east_asian_width(character) in "WF"


_UNSPACED = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))
"""First and last character of Thai and Lao, Burmese and Khmer (Unicode, Blocks.txt)."""


def is_unspaced(character: str) -> bool:
    """Whether words are written without spaces around it: Han, kana, full-width marks, Thai, Lao, Burmese,
    Khmer.

    Korean is full-width too, but has spaces.
    """
    if character < "\u0e00":
        return False
    if character < "\u2e80":
        return any(first <= character <= last for first, last in _UNSPACED)
    hangul = "\uac00" <= character <= "\ud7ff" or "\u3130" <= character <= "\u318f"
    return is_wide(character) and not hangul


_SHARED_MARKS = frozenset("“”‘’…⋯—·")


def joint(left: str, right: str) -> str:
    """What stands between two words in running text: a space, or nothing where both are unspaced.

    Quotes and dashes belong to either kind of script, so they take after the other side.
    """
    before, after = left[-1], right[0]
    if is_unspaced(before):
        return "" if is_unspaced(after) or after in _SHARED_MARKS else " "
    return "" if before in _SHARED_MARKS and is_unspaced(after) else " "


def join_words(words: Iterable[str]) -> str:
    """Words as running text: a space between them, none in scripts that are written without."""
    text = ""
    for word in words:
        text += joint(text, word) + word if text else word
    return text


@dataclass(frozen=True, slots=True)
class Region:
    """A named area of the picture that cues may stand in (WebVTT §3.4, TTML2 §11.1.2)."""

    id: str
    width: float = 100.0
    """Percent of the picture's width."""
    lines: int = 3
    """Height in lines of text."""
    region_anchor: tuple[float, float] = (0.0, 100.0)
    """Point of the region (x, y in percent of itself) that is pinned to the picture."""
    viewport_anchor: tuple[float, float] = (0.0, 100.0)
    """Point of the picture (x, y in percent) it is pinned to."""
    scroll: bool = False
    """Whether new lines push old ones up."""


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """Looks written in a language of their own, kept for the formats that speak it."""

    language: str
    """`css` or `ass`."""
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything one caption file holds."""

    cues: Track[Cue]
    language: str | None = None
    """BCP 47 tag of the text."""
    title: str | None = None
    origin: str | None = None
    """How the text was made, e.g. that a machine made it and which one; written into every file."""
    rate: Rate | None = None
    """Frame rate of the film, where known."""
    regions: tuple[Region, ...] = ()
    stylesheets: tuple[Stylesheet, ...] = ()
    comments: tuple[str, ...] = ()
    """Remarks for people who edit the file."""
    words: Track[Word] = field(default_factory=Track)
    """Every word heard, including those no cue shows."""
    source: str | None = None
    """File name of the film the captions were made from."""

    def retime(self, change: Callable[[int], int]) -> Document:
        """Every tick changed by `change`, which must keep the order of times."""
        return replace(self, cues=self.cues.retime(change), words=self.words.retime(change))

    def shift(self, ticks: int) -> Document:
        """Everything later by `ticks`."""
        return self.retime(lambda tick: tick + ticks)
