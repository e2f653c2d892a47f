"""From words to captions: where to cut, chosen by dynamic programming over the whole film.

Every place between two words may be a cut. A caption costs what is wrong with its text (where it
ends, how its lines break, what it mixes) and with its time (`endings.Endings.best`); the cheapest way
through all words wins. Work is linear in the words: a caption holds only so many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from accessify.captions.breaks import CLAUSE, SENTENCE
from accessify.captions.endings import Slot
from accessify.captions.film import Film
from accessify.captions.layout import Ruler, break_lines
from accessify.captions.marks import spelled
from accessify.captions.pieces import Piece, cut, joined
from accessify.captions.rules import Profile
from accessify.captions.timing import Timing
from accessify.core.text import Cue, Word, join_words, joint
from accessify.core.timeline import Span, Track, to_seconds

# What a caption costs, in the points of `breaks.RULES`.
CUE = 3.0
"""Each caption: fewer are calmer."""
END = 1.5
"""Times the break cost of the place where a caption ends: a line end is seen at once, this is not."""
PAUSE_HEALS = 0.6
"""Share of that cost which a pause of `LONG_ENOUGH` takes away."""
LONG_ENOUGH = 0.7
UNNOTICED = 0.5
"""Seconds of silence inside a sentence that a caption may bridge at no cost."""
BRIDGED = 20.0
"""Points per second of silence beyond that."""
NEXT_TURN = 0.4
"""Seconds of silence behind a sentence from which another person may be the one who goes on."""
TURN_BRIDGED = 60.0
"""Points per second of silence beyond that: half a second costs two captions."""
FORCED = 2.0
"""Seconds of silence that no caption bridges (the pause that guides mark by an ellipsis)."""
TWO_SENTENCES = 1.5
"""Another sentence in the same caption, on one line: less than a caption of its own."""
TWO_SENTENCES_LINES = 4.5
"""The same where it takes more than one line, or where the guide asks for one: more than that."""
TORN_START = 8.0
"""A caption that ends inside a sentence which began inside it; half where a clause ends."""
TORN_END = 4.0
"""A caption that begins with the rest of a sentence and goes on with another."""
SCRAP = 12.0
"""A part of a sentence so short that it says nothing, by itself or beside another sentence; falls to
nothing at `SAYS_ENOUGH`."""
SAYS_ENOUGH = 0.6
"""Share of a line."""
LONE_WORD = 3.0
"""A sentence of one short word by itself; falls likewise to nothing at a third of `SAYS_ENOUGH`."""
OVER_SHOT = 7.0
"""Words on both sides of a shot change."""
HURRY = 8.0
"""Each second that reading would take longer: as much as half a bad break, since speech is no slower
for being cut elsewhere."""
TOO_FAST = 2.0
"""Too fast to read at all, by however little."""
UNFIT = 60.0
"""One word that fits no caption."""


def compose(words: Track[Word], profile: Profile, film: Film = Film()) -> Track[Cue]:  # noqa: B008 - a value
    """Captions that show every word once and in order, by the rules of `profile`.

    Spans lie on frames of `film.rate` and never overlap. What the rules ask for but the speech does
    not allow (too fast, two voices at once) is left as it is: no word is changed. The notes of
    `words` are kept.
    """
    if not len(words):
        return Track((), words.notes)
    speech = _Speech.of(words.events, profile, film)
    cuts = _cheapest_cuts(speech)
    slots = [speech.slot(first, last) for first, last in pairwise(cuts)]
    times = speech.timing.times(slots)
    cues = (
        _cue(words.events[first:last], Span(film.rate.at(start), film.rate.at(end)), profile)
        for (first, last), (start, end) in zip(pairwise(cuts), times, strict=True)
    )
    return Track(tuple(cues), words.notes)


def _cue(words: tuple[Word, ...], span: Span, profile: Profile) -> Cue:
    speakers = {word.speaker for word in words}
    speaker = speakers.pop() if len(speakers) == 1 else None
    text = break_lines(join_words(word.text for word in words), profile)
    return Cue(span, text, speaker=speaker, words=words)


@dataclass(frozen=True, slots=True)
class _Speech:
    """All that the costs look at, one entry per word; times in frames."""

    ruler: Ruler
    timing: Timing
    starts: tuple[int, ...]
    """Where a caption starts whose first word this is."""
    ends: tuple[int, ...]
    """Where the word has ended."""
    seams: tuple[float, ...]
    """Cost of the break behind the word."""
    closing: tuple[float, ...]
    """Cost of a caption that ends with the word."""
    bridging: tuple[float, ...]
    """Cost of a caption that goes on behind the word, summed over all words before; shape [n + 1]."""
    sentences: tuple[int, ...]
    """Sentences that end before the word; shape [n + 1]."""
    opened: tuple[int, ...]
    """First word of the word's sentence."""
    closed: tuple[int, ...]
    """Behind the last word of the word's sentence."""
    spaces: tuple[int, ...]
    """Spaces before the word; shape [n + 1]."""
    walls: tuple[int, ...]
    """First word of the stretch that no caption of this word may leave."""
    fps: float
    one_sentence: bool
    """See `Profile.one_sentence`."""

    @classmethod
    def of(cls, words: Sequence[Word], profile: Profile, film: Film) -> _Speech:
        """The speech in `words`; overlapping and missing times are taken in order."""
        pieces = _by_word([spelled(word.text, profile) for word in words], profile)
        timing = Timing.of(profile, film)
        pauses = _pauses(words)
        seams = tuple(piece.cost for piece in pieces)
        bridging = map(_bridging, seams, pauses, _shots_behind(words, film))
        opened, closed = _sentences(seams)
        return cls(
            ruler=Ruler.of(pieces, profile),
            timing=timing,
            starts=tuple(timing.snapped(film.rate.nearest(word.span.start)) for word in words),
            ends=tuple(film.rate.nearest(word.span.end) for word in words),
            seams=seams,
            closing=tuple(map(_closing, seams, pauses)),
            bridging=tuple(accumulate(bridging, initial=0.0)),
            sentences=tuple(accumulate((cost == SENTENCE for cost in seams), initial=0)),
            opened=opened,
            closed=closed,
            spaces=tuple(accumulate((piece.glue == " " for piece in pieces), initial=0)),
            walls=_walls(words, pauses),
            fps=float(film.rate.fps),
            one_sentence=profile.one_sentence,
        )

    def slot(self, first: int, last: int) -> Slot:
        """The caption of words `first` up to `last`, to be timed."""
        return self.slot_until(first, last, max(self.ends[first:last]))

    def slot_until(self, first: int, last: int, spoken: int) -> Slot:
        """The same where the end of its speech is known."""
        width = self.ruler.shown_width(first, last)
        limits = self.timing.limits
        words = self.spaces[last - 1] - self.spaces[first] + 1
        needed = limits.needed(width, words)
        return Slot(self.starts[first], spoken, needed, max(needed, round(width * limits.ease)))

    def text_cost(self, first: int, last: int) -> float | None:
        """What is wrong with the text of words `first` up to `last`; None where it fits no caption."""
        lines = self.ruler.cost(first, last)
        if lines is None:
            return None if last - first > 1 else UNFIT
        cost = CUE + lines + self.bridging[last - 1] - self.bridging[first]
        opens = first == 0 or self.seams[first - 1] == SENTENCE
        closes = self.seams[last - 1] == SENTENCE
        more = self.sentences[last - 1] - self.sentences[first]
        if not more:
            return cost + (self._lone(first, last) if opens and closes else self._scrap(first, last))
        one_line = self.ruler.width(first, last) <= self.ruler.length and not self.one_sentence
        cost += more * (TWO_SENTENCES if one_line else TWO_SENTENCES_LINES)
        if not opens:
            cost += TORN_END + self._scrap(first, self.closed[first])
        if not closes:
            torn = TORN_START if self.seams[last - 1] > CLAUSE else TORN_START / 2
            cost += torn + self._scrap(self.opened[last - 1], last)
        return cost

    def _scrap(self, first: int, last: int) -> float:
        """What it costs to part these words from the rest of their sentence."""
        return SCRAP * max(0.0, 1 - self.ruler.width(first, last) / (SAYS_ENOUGH * self.ruler.length))

    def _lone(self, first: int, last: int) -> float:
        """What it costs to show a whole sentence by itself."""
        return LONE_WORD * max(0.0, 1 - 3 * self.ruler.width(first, last) / (SAYS_ENOUGH * self.ruler.length))


