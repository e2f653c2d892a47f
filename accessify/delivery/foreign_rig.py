"""Bones of another's figure in our terms: metres, Y up, facing +Z, in the T-pose, nothing turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.humanoid import BONES, FINGERS, PARENTS, SIDES, finger_bones, twist
from accessify.core.rotation import (
    IDENTITY,
    about,
    between,
    inverse,
    multiply,
    of_axes,
    rotate,
    swing_twist,
    to_matrix,
    unit,
)
from accessify.delivery.glb_parse import Glb
from accessify.delivery.humanoid_names import REQUIRED, named_bones

Array = NDArray[np.float64]

_TRUNK = 0.58
"""Metres from hips to head of an adult."""
_SIZES = 0.12, 2.0
"""Metres from hips to head between which a figure's own size is kept."""
_AS_IT_IS = 6.0
"""Degrees within which a hand is level: the knuckles of a hand lie in no plane."""
_CURLED = 15.0
"""Degrees off the arm's line beyond which a finger is straightened."""


@dataclass(frozen=True, slots=True, eq=False)
class ForeignRig:
    """A file's nodes and what makes the T-pose of them."""

    bones: tuple[str, ...]
    """In the order of `BONES`, a twist bone in each forearm added."""
    heads: Array
    """Shape [bones, 3], metres: joints in the T-pose."""
    before: Array
    """Shape [bones, 3], metres: joints in the file's own pose."""
    corrections: Array
    """Shape [bones, 4, 4]: takes skin of each bone from the file's own pose to the T-pose."""
    worlds: Array
    """Shape [nodes, 4, 4]: nodes in the file's own pose, in metres, Y up, facing +Z."""
    owners: NDArray[np.int64]
    """Shape [nodes]: number of the bone that each node hangs on, -1 for none."""
    lowered: float
    """Degrees between the arms and level, in the file's own pose."""
    scaled: float
    """Metres of one unit of the file."""

    def index(self, bone: str) -> int:
        """Number of a bone."""
        return self.bones.index(bone)


def foreign_rig(glb: Glb) -> ForeignRig:
    """The bones of a file; raises `FormatError` naming those that are required and not there."""
    found = named_bones(glb)
    missing = [bone for bone in REQUIRED if bone not in found]
    if missing:
        raise FormatError(
            f"no humanoid that can sign: it lacks {', '.join(missing)}; name its bones as VRM or Mixamo do, "
            "or assign them in a VRM exporter",
            source=glb.source,
        )
    worlds, parents = _worlds(glb)
    joints = {bone: worlds[node][:3, 3] for bone, node in found.items()}
    frame, scale = _frame(joints)
    worlds = frame @ worlds
    joints = {bone: worlds[node][:3, 3] for bone, node in found.items()}
    for side in SIDES:
        elbow, wrist = joints[f"{side}LowerArm"], joints[f"{side}Hand"]
        joints[twist(side)] = (elbow + wrist) / 2
    bones = tuple(bone for bone in BONES if bone in joints)
    turns = _turns(bones, joints)
    corrections, heads = _corrections(bones, joints, turns)
    owners = _owners(parents, {node: bones.index(bone) for bone, node in found.items()})
    return ForeignRig(
        bones,
        heads,
        np.stack([joints[bone] for bone in bones]),
        corrections,
        worlds,
        owners,
        _lowered(joints),
        scale,
    )


def _worlds(glb: Glb) -> tuple[Array, list[int]]:
    """Each node's matrix in the world [nodes, 4, 4], and its parent's number or -1."""
    nodes = glb.rows("nodes")
    parents = [-1] * len(nodes)
    for number, node in enumerate(nodes):
        for child in node.get("children", []):
            if parents[child] >= 0:
                raise FormatError("damaged (a node with two parents); get a whole copy", source=glb.source)
            parents[child] = number
    worlds = np.tile(np.eye(4), (len(nodes), 1, 1))
    waiting = [number for number, parent in enumerate(parents) if parent < 0]
    done = 0
    while waiting:
        number = waiting.pop()
        done += 1
        above = worlds[parents[number]] if parents[number] >= 0 else np.eye(4)
        worlds[number] = above @ _local(nodes[number])
        waiting.extend(nodes[number].get("children", []))
    if done < len(nodes) or not np.isfinite(worlds).all():
        raise FormatError("damaged (its nodes make no tree); get a whole copy", source=glb.source)
    return worlds, parents


def _local(node: dict[str, Any]) -> Array:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    turn = to_matrix(unit(np.array(node.get("rotation", IDENTITY), np.float64)))
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _frame(joints: dict[str, Array]) -> tuple[Array, float]:
    """What brings a file's world into ours, by quarter turns, and its scale.

    VRM 0.x looks towards -Z, and some exporters leave Z up; hips, head and shoulders tell.
    """
    up, across = joints["head"] - joints["hips"], joints["leftUpperArm"] - joints["rightUpperArm"]
    size = float(np.linalg.norm(up))
    if size < 1e-6 or float(np.linalg.norm(across)) < 1e-6:
        raise ValueError("head, hips or shoulders lie in one place")
    y = _axis(up)
    x = _axis(np.where(y != 0, 0, across))
    scale = 1.0 if _SIZES[0] <= size <= _SIZES[1] else _TRUNK / size
    frame = np.eye(4)
    frame[:3, :3] = scale * np.stack([x, y, np.cross(x, y)])
    middle = frame[:3, :3] @ (joints["leftUpperArm"] + joints["rightUpperArm"]) / 2
    frame[0, 3], frame[2, 3] = -middle[0], -middle[2]
    return frame, scale


