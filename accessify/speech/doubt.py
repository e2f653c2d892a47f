"""When not to believe a recogniser: text without speech, and text that runs in circles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from accessify.core.text import is_unspaced
from accessify.core.timeline import Span, to_seconds


class _Word(Protocol):
    @property
    def text(self) -> str: ...


W = TypeVar("W", bound=_Word)

_FASTEST = 7.0
"""Words a second that nobody speaks (fast talkers reach about 5)."""


_SYLLABLES = 3
"""Characters of scripts without spaces that are about as long as a word."""


def count_words(words: Iterable[_Word]) -> int:
    """How many words of a language with spaces are as much: three characters of one without are a word."""
    count = run = 0
    for word in words:
        if is_unspaced(word.text[0]):
            run += sum(map(str.isalnum, word.text))
        else:
            count += 1 + -(-run // _SYLLABLES)
            run = 0
    return count + -(-run // _SYLLABLES)


def evidence(chance: float, certainty: float, words: Sequence[_Word], span: Span) -> float:
    """How much speaks for real speech, roughly in log-odds; below 1.4 it is more likely noise.

    `chance` is the mean speech probability (0 to 1) of the voiced part, `certainty` the recogniser's
    mean log-probability per token; of the words (see `count_words`) up to 6 count. Each has a vote: one
    lonely unsure word over a creak fails, a whispered sentence passes. The weights were set by hand
    on labelled noise, whisper and falsetto; `accessify bench captions` measures both errors.
    """
    count = count_words(words)
    if count > _FASTEST * max(to_seconds(span.duration), 0.3):
        return -math.inf
    return 4 * chance + 2 * max(certainty, -3.0) + 0.3 * min(count, 6)


def loops(words: Sequence[_Word], finished: bool = True) -> bool:
    """Whether the same one to eight words come again and again, as no speaker would say them.

    A speaker may well say one word four times ("no, no, no, no"), a syllable of Chinese eight times, or a
    line of a song twice.
    """
    if not finished:
        return True
    return any(count >= _most_repeats(words[at : at + size]) for size, count, at in _repeats(words))


def collapse_loop(words: Sequence[W]) -> tuple[W, ...]:
    """The words with each loop reduced to its phrase said once."""
    kept = list(words)
    for size, count, at in sorted(_repeats(words), key=lambda run: -run[0] * run[1]):
        if count >= min(3, _most_repeats(kept[at : at + size])):
            del kept[at + size : at + size * count]
            return collapse_loop(kept)
    return tuple(kept)


def _most_repeats(phrase: Sequence[_Word]) -> int:
    if len(phrase) == 1 and is_unspaced(phrase[0].text[0]):
        return 12  # a syllable
    return {1: 7, 2: 5, 3: 4}.get(count_words(phrase), 3)


def _repeats(words: Sequence[_Word]) -> list[tuple[int, int, int]]:
    """Each run as (words in the phrase, times it stands in a row, index of its start)."""
    plain = ["".join(filter(str.isalnum, word.text.lower())) for word in words]
    runs: list[tuple[int, int, int]] = []
    unspaced = any(is_unspaced(word.text[0]) for word in words)
    for size in range(1, 8 * (_SYLLABLES if unspaced else 1) + 1):
        at = 0
        while at + 2 * size <= len(plain):
            count = 1
            while plain[at : at + size] == plain[at + count * size : at + (count + 1) * size]:
                count += 1
            if count > 1:
                runs.append((size, count, at))
            at += max(1, (count - 1) * size)
    return runs
