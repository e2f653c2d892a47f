"""How far one system's landmarks are from another's: distances, what only one of them finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.evaluation.landmark_tracks import Places, Tracks, found

VISIBLE = 0.5
"""Visibility in the reference from which a point of the body counts."""
CLOSE = 0.5
"""Pixels: mean distance of a hand's points under which the hand counts as equal."""
_SHOULDERS = 11, 12


@dataclass(frozen=True, slots=True)
class HandError:
    """One hand, in the pictures in which both systems found it."""

    frames: int
    mean_px: float
    median_px: float
    """Over all points of all pictures, as is the mean."""
    close_percent: float
    """Share of pictures whose points are off by less than `CLOSE` pixels on average."""
    box_percent: float
    """The mean in percent of the longer side of the box around the reference's hand, on average."""


@dataclass(frozen=True, slots=True)
class Finds:
    """In how many pictures a part was found, and by whom."""

    both: int
    only_ours: int
    only_theirs: int

    @property
    def ours(self) -> int:
        return self.both + self.only_ours

    @property
    def theirs(self) -> int:
        return self.both + self.only_theirs


def body_error(ours: Tracks, theirs: Tracks) -> tuple[float, float] | None:
    """Mean distance of the body's visible points in pixels and in percent of the shoulder width.

    Points count whose visibility in `theirs` is at least `VISIBLE`; the shoulder width is the mean over
    the pictures in which `theirs` sees a body. None where there is nothing to compare.
    """
    away = _distances(ours.body, theirs.body)[theirs.visibility >= VISIBLE]
    away = away[np.isfinite(away)]
    if not away.size:
        return None
    left, right = (theirs.body[found(theirs.body), shoulder] for shoulder in _SHOULDERS)
    width = float(np.linalg.norm(left - right, axis=1).mean())
    return float(away.mean()), 100 * float(away.mean()) / width


def mean_distance(ours: Places, theirs: Places) -> float | None:
    """Pixels, over all points of the pictures in which both found the part; None without any."""
    away = _distances(ours, theirs)
    away = away[np.isfinite(away)]
    return float(away.mean()) if away.size else None


def median_distance(ours: Places, theirs: Places) -> float | None:
    """The same, the median."""
    away = _distances(ours, theirs)
    away = away[np.isfinite(away)]
    return float(np.median(away)) if away.size else None


def largest_distance(ours: Tracks, theirs: Tracks) -> tuple[float | None, int]:
    """Pixels, over all points of the parts that both found, and how many parts only one of them found.

    A part counts once for each picture; the distance is None where nothing was found by both.
    """
    worst, alone = [], 0
    for one, other in _parts(ours, theirs):
        alone += int((found(one) != found(other)).sum())
        both = found(one) & found(other)
        if both.any():
            worst.append(float(_distances(one, other)[both].max()))
    return max(worst, default=None), alone


def _parts(ours: Tracks, theirs: Tracks) -> tuple[tuple[Places, Places], ...]:
    return tuple((getattr(ours, part), getattr(theirs, part)) for part in ("body", "left", "right", "face"))


def hand_error(ours: Places, theirs: Places) -> HandError | None:
    """How far one hand is off; None where no picture has it from both."""
    both = found(ours) & found(theirs)
    if not both.any():
        return None
    away = _distances(ours, theirs)[both]
    box = np.ptp(theirs[both], axis=1).max(axis=1)
    return HandError(
        frames=int(both.sum()),
        mean_px=float(away.mean()),
        median_px=float(np.median(away)),
        close_percent=100 * float((away.mean(axis=1) < CLOSE).mean()),
        box_percent=100 * float(away.mean() / box.mean()),
    )


def finds(ours: Places, theirs: Places) -> Finds:
    """Who found the part how often."""
    us, them = found(ours), found(theirs)
    return Finds(int((us & them).sum()), int((us & ~them).sum()), int((them & ~us).sum()))


def _distances(ours: Places, theirs: Places) -> NDArray[np.float64]:
    """Shape [frames, points]; NaN where either is missing."""
    away: NDArray[np.float64] = np.linalg.norm(ours - theirs, axis=2)
    return away
