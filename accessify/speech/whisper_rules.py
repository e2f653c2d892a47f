"""What Whisper may write next: its grammar of text and times, as masks over logits, in numpy.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356,
section 2.3 (times stand in pairs around each segment) and 4.5 (the first time is early; a time is written
where times together are likelier than any word). The rules and their order are those of openai-whisper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

FIRST_LATEST = 50
"""Latest first time: 1 s, in steps of 0.02 s."""
_NEVER = -np.inf


@dataclass(frozen=True, slots=True)
class Grammar:
    """The numbers of a vocabulary that the rules speak of."""

    end: int
    """Ends a transcript; lower numbers are text."""
    no_times: int
    """Announces a transcript without times."""
    times: int
    """The number of 0.00 s; it and all above are times, in order."""
    blank: tuple[int, ...]
    """Tokens of a lone space, with which no text begins."""
    never: tuple[int, ...] = ()
    """Tokens that are never written: marks that nobody says, and all special ones but the end."""
    first_latest: int | None = FIRST_LATEST
    """Steps of 0.02 s to the latest first time; None: any."""

    @property
    def never_array(self) -> NDArray[np.int64]:
        """`never`, as numpy takes it."""
        return _indices(self.never)


def forbid(
    logits: NDArray[np.float32], written: Sequence[Sequence[int]], grammar: Grammar, *, times: bool = True
) -> None:
    """Set `logits` [n, vocabulary] to -inf for what may not follow `written` (n texts as far as they are).

    `written` holds what was chosen, without the start of transcript, language and prompt. With `times` the
    rules of times hold.

    Raises `ValueError` where their numbers differ.
    """
    if len(logits) != len(written):
        raise ValueError(f"{len(logits)} rows of logits for {len(written)} texts")
    for row, tokens in zip(logits, written, strict=True):
        if not tokens:
            row[[*grammar.blank, grammar.end]] = _NEVER
        row[grammar.never_array] = _NEVER
        if times:
            _pair_times(row, tokens, grammar)
            if not tokens:
                _begin_early(row, grammar)
            _prefer_times(row, grammar)


@cache
def _indices(tokens: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(tokens, np.int64)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities of `logits` [..., vocabulary], of which one at least is finite."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def no_speech_chance(logits: NDArray[np.float32], no_speech: int) -> NDArray[np.float32]:
    """Probability that nothing is said, [n], from the logits [n, vocabulary] behind the start."""
    return np.asarray(np.exp(log_softmax(logits)[:, no_speech]), np.float32)


def language_chances(logits: NDArray[np.float32], first: int, count: int) -> NDArray[np.float32]:
    """Probability of each of `count` languages, [n, count], from the logits behind the start of transcript.

    `first` is the token of the first language.
    """
    return np.asarray(np.exp(log_softmax(logits[:, first : first + count])), np.float32)


def mean_chance(total: float, tokens: int) -> float:
    """Mean log-probability of a text of `tokens` and its end; their log-probabilities add up to `total`."""
    return total / (tokens + 1)


def _pair_times(row: NDArray[np.float32], tokens: Sequence[int], grammar: Grammar) -> None:
    """Times stand in pairs (end, start) but for the first and the last, and never run backwards."""
    row[grammar.no_times] = _NEVER
    time = next((token for token in reversed(tokens) if token >= grammar.times), None)
    if time is None:
        return
    last = tokens[-1] >= grammar.times
    paired = len(tokens) < 2 or tokens[-2] >= grammar.times
    if last and paired:
        row[grammar.times :] = _NEVER
    elif last:
        row[: grammar.end] = _NEVER
    # a segment may start when the last one ended, but not end when it started
    row[grammar.times : time + (0 if last and not paired else 1)] = _NEVER


def _begin_early(row: NDArray[np.float32], grammar: Grammar) -> None:
    row[: grammar.times] = _NEVER
    if grammar.first_latest is not None:
        row[grammar.times + grammar.first_latest + 1 :] = _NEVER


def _prefer_times(row: NDArray[np.float32], grammar: Grammar) -> None:
    """Where times together are likelier than the likeliest of all else, a time must follow."""
    other, times = row[: grammar.times].max(), row[grammar.times :]
    peak = max(other, times.max())
    if np.exp(times - peak).sum() > np.exp(other - peak):
        row[: grammar.times] = _NEVER
