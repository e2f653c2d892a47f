"""Distances between all clips of a word set, once for all draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.delivery.word_sets import WordClip
from accessify.signs.encoding import Cohort, Floats, SignCodes, SignEncoder, distances
from accessify.signs.match import from_cohort
from accessify.signs.normalize import normalize
from accessify.signs.samples import Samples, sample, stack


@dataclass(frozen=True, slots=True, eq=False)
class WordDistances:
    """n clips against each other, and a cohort of strangers against them."""

    words: NDArray[np.str_]
    """Shape [n]: what each clip shows."""
    takes: NDArray[np.int64]
    """Shape [n]: clips of one number show the same performance."""
    between: Floats
    """Shape [n, n], float32: of each query (row) to each reference."""
    strangers: Floats
    """Shape [cohort, n], float32: of each sign of the cohort to each clip."""
    cohort: Cohort
    """Those strangers."""
    unseen: int = 0
    """Clips that are left out because no dominant hand is seen in them."""

    def __len__(self) -> int:
        return len(self.words)


def word_codes(clips: Sequence[WordClip], encoder: SignEncoder) -> tuple[SignCodes, list[int]]:
    """Codes of the clips in which a dominant hand is seen, and which clips those are."""
    samples: list[Samples] = []
    kept: list[int] = []
    for index, one in enumerate(clips):
        signing = normalize(one.clip)
        if signing.seen[:, 0].any():
            samples.append(sample(signing))
            kept.append(index)
    return encoder(stack(samples)), kept


def word_distances(clips: Sequence[WordClip], encoder: SignEncoder, cohort: Cohort) -> WordDistances:
    """All distances of `clips`, whole clips as they are."""
    codes, kept = word_codes(clips, encoder)
    raw = [distances(codes[row : row + 1], codes, cohort.whole) for row in range(len(codes))]
    between = np.stack(raw) if raw else np.zeros((0, 0), np.float32)
    return WordDistances(
        np.array([clips[index].word for index in kept], np.str_),
        np.array([clips[index].take for index in kept], np.int64),
        between,
        from_cohort(cohort, codes),
        cohort,
        len(clips) - len(kept),
    )
