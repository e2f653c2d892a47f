"""Sampled pictures on the clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, upright as a viewer sees it, and when it is on screen."""

    image: NDArray[np.uint8]
    """Shape [height, width, 3], uint8, RGB, BT.601 or BT.709 already undone, full range."""
    start: int = 0
    """Tick at which it appears."""

    def __post_init__(self) -> None:
        shape = self.image.shape
        if self.image.dtype != np.uint8 or len(shape) != 3 or shape[2] != 3 or 0 in shape:
            raise ValueError(
                f"a picture must be uint8 [height, width, 3], not {self.image.dtype} {list(shape)}"
            )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """One picture through which what lies behind it may be seen, and when it is on screen."""

    image: NDArray[np.uint8]
    """Shape [height, width, 4], uint8: R, G, B as in `Frame`, not multiplied by the opacity, which comes
    last: 0 is clear, 255 opaque."""
    start: int = 0
    """Tick at which it appears."""

    def __post_init__(self) -> None:
        shape = self.image.shape
        if self.image.dtype != np.uint8 or len(shape) != 3 or shape[2] != 4 or 0 in shape:
            raise ValueError(
                f"a cut-out must be uint8 [height, width, 4], not {self.image.dtype} {list(shape)}"
            )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]

    def opaque(self) -> Frame:
        """Its colours alone, as if nothing of it were clear."""
        return Frame(np.ascontiguousarray(self.image[..., :3]), self.start)
