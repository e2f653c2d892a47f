"""Which words of a live transcript are certain enough to be shown for good.

LocalAgreement (Liu et al., "Low-Latency Sequence-to-Sequence Speech Recognition and Translation by
Partial Hypothesis Selection", arXiv:2005.11185; Macháček et al., arXiv:2307.14743): a word is committed
when two passes over the growing sound agree on it and on all words before it. Committed words are never
taken back: where a later pass reads them otherwise, it is continued behind their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from accessify.core.text import Timing, Word
from accessify.core.timeline import Span, millis
from accessify.speech.doubt import loops
from accessify.speech.transcribe import Said

_PER_LETTER = millis(60)
"""Ticks a letter takes to speak, for words whose time is not measured yet."""
_LOOP = 24
"""Words looked back over for a loop."""
_LETTERS = 24
"""Letters before a place that are compared."""
_OFF = millis(600)
"""How far the estimated time of a word may be off."""


@dataclass(frozen=True, slots=True)
class AgreeOptions:
    """When words are shown and when they are committed."""

    hold: int = 1
    """Newest words of a pass that are not committed: the last one may be cut in the middle."""
    sure: float = 0.55
    """Words of which the recogniser is less sure than this wait for more words behind them …"""
    unsure_hold: int = 4
    """… so many."""
    certain: float = 0.9
    """Words of which the recogniser is at least this sure need no second pass …"""
    certain_hold: int = 1
    """… where so many words stand behind them."""
    young: int = millis(1_200)
    """No word is committed while the utterance is shorter: first guesses are often wrong."""
    shown_confidence: float = 0.35
    """The newest word is shown before two passes agree on it when the recogniser is this sure of it."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over the sound of an utterance from its start."""

    words: tuple[Said, ...]
    span: Span
    """The sound that it heard."""


