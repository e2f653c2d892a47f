"""Landmark files of any kind."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import FormatError, OptionError, UnknownName
from accessify.core.holistic import (
    BODY,
    BODY_WORLD,
    FACE,
    HOLISTIC,
    IRISES,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    RIGHT_HAND,
)
from accessify.core.pose import Skeleton
from accessify.delivery.poses import read_poses, write_poses
from tests.delivery.pose_clips import FOREIGN, NTSC, clip, pose_format, read_elsewhere, same


def test_files_are_known_by_name_or_content(tmp_path: Path) -> None:
    made = clip(3)
    for name in ("a.pose", "a.NPZ"):
        assert write_poses(made, tmp_path / name) == ()
        assert same(read_poses(tmp_path / name), made)
    (tmp_path / "a.NPZ").rename(tmp_path / "a.bin")
    assert same(read_poses(tmp_path / "a.bin"), made)
    mirrored = read_poses(tmp_path / "a.pose", mirrored=True, size=(1, 2), rate=NTSC)
    assert (mirrored.mirrored, mirrored.size, mirrored.rate) == (True, (1, 2), NTSC)
    with pytest.raises(OptionError, match=r"a\.bin: says its own size, rate and mirroring"):
        read_poses(tmp_path / "a.bin", size=(1, 2))
    with pytest.raises(OptionError, match="holds one person; leave the choice of person 1 out"):
        read_poses(tmp_path / "a.bin", person=1)
    with pytest.raises(UnknownName, match=r"unknown landmark format '\.srt'"):
        write_poses(made, tmp_path / "a.srt")


def test_depths_that_may_be_another_tools_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pose"
    hands = ["LEFT_HAND_LANDMARKS", "RIGHT_HAND_LANDMARKS"]
    for skeleton, told in ((FOREIGN, True), (HOLISTIC, False), (HOLISTIC.only(hands), False)):
        write_poses(clip(2, skeleton), path)
        notes = read_poses(path).notes
        assert [note.kind for note in notes] == (["assumed"] if told else [])
        assert not told or 'say z="widths" (--z widths) for theirs, or pixels to be sure' in notes[0].text
        assert read_poses(path, z="pixels").notes == ()
        assert read_poses(path, z="widths").notes == ()
    (tmp_path / "seq").mkdir()
    np.save(tmp_path / "seq" / "0.npy", np.full(126, 0.5))
    with pytest.raises(OptionError, match=r"what z is in is known of all but \.pose files; leave it out"):
        read_poses(tmp_path / "seq", z="pixels")


def test_pose_files_hold_what_the_tools_of_pose_format_know(tmp_path: Path) -> None:
    made = clip(2, Skeleton((*HOLISTIC.components, IRISES)))
    (note,) = write_poses(made, tmp_path / "a.pose")
    assert (note.kind, note.span) == ("not-held", made.span)
    assert note.text == (
        "tools for the format do not know LEFT_HAND_WORLD_LANDMARKS, RIGHT_HAND_WORLD_LANDMARKS, "
        "IRIS_LANDMARKS: left out; .npz holds them"
    )
    names = [BODY, FACE, LEFT_HAND, RIGHT_HAND, BODY_WORLD]
    assert same(read_poses(tmp_path / "a.pose"), made.only(names))
    assert pose_format()
    generic = import_module("pose_format.utils.generic")
    reduced = generic.reduce_holistic(read_elsewhere(tmp_path / "a.pose"))
    assert reduced.body.data.shape == (2, 1, 178, 3)
    assert write_poses(made, tmp_path / "a.npz") == ()
    assert same(read_poses(tmp_path / "a.npz"), made)


def test_components_that_others_do_not_know_are_written_where_there_is_nothing_else(tmp_path: Path) -> None:
    made = clip(2, HOLISTIC.only([LEFT_HAND_WORLD]))
    assert write_poses(made, tmp_path / "a.pose") == ()
    assert same(read_poses(tmp_path / "a.pose"), made)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n", "utf-8")
    with pytest.raises(
        FormatError, match=r"not a landmark file; give one of \.pose, \.npz, \.parquet, or a folder"
    ):
        read_poses(tmp_path / "a.srt")
    with pytest.raises(FormatError, match="there is no such file"):
        read_poses(tmp_path / "absent.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(FormatError, match=r"other\.npz: not a \.npz of poses"):
        read_poses(tmp_path / "other.npz")