def _cheapest_cuts(speech: _Speech) -> list[int]:
    """Indices of the words that begin a caption, and the number of words."""
    count = len(speech.starts)
    best = [0.0] + [float("inf")] * count
    came_from = [0] * (count + 1)
    for last in range(1, count + 1):
        following = speech.starts[last] if last < count else None
        spoken = 0
        for first in range(last - 1, speech.walls[last - 1] - 1, -1):
            spoken = max(spoken, speech.ends[first])
            if last - first > 1 and _overfull(speech, first, last, spoken):
                break
            floor = best[first] + CUE + speech.bridging[last - 1] - speech.bridging[first]
            if floor + speech.closing[last - 1] >= best[last]:
                continue
            cost = _cost(speech, (first, last), spoken, following)
            if cost is not None and best[first] + cost < best[last]:
                best[last] = best[first] + cost
                came_from[last] = first
    cuts = [count]
    while cuts[-1]:
        cuts.append(came_from[cuts[-1]])
    return cuts[::-1]


def _overfull(speech: _Speech, first: int, last: int, spoken: int) -> bool:
    """Whether a caption is hopeless, and any that begins still earlier too."""
    ruler = speech.ruler
    too_wide = ruler.width(first, last) > ruler.lines * (ruler.length + 1)
    return too_wide or spoken - speech.starts[first] > 2 * speech.timing.limits.longest


