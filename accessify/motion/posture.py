"""What arms, hands and face do, before there are bones: the value between notation or landmarks and a rig.

Space as in `accessify.core.humanoid`: metres, Y up, +Z before the signer, +X to the signer's left.
The *palm point* lies in the middle of the palm, on its skin; it, not the wrist, is what a place names
(T. Hanke, "HamNoSys 4 Users Guide", 2004, locations). *Finger direction* is HamNoSys's extended finger
direction: from the wrist to the middle knuckle, whatever the fingers do. The *palm normal* stands on the
palm, outwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Note, Rate


@dataclass(frozen=True, slots=True, eq=False)
class Postures:
    """Both hands, picture by picture; the second axis is left, right."""

    active: NDArray[np.float64]
    """Shape [frames, 2], 0 to 1: 0 is a hand at rest beside the body whatever the other fields say, 1 does
    what they say, between is on the way."""
    palms: NDArray[np.float64]
    """Shape [frames, 2, 3], metres: the palm points."""
    directions: NDArray[np.float64]
    """Shape [frames, 2, 3], unit vectors: the finger directions."""
    normals: NDArray[np.float64]
    """Shape [frames, 2, 3], unit vectors across the directions: the palm normals."""
    bends: NDArray[np.float64]
    """Shape [frames, 2, 5, 3], degrees, 0 straight, positive towards the palm: thumb to little finger, at
    knuckle, middle and end joint. Of the thumb: angle between its metacarpal and the finger direction, then
    its two joints."""
    spread: NDArray[np.float64]
    """Shape [frames, 2, 5], degrees in the palm's plane, positive towards the thumb's side: of the first bone
    of each finger; 0 is along the finger direction. Of the thumb: how much of its metacarpal's angle lies in
    the palm's plane; the rest stands out of the palm."""
    elbows: NDArray[np.float64]
    """Shape [frames, 2], degrees: how far the elbow is turned outwards about the line from shoulder to wrist,
    from straight down; NaN leaves it to the arm."""
    rate: Rate
    """Pictures per second, even."""
    notes: tuple[Note, ...] = ()
    """What was asked for and is not done."""

    def __post_init__(self) -> None:
        count = len(self.active)
        shapes = {"active": (), "palms": (3,), "directions": (3,), "normals": (3,)}
        for name, rest in {**shapes, "bends": (5, 3), "spread": (5,), "elbows": ()}.items():
            array = getattr(self, name)
            if array.shape != (count, 2, *rest):
                raise ValueError(f"{name} must be {[count, 2, *rest]}, not {list(array.shape)}")
            if name != "elbows" and not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite")

    def __len__(self) -> int:
        return len(self.active)
