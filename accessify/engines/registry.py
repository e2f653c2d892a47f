"""The table of recognisers: a new engine is one file beside this one and one row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from accessify.core.errors import UnknownName
from accessify.speech.align import Aligner
from accessify.speech.transcribe import Recognizer


@dataclass(frozen=True, slots=True)
class Engine:
    """One row: what an engine is called and how it is opened."""

    name: str
    recognizer: str
    """`module:callable` that takes the model's files and gives a `Recognizer`."""
    aligner: str
    """`module:callable` that gives the `Aligner` for its languages."""
    models: tuple[str, ...]
    """Names in the model catalogue it can load; the first is its default."""
    languages: tuple[str, ...]
    """BCP 47 tags it understands."""


ENGINES = {
    engine.name: engine
    for engine in (
        Engine(
            "moonshine",
            "accessify.engines.moonshine:Moonshine",
            "accessify.engines.forced_align:PocketSphinxAligner",
            ("moonshine-tiny-en",),
            ("en",),
        ),
    )
}


def find_engine(name: str, language: str, model: str | None = None) -> Engine:
    """The engine `name`, in capitals or not, checked to know `language` and `model`.

    Raises `UnknownName`; where another engine knows the language, its name is the hint.
    """
    engine = ENGINES.get(name.lower())
    if engine is None:
        raise UnknownName("engine", name, ENGINES)
    if model is not None and model not in engine.models:
        raise UnknownName("model", model, engine.models, f"these are the ones {name} loads")
    spoken = language.lower().split("-", maxsplit=1)[0]
    if spoken not in engine.languages:
        others = [row.name for row in ENGINES.values() if spoken in row.languages]
        hint = f"use --engine {others[0]}" if others else "no engine installed here knows it yet"
        raise UnknownName(f"language for engine {name}", language, engine.languages, hint)
    return engine


def open_recognizer(engine: Engine, files: Mapping[str, Path]) -> Recognizer:
    """The engine's recogniser with the model's `files` (name → path)."""
    return cast(Recognizer, _load(engine.recognizer)(files))


def open_aligner(engine: Engine) -> Aligner:
    """The aligner for the engine's languages."""
    return cast(Aligner, _load(engine.aligner)())


def _load(path: str) -> type:
    module, _, name = path.partition(":")
    return cast(type, getattr(import_module(module), name))
