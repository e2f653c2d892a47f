"""Codes of made-up signs, for tests of matching."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from accessify.signs.encoding import Cohort, Floats, SignCodes, distances
from accessify.signs.match import from_cohort, usual
from accessify.signs.samples import MOMENTS


def unit(vectors: np.ndarray) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def some_codes(count: int, seed: int = 0, size: int = 8) -> SignCodes:
    """`count` signs that have nothing to do with each other; within each, moments change slowly."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, 1, (count, MOMENTS, size)).cumsum(axis=1) + random.normal(0, 3, (count, 1, size))
    return SignCodes(unit(steps), unit(random.normal(0, 1, (count, 5))))


def again(codes: SignCodes, seed: int = 1, noise: float = 0.1) -> SignCodes:
    """The same signs, performed a little otherwise."""
    random = np.random.default_rng(seed)
    return SignCodes(
        unit(codes.moments + random.normal(0, noise, codes.moments.shape)),
        unit(codes.wholes + random.normal(0, noise, codes.wholes.shape)),
    )


def some_cohort(count: int = 60, whole: float = 0.5, spread: float = 0.1) -> Cohort:
    """Strangers, and how far apart they are."""
    bare = Cohort(some_codes(count, seed=99), whole, spread)
    others = some_codes(40, seed=98)
    usually = usual(from_cohort(bare, others).T)
    plain = [distances(others[row : row + 1], others, whole) for row in range(40)]
    apart = (np.stack(plain) - usually[None] - usually[:, None])[~np.eye(40, dtype=bool)]
    return replace(bare, stranger=float(apart.mean()), stranger_sd=float(apart.std()))
