"""Caption file formats: one table, one module each, pure functions between text and `Document`.

How to add a format: write a module `NAME.py` here with `read_NAME(text, source) -> Document` or
`write_NAME(document) -> str` or both; the reader raises nothing but `FormatError`, with the line, and notes
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
from accessify.captions.formats.eaf_read import read_eaf
from accessify.captions.formats.eaf_write import write_eaf
from accessify.captions.formats.features import FEATURES
from accessify.captions.formats.microdvd import read_microdvd, read_mpl2
from accessify.captions.formats.native import read_json, write_json
from accessify.captions.formats.sami import read_sami
from accessify.captions.formats.scc import read_scc
from accessify.captions.formats.srt import read_srt, write_srt
from accessify.captions.formats.stl import read_stl
from accessify.captions.formats.ttml_read import read_ttml
from accessify.captions.formats.ttml_write import write_ttml
from accessify.captions.formats.txt import write_txt
from accessify.captions.formats.vtt import read_vtt, write_vtt
from accessify.core.errors import OptionError, UnknownName
from accessify.core.text import Document
from accessify.core.timeline import Rate

__all__ = ["FEATURES", "FORMATS", "READABLE", "WRITABLE", "Format", "format_for"]


@dataclass(frozen=True, slots=True)
class Format:
    """One caption file format."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    """File name endings with their dot, the usual one first."""
    read: Callable[[str, str], Document] | None = None
    """Document of a text and the source's name for errors; None where a format is no text or written only."""
    write: Callable[[Document], str] | None = None
    """Text of a document; None where a format is read only."""
    signature: re.Pattern[str] | None = None
    """Matches the start of a text in this format and of no other; bytes are read as Latin-1."""
    keeps: frozenset[str] = frozenset()
    """Names of the `FEATURES` that the format can hold."""
    read_bytes: Callable[[bytes, str], Document] | None = None
    """As `read`, for a format that is no text."""
    read_at: Callable[[str, str, Rate], Document] | None = None
    """As `read`, for a format that counts frames: at the film's rate, where that is known."""

    @property
    def is_read(self) -> bool:
        """Whether files in this format can be read as captions."""
        return self.read is not None or self.read_bytes is not None

    def writer(self) -> Callable[[Document], str]:
        """`write`; raises `OptionError` naming the formats that can be written where this one cannot."""
        if self.write is None:
            raise OptionError(
                f"{self.title} can be read but not written; choose one of: {', '.join(WRITABLE)}"
            )
        return self.write

    def losses(self, document: Document) -> tuple[str, ...]:
        """What of `document` this format cannot hold, in words; empty when nothing is lost."""
        lost = {
            name: feature
            for name, feature in FEATURES.items()
            if name not in self.keeps and feature.occurs(document)
        }
        return tuple(feature.title for feature in lost.values() if feature.refines not in lost)


_LOOKS = {"times", "italic", "bold", "underline", "color", "places"}
_PROLOGUE = r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?s:(?!-->).){0,2000}-->\s*){0,5}"
"""What may stand before the root element of XML."""
_FACTS = {"origin", "language", "title", "source", "rate", "comments", "notes"}

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
            frozenset(FEATURES) - {"words", "ass"},
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
            re.compile(
                rf"(?!{_PROLOGUE}<ANNOTATION_DOCUMENT)\s*<(?:\?xml|tt[\s:>]|[A-Za-z]{{1,20}}:tt[\s>]|!--)"
            ),
            frozenset(_LOOKS | _FACTS | {"positions", "widths", "vertical", "speakers", "voices", "starts"})
            | {"ids", "alpha", "background", "languages", "ruby"},
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
            "eaf",
            "ELAN",
            (".eaf",),
            read_eaf,
            write_eaf,
            re.compile(rf"{_PROLOGUE}<ANNOTATION_DOCUMENT[\s>]"),
            frozenset(_FACTS | {"times", "drop", "words", "speakers"}),
        ),
        Format(
            "txt", "plain text", (".txt",), None, write_txt, None, frozenset({"origin", "title", "speakers"})
        ),
        Format(
            "microdvd",
            "MicroDVD",
            (".sub",),
            read_microdvd,
            signature=re.compile(r"\s*\{\s*\d{1,9}\s*\}\{\s*\d{0,9}\s*\}"),
            read_at=read_microdvd,
        ),
        Format(
            "mpl2",
            "MPL2",
            (".mpl",),
            read_mpl2,
            signature=re.compile(r"\s*\[\s*\d{1,9}\s*\]\[\s*\d{0,9}\s*\]"),
        ),
        Format(
            "sami", "SAMI", (".smi", ".sami"), read_sami, signature=re.compile(r"\s*<sami\b", re.IGNORECASE)
        ),
        Format("scc", "Scenarist SCC", (".scc",), read_scc, signature=re.compile(r"\s*Scenarist_SCC V")),
        Format(
            "stl",
            "EBU STL",
            (".stl",),
            signature=re.compile(r".{3}STL\d\d\.01", re.DOTALL),
            read_bytes=read_stl,
        ),
    )
}
"""All formats by name."""

READABLE = tuple(name for name, entry in FORMATS.items() if entry.is_read)
"""Names of the formats that captions can be read from."""
WRITABLE = tuple(name for name, entry in FORMATS.items() if entry.write)
"""Names of the formats that captions can be written in."""


def format_for(path: Path | str, *, writing: bool = False) -> Format:
    """The format called `path`, or the one that the suffix of a path names; one to write when `writing`.

    Raises `UnknownName` listing the formats there are, `OptionError` for one that cannot be written.
    """
    text = str(path)
    suffix = Path(text).suffix.lower() or (text.lower() if text.startswith(".") else "")
    name = text.lower()
    named = [FORMATS[name]] if name in FORMATS else []
    for entry in [*named, *(entry for entry in FORMATS.values() if suffix in entry.suffixes)]:
        if writing:
            entry.writer()
        return entry
    raise UnknownName(
        "format",
        suffix.removeprefix(".") or text,
        WRITABLE if writing else FORMATS,
        _hint(writing) if suffix or isinstance(path, Path) else "",
    )


def _hint(writing: bool) -> str:
    """What to do about a file whose ending says no format."""
    return "give the file one of these endings" + (", or name the format with --format" if writing else "")
