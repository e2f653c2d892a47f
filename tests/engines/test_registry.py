from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from accessify.core.errors import OptionError, UnknownName
from accessify.engines import registry
from accessify.engines.registry import (
    ANY,
    ENGINES,
    Engine,
    engine_names,
    find_engine,
    find_name,
    open_aligner,
    open_recognizer,
    require_honoured,
)
from accessify.hub.catalog import load_catalog
from accessify.speech.align import Unaligned
from accessify.speech.whisper_options import WhisperOptions
from tests.fakes import TONES, ToneAligner, ToneReader


def test_every_row_names_itself_and_what_exists() -> None:
    for name, engine in ENGINES.items():
        assert engine.name == name
        assert engine.languages
        for path in (engine.recognizer, engine.aligner):
            module, _, member = path.partition(":")
            assert not path or callable(getattr(import_module(module), member))


def test_every_model_of_every_engine_is_in_the_catalogue() -> None:
    for engine in ENGINES.values():
        for name in engine.models:
            model = load_catalog()[name]
            assert model.task == "automatic-speech-recognition"
            assert ANY in engine.languages or set(model.languages) <= set(engine.languages)


def test_an_engine_without_models_in_the_catalogue_takes_ones_own() -> None:
    for engine in ENGINES.values():
        assert engine.models or engine.own_models in {"file", "folder"}


def test_an_engine_is_found_by_name() -> None:
    assert find_engine("moonshine", "en") is ENGINES["moonshine"]
    assert find_engine("moonshine", "en-GB", "moonshine-tiny-en") is ENGINES["moonshine"]
    assert find_engine("whisper", "zh-Hans") is ENGINES["whisper"]
    assert find_engine("whisper", "auto") is ENGINES["whisper"]


def test_an_unknown_engine_lists_those_there_are() -> None:
    with pytest.raises(
        UnknownName, match=r"unknown engine 'moonshin'; did you mean 'moonshine'.*known: moonshine"
    ):
        find_engine("moonshin", "en")


def test_an_unknown_model_lists_those_the_engine_loads() -> None:
    with pytest.raises(
        UnknownName, match=r"unknown model 'large'; known: moonshine-tiny-en; .* moonshine loads"
    ):
        find_engine("moonshine", "en", "large")


def test_a_model_may_leave_out_its_engines_name() -> None:
    assert find_name(ENGINES["moonshine"], "tiny-en") == "moonshine-tiny-en"
    assert find_name(ENGINES["moonshine"], "moonshine-tiny-en") == "moonshine-tiny-en"
    assert find_name(ENGINES["moonshine"], "large") is None
    whisper = ENGINES["whisper"]
    sizes = ("base", "tiny.en", "large", "turbo", "whisper-turbo", "huge")
    assert [find_name(whisper, size) for size in sizes] == [
        *("whisper-base", "whisper-tiny.en", "whisper-large-v3", "whisper-large-v3-turbo"),
        *("whisper-large-v3-turbo", None),
    ]


def test_every_whisper_of_the_catalogue_is_one_of_its_engines() -> None:
    names = {name for name in load_catalog() if name.startswith("whisper-")}
    assert set(ENGINES["whisper"].models) == names


def test_an_unknown_language_says_that_no_engine_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ENGINES", {"moonshine": ENGINES["moonshine"]})
    with pytest.raises(
        UnknownName, match=r"unknown language for engine moonshine 'zh'; .*no engine"
    ) as caught:
        find_engine("moonshine", "zh")
    assert caught.value.known == ("en",)


@pytest.mark.parametrize("language", ["fr-CA", "auto"])
def test_an_unknown_language_names_the_engine_that_does_know_it(language: str) -> None:
    with pytest.raises(UnknownName, match=r"use --engine whisper"):
        find_engine("moonshine", language)


def test_a_row_is_opened_with_the_models_files() -> None:
    assert isinstance(open_recognizer(TONES, {}, WhisperOptions()), ToneReader)
    assert isinstance(open_aligner(TONES), ToneAligner)


def test_an_engine_that_tells_times_needs_no_aligner() -> None:
    assert isinstance(open_aligner(ENGINES["whisper"]), Unaligned)


def test_names_are_known_in_capitals_too() -> None:
    assert find_engine("Moonshine", "EN-us") is ENGINES["moonshine"]


def test_what_an_engine_cannot_honour_is_refused_with_one_that_can() -> None:
    asked = WhisperOptions(prompt="Ask not", beam=5)
    with pytest.raises(OptionError, match=r"moonshine cannot honour prompt, beam; use --engine whisper"):
        require_honoured(ENGINES["moonshine"], asked)
    require_honoured(ENGINES["whisper"], asked)
    require_honoured(ENGINES["moonshine"], WhisperOptions())


def package(folder: Path, engine: str, code: str) -> Path:
    """A package as pip would have installed it, with the entry point `engine` to parrot_asr:ENGINE."""
    info = folder / "parrot_asr-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "parrot_asr.py").write_text(code)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot-asr\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[accessify.engines]\n{engine} = parrot_asr:ENGINE\n")
    return folder


GOOD = """
from accessify.engines.registry import Engine
ENGINE = Engine("parrot", "parrot_asr:Parrot", "", (), ("en", "fr"), honours=("prompt",), own_models="file")
"""


def ask(folder: Path, *lines: str) -> str:
    """What a fresh Python says that has the package in `folder`."""
    script = "\n".join(("from accessify.engines.registry import *", *lines))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": f"{folder}:{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_an_engine_of_another_package_is_found_by_its_entry_point(tmp_path: Path) -> None:
    told = ask(
        package(tmp_path, "parrot", GOOD), "print(engine_names()[-1], find_engine('Parrot', 'fr').own_models)"
    )
    assert told == "parrot file\n"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_package", "cannot be loaded (No module named 'no_such_package')"),
        ("ENGINE = 1", "is no Engine called parrot"),
        (GOOD.replace('"parrot",', '"ara",'), "is no Engine called parrot"),
        (GOOD.replace('"prompt"', '"mood"'), "is no Engine called parrot"),
    ],
)
def test_a_package_whose_engine_is_broken_is_named(tmp_path: Path, code: str, reason: str) -> None:
    told = ask(package(tmp_path, "parrot", code), "find_engine('parrot', 'en')")
    assert "OptionError" in told
    assert reason in told
    assert "update or uninstall parrot-asr" in told


def test_a_name_in_capitals_can_be_chosen(tmp_path: Path) -> None:
    told = ask(
        package(tmp_path, "Parrot", GOOD.replace('"parrot",', '"Parrot",')),
        "print(find_engine('PARROT', 'en').name)",
    )
    assert told == "Parrot\n"


def test_a_recogniser_that_is_not_there_is_told() -> None:
    with pytest.raises(
        OptionError, match=r"engine ghost: no_such_package:Ghost cannot be loaded .* update or"
    ):
        open_recognizer(Engine("ghost", "no_such_package:Ghost", "", (), ("en",)), {}, WhisperOptions())


def test_our_own_engines_cannot_be_replaced(tmp_path: Path) -> None:
    folder = package(tmp_path, "moonshine", GOOD.replace("parrot", "moonshine", 1))
    told = ask(folder, "print(find_engine('moonshine', 'en') is ENGINES['moonshine'], len(engine_names()))")
    assert told == f"True {len(ENGINES)}\n"


def test_names_of_all_engines_are_listed() -> None:
    assert engine_names()[: len(ENGINES)] == tuple(ENGINES)
    assert all(isinstance(engine, Engine) for engine in ENGINES.values())
