"""Our figure's sizes, for whoever plans its movement: arms, hands, places on the skin, solid parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.hands import METACARPAL_OF_THUMB, fingers, thumb
from accessify.avatar.rig import FOREARM, KNUCKLES, PHALANGES, SHOULDER, UPPER_ARM
from accessify.core.proportions import HandSizes, Proportions, RoundCone

Array = NDArray[np.float64]

PALM: Array = np.array([0.0560, 0.0160, 0.0010])
"""Shape [3], metres, in the hand's axes: the middle of the palm, on its skin."""
_PLACES: dict[str, tuple[float, float, float]] = {
    "head_top": (0.0, 1.703, -0.006),
    "forehead": (0.0, 1.640, 0.097),
    "eye_brow": (0.036, 1.612, 0.097),
    "eye": (0.0315, 1.590, 0.089),
    "nose": (0.0, 1.557, 0.120),
    "nostril": (0.010, 1.549, 0.108),
    "cheek": (0.042, 1.548, 0.084),
    "ear": (0.078, 1.574, 0.000),
    "ear_lobe": (0.072, 1.546, 0.004),
    "upper_lip": (0.0, 1.536, 0.104),
    "lips": (0.0, 1.524, 0.105),
    "teeth": (0.0, 1.526, 0.098),
    "tongue": (0.0, 1.520, 0.098),
    "chin": (0.0, 1.492, 0.096),
    "under_chin": (0.0, 1.483, 0.070),
    "neck": (0.0, 1.440, 0.040),
    "shoulder_top": (0.120, 1.432, -0.018),
    "shoulder": (0.150, 1.378, 0.058),
    "chest": (0.0, 1.285, 0.108),
    "stomach": (0.0, 1.120, 0.104),
    "below_stomach": (0.0, 0.990, 0.104),
}


def figure_proportions() -> Proportions:
    """The sizes of the figure of `accessify.avatar.rig.figure_rig`."""
    mirror = np.array([-1.0, 1.0, 1.0])
    return Proportions(
        shoulders=np.stack([SHOULDER, SHOULDER * mirror]),
        upper_arm=UPPER_ARM,
        forearm=FOREARM,
        hand=HandSizes(knuckles=KNUCKLES, bones=PHALANGES, palm=PALM, thickness=_thickness()),
        places={name: np.array(point) for name, point in _PLACES.items()},
        solids=_solids(),
    )


def _thickness() -> Array:
    """Shape [5, 3], metres: radii at the middles of the bones, as the hand is modelled."""
    rows = []
    for finger in (thumb(), *fingers()):
        starts = (0.0, *finger.joints[:-1])
        middles = np.array([(a + b) / 2 for a, b in zip(starts, finger.joints, strict=True)], np.float32)
        rows.append(finger.radius(middles).astype(np.float64))
    rows[0] = np.concatenate([[METACARPAL_OF_THUMB], rows[0]])
    return np.array(rows)


def _solids() -> tuple[RoundCone, ...]:
    def solid(start: list[float], end: list[float], radii: tuple[float, float], bone: str) -> RoundCone:
        return RoundCone(np.array(start), np.array(end), radii, bone)

    chest = [
        solid([side * 0.080, 1.300, -0.020], [side * 0.070, 1.120, -0.006], (0.092, 0.088), "chest")
        for side in (1, -1)
    ]
    hips = [
        solid([side * 0.068, 1.100, -0.004], [side * 0.080, 0.930, -0.006], (0.090, 0.098), "hips")
        for side in (1, -1)
    ]
    return (
        solid([0.0, 1.612, -0.012], [0.0, 1.600, 0.000], (0.088, 0.090), "head"),
        solid([0.0, 1.550, 0.028], [0.0, 1.520, 0.052], (0.060, 0.038), "head"),
        solid([0.0, 1.520, -0.014], [0.0, 1.420, -0.022], (0.052, 0.056), "neck"),
        *chest,
        *hips,
    )
