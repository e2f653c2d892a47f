"""How hands move, on a steady clock: places and speeds fitted to uneven, trembling, incomplete pictures.

At every step a straight line is fitted to what was seen of each hand within `HALF` before and behind it, so
one rule holds for every frame rate (Savitzky and Golay, "Smoothing and Differentiation of Data by
Simplified Least Squares Procedures", Analytical Chemistry 1964, for even times). Speed is fitted as a
vector: where a hand turns, its speed dips, though it may never stand still. Where the hand's landmarks are
lost, the body's wrist stands in; the two are never mixed, because they are not the same point.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import millis, to_seconds
from accessify.signs.arms import Arms

Numbers = NDArray[np.float64]

STEP = millis(20)
"""Ticks between two moments at which motion is told."""
HALF = millis(100)
"""Half of the window that a line is fitted to; how far behind the pictures this stays."""
GAP = millis(250)
"""A hand not seen for so long is gone: 0.2 s without it, and the steps to the pictures around."""
FASTEST = 20.0
"""Shoulder widths a second that no hand moves; what seems to is another hand or a false find."""
SHARPEST = 60.0
"""Shoulder widths a second, a second: how sharply hands turn (0.7 widths in a quarter of a second)."""
LEAP = 0.2
"""Shoulder widths that landmarks are wrong by at most."""
SHAPE = 0.5
"""Weight of the fingers' motion against the hand's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Both hands at one moment."""

    time: int
    """Tick."""
    places: Numbers
    """Shape [2, 2]: the wrists in shoulder widths; the last known for `GAP`, then NaN."""
    speeds: Numbers
    """Shape [2]: of hand and fingers together, in shoulder widths a second; 0 where not known."""
    sinking: NDArray[np.bool_]
    """Shape [2]: whether a hand goes down more than aside."""
    found: NDArray[np.bool_]
    """Shape [2]: whether landmarks of the hand itself were seen around this moment."""
    fresh: NDArray[np.bool_]
    """Shape [2]: whether anything of the arm was seen around this moment."""
    anchored: bool
    """Whether places count from the shoulders."""


class MotionReader:
    """Turns arms, picture by picture, into motion, step by step."""

    def __init__(self) -> None:
        self._arms: deque[Arms] = deque()
        self._next: int | None = None  # moment to tell next
        self._view = -1
        self._places = np.full((2, 2), np.nan)
        self._speeds = np.zeros(2)
        self._seen = np.zeros(2, np.int64)  # tick at which each hand was last seen
        self._last: list[Arms | None] = [None, None]  # the last picture with each hand

    def push(self, arms: Arms) -> list[Motion]:
        """The moments that no later picture can change."""
        if self._next is None:
            self._next = arms.start
        self._arms.append(self._without_ghosts(arms))
        for side in (0, 1):
            self._drop_leaps(side)
        return self._tell(arms.start - HALF)

    def finish(self) -> list[Motion]:
        """The moments up to the last picture."""
        return self._tell(self._arms[-1].start) if self._arms else []

    def _tell(self, until: int) -> list[Motion]:
        told = []
        while self._next is not None and self._next <= until:
            while self._arms[0].start < self._next - HALF and len(self._arms) > 1:
                self._arms.popleft()
            told.append(self._at(self._next))
            self._next += STEP
        return told

    def _without_ghosts(self, arms: Arms) -> Arms:
        """The same without hands that came from nowhere."""
        hands = arms.hands.copy()
        for side, last in enumerate(self._last):
            if np.isnan(hands[side, 0, 0]):
                continue
            passed = arms.start - last.start if last else GAP
            if last and last.view == arms.view and passed < GAP / 2:
                way = np.linalg.norm(hands[side].mean(axis=0) - last.hands[side].mean(axis=0))
                if way > FASTEST * to_seconds(passed):
                    hands[side] = np.nan
                    continue
            self._last[side] = arms
        return Arms(arms.start, hands, arms.wrists, arms.elbows, arms.anchored, arms.view)

    def _drop_leaps(self, side: int) -> None:
        """Forget a hand that was elsewhere for one picture and is back in the next that shows it."""
        seen = [arms for arms in reversed(self._arms) if arms.hands[side, 0, 0] == arms.hands[side, 0, 0]][:3]
        if len(seen) < 3:
            return
        after, leapt, before = seen
        if before.view != after.view or after.start - before.start >= GAP:
            return
        half = to_seconds(after.start - before.start) / 2
        middle = (before.hands[side, 0] + after.hands[side, 0]) / 2
        if np.linalg.norm(leapt.hands[side, 0] - middle) > LEAP + SHARPEST * half**2 / 2:
            leapt.hands[side] = np.nan

    def _at(self, time: int) -> Motion:
        near = [arms for arms in self._arms if abs(arms.start - time) <= HALF]
        if near and near[-1].view != self._view:
            self._view = near[-1].view
            self._places[:] = np.nan
        near = [arms for arms in near if arms.view == self._view]
        found, fresh, sinking = (np.zeros(2, np.bool_) for _ in range(3))
        if near:
            clock = [to_seconds(arms.start - time) for arms in near]
            for side in (0, 1):
                fit = _line(clock, [arms.hands[side] for arms in near])
                found[side] = fit is not None
                fit = fit or _line(clock, [arms.wrists[side, None] for arms in near])
                if fit is not None:
                    fresh[side] = True
                    sinking[side] = self._take(side, time, fit)
        for side in (0, 1):
            if not fresh[side] and time - self._seen[side] > GAP:
                self._places[side], self._speeds[side] = np.nan, 0.0
        anchored = near[-1].anchored if near else False
        return Motion(time, self._places.copy(), self._speeds.copy(), sinking, found, fresh, anchored)

    def _take(self, side: int, time: int, fit: tuple[Numbers, Numbers]) -> bool:
        """Keep what was fitted; says whether the hand goes down more than aside."""
        place, speeds = fit
        whole = speeds.sum(axis=0) / len(speeds)
        bent = speeds - whole
        across, down = whole.tolist()
        self._places[side] = place
        self._speeds[side] = math.hypot(
            across, down, SHAPE * math.sqrt(float((bent * bent).sum()) / len(bent))
        )
        self._seen[side] = time
        return bool(down > abs(across))


def _line(clock: list[float], points: list[Numbers]) -> tuple[Numbers, Numbers] | None:
    """Place [2] of the first point at 0 and speeds [points, 2] of all by lines through `points`.

    Each of `points` is [points, 2], NaN where there is none; the nearer to 0 weigh more.
    """
    seen = [(moment, at) for moment, at in zip(clock, points, strict=True) if at[0, 0] == at[0, 0]]
    if len(seen) < 2 or seen[0][0] > 0 or seen[-1][0] < 0:
        return None  # what was not seen on both sides is not guessed
    weights = [1.25 - abs(moment) / _HALF for moment, _ in seen]
    total = sum(weights)
    middle = sum(weight * moment for weight, (moment, _) in zip(weights, seen, strict=True)) / total
    pulls = [weight * (moment - middle) for weight, (moment, _) in zip(weights, seen, strict=True)]
    spread = sum(pull * (moment - middle) for pull, (moment, _) in zip(pulls, seen, strict=True))
    table = np.array([at for _, at in seen]).reshape(len(seen), -1)
    found = np.array([weights, pulls]) @ table
    speeds = (found[1] / spread).reshape(-1, 2)
    return found[0, :2] / total - speeds[0] * middle, speeds


_HALF = to_seconds(HALF)
