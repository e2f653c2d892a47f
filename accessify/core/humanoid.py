"""Bones of a person: names, order and parents as in VRM 1.0, with a twist bone in each forearm.

Space: metres, Y up, the person looks towards +Z, +X is the person's left (as glTF, VRM and the signing
space of sign notation). At rest the person stands in the T-pose of VRM 1.0: arms level to the sides, palms
down, fingers straight along the arms, thumbs level and 45° forward
(https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/tpose.md). At rest the
rotation of every bone is the identity, so a rotation reads the same for every person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SIDES = ("left", "right")
"""The order of hands in arrays; sides are the person's own."""
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")
"""In VRM's words, in the order of arrays."""
_PHALANGES = ("Proximal", "Intermediate", "Distal")
_THUMB = ("Metacarpal", "Proximal", "Distal")


def finger_bones(side: str, finger: str) -> tuple[str, str, str]:
    """The three bones of a finger from the palm outwards, e.g. of `left`, `Index`."""
    first, second, third = _THUMB if finger == "Thumb" else _PHALANGES
    return f"{side}{finger}{first}", f"{side}{finger}{second}", f"{side}{finger}{third}"


def _arm(side: str) -> dict[str, str]:
    upper, lower, hand = f"{side}UpperArm", f"{side}LowerArm", f"{side}Hand"
    bones = {f"{side}Shoulder": "upperChest", upper: f"{side}Shoulder", lower: upper, twist(side): lower}
    bones[hand] = lower
    for finger in FINGERS:
        above = hand
        for bone in finger_bones(side, finger):
            bones[bone], above = above, bone
    return bones


def twist(side: str) -> str:
    """The bone that carries the skin before the wrist: it has a share of the hand's turn about the forearm.

    It is no parent of the hand and no bone of VRM; other people's figures do without.
    """
    return f"{side}LowerArmTwist"


def _leg(side: str) -> dict[str, str]:
    return {f"{side}UpperLeg": "hips", f"{side}LowerLeg": f"{side}UpperLeg", f"{side}Foot": f"{side}LowerLeg"}


PARENTS: dict[str, str | None] = {
    "hips": None,
    "spine": "hips",
    "chest": "spine",
    "upperChest": "chest",
    "neck": "upperChest",
    "head": "neck",
    "leftEye": "head",
    "rightEye": "head",
    "jaw": "head",
    **_arm("left"),
    **_arm("right"),
    **_leg("left"),
    **_leg("right"),
}
"""Bone → its parent, parents first."""

BONES = tuple(PARENTS)


@dataclass(frozen=True, eq=False)
class Rig:
    """The bones of one person at rest."""

    bones: tuple[str, ...]
    """Some or all of `BONES` in its order; where a bone's parent is not there, the nearest above it is."""
    heads: NDArray[np.float64]
    """Shape [bones, 3], metres: the joint that each bone turns about."""
    tails: NDArray[np.float64]
    """Shape [bones, 3], metres: where each bone ends, e.g. the tip of a finger."""

    def __post_init__(self) -> None:
        if [bone for bone in BONES if bone in self.bones] != list(self.bones):
            raise ValueError("bones must be bones of a humanoid in the order of BONES, each once")
        shape = (len(self.bones), 3)
        if self.heads.shape != shape or self.tails.shape != shape:
            raise ValueError(f"heads and tails must be {list(shape)}")

    def __contains__(self, bone: str) -> bool:
        return bone in self._numbers

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {bone: number for number, bone in enumerate(self.bones)}

    def index(self, bone: str) -> int:
        """The number of `bone` in the arrays; raises `KeyError` with its name."""
        return self._numbers[bone]

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """Number of each bone's parent, -1 for the root."""
        found = []
        for bone in self.bones:
            above = PARENTS[bone]
            while above is not None and above not in self._numbers:
                above = PARENTS[above]
            found.append(-1 if above is None else self._numbers[above])
        return tuple(found)

    @cached_property
    def offsets(self) -> NDArray[np.float64]:
        """Shape [bones, 3], metres: each joint from its parent's, the root's from the floor."""
        return np.array(
            [
                self.heads[number] - (self.heads[parent] if parent >= 0 else 0)
                for number, parent in enumerate(self.parents)
            ]
        )
