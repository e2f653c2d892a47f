"""WebVTT (.vtt), read and written after https://www.w3.org/TR/webvtt1/ (syntax §4, parsing §6).

Everything the syntax can say survives a round trip: cue ids and settings, regions, style sheets,
voices, classes, ruby, timestamps. What describes the document stands where WebVTT has room for it:
the title on the `WEBVTT` line, language, frame rate and how it was made in a first NOTE.
Unlike a browser, which skips what it cannot parse, the reader raises `FormatError` for a cue it
would lose, and notes settings and tags it ignores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from accessify.captions.formats.clock import TIME, clock_text, span_of, ticks_of
from accessify.captions.formats.order import in_order
from accessify.captions.formats.remarks import lasting_notes, parse_note, spell_note
from accessify.captions.formats.spelling import plain, unified
from accessify.captions.formats.vtt_settings import parse_region, parse_settings, spell_region, spell_settings
from accessify.captions.formats.vtt_text import color_rules, is_color_rules, parse_cue_text, spell_cue
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Region, Stylesheet, merge_runs
from accessify.core.timeline import TICKS_PER_SECOND, Note, Rate, Span

_SIGNATURE = re.compile(r"WEBVTT(?:[ \t](.*))?")
_TIMING = re.compile(rf"[ \t]*{TIME}[ \t]*-->[ \t]*{TIME}(?:[ \t]+(.*))?[ \t]*")
_TIMESTAMP_MAP = re.compile(
    rf"X-TIMESTAMP-MAP=(?:LOCAL:{TIME},MPEGTS:(\d{{1,12}})|MPEGTS:(\d{{1,12}}),LOCAL:{TIME})"
)
_FACT = re.compile(r"(Language|Frame rate|Origin|Source): (.+)")
_MPEG_HZ = 90_000


def read_vtt(text: str, source: str = "") -> Document:
    """The document of a WebVTT file; raises `FormatError` naming the line of what is no WebVTT."""
    lines = unified(text).split("\n")
    signature = _SIGNATURE.fullmatch(lines[0])
    if not signature:
        raise FormatError(
            f"not WebVTT: the first line must be WEBVTT, not {lines[0][:40]!r}", line=1, source=source
        )
    draft = _Draft(source, title=(signature[1] or "").strip().removeprefix("- ") or None)
    body = _read_header(lines, draft)
    for number, block in _blocks(lines, body):
        _read_block(draft, number, block)
    return draft.document()


def write_vtt(document: Document) -> str:
    """WebVTT text of a document."""
    blocks = [f"WEBVTT {_line(document.title)}" if document.title else "WEBVTT"]
    blocks += _spell_facts(document)
    blocks += [f"NOTE {text}" if "\n" not in text else f"NOTE\n{text}" for text in _comments(document)]
    blocks += [spell_region(region) for region in document.regions]
    sheets = [sheet.text for sheet in document.stylesheets if sheet.language == "css"]
    css = "\n".join(sheets)
    sheets.append(color_rules(document.cues, css))
    blocks += [f"STYLE\n{text}" for sheet in sheets if (text := _block(sheet))]
    timed = [(note.span.start, f"NOTE {_line(spell_note(note))}") for note in lasting_notes(document)]
    timed += [(cue.span.start, _spell_cue(cue, css)) for cue in document.cues]
    blocks += [block for _, block in sorted(timed, key=lambda pair: pair[0])]
    return "\n\n".join(blocks) + "\n"


@dataclass(slots=True)
class _Draft:
    """A document while it is read."""

    source: str
    title: str | None = None
    language: str | None = None
    rate: Rate | None = None
    origin: str | None = None
    film: str | None = None
    offset: int = 0
    """Ticks to add to every time (X-TIMESTAMP-MAP)."""
    comments: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def error(self, message: str, line: int) -> FormatError:
        return FormatError(message, line=line, source=self.source)

    def ignore(self, items: list[str], line: int, span: Span) -> None:
        self.notes += [Note(span, "ignored", f"line {line}: {item} is not kept") for item in items]

    def document(self) -> Document:
        track = in_order(self.cues, self.notes)
        return Document(
            cues=track.shift(self.offset) if self.offset else track,
            language=self.language,
            title=self.title,
            origin=self.origin,
            source=self.film,
            rate=self.rate,
            regions=tuple(self.regions),
            stylesheets=tuple(Stylesheet("css", text) for text in self.sheets),
            comments=tuple(self.comments),
        )


def _read_header(lines: list[str], draft: _Draft) -> int:
    """Read what stands between the signature and the first empty line; give the line after it."""
    index = 1
    while index < len(lines) and lines[index] and "-->" not in lines[index]:
        line = lines[index].strip()
        name, _, value = line.partition(":")
        if match := _TIMESTAMP_MAP.fullmatch(line):
            draft.offset = _map_offset(match, draft, index + 1)
        elif name == "Language" and value.strip():  # as YouTube writes it
            draft.language = value.strip()
        else:
            draft.comments.append(line)
        index += 1
    return index


def _map_offset(match: re.Match[str], draft: _Draft, line: int) -> int:
    """Ticks that HLS adds to a cue's time (RFC 8216 §3.5): the MPEG time minus the local one."""
    groups = match.groups()
    mpeg, local = (groups[4], groups[:4]) if groups[4] else (groups[5], groups[6:10])
    try:
        return int(mpeg) * (TICKS_PER_SECOND // _MPEG_HZ) - ticks_of(*local)
    except ValueError as error:
        raise draft.error(f"{match[0]}: {error}", line) from None


def _blocks(lines: list[str], index: int) -> Iterator[tuple[int, list[str]]]:
    """Blocks with the number of their first line (§6.1, "collect a WebVTT block").

    An empty line ends a block; so does a time line that is not its first or second line.
    """
    block: list[str] = []
    timed = False
    for number, line in enumerate(lines[index:], index + 1):
        has_arrow = "-->" in line
        if block and (not line or (has_arrow and (timed or len(block) > 1))):
            yield number - len(block), block
            block, timed = [], False
        if line:
            block.append(line)
            timed = timed or has_arrow
    if block:
        yield len(lines) + 1 - len(block), block


def _read_block(draft: _Draft, number: int, block: list[str]) -> None:
    head, rest = block[0].strip(), "\n".join(block[1:])
    if any("-->" in line for line in block[:2]):
        _read_cue(draft, number, block)
    elif re.match(r"NOTE(?:\s|$)", block[0]):
        _read_note(draft, "\n".join([block[0][4:], *block[1:]]).strip())
    elif head == "STYLE":
        if rest and not is_color_rules(rest):
            draft.sheets.append(rest)
    elif head == "REGION":
        region, ignored = parse_region(rest)
        if region is None:
            raise draft.error("this region has no id; add a line id:NAME", number)
        draft.regions.append(region)
        draft.ignore(ignored, number, Span(0, 0))
    elif any(line.strip() for line in block):
        raise draft.error(
            f"text without a time line: {head[:40]!r}; put 00:01.000 --> 00:02.500 above it", number
        )


def _read_note(draft: _Draft, text: str) -> None:
    text = text.replace("--&gt;", "-->")
    if note := parse_note(text):
        draft.notes.append(note)
        return
    facts = [_FACT.fullmatch(line) for line in text.split("\n")]
    if draft.cues or draft.comments or not all(facts):
        draft.comments += [text] if text else []
        return
    values = {fact[1]: fact[2] for fact in facts if fact}
    draft.language = values.get("Language", draft.language)
    draft.origin = values.get("Origin")
    draft.film = values.get("Source")
    try:
        draft.rate = Rate.parse(values["Frame rate"]) if "Frame rate" in values else None
    except ValueError:
        draft.comments.append(text)


def _read_cue(draft: _Draft, number: int, block: list[str]) -> None:
    at = 0 if "-->" in block[0] else 1
    line = number + at
    match = _TIMING.fullmatch(block[at])
    try:
        if not match:
            raise ValueError("not a time line")  # noqa: TRY301 - one message for both ways to be wrong
        start, end = ticks_of(*match.groups()[:4]), ticks_of(*match.groups()[4:8])
    except ValueError:
        raise draft.error(
            f"not a time line: {block[at].strip()[:60]!r}; write 00:01.000 --> 00:02.500", line
        ) from None
    span, notes = span_of(start, end, line)
    draft.notes += notes
    placement, settings = parse_settings(match[9] or "")
    css = "\n".join(draft.sheets)
    runs, speaker, tags = parse_cue_text("\n".join(block[at + 1 :]), span, css)
    draft.ignore([*settings, *tags], line, span)
    identifier = block[0] if at else None
    draft.cues.append(Cue(span, plain(runs), merge_runs(runs), identifier, speaker, placement))


def _spell_facts(document: Document) -> list[str]:
    facts = {
        "Language": document.language,
        "Frame rate": spell_rate(document.rate) if document.rate else None,
        "Origin": document.origin,
        "Source": document.source,
    }
    lines = [f"{name}: {_line(value)}" for name, value in facts.items() if value]
    return ["\n".join(["NOTE", *lines])] if lines else []


def spell_rate(rate: Rate) -> str:
    """A frame rate as `Rate.parse` reads it, e.g. `30000/1001df`."""
    return f"{rate.fps}{'df' if rate.drop else ''}"


def _comments(document: Document) -> list[str]:
    return [text for comment in document.comments if (text := _block(comment).strip())]


def _block(text: str) -> str:
    """Text that may stand in a block: no empty line and no `-->`, which would end it."""
    lines = (line for line in unified(text).split("\n") if line.strip())
    return "\n".join(lines).replace("-->", "--&gt;")


def _line(text: str | None) -> str:
    return _block(text or "").replace("\n", " ")


def _spell_cue(cue: Cue, css: str) -> str:
    times = f"{clock_text(cue.span.start)} --> {clock_text(cue.span.end)}"
    identifier = f"{_line(cue.id)}\n" if cue.id and cue.id.strip() else ""
    text = spell_cue(cue, css)
    return f"{identifier}{times}{spell_settings(cue.placement)}" + (f"\n{text}" if text else "")
