"""Meshes of another's figure as its nodes place them, with our bones' shares of every vertex.

Rules: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html, §3.7 (meshes and skins).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.humanoid import SIDES, twist
from accessify.core.rotation import unit
from accessify.delivery.foreign_rig import ForeignRig
from accessify.delivery.glb_parse import Glb

Floats = NDArray[np.float64]
Triangles = NDArray[np.int64]

MOST_TRIANGLES = 600_000
"""Figures for the screen have tens of thousands; more would not be drawn in time."""
_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_TWISTED = 0.72
"""Share of the forearm, from the elbow, over which the turn of the hand comes in; as on our own figure."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The triangles of one material."""

    name: str
    mesh: int
    """Number of its mesh, which expressions are told of."""
    primitive: dict[str, Any]
    rows: NDArray[np.int64]
    """Shape [vertices]: which rows of the file's arrays are used."""
    triangles: Triangles
    """Shape [triangles, 3]."""
    matrices: Floats
    """Shape [vertices, 3, 4]: what the file's bones do to each vertex in its own pose."""
    shares: NDArray[np.float32]
    """Shape [vertices, bones]: how much of each vertex hangs on each of our bones, summing to 1."""

    def placed(self, points: NDArray[np.floating[Any]]) -> Floats:
        """Points [vertices, 3] in the file's own pose."""
        return self.moved(points) + self.matrices[:, :, 3]

    def moved(self, ways: NDArray[np.floating[Any]]) -> Floats:
        """Differences between points [vertices, 3] there."""
        return np.asarray(np.einsum("vij,vj->vi", self.matrices[:, :, :3], ways))


def parts_of(glb: Glb, rig: ForeignRig) -> tuple[list[Part], list[str]]:
    """All that can be drawn, and a line for each mesh that is left out."""
    lost: list[str] = []
    found: list[Part] = []
    _require_moderate(glb)
    for node in _shown(glb):
        row = glb.rows("nodes")[node]
        if "mesh" not in row:
            continue
        name = str(glb.rows("meshes")[row["mesh"]].get("name") or row.get("name") or f"mesh {row['mesh']}")
        if "skin" not in row and rig.owners[node] < 0:
            lost.append(f"{name} hangs on no bone")
            continue
        for primitive in glb.rows("meshes")[row["mesh"]]["primitives"]:
            if primitive.get("mode", _TRIANGLES) < _TRIANGLES:
                lost.append(f"{name} has points or lines, which are not drawn")
                continue
            part = _part(glb, rig, (node, name), primitive)
            if len(part.triangles):
                found.append(part)
    return found, lost


def _require_moderate(glb: Glb) -> None:
    accessors = glb.rows("accessors")
    corners = 0
    for row in glb.rows("nodes"):
        for primitive in glb.rows("meshes")[row["mesh"]]["primitives"] if "mesh" in row else ():
            number = primitive.get("indices", primitive["attributes"]["POSITION"])
            corners += int(accessors[number]["count"])
    if corners > 3 * MOST_TRIANGLES:
        raise FormatError(
            f"{corners // 3} triangles, more than {MOST_TRIANGLES} are not drawn; make the meshes coarser "
            "(in Blender, the modifier Decimate)",
            source=glb.source,
        )


def _shown(glb: Glb) -> Iterator[int]:
    """Numbers of the nodes of the scene, each once."""
    nodes, scenes = glb.rows("nodes"), glb.rows("scenes")
    roots = scenes[glb.document.get("scene", 0)].get("nodes", ()) if scenes else range(len(nodes))
    waiting = list(roots)
    seen: set[int] = set()
    for node in waiting:  # which grows on the way
        if node not in seen:
            seen.add(node)
            waiting.extend(nodes[node].get("children", ()))
            yield node


def _part(glb: Glb, rig: ForeignRig, at: tuple[int, str], primitive: dict[str, Any]) -> Part:
    node, name = at
    row = glb.rows("nodes")[node]
    positions = glb.numbers(primitive["attributes"]["POSITION"])
    corners = _corners(glb, primitive, len(positions))
    rows, numbers = np.unique(corners, return_inverse=True)
    triangles = numbers.reshape(-1, 3)
    if "skin" in row and "JOINTS_0" in primitive["attributes"]:
        matrices, shares = _skinned(glb, rig, glb.rows("skins")[row["skin"]], (primitive, rows))
    else:
        matrices = np.broadcast_to(rig.worlds[node][:3], (len(rows), 3, 4))
        shares = np.zeros((len(rows), len(rig.bones)), np.float32)
        shares[:, max(rig.owners[node], 0)] = 1
        if np.linalg.det(rig.worlds[node][:3, :3]) < 0:  # a mirrored mesh
            triangles = triangles[:, ::-1]
    part = Part(name, row["mesh"], primitive, rows, triangles, matrices, shares)
    _share_forearms(part.shares, rig, part.placed(positions[rows]))
    return part


