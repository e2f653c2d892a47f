"""BVH: a small parser of our own tests' finds every joint where forward kinematics puts it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import about, of_matrix
from accessify.delivery.bvh import euler_zxy, write_bvh
from tests.motion.people import plain_rig
from tests.render.figures import RATE, signing

Array = NDArray[np.float64]


class Joint:
    def __init__(self, name: str, parent: Joint | None) -> None:
        self.name, self.parent = name, parent
        self.offset = np.zeros(3)
        self.channels: list[str] = []


def parsed(text: str) -> tuple[list[Joint], Array, float]:
    """Joints in order of their channels, the rows of numbers, and seconds a picture."""
    head, _, body = text.partition("MOTION\n")
    words = head.split()
    joints: list[Joint] = []
    above: list[Joint] = []
    opened: Joint | None = None
    at = 1
    while at < len(words):
        word = words[at]
        if word in {"ROOT", "JOINT", "End"}:
            opened = Joint(words[at + 1], above[-1] if above else None)
            joints.append(opened)
            at += 2
        elif word == "{":
            assert opened is not None
            above.append(opened)
            at += 1
        elif word == "}":
            above.pop()
            at += 1
        elif word == "OFFSET":
            above[-1].offset = np.array([float(number) for number in words[at + 1 : at + 4]])
            at += 4
        else:
            assert word == "CHANNELS"
            count = int(words[at + 1])
            above[-1].channels = words[at + 2 : at + 2 + count]
            at += 2 + count
    assert not above
    lines = body.splitlines()
    frames, step = int(lines[0].removeprefix("Frames: ")), float(lines[1].removeprefix("Frame Time: "))
    rows = np.array([[float(number) for number in line.split()] for line in lines[2:]])
    assert len(rows) == frames
    return joints, rows, step


def played(joints: list[Joint], row: Array) -> dict[str, Array]:
    """Name → place; turns in the order of the channels, as the format says."""
    axes = {"X": [1, 0, 0], "Y": [0, 1, 0], "Z": [0, 0, 1]}
    numbers = iter(row)
    matrices: dict[int, Array] = {}
    places = {}
    for joint in joints:
        local = np.eye(4)
        local[:3, 3] = joint.offset
        if any(channel.endswith("position") for channel in joint.channels):
            local[:3, 3] = 0
        for channel in joint.channels:
            value, step = next(numbers), np.eye(4)
            if channel.endswith("position"):
                step["XYZ".index(channel[0]), 3] = value
            else:
                step[:3, :3] = _matrix(np.array(axes[channel[0]], float), np.radians(value))
            local = local @ step
        above = np.eye(4) if joint.parent is None else matrices[id(joint.parent)]
        matrices[id(joint)] = above @ local
        places[joint.name] = matrices[id(joint)][:3, 3]
    return places


def _matrix(axis: Array, angle: float) -> Array:
    """Rodrigues' formula."""
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def shaken(frames: int = 8) -> Motion:
    """Every bone turned at random."""
    rig = plain_rig()
    motion = Motion.at_rest(rig, frames, RATE)
    chance = np.random.default_rng(5)
    turns = about(
        chance.normal(size=(frames, len(rig.bones), 3)), chance.uniform(0, 3, (frames, len(rig.bones)))
    )
    motion.rotations[:] = turns
    motion.hips[:] = chance.normal(size=(frames, 3)) * 0.1
    return motion


@pytest.mark.parametrize("motion", [shaken(), signing(6)], ids=["at random", "signing"])
def test_joints_are_where_forward_kinematics_says(motion: Motion, tmp_path: Path) -> None:
    write_bvh(motion, tmp_path / "a.bvh")
    joints, rows, step = parsed((tmp_path / "a.bvh").read_text("ascii"))
    assert step == pytest.approx(0.04)
    named = [joint for joint in joints if joint.channels]
    assert {joint.name for joint in named} == set(motion.rig.bones)
    places, _ = placed_bones(motion.rig, motion.rotations, motion.hips)
    for frame, row in enumerate(rows):
        found = played(joints, row)
        for number, bone in enumerate(motion.rig.bones):
            assert np.linalg.norm(found[bone] / 100 - places[frame, number]) < 1e-4


def test_each_chain_ends_where_its_last_bone_does(tmp_path: Path) -> None:
    rig = plain_rig()
    write_bvh(Motion.at_rest(rig, 1, RATE), tmp_path / "a.bvh")
    joints, _, _ = parsed((tmp_path / "a.bvh").read_text("ascii"))
    ends = [joint for joint in joints if joint.name == "Site"]
    assert len(ends) == sum(number not in rig.parents for number in range(len(rig.bones)))
    for end in ends:
        assert end.parent is not None
        number = rig.index(end.parent.name)
        assert np.allclose(end.offset / 100, rig.tails[number] - rig.heads[number], atol=1e-7)


def test_angles_do_not_jump_where_they_could_go_on() -> None:
    angle = np.linspace(0, 7, 60)
    for axis in ([0, 0, 1], [0, 1, 0], [1, 0, 0], [0.1, 1, 0.05]):
        angles = euler_zxy(about(axis, angle)[:, None])
        assert np.abs(np.diff(angles, axis=0)).max() < 0.7


def test_a_quarter_about_x_is_still_the_same_turn() -> None:
    for y in (-0.5, 0.0, 0.8):
        matrix = _matrix(np.array([0, 0, 1.0]), 0.3) @ _matrix(np.array([1.0, 0, 0]), np.pi / 2)
        matrix = matrix @ _matrix(np.array([0, 1.0, 0]), y)
        z, x, other = euler_zxy(of_matrix(matrix)[None, None])[0, 0]
        back = _matrix(np.array([0, 0, 1.0]), z) @ _matrix(np.array([1.0, 0, 0]), x)
        assert np.allclose(back @ _matrix(np.array([0, 1.0, 0]), other), matrix, atol=1e-6)


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    motion = signing(2)
    motion.expressions[:] = 0
    assert write_bvh(motion, tmp_path / "a.bvh") == ()
    motion.expressions[1, EXPRESSIONS.index("jawOpen")] = 1
    late = Motion(motion.rig, motion.rotations, motion.hips, motion.expressions, motion.rate, 5)
    told = write_bvh(late, tmp_path / "a.bvh")
    assert [note.kind for note in told] == ["not-held", "not-held"]
    assert "face" in told[0].text
    with pytest.raises(OptionError, match=r"end the name so"):
        write_bvh(motion, tmp_path / "a.txt")
