"""MediaPipe landmarks in numpy files: points in pixels, and what the files leave out is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.core.holistic import BODY, BODY_WORLD, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.timeline import Span
from accessify.delivery.mediapipe_npy import read_npy_folder, read_npy_tree
from accessify.delivery.poses import read_poses
from tests.delivery.pose_clips import NTSC, PAL

DATA = Path(__file__).parents[3] / "shared" / "data" / "sign"


def row(width: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 0.9, width)


def save(folder: Path, frames: dict[str, np.ndarray]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in frames.items():
        np.save(folder / f"{name}.npy", values)
    return folder


def test_the_well_known_row_of_1662(tmp_path: Path) -> None:
    first, second = row(1662), row(1662, seed=2)
    second[33 * 4 + 468 * 3 :][:63] = 0  # no left hand
    found = read_npy_folder(
        save(tmp_path, {"0": first, "1": second}), size=(1280, 720), rate=NTSC, mirrored=True
    )
    assert found.skeleton == HOLISTIC.only([BODY, FACE, LEFT_HAND, RIGHT_HAND])
    assert (found.size, found.rate, found.mirrored, found.notes) == ((1280, 720), NTSC, True, ())
    points, confidence = found.part(BODY)
    x, y, z, visibility = first[11 * 4 : 12 * 4]
    assert points[0, 11].tolist() == pytest.approx([x * 1280, y * 720, z * 1280])
    assert confidence[0, 11] == pytest.approx(visibility)
    assert found.part(FACE)[0][1, 467].tolist() == pytest.approx(second[1533:1536] * [1280, 720, 1280])
    assert np.isnan(found.part(LEFT_HAND)[0][1]).all()
    assert (found.part(LEFT_HAND)[1] == [[1], [0]]).all()
    assert found.part(RIGHT_HAND)[0][0, 20].tolist() == pytest.approx(first[-3:] * [1280, 720, 1280])


def test_hands_alone_and_half_a_body(tmp_path: Path) -> None:
    hands = row(126)
    found = read_npy_folder(save(tmp_path / "a", {"0": hands}), size=(100, 100))
    assert [part.name for part in found.skeleton.components] == [LEFT_HAND, RIGHT_HAND]
    assert found.part(RIGHT_HAND)[0][0, 0].tolist() == pytest.approx(hands[63:66] * 100)
    half = row(170)
    found = read_npy_folder(save(tmp_path / "b", {"0": half}), size=(100, 100))
    seen = np.flatnonzero(found.part(BODY)[1][0])
    assert seen.tolist() == [0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26]
    assert found.part(BODY)[0][0, 23].tolist() == pytest.approx(half[28:31] * 100)
    assert found.part(LEFT_HAND)[0][0, 0].tolist() == pytest.approx(half[44:47] * 100)
    found = read_npy_folder(save(tmp_path / "c", {"0": row(258)}))
    assert (found.confidence[0] > 0).all()
    assert len(found.skeleton) == 33 + 42


def test_frames_go_by_their_numbers(tmp_path: Path) -> None:
    frames = {f"frame_{number}": np.full(126, number / 100) for number in (10, 2, 9, 5)}
    found = read_npy_folder(save(tmp_path, frames), size=(100, 100), rate=PAL)
    assert found.times.tolist() == [PAL.at(number) for number in range(2, 11)]
    assert found.points[:, 0, 0].tolist() == pytest.approx(
        [2, np.nan, np.nan, 5, np.nan, np.nan, np.nan, 9, 10], nan_ok=True
    )
    gaps = [note for note in found.notes if note.kind == "absent"]
    assert [note.text for note in gaps] == [
        "frames 3 to 4 are not there: missing poses",
        "frames 6 to 8 are not there: missing poses",
    ]
    assert gaps[0].span == Span(PAL.at(3), PAL.at(5))


def test_what_is_not_known_is_assumed_and_told(tmp_path: Path) -> None:
    found = read_npy_folder(save(tmp_path, {"0": row(126), "1": row(126)}))
    assert (found.size, found.rate.fps, found.mirrored) == ((640, 480), 30, False)
    assert [note.kind for note in found.notes] == ["assumed"] * 3
    assert "taken as 640x480" in found.notes[0].text


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ({}, "no .npy frames in it; give the folder of one sequence"),
        ({"0": row(100)}, r"0\.npy: 100 numbers are no known layout; known: 1662, 258, 170, 126"),
        ({"0": row(126), "1": row(1662)}, r"1\.npy: 1662 numbers, but 126 in 0\.npy"),
        (
            {"0": row(126).reshape(2, 63)},
            r"0\.npy: a frame must be one row of numbers, not float64 \[2, 63\]",
        ),
        ({"0": np.array(["a"])}, "must be one row of numbers, not <U1"),
        ({"first": row(126)}, r"first\.npy: its name does not end in the number"),
        ({"1": row(126), "01": row(126)}, r"1\.npy: frame 1 is also 01\.npy; keep one"),
        ({"0": row(126), "99999999": row(126)}, "frames 0 to 99999999 are not one film's: only 2"),
    ],
)
def test_folders_that_are_no_sequence(tmp_path: Path, frames: dict[str, np.ndarray], words: str) -> None:
    save(tmp_path, frames)
    with pytest.raises(FormatError, match=words) as caught:
        read_npy_folder(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY\x01\0", b"\x93NUMPY\x07\0v\0{}", b"text"])
def test_a_damaged_frame_is_named(tmp_path: Path, data: bytes) -> None:
    save(tmp_path, {"0": row(126)})
    (tmp_path / "1.npy").write_bytes(data)
    with pytest.raises(FormatError, match=r"1\.npy: (not a whole \.npy file|its arrays are of version)"):
        read_npy_folder(tmp_path)


def test_numbers_that_are_none_are_missing(tmp_path: Path) -> None:
    values = row(126)
    values[:6] = [np.nan, 1, 1, 1e300, 1, 1]
    found = read_npy_folder(save(tmp_path, {"0": values}))
    assert (found.confidence[0] == 0).tolist() == [True, True, *[False] * 40]


def test_a_tree_of_signs(tmp_path: Path) -> None:
    for sign, sequence in (("thanks", "10"), ("thanks", "2"), ("hello", "0")):
        save(tmp_path / sign / sequence, {"0": row(126), "1": row(126)})
    (tmp_path / ".cache").mkdir()
    (tmp_path / "labels.csv").write_text("sign", "utf-8")
    found = list(read_npy_tree(tmp_path, size=(640, 480)))
    assert [(sign, sequence) for sign, sequence, _ in found] == [
        ("hello", "0"),
        ("thanks", "2"),
        ("thanks", "10"),
    ]
    assert all(len(one) == 2 for _, _, one in found)
    (tmp_path / "hello" / "1").mkdir()
    with pytest.raises(FormatError, match=r"hello/1: no \.npy frames in it"):
        list(read_npy_tree(tmp_path))
    with pytest.raises(FormatError, match="no folders of signs"):
        list(read_npy_tree(tmp_path / "hello" / "0"))
    with pytest.raises(FormatError, match=r"holds only folders; give one sequence of them"):
        read_poses(tmp_path)


# Holistic results in one .npz


def result(frames: int = 3, **changes: Any) -> dict[str, Any]:
    random = np.random.default_rng(5)
    arrays = {
        "pose": random.uniform(0.1, 0.9, (frames, 33, 4)).astype(np.float32),
        "pose_world": random.uniform(-1, 1, (frames, 33, 4)).astype(np.float32),
        "left_hand": np.full((frames, 21, 3), np.nan, np.float32),
        "right_hand": random.uniform(0.1, 0.9, (frames, 21, 3)).astype(np.float32),
        "face": random.uniform(0.1, 0.9, (frames, 468, 3)).astype(np.float32),
        **changes,
    }
    return {name: values for name, values in arrays.items() if values is not None}


def test_a_holistic_result(tmp_path: Path) -> None:
    arrays = result(fps=np.float64(25), size=np.array([320, 240]))
    arrays["pose_world"][..., 3] = np.abs(arrays["pose_world"][..., 3])
    np.savez(tmp_path / "a.npz", **arrays)
    found = read_poses(tmp_path / "a.npz")
    assert (found.size, found.rate.fps) == ((320, 240), 25)
    assert found.part(BODY)[0][2, 5].tolist() == pytest.approx(arrays["pose"][2, 5, :3] * [320, 240, 320])
    assert np.array_equal(found.part(BODY)[1], arrays["pose"][..., 3])
    assert np.array_equal(found.part(BODY_WORLD)[0], arrays["pose_world"][..., :3])  # metres
    assert np.isnan(found.part(LEFT_HAND)[0]).all()
    assert (found.part(RIGHT_HAND)[1] == 1).all()
    assert [note.text.split(" is ")[0] for note in found.notes] == ["whether the picture"]
    given = read_poses(tmp_path / "a.npz", size=(640, 480), rate=NTSC, mirrored=True)
    assert (given.size, given.rate, given.mirrored, given.notes) == ((640, 480), NTSC, True, ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"face": np.zeros((3, 478, 3), np.float32)}, r"face must be floats \[3, 468, 3\], not .* \[3, 478"),
        ({"right_hand": np.zeros((3, 21, 3), int)}, r"right_hand must be floats .*, not int64"),
        ({"pose": np.float32(1)}, r"pose must be floats \[0, 33, 4\]"),
    ],
)  # fmt: skip
def test_results_of_other_shapes(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    np.savez(tmp_path / "a.npz", **result(**changes))
    with pytest.raises(FormatError, match=words):
        read_poses(tmp_path / "a.npz")


@pytest.mark.skipif(not DATA.exists(), reason="the sign-language data are not here")
def test_published_results() -> None:
    found = read_poses(DATA / "reference" / "sentence_320x240.holistic.npz")
    assert (len(found), found.size, found.rate.fps) == (107, (320, 240), 25)
    hands = [int(found.part(name)[1].any(axis=1).sum()) for name in (LEFT_HAND, RIGHT_HAND)]
    assert hands == [61, 80]
