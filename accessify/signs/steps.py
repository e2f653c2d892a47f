"""Even steps in time: whatever the frame rate, what reads motion sees the same hand at the same moments.

Between two pictures a hand is taken to move on a straight line, also where a camera is slow or uneven. A hand
that is lost for a moment (a blurred picture) is filled in the same way; lost for longer it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import TICKS_PER_SECOND, millis
from accessify.signs.clip import SignClip

STEP = TICKS_PER_SECOND // 30
"""Ticks between two steps."""
BLINK = millis(140)
"""A hand may be lost this long: two pictures of 15 a second."""
SLOWEST = millis(600)
"""Pictures that follow each other may be this far apart: nothing between them says that the hand was lost."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """One signer's hands at even moments."""

    times: NDArray[np.int64]
    """Shape [n], int64: ticks, `STEP` apart."""
    hands: Floats
    """Shape [n, 2, 21, 3], as in `SignClip`."""
    places: Floats
    """Shape [n, 2, 3], as in `SignClip`."""
    wrists: Floats
    """Shape [n, 2, 3]: the body's wrist on each hand's side, in shoulder widths; NaN where missing."""


class Stepper:
    """Turns pictures pushed piece by piece into even steps."""

    def __init__(self) -> None:
        self._rows: list[NDArray[np.float32]] = []  # flattened pictures that may still be needed
        self._times: list[int] = []
        self._next: int | None = None  # tick of the next step

    def push(self, clip: SignClip) -> Steps:
        """The steps that are certain now; pictures must follow those before."""
        if len(clip) and self._times and clip.times[0] <= self._times[-1]:
            raise ValueError("pictures must come in order of time: give each frame once")
        rows = np.concatenate([clip.hands.reshape(len(clip), 2, 63), clip.places, clip.body[:, 5:]], axis=2)
        self._rows.extend(np.where(np.isfinite(rows), rows, np.float32(np.nan)))
        self._times.extend(clip.times.tolist())
        return self._until(self._certain())

    def finish(self) -> Steps:
        """The steps up to the last picture; the next one pushed begins anew."""
        steps = self._until(self._times[-1] if self._times else -1)
        self._rows, self._times, self._next = [], [], None
        return steps

    def _certain(self) -> int:
        """Last tick about which no later picture can say more."""
        if not self._times:
            return -1
        newest, certain = self._times[-1], self._times[-1]
        for hand in range(2):
            seen = next(
                (t for t, row in zip(self._times[::-1], self._rows[::-1], strict=True) if _seen(row[hand])),
                None,
            )
            if seen is not None and newest - seen <= BLINK:
                certain = min(certain, seen)
        return certain

    def _until(self, tick: int) -> Steps:
        if not self._times:
            return _table(np.empty(0, np.int64), np.empty((0, 2, 69), np.float32))
        if self._next is None:
            self._next = self._times[0]
        times = np.arange(self._next, tick + 1, STEP, dtype=np.int64)
        if not len(times):
            return _table(times, np.empty((0, 2, 69), np.float32))
        self._next = int(times[-1]) + STEP
        known, rows = np.array(self._times), np.stack(self._rows)
        values = np.stack([_between(times, known, rows[:, hand]) for hand in range(2)], axis=1)
        keep = int(np.searchsorted(known, self._next - 2 * SLOWEST))
        self._times, self._rows = self._times[keep:], self._rows[keep:]
        return _table(times, values)


def parts(clip: SignClip, longest: int) -> list[SignClip]:
    """`clip` cut where nothing was filmed for `longest` ticks."""
    cuts = [0, *(np.flatnonzero(np.diff(clip.times) > longest) + 1).tolist(), len(clip)]
    return [
        replace(
            clip,
            times=clip.times[a:b],
            hands=clip.hands[a:b],
            places=clip.places[a:b],
            body=clip.body[a:b],
        )
        for a, b in pairwise(cuts)
        if a < b
    ]


def _seen(row: Floats) -> bool:
    return bool(np.isfinite(row[:63]).all())


def _between(times: NDArray[np.int64], known: NDArray[np.int64], rows: Floats) -> Floats:
    """One hand's values at `times`: between the nearest pictures with it, NaN if those are too far apart."""
    use = np.flatnonzero(np.isfinite(rows[:, :63]).all(axis=1))
    found = np.full((len(times), rows.shape[1]), np.nan, np.float32)
    if not len(use):
        return found
    at = known[use]
    after = np.searchsorted(at, times)
    before = np.where(at[np.minimum(after, len(at) - 1)] == times, after, after - 1)
    good = (before >= 0) & (after < len(at))
    before, after = before[good], after[good]
    apart = np.where(use[after] - use[before] > 1, BLINK, SLOWEST)
    good[good] = near = at[after] - at[before] <= apart
    before, after = before[near], after[near]
    width = np.maximum(at[after] - at[before], 1)
    share = ((times[good] - at[before]) / width).astype(np.float32)[:, None]
    found[good] = rows[use[before]] * (1 - share) + rows[use[after]] * share
    return found


def _table(times: NDArray[np.int64], values: Floats) -> Steps:
    return Steps(
        times, values[:, :, :63].reshape(len(times), 2, 21, 3), values[:, :, 63:66], values[:, :, 66:]
    )
