r"""The text of an ASS event: override blocks such as `{\i1\an8}`, to and from runs.

Kept: italics, bold, underline, the primary colour, karaoke times, keypad placement and `\pos`.
Everything else that moves, fades or distorts is reported as ignored.
Tags: https://aegisub.org/docs/latest/ass_tags/.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from accessify.captions.formats.anchors import anchor, is_between, place, text_point
from accessify.captions.formats.colors import ass_color, to_ass_color
from accessify.captions.formats.spelling import written_runs
from accessify.captions.formats.vtt_settings import number_text
from accessify.core.text import PLAIN, Cue, Placement, Run, Style, merge_runs
from accessify.core.timeline import TICKS_PER_SECOND, Span

CENTI = TICKS_PER_SECOND // 100
"""Ticks of a centisecond, the unit of ASS times."""
WHITE = "#ffffff"
"""What text without a colour of its own is shown in."""
JOINER = "\u2060"
"""Word joiner: written behind a literal backslash, so that no letter after it makes it a tag."""

_TOKEN = re.compile(rf"\{{([^{{}}]*)\}}|\\([Nnh]|[{{}}]|{JOINER})")
_TAG = re.compile(r"\\([1-4]?[a-zA-Z]+)(\([^)]*\)?|[^\\]*)")
_POSITION = re.compile(r"\(\s*(-?\d{1,6}(?:\.\d{1,6})?)\s*,\s*(-?\d{1,6}(?:\.\d{1,6})?)\s*\)")
_ESCAPES = {"N": "\n", "n": " ", "h": "\xa0", "{": "{", "}": "}", JOINER: "\\"}
_OLD_ANCHORS = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}
"""Alignment numbers of SSA (`\\a`) to keypad numbers."""


@dataclass(frozen=True, slots=True)
class Look:
    """What an event starts from: its style, and the picture its coordinates count in."""

    name: str = "Default"
    base: Style = PLAIN
    anchor: int = 2
    """Keypad number."""
    width: int = 1920
    height: int = 1080

    @property
    def style(self) -> Style:
        """The style of text that no tag changes; a style of its own name is a class."""
        return replace(self.base, classes=() if self.name == "Default" else (self.name,))


@dataclass(slots=True)
class _Reader:
    look: Look
    span: Span
    style: Style
    anchor: int
    point: tuple[float, float] | None = None
    start: int | None = None
    clock: int = 0
    """Tick at which the next karaoke syllable starts."""
    drawing: bool = False
    runs: list[Run] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        if text and self.drawing:
            self.ignored.append("a drawing")
        elif text:
            self.runs.append(Run(text, self.style, self.start))

    def apply(self, block: str) -> None:
        if block and not block.startswith("\\"):
            self.ignored.append(f"{{{block}}}")
        for match in _TAG.finditer(block):
            name, value = match[1], match[2].strip()
            change = _CHANGES.get(name) or _CHANGES.get(name[0] if name.startswith("r") else "")
            if not change or not change(self, value):
                self.ignored.append(match[0])


def _toggle(name: str) -> Callable[[_Reader, str], bool]:
    def change(reader: _Reader, value: str) -> bool:
        base = getattr(reader.look.style, name)
        if value and not re.fullmatch(r"-?\d{1,4}", value):
            return False
        on = int(value) != 0 if value else base
        reader.style = replace(reader.style, **{name: on})  # type: ignore[arg-type]  # name is a flag
        return True

    return change


def _color(reader: _Reader, value: str) -> bool:
    color = ass_color(value) if value else reader.look.base.color
    reader.style = replace(reader.style, color=None if color == WHITE else color)
    return not value or color is not None


def _anchored(reader: _Reader, value: str) -> bool:
    if not re.fullmatch("[1-9]", value):
        return False
    reader.anchor = int(value)
    return True


def _anchored_old(reader: _Reader, value: str) -> bool:
    if not re.fullmatch(r"\d{1,2}", value) or int(value) not in _OLD_ANCHORS:
        return False
    reader.anchor = _OLD_ANCHORS[int(value)]
    return True


def _positioned(reader: _Reader, value: str) -> bool:
    match = _POSITION.fullmatch(value)
    if not match:
        return False
    x, y = float(match[1]) / reader.look.width, float(match[2]) / reader.look.height
    reader.point = (round(100 * min(max(x, 0), 1), 4), round(100 * min(max(y, 0), 1), 4))
    return True


def _syllable(reader: _Reader, value: str) -> bool:
    if not re.fullmatch(r"\d{1,6}", value):
        return False
    reader.start = reader.clock if reader.span.start < reader.clock < reader.span.end else reader.start
    reader.clock += int(value) * CENTI
    return True


def _reset(reader: _Reader, value: str) -> bool:
    reader.style = reader.look.style
    return not value


def _draw(reader: _Reader, value: str) -> bool:
    reader.drawing = value not in ("", "0")
    return True


_CHANGES: dict[str, Callable[[_Reader, str], bool]] = {
    "i": _toggle("italic"),
    "b": _toggle("bold"),
    "u": _toggle("underline"),
    "c": _color,
    "1c": _color,
    "an": _anchored,
    "a": _anchored_old,
    "pos": _positioned,
    "k": _syllable,
    "K": _syllable,
    "kf": _syllable,
    "ko": _syllable,
    "r": _reset,
    "p": _draw,
}


def parse_event_text(
    text: str, span: Span, look: Look
) -> tuple[tuple[Run, ...], Placement | None, list[str]]:
    """Runs, placement, and the override tags that were ignored."""
    reader = _Reader(look, span, look.style, look.anchor, clock=span.start)
    at = 0
    for match in _TOKEN.finditer(text):
        reader.add(text[at : match.start()])
        at = match.end()
        if match[2]:
            reader.add(_ESCAPES[match[2]])
        else:
            reader.apply(match[1])
    reader.add(text[at:])
    return tuple(reader.runs), _placement(reader), reader.ignored


def _placement(reader: _Reader) -> Placement | None:
    plain = place(reader.anchor)
    if reader.point is None:
        return plain
    row, column = divmod(reader.anchor - 1, 3)
    x, y = reader.point
    return Placement(
        line=y,
        line_align=("end", "center", "start")[row],
        position=x,
        position_align=("line-left", "center", "line-right")[column],
        align=("left", "center", "right")[column],
    )


def spell_event(cue: Cue, look: Look) -> str:
    """The text of an event; only what differs from `look` is written."""
    runs = merge_runs(map(_kept, written_runs(cue))) or written_runs(cue)
    blocks = [_spell_placement(cue.placement, look), _wait(runs, cue.span)]
    before = look.base
    spelled = ""
    syllables = _syllables(runs, cue.span)
    for run, syllable in zip(runs, syllables, strict=True):
        tags = "" if syllable is None else f"\\k{syllable}"
        tags += _difference(before, run.style)
        blocks.append(tags)
        spelled += _braced("".join(blocks)) + _escape(run.text)
        before, blocks = run.style, []
    return spelled


def _kept(run: Run) -> Run:
    style = run.style
    return Run(run.text, Style(style.italic, style.bold, style.underline, style.color), run.start)


def _wait(runs: tuple[Run, ...], span: Span) -> str:
    """An empty syllable where the first run is shown later than its cue."""
    first = runs[0].start if runs else None
    return f"\\k{first // CENTI - span.start // CENTI}" if first and first > span.start else ""


def _syllables(runs: tuple[Run, ...], span: Span) -> list[int | None]:
    """Karaoke length in centiseconds where a syllable begins; None elsewhere, or where there are none."""
    if all(run.start is None for run in runs):
        return [None] * len(runs)
    starts: list[int | None] = []
    last = -1
    for run in runs:
        start = max(span.start if run.start is None else run.start, last)
        starts.append(start if start > last else None)
        last = start
    found = [start for start in starts if start is not None]
    lengths = iter(
        end // CENTI - start // CENTI for start, end in zip(found, [*found[1:], span.end], strict=True)
    )
    return [None if start is None else next(lengths) for start in starts]


def _difference(before: Style, after: Style) -> str:
    tags = ""
    for tag, name in (("i", "italic"), ("b", "bold"), ("u", "underline")):
        if getattr(before, name) != getattr(after, name):
            tags += f"\\{tag}{getattr(after, name):d}"
    if before.color != after.color:
        tags += f"\\c{to_ass_color(after.color or WHITE)}"
    return tags


def _spell_placement(placement: Placement | None, look: Look) -> str:
    """The keypad number where it is not the style's, and the point where it is none of the nine places."""
    if placement is None or not is_between(placement):
        number = anchor(placement)
        return "" if number == look.anchor else f"\\an{number}"
    x, y = text_point(placement)
    column = {"left": 0, "start": 0, "right": 2, "end": 2}.get(placement.align or "", 1)
    edge = {"line-left": 0, "center": 1, "line-right": 2}.get(placement.position_align or "", column)
    row = _row(placement)
    if placement.position is not None and edge == column:  # as it was said, even beyond what a box can do
        x = placement.position
    y = y if placement.line is None else placement.line
    point = (number_text(round(x * look.width / 100, 2)), number_text(round(y * look.height / 100, 2)))
    return f"\\an{3 * row + column + 1}\\pos({','.join(point)})"


def _row(placement: Placement) -> int:
    """Which edge of the text its point is on: 2 the top, 0 the bottom."""
    if placement.line is not None:
        return {"end": 0, "center": 1}.get(placement.line_align or "start", 2)
    return 0 if placement.line_number is None or placement.line_number < 0 else 2


def _braced(tags: str) -> str:
    return f"{{{tags}}}" if tags else ""


def _escape(text: str) -> str:
    text = text.replace("\\", "\\" + JOINER).replace("{", "\\{").replace("}", "\\}")
    return text.replace("\n", "\\N").replace("\xa0", "\\h")
