"""A signer with round sizes, and signs made for them."""

from __future__ import annotations

import numpy as np

from accessify.core.proportions import PLACES, HandSizes, Proportions
from accessify.motion.places import SigningSpace
from accessify.motion.posture import Postures
from accessify.motion.synthesize import synthesize
from tests.motion.written_trees import read

HEIGHTS = {
    "head_top": 1.7,
    "forehead": 1.63,
    "eye_brow": 1.61,
    "eye": 1.59,
    "nose": 1.54,
    "nostril": 1.535,
    "cheek": 1.545,
    "ear": 1.56,
    "ear_lobe": 1.53,
    "upper_lip": 1.52,
    "lips": 1.51,
    "teeth": 1.51,
    "tongue": 1.505,
    "chin": 1.48,
    "under_chin": 1.47,
    "neck": 1.43,
    "shoulder_top": 1.42,
    "shoulder": 1.38,
    "chest": 1.26,
    "stomach": 1.12,
    "below_stomach": 1.0,
}
ASIDE = {"eye_brow": 0.03, "eye": 0.03, "cheek": 0.05, "ear": 0.075, "ear_lobe": 0.07, "shoulder": 0.17}


def signer(scale: float = 1.0) -> Proportions:
    """Somebody of 1.7 metres, or `scale` times that."""
    knuckles = [[0.02, 0.01, 0.025], [0.09, 0, 0.02], [0.09, 0, 0], [0.085, 0, -0.02], [0.075, 0, -0.035]]
    bones = [
        [0.045, 0.03, 0.025],
        [0.04, 0.025, 0.02],
        [0.045, 0.03, 0.02],
        [0.04, 0.025, 0.02],
        [0.03, 0.02, 0.02],
    ]
    places = {name: np.array([ASIDE.get(name, 0.0), HEIGHTS[name], 0.1]) * scale for name in PLACES}
    return Proportions(
        shoulders=np.array([[0.18, 1.38, 0.0], [-0.18, 1.38, 0.0]]) * scale,
        upper_arm=0.28 * scale,
        forearm=0.26 * scale,
        hand=HandSizes(
            np.array(knuckles) * scale,
            np.array(bones) * scale,
            np.array([0.055, 0.015, 0.0]) * scale,
            np.full((5, 3), 0.008 * scale),
        ),
        places=places,
    )


SIGNER = signer()
LEFT, RIGHT = 0, 1
FREE = SigningSpace(wrists=False)


def signed(names: str, person: Proportions = SIGNER) -> Postures:
    """The sign of symbols given by their names without `ham`, as written, whatever wrists can do."""
    return synthesize(read(names), person, space=FREE)


def told(postures: Postures) -> str:
    """What the notes say, in one text."""
    return "; ".join(note.text for note in postures.notes)