class Agreement:
    """The words of one utterance, pass by pass."""

    def __init__(
        self, start: int, options: AgreeOptions = AgreeOptions(), carried: Sequence[Word] = ()
    ) -> None:
        """`start`: tick before which no word lies; `carried`: words committed before a cut in mid-speech,
        the last of which are heard again at the start of this utterance.
        """
        self._options = options
        self._carried = tuple(word for word in carried if word.span.end > start - _OFF)
        # so many of them may have been spoken before `start`
        self._maybe = sum(word.span.end <= start + _OFF for word in self._carried)
        self._committed: list[Word] = []
        self._before: tuple[Said, ...] = ()  # words of the last pass behind the committed ones
        self._seen: list[int] = []  # tick of the sound at which each of these was first there
        # what stands behind carried words was spoken behind them
        self._edge = max([start, *(word.span.end for word in self._carried)])
        self._heard = self._edge  # tick up to which the last pass heard
        self.tail: tuple[str, ...] = ()
        """The words behind the committed ones as they are to be shown."""

    @property
    def committed(self) -> tuple[Word, ...]:
        """Every word committed so far."""
        return tuple(self._committed)

    @property
    def carried(self) -> tuple[Word, ...]:
        """Words committed before a cut that are heard again at the start."""
        return self._carried

    def hear(self, heard: Pass) -> tuple[Word, ...]:
        """The words that `heard` lets commit while the speaker goes on."""
        rest = self._rest(heard.words)
        agreed = _shared(self._before, rest)
        young = heard.span.duration < self._options.young
        count = 0 if young else self._certain(rest, agreed)
        fresh = self._commit(rest, count, heard.span.end)
        self.tail = self._shown(agreed - len(fresh))
        return fresh

    def pause(self, heard: Pass, hold: int = 0) -> tuple[Word, ...]:
        """The words that are committed because the speaker has paused: all but `hold`.

        Nothing is cut at the end any more, so no second pass needs to agree.
        """
        rest = self._rest(heard.words)
        fresh = self._commit(rest, max(0, len(rest) - hold), heard.span.end)
        self.tail = tuple(word.text for word in self._before)
        return fresh

    def close(self, final: Sequence[Word], *, cut: bool = False) -> tuple[Word, ...]:
        """The words of the `final` reading behind the committed ones, with their measured times.

        An utterance that was `cut` in mid-speech ends before the newest words that are committed.
        """
        said = [Said(word.text, word.confidence or 0.0) for word in final]
        place = self._likely_place(said) if cut else self._place(said)
        fresh: list[Word] = []
        for word in final[place:]:
            start = max(word.span.start, self._edge)
            self._edge = max(word.span.end, start)
            text = word.text if fresh else self._begun(final, place)
            fresh.append(replace(word, text=text, span=Span(start, self._edge)))
        self._committed += fresh
        self._before, self._seen, self.tail = (), [], ()
        return tuple(fresh)

    def _rest(self, words: Sequence[Said]) -> Sequence[Said]:
        """Those of `words` that stand behind the committed ones."""
        place = self._place(words)
        rest = words[place:]
        return (replace(rest[0], text=self._begun(words, place)), *rest[1:]) if rest else ()

    def _begun(self, words: Sequence[Said | Word], place: int) -> str:
        """The text of the word at `place`, the first behind the committed ones.

        Where a pause had a full stop committed that is no longer heard, a sentence begins there all the same.
        """
        text, before = words[place].text, (*self._carried, *self._committed)[-1:]
        if not text.islower() or not before or not _ends_sentence(before[0].text):
            return text
        return text if place and _ends_sentence(words[place - 1].text) else text.capitalize()

    def _commit(self, rest: Sequence[Said], count: int, edge: int) -> tuple[Word, ...]:
        """Commit the first `count` words of `rest`, heard up to tick `edge`; the others stay for later."""
        known = self._seen_at(rest, edge)
        fresh: list[Word] = []
        for word, seen in zip(rest[:count], known, strict=False):
            if loops([*self._committed[-_LOOP:], *fresh, word]):
                break
            end = max(self._edge, seen)
            start = max(self._edge, end - _PER_LETTER * len(word.text))
            fresh.append(Word(Span(start, end), word.text, word.confidence, Timing.ESTIMATED))
            self._edge = end
        self._committed += fresh
        self._before, self._seen = tuple(rest[len(fresh) :]), known[len(fresh) :]
        return tuple(fresh)

    def _seen_at(self, rest: Sequence[Said], edge: int) -> list[int]:
        """Tick at which each word of `rest` was first there; new ones share the sound that is new."""
        known = self._seen[: len(rest)]
        letters = [*accumulate(len(word.text) for word in rest[len(known) :])]
        fresh = edge - self._heard
        known += [self._heard + fresh * count // letters[-1] for count in letters]
        self._heard = max(edge, self._heard)
        return known

    def _certain(self, rest: Sequence[Said], agreed: int) -> int:
        """How many of the first words of `rest`, of which two passes agree on `agreed`, are certain."""
        options = self._options
        for place, word in enumerate(rest):
            behind = len(rest) - place - 1
            hold = options.hold if _sureness(word) >= options.sure else options.unsure_hold
            alone = _sureness(word) >= options.certain and behind >= options.certain_hold
            if not alone and (place >= agreed or behind < hold):
                return place
        return len(rest)

    def _shown(self, agreed: int) -> tuple[str, ...]:
        """Words of the tail worth showing: those agreed on, then those the recogniser is sure of."""
        texts = [word.text for word in self._before]
        count = max(0, agreed)
        while count < len(texts) and _sureness(self._before[count]) >= self._options.shown_confidence:
            count += 1
        if texts:  # a full stop behind the newest word only says that the sound ends there
            texts[-1] = texts[-1].rstrip(".,") or texts[-1]
        return tuple(texts[:count])

    def _place(self, words: Sequence[Said]) -> int:
        """How many of `words` stand for the committed ones, judged by their last letters as well.

        Two passes may write one word as two ("bed chamber"): only letters tell that it is said already.
        """
        likely = self._likely_place(words)
        known = "".join(plain(word.text) for word in (*self._carried, *self._committed))
        if not known:
            return likely
        texts = [plain(word.text) for word in words]
        places = range(max(0, likely - 1), min(len(texts), likely + 1) + 1)

        def unlike(at: int) -> tuple[int, int]:
            return edits(known[-_LETTERS:], "".join(texts[:at])[-_LETTERS:]), abs(at - likely)

        return self._past_cut(texts, min(places, key=unlike))

    def _past_cut(self, texts: Sequence[str], place: int) -> int:
        """`place`, or behind the last words before a cut where these are heard once more there."""
        known = [plain(word.text) for word in self._carried] if not self._committed else []
        for count in range(len(known), 0, -1):
            if texts[place : place + count] == known[-count:]:
                return place + count
        return place

    def _likely_place(self, words: Sequence[Said]) -> int:
        """The same by whole words: the prefix nearest to the committed ones in edits.

        Carried words that may lie before the sound may be missing, at no cost.
        """
        texts = [plain(word.text) for word in words]
        known = [plain(word.text) for word in (*self._carried, *self._committed)]
        row = list(range(len(texts) + 1))
        for number, word in enumerate(known):
            diagonal, row[0] = row[0], 0 if number < self._maybe else row[0] + 1
            for at, other in enumerate(texts, 1):
                diagonal, row[at] = row[at], min(diagonal + (other != word), row[at] + 1, row[at - 1] + 1)
        return min(range(len(row)), key=lambda at: (row[at], abs(at - len(known))))


def plain(text: str) -> str:
    """A word without case and marks: what two passes must agree on."""
    return "".join(filter(str.isalnum, text.casefold())) or text


def _sureness(word: Said) -> float:
    """How sure a word is, 0 to 1; one whose recogniser does not tell is not sure."""
    return word.confidence or 0.0


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"'”’)").endswith((".", "?", "!"))


def edits(first: str, second: str) -> int:
    """Letters to insert, delete or replace on the way from `first` to `second` (Levenshtein 1966)."""
    row = list(range(len(second) + 1))
    for letter in first:
        diagonal, row[0] = row[0], row[0] + 1
        for at, other in enumerate(second, 1):
            diagonal, row[at] = row[at], min(diagonal + (other != letter), row[at] + 1, row[at - 1] + 1)
    return row[-1]


def _shared(first: Sequence[Said], second: Sequence[Said]) -> int:
    """Words that both begin with."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if plain(one.text) != plain(other.text):
            break
        count += 1
    return count
