"""Postures to test with."""

from fractions import Fraction

import numpy as np

from accessify.core.rotation import unit
from accessify.core.timeline import Rate
from accessify.motion.posture import Postures

RATE = Rate(Fraction(25))


def some_postures(
    frames: int = 10, *, seed: int = 0, rate: Rate = RATE, hands: tuple[float, float] = (1, 1)
) -> Postures:
    """Hands that move evenly from one chance posture to another, in front of the chest."""
    chance = np.random.default_rng(seed)
    share = np.linspace(0, 1, frames)[:, None, None]

    def path(low: float, high: float, *shape: int) -> np.ndarray:
        ends = chance.uniform(low, high, (2, 2, *shape))
        wide = share.reshape(share.shape + (1,) * (len(shape) - 1)) if shape else share[..., 0]
        return (1 - wide) * ends[0] + wide * ends[1]

    directions = unit(path(-1, 1, 3))
    normals = path(-1, 1, 3)
    normals = unit(normals - (normals * directions).sum(axis=-1, keepdims=True) * directions)
    return Postures(
        np.tile(np.array(hands, float), (frames, 1)),
        path(-0.2, 0.2, 3) + np.array([0, 1.3, 0.35]),
        directions,
        normals,
        path(0, 90, 5, 3),
        path(-15, 15, 5),
        np.full((frames, 2), np.nan),
        rate,
    )
