"""Poses at an even rate: true in time, never made up."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.pose import Component, PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Rate, millis, to_millis
from accessify.delivery.even_rate import BRIDGE, EvenRate
from accessify.delivery.pose_file import open_pose, read_pose, write_pose
from accessify.media.camera import LiveReader
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
    bridged = evened(*at((0, 0), (250, 250)))
    assert bridged == [(time, time) for time in range(0, 241, 40)]
    missing = [(time, None) for time in range(40, 240, 40)]
    assert evened(*at((0, 0), (255, 255))) == [(0, 0), *missing, (240, 255)]
    stage = EvenRate(PAL)
    assert len([even for one in at((0, 0), (255, 255)) for even in stage.push(one)]) == 7
    assert stage.empty == len(missing)


def test_slow_rates_bridge_a_frame_that_is_a_little_late() -> None:
    stage = EvenRate(Rate(Fraction(2)))
    frames = [even for one in at((0, 0), (600, 600), (1000, 1000)) for even in stage.push(one)]
    assert [round(float(frame.points[0, 0])) for frame in frames] == [0, 500, 1000]
    stage = EvenRate(Rate(Fraction(2)))
    frames = [even for one in at((0, 0), (800, 800)) for even in stage.push(one)]
    assert (len(frames), stage.empty) == (2, 1)


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


@given(steps=st.lists(st.integers(1, 400), min_size=1, max_size=30), seed=st.integers(0, 99))
def test_a_point_that_moves_evenly_is_where_it_was_at_any_time(steps: list[int], seed: int) -> None:
    times = np.cumsum([seed, *steps]).tolist()
    poses = [pose(float(time - seed), millis(time)) for time in times]
    frames = evened(*poses)
    assert abs(frames[-1][0] - (times[-1] - seed)) <= 40
    for time, x in frames:
        assert x is None or abs(x - time) <= 20  # half a frame where it was taken from the nearer pose
    if max(steps) <= 250:
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
        "the format holds even times only: from 7 poses at uneven times, 8 were made at 25 fps"
    )
    back = read_pose(tmp_path / "a.pose")
    assert back.points[:, 0, 0].tolist() == pytest.approx([0, 40, 80, 120, 160, 200, 240, 270], abs=0.01)


class Camera:
    """Thirty pictures a second."""

    name = "camera 0"
    rate = Rate(Fraction(30))
    damaged = 0

    def read(self) -> Any:
        sleep(1 / 30)
        return np.zeros((2, 2, 3), np.uint8)

    def picture(self, raw: Any) -> Any:
        return raw

    def close(self) -> None: ...


def test_a_camera_looked_at_slowly_leaves_no_holes(tmp_path: Path) -> None:
    skeleton = Skeleton((Component("A", ("P",)),))
    times = []
    with (
        LiveReader(Camera()) as reader,
        open_pose(tmp_path / "a.pose", skeleton, reader.rate, (2, 2)) as file,
    ):
        for frame in islice(reader, 12):
            file.write(pose(1, frame.start))
            times.append(frame.start)
            sleep(0.12)
    back = read_pose(tmp_path / "a.pose")
    assert len(back) > 2 * len(times)
    empty = int((back.confidence[:, 0] == 0).sum())
    if max(after - before for before, after in pairwise(times)) <= BRIDGE:  # this machine may have stalled
        assert empty == 0
    text = file.notes[0].text
    assert text.startswith(
        f"the format holds even times only: from 12 poses at uneven times, {len(back)} were"
    )
    assert (f"; {empty} of these are empty, in gaps of over 0.25 s" in text) == (empty > 0)


def test_empty_frames_are_counted_in_the_note(tmp_path: Path) -> None:
    skeleton = Skeleton((Component("A", ("P",)),))
    with open_pose(tmp_path / "a.pose", skeleton, PAL, (2, 2)) as file:
        for one in at((0, 0), (120, 120), (1000, 1000), (1050, None)):
            file.write(one)
    back = read_pose(tmp_path / "a.pose")
    assert file.notes[0].text == (
        "the format holds even times only: from 4 poses at uneven times, 27 were made at 25 fps; "
        "21 of these are empty, in gaps of over 0.25 s"
    )
    assert (back.confidence[:26, 0] == 0).sum() == 21
