"""How far word times are from a reference alignment.

Compared are words that were recognised as spoken (equal in the alignment of all words), written as
one word, and whose reference span was measured (in the dictionary). Errors are absolute differences
of starts and of ends in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accessify.core.text import Word
from accessify.core.timeline import TICKS_PER_MILLI
from accessify.evaluation.matching import align
from accessify.evaluation.spoken import Spoken, plain_heard

CLOSE_MS = 100
"""An error up to this is not noticed in captions: 2 to 3 frames."""


@dataclass(frozen=True, slots=True)
class TimeError:
    """Absolute errors of one edge (start or end) of all compared words, in ms."""

    median: float
    p95: float
    within_100_ms: float
    """Percent of words."""
    bias: float
    """Median of the signed error: positive is late."""


@dataclass(frozen=True, slots=True)
class WordTimes:
    """Errors of starts and ends over the words that could be compared."""

    start: TimeError
    end: TimeError
    compared: int
    spoken: int


def word_time_errors(spoken: Sequence[Spoken], heard: Sequence[Word]) -> WordTimes | None:
    """The errors of `heard` against `spoken`; None where no word can be compared."""
    words = plain_heard(heard)
    pairs = align([item.word for item in spoken], [word for word, _, _ in words])
    errors: list[tuple[int, int]] = []
    for pair in pairs:
        if not pair.equal or pair.reference is None or pair.hypothesis is None:
            continue
        truth, (_, word, whole) = spoken[pair.reference], words[pair.hypothesis]
        if whole and truth.measured:
            errors.append((word.span.start - truth.span.start, word.span.end - truth.span.end))
    if not errors:
        return None
    starts, ends = np.array(errors).T / TICKS_PER_MILLI
    return WordTimes(_summary(starts), _summary(ends), len(errors), len(spoken))


def _summary(errors: np.ndarray[tuple[int], np.dtype[np.float64]]) -> TimeError:
    size = np.abs(errors)
    return TimeError(
        median=float(np.median(size)),
        p95=float(np.percentile(size, 95)),
        within_100_ms=float(100 * np.mean(size <= CLOSE_MS)),
        bias=float(np.median(errors)),
    )
