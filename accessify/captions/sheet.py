"""A caption file as the rules see it: counted in whole frames, with the speech it belongs to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from itertools import accumulate
from math import ceil

from accessify.captions.film import Film
from accessify.captions.frames import Grid, Limit
from accessify.captions.layout import text_width
from accessify.captions.retext import is_blank
from accessify.captions.rules import Length, Profile
from accessify.core.text import Cue, Document, Word
from accessify.core.timeline import Span, Track

DISPLACED = "order"
"""Kind of the note on a cue that its file has in the wrong place."""
BACKWARDS = "negative-duration"
"""Kind of the note on a cue that ends before it starts in its file, and here has no length."""
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
    reading: int
    """Fewest counts in which it can be read at the profile's characters and words a second."""
    saying: int
    """Fewest counts that the profile asks for its words, 0 without such a rule."""
    blank: bool
    """Whether it shows nothing; then no rule but one looks at it."""
    displaced: bool = False
    """Whether it stood behind a later cue in its file (a note of the kind `order` says so)."""
    backwards: str = ""
    """Where its file has it end before it starts: what the note says."""

    @property
    def length(self) -> int:
        """Counts it is shown for."""
        return self.end - self.start

    @property
    def place(self) -> tuple[int, int]:
        """Start and end, for the order of time."""
        return self.start, self.end

    def shared(self, other: Entry) -> int:
        """Counts that both are shown for."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def moved(self, start: int, end: int, grid: Grid) -> Entry:
        """The same cue on other frames."""
        cue = replace(self.cue, span=Span(grid.ticks(start), grid.ticks(end)))
        return replace(self, cue=cue, start=start, end=end)

    def worded(self, cue: Cue, profile: Profile, grid: Grid) -> Entry:
        """The same place with another text."""
        return _entry(self.key, cue, self.speech, profile, grid)


def width_of(cue: Cue, profile: Profile) -> Fraction:
    """Characters of a cue as Subtitle Edit counts them: spaces count, line breaks do not."""
    return sum((Fraction(text_width(line, profile)) for line in cue.lines), Fraction(0))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A stretch of a caption file, with the guide and the film it is judged by."""

    entries: tuple[Entry, ...]
    profile: Profile
    grid: Grid
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """The profile's lengths of time in counts, by field; those it does not have are absent."""
    shots: tuple[int, ...] = ()
    """Counts of the first frame of each shot."""
    end: int | None = None
    """Count at which the film ends."""
    latest: tuple[int, ...] = field(init=False, repr=False)
    """For each cue, the latest end of it and all before it."""

    def __post_init__(self) -> None:
        ends = accumulate((entry.end for entry in self.entries), max)
        object.__setattr__(self, "latest", tuple(ends))

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

    def still_shown(self, index: int) -> Iterator[int]:
        """Indexes of the earlier cues at the same place that are still shown with this one, nearest first."""
        entry = self.entries[index]
        for other in range(index - 1, -1, -1):
            if self.latest[other] <= entry.start:
                return
            found = self.entries[other]
            same_place = found.cue.placement == entry.cue.placement
            if same_place and not found.blank and found.shared(entry) > 0:
                yield other

    def gap_after(self, index: int) -> int | None:
        """Counts between the end of a cue and the next, or None behind the last."""
        after = self.after(index)
        return None if after is None else after.start - self.entries[index].end

    def chained(self, index: int) -> bool:
        """Whether the next cue follows at the guide's chain gap."""
        gap, chain = self.gap_after(index), self.limits["chain_gap"]
        return gap is not None and chain.least <= gap <= chain.most

    def shot_near(self, count: int) -> int | None:
        """The shot change nearest to `count`."""
        at = bisect_left(self.shots, count)
        if at == len(self.shots):
            return self.shots[-1] if self.shots else None
        later = self.shots[at]
        earlier = self.shots[at - 1] if at else later
        return earlier if count - earlier <= later - count and at else later


def sheet_of(document: Document, profile: Profile, film: Film | None = None) -> Sheet:
    """A document on the grid of its film.

    The rate is the film's, else the document's, else unknown (see `Grid`). Words are those of each
    cue, else those of the document, each with the cue it shares most time with.
    """
    grid = Grid(film.rate, film.start) if film else Grid(document.rate)
    heard = _words_by_cue(document)
    said = {kind: _noted(document, kind) for kind in (DISPLACED, BACKWARDS)}
    entries = [
        replace(
            _entry(key, cue, _speech(words, grid), profile, grid),
            displaced=cue.span in said[DISPLACED],
            backwards=said[BACKWARDS].get(cue.span, ""),
        )
        for key, (cue, words) in enumerate(zip(document.cues, heard, strict=True))
    ]
    entries.sort(key=lambda entry: entry.place)
    shots = tuple(dict.fromkeys(grid.step.nearest(shot) for shot in film.shots)) if film else ()
    end = grid.step.nearest(film.end) if film and film.end is not None else None
    return Sheet(tuple(entries), profile, grid, _limits(profile, grid), shots, end)


def _noted(document: Document, kind: str) -> dict[Span, str]:
    return {note.span: note.text for note in document.cues.notes if note.kind == kind}


def _limits(profile: Profile, grid: Grid) -> dict[str, Limit]:
    lengths = ((item.name, getattr(profile, item.name)) for item in fields(Profile))
    return {name: grid.limit(length) for name, length in lengths if isinstance(length, Length)}


def _entry(key: int, cue: Cue, speech: tuple[int, int] | None, profile: Profile, grid: Grid) -> Entry:
    width, words = width_of(cue, profile), len(cue.text.split())
    return Entry(
        key,
        cue,
        grid.count(cue.span.start),
        grid.count(cue.span.end),
        speech,
        width,
        words,
        _reading(width, words, profile, grid),
        _saying(words, profile, grid),
        is_blank(cue.text),
    )


def _reading(width: Fraction, words: int, profile: Profile, grid: Grid) -> int:
    seconds = Fraction(0)
    if profile.max_cps:
        seconds = width / Fraction(str(profile.max_cps))
    if profile.max_wpm:
        seconds = max(seconds, words * 60 / Fraction(str(profile.max_wpm)))
    return ceil(seconds * grid.step.fps)


def _saying(words: int, profile: Profile, grid: Grid) -> int:
    rule = profile.min_word_duration
    if rule is None:
        return 0
    return round(words * (Fraction(rule.frames) if rule.frames else rule.seconds * grid.step.fps))


def _speech(words: Sequence[Word], grid: Grid) -> tuple[int, int] | None:
    """Counts at which the first of `words` starts and the last ends."""
    if not words:
        return None
    ends = max(word.span.end for word in words)
    return grid.count(min(word.span.start for word in words)), grid.count(ends)


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
