"""Movements in place: fingers that play, a wrist that nods, swings, twists or stirs.

What each symbol means is from T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and
Language Processing Contexts", LREC 2004. Ranges lie within those of the wrist: 80 degrees to the palm, 70 to
the back, 20 to the thumb, 30 to the little finger (American Academy of Orthopaedic Surgeons, "Joint Motion",
1965).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.core.rotation import IDENTITY, about, multiply
from accessify.motion.notation import Local
from accessify.motion.timing import EASED, Timing, along

Array = NDArray[np.float64]

PLAY, NOD, SWING, TWIST, STIR = 20.0, (29.0, -17.0), (12.0, -17.0), 22.0, 17.0
"""Degrees: how far fingers go down; how far the hand goes to the palm's side and to the back, to the thumb's
side and to the little finger's; to each side about the forearm; half the cone's opening."""
BEATS = {"nod": 2, "swing": 2, "twist": 3}
BEND = {"wrist_to_pulse": 45.0, "wrist_to_back": -40.0, "wrist_to_thumb": 18.0, "wrist_to_little": -28.0}
"""Degrees."""
_SIZES = {"small": 0.5, "large": 1.5}


def local_seconds(local: Local, timing: Timing) -> float:
    """How long it takes in the usual manner."""
    if local.kind == "finger_play":
        return timing.finger_play
    if local.kind in BEND:
        return timing.replace
    return {"nod": timing.wrist, "swing": timing.wrist, "twist": timing.twist}.get(local.kind, timing.stir)


def wrist_turns(local: Local, share: Array, thumb_side: float) -> Array:
    """Turns [moments, 4] of the hand in its own axes, about the wrist, at `share` of the movement's time.

    The axes are (finger direction, palm normal, their cross product); `thumb_side` is 1 where the thumb lies
    to the third (right hands), -1 where it does not.
    """
    size = _size(local)
    nod, swing, twist = np.zeros((3, len(share)))
    if local.kind == "nod":
        nod = _beats(share, BEATS["nod"], NOD)
    elif local.kind == "swing":
        swing = _beats(share, BEATS["swing"], SWING)
    elif local.kind == "twist":
        twist = TWIST * np.sin(2 * np.pi * BEATS["twist"] * share)
    elif local.kind.startswith("stir"):
        nod, swing = _cone(share, -1.0 if local.kind.endswith("counterclockwise") else 1.0)
    elif local.kind in ("wrist_to_pulse", "wrist_to_back"):
        nod = BEND[local.kind] * along(EASED, share)
    elif local.kind in BEND:
        swing = BEND[local.kind] * along(EASED, share)
    else:
        return np.broadcast_to(IDENTITY, (len(share), 4))
    turned = [
        about(np.eye(3)[axis], np.radians(size * angle))
        for axis, angle in ((2, nod), (1, -thumb_side * swing), (0, thumb_side * twist))
    ]
    return multiply(turned[0], multiply(turned[1], turned[2]))


def finger_bends(local: Local, share: Array) -> Array:
    """Degrees [moments, 5, 3] to add to bends: fingers go down one after the other, as on a keyboard."""
    bends = np.zeros((len(share), 5, 3))
    if local.kind == "finger_play":
        phase = 2 * share[:, None] + np.arange(4) / 4
        fade = np.minimum(1, np.minimum(share, 1 - share) * 8)[:, None]
        bends[:, 1:, 0] = _size(local) * PLAY * fade * (1 - np.cos(2 * np.pi * phase)) / 2
    return bends


def _size(local: Local) -> float:
    size = 1.0
    for one in local.size[:2]:
        size *= _SIZES[one]
    return size


def _beats(share: Array, count: int, ends: tuple[float, float]) -> Array:
    wave = np.sin(2 * np.pi * count * share)
    return np.where(wave > 0, ends[0] * wave, -ends[1] * wave)


def _cone(share: Array, sense: float) -> tuple[Array, Array]:
    """Nod and swing of fingers that go round; clockwise as the signer sees it from behind the hand."""
    angle = 2 * np.pi * share
    grow = np.minimum(1, np.minimum(share, 1 - share) * 6)
    return STIR * grow * np.cos(angle), STIR * grow * sense * np.sin(angle)
