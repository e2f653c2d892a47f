"""Clips of letters out of a wheel: taken out once, only those of one language."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from accessify.core.errors import FormatError, UnknownName
from accessify.delivery import letter_clips as module
from accessify.delivery.letter_clips import MEMBERS, clip_languages, letter_clips
from accessify.delivery.pose_file import write_pose
from accessify.delivery.poses import read_poses
from accessify.glossing.spelling import spell
from tests.delivery.pose_clips import clip, same

HEAD = "path,spoken_language,signed_language,start,end,words,glosses,priority\n"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    write_pose(clip(), tmp_path / "one.pose")
    path = tmp_path / "clips.whl"
    rows = "ssp/1.pose,es,ssp,0,2720,Ñ,Ñ,0\nssp/2.pose,es,ssp,0,0,CH,CH,0\nssp/1.pose,ca,csc,0,0,A,A,0\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBERS + "index.csv", HEAD + rows)
        for number in (1, 2):
            archive.write(tmp_path / "one.pose", f"{MEMBERS}ssp/{number}.pose")
    return path


def test_the_clips_of_one_language_are_taken_out(wheel: Path, tmp_path: Path) -> None:
    alphabet = letter_clips(wheel, tmp_path / "out", "ssp")
    assert set(alphabet.letters) == {"Ñ", "CH"}
    assert alphabet.language == "ssp"
    assert {path.name for path in (tmp_path / "out/ssp").iterdir()} == {"index.csv", "1.pose", "2.pose"}
    spelled = spell("ñach", alphabet)
    assert (spelled.name, spelled.unsigned) == ("Ñ-CH", ("a",))
    assert spelled.letters[0].letter.part is not None
    assert same(read_poses(spelled.letters[1].letter.clip), clip())


def test_what_was_taken_out_is_used_again(wheel: Path, tmp_path: Path) -> None:
    letter_clips(wheel, tmp_path / "out", "ssp")
    wheel.unlink()
    assert "CH" in letter_clips(wheel, tmp_path / "out", "ssp").letters


def test_the_languages_are_told(wheel: Path, tmp_path: Path) -> None:
    assert clip_languages(wheel) == ("csc", "ssp")
    with pytest.raises(UnknownName, match="known: csc, ssp"):
        letter_clips(wheel, tmp_path / "out", "csl")
    assert not (tmp_path / "out/csl").exists()


def test_another_file_and_too_large_clips_are_told(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.whl").write_bytes(b"")
    with pytest.raises(FormatError, match="models pull fingerspelling-clips"):
        clip_languages(tmp_path / "empty.whl")
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(FormatError, match="not the wheel of clips"):
        clip_languages(tmp_path / "other.whl")
    with pytest.raises(FormatError, match="no such file"):
        clip_languages(tmp_path / "absent.whl")
    monkeypatch.setattr(module, "MOST_CLIP", 10)
    with pytest.raises(FormatError, match="too large"):
        letter_clips(wheel, tmp_path / "out", "ssp")
    assert not (tmp_path / "out/ssp/index.csv").exists()
