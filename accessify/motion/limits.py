"""How far the joints of arm and hand turn.

Ranges: American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and Recording, 1965, and
for fingers I. A. Kapandji, The Physiology of the Joints 1; a little more is allowed where signers press.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Range = tuple[float, float]

FLEXION: Range = (-80.0, 85.0)
"""Degrees of the wrist, towards the palm."""
DEVIATION: Range = (-42.0, 28.0)
"""Degrees of the wrist, towards the thumb."""
SUPINATION: Range = (-110.0, 110.0)
"""Degrees of the forearm from its middle, where thumb and upper arm are in line (elbow bent forward: thumb
up), towards palm up; so it is in the T-pose with palms down. The shoulder gives the last 20°."""
BENDS = np.array(
    [
        [[0, 85], [-15, 75], [-20, 90]],
        *[[[-25, 100], [-5, 118], [-10, 95]]] * 4,
    ],
    np.float64,
)
"""Shape [5, 3, 2], degrees: least and most of `Postures.bends`."""
_CURLED = 110.0
"""Degrees of a middle joint in a tight fist."""
SPREAD = np.array([[-30, 75], [-15, 25], [-15, 15], [-25, 15], [-40, 15]], np.float64)
"""Shape [5, 2], degrees: least and most of `Postures.spread`."""


def within_bends(bends: ArrayLike) -> Array:
    """`bends` [..., 5, 3], degrees, no joint further than it turns."""
    return np.clip(np.asarray(bends, np.float64), BENDS[..., 0], BENDS[..., 1])


def passed_on(bends: ArrayLike) -> Array:
    """`bends` [..., 5, 3], degrees, with what no middle joint of a finger does given to its neighbours.

    From one camera a curled finger comes out too shallow, and its bend in the middle joint alone: 125° to
    150° in fists (medians of MediaPipe's landmarks of the letters A and S). Half of the surplus goes to the
    knuckle and half to the end joint, so that the fingertip points as it was seen.
    """
    found = np.array(bends, np.float64)
    surplus = np.maximum(0, found[..., 1:, 1] - _CURLED)
    found[..., 1:, 1] -= surplus
    found[..., 1:, (0, 2)] += surplus[..., None] / 2
    return found


def within_spread(spread: ArrayLike) -> Array:
    """`spread` [..., 5], degrees, no finger further than it goes."""
    return np.clip(np.asarray(spread, np.float64), SPREAD[:, 0], SPREAD[:, 1])


def excess(angle: Array, allowed: Range) -> Array:
    """Degrees that `angle` is outside `allowed`; 0 inside."""
    low, high = allowed
    return np.maximum(0, np.maximum(low - angle, angle - high))
