"""Advanced SubStation Alpha (.ass) and its ancestor SSA: sections of lines, styles by name.

Everything outside `[Events]` (script info, styles, fonts, graphics) is kept word for word as the
document's `ass` style sheet and written back, so that a round trip keeps every look; new files get a
style of ours. Own instead of pysubs2, which goes by a field order of its own whatever Format lines say,
and gives up on a damaged event without saying where, or takes it for one of ten seconds. It writes back
neither remarks nor sections it does not know.
Format: https://github.com/libass/libass/wiki/ASS-File-Format-Guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from accessify.captions.formats.ass_text import WHITE, Look, parse_event_text, spell_event
from accessify.captions.formats.clock import TIME, clock_text, span_of, ticks_of
from accessify.captions.formats.colors import ass_color
from accessify.captions.formats.remarks import lasting_notes, parse_note, spell_note
from accessify.captions.formats.spelling import plain, unified
from accessify.captions.formats.vtt import spell_rate
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Style, Stylesheet, is_wide, merge_runs
from accessify.core.timeline import Note, Rate, Span, Track

_SHEET = """\
[Script Info]
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: None

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, \
MarginL, MarginR, MarginV, Encoding
Style: Default,{font},64,&H00FFFFFF,&H00808080,&H00000000,&H80000000,\
0,0,0,0,100,100,0,0,1,4,1.5,2,192,192,80,1
"""
"""Look of new files: white on a black outline, 6 % of the height, 10 % free at the sides and 7 % below.
The font goes by the language.
"""
LATIN_FONT = "Arial"
CJK_FONTS = {
    "zh": "Noto Sans CJK SC",
    "zh-hant": "Noto Sans CJK TC",
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
}
"""Language → a font that draws its characters as its readers know them; a player may take another."""

_OWN_SHEETS = frozenset(_SHEET.format(font=font) for font in (LATIN_FONT, *CJK_FONTS.values()))
_EVENT_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_SECTION = re.compile(r"\s*\[([^\]]+)\]\s*")
_EVENT = re.compile(r"(Dialogue|Comment):\s?(.*)", re.IGNORECASE)
_TIME = re.compile(TIME)
_FACTS = {
    "title": "Title",
    "language": "Language",
    "frame rate": "Frame Rate",
    "origin": "Origin",
    "source": "Source",
}
_OLD_ALIGNMENT = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}


def read_ass(text: str, source: str = "") -> Document:
    """The document of an ASS or SSA file; raises `FormatError` naming the line of a damaged event."""
    draft = _Draft(source)
    section = ""
    for number, line in enumerate(unified(text).split("\n"), 1):
        if match := _SECTION.fullmatch(line):
            section = match[1].strip().lower()
            draft.has_events |= section == "events"
            if section != "events":
                draft.sheet.append(f"[{match[1].strip()}]")
        elif section == "events":
            _read_event_line(draft, line, number)
        elif section:
            _read_sheet_line(draft, section, line)
        elif line.strip():
            raise FormatError(
                f"not ASS: expected [Script Info], not {line.strip()[:40]!r}", line=number, source=source
            )
    if section and not draft.has_events:
        raise FormatError("not ASS: there is no [Events] section", line=number, source=source)
    return draft.document()


def write_ass(document: Document) -> str:
    """ASS text of a document."""
    kept = [sheet.text for sheet in document.stylesheets if sheet.language == "ass"]
    sheet = kept[0] if kept else default_sheet(document)
    looks = _looks(sheet.split("\n"))
    lines = [_with_facts(sheet.rstrip("\n"), document), "", "[Events]"]
    lines.append("Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text")
    for comment in document.comments:
        spelled = unified(comment).replace("\n", "\\N")
        lines.append(f"Comment: 0,0:00:00.00,0:00:00.00,Default,,0,0,0,,{spelled}")
    events = [(note.span, _spell_note(note)) for note in lasting_notes(document)]
    events += [(cue.span, _spell_event(cue, looks)) for cue in document.cues]
    lines += [line for _, line in sorted(events, key=lambda event: event[0].start)]
    return "\n".join(lines) + "\n"


def default_sheet(document: Document) -> str:
    """Script info and our style for a document that has none."""
    tag = (document.language or "").lower()
    language = tag.split("-")[0]
    if language == "zh" and re.search("-(?:hant|tw|hk|mo)", tag):
        language = "zh-hant"
    elif not language and any(map(is_wide, "".join(cue.text for cue in document.cues))):
        language = "zh"
    return _SHEET.format(font=CJK_FONTS.get(language, LATIN_FONT))


@dataclass(slots=True)
class _Draft:
    """A document while it is read."""

    source: str
    sheet: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = _EVENT_FIELDS
    looks: dict[str, Look] | None = None
    has_events: bool = False
    cues: list[Cue] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def document(self) -> Document:
        text = "\n".join(self.sheet).strip("\n") + "\n"
        try:
            rate = Rate.parse(self.facts["frame rate"]) if "frame rate" in self.facts else None
        except ValueError:
            rate = None
        return Document(
            cues=Track.of(self.cues, self.notes),
            language=self.facts.get("language"),
            title=self.facts.get("title"),
            origin=self.facts.get("origin"),
            source=self.facts.get("source"),
            rate=rate,
            stylesheets=() if text in _OWN_SHEETS or text == "\n" else (Stylesheet("ass", text),),
            comments=tuple(self.comments),
        )


def _read_sheet_line(draft: _Draft, section: str, line: str) -> None:
    name, colon, value = line.partition(":")
    if section == "script info" and colon and name.strip().lower() in _FACTS and value.strip():
        draft.facts[name.strip().lower()] = value.strip()
    else:
        draft.sheet.append(line.rstrip())


def _read_event_line(draft: _Draft, line: str, number: int) -> None:
    if line.lower().startswith("format:"):
        draft.fields = tuple(name.strip().lower() for name in line[7:].split(","))
    elif match := _EVENT.fullmatch(line):
        _read_event(draft, match, number)
    elif line.strip() and not line.startswith(";"):
        raise FormatError(
            f"expected Dialogue: or Comment:, not {line.strip()[:40]!r}", line=number, source=draft.source
        )


def _read_event(draft: _Draft, match: re.Match[str], number: int) -> None:
    parts = match[2].split(",", len(draft.fields) - 1)
    values = dict(zip(draft.fields, parts, strict=False))
    text = values.get("text")
    if text is None:
        raise FormatError(
            f"an event has {len(draft.fields)} fields, this one {len(parts)}; see the Format line",
            line=number,
            source=draft.source,
        )
    if match[1].lower() == "comment":
        note = parse_note(text)
        draft.notes += [note] if note else []
        draft.comments += [text.replace("\\N", "\n")] if text and not note else []
        return
    span, notes = _event_span(values, number, draft.source)
    draft.notes += notes
    if draft.looks is None:
        draft.looks = _looks(draft.sheet)
    look = draft.looks.get(values.get("style", "Default").strip().lstrip("*"), draft.looks["Default"])
    runs, placement, ignored = parse_event_text(text, span, look)
    ignored += _extras(values)
    speaker = values.get("name", "").strip() or None
    draft.cues.append(Cue(span, plain(runs), merge_runs(runs), speaker=speaker, placement=placement))
    draft.notes += [Note(span, "ignored", f"line {number}: {item} is not kept") for item in ignored]


def _extras(values: dict[str, str]) -> list[str]:
    """What the event says beyond time, style, speaker and text."""
    names = ("layer", "marginl", "marginr", "marginv", "effect")
    found = {name: values.get(name, "").strip() for name in names}
    return [f"{name} {value}" for name, value in found.items() if value.strip("0")]


def _event_span(values: dict[str, str], number: int, source: str) -> tuple[Span, list[Note]]:
    matches = [_TIME.fullmatch(values.get(name, "").strip()) for name in ("start", "end")]
    try:
        start, end = (ticks_of(*match.groups()) for match in matches if match)
    except ValueError:
        raise FormatError(
            f"not a time: {values.get('start')!r} or {values.get('end')!r}; write 0:00:01.00",
            line=number,
            source=source,
        ) from None
    return span_of(start, end, number)


def _looks(sheet: list[str]) -> dict[str, Look]:
    """Looks of the styles in a sheet, by name; there is always one called Default."""
    width, height = (_resolution(sheet, key) for key in ("PlayResX", "PlayResY"))
    fields: tuple[str, ...] = ()
    looks = {"Default": Look(width=width, height=height)}
    is_old = False
    for line in sheet:
        head, _, rest = line.partition(":")
        if line.startswith("["):
            is_old = line.strip().lower() == "[v4 styles]"
        elif head == "Format":
            fields = tuple(name.strip().lower() for name in rest.split(","))
        elif head == "Style":
            values = dict(zip(fields, map(str.strip, rest.split(",")), strict=False))
            name = values.get("name", "").lstrip("*")
            number = _whole(values.get("alignment", ""), 2)
            number = _OLD_ALIGNMENT.get(number, 2) if is_old else number
            looks[name] = Look(name, _base(values), number if 1 <= number <= 9 else 2, width, height)
    return looks


def _base(values: dict[str, str]) -> Style:
    """What a style's fields say of how its text looks."""
    italic, bold, underline = (
        values.get(name, "0") not in ("0", "") for name in ("italic", "bold", "underline")
    )
    written = values.get("primarycolour", "")
    if written.isdecimal():  # as SSA has it
        written = f"{int(written):x}"
    color = ass_color(written)
    return Style(italic, bold, underline, None if color == WHITE else color)


