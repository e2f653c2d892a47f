"""What was read from signing as captions: glosses and fingerspelled words, by the exits that speech has."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.formats import format_for
from accessify.captions.rules import load_profile
from accessify.core.placing import require_writable
from accessify.core.sign import Letter, Sign
from accessify.core.text import Document, Word
from accessify.core.timeline import Track
from accessify.pipelines.targets import Delivered, Targets, deliver
from accessify.signs.phrase import Notation, phrase, spell_words, text_language, text_origin

PROFILE = "web"
"""The style guide by which glosses are put on screen; none is written for them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is said of a text that was read from signing."""

    source: str
    """Name of the film or landmark file."""
    made_by: str
    """Book, model or both."""
    written: str = ""
    """BCP 47 tag of the language whose words or letters stand there; '' where nobody said."""
    signed: str = ""
    """ISO 639-3 code of the sign language."""


def gloss_captions(signs: Track[Sign], reading: Reading) -> Document:
    """Glosses of `signs` as captions; no translation, and the text says so."""
    return _document(phrase(signs), Notation.GLOSSES, reading)


def spelling_captions(letters: Track[Letter], reading: Reading) -> Document:
    """The fingerspelled words as captions."""
    return _document(spell_words(letters), Notation.FINGERSPELLING, reading)


def require_caption_target(target: Path) -> None:
    """Raise `UnknownName`, `OptionError` or `OutputError` where captions could not be written in the end."""
    format_for(target, writing=True)
    require_writable(target)


def deliver_reading(document: Document, source: str | Path, target: Path) -> Delivered:
    """Write the captions; an earlier file of other content is kept under another name."""
    return deliver(document, 0, Path(source), Targets((target,)), heard=False)


def _document(words: Track[Word], notation: Notation, reading: Reading) -> Document:
    made_by = f"{reading.made_by}, accessify {version('accessify')}"
    return Document(
        compose(words, load_profile(PROFILE), Film()),
        language=text_language(notation, reading.written, reading.signed),
        title=Path(reading.source).stem,
        source=reading.source,
        origin=text_origin(notation, made_by),
        words=words,
    )
