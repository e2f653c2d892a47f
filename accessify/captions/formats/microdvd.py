r"""MicroDVD (.sub) and MPL2 (.mpl), read only: one caption a line, its times in brackets, `|` breaks lines.

MicroDVD counts frames, hence needs the film's frame rate: a first line `{1}{1}25` gives it. MPL2 counts
tenths of a second. What stands in a caption (`{Y:i}`, a `/` before italics) is read by pysubs2, which
passes over every line that it does not know; lines are therefore checked here first.
Formats: https://pysubs2.readthedocs.io/en/latest/formats.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

from accessify.captions.formats.ass_text import JOINER, Look, parse_event_text
from accessify.captions.formats.clock import span_of
from accessify.captions.formats.order import in_order
from accessify.captions.formats.spelling import tight, unified
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document
from accessify.core.timeline import Note, Rate, Span, Track, millis

_ONE_LINE_ONLY = re.compile(r"(\{y:[^{}|]*\}[^|]*)\|")
"""In MicroDVD a small `y` ends with its line, a capital `Y` with the caption; pysubs2 takes both as `Y`."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a line of one of the two formats is written."""

    name: str
    """As pysubs2 calls it."""
    title: str
    line: re.Pattern[str]
    brace: re.Pattern[str]
    """Braces that are text."""
    example: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a file."""

    number: int
    start: int
    end: int | None
    text: str


_MICRODVD = _Kind(
    "microdvd",
    "MicroDVD",
    re.compile(r"\{\s*(\d{1,9})\s*\}\{\s*(\d{0,9})\s*\}(.*)"),
    re.compile(r"\{(?![A-Za-z]:)"),
    "{25}{75}Hello|there",
)
_MPL2 = _Kind(
    "mpl2",
    "MPL2",
    re.compile(r"\[\s*(\d{1,9})\s*\]\[\s*(\d{0,9})\s*\](.*)"),
    re.compile(r"\{"),
    "[10][30]Hello|there",
)


def read_microdvd(text: str, source: str = "", rate: Rate | None = None) -> Document:
    """The document of a MicroDVD file; a `rate` given wins over the one that the file states.

    Raises `FormatError` naming the line of what is no caption, or when nobody says the frame rate.
    """
    rows = _rows(text, _MICRODVD, source)
    stated = _stated_rate(rows[0], source) if rows else None
    found = rate or stated
    if rows and found is None:
        raise FormatError(
            "MicroDVD counts frames and this file does not say how many make a second; "
            "convert it with --rate FPS, or put a line such as {1}{1}25 at its top",
            line=rows[0].number,
            source=source,
        )
    notes = []
    if stated and rate and stated.fps != rate.fps:
        told = f"the file states {float(stated.fps):.6g} frames a second; read at {float(rate.fps):.6g}"
        notes.append(Note(Span(0, 0), "rate", told))
    rows = rows[1:] if stated else rows
    cues = _cues(rows, _MICRODVD, (found or Rate.parse("25")).at, source)
    return Document(cues.with_notes(notes), rate=found)


def read_mpl2(text: str, source: str = "") -> Document:
    """The document of an MPL2 file; raises `FormatError` naming the line of what is no caption."""
    return Document(_cues(_rows(text, _MPL2, source), _MPL2, lambda tenths: millis(100 * tenths), source))


def _rows(text: str, kind: _Kind, source: str) -> list[_Row]:
    rows = []
    for number, line in enumerate(unified(text).split("\n"), 1):
        match = kind.line.fullmatch(line.strip())
        if match:
            rows.append(_Row(number, int(match[1]), int(match[2]) if match[2] else None, match[3].strip()))
        elif line.strip():
            raise FormatError(
                f"not a line of {kind.title}: {line.strip()[:40]!r}; write {kind.example}",
                line=number,
                source=source,
            )
    return rows


def _stated_rate(row: _Row, source: str) -> Rate | None:
    """The frame rate that a first line such as `{1}{1}23.976` states."""
    is_header = row.start == row.end and row.start <= 1
    if not is_header or not re.fullmatch(r"\d{1,3}(?:[.,]\d{1,9})?", row.text):
        return None
    try:
        return Rate.parse(row.text.replace(",", "."))
    except ValueError:
        raise FormatError(
            f"{row.text} is no frame rate; write {{1}}{{1}}25 or the like", line=row.number, source=source
        ) from None


def _cues(rows: list[_Row], kind: _Kind, ticks: Callable[[int], int], source: str) -> Track[Cue]:
    """Captions of the lines; their units are turned into ticks by `ticks`."""
    import pysubs2

    pairs = zip_longest(rows, rows[1:])
    shown = [(row, _end(row, after, source)) for row, after in pairs if row and row.text]
    lines = "".join(_normal(row, end, kind) for row, end in shown)
    # At 1000 frames a second pysubs2's milliseconds are frame numbers: nothing is rounded.
    events = pysubs2.SSAFile.from_string(lines, format_=kind.name, fps=1000)
    cues: list[Cue] = []
    notes: list[Note] = []
    for (row, end), event in zip(shown, events, strict=True):
        span, backwards = span_of(ticks(row.start), ticks(end), row.number)
        notes += backwards
        runs, placement, ignored = parse_event_text(event.text, span, Look())
        cues.append(tight(Cue(span, "".join(run.text for run in runs), runs, placement=placement)))
        notes += [Note(span, "ignored", f"line {row.number}: {what} is not kept") for what in ignored]
    return in_order(cues, notes)


def _end(row: _Row, after: _Row | None, source: str) -> int:
    """An end left empty (`{25}{}`) means until the next caption."""
    if row.end is not None:
        return row.end
    if after is None:
        raise FormatError("the last caption has no end; write one", line=row.number, source=source)
    return after.start


def _normal(row: _Row, end: int, kind: _Kind) -> str:
    text = row.text.replace("\\", "\\" + JOINER)  # in ASS, which pysubs2 makes of it, it would start a tag
    text = kind.brace.sub(r"\\{", text)
    if kind is _MICRODVD:
        text = _ONE_LINE_ONLY.sub(r"\1{\\r}|", text)
        return f"{{{row.start}}}{{{end}}}{text}\n"
    return f"[{row.start}][{end}]{text}\n"
