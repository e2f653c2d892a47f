"""Live words to lines that never re-flow: a word joins the line or opens the next one.

BBC Subtitle Guidelines §21: live captions are left-aligned, come word by word, and lines that were
shown are not set anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accessify.core.live import LiveLine, LiveUpdate
from accessify.core.text import Word, is_wide, join_words, joint

_SURE = 0.7
"""Confidence below which a correction may be as wrong as what it corrects."""
_MOST_CORRECTED = 4
"""Words; a longer correction would be read as a new sentence."""


@dataclass(frozen=True, slots=True)
class RollOptions:
    """How lines are filled."""

    width: int = 37
    """Characters a line holds; a full-width character counts two."""
    corrections: bool = True
    """Whether short corrections follow as a line of their own, behind a dash."""


class Roll:
    """Fills lines with the words of one stream."""

    def __init__(self, options: RollOptions = RollOptions(), first: int = 1) -> None:
        """`first`: the number of the first line."""
        self._options = options
        self._next = first
        self._line: LiveLine | None = None

    def push(self, update: LiveUpdate) -> tuple[LiveLine, ...]:
        """The lines that changed, each as it is now, in order; empty when no word came."""
        changed: dict[int, LiveLine] = {}
        for word in update.committed:
            for line in self._add(word):
                changed[line.number] = line
        if update.ended:
            for line in (*self._close(), *self._correct(update)):
                changed[line.number] = line
        return tuple(changed.values())

    def finish(self) -> tuple[LiveLine, ...]:
        """The open line, closed."""
        return self._close()

    def _add(self, word: Word) -> tuple[LiveLine, ...]:
        line = self._line
        done: tuple[LiveLine, ...] = ()
        if line is not None and not self._fits(line, word):
            done, line = self._close(), None
        if line is None:
            line = LiveLine(self._next, word.span, word.text, (word,), speaker=word.speaker)
            self._next += 1
        else:
            text = line.text + joint(line.text, word.text) + word.text
            line = replace(line, text=text, words=(*line.words, word), span=line.span | word.span)
        self._line = line
        return (*done, line)

    def _fits(self, line: LiveLine, word: Word) -> bool:
        if word.speaker is not None and line.speaker is not None and word.speaker != line.speaker:
            return False
        text = line.text + joint(line.text, word.text) + word.text
        return sum(1 + is_wide(character) for character in text) <= self._options.width

    def _close(self) -> tuple[LiveLine, ...]:
        line, self._line = self._line, None
        return () if line is None else (replace(line, closed=True),)

    def _correct(self, update: LiveUpdate) -> tuple[LiveLine, ...]:
        """Corrections of an utterance as one line: a dash and what should have been shown, with the words
        beside it, by which a reader finds the place.
        """
        spoken = [word.text for word in update.final]
        right = [
            spoken[max(0, correction.place - 1) : correction.place + len(correction.right) + 1]
            for correction in update.corrections
            if 0 < len(correction.right) <= _MOST_CORRECTED
            and correction.confidence >= _SURE
            and _differs(correction.wrong, correction.right)
        ]
        if not self._options.corrections or not right or not update.final:
            return ()
        text = "– " + " … ".join(join_words(words) for words in right)
        line = LiveLine(self._next, update.final[-1].span, text, closed=True, correction=True)
        self._next += 1
        return (line,)


def _differs(wrong: Sequence[str], right: Sequence[str]) -> bool:
    """Whether a reader would care: not only case or punctuation."""
    return _plain(wrong) != _plain(right)


def _plain(words: Sequence[str]) -> str:
    return "".join(c for word in words for c in word.casefold() if c.isalnum())
