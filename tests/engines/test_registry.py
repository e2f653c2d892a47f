from __future__ import annotations

from importlib import import_module

import pytest

from accessify.core.errors import UnknownName
from accessify.engines import registry
from accessify.engines.registry import ENGINES, find_engine, open_aligner, open_recognizer
from accessify.hub.catalog import load_catalog
from tests.fakes import TONES, ToneAligner, ToneReader


def test_every_row_names_itself_and_what_exists() -> None:
    for name, engine in ENGINES.items():
        assert engine.name == name
        assert engine.languages
        for path in (engine.recognizer, engine.aligner):
            module, _, member = path.partition(":")
            assert callable(getattr(import_module(module), member))


def test_every_model_of_every_engine_is_in_the_catalogue() -> None:
    for engine in ENGINES.values():
        for name in engine.models:
            model = load_catalog()[name]
            assert model.task == "automatic-speech-recognition"
            assert set(model.languages) <= set(engine.languages)


def test_an_engine_is_found_by_name() -> None:
    assert find_engine("moonshine", "en") is ENGINES["moonshine"]
    assert find_engine("moonshine", "en-GB", "moonshine-tiny-en") is ENGINES["moonshine"]


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


def test_an_unknown_language_says_that_no_engine_knows_it() -> None:
    with pytest.raises(
        UnknownName, match=r"unknown language for engine moonshine 'zh'; .*no engine"
    ) as caught:
        find_engine("moonshine", "zh")
    assert caught.value.known == ("en",)


def test_an_unknown_language_names_the_engine_that_does_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ENGINES", {"tones": TONES, **ENGINES})
    monkeypatch.setitem(registry.ENGINES, "polyglot", registry.Engine("polyglot", "", "", (), ("zh", "fr")))
    with pytest.raises(UnknownName, match=r"use --engine polyglot"):
        find_engine("moonshine", "fr-CA")


def test_a_row_is_opened_with_the_models_files() -> None:
    assert isinstance(open_recognizer(TONES, {}), ToneReader)
    assert isinstance(open_aligner(TONES), ToneAligner)


def test_names_are_known_in_capitals_too() -> None:
    assert find_engine("Moonshine", "EN-us") is ENGINES["moonshine"]
