"""MediaPipe's own environment: made once, whole or not at all, and what it sees."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import DownloadFailed, Offline, OptionError
from accessify.delivery.arrays import read_arrays
from accessify.evaluation import mediapipe_rival, rival_environment
from accessify.evaluation.companion import Companion
from accessify.evaluation.landmark_error import largest_distance
from accessify.evaluation.landmark_tracks import first_tracks, holistic_tracks, read_tracks
from accessify.evaluation.rival_environment import PACKAGE, find_base_python, rival_python
from accessify.media.frames import open_frames

SENTENCE = Path(__file__).parents[3] / "shared" / "data" / "sign" / "reference" / "sentence_320x240.mp4"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own index: a folder with one tiny package; and an empty cache."""
    info = "tinyrival-1.0.dist-info"
    with zipfile.ZipFile(tmp_path / "tinyrival-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tinyrival.py", "ANSWER = 42\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyrival\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ACCESSIFY_OFFLINE", raising=False)
    return tmp_path


def test_an_environment_is_made_once_and_a_half_made_one_anew(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rival_environment, "PACKAGE", "tinyrival==1.0")
    half_made = index / "cache" / "rivals" / "tinyrival-1.0" / "bin"
    half_made.mkdir(parents=True)
    (half_made / "junk").touch()
    told: list[str] = []
    python = rival_python(told.append)
    assert told == ["make an environment with tinyrival==1.0, once"]
    assert not (half_made / "junk").exists()
    code = "import json, tinyrival; print(json.dumps({'answer': tinyrival.ANSWER}))"
    with Companion("tinyrival", [python, "-I", "-c", code]) as rival:
        assert rival.versions == {"answer": 42}
    assert rival_python(told.append) == python
    assert len(told) == 1


def test_nothing_is_left_of_one_that_could_not_be_made(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rival_environment, "PACKAGE", "tinyrival==2.0")
    with pytest.raises(DownloadFailed, match=r"could not be made \(ERROR: .*tinyrival==2\.0.*--no-rivals"):
        rival_python()
    assert list((index / "cache" / "rivals").iterdir()) == []


def test_no_dialling_out_where_that_is_forbidden(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSIFY_OFFLINE", "1")
    with pytest.raises(Offline, match=r"ACCESSIFY_OFFLINE forbids it; use --no-rivals"):
        rival_python()


def test_no_fitting_python_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    version = rival_environment._version(find_base_python())
    assert rival_environment.OLDEST <= version <= rival_environment.NEWEST
    monkeypatch.setattr(rival_environment, "OLDEST", (4, 0))
    monkeypatch.setattr(rival_environment, "NEWEST", (4, 1))
    with pytest.raises(OptionError, match=r"needs Python 4\.0 to 4\.1 .*install python3\.12.*--no-rivals"):
        find_base_python()


def test_a_stand_in_that_starts_nothing_is_no_python(tmp_path: Path) -> None:
    stand_in = tmp_path / "python3.12"
    stand_in.write_text("#!/bin/sh\nexit 127\n", "utf-8")
    stand_in.chmod(0o755)
    assert rival_environment._version(stand_in) == (0, 0)
    assert rival_environment._version(tmp_path / "none") == (0, 0)


def test_mediapipe_repeats_the_reference(tmp_path: Path) -> None:
    python = cache_folder() / "rivals" / PACKAGE.replace("==", "-") / "bin" / "python"
    if not python.exists() or not SENTENCE.exists():
        pytest.skip("needs MediaPipe's environment (accessify bench landmarks makes it) and the shared clips")
    with open_frames(SENTENCE) as reader:
        frames, rate = np.stack([frame.image for frame in reader]), reader.rate
    np.save(tmp_path / "frames.npy", frames[:12])
    whole = read_tracks(SENTENCE.with_suffix(".holistic.npz"), (320, 240), rate, len(frames))
    script = Path(mediapipe_rival.__file__)
    with Companion("MediaPipe", [python, "-I", script]) as rival:
        assert rival.versions["mediapipe"] == "0.10.21"
        asked = {"frames": str(tmp_path / "frames.npy"), "save": str(tmp_path / "seen.npz")}
        answer = rival.ask({"system": "holistic"} | asked)
        own = holistic_tracks(read_arrays(tmp_path / "seen.npz"), (320, 240), rate, "MediaPipe")
        rival.ask({"system": "hands"} | asked)
    away, alone = largest_distance(own, first_tracks(whole, 12))
    assert away is not None
    assert (away < 0.01, alone) == (True, 0)
    assert len(answer["each_s"]) == 12
    assert sum(answer["each_s"]) <= answer["wall_s"]
    with np.load(tmp_path / "seen.npz") as seen:
        assert seen["hands"].shape == (12, 2, 21, 3)
