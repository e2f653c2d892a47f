from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accessify.cli import main, sample
from accessify.core.errors import Offline
from tests.media.make_media import Picture, Sound, grey, tone, write_media

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `accessify sample …` with two seconds of speech that need no fetching."""
    speech = write_media(tmp_path / "speech" / "two_cities.wav", [Sound(tone(2), "pcm_s16le")])

    def speech_files(name: str, **_: object) -> dict[str, Path]:
        assert name == "sample-speech"
        return {"two_cities.wav": speech}

    monkeypatch.setattr(sample, "model_files", speech_files)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accessify", "sample", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capsys.readouterr())

    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return call


def test_a_film_is_built_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run() == (0, "sample.mp4\n", "")
    built = Path("sample.mp4").stat()
    monkeypatch.setattr(sample, "build_sample", lambda *_: pytest.fail("it is there already"))
    assert run("-o", ".") == (0, "sample.mp4\n", "")
    assert Path("sample.mp4").stat().st_mtime_ns == built.st_mtime_ns


def test_another_file_is_not_replaced_unasked(run: Run) -> None:
    other = write_media(Path("other.mp4"), [Sound(tone(1))], Picture(grey(24))).read_bytes()
    code, out, problem = run("-o", "other.mp4")
    assert (code, out) == (2, "")
    assert "--force" in problem
    assert Path("other.mp4").read_bytes() == other
    assert run("-o", "other.mp4", "--force")[0] == 0
    assert Path("other.mp4").read_bytes() != other


def test_a_name_that_is_no_mp4(run: Run) -> None:
    code, _, problem = run("-o", "film.mov")
    assert code == 2
    assert ".mp4" in problem
    assert not list(Path().iterdir())


def test_offline_is_passed_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str, *, offline: bool, **__: object) -> dict[str, Path]:
        assert offline
        raise Offline("not here; run: accessify models pull sample-speech")

    monkeypatch.setattr(sample, "model_files", refuse)
    code, _, problem = run("--offline")
    assert code == 2
    assert "accessify models pull sample-speech" in problem
