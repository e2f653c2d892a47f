"""TTML read: IMSC, EBU-TT-D, SMPTE-TT, DFXP and the drafts before them.

Frames, ticks, sequential containers, nested spans, style references and inheritance are followed
(TTML2 §8, §10, §12). Own instead of ttconv, whose reader replaces a time it cannot parse by none, so
that the caption is shown for ever, and keeps neither ids, lines, title nor speakers; it judges ours
in the tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from accessify.captions.formats.clock import span_of
from accessify.captions.formats.colors import parse_color
from accessify.captions.formats.remarks import parse_note
from accessify.captions.formats.spelling import plain, unified
from accessify.captions.formats.ttml_areas import Areas
from accessify.captions.formats.ttml_time import Clock, Interval, clock_of
from accessify.captions.formats.xml_tree import XML, Element, parse_xml
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Run, Style, merge_runs
from accessify.core.timeline import Note, Span, Track

_FAMILY = re.compile(r"http://www\.w3\.org/(?:ns/ttml|2006/(?:04|10)/ttaf1)(?:#.*)?")
_SPACE = re.compile(r"[ \t\n\r]+")
_AUTOMATIC_ID = re.compile(r"cue\d+_*")


def read_ttml(text: str, source: str = "") -> Document:
    """The document of a TTML file; raises `FormatError` naming the line of what cannot be kept."""
    root, remarks = parse_xml(unified(text), source)
    if root.name != "tt" or not _FAMILY.fullmatch(root.namespace):
        raise FormatError(f"not TTML: the root element is {root.name!r}", line=root.line, source=source)
    parameters = _own(root)
    try:
        clock, rate = clock_of(parameters)
    except ValueError as error:
        raise FormatError(f"wrong time parameters: {error}", line=root.line, source=source) from None
    language = root.attributes.get((XML, "lang"), "").strip() or None
    head = next(root.elements("head"), Element("", "head", {}, root.line))
    facts = _facts(head)
    reader = _Reader(source, clock, Areas.of(head, parameters), facts.speakers, language)
    for body in root.elements("body"):
        reader.walk(body, _Context(Interval(), {}, None, False, None, language))
    found = [(text, parse_note(text)) for text in (*facts.remarks, *remarks)]
    notes = [note for _, note in found if note]
    return Document(
        cues=Track.of(reader.cues, [*notes, *reader.notes]),
        language=language,
        title=facts.title,
        origin=facts.origin,
        source=facts.source,
        rate=rate,
        comments=tuple(text for text, note in found if not note),
    )


@dataclass(slots=True)
class _Facts:
    title: str | None = None
    origin: str | None = None
    source: str | None = None
    remarks: list[str] = field(default_factory=list)
    speakers: dict[str, str] = field(default_factory=dict)


def _facts(head: Element) -> _Facts:
    """What the head's metadata say: directly in it, or in a `metadata` element."""
    facts = _Facts()
    for element in [
        *head.elements(),
        *(item for part in head.elements("metadata") for item in part.elements()),
    ]:
        identifier = element.attributes.get((XML, "id"))
        if element.name == "title":
            facts.title = element.text().strip() or None
        elif element.name == "desc" and identifier == "origin":
            facts.origin = element.text().strip() or None
        elif element.name == "desc" and identifier == "source":
            facts.source = element.text().strip() or None
        elif element.name == "desc" and (text := element.text().strip()):
            facts.remarks.append(text)
        elif element.name == "agent" and identifier:
            names = [name.text().strip() for name in element.elements("name")]
            facts.speakers[identifier] = "".join(names[:1]) or identifier
    return facts


@dataclass(frozen=True, slots=True)
class _Context:
    """What an element hands down."""

    interval: Interval
    styles: dict[str, str]
    region: str | None
    preserve: bool
    speaker: str | None
    language: str | None
    background: str | None = None
    """Of the spans around; that of a block is not the text's."""
    timed: bool = False
    """Whether anything around has a begin or an end."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text of a paragraph, and when it is shown."""

    run: Run
    interval: Interval
    preserve: bool


