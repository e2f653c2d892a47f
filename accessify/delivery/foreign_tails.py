"""Where the bones of another's figure end: at the next joint, or where the skin that they carry ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Surface
from accessify.core.humanoid import FINGERS, SIDES, finger_bones
from accessify.core.rotation import unit
from accessify.delivery.foreign_rig import ForeignRig

Array = NDArray[np.float64]

_TRUNK = 0.58
"""Metres from hips to head of the adult that the lengths here are of."""
_LAST = 0.85
"""Length of a finger's last bone by that of the one before, where no skin tells."""
_NEAREST, _FARTHEST = 0.5, 1.8
"""Bounds of the same by the skin."""
_CARRIED = 0.5
_MIDDLE = ("hips", "spine", "chest", "upperChest", "neck", "head")


def tails_of(rig: ForeignRig, surfaces: Sequence[Surface]) -> Array:
    """Shape [bones, 3], metres, in the T-pose."""
    joints = dict(zip(rig.bones, rig.heads, strict=True))
    size = float(np.linalg.norm(joints["head"] - joints["hips"])) / _TRUNK
    tails = {bone: joints[bone] + size * _usual(bone) for bone in rig.bones}
    middle = [bone for bone in _MIDDLE if bone in joints]
    chains = [middle, *(chain for side in SIDES for chain in _chains(side, joints))]
    for chain in chains:
        for bone, following in pairwise(chain):
            tails[bone] = joints[following]
    tops = _farthest(rig, surfaces, "head", np.array([0, 1.0, 0]))
    if tops is not None:
        tails["head"] = joints["head"] + np.array([0, tops, 0])
    for side in SIDES:
        for finger in FINGERS:
            chain = [bone for bone in finger_bones(side, finger) if bone in joints]
            if len(chain) > 1:
                tails[chain[-1]] = _tip(rig, surfaces, chain)
    return np.stack([tails[bone] for bone in rig.bones])


def _usual(bone: str) -> Array:
    """From a bone's joint to its end on an adult, for bones that no joint ends."""
    side = -1.0 if bone.startswith("right") else 1.0
    if bone.endswith("Eye"):
        return np.array([0, 0, 0.012])
    if bone.endswith("Foot"):
        return np.array([0, -0.05, 0.13])
    if bone.endswith("Hand"):
        return np.array([0.09 * side, 0, 0])
    if "Thumb" in bone:
        return np.array([0.025 * side, 0, 0.025])
    if bone.startswith(("left", "right")):
        return np.array([0.03 * side, 0, 0])
    return {"jaw": np.array([0, -0.07, 0.07]), "head": np.array([0, 0.2, 0])}.get(bone, np.array([0, 0.1, 0]))


def _chains(side: str, joints: dict[str, Array]) -> list[list[str]]:
    """Bones each of which ends where the next begins."""
    arm = [f"{side}{bone}" for bone in ("Shoulder", "UpperArm", "LowerArm", "Hand", "MiddleProximal")]
    leg = [f"{side}{bone}" for bone in ("UpperLeg", "LowerLeg", "Foot")]
    chains = [arm, [f"{side}LowerArmTwist", f"{side}Hand"], leg]
    chains += [list(finger_bones(side, finger)) for finger in FINGERS]
    return [[bone for bone in chain if bone in joints] for chain in chains]


def _tip(rig: ForeignRig, surfaces: Sequence[Surface], chain: list[str]) -> Array:
    """The tip of a finger: as far along its last bone as there is skin."""
    before, last = (rig.heads[rig.index(bone)] for bone in chain[-2:])
    along, length = unit(last - before), float(np.linalg.norm(last - before))
    reach = _farthest(rig, surfaces, chain[-1], along)
    if reach is None:
        reach = _LAST * length
    return np.asarray(last + along * min(max(reach, _NEAREST * length), _FARTHEST * length))


def _farthest(rig: ForeignRig, surfaces: Sequence[Surface], bone: str, way: Array) -> float | None:
    """How far from a bone's joint the skin goes that it carries most of."""
    number = rig.index(bone)
    reaches = []
    for surface in surfaces:
        share = np.where(surface.joints == number, surface.weights, 0).sum(axis=1)
        points = surface.positions[share > _CARRIED]
        if len(points):
            reaches.append(float(((points - rig.heads[number]) @ way).max()))
    return max(reaches, default=None)
