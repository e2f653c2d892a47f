"""A caption file as the rules see it: counted in whole frames, with the speech it belongs to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from accessify.captions.film import Film
from accessify.captions.frames import Grid
from accessify.captions.layout import text_width
from accessify.captions.retext import is_blank
from accessify.captions.rules import Profile
from accessify.core.text import Cue, Document, Word
from accessify.core.timeline import Span, Track

LOOK = 2
"""How many cues around one its rules look at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One cue with what the rules measure of it."""

    key: int
    """Which cue of the file it was, from 0; stays when the cue is repaired."""
    cue: Cue
    start: int
    """Count of its first frame."""
    end: int
    """Count of the first frame after it."""
    speech: tuple[int, int] | None
    """Counts at which its first word starts and its last word ends, when known."""
    width: Fraction
    """Characters as the profile counts them; line breaks count nothing."""
    words: int
    """Words between white space."""
    blank: bool
    """Whether it shows nothing; then no rule but one looks at it."""

    @property
    def length(self) -> int:
        """Counts it is shown for."""
        return self.end - self.start

    @property
    def span(self) -> tuple[int, int]:
        """Its place, for ordering."""
        return self.start, self.end

    def moved(self, start: int, end: int, grid: Grid) -> Entry:
        """The same cue on other frames."""
        cue = replace(self.cue, span=Span(grid.ticks(start), grid.ticks(end)))
        return replace(self, cue=cue, start=start, end=end)

    def worded(self, cue: Cue, profile: Profile) -> Entry:
        """The same place with another text."""
        words, blank = len(cue.text.split()), is_blank(cue.text)
        return replace(self, cue=cue, width=width_of(cue, profile), words=words, blank=blank)


def width_of(cue: Cue, profile: Profile) -> Fraction:
    """Characters of a cue as Subtitle Edit counts them: spaces count, line breaks do not."""
    return sum((Fraction(text_width(line, profile)) for line in cue.lines), Fraction(0))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A stretch of a caption file, with the guide and the film it is judged by."""

    entries: tuple[Entry, ...]
    profile: Profile
    grid: Grid
    shots: tuple[int, ...] = ()
    """Counts of the first frame of each shot."""
    end: int | None = None
    """Count at which the film ends."""

    def with_entries(self, entries: Iterable[Entry]) -> Sheet:
        """The same guide and film, other cues."""
        return replace(self, entries=tuple(entries))

    def before(self, index: int) -> Entry | None:
        """The cue that this one follows on the screen, if any."""
        return self._neighbour(index, range(index - 1, -1, -1))

    def after(self, index: int) -> Entry | None:
        """The cue that follows this one on the screen, if any."""
        return self._neighbour(index, range(index + 1, len(self.entries)))

    def _neighbour(self, index: int, others: Iterable[int]) -> Entry | None:
        """The nearest cue that is not shown beside this one at another place of the picture."""
        entry, looked = self.entries[index], 0
        for other in others:
            found = self.entries[other]
            if found.blank:
                continue
            together = found.start < entry.end and entry.start < found.end
            if not (together and found.cue.placement != entry.cue.placement):
                return found
            looked += 1
            if looked == LOOK:
                break
        return None

    def gap_after(self, index: int) -> int | None:
        """Counts between the end of a cue and the next, or None behind the last."""
        after = self.after(index)
        return None if after is None else after.start - self.entries[index].end

    def chained(self, index: int) -> bool:
        """Whether the next cue follows at the guide's chain gap."""
        gap, chain = self.gap_after(index), self.profile.chain_gap
        return gap is not None and self.grid.least(chain) <= gap <= self.grid.most(chain)

    def shot_near(self, count: int) -> int | None:
        """The shot change nearest to `count`."""
        at = bisect_left(self.shots, count)
        near = self.shots[max(0, at - 1) : at + 1]
        return min(near, key=lambda shot: (abs(shot - count), shot), default=None)


def sheet_of(document: Document, profile: Profile, film: Film | None = None) -> Sheet:
    """A document on the grid of its film.

    The rate is the film's, else the document's, else unknown (see `Grid`). Words are those of each
    cue, else those of the document, each with the cue it shares most time with.
    """
    rate = film.rate if film else document.rate
    grid = Grid(rate)
    heard = _words_by_cue(document)
    entries = tuple(
        _entry(key, cue, grid, profile, words)
        for key, (cue, words) in enumerate(zip(document.cues, heard, strict=True))
    )
    shots = tuple(dict.fromkeys(grid.count(shot) for shot in film.shots)) if film else ()
    end = grid.count(film.end) if film and film.end is not None else None
    return Sheet(entries, profile, grid, shots, end)


def _entry(key: int, cue: Cue, grid: Grid, profile: Profile, words: Sequence[Word]) -> Entry:
    speech = None
    if words:
        ends = max(word.span.end for word in words)
        speech = grid.count(min(word.span.start for word in words)), grid.count(ends)
    start, end = grid.count(cue.span.start), grid.count(cue.span.end)
    words_shown, blank = len(cue.text.split()), is_blank(cue.text)
    return Entry(key, cue, start, end, speech, width_of(cue, profile), words_shown, blank)


def _words_by_cue(document: Document) -> list[Sequence[Word]]:
    """The words that each cue shows."""
    cues = document.cues
    if any(cue.words for cue in cues) or not len(document.words):
        return [cue.words for cue in cues]
    heard: list[list[Word]] = [[] for _ in cues]
    for index, word in _assigned(document.words, cues):
        heard[index].append(word)
    return [tuple(words) for words in heard]


def _assigned(words: Track[Word], cues: Track[Cue]) -> Iterator[tuple[int, Word]]:
    """Each word with the cue it shares most time with; words that no cue shows are left out."""
    first = 0
    for word in words:
        while first < len(cues) and cues[first].span.end <= word.span.start:
            first += 1
        best, shared = None, 0
        for index in range(first, len(cues)):
            if cues[index].span.start >= word.span.end:
                break
            both = cues[index].span & word.span
            if both and both.duration > shared:
                best, shared = index, both.duration
        if best is not None:
            yield best, word
