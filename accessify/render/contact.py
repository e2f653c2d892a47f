"""What hands and forearms darken when they come near: balls along their bones.

In two dimensions it is the shadow of a hand that tells a viewer whether it touches the chest or is held
before it. Every vertex is darkened by a few balls: the light from all around by the formula for a ball above
a surface (I. Quilez, "Sphere ambient occlusion"), the key light by how near its ray passes each ball. What
the balls hide at rest is already in a surface's own occlusion, so it is divided out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character
from accessify.core.humanoid import FINGERS, SIDES, Rig, finger_bones
from accessify.core.rotation import rotate
from accessify.render.extent import Flesh

Array = NDArray[np.float64]

_FOREARM = (0.3, 0.6, 0.9)
"""Where on the forearm its balls are, as shares of its length."""
_PALM = 0.022
"""Metres: least radius of a ball in the palm, which is wider than it is thick."""
_ON_FINGER = 0.1
"""Where on the last bone of a finger its ball is: near the joint, so that one ball stands for two bones."""
_FINGER_BALL = 1.3
"""How much wider than the finger that ball is, for the same reason."""
_THINNEST = 0.006
"""Metres: radius of a ball where the flesh tells none."""


@dataclass(frozen=True, slots=True, eq=False)
class Balls:
    """Balls that move with the bones of a rig."""

    bones: NDArray[np.intp]
    """Shape [balls]: the bone that carries each."""
    offsets: Array
    """Shape [balls, 3], metres: from the bone's joint, at rest."""
    radii: Array
    """Shape [balls], metres."""

    @classmethod
    def of(cls, character: Character, flesh: Flesh) -> Balls:
        """For the hands and forearms of `character`, as thick as its flesh; fingers it lacks have none."""
        rig = character.rig
        found: list[tuple[int, Array, float]] = []
        for side in SIDES:
            found += _arm(rig, flesh, side)
            for finger in FINGERS:
                bone = finger_bones(side, finger)[2]
                if bone in rig:
                    number = rig.index(bone)
                    middle = _ON_FINGER * (rig.tails[number] - rig.heads[number])
                    found.append((number, middle, _FINGER_BALL * max(_THINNEST, flesh.thickness[number])))
        bones, offsets, radii = zip(*found, strict=True)
        return cls(np.array(bones, np.intp), np.array(offsets), np.array(radii))

    def placed(self, places: Array, turns: Array) -> NDArray[np.float32]:
        """Centres and radii [..., balls, 4], float32, metres, of bones placed as `placed_bones` says."""
        centers = places[..., self.bones, :] + rotate(turns[..., self.bones, :], self.offsets)
        radii = np.broadcast_to(self.radii[:, None], (*centers.shape[:-1], 1))
        return np.concatenate([centers, radii], axis=-1).astype(np.float32)

    def openness(
        self, rig: Rig, points: NDArray[np.floating], normals: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """[n], float32, 0 to 1: the light from all around that the balls at rest leave to `points` [n, 3]."""
        left = np.ones(len(points), np.float32)
        centers = rig.heads[self.bones] + self.offsets
        for center, radius in zip(centers.astype(np.float32), self.radii, strict=True):
            way = center - np.asarray(points, np.float32)
            squared = np.maximum((way * way).sum(axis=-1), 1e-8)
            facing = np.maximum((way * normals).sum(axis=-1), 0) / np.sqrt(squared)
            left *= 1 - facing * np.minimum(1, radius * radius / squared).astype(np.float32)
        return left


def _arm(rig: Rig, flesh: Flesh, side: str) -> list[tuple[int, Array, float]]:
    """The balls of palm and forearm."""
    found = []
    hand, lower = rig.index(f"{side}Hand"), rig.index(f"{side}LowerArm")
    wrist = rig.heads[hand]
    thick = max(_PALM, flesh.thickness[hand])
    for finger in ("Index", "Little"):
        knuckle = finger_bones(side, finger)[0]
        end = rig.heads[rig.index(knuckle)] if knuckle in rig else rig.tails[hand]
        found.append((hand, 0.6 * (end - wrist), thick))
    for share in _FOREARM:
        along = share * (wrist - rig.heads[lower])
        found.append((lower, along, max(0.03, flesh.thickness[lower])))
    return found