@dataclass(slots=True)
class _Reader:
    source: str
    clock: Clock
    areas: Areas
    speakers: dict[str, str]
    language: str | None
    cues: list[Cue] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def error(self, message: str, element: Element) -> FormatError:
        return FormatError(message, line=element.line, source=self.source)

    def walk(self, element: Element, outer: _Context) -> Interval:
        """Read body, div and p; give the element's interval, for the next of a sequence."""
        own = _own(element)
        context = self._enter(element, own, outer, outer.interval.begin)
        if element.name == "p":
            self._paragraph(element, own, context)
            return context.interval
        if any(name == "backgroundImage" for _, name in element.attributes):
            span = Span(context.interval.begin, context.interval.end or context.interval.begin)
            self.notes.append(Note(span, "ignored", f"line {element.line}: a picture is not kept"))
        base = context.interval.begin
        sequential = own.get("timeContainer") == "seq"
        for child in element.elements():
            if child.name in ("div", "p"):
                inner = context
                if sequential:
                    inner = replace(context, interval=Interval(base, context.interval.end))
                last = self.walk(child, inner)
                base = last.end if last.end is not None else last.begin
        return context.interval

    def _enter(self, element: Element, own: dict[str, str], outer: _Context, base: int) -> _Context:
        """The context inside an element."""
        times = [self._time(element, own, name) for name in ("begin", "end", "dur")]
        space = element.attributes.get((XML, "space"))
        begin, end, _ = times
        if end is not None and end < (begin or 0):
            self.notes += span_of(base + (begin or 0), base + end, element.line)[1]
        agent = (own.get("agent") or "").split()
        speaker = self.speakers.get(agent[0], agent[0]) if agent else outer.speaker
        styles = self.areas.styles.resolved(own)
        return _Context(
            interval=outer.interval.inner(base, *times),
            styles={**outer.styles, **styles},
            region=own.get("region", outer.region),
            preserve=space == "preserve" if space else outer.preserve,
            speaker=speaker,
            language=element.attributes.get((XML, "lang"), outer.language) or None,
            background=styles.get("backgroundColor", outer.background) if element.name == "span" else None,
            timed=outer.timed or any(time is not None for time in times),
        )

    def _time(self, element: Element, own: dict[str, str], name: str) -> int | None:
        try:
            return self.clock.parse(own[name]) if name in own else None
        except ValueError as error:
            raise self.error(f"{name}: {error}", element) from None

    def _paragraph(self, element: Element, own: dict[str, str], context: _Context) -> None:
        pieces: list[_Piece] = []
        inherited = {**self.areas.inherited(context.region), **context.styles}
        self._inline(element, replace(context, styles=inherited), pieces)
        pieces = _collapsed(pieces)
        if not any(piece.run.text.strip() for piece in pieces):
            return
        placement = self.areas.placement(context.region, inherited)
        identifier = element.attributes.get((XML, "id"))
        identifier = None if identifier is None or _AUTOMATIC_ID.fullmatch(identifier) else identifier
        for span, shown in self._shown(element, context, pieces):
            runs, speaker = _speaker(shown)
            self.cues.append(Cue(span, plain(runs), merge_runs(runs), identifier, speaker, placement))

    def _inline(self, element: Element, context: _Context, pieces: list[_Piece]) -> None:
        """Collect the text inside `p` or `span`."""
        for child in element.children:
            if isinstance(child, str):
                pieces.append(_Piece(Run(child, self._style(context)), context.interval, context.preserve))
            elif child.name == "br":
                pieces.append(_Piece(Run("\n", self._style(context)), context.interval, True))
            elif child.name == "span":
                own = _own(child)
                inner = self._enter(child, own, context, context.interval.begin)
                if own.get("ruby") == "container":
                    self._ruby(child, inner, pieces)
                elif own.get("ruby") != "delimiter":
                    self._inline(child, inner, pieces)
            elif child.name == "set":
                interval = context.interval
                span = Span(interval.begin, interval.begin if interval.end is None else interval.end)
                self.notes.append(Note(span, "ignored", f"line {child.line}: an animation is not kept"))

    def _ruby(self, element: Element, context: _Context, pieces: list[_Piece]) -> None:
        """A ruby container (TTML2 "tts:ruby"): base and reading, perhaps in containers of their own."""
        parts = [*element.elements(), *(inner for part in element.elements() for inner in part.elements())]
        texts: dict[str, list[str]] = {"base": [], "text": []}
        for part in parts:
            role = _own(part).get("ruby", "")
            if role in texts:
                texts[role].append(part.text() if context.preserve else _SPACE.sub(" ", part.text()))
        style = replace(self._style(context), ruby="".join(texts["text"]) or None)
        pieces.append(_Piece(Run("".join(texts["base"]), style), context.interval, True))

    def _style(self, context: _Context) -> Style:
        styles = context.styles
        color = parse_color(styles.get("color", ""))
        return Style(
            italic=styles.get("fontStyle") in ("italic", "oblique"),
            bold=styles.get("fontWeight") == "bold",
            underline="underline" in styles.get("textDecoration", "").split(),
            color=None if color == "#ffffff" else color,  # white is the initial colour of IMSC
            background=parse_color(context.background or ""),
            voice=context.speaker,
            language=None if context.language == self.language else context.language,
        )

    def _shown(
        self, element: Element, context: _Context, pieces: list[_Piece]
    ) -> list[tuple[Span, list[Run]]]:
        """The cues of a paragraph: one, or one for each time of its spans where only those have times."""
        intervals = list(dict.fromkeys(piece.interval for piece in pieces if piece.run.text.strip()))
        if not context.timed and all(interval.end is not None for interval in intervals):
            groups = [(interval, [p for p in pieces if p.interval == interval]) for interval in intervals]
        else:
            groups = [(context.interval, pieces)]
        cues = []
        for interval, members in groups:
            if interval.end is None:
                raise self.error('this caption has no end; give it end="HH:MM:SS.mmm"', element)
            span = Span(interval.begin, interval.end)
            cues.append((span, [self._later(piece, span, element) for piece in members]))
        return cues

    def _later(self, piece: _Piece, span: Span, element: Element) -> Run:
        interval = piece.interval
        if interval.end is not None and interval.end < span.end:
            self.notes.append(
                Note(span, "ignored", f"line {element.line}: that a part disappears early is not kept")
            )
        return replace(piece.run, start=interval.begin if span.start < interval.begin < span.end else None)


