"""Which enrolled sign a clip shows, or none: nearest references, and when to say nothing.

Distances between clips differ from signer to signer and from sign to sign: a fast, blurred clip is far from
everything, a plain sign near to much. So each distance counts from what is usual: half the mean distance of
the reference to the nearest signs of a cohort that nobody enrolled is taken off, and half that of the
query (score normalisation as speaker verification has it: Auckenthaler, Carey and Lloyd-Thomas 2000). The
cohort also says how near strangers come to a book by chance, from which the threshold follows: it needs no
second clip of any sign, and grows stricter with the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.sign import Candidate
from accessify.signs.encoding import Cohort, Floats, SignCodes, distances

NEAREST = 10
"""Cohort signs whose mean distance is what is usual."""
USUAL = 0.5
"""Share of it that is taken off, for references and for the query."""
NEAR, MEAN = 0.6, 0.4
"""Of several references, how much the nearest counts and how much all of them."""


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """When a sign is the answer."""

    false_signs: float = 0.1
    """Share of signs that nobody enrolled which may be taken for an enrolled one; smaller is stricter."""
    candidates: int = 5
    """How many answers are given at most."""

    def __post_init__(self) -> None:
        if not 0 < self.false_signs < 1:
            raise OptionError(f"false signs {self.false_signs}: give a share between 0 and 1, e.g. 0.1")
        if self.candidates < 1:
            raise OptionError(f"candidates {self.candidates}: give at least 1")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One sign to be found."""

    name: str
    references: SignCodes
    """At least one clip."""
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to one clip."""

    candidates: tuple[Candidate, ...]
    """The nearest first."""
    known: bool
    """Whether the first is near enough."""


class Matcher:
    """Finds enrolled signs. Enrolling 1,000 signs takes seconds, finding one of them some 20 ms."""

    def __init__(
        self, enrolled: Sequence[Enrolled], cohort: Cohort, options: MatchOptions = MatchOptions()
    ) -> None:
        self._enrolled, self._cohort, self._options = tuple(enrolled), cohort, options
        self._codes = _joined([one.references for one in self._enrolled], cohort)
        self._counts = np.array([len(one.references) for one in self._enrolled], np.intp)
        self._usual = np.zeros(len(self._codes), np.float32)
        self.threshold = float("-inf")
        """The largest distance that is an answer."""
        if len(self._codes):
            self._measure()

    def distances(self, query: SignCodes) -> Floats:
        """Distances [signs] of the one clip in `query` to each enrolled sign, counted from what is usual."""
        among = usual(distances(query, self._cohort.codes, self._cohort.whole))
        apart = distances(query, self._codes, self._cohort.whole) - self._usual - among
        return by_sign(apart, self._counts)

    def match(self, query: SignCodes) -> Match:
        """The enrolled signs nearest to the one clip in `query`, and whether the first is the answer."""
        if not self._enrolled:
            return Match((), known=False)
        apart = self.distances(query)
        sure = probabilities(apart, self.threshold, self._cohort.spread)
        order = np.argsort(apart, kind="stable")[: self._options.candidates]
        candidates = tuple(
            Candidate(
                self._enrolled[index].name,
                float(apart[index]),
                float(sure[index]),
                self._enrolled[index].gloss,
            )
            for index in order
        )
        return Match(candidates, bool(apart[order[0]] <= self.threshold))

    def _measure(self) -> None:
        """What is usual for each reference, and how near the cohort comes to the book by chance."""
        across = from_cohort(self._cohort, self._codes)
        self._usual = usual(across.T)
        apart = across - self._usual[None] - cohort_usual(self._cohort)[:, None]
        self.threshold = reach(by_sign(apart, self._counts), self._options.false_signs)


def from_cohort(cohort: Cohort, references: SignCodes) -> Floats:
    """Distances [cohort, references] of each sign of the cohort to each reference."""
    codes = cohort.codes
    return np.stack([distances(codes[row : row + 1], references, cohort.whole) for row in range(len(codes))])


def cohort_usual(cohort: Cohort) -> Floats:
    """What is usual for each sign of the cohort [cohort], itself left out."""
    among = from_cohort(cohort, cohort.codes)
    np.fill_diagonal(among, np.inf)
    return usual(among)


def usual(apart: Floats) -> Floats:
    """What is taken off distances whose last axis is the cohort's."""
    count = min(NEAREST, apart.shape[-1])
    return np.asarray(USUAL * np.partition(apart, count - 1, axis=-1)[..., :count].mean(axis=-1), np.float32)


def by_sign(apart: Floats, counts: NDArray[np.intp]) -> Floats:
    """Distances [..., signs] of signs from those [..., references] of their references.

    `counts` [signs] says how many references each sign has, at least one; they stand in its order.
    """
    starts = np.cumsum(counts) - counts
    nearest = np.minimum.reduceat(apart, starts, axis=-1)
    mean = np.add.reduceat(apart, starts, axis=-1) / counts
    return np.asarray(NEAR * nearest + MEAN * mean, np.float32)


def reach(strangers: Floats, false_signs: float) -> float:
    """The largest distance that is an answer: as near come `false_signs` of the `strangers` [n, signs]."""
    return float(np.quantile(strangers.min(axis=-1), false_signs))


def probabilities(apart: Floats, threshold: float, spread: float) -> Floats:
    """How likely each sign is [signs + 1], given distances [signs]; behind them that none of them is it.

    Not being enrolled is one more answer, as far away as the threshold.
    """
    levels = -np.append(apart, threshold) / spread
    odds = np.exp(levels - levels.max())
    return np.asarray(odds / odds.sum(), np.float32)


def _joined(codes: Sequence[SignCodes], cohort: Cohort) -> SignCodes:
    none: NDArray[np.float32] = cohort.codes.moments[:0]
    return SignCodes(
        np.concatenate([none, *(one.moments for one in codes)]),
        np.concatenate([cohort.codes.wholes[:0], *(one.wholes for one in codes)]),
    )
