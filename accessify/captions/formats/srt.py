r"""SubRip (.srt): numbered cues, times with a comma, HTML-like tags.

There is no standard. The reader takes what is found in the wild: a byte order mark, any line end,
missing numbers, missing blank lines, `.` for `,`, cues out of order or overlapping, the tags
`<i> <b> <u> <font color>` and the placement tag `{\an8}`. The writer is plain: line feeds (as ffmpeg
and every other modern writer; all readers take them), numbers from 1, milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from accessify.captions.formats.anchors import anchor, place
from accessify.captions.formats.clock import TIME, clock_text, span_of, ticks_of
from accessify.captions.formats.colors import parse_color
from accessify.captions.formats.order import in_order
from accessify.captions.formats.spelling import DEEPEST, plain, unified, written_runs
from accessify.core.errors import FormatError
from accessify.core.text import PLAIN, Cue, Document, Placement, Run, Style, merge_runs
from accessify.core.timeline import Note, Span

_TIMING = re.compile(rf"\s*{TIME}\s*-+>\s*{TIME}(?:\s+(.*))?\s*")
_TIMING_TRY = re.compile(r"\s*\d+\s*:[^>]*->")
_TOKEN = re.compile(r"<(/?)(i|b|u|font)(|\s[^<>]*)>|\{\\([a-z1-4][^{}<>\n]*)\}", re.IGNORECASE)
_FONT_COLOR = re.compile(r"\bcolor\s*=\s*(\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_ANCHOR = re.compile(r"\\?an([1-9])")


def read_srt(text: str, source: str = "") -> Document:
    """The document of a SubRip file; raises `FormatError` naming the line of what is no cue."""
    lines = unified(text).split("\n")
    cues: list[Cue] = []
    notes: list[Note] = []
    for block in _blocks(lines, source):
        runs, placement, dropped = _parse_text(block.text)
        cues.append(Cue(block.span, plain(runs), merge_runs(runs), placement=placement))
        if block.rest:  # `X1:… Y1:…`: pixels of a picture whose size is unknown
            dropped.append(f"{block.rest.strip()} is not kept")
        notes += block.notes
        notes += [Note(block.span, "ignored", f"line {block.line}: {what}") for what in dropped]
    return Document(in_order(cues, notes))


def write_srt(document: Document) -> str:
    """SubRip text of a document."""
    blocks = []
    for number, cue in enumerate(document.cues, 1):
        times = f"{clock_text(cue.span.start, ',')} --> {clock_text(cue.span.end, ',')}"
        blocks.append(f"{number}\n{times}\n{_spell(cue)}\n")
    return "\n".join(blocks)


@dataclass(frozen=True, slots=True)
class _Block:
    """One cue as it stands in the file."""

    line: int
    span: Span
    rest: str
    """What follows the times on their line."""
    text: str
    notes: list[Note]


def _blocks(lines: list[str], source: str) -> Iterator[_Block]:
    starts = [index for index, line in enumerate(lines) if _TIMING_TRY.match(line)]
    _check_head(lines, starts, source)
    numbered = bool(starts) and starts[0] > 0 and lines[starts[0] - 1].strip().isdecimal()
    for index, following in zip(starts, [*starts, len(lines)][1:], strict=True):
        span, rest, notes = _parse_timing(lines[index], index + 1, source)
        body = lines[index + 1 : following]
        is_last = following == len(lines)
        if numbered and not is_last and body and body[-1].strip().isdecimal():
            body.pop()
        yield _Block(index + 1, span, rest, "\n".join(line for line in body if line.strip()), notes)


def _check_head(lines: list[str], starts: list[int], source: str) -> None:
    for index, line in enumerate(lines[: starts[0] if starts else None]):
        if line.strip() and not line.strip().isdecimal():
            raise FormatError(
                f"expected a cue number or a time line like 00:00:01,000 --> 00:00:02,500, "
                f"not {line.strip()[:40]!r}",
                line=index + 1,
                source=source,
            )


def _parse_timing(line: str, number: int, source: str) -> tuple[Span, str, list[Note]]:
    match = _TIMING.fullmatch(line)
    try:
        if not match:
            raise ValueError("not a time line")  # noqa: TRY301 - one message for both ways to be wrong
        start, end = ticks_of(*match.groups()[:4]), ticks_of(*match.groups()[4:8])
    except ValueError:
        raise FormatError(
            f"not a time line: {line.strip()[:60]!r}; write 00:00:01,000 --> 00:00:02,500",
            line=number,
            source=source,
        ) from None
    span, notes = span_of(start, end, number)
    return span, match[9] or "", notes


def _parse_text(text: str) -> tuple[list[Run], Placement | None, list[str]]:
    """Runs, placement, and what was dropped; an unknown tag is text."""
    runs: list[Run] = []
    opened: list[tuple[str, Style]] = []
    placement: Placement | None = None
    dropped: list[str] = []
    at = 0
    for match in _TOKEN.finditer(text):
        runs.append(Run(text[at : match.start()], opened[-1][1] if opened else PLAIN))
        at = match.end()
        closing, tag, attributes, override = match.groups()
        if override is not None:
            found = _ANCHOR.fullmatch(override)
            placement = place(int(found[1])) if found else placement
            dropped += [] if found else [f"{match[0]} is not kept"]
        elif closing:
            _close(opened, tag.lower())
        elif len(opened) < DEEPEST:
            style = opened[-1][1] if opened else PLAIN
            opened.append((tag.lower(), _styled(style, tag.lower(), attributes)))
    runs.append(Run(text[at:], opened[-1][1] if opened else PLAIN))
    return runs, placement, dropped


def _styled(style: Style, tag: str, attributes: str) -> Style:
    if tag == "font":
        found = _FONT_COLOR.search(attributes)
        return replace(style, color=(parse_color(found[1]) if found else None) or style.color)
    return replace(
        style,
        italic=style.italic or tag == "i",
        bold=style.bold or tag == "b",
        underline=style.underline or tag == "u",
    )


def _close(opened: list[tuple[str, Style]], tag: str) -> None:
    """Close the innermost `tag` and what was opened inside it; ignore an end without a start."""
    for index in range(len(opened) - 1, -1, -1):
        if opened[index][0] == tag:
            del opened[index:]
            return


def _spell(cue: Cue) -> str:
    number = anchor(cue.placement)
    body = "".join(map(_spell_run, merge_runs(map(_kept, written_runs(cue))) or written_runs(cue)))
    if any(map(_TIMING_TRY.match, body.split("\n"))):  # text that a reader would take for a time line
        body = body.replace("->", "- >")
    return body if number == 2 else f"{{\\an{number}}}{body}"


def _kept(run: Run) -> Run:
    style = run.style
    return Run(run.text, Style(style.italic, style.bold, style.underline, style.color))


def _spell_run(run: Run) -> str:
    style, text = run.style, run.text
    for tag, on in (("u", style.underline), ("b", style.bold), ("i", style.italic)):
        text = f"<{tag}>{text}</{tag}>" if on else text
    return f'<font color="{style.color[:7]}">{text}</font>' if style.color else text
