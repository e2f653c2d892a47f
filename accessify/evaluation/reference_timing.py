"""Timing and reach of an engine that stops hard, to compare paths with: for benches only."""

from __future__ import annotations

import numpy as np

from accessify.motion.places import SigningSpace
from accessify.motion.timing import EVEN, Curve, Timing

_RATE = 25.0
"""Pictures per second that the lists are given at."""


def _curve(pictures: float, *shares: float) -> Curve:
    """A curve through the shares reached at pictures 1, 2, … of an action of so many pictures."""
    times = [0.0, *range(1, len(shares) + 1), pictures]
    values = [0.0, *shares, 1.0]
    return tuple(float(value) for value in np.interp(np.linspace(0, pictures, 67), times, values))


_STROKE = 6.6
_PATH = _curve(_STROKE, 0.03, 0.115, 0.245, 0.45, 0.76, 0.965)

COMING = _curve(8.0, 0.134, 0.366, 0.576, 0.737, 0.85, 0.924, 0.971)
COMING_FINGERS = _curve(8.0, 0.582, 0.838, 0.925, 0.962, 0.981, 0.991, 0.997)
"""How palms and turns, and fingers, come from rest to the first posture."""

REFERENCE_TIMING = Timing(
    first=0.0,
    last=0.0,
    straight=_STROKE / _RATE,
    arc=7.4 / _RATE,
    circle=13.4 / _RATE,
    wave=23.5 / _RATE,
    replace=_STROKE / _RATE,
    finger_play=13.5 / _RATE,
    wrist=15.5 / _RATE,
    twist=18.0 / _RATE,
    stir=12.0 / _RATE,
    back=4.0 / _RATE,
    still=_STROKE / _RATE,
    growth=0.0,
    fast=0.5,
    slow=2.3,
    path=_PATH,
    path_together=EVEN,
    circling=EVEN,
    turning=_PATH,
    forming=_curve(_STROKE, 0.4, 0.7, 0.85, 0.93, 0.96, 0.985),
    returning=_curve(4.0, 0.46, 0.8, 0.97),
    halting=_PATH,
)
"""Strokes speed up all the way; changes of the hand under way go at even speed."""

REFERENCE_SPACE = SigningSpace(usual=0.885, close=0.735, extended=1.04, wrists=False)
"""It signs with arms nearly stretched out, and turns hands farther than wrists go."""
