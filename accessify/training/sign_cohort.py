"""The cohort that a sign encoder is shipped with: synthetic signs, and how far apart counts as far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from accessify.core.placing import placed
from accessify.signs.alphabet import Alphabet
from accessify.signs.encoding import Cohort, Floats, SignCodes, SignEncoder, distances
from accessify.signs.match import Enrolled, Matcher, from_cohort, usual
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
SYNTHETIC = 60
"""Signs that stand for real ones where there are none."""
BOOK = 6
"""Signs in each book that is tried; as many more are asked for and not enrolled."""
BOOKS = 30
SPREADS = np.geomspace(0.01, 0.5, 30)
LIBERTY = 2.0
"""How much more than in training performances differ when the spread is found: people surprise."""


def make_cohort(
    encoder: SignEncoder, alphabet: Alphabet, real: Sequence[Sequence[Samples]] = (), seed: int = 1
) -> Cohort:
    """Signs for an encoder to measure against, and what its distances mean.

    The spread is the likeliest for books of `BOOK` synthetic signs, asked for their own signs, performed
    otherwise, and for as many that are not enrolled. `real` are clips of real signing, those of a film
    together, from which is seen how near strangers come; without them it is seen from synthetic signs, which
    lie further apart.
    """
    training, chance = SignTraining(), Chance(seed)
    library = shape_library(alphabet, training)
    codes = _codes(encoder, Performer(library, chance, FRAMES), draw_classes(SIZE, training.shapes, chance))
    bare = Cohort(codes, WHOLE, 1.0)
    free = Performer(library, chance, FRAMES, LIBERTY)
    made = [[one] for one in _samples(free, training, chance)]
    invented = _with_strangers(bare, encoder, made)
    spread = _spread(encoder, free, invented, training, chance)
    return replace(_with_strangers(bare, encoder, real) if real else invented, spread=spread)


def write_cohort(cohort: Cohort, target: Path) -> None:
    """Write a cohort as `accessify.engines.signs.read_cohort` reads it; codes in 127 steps."""
    with placed(target) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            moments=_stepped(cohort.codes.moments),
            wholes=_stepped(cohort.codes.wholes),
            whole=np.float64(cohort.whole),
            spread=np.float64(cohort.spread),
            stranger=np.float64(cohort.stranger),
            stranger_sd=np.float64(cohort.stranger_sd),
        )


def _stepped(vectors: Floats) -> NDArray[np.int8]:
    """Vectors in steps of 1/127 of their own largest number."""
    scaled = 127 * vectors / np.abs(vectors).max(axis=-1, keepdims=True)
    return np.asarray(np.round(scaled), np.int8)


def _perform(performer: Performer, signs: SignClasses) -> Samples:
    with torch.no_grad():
        made = performer.perform(signs)
    return Samples(made.hands.numpy(), made.seen.numpy(), made.places.numpy())


def _codes(encoder: SignEncoder, performer: Performer, signs: SignClasses) -> SignCodes:
    return encoder(_perform(performer, signs))


def _samples(performer: Performer, training: SignTraining, chance: Chance) -> list[Samples]:
    made = _perform(performer, draw_classes(SYNTHETIC, training.shapes, chance))
    rows = [slice(row, row + 1) for row in range(SYNTHETIC)]
    return [Samples(made.hands[row], made.seen[row], made.places[row]) for row in rows]


def _with_strangers(cohort: Cohort, encoder: SignEncoder, films: Sequence[Sequence[Samples]]) -> Cohort:
    """The cohort with what is found of distances between clips of different films."""
    codes = encoder(stack([clip for one in films for clip in one]))
    film = np.repeat(np.arange(len(films)), [len(one) for one in films])
    usually = usual(from_cohort(cohort, codes).T)
    plain = [distances(codes[slice(row, row + 1)], codes, cohort.whole) for row in range(len(codes))]
    apart = (np.stack(plain) - usually[None] - usually[:, None])[film[:, None] != film[None]]
    return replace(cohort, stranger=float(apart.mean()), stranger_sd=float(apart.std()))


def _spread(
    encoder: SignEncoder, performer: Performer, cohort: Cohort, training: SignTraining, chance: Chance
) -> float:
    """The spread with which the answers of drawn books are the likeliest."""
    trials = []
    for _ in range(BOOKS):
        signs = draw_classes(2 * BOOK, training.shapes, chance)
        shown, asked = (_codes(encoder, performer, signs) for _ in range(2))
        matcher = Matcher([Enrolled(str(row), shown[slice(row, row + 1)]) for row in range(BOOK)], cohort)
        rows = [matcher.distances(asked[slice(row, row + 1)]) for row in range(2 * BOOK)]
        trials.append(np.column_stack([np.stack(rows), np.full(2 * BOOK, matcher.threshold)]))
    truth = np.tile(np.minimum(np.arange(2 * BOOK), BOOK), BOOKS)
    apart = np.concatenate(trials)
    return float(min(SPREADS, key=lambda one: _surprise(apart, truth, one)))


def _surprise(apart: Floats, truth: NDArray[np.intp], spread: float) -> float:
    """Mean negative log-probability of the true answers; distances [trials, answers], truth [trials]."""
    levels = -apart / spread
    top = levels.max(axis=1, keepdims=True)
    logs = levels - top - np.log(np.exp(levels - top).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(truth)), truth].mean())
