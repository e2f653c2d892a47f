"""How much room a figure takes: its flesh around its bones, and the part of a picture that it fills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character
from accessify.core.projection import Projection

Array = NDArray[np.float64]

_CARRIES = 0.05
"""Weight from which a vertex belongs to a bone; what is lighter hardly follows it."""
_SLACK = 0.02
"""Metres for what expressions and light weights move out of that."""
_EVEN = 8
"""Windows begin and end on whole multiples of so many pixels, or at the edge of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Flesh:
    """Sizes of what the bones of a figure carry."""

    reach: Array
    """Shape [bones], metres: from each bone to its farthest vertex; negative where it carries none."""
    thickness: Array
    """Shape [bones], metres: the median distance of the vertices that it carries most; 0 where none."""

    @classmethod
    def of(cls, character: Character) -> Flesh:
        """Measured on the surfaces of `character` at rest."""
        count = len(character.rig.bones)
        reach = np.full(count, -1.0)
        near: list[list[Array]] = [[] for _ in range(count)]
        for surface in character.surfaces:
            strongest = surface.weights.argmax(axis=1)
            for slot in range(surface.joints.shape[1]):
                bones = surface.joints[:, slot].astype(np.intp)
                distance = _from_bones(character, surface.positions, bones)
                carried = surface.weights[:, slot] > _CARRIES
                np.maximum.at(reach, bones[carried], distance[carried])
                for bone in np.unique(bones[strongest == slot]):
                    near[bone].append(distance[(strongest == slot) & (bones == bone)])
        thickness = [float(np.median(np.concatenate(parts))) if parts else 0.0 for parts in near]
        return cls(reach, np.array(thickness))


def _from_bones(character: Character, places: NDArray[np.floating], bones: NDArray[np.intp]) -> Array:
    """[n], metres: from each of `places` [n, 3] to the line between the ends of its bone."""
    start = character.rig.heads[bones]
    along = character.rig.tails[bones] - start
    offset = places - start
    share = (offset * along).sum(axis=-1) / np.maximum((along * along).sum(axis=-1), 1e-12)
    return np.asarray(np.linalg.norm(offset - np.clip(share, 0, 1)[:, None] * along, axis=-1))


def window(projection: Projection, heads: Array, tails: Array, flesh: Flesh) -> tuple[int, int, int, int]:
    """Left, top, width and height of the part of the picture, in pixels, that the figure fills.

    `heads` and `tails` [..., bones, 3], metres: where the ends of the bones are in all pictures. At least
    one block of pixels, also of a figure that is out of sight.
    """
    used = flesh.reach >= 0
    ends = np.concatenate([heads[..., used, :], tails[..., used, :]], axis=-2)
    air = np.tile(flesh.reach[used] + _SLACK, 2)
    seen = projection.project(ends)
    radius = projection.focal * air / np.maximum(seen[..., 2] - air, 0.05)
    low = (seen[..., :2] - radius[..., None]).reshape(-1, 2).min(axis=0)
    high = (seen[..., :2] + radius[..., None]).reshape(-1, 2).max(axis=0)
    (left, right), (top, bottom) = (
        _blocks(low[axis], high[axis], projection.size[axis]) for axis in range(2)
    )
    return left, top, right - left, bottom - top


def _blocks(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(max(0, int(low // _EVEN) * _EVEN), max(0, size - _EVEN))
    last = min(size, max(first + _EVEN, int(-(-high // _EVEN)) * _EVEN))
    return first, last
