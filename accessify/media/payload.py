"""Caption payloads as containers carry them: SubRip, WebVTT and 3GPP timed text.

Italics, bold and underline survive in all three, voices in WebVTT; other looks are for side-car files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from accessify.core.text import Cue, Run, Style
from accessify.core.timeline import Span

_TAGS = (("italic", "i"), ("bold", "b"), ("underline", "u"))
_FONT_SIZE = 16


@dataclass(frozen=True, slots=True)
class Sample:
    """One packet of a caption stream."""

    span: Span
    payload: bytes


def subrip(cues: Iterable[Cue]) -> Iterator[Sample]:
    """Text with HTML-like tags, as Matroska's S_TEXT/UTF8."""
    for cue in cues:
        text = "".join(_tagged(run.text, run.style) for run in _runs(cue))
        yield Sample(cue.span, text.encode())


def webvtt(cues: Iterable[Cue]) -> Iterator[Sample]:
    """Cue payload of WebVTT §4.2.2, with `&`, `<` and `>` escaped."""
    for cue in cues:
        text = "".join(_tagged(escape(run.text, quote=False), run.style) for run in _runs(cue))
        yield Sample(cue.span, (f"<v {escape(cue.speaker)}>{text}" if cue.speaker else text).encode())


def timed_text(cues: Iterable[Cue]) -> Iterator[Sample]:
    """Samples of 3GPP TS 26.245 §5.17: they cannot overlap and leave no gap, silence is empty text."""
    position = 0
    for span, showing in _without_overlaps(tuple(cues)):
        if span.start > position:
            yield Sample(Span(position, span.start), _timed_text_sample(()))
        yield Sample(span, _timed_text_sample(showing))
        position = span.end


def _runs(cue: Cue) -> tuple[Run, ...]:
    return cue.runs or (Run(cue.text),)


def _tagged(text: str, style: Style) -> str:
    tags = [tag for name, tag in _TAGS if getattr(style, name)]
    return "".join(f"<{tag}>" for tag in tags) + text + "".join(f"</{tag}>" for tag in reversed(tags))


def _without_overlaps(cues: tuple[Cue, ...]) -> Iterator[tuple[Span, tuple[Cue, ...]]]:
    """Every stretch in which the same cues are on screen, where there is one at all."""
    edges = sorted({edge for cue in cues for edge in (cue.span.start, cue.span.end)})
    waiting, showing = list(reversed(cues)), list[Cue]()
    for start, end in pairwise(edges):
        showing = [cue for cue in showing if cue.span.end > start]
        while waiting and waiting[-1].span.start <= start:
            cue = waiting.pop()
            showing += [cue] * (cue.span.end > start)
        if showing:
            yield Span(start, end), tuple(showing)


def _timed_text_sample(cues: tuple[Cue, ...]) -> bytes:
    """Length, UTF-8 text, and a `styl` box where something is not plain (§5.17.1.1)."""
    text, records = "", []
    for cue in cues:
        text += "\n" if text else ""
        for run in _runs(cue):
            face = run.style.bold | run.style.italic << 1 | run.style.underline << 2
            if face:
                place = len(text), len(text) + len(run.text)
                records.append(struct.pack(">HHHBBI", *place, 1, face, _FONT_SIZE, 0xFFFFFFFF))
            text += run.text
    data = text.encode()
    box = struct.pack(">I4sH", 10 + 12 * len(records), b"styl", len(records)) if records else b""
    return struct.pack(">H", len(data)) + data + box + b"".join(records)
