"""Which clips are enrolled for a query: references drawn at random, never of the query's own performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class WordBook:
    """What is enrolled for one query."""

    words: tuple[str, ...]
    references: NDArray[np.intp]
    """Clips [references], those of the first word first."""
    counts: NDArray[np.intp]
    """Shape [words]: how many of them each word has, at least one."""


class BookDraws:
    """Draws books from clips that show `words` [n] in `takes` [n]."""

    def __init__(
        self, words: NDArray[np.str_], takes: NDArray[np.int64], references: int, rng: np.random.Generator
    ) -> None:
        """`references` is how many clips of a word are enrolled at most."""
        self._takes, self._references, self._rng = takes, references, rng
        self.words: tuple[str, ...] = tuple(np.unique(words).tolist())
        """All there are, in order."""
        self._clips = {word: np.flatnonzero(words == word) for word in self.words}

    def draw(self, query: int, words: Sequence[str]) -> WordBook:
        """A book of those of `words` that have a clip of another performance than the clip `query`'s."""
        named: list[str] = []
        references: list[int] = []
        counts: list[int] = []
        for word in words:
            chosen = self._choose(word, int(self._takes[query]))
            if chosen:
                named.append(word)
                references += chosen
                counts.append(len(chosen))
        return WordBook(tuple(named), np.array(references, np.intp), np.array(counts, np.intp))

    def some(self, count: int) -> tuple[str, ...]:
        """`count` of the words."""
        return tuple(np.array(self.words)[self._rng.permutation(len(self.words))[:count]].tolist())

    def _choose(self, word: str, without: int) -> list[int]:
        """Clips of as many performances as there are, then more clips of those."""
        clips = self._clips[word]
        order = self._rng.permutation(clips[self._takes[clips] != without]).tolist()
        first: list[int] = []
        seen: set[int] = set()
        for clip in order:
            if len(first) < self._references and int(self._takes[clip]) not in seen:
                seen.add(int(self._takes[clip]))
                first.append(clip)
        more = [clip for clip in order if clip not in first]
        return first + more[: self._references - len(first)]
