"""What compares signs: the protocol of a sign encoder, its answer, and distances between two clips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.signs.samples import MOMENTS, Samples

Floats = NDArray[np.float32]

BAND = 6
"""Moments by which one clip may run ahead of the other (Sakoe and Chiba 1978: a fifth of the length)."""


@dataclass(frozen=True, slots=True, eq=False)
class SignCodes:
    """n clips as an encoder sees them."""

    moments: Floats
    """Shape [n, 32, d], float32: each moment as a vector 1 long; the same moment of a sign is near."""
    wholes: Floats
    """Shape [n, e], float32: each clip as a vector 1 long."""

    def __len__(self) -> int:
        return len(self.moments)

    def __getitem__(self, index: NDArray[np.intp] | slice) -> SignCodes:
        return SignCodes(self.moments[index], self.wholes[index])


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Signs that nobody enrolled, and how distances are weighed: what an encoder is shipped with."""

    codes: SignCodes
    """Synthetic signs, of no language."""
    whole: float
    """Weight of the distance of whole clips beside that in time."""
    spread: float
    """Distance that makes an answer e times as likely, found on synthetic signs."""
    stranger: float = 0.4
    """Mean distance, counted from what is usual, of a real sign to another one."""
    stranger_sd: float = 0.2
    """Its standard deviation."""


class SignEncoder(Protocol):
    """Sees what is done in a clip, not who does it."""

    def __call__(self, samples: Samples) -> SignCodes:
        """Codes of all `samples`; there may be none."""
        ...


def distances(query: SignCodes, references: SignCodes, weight: float) -> Floats:
    """Distances [n] of one clip to `references`: in time, plus `weight` times that of the wholes."""
    apart = 1 - references.wholes @ query.wholes[0]
    return np.asarray(warped(query.moments[0], references.moments) + weight * apart, np.float32)


def warped(query: Floats, references: Floats, band: int = BAND) -> Floats:
    """Mean distance [n] of moments [32, d] to moments [n, 32, d], each clip stretched in time to fit best.

    Dynamic time warping (Sakoe and Chiba 1978) with Euclidean cost in a band, symmetric steps of equal
    weight, over the length; all references at a time.
    """
    count, length = references.shape[:2]
    likeness = np.matmul(
        query, references.transpose(1, 2, 0)
    )  # [length, moments, n]: rows of n for each cell
    costs = np.sqrt(np.maximum(2 - 2 * likeness.transpose(1, 0, 2), 0))
    endless = np.full(count, np.inf, np.float32)
    before: list[Floats] = [endless] * (length + 1)
    for row in range(length):
        now: list[Floats] = [endless] * (length + 1)
        for column in range(max(0, row - band), min(length, row + band + 1)):
            if row == column == 0:
                now[1] = costs[0, 0]
                continue
            best = np.minimum(np.minimum(before[column], before[column + 1]), now[column])
            now[column + 1] = best + costs[row, column]
        before = now
    return np.asarray(before[length] / length, np.float32)


def warping_path(query: Floats, reference: Floats, band: int = BAND) -> list[tuple[int, int]]:
    """Which moments of two clips [32, d] belong together by `warped`, from start to end."""
    costs = np.sqrt(np.maximum(2 - 2 * query @ reference.T, 0))
    total = np.full((MOMENTS + 1, MOMENTS + 1), np.inf)
    total[0, 0] = 0
    for row in range(MOMENTS):
        for column in range(max(0, row - band), min(MOMENTS, row + band + 1)):
            best = min(total[row, column], total[row, column + 1], total[row + 1, column])
            total[row + 1, column + 1] = best + costs[row, column]
    path, row, column = [], MOMENTS, MOMENTS
    while row and column:
        path.append((row - 1, column - 1))
        steps = ((row - 1, column - 1), (row - 1, column), (row, column - 1))
        row, column = min(steps, key=lambda cell: total[cell])
    return path[::-1]
