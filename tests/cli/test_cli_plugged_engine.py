"""Somebody else's package adds an engine: found by its entry point, used by the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spoken import clip

pytestmark = pytest.mark.models

CODE = '''
"""A recogniser that says how long it heard something, in Esperanto or French."""

from accessify.core.timeline import Span, to_seconds
from accessify.engines.registry import Engine
from accessify.speech.transcribe import Piece, Transcript

ENGINE = Engine(
    "metronome", "metronome_asr:Metronome", "", (), ("eo", "fr"),
    honours=("language", "terms"), own_models="file",
)


class Metronome:
    languages = ("eo", "fr")

    def __init__(self, files, options):
        self.word = next(iter(files.values())).read_text().strip()
        self.language = options.language or "eo"
        self.closing = options.terms or ("fino",)

    def recognize(self, utterances):
        return tuple(self.hear(utterance) for utterance in utterances)

    def hear(self, utterance):
        span = utterance.span
        middle = (span.start + span.end) // 2
        words = ((self.word, Span(span.start, middle)), (self.closing[0], Span(middle, span.end)))
        pieces = tuple(Piece(f" {word}".encode(), 0.9, True, None, at) for word, at in words)
        return Transcript(pieces, language=self.language)

    def close(self):
        pass
'''


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where pip would have put the package."""
    folder = tmp_path / "site"
    info = folder / "metronome_asr-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "metronome_asr.py").write_text(CODE, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: metronome-asr\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[accessify.engines]\nmetronome = metronome_asr:ENGINE\n", "utf-8")
    (tmp_path / "model.txt").write_text("tik\n", "utf-8")
    return folder


def accessify(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join((str(site), str(Path(__file__).parents[2])))
    return subprocess.run(
        [sys.executable, "-m", "accessify", *arguments],
        env={**os.environ, "PYTHONPATH": paths, "ACCESSIFY_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def captioned(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    model, folder = str(site.parent / "model.txt"), str(site.parent / "out")
    sound = str(clip("beckett.wav"))
    return accessify(
        site, "caption", sound, "--engine", "metronome", "--model", model, *arguments, "-o", folder
    )


def test_the_command_captions_with_it(site: Path) -> None:
    done = captioned(site, "--language", "fr", "--term", "fin", "-f", "vtt")
    assert done.returncode == 0, done.stderr
    (written,) = (site.parent / "out").rglob("*.vtt")
    text = written.read_text("utf-8").lower()
    assert "tik" in text
    assert "fin" in text
    assert "fino" not in text


def test_the_command_lists_it(site: Path) -> None:
    assert "metronome" in accessify(site, "caption", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--language", "de"), "unknown language for engine metronome 'de'; known: eo, fr"),
        (("--language", "fr", "--beam", "3"), "engine metronome cannot honour beam"),
    ],
)
def test_what_it_cannot_do_is_refused(site: Path, arguments: tuple[str, ...], told: str) -> None:
    done = captioned(site, *arguments)
    assert done.returncode != 0
    assert told in " ".join(done.stderr.split())
