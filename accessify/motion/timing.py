"""How long the parts of a sign take, and how a hand gets under way and stops.

Durations are those of calm, clear signing: single strokes of a fifth to a half of a second (R. B. Wilbur,
"Effects of varying rate of signing on ASL manual signs and nonmanual markers", Language and Speech 52, 2009),
slower where the way is longer (P. M. Fitts, 1954). Natural movement is of minimum jerk (T. Flash, N. Hogan,
"The coordination of arm movements", J. Neuroscience 5, 1985), with short holds at both ends (S. K. Liddell,
R. E. Johnson, "American Sign Language: The Phonological Base", 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accessify.motion.stretch import eased

Curve = tuple[float, ...]
"""How far something has come at even times from its start (0) to its end (1)."""

EVEN: Curve = (0.0, 1.0)
EASED: Curve = tuple(float(value) for value in eased(np.linspace(0, 1, 41)))
SUDDEN: Curve = tuple(float(value) for value in np.linspace(0, 1, 41) ** 2)
"""Gets faster all the way: stops hard."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of actions of usual size, and their curves."""

    first: float = 0.08
    """Hold of the first posture."""
    last: float = 0.12
    """Hold of the last posture."""
    straight: float = 0.36
    arc: float = 0.42
    circle: float = 0.62
    wave: float = 0.9
    """Of three waves or zigzags along a move."""
    replace: float = 0.3
    """Of a change of hand shape or how the hand is turned."""
    finger_play: float = 0.7
    wrist: float = 0.68
    """Nodding, swinging."""
    twist: float = 0.76
    stir: float = 0.6
    back: float = 0.24
    """From the end of an action to its start, before it is done again."""
    still: float = 0.2
    """Of doing nothing, and of a pause."""
    growth: float = 0.35
    """Exponent: how much longer a larger path takes. 0: all sizes take as long."""
    fast: float = 0.6
    """Share of the usual time."""
    slow: float = 1.9
    """Share of the usual time."""
    path: Curve = EASED
    path_together: Curve = EASED
    """Of a move while hand shape or turn change."""
    circling: Curve = EASED
    turning: Curve = EASED
    forming: Curve = EASED
    """Of the fingers when shape and turn change, or shape while moving."""
    returning: Curve = EASED
    halting: Curve = SUDDEN
    """Of a path that is to stop hard."""


NATURAL = Timing()


def along(curve: Curve, share: ArrayLike) -> NDArray[np.float64]:
    """How far one is on `curve` after `share` (0 to 1) of the time."""
    return np.asarray(
        np.interp(np.asarray(share, np.float64), np.linspace(0, 1, len(curve)), curve), np.float64
    )


def manner_factor(manner: Sequence[str], timing: Timing) -> float:
    """How many times the usual time an action takes that is done in this manner."""
    factors = {"fast": timing.fast, "slow": timing.slow, "tense": 1.15}
    factor = 1.0
    for one in manner:
        factor *= factors.get(one, 1.0)
    return min(max(factor, 0.25), 4.0)
