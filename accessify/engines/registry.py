"""The table of recognisers: a new engine is one file beside this one and one row here.

Packages of other people add theirs through the entry-point group `accessify.engines`: an entry point's
value is an `Engine`, and its name that engine's. In their pyproject.toml::

    [project.entry-points."accessify.engines"]
    parrot = "parrot_asr:ENGINE"
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from accessify.core.errors import OptionError, UnknownName
from accessify.speech.align import Aligner, Unaligned
from accessify.speech.transcribe import Recognizer
from accessify.speech.whisper_options import SHORT_SIZES, SIZES, WhisperOptions

logger = logging.getLogger(__name__)

GROUP = "accessify.engines"
AUTO = "auto"
"""As a language: whatever is heard."""
ANY = "*"
"""In `Engine.languages`: which ones depends on the model, which refuses the others itself."""
_ASKED = tuple(field.name for field in fields(WhisperOptions))


@dataclass(frozen=True, slots=True)
class Engine:
    """One row: what an engine is called, how it is opened, and what it can be asked."""

    name: str
    recognizer: str
    """`module:callable` that takes the model's files (name → path) and gives a `Recognizer`; also the
    `WhisperOptions`, where `honours` is not empty."""
    aligner: str
    """`module:callable` that gives the `Aligner` for its languages; empty where it tells times itself."""
    models: tuple[str, ...]
    """Names in the model catalogue it can load; the first is its default, if there is one."""
    languages: tuple[str, ...]
    """BCP 47 tags it understands, or `ANY`."""
    honours: tuple[str, ...] = ()
    """Fields of `WhisperOptions` it honours; others are refused where they are set. With `language`, it
    hears by itself what is spoken."""
    own_models: str = ""
    """What of one's own `--model` may name beside the catalogue: `file`, `folder`, or nothing."""
    needs: tuple[str, str] | None = None
    """A module that it cannot do without, and the extra of ours that brings it."""
    get: str = ""
    """How one comes by a model of one's own, as a sentence goes on behind a semicolon."""
    side_by_side: bool = True
    """Whether copies in several processes are faster than one that takes all cores."""


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
        Engine(
            "whisper",
            "accessify.engines.whisper:Whisper",
            "",
            tuple(f"whisper-{size}" for size in SIZES),
            (ANY,),
            honours=_ASKED,
            needs=("torch", "whisper"),
            own_models="file",
            get="a folder that was exported is for --engine whisper-onnx",
            side_by_side=False,
        ),
        Engine(
            "whisper-onnx",
            "accessify.engines.whisper_onnx:WhisperOnnx",
            "",
            (),
            (ANY,),
            honours=_ASKED,
            needs=("tiktoken", "whisper-onnx"),
            own_models="folder",
            get="make one: accessify models export whisper --model base --precision int8 -o whisper-base",
            side_by_side=False,
        ),
        Engine(
            "faster-whisper",
            "accessify.engines.faster_whisper:FasterWhisper",
            "",
            (),
            (ANY,),
            honours=_ASKED,
            needs=("faster_whisper", "faster-whisper"),
            own_models="folder",
            get="download one of those for CTranslate2, e.g. Systran/faster-whisper-base at Hugging Face",
            side_by_side=False,
        ),
        Engine(
            "sherpa-onnx",
            "accessify.engines.sherpa:Sherpa",
            "",
            (),
            (ANY,),
            honours=("language", "task", "silence", "batch", "device"),
            needs=("sherpa_onnx", "sherpa-onnx"),
            own_models="folder",
            get="download one at https://k2-fsa.github.io/sherpa/onnx/pretrained_models",
            side_by_side=False,
        ),
    )
}
"""Those that come with accessify."""


def engine_names() -> tuple[str, ...]:
    """Names of all engines, those of other packages behind our own."""
    return (*ENGINES, *_entries())


