"""A head at rest, measured on its bones and its skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accessify.core.humanoid import SIDES, Rig
from accessify.motion.surface_rays import Skin

_FAR = 2.0
"""Metres from which rays come."""
_TO_CHIN = 0.103
"""Metres from the eyes down to where the chin ends, of the head that all other numbers here are of."""


@dataclass(frozen=True, slots=True)
class HeadMeasures:
    """A head at rest, metres."""

    eyes: float
    """Height of the eyes."""
    chin: float
    """Height at which the chin ends below."""
    top: float
    """Height of the crown, with hair."""
    across: float
    """Half the distance between the eyes."""
    half_width: float
    """From the middle to the side, above the ears, with hair."""
    back: float
    """z of the back, with hair."""

    @property
    def scale(self) -> float:
        """Size of the face against the one that heights here are of."""
        return (self.eyes - self.chin) / _TO_CHIN


def measured(rig: Rig, face: Skin, whole: Skin) -> HeadMeasures:
    """A head by its bones and its skin; what neither tells follows from the other measures."""
    neck = rig.heads[rig.index("head")]
    size = float(rig.tails[rig.index("head")][1] - neck[1])
    above = whole.near([0, neck[1] + _FAR, neck[2]], [0, -1, 0])
    top = float(above[1]) if above is not None else float(neck[1] + size)
    if all(f"{side}Eye" in rig for side in SIDES):
        pair = np.stack([rig.heads[rig.index(f"{side}Eye")] for side in SIDES])
        eyes, across = float(pair[:, 1].mean()), float(abs(pair[0, 0] - pair[1, 0]) / 2)
    else:
        eyes = float(neck[1] + 0.386 * (top - neck[1]))
        across = 0.25 * (top - eyes)
    chin = _chin(face, eyes, float(neck[1]), top)
    scale = (eyes - chin) / _TO_CHIN
    side = whole.near([_FAR, eyes + 0.010 * scale, neck[2]], [-1, 0, 0])
    behind = whole.near([0, eyes, neck[2] - _FAR], [0, 0, 1])
    return HeadMeasures(
        eyes=eyes,
        chin=chin,
        top=top,
        across=across,
        half_width=float(side[0]) if side is not None else 2.3 * across,
        back=float(behind[2]) if behind is not None else float(neck[2]) - 0.100 * scale,
    )


def _chin(face: Skin, eyes: float, neck: float, top: float) -> float:
    """The height where the face ends below: seen from the front, the skin falls back there the most."""
    heights = np.linspace(eyes - 0.3 * (top - eyes), min(neck, eyes) - 0.5 * (top - eyes), 60)
    front = [face.near([0, height, _FAR], [0, 0, -1]) for height in heights]
    depth = np.array([-np.inf if point is None else point[2] for point in front])
    seen = np.isfinite(depth)
    if seen.sum() < 10:
        return eyes - 0.83 * (top - eyes)
    depth = np.where(seen, depth, depth[seen].min())
    fall = depth[:-3] - depth[3:]
    return float(heights[int(fall.argmax()) + 1])
