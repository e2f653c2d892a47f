"""From a hand's own axes to the frame that its turn takes into space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THUMB_SIDES = (-1.0, 1.0)
"""Of left and right hands: where the thumb lies along the third axis of the frame, which is the cross product
of finger direction and palm normal."""


def sided(vectors: NDArray[np.float64], thumb_side: float) -> NDArray[np.float64]:
    """Vectors [..., 3] of hand axes (finger direction, palm normal, towards the thumb) in that frame."""
    return np.asarray(vectors * np.array([1.0, 1.0, thumb_side]))
