"""Ways and palms of HamNoSys as vectors.

Source: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language Processing
Contexts", LREC 2004, and the HamNoSys 4 chart: 26 ways from the signer's view, two in a row or joined by
`between` lying in the middle; palms told as from behind the outstretched fingers.
Space as in `accessify.core.humanoid`: +X is the signer's left, +Y up, +Z out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accessify.core.rotation import rotate, unit
from accessify.motion.notated_hand import Ways
from accessify.motion.stretch import held

Vector = NDArray[np.float64]

UP, LEFT, OUT = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
MIRROR = np.array([-1.0, 1.0, 1.0])
"""Swaps left and right."""
_LETTERS = {"u": UP, "d": -UP, "l": LEFT, "r": -LEFT, "o": OUT, "i": -OUT}
_TINY = 1e-6


def letters_vector(letters: str) -> Vector:
    """The unit vector of one way, such as `u` or `ol`; zero of none, and of `cross` and `x`."""
    if letters in ("cross", "x"):
        return np.zeros(3)
    return unit(sum((_LETTERS[letter] for letter in letters), np.zeros(3)))


def way_vector(ways: Ways) -> Vector:
    """The unit vector of `ways`: the sum of its ends, each the sum of its ways.

    Ends that cancel each other leave the first of them; no ways at all are the zero vector.
    """
    ends = [_sum(letters_vector(letters) for letters in end) for end in ways]
    total = _sum(ends)
    if ends and not total.any():
        return next((end for end in ends if end.any()), letters_vector(ways[0][0]))
    return total


def palm_vector(ways: Ways, fingers: Vector) -> Vector:
    """The palm normal that `ways` name where the outstretched fingers point along `fingers`; across it.

    Palms of fingers that point half inwards are drawn from the other side: left and right are swapped.
    """
    up, left = sides_along(fingers)
    if fingers[2] < -0.1 and np.abs(fingers[:2]).max() > 0.1:
        left = -left
    sides = {"u": up, "d": -up, "l": left, "r": -left}
    ends = [_sum(_sum(sides[one] for one in letters) for letters in end) for end in ways]
    return across(_sum(ends), fingers)


def sides_along(way: Vector) -> tuple[Vector, Vector]:
    """Up and left as seen from behind something that points along `way`; unit vectors across it.

    Up is the side that looks up where it points level; it turns along when that points up or down, about the
    level line across its heading. What points straight up or down heads outwards.
    """
    heading = np.array([way[0], 0.0, way[2]])
    heading = unit(heading) if np.linalg.norm(heading) > _TINY else OUT
    left = np.cross(UP, heading)
    return np.cross(way, left), left


def across(vector: Vector, along: Vector) -> Vector:
    """The unit vector across `along` that is nearest to `vector`; any of them where the two are parallel."""
    rest = vector - (vector @ along) * along
    if np.linalg.norm(rest) > _TINY:
        return unit(rest)
    other = UP if abs(along[1]) < 0.9 else -OUT
    return unit(other - (other @ along) * along)


def turn_of(direction: Vector, normal: Vector) -> Vector:
    """Shape [4]: the turn that takes +X to the finger direction, +Y to the palm normal."""
    return held(direction, across(normal, direction))


def mirrored_turn(turn: ArrayLike) -> Vector:
    """The turn [..., 4] of the other hand that is the mirror image of a hand with `turn`."""
    values = np.asarray(turn, np.float64)
    direction = rotate(values, np.array([1.0, 0.0, 0.0])) * MIRROR
    normal = rotate(values, np.array([0.0, 1.0, 0.0])) * MIRROR
    return held(direction, normal)


def _sum(vectors: Iterable[Vector]) -> Vector:
    return unit(np.round(sum(vectors, np.zeros(3)), 12))
