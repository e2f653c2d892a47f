"""Caption files: read whatever encoding and name they have, written whole in UTF-8.

How the encoding is found, in this order: a byte order mark; the XML declaration; UTF-8 where the
bytes are valid; the language in the file's name (`film.ja.srt`); GB 18030 where that gives Chinese;
else Windows-1252. A guess that is not UTF-8 is noted on the document's track.
"""

from __future__ import annotations

import codecs
import logging
import re
from dataclasses import replace
from pathlib import Path

from accessify.captions.formats import FORMATS, READABLE, Format, format_for
from accessify.core.errors import FormatError, UnknownName
from accessify.core.placing import placed
from accessify.core.text import Document
from accessify.core.timeline import Note, Rate, Span

_log = logging.getLogger(__name__)

_LARGEST = 256 * 1024 * 1024
"""Bytes; a caption file of a long film has one or two million."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = {
    "gb18030": ("zh", "zho", "chi", "chs", "sc"),
    "big5": ("cht", "tc", "tw", "hk"),
    "cp932": ("ja", "jpn", "jp"),
    "cp949": ("ko", "kor", "kr"),
    "cp1251": ("ru", "rus", "uk", "ukr", "bg", "bul", "sr", "mk", "be"),
    "cp1250": ("pl", "pol", "cs", "cze", "ces", "sk", "hu", "hun", "hr", "sl", "ro"),
    "cp1253": ("el", "gre", "ell"),
    "cp1254": ("tr", "tur"),
    "cp1255": ("he", "heb", "iw"),
    "cp1256": ("ar", "ara", "fa", "per"),
    "cp874": ("th", "tha"),
}
"""Encodings from before UTF-8, by the language tags that stand for them in file names."""
_BY_TAG = {tag: encoding for encoding, tags in _LEGACY.items() for tag in tags}
_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.\-]{1,40})[\"']")


def read_captions(path: str | Path, rate: Rate | None = None) -> Document:
    """The document of a caption file; its content decides on the format where the suffix lies.

    `rate` is the film's, which formats that count frames go by. Raises `FormatError` for a file that
    cannot be read, naming the line where there is one, and
    `UnknownName` when neither name nor content is of a known format.
    """
    path = Path(path)
    data = _load(path)
    binary = _binary_format(path, data)
    if binary and binary.read_bytes:
        return binary.read_bytes(data, str(path))
    text, note = _decode(path, data)
    entry = _format_of(path, text)
    if entry.read_bytes:  # its name says a format that is no text: the reader tells what is wrong
        return entry.read_bytes(data, str(path))
    if entry.read is None:
        raise FormatError(
            f"{entry.title} has no times and cannot be read as captions; "
            f"give a file in one of: {', '.join(READABLE)}",
            source=str(path),
        )
    name = str(path)
    document = entry.read_at(text, name, rate) if entry.read_at and rate else entry.read(text, name)
    return replace(document, cues=document.cues.with_notes([note])) if note else document


def write_captions(
    document: Document,
    path: str | Path,
    format: str | None = None,
) -> None:
    """Write a caption file in the format named, or that the suffix of `path` names, as UTF-8.

    Raises `UnknownName` for an unknown format, `OptionError` for one that is only read, and
    `FormatError` for a time before zero.
    """
    path = Path(path)
    data = captions_bytes(document, path, format)
    with placed(path) as temporary:
        temporary.write_bytes(data)


def captions_bytes(document: Document, path: Path, format: str | None = None) -> bytes:
    """What `write_captions` would write; raises as it does."""
    text = format_for(format or path, writing=True).writer()(document)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        near = text[max(0, error.start - 20) : error.start]
        raise FormatError(
            f"a character behind {near!r} is half of a pair and cannot be written; correct the caption",
            source=str(path),
        ) from None


def _load(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError("too large for a caption file; give the captions of one film", source=str(path))
        return path.read_bytes()
    except FileNotFoundError:
        raise FormatError("there is no such file; check the path", source=str(path)) from None
    except OSError as error:
        raise FormatError(
            f"cannot be read ({error.strerror}); give a readable file", source=str(path)
        ) from None


def _decode(path: Path, data: bytes) -> tuple[str, Note | None]:
    """The text, and a note where its encoding is a guess."""
    encoding, is_sure = _encoding_of(path, data)
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError):
        raise FormatError(
            f"this is not text in {encoding}; save the file as UTF-8 and try again", source=str(path)
        ) from None
    if is_sure:
        return text, None
    message = f"read as {encoding}, not UTF-8; if letters look wrong, save the file as UTF-8"
    _log.warning("%s: %s", path, message)
    return text, Note(Span(0, 0), "encoding", message)


def _encoding_of(path: Path, data: bytes) -> tuple[str, bool]:
    """Name of the encoding, and whether the file says so itself."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, True
    declared = _DECLARATION.match(data)
    if declared and not declared[1].upper().startswith((b"UTF-16", b"UTF-32")):  # it was read as bytes
        return declared[1].decode("ascii"), True
    if b"\0" in data:
        raise FormatError("this is not a text file; give a caption file", source=str(path))
    if _is_valid(data, "utf-8"):
        return "utf-8", True
    for tag in re.split(r"[._\-\s]+", path.stem.lower())[:0:-1]:
        if tag in _BY_TAG and _is_valid(data, _BY_TAG[tag]):
            return _BY_TAG[tag], False
    return ("gb18030" if _is_chinese(data) else "cp1252"), False


def _is_valid(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(data: bytes) -> bool:
    """Whether GB 18030 turns nine in ten of the bytes beyond ASCII into Chinese characters and marks.

    Western text is told apart by its lone accented letters, which are no GB 18030 at all.
    """
    if not _is_valid(data, "gb18030"):
        return False
    beyond = [character for character in data.decode("gb18030") if character > "\x7f"]
    chinese = sum(
        "\u4e00" <= character <= "\u9fff" or "\u3000" <= character <= "\u303f" or character >= "\uff00"
        for character in beyond
    )
    return chinese >= 0.9 * len(beyond)


def _binary_format(path: Path, data: bytes) -> Format | None:
    """The format of a file that is no text: as its content says, or else its name where there are NULs."""
    head = data[:4096].decode("latin-1")
    found = [entry for entry in FORMATS.values() if entry.read_bytes]
    for entry in found:
        if entry.signature and entry.signature.match(head):
            return entry
    return next((entry for entry in found if path.suffix.lower() in entry.suffixes and b"\0" in data), None)


def _format_of(path: Path, text: str) -> Format:
    head = text[:4096].lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = [entry for entry in FORMATS.values() if entry.signature and entry.signature.match(head)]
    try:
        named = format_for(path)
    except UnknownName:
        if not found:
            raise
        return found[0]
    if not found or named in found:
        return named
    _log.warning("%s: its name says %s but it holds %s", path, named.title, found[0].title)
    return found[0]
