"""Scenarist SCC (.scc), read only: the bytes of CEA-608 captions, line 21 of NTSC, as hexadecimal text.

ttconv decodes channel 1: pop-on, paint-on and roll-up captions, each word two bytes and one frame of
29.97 a second. It passes over every line that it does not know; lines are therefore checked here first.
Format: http://www.theneitherworld.com/mcpoodle/SCC_TOOLS/DOCS/SCC_FORMAT.HTML; codes: CEA-608.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from accessify.captions.formats.broadcast import Listening, document_of
from accessify.captions.formats.spelling import unified
from accessify.core.errors import FormatError, OptionError
from accessify.core.text import Cue, Document, Placement
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Note, Rate, Span

_NTSC = Fraction(30000, 1001)
_WORD = re.compile("[0-9A-Fa-f]{4}")
_TIMECODE = re.compile(r"\d\d:\d\d:\d\d[:;.,]\d\d")
_ROLL_UP = re.compile(r"\b(?:94|14)(?:25|26|a7|27)\b", re.IGNORECASE)
"""RU2, RU3 and RU4 of channel 1, with and without the parity bit (CEA-608)."""
_MIXED = "drop-frame and other timecodes are mixed; each is read as what it is"
_COLUMN = 2.5
"""Percent of the picture's width: 32 columns in its middle 80 %."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    start: int
    """Ticks of its timecode."""
    text: str


def read_scc(text: str, source: str = "") -> Document:
    """The document of an SCC file; raises `FormatError` naming the line that is none.

    Times are on the film's clock as the timecodes say, at 30000/1001 frames a second; a semicolon
    before the frames means drop-frame.
    """
    lines = _lines(text, source)
    ordered = sorted(lines, key=lambda line: line.start)
    drop = any(line.text[8] != ":" for line in lines)
    rate = Rate(_NTSC, drop)
    notes = _remarks(lines, ordered)
    listening = Listening(source, "line")
    with listening.listen():
        model = _model(ordered, listening)
        document = document_of(model, _NTSC, rate, source)
    start = ordered[0].start if ordered else 0
    notes += listening.notes(Span(start, start))
    cues = document.cues.map(_centred).with_notes(notes)
    return replace(document, cues=cues)


def _model(lines: list[_Line], listening: Listening) -> object:
    from ttconv.scc.reader import to_model

    numbers = iter([line.number for line in lines])

    def advance(_: float) -> None:  # is called before each line
        listening.place = next(numbers)

    return to_model("\n".join(line.text for line in lines), progress_callback=advance)


def _lines(text: str, source: str) -> list[_Line]:
    """The lines that hold codes, as ttconv spells them."""
    first, *rest = unified(text).split("\n")
    if not re.fullmatch(r"\s*Scenarist_SCC V\d\.\d\s*", first):
        raise FormatError("not SCC: the first line must be Scenarist_SCC V1.0", line=1, source=source)
    lines = []
    for number, line in enumerate(rest, 2):
        if not (parts := line.split()):
            continue
        if wrong := next((word for word in parts[1:] if not _WORD.fullmatch(word)), None):
            raise FormatError(
                f"not a code of four hexadecimal digits: {wrong[:20]!r}", line=number, source=source
            )
        if not _TIMECODE.fullmatch(parts[0]):
            raise FormatError(
                f"not a timecode: {parts[0][:20]!r}; write 00:00:01:00 or 00:00:01;00",
                line=number,
                source=source,
            )
        try:
            start = parse_timecode(parts[0], Rate(_NTSC, drop=parts[0][8] != ":"))
        except OptionError as error:
            raise FormatError(str(error), line=number, source=source) from None
        lines.append(_Line(number, start, f"{parts[0]}\t{' '.join(parts[1:])}"))
    return lines


def _remarks(lines: list[_Line], ordered: list[_Line]) -> list[Note]:
    """What people should know of a file beyond what ttconv says."""
    notes = []
    if lines != ordered:
        moved = next(line for line, placed in zip(lines, ordered, strict=True) if line != placed)
        text = f"line {moved.number} stands out of order; lines are read in order of time"
        notes.append(Note(Span(moved.start, moved.start), "order", text))
    if len({line.text[8] == ":" for line in lines}) > 1:
        notes.append(Note(Span(0, 0), "timecode", _MIXED))
    rolling = next((line for line in ordered if _ROLL_UP.search(line.text)), None)
    if rolling:
        text = (
            f"line {rolling.number}: roll-up captions; rows that stay are repeated in the next caption, "
            "and all are placed at the bottom"
        )
        notes.append(Note(Span(rolling.start, rolling.start), "ignored", text))
    return notes


def _centred(cue: Cue) -> Cue:
    """A single row that indents bring to the middle of the picture, within two columns, is centred."""
    place = cue.placement
    if place is None or place.position is None:
        return cue
    middle = place.position
    if place.align == "start" and len(cue.lines) == 1:
        middle += len(cue.text) * _COLUMN / 2
    elif place.align is not None:
        return cue
    if abs(middle - 50) > 2 * _COLUMN:
        return cue
    centred = replace(place, position=None, position_align=None, size=None, align=None)
    return replace(cue, placement=None if centred == Placement() else centred)
