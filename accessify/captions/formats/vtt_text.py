"""The text of a WebVTT cue: tags, entities and timestamps, to and from runs (WebVTT §4.2.2, §6.4).

A run's look is flat while tags nest; runs are written with the tags they share left open, always in
the order voice, language, classes, italics, bold, underline, ruby. WebVTT names colours by class:
its eight default ones (§5.1 "Default text colors") and, for any other, a class `fg-rrggbb` or
`bg-rrggbb` with a rule in a style block of our own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from accessify.captions.formats.clock import TIME, clock_text, parse_clock
from accessify.captions.formats.colors import NAMED, parse_color
from accessify.captions.formats.spelling import DEEPEST, written_runs
from accessify.core.text import PLAIN, Cue, Run, Style, merge_runs
from accessify.core.timeline import Span

_TOKEN = re.compile(rf"<(/?)([a-z]*)((?:\.[^\s<>.]*)*)(?:\s+([^<>]*))?>|<({TIME})>")
_DEFAULT_COLORS = dict(list(NAMED.items())[:8])
_COLOR_NAMES = {color: name for name, color in _DEFAULT_COLORS.items()}
_CUSTOM = re.compile(r"([fb])g-([0-9a-f]{6}|[0-9a-f]{8})")
_CSS_RULE = re.compile(r"::cue\(\.[fb]g-[0-9a-f]{6,8}\) \{ (?:background-)?color: #[0-9a-f]{6,8} \}")
_TAGS = frozenset({"v", "lang", "c", "i", "b", "u", "ruby", "rt"})
_NOT_IN_CLASS = re.compile(r"[\s.&<>]+")


@dataclass(slots=True)
class _Reader:
    """State of reading one cue."""

    span: Span
    css: str
    runs: list[Run] = field(default_factory=list)
    opened: list[tuple[str, Style, int]] = field(default_factory=list)
    """Tag, look inside it, number of runs before it."""
    reading: int | None = None
    """Number of runs before the `rt` that is open."""
    start: int | None = None
    ignored: list[str] = field(default_factory=list)

    @property
    def style(self) -> Style:
        return self.opened[-1][1] if self.opened else PLAIN

    def add(self, text: str) -> None:
        if text:
            self.runs.append(Run(html.unescape(text), self.style, self.start))

    def open(self, tag: str, classes: str, annotation: str) -> None:
        style = self._classed(replace(self.style, ruby=None), classes)
        if tag == "v":
            style = replace(style, voice=annotation or None)
        elif tag == "lang":
            style = replace(style, language=annotation or None)
        elif tag == "rt":
            self.reading = len(self.runs)
        elif tag in ("i", "b", "u"):
            name = {"i": "italic", "b": "bold", "u": "underline"}[tag]
            style = replace(style, **{name: True})  # type: ignore[arg-type]
        self.opened.append((tag, style, len(self.runs)))

    def _classed(self, style: Style, classes: str) -> Style:
        for name in filter(None, classes.split(".")):
            custom = _CUSTOM.fullmatch(name)
            bare = name.removeprefix("bg_")
            if custom:
                color = f"#{custom[2]}"
                style = replace(style, color=color) if custom[1] == "f" else replace(style, background=color)
            elif bare in _DEFAULT_COLORS and f".{name}" not in self.css:
                color = _DEFAULT_COLORS[bare]
                style = replace(style, color=color) if bare == name else replace(style, background=color)
            elif name not in style.classes:
                style = replace(style, classes=(*style.classes, name))
        return style

    def close(self, tag: str) -> None:
        """Close the innermost `tag` and what was opened inside it; ignore an end without a start."""
        for index in range(len(self.opened) - 1, -1, -1):
            if self.opened[index][0] == tag:
                for inner, _, first in reversed(self.opened[index:]):
                    self._finish(inner, first)
                del self.opened[index:]
                return

    def _finish(self, tag: str, first: int) -> None:
        if tag == "rt" and self.reading is not None:
            ruby = next((start for name, _, start in reversed(self.opened) if name == "ruby"), None)
            text = "".join(run.text for run in self.runs[self.reading :])
            del self.runs[self.reading :]
            bare = self._bare_base(ruby)
            if text and bare:
                base = "".join(run.text for run in self.runs[bare[0] :])
                self.runs[bare[0] :] = [replace(self.runs[bare[0]], text=base)]
                self.runs[-1] = replace(self.runs[-1], style=replace(self.runs[-1].style, ruby=text))
            else:
                self.ignored.append("ruby text without a base")
            self.reading = None

    def _bare_base(self, ruby: int | None) -> list[int]:
        """Indices of the runs of the open ruby element that no reading stands over yet."""
        if ruby is None:
            return []
        first = len(self.runs)
        while first > ruby and self.runs[first - 1].style.ruby is None:
            first -= 1
        return list(range(first, len(self.runs)))


def parse_cue_text(text: str, span: Span, css: str) -> tuple[tuple[Run, ...], str | None, list[str]]:
    """Merged runs, the speaker of the whole cue, and what was ignored, of a cue's text.

    `css` is the file's style sheet: a default colour class that it redefines stays a class.
    """
    reader = _Reader(span, css)
    at = 0
    for match in _TOKEN.finditer(text):
        closing, tag, classes, annotation, stamp = match.groups()[:5]
        if stamp is None and tag not in _TAGS and (tag or not (closing or classes)):
            continue  # no tag of WebVTT: kept as text
        reader.add(text[at : match.start()])
        at = match.end()
        if stamp is not None:
            _stamp(reader, stamp)
        elif closing:
            reader.close(tag or (reader.opened[-1][0] if reader.opened else ""))
        elif len(reader.opened) < DEEPEST:
            reader.open(tag or "c", classes, " ".join(html.unescape(annotation or "").split()))
    reader.add(text[at:])
    if reader.reading is not None:
        reader.close("rt")
    runs, speaker = _lift_voice(reader.runs)
    return runs, speaker, reader.ignored


def _stamp(reader: _Reader, text: str) -> None:
    """A timestamp must lie inside the cue and after the one before it (§4.2.2)."""
    try:
        start = parse_clock(text)
    except ValueError:
        start = -1
    if start in reader.span and start > (reader.span.start if reader.start is None else reader.start):
        reader.start = start
    else:
        reader.ignored.append(f"timestamp {text} outside its cue or out of order")


def _lift_voice(runs: list[Run]) -> tuple[tuple[Run, ...], str | None]:
    """One voice over the whole cue is its speaker."""
    voices = {run.style.voice for run in runs}
    if len(voices) != 1 or None in voices:
        return tuple(runs), None
    return tuple(replace(run, style=replace(run.style, voice=None)) for run in runs), voices.pop()


def spell_cue(cue: Cue, css: str = "") -> str:
    """The text of a cue with its tags; the end tag of a voice that says it all is left out (§4.2.2)."""
    runs = written_runs(cue)
    runs = merge_runs(runs) or runs
    whole = cue.speaker is not None and not any(run.style.voice for run in runs)
    out = [f"<v {_annotation(cue.speaker or '')}>"] if whole else []
    opened: list[str] = []
    shown = cue.span.start
    for run in runs:
        style = run.style if whole or run.style.voice else replace(run.style, voice=cue.speaker)
        tags = _tags(style, css)
        shared = 0
        while shared < min(len(opened), len(tags)) and opened[shared] == tags[shared]:
            shared += 1
        out += [_end(tag) for tag in reversed(opened[shared:])]
        if run.start is not None and shown < run.start < cue.span.end:
            shown = run.start
            out.append(f"<{clock_text(shown)}>")
        out += tags[shared:]
        text = escape(run.text)
        out.append(f"<ruby>{text}<rt>{escape(style.ruby)}</rt></ruby>" if style.ruby else text)
        opened = tags
    return "".join([*out, *(_end(tag) for tag in reversed(opened))])


def _tags(style: Style, css: str) -> list[str]:
    tags = [f"<v {_annotation(style.voice)}>"] if style.voice else []
    tags += [f"<lang {_annotation(style.language)}>"] if style.language else []
    classes = [_NOT_IN_CLASS.sub("-", name) for name in style.classes]
    classes += [_color_class(style.color, "fg-", css)] if style.color else []
    classes += [_color_class(style.background, "bg-", css)] if style.background else []
    tags += [f"<c.{'.'.join(classes)}>"] if classes else []
    marks = (("i", style.italic), ("b", style.bold), ("u", style.underline))
    return tags + [f"<{tag}>" for tag, on in marks if on]


def _end(tag: str) -> str:
    return f"</{re.split('[ .>]', tag[1:], maxsplit=1)[0]}>"


def _color_class(color: str, prefix: str, css: str) -> str:
    """The default class of a colour, or one of ours where there is none or `css` redefines it."""
    color = parse_color(color) or "#ffffff"
    name = _COLOR_NAMES.get(color, "")
    name = f"bg_{name}" if name and prefix == "bg-" else name
    return name if name and f".{name}" not in css else prefix + color[1:]


def escape(text: str) -> str:
    """Text as WebVTT spells it: `<`, `>` and `&` as entities, so that `-->` never occurs in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def _annotation(text: str) -> str:
    return escape(" ".join(text.split()))


def color_rules(cues: Iterable[Cue], css: str = "") -> str:
    """Style sheet for the colours that no default class names, one rule a line; may be empty."""
    rules = set()
    for run in (run for cue in cues for run in cue.runs):
        for color, prefix, name in (
            (run.style.color, "fg-", "color"),
            (run.style.background, "bg-", "background-color"),
        ):
            label = _color_class(color, prefix, css) if color else ""
            if _CUSTOM.fullmatch(label):
                rules.add(f"::cue(.{label}) {{ {name}: #{label[3:]} }}")
    return "\n".join(sorted(rules))


def is_color_rules(css: str) -> bool:
    """Whether a style block is one that `color_rules` wrote."""
    return all(map(_CSS_RULE.fullmatch, css.split("\n")))
