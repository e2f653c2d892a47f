"""Our figure built once, coarsely, and bent by numpy as any program that reads it would."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.character import Detail, build_figure
from accessify.core.character import Character, Surface
from accessify.core.humanoid import FINGERS, finger_bones
from accessify.core.motion import placed_bones
from accessify.core.rotation import IDENTITY, about, to_matrix

COARSE = Detail(hands=0.0028, clothes=0.0180, head=0.35)


@cache
def coarse_figure() -> Character:
    return build_figure(detail=COARSE)


def surface(figure: Character, name: str) -> Surface:
    return next(one for one in figure.surfaces if one.name == name)


def bent(figure: Character, skin: Surface, turns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Positions [vertices, 3] with some bones turned: linear blending."""
    rig = figure.rig
    rotations = np.tile(IDENTITY, (len(rig.bones), 1))
    for bone, turn in turns.items():
        rotations[rig.index(bone)] = turn
    places, worlds = placed_bones(rig, rotations)
    matrices = to_matrix(worlds)
    moved = np.einsum("bij,vbj->vbi", matrices, skin.positions[:, None] - rig.heads) + places
    chosen = np.take_along_axis(moved, skin.joints[:, :, None].astype(np.int64), axis=1)
    return np.asarray((chosen * skin.weights[:, :, None]).sum(axis=1))


def fist(side: str) -> dict[str, NDArray[np.float64]]:
    """Turns of four fingers that close them."""
    sign = 1 if side == "right" else -1
    return {
        bone: about([0, 0, sign], np.radians(angle))
        for finger in FINGERS[1:]
        for bone, angle in zip(finger_bones(side, finger), (92, 105, 75), strict=True)
    }