def _axis(vector: Array) -> Array:
    """The axis that is nearest to a direction."""
    axis = np.zeros(3)
    largest = int(np.abs(vector).argmax())
    axis[largest] = 1.0 if vector[largest] >= 0 else -1.0
    return axis


def _turns(bones: tuple[str, ...], joints: dict[str, Array]) -> dict[str, Array]:
    """How far each bone is turned in the world to come into the T-pose; parents' turns included."""
    turns: dict[str, Array] = {}
    for bone in bones:
        above = PARENTS[bone]
        while above is not None and above not in turns:
            above = PARENTS[above]
        turns[bone] = IDENTITY if above is None else turns[above]
    for side in SIDES:
        _turn_arm(turns, joints, side)
    return turns


def _turn_arm(turns: dict[str, Array], joints: dict[str, Array], side: str) -> None:
    out = np.array([1.0 if side == "left" else -1.0, 0, 0])
    upper, lower, hand = (f"{side}{name}" for name in ("UpperArm", "LowerArm", "Hand"))
    shoulder = turns[upper]
    turns[upper] = _levelled(shoulder, joints[lower] - joints[upper], out)
    turns[lower] = _levelled(turns[upper], joints[hand] - joints[lower], out)
    turns[hand] = _palm_down(turns[lower], joints, side, out)
    _, rolled = swing_twist(multiply(turns[hand], inverse(turns[lower])), out)
    angle = 2 * np.arctan2(float(rolled[:3] @ out), float(rolled[3]))
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    turns[twist(side)] = multiply(about(out, np.array(angle / 2)), turns[lower])
    for finger in FINGERS:
        chain = [bone for bone in finger_bones(side, finger) if bone in joints]
        above = turns[hand]
        for number, bone in enumerate(chain):
            turns[bone] = above
            if finger != "Thumb" and number + 1 < len(chain):
                way = joints[chain[number + 1]] - joints[bone]
                if _degrees(rotate(above, way), out) > _CURLED:
                    turns[bone] = _levelled(above, way, out)
            above = turns[bone]


def _levelled(above: Array, way: Array, out: Array) -> Array:
    """`above`, and then the shortest turn that takes `way` to `out`."""
    return multiply(between(rotate(above, way), out), above)


def _palm_down(above: Array, joints: dict[str, Array], side: str, out: Array) -> Array:
    """The turn of a hand whose fingers go outwards and whose thumb is in front; without fingers, `above`."""
    first, middle, last = (f"{side}{finger}Proximal" for finger in ("Index", "Middle", "Little"))
    if any(bone not in joints for bone in (first, middle, last)):
        return above
    wrist = joints[f"{side}Hand"]
    along = unit(joints[middle] - wrist)
    across = joints[first] - joints[last]
    across = unit(across - (across @ along) * along)
    if not across.any() or not along.any():
        return above
    now = of_axes(along, across, np.cross(along, across))
    front = np.array([0, 0, 1.0])
    turn = multiply(of_axes(out, front, np.cross(out, front)), inverse(now))
    off = multiply(turn, inverse(above))
    return above if 2 * np.degrees(np.arccos(min(abs(float(off[3])), 1.0))) < _AS_IT_IS else turn


def _corrections(
    bones: tuple[str, ...], joints: dict[str, Array], turns: dict[str, Array]
) -> tuple[Array, Array]:
    """Matrices [bones, 4, 4] from the file's pose to the T-pose, and where joints then are [bones, 3]."""
    matrices: dict[str, Array] = {}
    for bone in bones:
        above = PARENTS[bone]
        while above is not None and above not in matrices:
            above = PARENTS[above]
        joint = joints[bone]
        place = joint if above is None else matrices[above][:3, :3] @ joint + matrices[above][:3, 3]
        matrix = np.eye(4)
        matrix[:3, :3] = to_matrix(turns[bone])
        matrix[:3, 3] = place - matrix[:3, :3] @ joint
        matrices[bone] = matrix
    stacked = np.stack([matrices[bone] for bone in bones])
    before = np.stack([joints[bone] for bone in bones])
    return stacked, np.einsum("bij,bj->bi", stacked[:, :3, :3], before) + stacked[:, :3, 3]


def _owners(parents: list[int], bones: dict[int, int]) -> NDArray[np.int64]:
    """Of each node the nearest bone at or above it, by number; -1 where there is none."""
    owners = np.full(len(parents), -1, np.int64)
    for node in range(len(parents)):
        above = node
        while above >= 0 and above not in bones:
            above = parents[above]
        owners[node] = bones[above] if above >= 0 else -1
    return owners


def _lowered(joints: dict[str, Array]) -> float:
    """Degrees between the arms and the level line outwards, in the file's pose."""
    out = {"left": np.array([1.0, 0, 0]), "right": np.array([-1.0, 0, 0])}
    return max(_degrees(joints[f"{side}Hand"] - joints[f"{side}UpperArm"], out[side]) for side in SIDES)


def _degrees(one: Array, other: Array) -> float:
    return float(np.degrees(np.arccos(np.clip(unit(one) @ unit(other), -1, 1))))