def _corners(glb: Glb, primitive: dict[str, Any], vertices: int) -> Triangles:
    """Rows of the corners [triangles, 3], without triangles that have two corners in one row."""
    if "indices" in primitive:
        order = glb.accessor(primitive["indices"]).astype(np.int64).reshape(-1)
    else:
        order = np.arange(vertices)
    if order.max(initial=0) >= max(vertices, 1):
        raise IndexError("a triangle has a vertex that is not there")
    mode = primitive.get("mode", _TRIANGLES)
    if mode == _STRIP:
        corners = np.stack([order[:-2], order[1:-1], order[2:]], axis=1)
        corners[1::2] = corners[1::2, [1, 0, 2]]
    elif mode == _FAN:
        corners = np.stack([np.full(max(len(order) - 2, 0), order[0]), order[1:-1], order[2:]], axis=1)
    else:
        corners = order[: len(order) // 3 * 3].reshape(-1, 3)
    a, b, c = corners.T
    return np.asarray(corners[(a != b) & (b != c) & (c != a)])


def _skinned(
    glb: Glb, rig: ForeignRig, skin: dict[str, Any], chosen: tuple[dict[str, Any], NDArray[np.int64]]
) -> tuple[Floats, NDArray[np.float32]]:
    """Matrices and shares of the vertices of a primitive."""
    primitive, rows = chosen
    nodes = np.array(skin["joints"], np.int64)
    bind = rig.worlds[nodes]
    if "inverseBindMatrices" in skin:
        bind = bind @ glb.numbers(skin["inverseBindMatrices"]).astype(np.float64)[: len(nodes)]
    owners = np.maximum(rig.owners[nodes], 0)  # what hangs above the hips moves with them
    matrices = np.zeros((len(rows), 3, 4))
    shares = np.zeros((len(rows), len(rig.bones)), np.float32)
    for joints, weights in _influences(glb, primitive, rows):
        for joint, weight in zip(joints.T, weights.T, strict=True):
            matrices += weight[:, None, None] * bind[joint, :3]
            np.add.at(shares, (np.arange(len(rows)), owners[joint]), weight.astype(np.float32))
    return matrices, shares


def _influences(
    glb: Glb, primitive: dict[str, Any], rows: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], Floats]]:
    """Joints and weights [vertices, 4] of each set, all weights of a vertex summing to 1."""
    attributes = primitive["attributes"]
    sets: list[tuple[NDArray[np.int64], Floats]] = []
    while f"JOINTS_{len(sets)}" in attributes:
        joints = glb.accessor(attributes[f"JOINTS_{len(sets)}"])[rows].astype(np.int64)
        weights = glb.numbers(attributes[f"WEIGHTS_{len(sets)}"])[rows].astype(np.float64)
        sets.append((joints, np.maximum(weights, 0)))
    total = sum(weights.sum(axis=1, keepdims=True) for _, weights in sets)
    sets[0][1][:, :1] += total <= 0  # a vertex on no bone goes with the first
    total = np.where(total > 0, total, 1)
    return [(joints, weights / total) for joints, weights in sets]


def _share_forearms(shares: NDArray[np.float32], rig: ForeignRig, points: Floats) -> None:
    """Give the twist bones what lies towards the wrist."""
    for side in SIDES:
        elbow, wrist = (rig.before[rig.index(f"{side}{bone}")] for bone in ("LowerArm", "Hand"))
        along = unit(wrist - elbow)
        reach = _TWISTED * max(float((wrist - elbow) @ along), 1e-6)
        share = np.clip((points - elbow) @ along / reach, 0, 1).astype(np.float32)
        forearm = rig.index(f"{side}LowerArm")
        shares[:, rig.index(twist(side))] += share * shares[:, forearm]
        shares[:, forearm] *= 1 - share
