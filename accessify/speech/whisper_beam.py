"""Beam search with patience, as openai-whisper does it.

Source: Kasai et al., "A Call for Clarity in Beam Search: How It Works and When It Stops",
arXiv:2204.05424: the search goes on until beam × patience texts have ended. Of these the one with the
highest log-probability per token wins, as in openai-whisper (which does not count the end there).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.speech.whisper_rules import log_softmax
from accessify.speech.whisper_search import Found

_BLOCK = 256


@dataclass(frozen=True, slots=True)
class _Version:
    tokens: tuple[int, ...]
    total: float
    chances: tuple[float, ...]
    source: int = 0


class Beam:
    """A `Search` that follows the `width` likeliest versions until `width` × `patience` have ended."""

    def __init__(self, width: int, patience: float, end: int) -> None:
        self.width = width
        self.texts: list[list[int]] = [[]]
        self.sources = [0]
        self.done = False
        self._end, self._most = end, round(width * patience)
        self._versions = [_Version((), 0.0, ())]
        self._ended: list[Found] = []

    def advance(self, logits: NDArray[np.float32]) -> None:
        """Choose the likeliest versions that go on; those among the likelier ones that end are set aside."""
        kept: list[_Version] = []
        ended: list[Found] = []
        for version in self._candidates(log_softmax(logits)):
            if version.tokens[-1] == self._end:
                ended.append(Found(version.tokens[:-1], version.total, version.chances[:-1]))
                continue
            kept.append(version)
            if len(kept) == self.width:
                break
        self._versions = kept
        self.texts = [list(version.tokens) for version in kept]
        self.sources = [version.source for version in kept]
        self._ended += ended[: max(self._most - len(self._ended), 0)]
        self.done = len(self._ended) >= self._most

    def found(self) -> Found:
        """The text with the highest log-probability per token, of those that ended if there are enough."""
        ended = list(self._ended)
        if len(ended) < self.width:
            rest = sorted(self._versions, key=lambda version: -version.total)
            ended += [Found(one.tokens, one.total, one.chances) for one in rest][: self.width - len(ended)]
        return max(ended, key=lambda found: found.total / max(len(found.tokens), 1))

    def _candidates(self, chances: NDArray[np.float32]) -> list[_Version]:
        """The best continuations of each version, the likeliest first."""
        found = []
        for source, (version, row) in enumerate(zip(self._versions, chances, strict=True)):
            for token in _largest(row, self.width + 1):
                # single precision, as openai-whisper adds up: what is nearly the same must tie alike
                total = float(np.float32(version.total) + row[token])
                chance = (*version.chances, float(np.exp(row[token])))
                found.append(_Version((*version.tokens, int(token)), total, chance, source))
        return sorted(found, key=lambda version: -version.total)


def _largest(row: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Where the `count` largest of `row` are, the largest first; only blocks that hold one are sorted."""
    whole = len(row) // _BLOCK
    if whole <= count:
        return np.argsort(-row, kind="stable")[:count]
    peaks = row[: whole * _BLOCK].reshape(whole, _BLOCK).max(axis=1)
    blocks = np.sort(np.argpartition(-peaks, count - 1)[:count])
    places = (blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
    places = np.concatenate([places, np.arange(whole * _BLOCK, len(row))])
    return np.asarray(places[np.argsort(-row[places], kind="stable")[:count]])
