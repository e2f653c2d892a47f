"""Which enrolled sign a clip shows, or none: nearest references, and when to say nothing.

Distances between clips differ from signer to signer and from sign to sign: a fast, blurred clip is far from
everything, a plain sign near to much. So each distance counts from what is usual: half the mean distance of
the reference to the nearest signs that are not it, in the book and in a cohort that nobody enrolled, is
taken off, and half that of the query to the cohort (score normalisation as speaker verification has it:
Auckenthaler, Carey and Lloyd-Thomas 2000).

How near strangers come by chance says from where an answer is one, and needs no second clip of any sign.
Distances of real signs to other real signs are taken for normal: their mean and deviation come with the
cohort, and the more signs a book holds, the more from its own signs, each a stranger to all others. The
nearest of many signs is nearer by chance than one, so the threshold grows stricter with the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.sign import Candidate
from accessify.signs.encoding import Cohort, Floats, SignCodes, distances

NEAREST = 10
"""Cohort signs whose mean distance is what is usual."""
USUAL = 0.5
"""Share of it that is taken off, for references and for the query."""
COMPANY = 200
"""References of the book at most, evenly picked, that are measured against all others."""
PRIOR = 10
"""Signs of a book from which its own distances say more about strangers than what comes with the cohort."""
EVEN = 0.1
"""Where so large a share of strangers comes by chance, an answer is as likely to be right as to be none;
whatever share is let pass."""
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
        self._level = self._measure() if len(self._codes) else None

    @property
    def threshold(self) -> float:
        """The largest distance that is an answer to one question; none is where nothing is enrolled."""
        return self.reached_by(1)

    def reached_by(self, questions: int, false_signs: float | None = None) -> float:
        """The largest distance that is an answer where so many questions are asked about one sign.

        `false_signs` goes before that of the options.
        """
        if self._level is None:
            return float("-inf")
        share = self._options.false_signs if false_signs is None else false_signs
        return self._level.reached_by(share, questions * len(self._enrolled))

    def distances(self, query: SignCodes) -> Floats:
        """Distances [signs] of the one clip in `query` to each enrolled sign, counted from what is usual."""
        among = usual(distances(query, self._cohort.codes, self._cohort.whole))
        usually = self._level.usual if self._level else 0
        apart = distances(query, self._codes, self._cohort.whole) - usually - among
        return by_sign(apart, self._counts)

    def match(self, query: SignCodes) -> Match:
        """The enrolled signs nearest to the one clip in `query`, and whether the first is the answer."""
        if not self._enrolled:
            return Match((), known=False)
        apart = self.distances(query)
        sure = probabilities(apart, self.reached_by(1, EVEN), self._cohort.spread)
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

    def _measure(self) -> Level:
        """What is usual for each reference, and how near strangers come to the book by chance."""
        company = np.unique(np.linspace(0, len(self._codes) - 1, COMPANY).astype(np.intp))
        inside = [
            distances(self._codes[slice(row, row + 1)], self._codes, self._cohort.whole) for row in company
        ]
        apart = Apart(from_cohort(self._cohort, self._codes), np.stack(inside), company, self._counts)
        return measure(apart, self._cohort)


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """Plain distances of the references of a book, those of a sign behind each other."""

    strangers: Floats
    """Shape [cohort, references]: of each sign of the cohort."""
    inside: Floats
    """Shape [company, references]: of some references, or all."""
    company: NDArray[np.intp]
    """Shape [company]: which references those are, rising."""
    counts: NDArray[np.intp]
    """Shape [signs]: how many references each sign has, at least one."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What distances to a book count from, and up to where they are answers."""

    usual: Floats
    """Shape [references]: to be taken off distances to them."""
    strangers: NormalDist
    """Distances, less what is usual, of signs that are not in the book to one that is."""

    def reached_by(self, false_signs: float, questions: int) -> float:
        """The distance that in `false_signs` of all cases one of so many questions comes within by chance."""
        return self.strangers.inv_cdf(1 - (1 - false_signs) ** (1 / questions))


def measure(apart: Apart, cohort: Cohort) -> Level:
    """The level of a book."""
    owner = np.repeat(np.arange(len(apart.counts)), apart.counts)
    own = owner[apart.company][:, None] == owner[None]
    others = np.where(own, np.float32(np.inf), apart.inside)
    usually = usual(np.concatenate([apart.strangers, others]).T)
    queries = usual(apart.strangers[:, apart.company].T)
    colleagues = by_sign(others - usually - queries[:, None], apart.counts)
    colleagues = colleagues[np.isfinite(colleagues)].astype(np.float64)
    signs = len(apart.counts)
    trust = signs / (signs + PRIOR) if len(colleagues) else 0.0
    mean = trust * (colleagues.mean() if trust else 0.0) + (1 - trust) * cohort.stranger
    variance = trust * (colleagues.var() if trust else 0.0) + (1 - trust) * cohort.stranger_sd**2
    return Level(usually, NormalDist(float(mean), float(variance) ** 0.5))


def from_cohort(cohort: Cohort, references: SignCodes) -> Floats:
    """Distances [cohort, references] of each sign of the cohort to each reference."""
    codes = cohort.codes
    return np.stack([distances(codes[row : row + 1], references, cohort.whole) for row in range(len(codes))])


def usual(apart: Floats) -> Floats:
    """What is taken off distances whose last axis is that of those who are not it."""
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


def probabilities(apart: Floats, even: float, spread: float) -> Floats:
    """How likely each sign is [signs + 1], given distances [signs]; behind them that none of them is it.

    Not being enrolled is one more answer, as far away as `even`.
    """
    levels = -np.append(apart, even) / spread
    odds = np.exp(levels - levels.max())
    return np.asarray(odds / odds.sum(), np.float32)


def _joined(codes: Sequence[SignCodes], cohort: Cohort) -> SignCodes:
    none: NDArray[np.float32] = cohort.codes.moments[:0]
    return SignCodes(
        np.concatenate([none, *(one.moments for one in codes)]),
        np.concatenate([cohort.codes.wholes[:0], *(one.wholes for one in codes)]),
    )
