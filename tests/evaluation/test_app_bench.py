"""The app's bench on a short film and two people, in a real browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.evaluation.app_figures import APP
from accessify.evaluation.tables import fill


@pytest.mark.models
def test_two_people_and_a_short_film(tmp_path: Path) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    target = tmp_path / "app.json"
    how = ["--minutes", "0.5", "--users", "2", "--starts", "1", "-o", str(target)]
    done = CliRunner().invoke(program, ["bench", "app", *how], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    bench = json.loads(target.read_text("utf-8"))
    figures = bench["figures"]
    assert figures.keys() == {figure.name for figure in APP}
    assert 0 < figures["first_caption_s"] <= figures["all_captions_s"]
    assert 0 < figures["users_first_s"] <= figures["users_last_s"]
    assert figures["memory_mb"] > 100
    assert figures["foreign_files"] == 0
    assert figures["left_bytes"] == 0
    document = fill("<!-- bench:app -->\n<!-- /bench:app -->\n", {"app": bench})
    assert all(figure.title.strip() in document for figure in APP)
    assert "Quick run" in document
