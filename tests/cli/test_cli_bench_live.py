"""`accessify bench live` as people type it."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.core.errors import OptionError
from accessify.core.timeline import Span, seconds
from accessify.evaluation.recording import write_wav
from tests.spoken import sound


@pytest.mark.models
def test_figures_of_one_file_with_its_text(tmp_path: Path) -> None:
    write_wav(sound("beckett.wav").cut(Span(0, seconds(5))), tmp_path / "beckett.wav")
    (tmp_path / "beckett.txt").write_text("Ever tried.\nEver failed.", "utf-8")
    target = tmp_path / "live.json"
    source = str(tmp_path / "beckett.wav")
    options = ["--no-rival", "--streams", "1,2", "--keep", str(tmp_path / "runs")]
    done = CliRunner().invoke(program, ["bench", "live", source, *options, "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert "From spoken to committed, median" in done.stdout
    assert "waiting for the pause (computed)" in done.stdout
    assert "play one stream at true pace (0:05 min)" in done.stderr
    bench = json.loads(target.read_text("utf-8"))
    assert bench["figures"]["recommitted"] == 0
    assert bench["figures"]["committed_p50"] > 0
    assert set(bench["streams"]) == {"1", "2"}
    assert bench["data"]["words"] == 4
    assert "hour" not in done.stderr  # for one file only where it is asked for
    again = CliRunner().invoke(program, ["bench", "live", source, *options, "--json"])
    assert json.loads(again.stdout)["figures"] == bench["figures"]  # nothing was played again


def test_what_cannot_be_measured_says_so(tmp_path: Path) -> None:
    run = CliRunner().invoke
    write_wav(sound("beckett.wav"), tmp_path / "a.wav")
    missing = run(program, ["bench", "live", str(tmp_path / "a.wav"), "--no-rival"])
    assert isinstance(missing.exception, OptionError)
    assert "give what is said" in str(missing.exception)
    both = run(program, ["bench", "live", str(tmp_path), str(tmp_path / "a.wav"), "--no-rival"])
    assert isinstance(both.exception, OptionError)
    assert "a folder has its texts inside" in str(both.exception)
    streams = run(program, ["bench", "live", str(tmp_path), "--streams", "1,x"], standalone_mode=False)
    assert isinstance(streams.exception, click.BadParameter)
    assert "e.g. 1,8,20" in str(streams.exception)
