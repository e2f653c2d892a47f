r"""SAMI (.smi), read only: HTML whose `<SYNC>` blocks each stand until the next; an empty one clears.

pysubs2 parses the HTML. What it would lose is made plain for it first: it guesses how long a caption
stands instead of waiting for the next block, runs languages and paragraphs into one another, takes
line ends of the file for those of the caption, and drops colours.
"""

from __future__ import annotations

import re
from itertools import pairwise

from accessify.captions.formats.ass_text import JOINER, Look, parse_event_text
from accessify.captions.formats.colors import parse_color, to_ass_color
from accessify.captions.formats.spelling import tight, unified
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document
from accessify.core.timeline import Note, Span, Track, millis

_SYNC = re.compile(r"<sync\b([^<>]{0,300})", re.IGNORECASE)
_START = re.compile(r"\bstart\s*=\s*[\"']?\s*(\d{1,9})(?![\w.])", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b([^<>]{0,300})>", re.IGNORECASE)
_CLASS = re.compile(r"\bclass\s*=\s*[\"']?([\w\-]{1,60})", re.IGNORECASE)
_BLOCKS = re.compile(r"(?=<sync\b)", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"(?=<p\b)", re.IGNORECASE)
_FONT = re.compile(r"<font\b([^<>]{0,300})>|</font\s*>", re.IGNORECASE)
_COLOR = re.compile(r"\bcolor\s*=\s*[\"']?(#?\w{1,30})", re.IGNORECASE)
_LANGUAGE = re.compile(r"\.([\w\-]{1,60})\s*\{[^{}]{0,500}?\blang\s*:\s*([\w\-]{1,30})", re.IGNORECASE)
_TITLE = re.compile(r"<title>([^<>]{1,500})</title", re.IGNORECASE)


def read_sami(text: str, source: str = "") -> Document:
    """The document of a SAMI file, in its first language; raises `FormatError` naming a bad `SYNC`."""
    body = unified(text)
    if not re.match(r"\s*<sami\b", body, re.IGNORECASE):
        raise FormatError("not SAMI: the file must start with <SAMI>", line=1, source=source)
    _check_times(body, source)
    classes = list(dict.fromkeys(_classes(body)))
    events, notes = _events(_plain_html(_one_language(body, classes)))
    if len(classes) > 1:
        told = f"only the text of class {classes[0]} is read, not that of {', '.join(classes[1:])}"
        notes.append(Note(Span(0, 0), "ignored", told))
    cues = []
    for span, spelled in events:
        runs, _, _ = parse_event_text(spelled, span, Look())
        cue = tight(Cue(span, "".join(run.text for run in runs), runs))
        cues += [cue] if cue.text.strip() else []
    title = _TITLE.search(body)
    languages = {name.lower(): tag for name, tag in _LANGUAGE.findall(body)}
    return Document(
        Track.of(cues, notes),
        language=languages.get(classes[0]) if classes else None,
        title=title[1].strip() or None if title else None,
    )


def _check_times(body: str, source: str) -> None:
    for match in _SYNC.finditer(body):
        if not _START.search(match[1]):
            line = body.count("\n", 0, match.start()) + 1
            raise FormatError(
                f"not a time in milliseconds: {match[0][:60]!r}; write <SYNC Start=1000>",
                line=line,
                source=source,
            )


def _classes(body: str) -> list[str]:
    return [found[1].lower() for match in _PARAGRAPH.finditer(body) if (found := _CLASS.search(match[1]))]


def _one_language(body: str, classes: list[str]) -> str:
    """The text without paragraphs of any class but the first, and without blocks that hold no other."""
    kept: list[str] = []
    for block in _BLOCKS.split(body):
        head, *paragraphs = _PARAGRAPHS.split(block)
        own = [paragraph for paragraph in paragraphs if _classes(paragraph)[:1] in ([], classes[:1])]
        if own or not paragraphs:
            kept += [head, *own]
    return "".join(kept)


def _plain_html(body: str) -> str:
    """HTML that pysubs2 reads without loss: no line ends, colours as ASS tags, paragraphs as lines."""
    body = body.replace("\\", "\\" + JOINER).replace("{", "\\{").replace("}", "\\}")
    body = re.sub(r"[ \t\n]+", " ", body)
    return _FONT.sub(_spell_color, _PARAGRAPH.sub("<br>", body)) + "</body>"  # without it the last is lost


def _spell_color(match: re.Match[str]) -> str:
    found = _COLOR.search(match[1] or "")
    color = parse_color(found[1]) if found else None
    return f"{{\\c{to_ass_color(color)}}}" if color else "{\\c}"


def _events(html: str) -> tuple[list[tuple[Span, str]], list[Note]]:
    """When each text stands, until the next later block, and what was guessed."""
    import pysubs2

    read = sorted(pysubs2.SSAFile.from_string(html, format_="sami"), key=lambda event: event.start)
    starts = sorted({event.start for event in read})
    ends = dict(pairwise(starts))
    events, notes = [], []
    for event in read:
        span = Span(millis(event.start), millis(ends.get(event.start, event.end)))
        events.append((span, event.text))
        if event.start not in ends and event.text.strip():
            notes.append(Note(span, "end", "nothing clears the last caption; its end is a guess"))
    if len(read) < (blocks := len(_SYNC.findall(html))):
        notes.append(
            Note(Span(0, 0), "ignored", f"{blocks - len(read)} of {blocks} SYNC blocks stand in a remark")
        )
    return events, notes
