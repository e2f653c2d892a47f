"""Weights of a skin on its bones, and a skin that was meshed in another pose brought back to rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Points, Values
from accessify.core.humanoid import Rig
from accessify.core.motion import placed_bones
from accessify.core.rotation import IDENTITY, to_matrix

Shares = Mapping[str, Values]
"""Bone → its share of each vertex [n]; all together 1."""
Turns = Mapping[str, NDArray[np.float64]]
"""Bone → its turn [4] against its parent; bones that are not there are at rest."""


def turned(rig: Rig, turns: Turns) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places [bones, 3] and turns [bones, 4] in the world of a rig with some bones turned."""
    rotations = np.tile(IDENTITY, (len(rig.bones), 1))
    for bone, turn in turns.items():
        rotations[rig.index(bone)] = turn
    return placed_bones(rig, rotations)


def packed(rig: Rig, shares: Shares) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """The four largest shares of each vertex: bones [n, 4] and their weights [n, 4], summing to 1."""
    bones = np.array([rig.index(bone) for bone in shares])
    table = np.stack(list(shares.values()), axis=-1).astype(np.float64)
    if table.shape[1] < 4:
        table = np.pad(table, ((0, 0), (0, 4 - table.shape[1])))
        bones = np.pad(bones, (0, 4 - len(bones)), mode="edge")
    order = np.argsort(-table, axis=1, kind="stable")[:, :4]
    weights = np.take_along_axis(table, order, axis=1)
    weights[weights < 0.004] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    joints = np.where(weights > 0, bones[order], bones[order[:, :1]])
    return joints.astype(np.uint16), weights.astype(np.float32)


def unposed(rig: Rig, turns: Turns, shares: Shares, skin: tuple[Points, Points]) -> tuple[Points, Points]:
    """A skin that was meshed with some bones turned, brought back to rest.

    Args:
        rig: the bones at rest.
        turns: how they were turned.
        shares: how much each bone carries of each vertex.
        skin: positions [n, 3] in metres and normals [n, 3] as meshed.

    Returns:
        Positions and normals at rest: linear blending with `turns` takes them to what was meshed.
    """
    places, worlds = turned(rig, turns)
    blended = np.zeros((len(skin[0]), 3, 4))
    for bone, share in shares.items():
        number = rig.index(bone)
        matrix = to_matrix(worlds[number])
        shift = places[number] - matrix @ rig.heads[number]
        blended += share[:, None, None] * np.column_stack([matrix, shift])
    linear = blended[:, :, :3]
    rest = np.linalg.solve(linear, (skin[0] - blended[:, :, 3])[:, :, None])[:, :, 0]
    normals = np.einsum("nji,nj->ni", linear, skin[1].astype(np.float64))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return rest.astype(np.float32), normals.astype(np.float32)
