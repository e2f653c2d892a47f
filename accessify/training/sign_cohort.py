"""The cohort that a sign encoder is shipped with: synthetic signs, and how far apart counts as far."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from accessify.core.placing import placed
from accessify.signs.alphabet import Alphabet
from accessify.signs.encoding import Cohort, Floats, SignCodes, SignEncoder
from accessify.signs.match import Enrolled, Matcher, MatchOptions
from accessify.signs.samples import Samples, stack
from accessify.training.chance import Chance
from accessify.training.sign_classes import SignClasses, draw_classes
from accessify.training.sign_network import FRAMES
from accessify.training.sign_performances import Performer
from accessify.training.signs import SignTraining, shape_library

SIZE = 192
"""Signs of a cohort."""
WHOLE = 0.7
"""Weight of the distance of whole clips: half of what makes both distances equally large."""
BOOK = 6
"""Signs in each book that is tried; as many more are asked for and not enrolled."""
BOOKS = 30
SPREADS = np.geomspace(0.01, 0.5, 30)
LIBERTY = 2.0
"""How much more than in training performances differ when the spread is found: people surprise."""


def make_cohort(
    encoder: SignEncoder, alphabet: Alphabet, real: Sequence[Samples] = (), seed: int = 1
) -> Cohort:
    """Signs for an encoder to measure against, and what its distances mean.

    The spread is the likeliest for books of `BOOK` synthetic signs, asked for their own signs, performed
    otherwise, and for as many that are not enrolled. `real` are clips of real signs, each another: how
    near they come to each other, beside synthetic ones, is the gap; without them it is 0.
    """
    training, chance = SignTraining(), Chance(seed)
    library = shape_library(alphabet, training)
    codes = _codes(encoder, Performer(library, chance, FRAMES), draw_classes(SIZE, training.shapes, chance))
    plain = Cohort(codes, WHOLE, 1.0)
    gap = _gap(encoder(stack(real)), plain, np.random.default_rng(seed)) if real else 0.0
    free = Performer(library, chance, FRAMES, LIBERTY)
    trials = []
    for _ in range(BOOKS):
        signs = draw_classes(2 * BOOK, training.shapes, chance)
        shown, asked = (_codes(encoder, free, signs) for _ in range(2))
        matcher = _matcher(shown, plain, range(BOOK))
        rows = [matcher.distances(asked[slice(row, row + 1)]) for row in range(2 * BOOK)]
        trials.append(np.column_stack([np.stack(rows), np.full(2 * BOOK, matcher.threshold)]))
    truth = np.tile(np.minimum(np.arange(2 * BOOK), BOOK), BOOKS)
    apart = np.concatenate(trials)
    return Cohort(codes, WHOLE, float(min(SPREADS, key=lambda one: _surprise(apart, truth, one))), gap)


def write_cohort(cohort: Cohort, target: Path) -> None:
    """Write a cohort as `accessify.engines.signs.read_cohort` reads it; codes in 127 steps."""
    with placed(target) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            moments=_stepped(cohort.codes.moments),
            wholes=_stepped(cohort.codes.wholes),
            whole=np.float64(cohort.whole),
            spread=np.float64(cohort.spread),
            gap=np.float64(cohort.gap),
        )


def _stepped(vectors: Floats) -> NDArray[np.int8]:
    """Vectors in steps of 1/127 of their own largest number."""
    scaled = 127 * vectors / np.abs(vectors).max(axis=-1, keepdims=True)
    return np.asarray(np.round(scaled), np.int8)


def _codes(encoder: SignEncoder, performer: Performer, signs: SignClasses) -> SignCodes:
    with torch.no_grad():
        made = performer.perform(signs)
    return encoder(Samples(made.hands.numpy(), made.seen.numpy(), made.places.numpy()))


def _matcher(codes: SignCodes, cohort: Cohort, rows: Sequence[int] | range) -> Matcher:
    """The clips `rows` as a book so small that its threshold is the cohort's."""
    enrolled = [Enrolled(str(row), codes[slice(row, row + 1)]) for row in rows]
    return Matcher(enrolled, cohort, MatchOptions(false_signs=1 / (BOOK + 2)))


def _gap(codes: SignCodes, cohort: Cohort, rng: np.random.Generator) -> float:
    """How much nearer real strangers come than the threshold of synthetic ones, over drawn books."""
    nearer = []
    for _ in range(BOOKS):
        order = rng.permutation(len(codes))
        size = min(BOOK, len(codes) // 2)
        matcher = _matcher(codes, cohort, order[:size].tolist())
        best = [float(matcher.distances(codes[slice(row, row + 1)]).min()) for row in order[size:]]
        nearer.append(matcher.threshold - float(np.quantile(best, 1 / (BOOK + 2))))
    return float(np.mean(nearer))


def _surprise(apart: Floats, truth: NDArray[np.intp], spread: float) -> float:
    """Mean negative log-probability of the true answers; distances [trials, answers], truth [trials]."""
    levels = -apart / spread
    top = levels.max(axis=1, keepdims=True)
    logs = levels - top - np.log(np.exp(levels - top).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(truth)), truth].mean())
