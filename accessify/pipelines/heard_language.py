"""Which language a film is in, and where another one is spoken, by what the recogniser heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from accessify.captions.unify import CHINESE
from accessify.core.timeline import Note, Span
from accessify.engines.registry import AUTO
from accessify.media.languages import UNDETERMINED


def is_chinese(language: str) -> bool:
    """Whether a BCP 47 language is written in Chinese characters."""
    return language.split("-", maxsplit=1)[0].lower() in CHINESE


def spoken_language(told: str, heard: str | None = None) -> str:
    """BCP 47 tag of what is spoken: as it was told, else as it was heard, else undetermined."""
    return told if told.lower() != AUTO else heard or UNDETERMINED


def written_language(spoken: str, task: str = "transcribe", script: str | None = None) -> str:
    """BCP 47 tag of the text: English where it is a translation, with `script` where that is Chinese's."""
    language = "en" if task == "translate" else spoken
    if script is None or not is_chinese(language):
        return language
    return f"{language.split('-', maxsplit=1)[0].lower()}-{script.title()}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech in one language."""

    span: Span
    language: str
    """BCP 47 tag."""


def among(stretches: Iterable[Stretch]) -> tuple[str | None, tuple[Note, ...]]:
    """The language spoken for the longest, and a note `language` on each stretch of another one.

    Stretches of one language with nothing else between them share a note. None where nothing was told.
    """
    ordered = sorted(stretches, key=lambda stretch: stretch.span.start)
    lengths: Counter[str] = Counter()
    for stretch in ordered:
        lengths[stretch.language] += stretch.span.duration
    if not lengths:
        return None, ()
    most = max(lengths, key=lambda language: lengths[language])
    others = (stretch for stretch in _joined(ordered) if stretch.language != most)
    return most, tuple(
        Note(other.span, "language", f"{other.language!r} was heard here, where most is {most!r}; check it")
        for other in others
    )


def _joined(ordered: Iterable[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for stretch in ordered:
        if joined and joined[-1].language == stretch.language:
            joined[-1] = Stretch(joined[-1].span | stretch.span, stretch.language)
        else:
            joined.append(stretch)
    return joined
