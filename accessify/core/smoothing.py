"""Filters against trembling.

Source: Casiez, Roussel, Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.rotation import exp, inverse, log, multiply, slerp

Values = NDArray[np.float64]

STEP = 0.033333
"""Seconds between two pictures that filters inside a tracker take for granted, whatever the frame rate:
the networks' own smoothing was tuned so, and regions that follow from it must not depend on a clock."""
_SPREADINGS = 200
"""Rounds in which a turn that is too fast is spread; half a turn in one picture takes about 50."""


@dataclass(frozen=True, slots=True)
class OneEuro:
    """How strongly to smooth."""

    least_cutoff: float
    """Hz; lower is smoother when slow."""
    beta: float
    """How much speed opens the filter; higher follows faster."""
    speed_cutoff: float = 1.0
    """Hz; for the speed itself."""


class OneEuroFilter:
    """Smooths one array after another; made anew (or `reset`) where the thing was lost."""

    def __init__(self, settings: OneEuro) -> None:
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Forget what came before."""
        self._raw: Values | None = None
        self._smooth: Values | None = None
        self._speed: Values | None = None

    def push(self, values: NDArray[np.floating], scale: float = 1.0, step: float = STEP) -> Values:
        """`values` smoothed; `scale` turns them into the unit `beta` is meant for, `step` is in seconds."""
        now: Values = values.astype(np.float64)
        if self._raw is None or self._smooth is None:
            self._raw, self._smooth, self._speed = now, now, np.zeros_like(now)
            return now
        speed = (now - self._raw) * (scale / step)
        self._speed = _towards(self._speed, speed, _share(self._settings.speed_cutoff, step))
        cutoff = self._settings.least_cutoff + self._settings.beta * np.abs(self._speed)
        self._raw, self._smooth = now, _towards(self._smooth, now, _share(cutoff, step))
        return self._smooth


class OneEuroTurns:
    """The same for rotations [..., 4]: what is filtered are logarithms of turns between them, in radians."""

    def __init__(self, settings: OneEuro) -> None:
        self._settings = settings
        self._raw: Values | None = None
        self._smooth: Values | None = None
        self._speed: Values | None = None

    def push(self, turns: NDArray[np.floating], step: float = STEP) -> Values:
        """`turns` smoothed; `step` is in seconds."""
        now: Values = turns.astype(np.float64)
        if self._raw is None or self._smooth is None:
            self._raw = self._smooth = now
            return now
        speed = np.linalg.norm(log(multiply(inverse(self._raw), now)), axis=-1, keepdims=True) / step
        self._speed = _towards(self._speed, speed, _share(self._settings.speed_cutoff, step))
        cutoff = self._settings.least_cutoff + self._settings.beta * self._speed
        way = log(multiply(inverse(self._smooth), now))
        self._smooth = multiply(self._smooth, exp(way * _share(cutoff, step)))
        self._raw = now
        return self._smooth


class LowPass:
    """Exponential smoothing: `share` of each new value."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._smooth: Values | None = None

    def push(self, values: NDArray[np.floating]) -> Values:
        """`values` smoothed."""
        self._smooth = _towards(self._smooth, values.astype(np.float64), self._share)
        return self._smooth


def unhurried(turns: NDArray[np.floating], most: float) -> Values:
    """Rotations [frames, 4] of which none is further than `most` radians from the one before.

    Trackers take a palm for its back for a picture or two; hands cannot turn so fast. What is too fast is
    spread over the pictures around it, all else stays as it was.
    """
    found = np.array(turns, np.float64)
    for _ in range(_SPREADINGS):
        fast = np.linalg.norm(log(multiply(inverse(found[:-1]), found[1:])), axis=-1) > most
        if not fast.any():
            break
        near = np.append(fast, False) | np.insert(fast, 0, False)
        middle = found.copy()
        middle[1:-1] = slerp(found[:-2], found[2:], 0.5)
        found[near] = slerp(found[near], middle[near], 0.5)
    return found


def gaussian(values: Values, width: float) -> Values:
    """`values` [frames, …] smoothed by a Gaussian of `width` pictures (standard deviation); ends are held."""
    if width <= 0 or len(values) < 2:
        return values
    reach = max(1, int(3 * width))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    weights /= weights.sum()
    flat = values.reshape(len(values), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    columns = [np.convolve(column, weights, mode="valid") for column in padded.T]
    return np.stack(columns, axis=1).reshape(values.shape)


def _towards(before: Values | None, now: Values, share: Values | float) -> Values:
    return now if before is None else before + share * (now - before)


def _share(cutoff: Values | float, step: float) -> Values | float:
    """The part of a new value that a low-pass of this cutoff (Hz) takes over."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * step))
