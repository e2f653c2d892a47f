"""Distances between two systems' landmarks against answers computed by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core import holistic as names
from accessify.core.errors import FormatError
from accessify.core.pose import PoseClip, PoseFrame
from accessify.core.timeline import Rate
from accessify.evaluation.landmark_error import (
    Finds,
    body_error,
    finds,
    hand_error,
    largest_distance,
    mean_distance,
)
from accessify.evaluation.landmark_tracks import (
    Places,
    Tracks,
    first_tracks,
    found,
    read_tracks,
    tracks_of,
)

RATE = Rate(Fraction(25))


def tracks(frames: int = 2, **parts: Places) -> Tracks:
    """Nothing found, except the `parts`."""
    shapes = {"body": 33, "left": 21, "right": 21, "face": 468}
    empty = {name: np.full((frames, count, 2), np.nan) for name, count in shapes.items()}
    visibility = np.full((frames, 33), np.nan)
    return Tracks(**({"visibility": visibility} | empty | parts))


def body(frames: int = 2) -> Places:
    """Shoulders 40 px apart, everything else at the origin."""
    places = np.zeros((frames, 33, 2))
    places[:, 11, 0] = 40
    return places


def hand(frames: int = 2) -> Places:
    """Points from (0, 0) to (20, 10): a box of 20 × 10."""
    steps = np.arange(21.0)
    return np.repeat(np.column_stack([steps, steps / 2])[None], frames, axis=0)


def test_only_visible_points_of_the_body_count() -> None:
    ours, theirs = body(), body()
    ours[0, 0] = (3, 4)  # 5 px away
    ours[1, 5] = (100, 0)  # hidden in the reference
    visibility = np.ones((2, 33))
    visibility[1, 5] = 0.49
    error = body_error(tracks(body=ours), tracks(body=theirs, visibility=visibility))
    assert error is not None
    assert error[0] == pytest.approx(5 / 65)  # 2 × 33 points, one hidden
    assert error[1] == pytest.approx(100 * 5 / 65 / 40)


def test_a_body_that_only_one_sees_is_not_compared() -> None:
    ours, theirs = body(3), body(3)
    ours[0] = np.nan
    theirs[1] = np.nan
    ours[2, :, 1] += 2
    visibility = np.where(found(theirs)[:, None], 1.0, np.nan) * np.ones((3, 33))
    error = body_error(tracks(3, body=ours), tracks(3, body=theirs, visibility=visibility))
    assert error == (pytest.approx(2.0), pytest.approx(5.0))
    assert body_error(tracks(), tracks()) is None
    assert mean_distance(ours[:1], theirs[:1]) is None
    assert mean_distance(ours[2:], theirs[2:]) == pytest.approx(2.0)


def test_a_hand_is_judged_in_four_ways() -> None:
    ours, theirs = hand(4), hand(4)
    ours[0, :, 0] += 0.2
    ours[1, :, 1] += 0.4
    ours[2, :, 0] += 3.0
    ours[3] = np.nan
    error = hand_error(ours, theirs)
    assert error is not None
    assert error.frames == 3
    assert error.mean_px == pytest.approx(1.2)  # (0.2 + 0.4 + 3) / 3
    assert error.median_px == pytest.approx(0.4)
    assert error.close_percent == pytest.approx(200 / 3)
    assert error.box_percent == pytest.approx(6.0)  # 1.2 of 20
    assert hand_error(ours[3:], theirs[3:]) is None


def test_the_mean_is_over_points_and_close_is_over_pictures() -> None:
    ours, theirs = hand(1), hand(1)
    ours[0, 0, 0] += 10.5  # one of 21 points: 0.5 px on average, which is not below 0.5
    error = hand_error(ours, theirs)
    assert error is not None
    assert (error.mean_px, error.median_px, error.close_percent) == (pytest.approx(0.5), 0.0, 0.0)
    ours[0, 0, 0] -= 0.1
    error = hand_error(ours, theirs)
    assert error is not None
    assert error.close_percent == 100.0


def test_who_found_a_hand_is_counted() -> None:
    ours, theirs = hand(6), hand(6)
    ours[[0, 5]] = np.nan
    theirs[[1, 2, 5]] = np.nan
    who = finds(ours, theirs)
    assert who == Finds(both=2, only_ours=2, only_theirs=1)
    assert (who.ours, who.theirs) == (4, 3)


def test_the_largest_distance_counts_what_only_one_saw() -> None:
    one, other = tracks(left=hand()), tracks(left=hand())
    other.left[1, 20, 1] += 7
    assert largest_distance(one, other) == (pytest.approx(7), 0)
    assert largest_distance(one, one) == (0, 0)
    one.left[0] = np.nan
    assert largest_distance(one, other) == (pytest.approx(7), 1)
    assert largest_distance(one, tracks(right=hand())) == (None, 3)  # a left hand, two right ones


@given(st.integers(0, 2**32 - 1))
def test_no_error_against_oneself_and_the_same_both_ways(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = (random.uniform(0, 100, (5, 21, 2)) for _ in range(2))
    one[random.integers(5)] = np.nan
    assert mean_distance(one, one) == 0
    assert mean_distance(one, other) == mean_distance(other, one)
    same = hand_error(one, one)
    assert same is not None
    assert (same.median_px, same.close_percent, same.frames) == (0, 100, 4)


# reading and keeping


def reference(path: Path, **changed: object) -> Path:
    arrays: dict[str, object] = {
        "pose": np.zeros((2, 33, 4), np.float32),
        "pose_world": np.zeros((2, 33, 4), np.float32),
        "left_hand": np.full((2, 21, 3), np.nan, np.float32),
        "right_hand": np.full((2, 21, 3), 0.5, np.float32),
        "face": np.full((2, 468, 3), 0.25, np.float32),
    }
    np.savez(path, **{name: array for name, array in (arrays | changed).items() if array is not None})
    return path


def test_a_reference_is_read_in_pixels(tmp_path: Path) -> None:
    read = read_tracks(reference(tmp_path / "a.npz"), (320, 240), RATE, 2)
    assert read.right[0, 0].tolist() == [160, 120]
    assert read.face[1, 467].tolist() == [80, 60]
    assert found(read.left).tolist() == [False, False]
    assert len(first_tracks(read, 1)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"face": None}, r"a\.npz: it has no face; a reference holds pose, left_hand, right_hand, face"),
        ({"face": np.zeros((3, 468, 3))}, r"a\.npz: face must be floats \[2, 468, 3\]"),
        ({"size": np.array([640, 480])}, r"of 640x480 at 25 a second, and the video has 320x240 at 25 a"),
        ({"fps": np.array(30.0)}, r"at 30 a second, and the video has 320x240 at 25 a second; give this"),
    ],
)
def test_a_reference_of_another_clip_is_refused(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(FormatError, match=said):
        read_tracks(reference(tmp_path / "a.npz", **changed), (320, 240), RATE, 2)


def test_a_reference_has_a_row_for_each_picture_and_may_tell_nothing_of_them(tmp_path: Path) -> None:
    told = reference(tmp_path / "a.npz", size=np.array([320, 240]), fps=np.array(24.9))
    assert len(read_tracks(told, (320, 240), RATE, 2)) == 2
    with pytest.raises(FormatError, match=r"a\.npz: it has 2 rows, and the video 3 pictures"):
        read_tracks(told, (320, 240), RATE, 3)


def test_a_file_that_is_no_reference_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"not an archive")
    with pytest.raises(FormatError, match=r"a\.npz: not a whole \.npz file"):
        read_tracks(tmp_path / "a.npz", (320, 240), RATE, 2)


def test_our_own_poses_become_tracks() -> None:
    skeleton = names.HOLISTIC.only([names.BODY, names.LEFT_HAND])
    points = np.full((len(skeleton), 3), np.nan, np.float32)
    confidence = np.zeros(len(skeleton), np.float32)
    place = skeleton.place(names.BODY)
    points[place], confidence[place] = 3.0, 0.75
    poses = [PoseFrame(points, confidence), PoseFrame(points * np.nan, confidence * 0, 1)]
    own = tracks_of(PoseClip.of(poses, skeleton, RATE, (320, 240)))
    assert found(own.body).tolist() == [True, False]
    assert own.visibility[0].tolist() == [0.75] * 33
    assert np.isnan(own.visibility[1]).all()
    assert not found(own.left).any()
    assert own.face.shape == (2, 468, 2)