def find_engine(name: str, language: str, model: str | None = None) -> Engine:
    """The engine `name`, in capitals or not, checked to know `language` (or `AUTO`) and `model`.

    Raises `UnknownName`; where another engine knows the language, its name is the hint. Raises
    `OptionError` for an engine of another package that cannot be loaded.
    """
    engine = _named(name)
    if model is not None and not engine.own_models and find_name(engine, model) is None:
        raise UnknownName("model", model, engine.models, f"these are the ones {name} loads")
    _require_language(engine, language)
    return engine


def usual_language(name: str) -> str:
    """`AUTO` for an engine that tells languages apart, else English. Raises as `find_engine` does."""
    engine = _named(name)
    return AUTO if "language" in engine.honours else "en"


def find_name(engine: Engine, model: str) -> str | None:
    """The catalogue's name of `model`, which may leave out the engine's: `base` is whisper-base.

    `large` and `turbo` are what openai-whisper means by them.
    """
    size = model.removeprefix(f"{engine.name}-")
    names = (model, f"{engine.name}-{size}", f"{engine.name}-{SHORT_SIZES.get(size, size)}")
    return next((name for name in names if name in engine.models), None)


def require_honoured(engine: Engine, asked: WhisperOptions) -> None:
    """Raise `OptionError` where `asked` wants what the engine does not do."""
    usual = WhisperOptions()
    changed = [name for name in _ASKED if getattr(asked, name) != getattr(usual, name)]
    refused = [name for name in changed if name not in engine.honours]
    if refused:
        able = [row.name for row in ENGINES.values() if set(changed) <= set(row.honours)]
        hint = f"; use --engine {' or '.join(able)}" if able else ""
        raise OptionError(f"engine {engine.name} cannot honour {', '.join(refused)}{hint}, or leave it out")


def open_recognizer(engine: Engine, files: Mapping[str, Path], asked: WhisperOptions) -> Recognizer:
    """The engine's recogniser with the model's `files` (name → path), told what it can be told."""
    opened = _load(engine, engine.recognizer)
    return cast(Recognizer, opened(files, asked) if engine.honours else opened(files))


def open_aligner(engine: Engine) -> Aligner:
    """The aligner for the engine's languages."""
    return cast(Aligner, _load(engine, engine.aligner)()) if engine.aligner else Unaligned()


def _require_language(engine: Engine, language: str) -> None:
    if _knows(engine, language):
        return
    others = [row.name for row in ENGINES.values() if _knows(row, language)]
    hint = f"use --engine {others[0]}" if others else "no engine installed here knows it yet"
    raise UnknownName(f"language for engine {engine.name}", language, engine.languages, hint)


def _knows(engine: Engine, language: str) -> bool:
    spoken = language.lower().split("-", maxsplit=1)[0]
    if spoken == AUTO:
        return "language" in engine.honours
    return ANY in engine.languages or spoken in engine.languages


def _entries() -> dict[str, EntryPoint]:
    """Engines that other packages announce, by name; ours cannot be replaced."""
    found = {entry.name.lower(): entry for entry in entry_points(group=GROUP)}
    return {name: entry for name, entry in found.items() if name not in ENGINES}


def _named(name: str) -> Engine:
    return ENGINES.get(name.lower()) or _plugged(name.lower())


def _plugged(name: str) -> Engine:
    entries = _entries()
    if name not in entries:
        raise UnknownName("engine", name, (*ENGINES, *entries))
    entry = entries[name]
    owner = entry.dist.name if entry.dist else entry.module
    try:
        engine = entry.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise OptionError(
            f"engine {name}: {owner} cannot be loaded ({error}); update or uninstall {owner}"
        ) from error
    if (
        not isinstance(engine, Engine)
        or engine.name.lower() != name
        or not set(engine.honours) <= set(_ASKED)
    ):
        raise OptionError(
            f"engine {name}: {entry.value} of {owner} is no Engine called {name}; update or uninstall {owner}"
        )
    return engine


def _load(engine: Engine, path: str) -> type:
    module, _, name = path.partition(":")
    try:
        return cast(type, getattr(import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise OptionError(
            f"engine {engine.name}: {path} cannot be loaded ({error}); update or uninstall its package"
        ) from error
