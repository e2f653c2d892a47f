"""How much landmarks tremble, and what calming them costs in lag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.evaluation.landmark_tracks import Places

SLOW, FAST = 0.3, 0.3
"""Share of the pictures, slowest and fastest first, in which trembling and lag are looked at."""


@dataclass(frozen=True, slots=True)
class Jitter:
    """The median second difference of two systems over the same points of the same pictures."""

    ours_px: float
    theirs_px: float

    @property
    def ratio(self) -> float:
        return self.ours_px / self.theirs_px


@dataclass(frozen=True, slots=True)
class Calming:
    """What a filter does to hands."""

    jitter_ratio: float
    """Median second difference in the slowest pictures, filtered / as seen."""
    lag_px: float
    """How far the filtered hand is behind in the fastest pictures, along its way."""
    lag_frames: float
    """The same in pictures: the lag in pixels / the mean speed in pixels a picture."""
    speed_px: float
    """That speed."""


def second_differences(places: Places) -> NDArray[np.float64]:
    """|p(t+1) - 2 p(t) + p(t-1)|, shape [frames - 2, points]; NaN where one of the three is missing.

    A point that moves evenly has none, so it shows trembling and not motion.
    """
    away: NDArray[np.float64] = np.linalg.norm(places[2:] - 2 * places[1:-1] + places[:-2], axis=2)
    return away


def jitter(ours: Places, theirs: Places, counts: NDArray[np.bool_] | None = None) -> Jitter | None:
    """Over points that both have in three pictures in a row; None without any, or where theirs rest.

    `counts` [frames, points] leaves out points in pictures (and the two beside) where it is false.
    """
    us, them = second_differences(ours), second_differences(theirs)
    both = np.isfinite(us) & np.isfinite(them)
    if counts is not None:
        both &= counts[2:] & counts[1:-1] & counts[:-2]
    if not both.any() or not np.median(them[both]):
        return None
    return Jitter(float(np.median(us[both])), float(np.median(them[both])))


def calming(seen: Sequence[Places], calmed: Sequence[Places]) -> Calming | None:
    """What smoothing made of hands: `seen` as found and `calmed`, one array a hand, in the same order.

    The speed of a hand in a picture is the mean over its points of |p(t+1) - p(t-1)| / 2 as seen.
    None where no hand is there in three pictures in a row.
    """
    velocity = np.concatenate([(hand[2:] - hand[:-2]) / 2 for hand in seen])
    before = np.concatenate([second_differences(hand) for hand in seen])
    after = np.concatenate([second_differences(hand) for hand in calmed])
    offset = np.concatenate([(b - a)[1:-1] for a, b in zip(seen, calmed, strict=True)])
    whole = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    if not whole.any():
        return None
    pace = np.linalg.norm(velocity[whole], axis=2)
    speed = pace.mean(axis=1)
    slow, fast = speed <= np.quantile(speed, SLOW), speed >= np.quantile(speed, 1 - FAST)
    trembling = float(np.median(before[whole][slow]))
    behind = -(offset[whole] * velocity[whole]).sum(axis=2) / np.maximum(pace, 1e-9)
    lag, fastest = float(behind[fast].mean()), float(pace[fast].mean())
    return Calming(
        jitter_ratio=float(np.median(after[whole][slow])) / trembling if trembling else 1.0,
        lag_px=lag,
        lag_frames=lag / fastest if fastest else 0.0,
        speed_px=fastest,
    )
