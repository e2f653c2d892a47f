"""When not to believe a recogniser: text without speech, and text that runs in circles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

from accessify.core.timeline import Span, to_seconds


class _Word(Protocol):
    @property
    def text(self) -> str: ...


W = TypeVar("W", bound=_Word)

_FASTEST = 7.0
"""Words a second that nobody speaks (fast talkers reach about 5)."""


def evidence(chance: float, certainty: float, count: int, span: Span) -> float:
    """How much speaks for real speech, roughly in log-odds; below 1.4 it is more likely noise.

    `chance` is the mean speech probability (0 to 1) of the voiced part, `certainty` the recogniser's
    mean log-probability per token, `count` the number of words (up to 6 count). Each has a vote: one
    lonely unsure word over a creak fails, a whispered sentence passes. The weights were set by hand
    on labelled noise, whisper and falsetto; `accessify bench captions` measures both errors.
    """
    if count > _FASTEST * max(to_seconds(span.duration), 0.3):
        return -math.inf
    return 4 * chance + 2 * max(certainty, -3.0) + 0.3 * min(count, 6)


def loops(words: Sequence[_Word], finished: bool = True) -> bool:
    """Whether the same one to eight words come again and again, as no speaker would say them.

    A speaker may well say one word four times ("no, no, no, no"), or a line of a song twice.
    """
    if not finished:
        return True
    return any(count >= _most_repeats(size) for size, count, _ in _repeats(words))


def collapse_loop(words: Sequence[W]) -> tuple[W, ...]:
    """The words with each loop reduced to its phrase said once."""
    kept = list(words)
    for size, count, at in sorted(_repeats(words), key=lambda run: -run[0] * run[1]):
        if count >= min(3, _most_repeats(size)):
            del kept[at + size : at + size * count]
            return collapse_loop(kept)
    return tuple(kept)


def _most_repeats(size: int) -> int:
    return {1: 7, 2: 5, 3: 4}.get(size, 3)


def _repeats(words: Sequence[_Word]) -> list[tuple[int, int, int]]:
    """Each run as (words in the phrase, times it stands in a row, index of its start)."""
    plain = ["".join(filter(str.isalnum, word.text.lower())) for word in words]
    runs: list[tuple[int, int, int]] = []
    for size in range(1, 9):
        at = 0
        while at + 2 * size <= len(plain):
            count = 1
            while plain[at : at + size] == plain[at + count * size : at + (count + 1) * size]:
                count += 1
            if count > 1:
                runs.append((size, count, at))
            at += max(1, (count - 1) * size)
    return runs
