"""EBU STL (.stl), read only: a header block of 1024 bytes, then text blocks of 128 (EBU Tech 3264).

ttconv decodes characters, colours and places. Headers of blocks are checked here first, since it takes
any number for a time, shows translators' remarks as captions and moves captions that overlap.
Times count from the start of the programme as the header gives it (TCP).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from accessify.captions.formats.broadcast import Listening, document_of
from accessify.core.errors import FormatError, OptionError
from accessify.core.text import Document
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Note, Rate, Span

_HEADER = 1024
_BLOCK = 128
_TEXT = 16
"""Where the text field begins in a text block."""
_RATES = {
    b"STL23.01": Rate(Fraction(24000, 1001)),
    b"STL24.01": Rate(Fraction(24)),
    b"STL25.01": Rate(Fraction(25)),
    b"STL29.01": Rate(Fraction(30000, 1001), drop=True),
    b"STL30.01": Rate(Fraction(30000, 1001), drop=True),
    b"STL50.01": Rate(Fraction(50)),
}
"""By disk format code; Tech 3264 has 25 and 30, the others are in use."""
_PAGES = {b"437": "cp437", b"850": "cp850", b"860": "cp860", b"863": "cp863", b"865": "cp865"}
_USER_DATA = range(0xF0, 0xFF)
"""Extension block numbers of blocks that hold no text."""
_GAP = re.compile(rb"[\x00-\x07\x0a-\x0d\x1c\x1d\x20\x80-\x85]+")
"""Spaces and control codes between characters."""


def read_stl(data: bytes, source: str = "") -> Document:
    """The document of an EBU STL file; raises `FormatError` naming the text block that is damaged."""
    rate = _RATES.get(data[3:11])
    if rate is None or len(data) < _HEADER:
        raise FormatError(
            "not EBU STL: the header names none of the frame rates "
            + ", ".join(name.decode() for name in _RATES),
            source=source,
        )
    header, listening = data[:_HEADER], Listening(source, "text block")
    with listening.listen():
        captions, remarks = _Reading.of(header, rate), _Reading.of(header, rate)
        for block in _blocks(data, rate, listening):
            (remarks if block.is_remark else captions).take(block.data)
        document = captions.document(source)
        comments = tuple(cue.text for cue in remarks.document(source).cues)
    document = _from_start(document, header, rate)
    notes = [*listening.notes(Span(0, 0)), *_missing(data, captions.file)]
    cues = document.cues.with_notes(notes)
    return replace(document, cues=cues, title=_title(header), comments=comments)


@dataclass(frozen=True, slots=True)
class _Block:
    data: bytes
    is_remark: bool
    """Whether it is for translators, not for viewers (comment flag)."""


@dataclass(slots=True)
class _Reading:
    """A ttconv reader that is given the blocks of a file."""

    file: Any
    rate: Rate

    @classmethod
    def of(cls, header: bytes, rate: Rate) -> _Reading:
        from ttconv.stl.datafile import DataFile

        rows = header[253:255].strip()
        file = DataFile(header, max_row_count="MNR" if rows.isdigit() and int(rows) else None)
        # ttconv counts timecode as drop-frame at every rate that is not whole, 24000/1001 among them.
        file.fps = rate.fps if rate.drop else Fraction(rate.nominal)
        return cls(file, rate)

    def take(self, block: bytes) -> None:
        """Read one block; ttconv must not join it to an equal number, nor move it off the one before."""
        self.file.last_sn = None
        self.file.last_end_time = None
        self.file.process_tti_block(block[:_TEXT] + _spaced(block[_TEXT:]))

    def document(self, source: str) -> Document:
        return document_of(self.file.get_document(), self.file.fps, self.rate, source)


def _blocks(data: bytes, rate: Rate, listening: Listening) -> Iterator[_Block]:
    """Text blocks whose times are times."""
    for place, at in enumerate(range(_HEADER, len(data) - _BLOCK + 1, _BLOCK), 1):
        listening.place = place
        block = data[at : at + _BLOCK]
        if block[3] in _USER_DATA:
            continue
        times = struct.unpack("8B", block[5:13])
        try:
            start, end = (parse_timecode(_label(times[i : i + 4], rate), rate) for i in (0, 4))
        except OptionError as error:
            raise FormatError(f"text block {place}: {error}", source=listening.source) from None
        if end < start:
            raise FormatError(
                f"text block {place}: this caption ends before it starts; swap or correct its times",
                source=listening.source,
            )
        yield _Block(block, block[15] == 1)


def _label(time: tuple[int, ...], rate: Rate) -> str:
    hours, minutes, seconds, frames = time
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if rate.drop else ':'}{frames:02}"


def _spaced(text: bytes) -> bytes:
    """The text field with spaces where ttconv sees them.

    It drops a space beside another or beside a control code, and adds one for a control code between
    two letters. Here a gap gets a no-break space, which it takes for a letter, where there is a space
    in it or a control code of teletext, which fills a cell; and two control codes, at which it adds
    none.
    """
    field = text.split(b"\x8f", 1)[0]  # the rest is unused

    def gap(match: re.Match[bytes]) -> bytes:
        codes = match[0].replace(b" ", b"")
        space = b"\xa0" if min(match[0]) <= 0x20 else b""
        return space + (codes * 2 if len(codes) == 1 else codes)

    return _GAP.sub(gap, field)[: _BLOCK - _TEXT].ljust(_BLOCK - _TEXT, b"\x8f")


def _missing(data: bytes, file: Any) -> list[Note]:
    """Notes on what the file should hold and does not."""
    told = []
    blocks, rest = divmod(len(data) - _HEADER, _BLOCK)
    if rest and data[-rest:].strip(b"\x00\x1a \x8f"):
        told.append(f"the file is cut off: {rest} bytes behind the last whole text block are left out")
    if file.gsi.TNB.strip().isdigit() and blocks < int(file.gsi.TNB):
        told.append(f"{blocks} of the {int(file.gsi.TNB)} text blocks that the header counts are there")
    if file.is_in_extension:
        told.append("the last caption is cut off and left out")
    return [Note(Span(0, 0), "damaged", text) for text in told]


def _from_start(document: Document, header: bytes, rate: Rate) -> Document:
    """The document on the film's clock: times counted from the programme's start."""
    digits = header[256:264].decode("ascii", "replace")
    label = _label(tuple(int(digits[i : i + 2]) for i in range(0, 8, 2)), rate) if digits.isdecimal() else ""
    try:
        start = parse_timecode(label, rate)
    except OptionError:
        start = 0
    shown = document.cues.span
    if not start or not shown:
        return document
    text = f"times are counted from the programme's start, {label}"
    if shown.start < start:
        text = f"the first caption comes before the programme's start, {label}; times are as they stand"
        start = 0
    noted = document.cues.with_notes([Note(Span(start, start), "timecode", text)])
    return replace(document, cues=noted).shift(-start)


def _title(header: bytes) -> str | None:
    page = _PAGES.get(header[:3], "cp850")
    return header[16:48].decode(page, "replace").strip(" \0") or None
