"""How often answers are right, and what silence buys: the figures of letters and signs alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def accuracy(right: NDArray[np.bool_]) -> float:
    """Share of answers [n] that are right."""
    return float(np.mean(right)) if len(right) else float("nan")


def answered(right: NDArray[np.bool_], confidence: NDArray[np.floating], share: float) -> float:
    """Share that is right among the `share` of answers [n] with the highest confidence [n].

    Equal confidences count as if they had been put in order against us: the wrong ones first.
    """
    count = round(share * len(right))
    if not count:
        return float("nan")
    order = np.lexsort((right, -np.asarray(confidence)))
    return float(np.mean(right[order[:count]]))


def equal_error_rate(known: NDArray[np.floating], unknown: NDArray[np.floating]) -> float:
    """Where as large a share of `known` distances is refused as of `unknown` ones is accepted.

    A distance is accepted up to a threshold; the rate is the mean of both shares at the threshold where they
    are nearest to each other (ISO/IEC 19795-1 calls them false non-match and false match rate).
    """
    if not len(known) or not len(unknown):
        return float("nan")
    levels = np.unique(np.concatenate([known, unknown]))
    refused = 1 - np.searchsorted(np.sort(known), levels, side="right") / len(known)
    accepted = np.searchsorted(np.sort(unknown), levels, side="right") / len(unknown)
    nearest = int(np.argmin(np.abs(refused - accepted)))
    return float((refused[nearest] + accepted[nearest]) / 2)


def letter_figures(
    logs: NDArray[np.float32], labels: Sequence[str], letters: Sequence[str]
) -> dict[str, Any]:
    """Figures of log-probabilities [n, letters] for rows that show `labels`, all of them in `letters`.

    Shares of the rows, but `by_letter`, which is the mean of each shown letter's own share; `confused` has
    the commonest mistakes with how often they were made. Raises `ValueError` for another label.
    """
    best = logs.argmax(axis=1)
    truth = np.array([letters.index(label) for label in labels], np.intp)
    right = best == truth
    three = (np.argsort(-logs, axis=1)[:, :3] == truth[:, None]).any(axis=1)
    wrong: dict[str, int] = {}
    for said, shown in zip(best[~right], truth[~right], strict=True):
        pair = f"{letters[shown]} taken for {letters[said]}"
        wrong[pair] = wrong.get(pair, 0) + 1
    return {
        "rows": len(right),
        "accuracy": accuracy(right),
        "top3": accuracy(three),
        "answered_90": answered(right, logs.max(axis=1), 0.9),
        "answered_70": answered(right, logs.max(axis=1), 0.7),
        "by_letter": accuracy(np.array([right[truth == letter].mean() for letter in np.unique(truth)])),
        "confused": dict(sorted(wrong.items(), key=lambda item: -item[1])[:12]),
    }
