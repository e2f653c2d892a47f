from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from accessify.cli.convert import command
from accessify.core.errors import FormatError, OptionError
from accessify.core.timeline import millis
from accessify.delivery.poses import read_poses, write_poses
from tests.delivery.pose_clips import FOREIGN, NTSC, clip, same


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(item) for item in arguments], catch_exceptions=False)


def test_landmarks_there_and_back(tmp_path: Path) -> None:
    made = clip(30, rate=NTSC)
    write_poses(made, tmp_path / "a.pose")
    result = _run(tmp_path / "a.pose", tmp_path / "b.npz")
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'b.npz'}: 30 poses of 3 points, 1.00 s, 640x480 at 29.97 fps\n"
    assert result.stderr == ""
    _run(tmp_path / "b.npz", tmp_path / "c.pose")
    assert (tmp_path / "c.pose").read_bytes() == (tmp_path / "a.pose").read_bytes()
    assert same(read_poses(tmp_path / "b.npz"), made)


def test_a_folder_with_what_the_user_knows(tmp_path: Path) -> None:
    (tmp_path / "seq").mkdir()
    for number in (0, 1, 3):
        np.save(tmp_path / "seq" / f"{number}.npy", np.full(126, 0.5))
    target = tmp_path / "out" / "hello.npz"
    result = _run(tmp_path / "seq", target, "--size", "1280x720", "--fps", "25", "--mirrored")
    assert "4 poses of 42 points, 0.16 s, 1280x720 at 25 fps" in result.stdout
    assert result.stderr == "  frame 2 is not there: missing poses\n"
    found = read_poses(target)
    assert found.mirrored
    assert found.points[0, 0].tolist() == [640, 360, 640]
    assert "the picture's size is not in the file: taken as 640x480" in _run(tmp_path / "seq", target).stderr


def test_losses_are_told(tmp_path: Path) -> None:
    made = clip(4, mirrored=True)
    uneven = replace(made, times=made.times + np.array([0, 0, millis(20), 0]))
    write_poses(uneven, tmp_path / "a.npz")
    result = _run(tmp_path / "a.npz", tmp_path / "a.pose")
    assert result.stdout.startswith(f"{tmp_path / 'a.pose'}: from 4 poses of 3 points, ")
    assert result.stderr == (
        "  the format holds even times only: from 4 poses at uneven times, 4 were made at 25 fps\n"
        "  the format does not tell that the picture is mirrored\n"
    )


def test_what_a_file_says_is_not_overruled_in_silence(tmp_path: Path) -> None:
    write_poses(clip(2), tmp_path / "a.pose")
    result = _run(tmp_path / "a.pose", tmp_path / "b.npz", "--size", "1280x720", "--fps", "30")
    told = [
        "the file says 640x480, taken as 1280x720 as you said; points stay",
        "the file says 25 fps, taken as 30 as you said; all times follow",
    ]
    assert result.stderr == "".join(f"  {text}\n" for text in told)
    found = read_poses(tmp_path / "b.npz")
    assert [(note.kind, note.text) for note in found.notes] == [("assumed", text) for text in told]
    assert (found.size, float(found.rate.fps)) == ((1280, 720), 30)
    assert np.array_equal(found.points, clip(2).points, equal_nan=True)
    same_as_said = _run(tmp_path / "a.pose", tmp_path / "b.npz", "--size", "640x480", "--fps", "25")
    assert same_as_said.stderr == ""


def test_depths_of_other_tools(tmp_path: Path) -> None:
    body = FOREIGN.only(["POSE_LANDMARKS", "LEFT_HAND_LANDMARKS"])
    write_poses(clip(2, body), tmp_path / "a.pose")
    assert "taken as pixels" in _run(tmp_path / "a.pose", tmp_path / "b.npz").stderr
    for z, scale in (("widths", 640), ("pixels", 1)):
        result = _run(tmp_path / "a.pose", tmp_path / f"{z}.npz", "--z", z)
        assert result.stderr == ""
        depths = read_poses(tmp_path / f"{z}.npz").points[..., 2]
        assert np.allclose(depths, scale * clip(2, body).points[..., 2], equal_nan=True)


@pytest.mark.parametrize(
    ("names", "options", "error", "words"),
    [
        (("a.pose", "b.npz"), ["--offset", "1"], OptionError, "--offset is for captions, not for landmarks"),
        (("a.pose", "b.npz"), ["--stretch", "24:25"], OptionError, "--stretch is for captions"),
        (
            ("a.pose", "b.npz"),
            ["--size", "wide"],
            OptionError,
            "--size 'wide': write width x height in pixels",
        ),
        (("a.pose", "b.npz"), ["--size", "0x9"], OptionError, "--size '0x9'"),
        (("a.pose", "b.npz"), ["--fps", "fast"], OptionError, "not a frame rate"),
        (("a.pose", "b.npz"), ["--person", "1"], OptionError, r"a\.pose: there is no person 1 in it"),
        (
            ("a.pose", "b.srt"),
            [],
            OptionError,
            r"landmarks cannot become captions; write them to a name .* \.pose or \.npz",
        ),
        ((".", "b.vtt"), [], OptionError, "landmarks cannot become captions"),
        (("a.vtt", "b.srt"), ["--size", "9x9"], OptionError, "--size is for landmarks, not for captions"),
        (("a.npz", "b.pose"), ["--z", "widths"], OptionError, "what z is in is known of all but .pose files"),
        (("a.vtt", "b.srt"), ["--z", "pixels"], OptionError, "--z is for landmarks, not for captions"),
        (("a.vtt", "b.srt"), ["--not-mirrored"], OptionError, "--mirrored is for landmarks"),
        (("a.vtt", "b.pose"), [], FormatError, r"a\.vtt: not a landmark file; give one of"),
    ],
)
def test_bad_options_name_the_fix(
    tmp_path: Path, names: tuple[str, str], options: list[str], error: type[Exception], words: str
) -> None:
    write_poses(clip(2), tmp_path / "a.pose")
    write_poses(clip(2), tmp_path / "a.npz")
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "utf-8")
    source, target = (tmp_path / name for name in names)
    with pytest.raises(error, match=words):
        _run(source, target, *options)
    assert not target.exists()
