"""How well one clip of a word, or a few, finds other people's clips of it, and when it is better silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.evaluation.word_books import BookDraws, WordBook
from accessify.evaluation.word_distances import WordDistances
from accessify.signs.answers import accuracy, answered, equal_error_rate
from accessify.signs.match import EVEN, Apart, MatchOptions, by_sign, measure, probabilities, usual

FALSE_ACCEPTS = 0.1
"""Share of strangers that may be taken for enrolled signs in `right_accepted`."""
_BINS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to one query."""

    rank: int | None
    """How many answers came before the right one; None where it is not enrolled."""
    nearest: float
    """Distance of the first answer."""
    confidence: float
    """Of the first answer."""
    known: bool
    """Whether the first answer is near enough to be told."""


def ask(
    found: WordDistances, query: int, book: WordBook, rng: np.random.Generator, options: MatchOptions
) -> Asked:
    """What `Matcher` would answer to the clip `query` with this book; ties are broken at random."""
    rows = book.references
    plain = Apart(
        found.strangers[:, rows], found.between[np.ix_(rows, rows)], np.arange(len(rows)), book.counts
    )
    level = measure(plain, found.cohort)
    threshold = level.reached_by(options.false_signs, len(book.words))
    away = found.between[query, rows] - level.usual - usual(found.strangers[:, query])
    apart = by_sign(away, book.counts)
    order = np.lexsort((rng.random(len(apart)), apart))
    word = str(found.words[query])
    rank = int(np.flatnonzero(order == book.words.index(word))[0]) if word in book.words else None
    near = float(apart[order[0]])
    return Asked(
        rank,
        near,
        float(probabilities(apart, level.reached_by(EVEN, len(book.words)), found.cohort.spread)[order[0]]),
        near <= threshold,
    )


def closed_figures(asked: Sequence[Asked], total: int) -> dict[str, float]:
    """Every query's word is enrolled; `total` counts queries that could not be asked too, which are wrong."""
    ranks = np.array([one.rank for one in asked])
    confidence = np.array([one.confidence for one in asked])
    return {
        "top1": float((ranks < 1).sum() / total),
        "top5": float((ranks < 5).sum() / total),
        "answered_50": answered(ranks < 1, confidence, 0.5),
    }


def open_figures(asked: Sequence[Asked]) -> dict[str, float]:
    """Some queries' words are enrolled, others' are not."""
    enrolled = np.array([one.rank is not None for one in asked])
    right = np.array([one.rank == 0 for one in asked])
    nearest = np.array([one.nearest for one in asked])
    known = np.array([one.known for one in asked])
    confidence = np.array([one.confidence for one in asked])
    limit = np.quantile(nearest[~enrolled], FALSE_ACCEPTS) if (~enrolled).any() else np.inf
    return {
        "equal_error_rate": equal_error_rate(nearest[enrolled], nearest[~enrolled]),
        "right_accepted": accuracy((right & (nearest <= limit))[enrolled]),
        "false_accepts": accuracy(known[~enrolled]),
        "false_rejects": accuracy(~known[enrolled]),
        "right_told": accuracy((right & known)[enrolled]),
        "calibration_error": calibration_error(right, confidence),
    }


def calibration_error(right: NDArray[np.bool_], confidence: NDArray[np.floating]) -> float:
    """How far confidence [n] is from the share that is right [n], in ten bins of equal width.

    The expected calibration error of Naeini, Cooper and Hauskrecht (AAAI 2015): the mean difference of
    both over the bins, by how many answers each holds.
    """
    bins = np.minimum((np.asarray(confidence) * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        here = bins == number
        if here.any():
            total += float(here.mean()) * abs(float(right[here].mean()) - float(confidence[here].mean()))
    return total


@dataclass(frozen=True, slots=True)
class Draws:
    """How often, and with how many clips of a word."""

    references: int = 1
    """Clips of each word that are enrolled, of different performances where there are as many."""
    draws: int = 20
    seed: int = 0


def score_words(
    found: WordDistances, draws: Draws, options: MatchOptions | None = None
) -> dict[str, NDArray[np.float64]]:
    """Figure → its value in each draw [draws], NaN where it has none.

    First all words are enrolled, then half of them (rounded down).
    A query whose word has no clip of another performance cannot be asked while all words are enrolled; it
    counts as wrong, as one does in which no hand is seen.
    """
    options = options or MatchOptions()
    rng = np.random.default_rng(draws.seed)
    books = BookDraws(found.words, found.takes, draws.references, rng)
    rows: list[dict[str, float]] = []
    for _ in range(draws.draws):
        everything = _ask_all(found, books, books.words, (rng, options))
        closed = [one for one in everything if one.rank is not None]
        some = _ask_all(found, books, books.some(len(books.words) // 2), (rng, options))
        rows.append(closed_figures(closed, len(found) + found.unseen) | open_figures(some))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _ask_all(
    found: WordDistances,
    books: BookDraws,
    words: Sequence[str],
    by: tuple[np.random.Generator, MatchOptions],
) -> list[Asked]:
    asked = []
    for query in range(len(found)):
        book = books.draw(query, words)
        if book.words:
            asked.append(ask(found, query, book, *by))
    return asked