def _own(element: Element) -> dict[str, str]:
    """Attributes of the TTML family by local name (`xml:` ones and foreign ones are left out)."""
    return {
        name: value
        for (namespace, name), value in element.attributes.items()
        if not namespace or _FAMILY.fullmatch(namespace)
    }


def _collapsed(pieces: list[_Piece]) -> list[_Piece]:
    """White space as `xml:space="default"` has it: one space between words, none at a line's edges."""
    kept: list[_Piece] = []
    before = "\n"
    for piece in pieces:
        text = piece.run.text
        if not piece.preserve:
            text = _SPACE.sub(" ", text)
            text = text.removeprefix(" ") if before in " \n" else text
        if text.startswith("\n") and kept and not kept[-1].preserve:
            kept[-1] = replace(kept[-1], run=replace(kept[-1].run, text=kept[-1].run.text.rstrip(" ")))
        if text:
            kept.append(replace(piece, run=replace(piece.run, text=text)))
            before = text[-1]
    while kept and not kept[-1].run.text.strip(" \n" if not kept[-1].preserve else "\n"):
        kept.pop()
    if kept and not kept[-1].preserve:
        kept[-1] = replace(kept[-1], run=replace(kept[-1].run, text=kept[-1].run.text.rstrip(" ")))
    return kept


def _speaker(runs: list[Run]) -> tuple[list[Run], str | None]:
    """One speaker over all text is the cue's, not its runs'."""
    voices = {run.style.voice for run in runs if run.text.strip()}
    if len(voices) != 1:
        return runs, None
    speaker = voices.pop()
    return [replace(run, style=replace(run.style, voice=None)) for run in runs], speaker
