"""`accessify bench` as people type it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.core.audio import Audio
from accessify.core.errors import OptionError
from accessify.evaluation.recording import write_wav


@pytest.mark.models
def test_figures_of_a_folder_with_their_targets(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).standard_normal(32000) * 1e-3
    write_wav(Audio(noise.astype(np.float32)), tmp_path / "data" / "room.wav")
    (tmp_path / "data" / "room.txt").write_text("", "utf-8")
    target = tmp_path / "result" / "captions.json"
    arguments = ["bench", "captions", str(tmp_path / "data"), "--no-rivals", "--quick", "-o", str(target)]
    done = CliRunner().invoke(program, arguments)
    assert done.exit_code == 0, done.output
    assert "Invented words" in done.stdout
    assert "≤ 0.5" in done.stdout
    assert "commit" in done.stdout
    assert "play everything to accessify" in done.stderr
    bench = json.loads(target.read_text("utf-8"))
    assert bench["bench"] == "captions"
    assert bench["figures"]["invented_clips"] == 0
    assert bench["data"]["speech"] is None


def test_a_folder_that_is_not_there_says_what_to_give(tmp_path: Path) -> None:
    done = CliRunner().invoke(program, ["bench", "captions", str(tmp_path / "none"), "--no-rivals"])
    assert isinstance(done.exception, OptionError)
    assert "give a folder of sound files" in str(done.exception)


def test_tables_are_written_checked_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    benches = tmp_path / "docs" / "benchmarks"
    benches.mkdir(parents=True)
    bench = {
        "bench": "captions",
        "captions": {"cues": 3, "meetable": {"gap": 1}, "too_fast": {}, "advice": {}},
    }
    (benches / "captions.json").write_text(json.dumps(bench), "utf-8")
    name = "bench:captions:findings"
    Path("README.md").write_text(f"<!-- {name} -->\n<!-- /{name} -->\n", "utf-8")
    run = CliRunner().invoke

    stale = run(program, ["bench", "tables", "--check"])
    assert (stale.exit_code, stale.output) == (1, "README.md: out of date\n")
    assert "gap" not in Path("README.md").read_text("utf-8")

    written = run(program, ["bench", "tables"])
    assert (written.exit_code, written.output) == (0, "README.md: written\n")
    assert "| gap | meetable | 1 | 33.33 |" in Path("README.md").read_text("utf-8")

    again = run(program, ["bench", "tables", "--check", "README.md"])
    assert (again.exit_code, again.output) == (0, "README.md: up to date\n")
