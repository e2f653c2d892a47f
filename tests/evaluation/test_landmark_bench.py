"""The whole landmarks bench on a few pictures."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.core.errors import OptionError
from accessify.core.timeline import Rate
from accessify.core.video import Frame
from accessify.evaluation import landmark_material, landmark_memory
from accessify.evaluation.landmark_material import Film, load_clip
from accessify.evaluation.landmark_memory import memory_figures
from accessify.evaluation.repeated_film import write_repeated

SENTENCE = Path(__file__).parents[3] / "shared" / "data" / "sign" / "reference" / "sentence_320x240.mp4"


@pytest.fixture
def empty_room(tmp_path: Path) -> Path:
    """A film in which nobody is to be seen."""
    rate = Rate(Fraction(10))
    noise = np.random.default_rng(3).integers(90, 110, (4, 90, 160, 3), np.uint8)
    write_repeated(
        [Frame(image, rate.at(n)) for n, image in enumerate(noise)], rate, 1, tmp_path / "room.mp4"
    )
    return tmp_path / "room.mp4"


@pytest.fixture(autouse=True)
def _few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmark_material, "QUICK", 5)


@pytest.mark.models
def test_signing_and_an_empty_room_are_scored(empty_room: Path, tmp_path: Path) -> None:
    """One run for both: most of its time goes into starting processes."""
    target = tmp_path / "result" / "landmarks.json"
    films = [str(path) for path in (SENTENCE, empty_room) if path.exists()]
    keep = tmp_path / "kept"
    done = CliRunner().invoke(
        program,
        ["bench", "landmarks", *films, "--no-rivals", "--quick", "--keep", str(keep), "-o", str(target)],
    )
    assert done.exit_code == 0, done.output
    assert "Latency of a picture" in done.stdout
    assert ("`pose_landmark_full`" in done.stdout) == SENTENCE.exists()  # nobody's body is looked for twice
    assert "MediaPipe was left out." in done.stdout
    assert done.stderr.count("speed, round 1 of 1 …") == 1
    bench = json.loads(target.read_text("utf-8"))
    assert str(tmp_path) not in json.dumps(bench)

    room = bench["clips"]["room"]
    assert set(room["figures"]) == {"latency_p50", "latency_p95"}
    assert room["hands_only"] == {"ours": 0}
    assert room["reference"] is None
    assert (keep / "room-full.npz").exists()
    known = set(bench["figures"]).union(*(clip["figures"] for clip in bench["clips"].values()))
    assert set(bench["formulas"]) == known
    assert not {name for name in known if name.startswith("speed")}
    if SENTENCE.exists():
        signing_is_near_its_reference(bench)


def signing_is_near_its_reference(bench: dict[str, Any]) -> None:
    clip = bench["clips"]["sentence_320x240"]
    assert (clip["frames"], clip["reference"], clip["size"]) == (5, "file", [320, 240])
    assert clip["figures"]["body_error"] < 1
    assert clip["figures"]["face_error"] < 0.1
    assert clip["figures"]["half_error"] < 1
    assert 0 < clip["figures"]["latency_p50"] <= clip["figures"]["latency_p95"]
    assert clip["stages"]["pose_landmark_full"]["runs"] == 1
    assert clip["stages"]["rest"]["ms"] > 0
    assert bench["half"]["pose_landmark_full"]["passed"]


@pytest.mark.models
def test_memory_is_that_of_the_command(
    empty_room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landmark_memory, "SHORT", 1)
    monkeypatch.setattr(landmark_memory, "LONG", 2)
    stages: list[str] = []
    clip = load_clip(Film(empty_room), tmp_path)
    figures = memory_figures(clip, tmp_path, stages.append)
    assert len(stages) == 2
    assert 50 < figures["memory_1_min"] < 2000
    assert figures["memory_growth"] == pytest.approx(figures["memory_10_min"] / figures["memory_1_min"])
    assert not list(tmp_path.glob("memory*"))


def test_what_cannot_be_measured_is_said_before_any_work(tmp_path: Path) -> None:
    done = CliRunner().invoke(program, ["bench", "landmarks", str(tmp_path / "none.mp4")])
    assert isinstance(done.exception, OptionError)
    assert "no such file; give a video" in str(done.exception)
    assert CliRunner().invoke(program, ["bench", "landmarks"]).exit_code == 2
