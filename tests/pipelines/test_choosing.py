from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from accessify.core.errors import MissingExtra, ModelNotFound, OptionError, UnknownName
from accessify.engines import registry
from accessify.engines.registry import Engine
from accessify.pipelines.choosing import choose
from accessify.speech.whisper_options import WhisperOptions
from tests.fakes import BILINGUAL, BilingualReader


@pytest.fixture(autouse=True)
def _bilingual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.ENGINES, "bilingual", BILINGUAL)
    folder = Engine("folders", "", "", (), ("en",), own_models="folder")
    monkeypatch.setitem(registry.ENGINES, "folders", folder)


def test_without_a_model_the_engines_first_is_taken() -> None:
    choice = choose("moonshine", language="en")
    assert choice.model == "moonshine-tiny-en"
    assert choice.own is None


@pytest.mark.parametrize(("language", "told"), [("auto", None), ("AUTO", None), ("zh-Hans", "zh-Hans")])
def test_an_engine_is_told_the_language_where_it_can_be(language: str, told: str | None) -> None:
    assert choose("bilingual", language=language).asked.language == told
    assert choose("moonshine", language="en-GB").asked.language is None


def test_an_engine_without_a_default_model_asks_for_one() -> None:
    with pytest.raises(ModelNotFound, match=r"engine folders needs a folder: name it with --model"):
        choose("folders", language="en")


def test_a_path_is_taken_where_the_engine_allows(tmp_path: Path) -> None:
    own = tmp_path / "mine.pt"
    own.write_bytes(b"1")
    choice = choose("bilingual", str(own), "en")
    assert (choice.model, choice.own) == ("bilingual mine.pt", own)
    first = choice.fetched()
    assert first.files == (("mine.pt", own),)
    assert isinstance(first.open(), BilingualReader)
    own.write_bytes(b"22")
    assert choice.fetched().digest != first.digest
    with pytest.raises(UnknownName, match="unknown model"):
        choose("moonshine", str(own), "en")


def test_a_folder_is_taken_with_all_its_files(tmp_path: Path) -> None:
    for name in ("b.onnx", "a.json"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "inner").mkdir()
    files = choose("folders", str(tmp_path), "en").fetched().files
    assert [name for name, _ in files] == ["a.json", "b.onnx"]


def test_a_model_that_is_neither_is_told_with_both_ways() -> None:
    with pytest.raises(
        UnknownName, match=r"unknown model 'tonez'; did you mean 'tones'.*or the path of a file of yours"
    ):
        choose("bilingual", "tonez", "en")


def test_what_the_engine_cannot_honour_is_refused_before_any_work() -> None:
    with pytest.raises(OptionError, match="cannot honour beam"):
        choose("bilingual", language="en", asked=WhisperOptions(beam=3))


def test_a_choice_goes_to_other_processes() -> None:
    choice = choose("bilingual", language="en", asked=WhisperOptions(prompt="Alpha"))
    assert pickle.loads(pickle.dumps(choice)) == choice  # noqa: S301 - made here


def test_how_to_come_by_a_model_is_told() -> None:
    with pytest.raises(
        ModelNotFound, match="base: no such folder; make one: accessify models export whisper"
    ):
        choose("whisper-onnx", "base")
    with pytest.raises(ModelNotFound, match="needs a folder: name it with --model; download one of those"):
        choose("faster-whisper")


def test_a_folder_for_a_file_and_a_file_for_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is a folder, and engine bilingual loads a file"):
        choose("bilingual", str(tmp_path), "en")
    own = tmp_path / "mine.pt"
    own.write_bytes(b"1")
    with pytest.raises(
        OptionError, match="is a file, and engine whisper-onnx loads a folder; make one: access"
    ):
        choose("whisper-onnx", str(own))


def test_a_missing_extra_is_told_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(registry.ENGINES["whisper"], needs=("no_such_package", "whisper"))
    monkeypatch.setitem(registry.ENGINES, "whisper", row)
    with pytest.raises(MissingExtra, match=r"no-such-package.*accessify\[whisper\]"):
        choose("whisper", "base")
