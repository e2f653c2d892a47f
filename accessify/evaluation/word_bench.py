"""The words bench: one clip of a sign enrolled, or a few, and other people's clips of it to be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.errors import FormatError, OptionError
from accessify.core.progress import OnProgress, Progress
from accessify.delivery.word_sets import ASPECT, WordSet, read_words
from accessify.evaluation.machine import software
from accessify.evaluation.word_distances import WordDistances, word_distances
from accessify.evaluation.word_score import Draws, score_words
from accessify.hub.cache import sha256_of
from accessify.hub.shipped import SIGN_COHORT, SIGNS, shipped_model
from accessify.pipelines.signing import sign_encoder

SCHEMA = 1
"""Version of the bench file's layout."""
FEWEST = 3
"""Words that must have clips of two performances, so that half of them are at least one."""
_PACKAGES = ("accessify", "numpy", "onnxruntime")


@dataclass(frozen=True, slots=True)
class WordBenchOptions:
    """How often is drawn, and what the file does not tell."""

    aspect: float = ASPECT
    """Width of the pictures by their height."""
    references: int = 1
    """Clips of each word that are enrolled."""
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.references < 1 or self.draws < 1:
            raise OptionError("give at least 1 reference and 1 draw")
        if not 0.1 <= self.aspect <= 10:
            raise OptionError(f"aspect {self.aspect}: give the picture's width by its height, e.g. 1.78")


def bench_words(
    path: Path, options: WordBenchOptions | None = None, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """The figures of one file of words, ready for JSON: shares, mean over draws, `sd` over draws beside.

    Raises `FormatError` for a file that is none or has too few words to compare.
    """
    options = options or WordBenchOptions()
    if on_progress:
        on_progress(Progress("compare all clips", 0, None))
    words = read_words(path, aspect=options.aspect)
    found = compared(words, str(path))
    if on_progress:
        on_progress(Progress("draw references", 0, None))
    return {
        "bench": "words",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **drawn_figures(found, Draws(options.references, options.draws, options.seed)),
        "options": {
            "aspect": options.aspect,
            "references": options.references,
            "draws": options.draws,
            "seed": options.seed,
        },
        "data": described(words, found) | {"sha256": sha256_of(path)},
        "models": {name: sha256_of(shipped_model(name)) for name in (SIGNS, SIGN_COHORT)},
        "software": software(_PACKAGES),
    }


def compared(words: WordSet, source: str) -> WordDistances:
    """All clips of a set against each other, by the shipped encoder; raises `FormatError` for too few."""
    encoder, cohort = sign_encoder()
    found = word_distances(words.clips, encoder, cohort)
    takes = [len(np.unique(found.takes[found.words == word])) for word in np.unique(found.words)]
    if sum(count > 1 for count in takes) < FEWEST:
        raise FormatError(
            f"fewer than {FEWEST} words have clips of two takes in which a hand is seen; give more clips",
            source=source,
        )
    return found


def drawn_figures(found: WordDistances, draws: Draws) -> dict[str, Any]:
    """Mean of each figure over the draws that have it, and under `sd` their standard deviations."""
    there = {name: row[np.isfinite(row)] for name, row in score_words(found, draws).items()}
    values = {name: row for name, row in there.items() if len(row)}
    return {name: float(row.mean()) for name, row in values.items()} | {
        "sd": {name: float(row.std()) for name, row in values.items()}
    }


def described(words: WordSet, found: WordDistances) -> dict[str, Any]:
    """What the set holds."""
    return {
        "name": words.name,
        "clips": len(words.clips),
        "words": len(np.unique(found.words)),
        "takes": len(np.unique(found.takes)),
        "too_short": words.short,
        "no_hand": found.unseen,
    }