def _cost(speech: _Speech, words: tuple[int, int], spoken: int, following: int | None) -> float | None:
    """All that is wrong with one caption."""
    first, last = words
    text = speech.text_cost(first, last)
    if text is None:
        return None
    slot = speech.slot_until(first, last, spoken)
    ending = speech.timing.endings.best(slot, slot.start, following)
    hurry = TOO_FAST + HURRY * ending.lacking / speech.fps if ending.lacking else 0.0
    return text + speech.closing[last - 1] + ending.cost + hurry


def _by_word(texts: Sequence[str], profile: Profile) -> list[Piece]:
    """One piece per word."""
    glues = [joint(left, right) for left, right in pairwise(texts)]
    rows: list[list[Piece]] = [[] for _ in texts]
    for piece in cut(texts, glues, profile):
        rows[piece.token].append(piece)
    return [Piece(joined(row), row[-1].glue, row[-1].cost, index) for index, row in enumerate(rows)]


def _pauses(words: Sequence[Word]) -> list[float]:
    """Seconds of silence behind each word; after the last, none."""
    heard = accumulate((word.span.end for word in words), max)
    starts = (word.span.start for word in words[1:])
    return [*(max(0.0, to_seconds(s - e)) for e, s in zip(heard, starts, strict=False)), 0.0]


def _shots_behind(words: Sequence[Word], film: Film) -> list[int]:
    """How many shots change at each word's end, rather than nearer to another's."""
    counts = [0] * len(words)
    index = 0
    for shot in film.shots:
        while index + 1 < len(words) and words[index + 1].span.start <= shot:
            index += 1
        if index + 1 == len(words):
            break
        if words[index].span.start <= shot:
            middle = words[index].span.start + words[index].span.duration // 2
            if shot >= middle:
                counts[index] += 1
            elif index:
                counts[index - 1] += 1
    return counts


def _closing(seam: float, pause: float) -> float:
    return END * seam * (1 - PAUSE_HEALS * min(1.0, pause / LONG_ENOUGH))


def _bridging(seam: float, pause: float, shots: int) -> float:
    if seam == SENTENCE:
        return TURN_BRIDGED * max(0.0, pause - NEXT_TURN) + OVER_SHOT * shots
    return BRIDGED * max(0.0, pause - UNNOTICED) + OVER_SHOT * shots


def _sentences(seams: Sequence[float]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the sentence of each word begins, and where it ends."""
    ends = [index for index, cost in enumerate(seams, 1) if cost == SENTENCE or index == len(seams)]
    spans = list(pairwise([0, *ends]))
    opened = tuple(first for first, last in spans for _ in range(first, last))
    closed = tuple(last for first, last in spans for _ in range(first, last))
    return opened, closed


def _walls(words: Sequence[Word], pauses: Iterable[float]) -> tuple[int, ...]:
    """For each word the first one that may share its caption: none across speakers or long silence."""
    walls = [0]
    for index, ((left, right), pause) in enumerate(zip(pairwise(words), pauses, strict=False), 1):
        speakers = left.speaker is not None and right.speaker is not None and left.speaker != right.speaker
        walls.append(index if speakers or pause >= FORCED else walls[-1])
    return tuple(walls)
