"""Sizes of one person that signing is written for: arms, hands, and where on the body a sign touches.

Space as in `accessify.core.humanoid`, with its origin on the floor below the hips, or wherever the person's
joints are counted from: only differences matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class HandSizes:
    """A right hand in its own axes: (finger direction, palm normal, towards the thumb), from the wrist.

    A left hand is its mirror image, which in these axes has the same numbers.
    """

    knuckles: NDArray[np.float64]
    """Shape [5, 3], metres: where thumb (its carpometacarpal joint), index, middle, ring, little begin."""
    bones: NDArray[np.float64]
    """Shape [5, 3], metres: lengths of each finger's bones, outwards."""
    palm: NDArray[np.float64]
    """Shape [3], metres: the palm point."""
    thickness: NDArray[np.float64]
    """Shape [5, 3], metres: radius of each finger at the middle of each bone."""


@dataclass(frozen=True, slots=True, eq=False)
class RoundCone:
    """Two balls and what lies between them: a solid part of the body that hands cannot pass."""

    start: NDArray[np.float64]
    """Shape [3], metres, at rest."""
    end: NDArray[np.float64]
    """Shape [3], metres, at rest."""
    radii: tuple[float, float]
    """Metres, at start and end."""
    bone: str
    """The bone it moves with."""


@dataclass(frozen=True, slots=True, eq=False)
class Proportions:
    """One signer."""

    shoulders: NDArray[np.float64]
    """Shape [2, 3], metres: the joints that the upper arms turn about; left, right."""
    upper_arm: float
    """Metres, shoulder to elbow."""
    forearm: float
    """Metres, elbow to wrist."""
    hand: HandSizes
    places: Mapping[str, NDArray[np.float64]]
    """Points on the skin by name, shape [3], metres, one for each of `PLACES`; of what is on both sides, the
    left one, whose mirror image is the right."""
    solids: tuple[RoundCone, ...] = ()
    """Head, neck and trunk."""

    @property
    def width(self) -> float:
        """Shoulder width in metres, the unit of distances in sign notation here."""
        return float(np.linalg.norm(self.shoulders[0] - self.shoulders[1]))


PLACES = (
    *("head_top", "forehead", "eye_brow", "eye", "nose", "nostril", "cheek", "ear", "ear_lobe"),
    *("upper_lip", "lips", "teeth", "tongue", "chin", "under_chin", "neck"),
    *("shoulder_top", "shoulder", "chest", "stomach", "below_stomach"),
)
"""Names of places of a body. Trunk, neck and the middle of the face lie at x 0, the others on the left."""
