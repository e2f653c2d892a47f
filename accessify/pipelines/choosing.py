"""Which recogniser hears: an engine, its model's files, and what it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from accessify.core.errors import AccessifyError, MissingExtra, ModelNotFound, OptionError, UnknownName
from accessify.core.progress import OnProgress
from accessify.engines.registry import (
    AUTO,
    ENGINES,
    Engine,
    find_engine,
    find_name,
    open_aligner,
    open_recognizer,
    require_honoured,
    usual_language,
)
from accessify.hub.cache import path_of
from accessify.hub.catalog import find_model
from accessify.hub.fetch import model_files
from accessify.speech.align import Aligner
from accessify.speech.transcribe import Recognizer
from accessify.speech.whisper_options import WhisperOptions


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine and its model, checked to fit, before anything is fetched."""

    engine: Engine
    model: str
    """Name in the catalogue, or the engine and what of one's own it loads."""
    own: Path | None
    """The file or folder of a model of one's own."""
    asked: WhisperOptions
    """What the engine is told, the language included."""

    def fetched(self, *, offline: bool = False, on_progress: OnProgress | None = None) -> Chosen:
        """With the model's files on this machine. Raises as `model_files` does."""
        if self.own is None:
            files = model_files(self.model, offline=offline, on_progress=on_progress)
            hashes = [file.sha256 for file in find_model(self.model).files]
        else:
            files = _own_files(self.own)
            hashes = [_stamp(path) for path in files.values()]
        return Chosen(self.engine, self.model, tuple(files.items()), self.asked, _digest(hashes))


@dataclass(frozen=True, slots=True)
class Chosen:
    """All that is needed to open a recogniser; it can be sent to another process."""

    engine: Engine
    model: str
    files: tuple[tuple[str, Path], ...]
    """The model's files, name and path."""
    asked: WhisperOptions
    digest: str
    """Of the model's files: another model, another digest."""

    def open(self) -> Recognizer:
        """The recogniser, loaded."""
        return open_recognizer(self.engine, dict(self.files), self.asked)

    def open_aligner(self) -> Aligner:
        """What finds words in their sound, where the recogniser does not."""
        return open_aligner(self.engine)


@dataclass(frozen=True, slots=True)
class Offer:
    """A recogniser that somebody may choose."""

    engine: str
    model: str
    """As `choose` takes it."""
    title: str
    languages: tuple[str, ...]
    """BCP 47 tags, or `ANY`."""
    tells_languages: bool
    """Whether it hears by itself what is spoken."""
    is_here: bool
    """Whether its files are on this machine."""


def offers(engine: str, model: str | None = None) -> tuple[Offer, ...]:
    """What can be chosen with the packages that are installed, `engine` with its `model` first.

    Raises as `find_engine` does.
    """
    first = find_engine(engine, usual_language(engine))
    own = Path(model) if model and find_name(first, model) is None else None
    rows = (
        [Offer(first.name, model, own.name, first.languages, _tells(first), own.exists())]
        if own and model
        else []
    )
    others = (find_engine(name, usual_language(name)) for name in ENGINES if name != first.name)
    for row in (first, *others):
        if row.needs is not None and find_spec(row.needs[0]) is None:
            continue
        for name in row.models:
            found = find_model(name)
            here = all(path_of(file).exists() for file in found.files)
            rows.append(Offer(row.name, name, found.title, found.languages, _tells(row), here))
    usual = find_name(first, model) if model else None
    return tuple(sorted(rows, key=lambda each: each.model != (usual or rows[0].model)))


def _tells(engine: Engine) -> bool:
    return "language" in engine.honours


def choose(
    engine: str, model: str | None = None, language: str = AUTO, asked: WhisperOptions | None = None
) -> Choice:
    """The engine and the model meant; `model` is a name in the catalogue, or a path where the engine allows.

    Raises `UnknownName`, `ModelNotFound`, and `OptionError` where the engine cannot honour what is asked.
    """
    asked = asked or WhisperOptions()
    found = find_engine(engine, language, model)
    require_honoured(found, asked)
    if found.needs is not None and find_spec(found.needs[0]) is None:
        module, extra = found.needs
        raise MissingExtra(module.replace("_", "-"), extra)
    if asked.language not in (None, language):
        raise OptionError(
            f"two languages are told, {language!r} and {asked.language!r}; leave it out of WhisperOptions"
        )
    if "language" in found.honours:
        asked = replace(asked, language=None if language.lower() == AUTO else language)
    if model is None:
        if not found.models:
            raise ModelNotFound(
                f"engine {found.name} needs a {found.own_models}: name it with --model{_how_to_get(found)}"
            )
        return Choice(found, found.models[0], None, asked)
    name = find_name(found, model)
    if name is not None:
        return Choice(found, name, None, asked)
    own = Path(model)
    if not own.exists():
        raise _unknown(found, model)
    kind = "folder" if own.is_dir() else "file"
    if kind != found.own_models:
        raise OptionError(
            f"{model} is a {kind}, and engine {found.name} loads a {found.own_models}{_how_to_get(found)}"
        )
    return Choice(found, f"{found.name} {own.name}", own, asked)


def _how_to_get(engine: Engine) -> str:
    return f"; {engine.get}" if engine.get else ""


def _unknown(engine: Engine, model: str) -> AccessifyError:
    how = _how_to_get(engine)
    if not engine.models:
        return ModelNotFound(f"{model}: no such {engine.own_models}{how}")
    return UnknownName("model", model, engine.models, f"or the path of a {engine.own_models} of yours{how}")


def _own_files(own: Path) -> dict[str, Path]:
    if own.is_dir():
        return {path.name: path for path in sorted(own.iterdir()) if path.is_file()}
    return {own.name: own}


def _stamp(path: Path) -> str:
    """What tells a file from another one of the same name without reading gigabytes."""
    found = path.stat()
    return f"{path.resolve()} {found.st_size} {found.st_mtime_ns}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
