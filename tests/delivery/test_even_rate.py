"""Poses at an even rate: true in time, never made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.pose import Component, PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import millis, to_millis
from accessify.delivery.even_rate import EvenRate
from accessify.delivery.pose_file import read_pose, write_pose
from tests.delivery.pose_clips import NTSC, PAL, pose


def evened(*poses: PoseFrame) -> list[tuple[int, float | None]]:
    """Milliseconds from the first and x of each frame at 25 fps; None is missing."""
    stage = EvenRate(PAL)
    frames = [even for one in poses for even in stage.push(one)] + list(stage.finish())
    for frame in frames:
        assert (np.isnan(frame.points).any(axis=-1) == (frame.confidence == 0)).all()
    assert stage.given == len(frames)
    assert stage.taken == len(poses)
    xs = [None if np.isnan(frame.points[0, 0]) else round(float(frame.points[0, 0]), 3) for frame in frames]
    return [(40 * index, x) for index, x in enumerate(xs)]


def at(*pairs: tuple[int, float | None]) -> list[PoseFrame]:
    return [pose(x, millis(time)) for time, x in pairs]


def test_even_poses_stay_what_they_are() -> None:
    stage = EvenRate(NTSC)
    poses = [pose(index, to_rounded(NTSC.at(index))) for index in range(100)]  # whole milliseconds, as in MKV
    out = [even for one in poses for even in stage.push(one)] + list(stage.finish())
    assert all(even is one for even, one in zip(out, poses, strict=True))
    assert not stage.changed


def to_rounded(ticks: int) -> int:
    return millis(to_millis(ticks))


def test_between_two_poses_is_on_the_line() -> None:
    assert evened(*at((0, 0), (30, 30), (90, 90))) == [(0, 0), (40, 40), (80, 80)]


def test_a_point_of_one_pose_only_is_taken_from_the_nearer() -> None:
    assert evened(*at((0, 0), (50, 50), (110, None))) == [(0, 0), (40, 40), (80, 50), (120, None)]
    assert evened(*at((0, None), (50, 50))) == [(0, None), (40, 50)]
    assert evened(*at((0, 0), (50, None), (80, 80))) == [(0, 0), (40, None), (80, 80)]


def test_nothing_is_made_up_across_gaps() -> None:
    assert evened(*at((0, 0), (80, 80))) == [(0, 0), (40, 40), (80, 80)]  # two frames
    assert evened(*at((0, 0), (135, 135))) == [(0, 0), (40, None), (80, None), (120, 135)]


def test_poses_too_close_together_are_left_out() -> None:
    assert evened(*at((0, 0), (10, 10), (20, 20), (30, 30), (40, 40))) == [(0, 0), (40, 40)]
    stage = EvenRate(PAL)
    for one in at((0, 0), (10, 10), (40, 40)):
        list(stage.push(one))
    assert stage.changed


def test_no_pose_gives_no_frame() -> None:
    stage = EvenRate(PAL)
    assert list(stage.finish()) == []
    assert not stage.changed


@given(steps=st.lists(st.integers(1, 200), min_size=1, max_size=30), seed=st.integers(0, 99))
def test_a_point_that_moves_evenly_is_where_it_was_at_any_time(steps: list[int], seed: int) -> None:
    times = np.cumsum([seed, *steps]).tolist()
    poses = [pose(float(time - seed), millis(time)) for time in times]
    frames = evened(*poses)
    assert abs(frames[-1][0] - (times[-1] - seed)) <= 40
    for time, x in frames:
        assert x is None or abs(x - time) <= 20  # half a frame where it was taken from the nearer pose
    if max(steps) <= 80:
        inner = [x for time, x in frames if time <= times[-1] - seed]
        assert [round(x or 0) for x in inner] == pytest.approx(
            [time for time, _ in frames][: len(inner)], abs=2
        )


def test_a_variable_rate_is_told_and_true_in_the_file(tmp_path: Path) -> None:
    times = [0, 40, 80, 130, 180, 230, 270]
    points = np.array([[[time, 0, 0]] for time in times], np.float32)
    skeleton = Skeleton((Component("A", ("P",)),))
    ticks = np.array([millis(time) for time in times], np.int64)
    made = PoseClip(skeleton, points, np.ones((7, 1), np.float32), ticks, PAL, (640, 480))
    (note,) = write_pose(made, tmp_path / "a.pose")
    assert note.kind == "resampled"
    assert note.text == (
        "the format holds an even frame rate only: 7 poses of uneven times became 8 at 25 fps"
    )
    back = read_pose(tmp_path / "a.pose")
    assert back.points[:, 0, 0].tolist() == pytest.approx([0, 40, 80, 120, 160, 200, 240, 270], abs=0.01)
