"""Postures at other times: between pictures, faster, slower, at another rate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accessify.core.rotation import of_axes, rotate, slerp, unit
from accessify.core.timeline import Rate
from accessify.motion.posture import Postures

FIELDS = ("active", "palms", "directions", "normals", "bends", "spread", "elbows")
"""Names of the arrays of `Postures`."""
FINGERTIPS, PALM = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])


def eased(share: ArrayLike) -> NDArray[np.float64]:
    """How far a reaching hand has come after the `share` of its time: minimum jerk.

    T. Flash, N. Hogan, "The coordination of arm movements", J. Neuroscience 5 (1985), equation 3.
    """
    x = np.clip(np.asarray(share, np.float64), 0, 1)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x * x))


def held(directions: NDArray[np.float64], normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turns [..., 4] of hands with these finger directions and palm normals [..., 3].

    They take +X to the finger direction and +Y to the palm normal.
    """
    along = unit(directions)
    across = unit(normals - (normals * along).sum(axis=-1, keepdims=True) * along)
    return of_axes(along, across, np.cross(along, across))


def mixed(first: Postures, second: Postures, share: NDArray[np.float64]) -> Postures:
    """From `first` (share 0) to `second` (share 1), picture by picture; both have the same length.

    `share` is [frames], or [frames, 2] for each hand. Hands turn the shorter way. A resting hand
    (`active` 0) has no posture of its own: the other's is taken.
    """
    part = np.broadcast_to(share if share.ndim == 2 else share[:, None], first.active.shape)
    weight = np.where(first.active <= 0, 1.0, np.where(second.active <= 0, 0.0, part))

    def lerp(name: str, how: NDArray[np.float64] = weight) -> NDArray[np.float64]:
        a, b = getattr(first, name), getattr(second, name)
        wide = how.reshape(how.shape + (1,) * (a.ndim - 2))
        return np.asarray((1 - wide) * a + wide * b)

    turn = slerp(held(first.directions, first.normals), held(second.directions, second.normals), weight)
    return replace(
        first,
        active=lerp("active", part),
        palms=lerp("palms"),
        directions=rotate(turn, FINGERTIPS),
        normals=rotate(turn, PALM),
        bends=lerp("bends"),
        spread=lerp("spread"),
        elbows=_elbows(first.elbows, second.elbows, weight),
        notes=(*first.notes, *(note for note in second.notes if note not in first.notes)),
    )


def _elbows(
    first: NDArray[np.float64], second: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A mean where both say something, else what one says: half a hint is better than a jump to none."""
    known = np.where(np.isnan(first), second, first), np.where(np.isnan(second), first, second)
    return np.asarray((1 - weight) * known[0] + weight * known[1])


def picked(postures: Postures, pictures: NDArray[np.intp]) -> Postures:
    """The pictures with these numbers, in this order."""
    chosen: dict[str, Any] = {name: getattr(postures, name)[pictures] for name in FIELDS}
    return replace(postures, **chosen)


def sampled(postures: Postures, positions: NDArray[np.float64]) -> Postures:
    """Postures at `positions` [n], in pictures; between two of them, mixed; outside, the first or last."""
    place = np.clip(positions, 0, len(postures) - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, len(postures) - 1)
    return mixed(picked(postures, below), picked(postures, above), place - below)


def stretched(postures: Postures, count: int) -> Postures:
    """All of it in `count` pictures of the same rate; the first and last posture stay exact."""
    return sampled(postures, np.linspace(0, len(postures) - 1, count))


def at_rate(postures: Postures, rate: Rate) -> Postures:
    """The same movement in as much time at another rate of pictures."""
    if postures.rate.fps == rate.fps or not len(postures):
        return replace(postures, rate=rate)
    factor = float(rate.fps / postures.rate.fps)
    count = max(1, round((len(postures) - 1) * factor) + 1)
    return replace(stretched(postures, count), rate=rate)
