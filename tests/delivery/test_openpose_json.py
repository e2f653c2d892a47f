"""OpenPose's folders of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import FormatError, OptionError
from accessify.delivery.openpose_json import read_openpose
from accessify.delivery.openpose_skeleton import BODIES, OTHERS
from accessify.delivery.poses import read_poses
from tests.delivery.pose_clips import PAL, pose_format, same


def person(x: float = 100, scale: float = 50, *, body: int = 25, seed: int = 4) -> dict[str, Any]:
    """A person around x, with a point that was not found."""
    random = np.random.default_rng(seed)
    lists = {}
    for name, count in (("pose", body), ("face", 70), ("hand_left", 21), ("hand_right", 21)):
        numbers = random.uniform([x, 100, 0.1], [x + scale, 100 + scale, 0.9], (count, 3))
        numbers[-1] = 0
        lists[f"{name}_keypoints_2d"] = numbers.ravel().tolist()
    return {"person_id": [-1], **lists, "pose_keypoints_3d": []}


def openpose(folder: Path, frames: dict[int, list[dict[str, Any]]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, people in frames.items():
        name = f"film_2_{number:012}_keypoints.json"
        (folder / name).write_text(json.dumps({"version": 1.3, "people": people}), "utf-8")
    return folder


def test_openpose_as_pose_format_reads_it(tmp_path: Path) -> None:
    oracle = pose_format().utils.openpose
    folder = openpose(tmp_path, {0: [person()], 1: [], 3: [person(200, seed=9)]})
    theirs = oracle.load_openpose_directory(str(folder), fps=25, width=640, height=480)
    ours = read_openpose(folder, size=(640, 480), rate=PAL)
    assert [part.name for part in ours.skeleton.components] == [
        part.name for part in theirs.header.components
    ]
    for mine, other in zip(ours.skeleton.components, theirs.header.components, strict=True):
        assert mine.points == tuple(other.points)
        assert all(max(limb) < len(mine.points) for limb in mine.limbs)
    assert len(ours) == 4
    assert np.array_equal(ours.confidence, theirs.body.confidence[:, 0])
    seen = ours.confidence > 0
    assert np.array_equal(ours.points[seen][:, :2], theirs.body.data.data[:, 0][seen])
    assert (ours.points[seen][:, 2] == 0).all()
    assert [note.text for note in ours.notes if note.kind == "absent"] == [
        "frame 2 is not there: missing poses"
    ]
    assert ours.rate == PAL
    assert not [note for note in ours.notes if "size" in note.text]


def test_eighteen_points_and_absent_parts(tmp_path: Path) -> None:
    only = {"pose_keypoints_2d": person(body=18)["pose_keypoints_2d"], "face_keypoints_2d": []}
    found = read_openpose(openpose(tmp_path, {0: [only]}))
    assert found.skeleton.components == (BODIES[18],)
    assert BODIES[18].points[8] == "RHip"
    assert set(BODIES[18].points) == set(BODIES[25].points[:19]) - {"MidHip"}


def test_all_137_points_in_one_list_and_names_of_old(tmp_path: Path) -> None:
    whole = person()
    names = ["pose_keypoints_2d", *(part.name for part in OTHERS)]
    joined = {"pose_keypoints_2d": [number for name in names for number in whole[name]]}
    old = {name.removesuffix("_2d"): whole[name] for name in names}
    expected = read_openpose(openpose(tmp_path / "a", {0: [whole]}))
    assert same(read_openpose(openpose(tmp_path / "b", {0: [joined]})), expected)
    assert same(read_openpose(openpose(tmp_path / "c", {0: [old]})), expected)
    assert expected.points.shape == (1, 137, 3)


def test_the_size_is_around_the_points_where_it_is_not_given(tmp_path: Path) -> None:
    found = read_openpose(openpose(tmp_path, {0: [person(600, 30)]}))
    assert 615 < found.size[0] <= 630
    texts = [note.text for note in found.notes if note.kind == "assumed"]
    assert (
        f"the picture's size is not in the files: {found.size[0]}x{found.size[1]} is around all points"
        in texts
    )


def test_the_largest_person_is_followed(tmp_path: Path) -> None:
    frames = {
        0: [person(300, 20), person(100, 60)],
        1: [person(104, 60), person(300, 200)],  # somebody large walks in
        2: [person(300, 200), person(108, 60)],
        3: [person(300, 100)],  # the first one left
    }
    found = read_poses(openpose(tmp_path, frames))
    nose = found.points[:, 0, 0]
    assert ((nose[:3] - [100, 104, 108] >= 0) & (nose[:3] - [100, 104, 108] <= 60)).all()
    assert nose[3] >= 300
    assert "up to 2 people are in a frame; the largest, then the nearest to it, was read" in [
        note.text for note in found.notes
    ]
    second = read_poses(tmp_path, person=1)
    assert (second.confidence[3] == 0).all()
    assert second.points[0, 0, 0] < 200
    with pytest.raises(OptionError, match="there is no person 2; a frame has 2 at most"):
        read_poses(tmp_path, person=2)


@pytest.mark.parametrize("low", [0, -1])
def test_fractions_of_the_picture(tmp_path: Path, low: int) -> None:
    numbers = np.random.default_rng(2).uniform([low, low, 0.2], [1, 1, 0.9], (25, 3))
    numbers[:2, :2] = [[low, low], [1, 1]]
    numbers[2] = 0  # not found
    folder = openpose(tmp_path, {0: [{"pose_keypoints_2d": numbers.ravel().tolist()}]})
    with pytest.raises(FormatError, match=r"fractions of the picture .* give the picture's size"):
        read_openpose(folder)
    found = read_openpose(folder, size=(640, 480))
    assert found.points[0, :2].tolist() == [[0, 0, 0], [640, 480, 0]]
    assert found.confidence[0, 2] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a frame of OpenPose"),
        ("{", "not a frame of OpenPose"),
        ("[]", "not a frame of OpenPose"),
        ("[" * 100_000, "not a frame of OpenPose"),
        ('{"people": 3}', "not a frame of OpenPose"),
        ('{"people": [3]}', "not a frame of OpenPose"),
        ('{"people": [{"pose_keypoints_2d": "abc"}]}', "not a frame of OpenPose"),
        ('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', "pose_keypoints_2d must hold 75 or 54 numbers"),
        (
            '{"people": [{"face_keypoints_2d": [[1], [2]]}]}',
            r"face_keypoints_2d must hold 210 numbers, not \[2, 1\]",
        ),
        (
            json.dumps({"people": [person(body=18)]}),
            "18 points of pose_keypoints_2d, but 25 in frames before",
        ),
    ],
)
def test_a_damaged_frame_of_openpose_is_named(tmp_path: Path, text: str, words: str) -> None:
    openpose(tmp_path, {0: [person()]})
    path = tmp_path / "film_2_000000000001_keypoints.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FormatError, match=words) as caught:
        read_openpose(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")


def test_folders_without_anybody(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no \*_keypoints\.json in it"):
        read_openpose(tmp_path)
    with pytest.raises(FormatError, match="holds no frames"):
        read_poses(tmp_path)
    openpose(tmp_path, {0: [], 1: []})
    with pytest.raises(FormatError, match="nobody was found in any frame"):
        read_openpose(tmp_path)
    openpose(tmp_path, {0: [{}]})
    with pytest.raises(FormatError, match="no points of anybody"):
        read_openpose(tmp_path)
    (tmp_path / "film_2_0_keypoints.json").write_text("{}", "utf-8")
    with pytest.raises(
        FormatError, match=r"film_2_0_keypoints\.json: frame 0 is also|000_keypoints\.json: frame 0"
    ):
        read_openpose(tmp_path)
