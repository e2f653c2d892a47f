from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from accessify.cli.recogniser_options import Recognition, read_terms, recogniser_options
from accessify.core.errors import OptionError
from accessify.speech.whisper_options import WhisperOptions

got: list[Recognition] = []


@click.command()
@recogniser_options("--compute")
def command(recognition: Recognition) -> None:
    got.append(recognition)


def given(*arguments: str) -> Recognition:
    got.clear()
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return got[0]


def test_nothing_given_is_the_default_recogniser() -> None:
    assert given() == {"engine": "moonshine", "model": None, "language": "en", "whisper": WhisperOptions()}


def test_an_engine_that_tells_languages_apart_is_left_to_it() -> None:
    assert given("--engine", "whisper")["language"] == "auto"
    assert given("--engine", "whisper", "--language", "en")["language"] == "en"


def test_all_that_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("\ufeff# names\n钟离\n\n  Samuel Beckett \n", "utf-8")
    recognition = given(
        *("--engine", "whisper", "--model", "base", "--language", "zh-Hans", "--task", "translate"),
        *("--prompt", "Ask not", "--term", "Godot", "--terms", str(tmp_path / "terms.txt")),
        *("--beam", "5", "--compute", "cuda"),
    )
    assert recognition == {
        "engine": "whisper",
        "model": "base",
        "language": "zh-Hans",
        "whisper": WhisperOptions(
            task="translate",
            prompt="Ask not",
            terms=("Godot", "钟离", "Samuel Beckett"),
            beam=5,
            device="cuda",
        ),
    }


def test_a_glossary_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "terms.docx"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(OptionError, match=r"terms\.docx: no glossary .* UTF-8 text with a term on each line"):
        read_terms(path)
