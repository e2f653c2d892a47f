"""The cohort that a sign encoder is shipped with: synthetic signs, and how far apart counts as far."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from accessify.core.placing import placed
from accessify.signs.alphabet import Alphabet
from accessify.signs.encoding import Cohort, SignCodes
from accessify.signs.match import Enrolled, Matcher
from accessify.training.chance import Chance
from accessify.training.sign_classes import SignClasses, draw_classes
from accessify.training.sign_network import FRAMES, SignEncoder
from accessify.training.sign_performances import Performer
from accessify.training.signs import SignTraining, shape_library

SIZE = 256
"""Signs of a cohort."""
WHOLE = 0.5
"""Weight of the distance of whole clips."""
BOOK = 12
"""Signs in each book that the spread is found with; as many more are asked for and not enrolled."""
BOOKS = 20
SPREADS = np.geomspace(0.01, 0.3, 24)


def make_cohort(encoder: SignEncoder, alphabet: Alphabet, seed: int = 1) -> Cohort:
    """Signs for an encoder to measure against, and the spread that makes its confidences truest.

    The spread is the likeliest for books of `BOOK` synthetic signs, asked for their own signs, performed by
    others, and for as many that are not in the book.
    """
    training = SignTraining()
    chance = Chance(seed)
    performer = Performer(shape_library(alphabet, training), chance, FRAMES)
    codes = _codes(encoder, performer, draw_classes(SIZE, training.shapes, chance))
    trials = []
    for _ in range(BOOKS):
        signs = draw_classes(2 * BOOK, training.shapes, chance)
        shown, asked = (_codes(encoder, performer, signs) for _ in range(2))
        enrolled = [Enrolled(str(row), shown[slice(row, row + 1)]) for row in range(BOOK)]
        matcher = Matcher(enrolled, Cohort(codes, WHOLE, 1.0))
        rows = [matcher.distances(asked[slice(row, row + 1)]) for row in range(2 * BOOK)]
        trials.append(np.column_stack([rows, np.full(2 * BOOK, matcher.threshold)]))
    truth = np.tile(np.minimum(np.arange(2 * BOOK), BOOK), BOOKS)
    apart = np.concatenate(trials)
    return Cohort(codes, WHOLE, min(SPREADS, key=lambda spread: _surprise(apart, truth, spread)))


def write_cohort(cohort: Cohort, target: Path) -> None:
    """Write a cohort as `accessify.engines.signs.read_cohort` reads it; codes in half precision."""
    with placed(target) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            moments=cohort.codes.moments.astype(np.float16),
            wholes=cohort.codes.wholes.astype(np.float16),
            whole=np.float64(cohort.whole),
            spread=np.float64(cohort.spread),
        )


def _codes(encoder: SignEncoder, performer: Performer, signs: SignClasses) -> SignCodes:
    with torch.no_grad():
        made = performer.perform(signs)
        moments, wholes = encoder(made.hands, made.seen, made.places)
    return SignCodes(moments.numpy(), wholes.numpy())


def _surprise(apart: np.ndarray, truth: np.ndarray, spread: float) -> float:
    """Mean negative log-probability of the true answers; distances [trials, answers], truth [trials]."""
    levels = -apart / spread
    top = levels.max(axis=1, keepdims=True)
    logs = levels - top - np.log(np.exp(levels - top).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(truth)), truth].mean())
