"""The options of commands that recognise speech: which engine, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypedDict

import click

from accessify.core.errors import OptionError
from accessify.engines.registry import engine_names, usual_language
from accessify.speech.whisper_options import TASKS, WhisperOptions

_NAMES = ", ".join(engine_names())
_OPTIONS = (
    click.option("--engine", default="moonshine", show_default=True, help=f"Recogniser: {_NAMES}."),
    click.option(
        "--model", help="The engine's model, see `accessify models list`; with Whisper also one of yours."
    ),
    click.option(
        "--language",
        help="What is spoken, e.g. en or zh-Hans, or `auto`.  [default: auto where the engine tells "
        "languages apart, as Whisper does; else en]",
    ),
    click.option("--task", type=click.Choice(TASKS), default="transcribe", help="Or translate to English."),
    click.option("--prompt", default="", help="Text whose spelling and style is carried on."),
    click.option("--term", "terms", multiple=True, help="A name or term that is said; may be repeated."),
    click.option(
        "--terms",
        "glossary",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        help="A glossary: one name or term on each line.",
    ),
    click.option("--beam", type=click.IntRange(1), default=1, help="Readings followed at once; 1 is fast."),
)


class Recognition(TypedDict):
    """What `CaptionOptions` and `LiveOptions` take alike."""

    engine: str
    model: str | None
    language: str
    whisper: WhisperOptions


def recogniser_options(device: str = "--device") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds the options to a command, which gets them as `recognition`; `device` names that of the network."""
    computes = click.option(
        device, "compute", default="auto", help="What computes: auto, cpu, cuda, … as the engine allows."
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(*args: Any, **given: Any) -> None:
            command(*args, recognition=_recognition(given), **given)

        wrapped: Callable[..., None] = run
        for option in reversed((*_OPTIONS, computes)):
            wrapped = option(wrapped)
        return wrapped

    return add


def _recognition(given: dict[str, Any]) -> Recognition:
    """What was given, taken out of it."""
    terms, glossary = given.pop("terms"), given.pop("glossary")
    whisper = WhisperOptions(
        task=given.pop("task"),
        prompt=given.pop("prompt"),
        terms=(*terms, *(read_terms(glossary) if glossary else ())),
        beam=given.pop("beam"),
        device=given.pop("compute"),
    )
    engine, language = given.pop("engine"), given.pop("language")
    return Recognition(
        engine=engine,
        model=given.pop("model"),
        language=language or usual_language(engine),
        whisper=whisper,
    )


def read_terms(path: Path) -> tuple[str, ...]:
    """The terms of a glossary (UTF-8, one on each line; empty lines and those after # are left out)."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            f"{path}: no glossary ({error}); give a UTF-8 text with a term on each line"
        ) from error
    return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