def _resolution(sheet: list[str], key: str) -> int:
    """Size of the picture that coordinates count in; libass takes 384×288 where a script says nothing."""
    found = (line.partition(":")[2] for line in sheet if line.lower().startswith(key.lower() + ":"))
    return _whole(next(found, ""), 0) or (384 if key.endswith("X") else 288)


def _whole(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"\s*\d{1,5}\s*", text) else default


def _with_facts(sheet: str, document: Document) -> str:
    """The sheet with title, language, rate and origin in its script info."""
    values = (
        document.title,
        document.language,
        spell_rate(document.rate) if document.rate else None,
        document.origin,
        document.source,
    )
    facts = [
        f"{name}: {' '.join(value.split())}"
        for name, value in zip(_FACTS.values(), values, strict=True)
        if value and value.strip()
    ]
    lines = sheet.split("\n")
    heads = [index for index, line in enumerate(lines) if line.strip().lower() == "[script info]"]
    if not heads:
        return "\n".join(["[Script Info]", *facts, "", *lines])
    return "\n".join([*lines[: heads[0] + 1], *facts, *lines[heads[0] + 1 :]])


def _spell_note(note: Note) -> str:
    """A comment at the note's own time, where it stands among the captions in an editor."""
    times = (
        clock_text(max(0, ticks), ".", digits=2, hour_digits=1) for ticks in (note.span.start, note.span.end)
    )
    return f"Comment: 0,{','.join(times)},Default,,0,0,0,,{spell_note(note)}"


def _spell_event(cue: Cue, looks: dict[str, Look]) -> str:
    names = [name for run in cue.runs for name in run.style.classes if name in looks]
    look = looks[names[0]] if names else looks["Default"]
    times = (clock_text(ticks, ".", digits=2, hour_digits=1) for ticks in (cue.span.start, cue.span.end))
    speaker = " ".join((cue.speaker or "").replace(",", ";").split())
    return f"Dialogue: 0,{','.join(times)},{look.name},{speaker},0,0,0,,{spell_event(cue, look)}"
