"""One hand at one moment or at many: where its palm is, how it is turned, how its fingers are bent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.rotation import rotate, slerp
from accessify.motion.directions import MIRROR, mirrored_turn
from accessify.motion.stretch import FINGERTIPS, PALM

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stance:
    """A hand; all arrays share their leading shape, [] for one moment or [moments]."""

    palm: Array
    """Shape [..., 3], metres: the palm point."""
    turn: Array
    """Shape [..., 4]: takes +X to the finger direction and +Y to the palm normal."""
    bends: Array
    """Shape [..., 5, 3], degrees, as in `accessify.motion.posture.Postures`."""
    spread: Array
    """Shape [..., 5], degrees, likewise."""

    @property
    def direction(self) -> Array:
        """Shape [..., 3]: the finger direction."""
        return rotate(self.turn, FINGERTIPS)

    @property
    def normal(self) -> Array:
        """Shape [..., 3]: the palm normal."""
        return rotate(self.turn, PALM)

    def many(self, count: int) -> Stance:
        """The same at `count` moments."""
        return Stance(
            *(
                np.broadcast_to(array, (count, *array.shape))
                for array in (self.palm, self.turn, self.bends, self.spread)
            )
        )

    def at(self, moment: int) -> Stance:
        """One moment of many."""
        return Stance(self.palm[moment], self.turn[moment], self.bends[moment], self.spread[moment])

    def moved(self, palm: Array) -> Stance:
        """The same hand elsewhere."""
        return replace(self, palm=palm)

    def mirrored(self) -> Stance:
        """The other hand that is its mirror image."""
        return replace(self, palm=self.palm * MIRROR, turn=mirrored_turn(self.turn))


def blended(first: Stance, second: Stance, share: Array, forming: Array) -> Stance:
    """From `first` to `second`, each one moment: `share` [moments] of the way, `forming` of the fingers."""
    wide = share[:, None]
    return Stance(
        first.palm + wide * (second.palm - first.palm),
        slerp(first.turn, second.turn, share),
        first.bends + forming[:, None, None] * (second.bends - first.bends),
        first.spread + forming[:, None] * (second.spread - first.spread),
    )
