"""What reads the shape of a hand: the protocol of a letter network, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class HandReading:
    """What a reader saw in some hands."""

    log_probabilities: NDArray[np.float32]
    """Shape [n, letters], float32: natural logarithm of each letter's probability."""
    embedding: NDArray[np.float32]
    """Shape [n, d], float32: the hand shape as numbers in which likeness is nearness."""

    def __post_init__(self) -> None:
        for name in ("log_probabilities", "embedding"):
            array = getattr(self, name)
            if array.dtype != np.float32 or array.ndim != 2:
                raise ValueError(
                    f"{name} must be float32 [n, d], not {array.dtype} of {array.ndim} dimensions"
                )
        if len(self.log_probabilities) != len(self.embedding):
            raise ValueError(
                f"both arrays must speak of the same hands, not of {len(self.log_probabilities)} "
                f"and {len(self.embedding)}"
            )


class HandReader(Protocol):
    """Names the letter that a hand shows, each hand on its own."""

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters it can tell apart, in the order of its probabilities."""
        ...

    def __call__(self, hands: NDArray[np.float32]) -> HandReading:
        """Read hands [n, 21, 3] as in `SignClip.hands`, all of them finite; `n` may be 0."""
        ...
