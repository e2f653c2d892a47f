"""Caption file formats: one table, one module each, pure functions between text and `Document`.

How to add a format: write a module `NAME.py` here with `read_NAME(text, source) -> Document` and
`write_NAME(document) -> str`; the reader raises nothing but `FormatError`, with the line, and notes
what it ignores on the document's track; the writer writes no time before zero (`clock_text` sees to
it). Add one row to `FORMATS`, saying in `keeps` which `FEATURES` survive a round trip. Add
`tests/captions/formats/test_format_NAME.py`; the contract test takes the new row by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from accessify.captions.formats.ass import read_ass, write_ass
from accessify.captions.formats.features import FEATURES
from accessify.captions.formats.native import read_json, write_json
from accessify.captions.formats.srt import read_srt, write_srt
from accessify.captions.formats.ttml_read import read_ttml
from accessify.captions.formats.ttml_write import write_ttml
from accessify.captions.formats.txt import write_txt
from accessify.captions.formats.vtt import read_vtt, write_vtt
from accessify.core.errors import UnknownName
from accessify.core.text import Document

__all__ = ["FEATURES", "FORMATS", "Format", "format_for"]


@dataclass(frozen=True, slots=True)
class Format:
    """One caption file format."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    """File name endings with their dot, the usual one first."""
    read: Callable[[str, str], Document] | None
    """Document of a text and the source's name for errors; None where a format is written only."""
    write: Callable[[Document], str]
    """Text of a document."""
    signature: re.Pattern[str] | None = None
    """Matches the start of a text in this format and of no other."""
    keeps: frozenset[str] = frozenset()
    """Names of the `FEATURES` that the format can hold."""

    def losses(self, document: Document) -> tuple[str, ...]:
        """What of `document` this format cannot hold, in words; empty when nothing is lost."""
        lost = {
            name: feature
            for name, feature in FEATURES.items()
            if name not in self.keeps and feature.occurs(document)
        }
        return tuple(feature.title for feature in lost.values() if feature.refines not in lost)


_LOOKS = {"times", "italic", "bold", "underline", "color", "places"}
_FACTS = {"origin", "language", "title", "rate", "comments"}

FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "srt",
            "SubRip",
            (".srt",),
            read_srt,
            write_srt,
            re.compile(r"\s*(?:\d{1,6}\s*\n\s*)?\d{1,3}:\d{1,2}:\d{1,2}[.,]\d{1,3}\s*-+>"),
            frozenset(_LOOKS),
        ),
        Format(
            "vtt",
            "WebVTT",
            (".vtt", ".webvtt"),
            read_vtt,
            write_vtt,
            re.compile(r"WEBVTT(?:[ \t\n]|$)"),
            frozenset(FEATURES) - {"words", "notes", "ass"},
        ),
        Format(
            "ass",
            "Advanced SubStation Alpha",
            (".ass", ".ssa"),
            read_ass,
            write_ass,
            re.compile(r"(?:\s|;[^\n]*\n){0,50}\[(?:Script Info|V4\+? Styles|Events)\]", re.IGNORECASE),
            frozenset(_LOOKS | _FACTS | {"drop", "positions", "speakers", "starts", "ass"}),
        ),
        Format(
            "ttml",
            "TTML (IMSC 1.1 text profile)",
            (".ttml", ".xml", ".dfxp", ".imsc"),
            read_ttml,
            write_ttml,
            re.compile(r"\s*<(?:\?xml|tt[\s:>]|[A-Za-z]{1,20}:tt[\s>]|!--)"),
            frozenset(_LOOKS | _FACTS | {"positions", "speakers", "starts", "ids", "voices", "background"})
            | {"languages", "ruby"},
        ),
        Format(
            "json",
            "accessify JSON",
            (".json",),
            read_json,
            write_json,
            re.compile(r"\s*\{"),
            frozenset(FEATURES),
        ),
        Format(
            "txt", "plain text", (".txt",), None, write_txt, None, frozenset({"origin", "title", "speakers"})
        ),
    )
}
"""All formats by name."""


def format_for(path: Path | str) -> Format:
    """The format called `path`, or the one that the suffix of a path names.

    Raises `UnknownName` listing the formats there are.
    """
    text = str(path)
    if text in FORMATS:
        return FORMATS[text]
    suffix = Path(text).suffix.lower() or (text.lower() if text.startswith(".") else "")
    for entry in FORMATS.values():
        if suffix in entry.suffixes:
            return entry
    raise UnknownName(
        "format", suffix.removeprefix(".") or text, FORMATS, "give the file one of these endings, or --format"
    )
