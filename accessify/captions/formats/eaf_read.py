"""ELAN annotations (.eaf), read: ours, and those of people.

Our own tiers are told by their linguistic types (`eaf_write`). In anybody else's file each tier that
stands by itself is read as captions, spoken (or signed) by its `PARTICIPANT`, or where that is not said
by what the tier is called. Tiers that depend on another one are not kept, and noted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from accessify.captions.formats.clock import span_of
from accessify.captions.formats.eaf_write import CAPTION, TOLD, WORD
from accessify.captions.formats.remarks import parse_note
from accessify.captions.formats.spelling import tight, unified
from accessify.captions.formats.xml_tree import Element, parse_xml
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Timing, Word
from accessify.core.timeline import TICKS_PER_MILLI, Note, Rate, Span, Track

_UNITS = {
    "milliseconds": TICKS_PER_MILLI,
    "PAL-frames": Rate(Fraction(25)).at(1),
    "NTSC-frames": Rate(Fraction(30000, 1001)).at(1),
}
"""Ticks of one unit of `TIME_VALUE`, by `TIME_UNITS`; all are whole."""
_COUNTERS = frozenset({"URN", "lastUsedAnnotationId", "lastUsedAnnotation"})
"""Properties by which ELAN keeps its books."""
_NUMBERED = re.compile(r"a(\d{1,15})")
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Aligned:
    """An annotation with its place on the clock."""

    span: Span
    text: str
    id: str


def read_eaf(text: str, source: str = "") -> Document:
    """The document of an EAF file; raises `FormatError` naming the line of what cannot be kept."""
    root, _ = parse_xml(unified(text), source)
    if root.name != "ANNOTATION_DOCUMENT":
        raise FormatError(f"not ELAN's: the root element is {root.name!r}", line=root.line, source=source)
    reader = _Reader(source)
    facts = reader.facts(root)
    reader.read_slots(root)
    tiers = _Tiers.of(root)
    cues = [cue for tier in tiers.captions for cue in reader.cues(tier, tiers.speaker(tier))]
    told = {kind: reader.told(tiers, kind) for kind in TOLD}
    words = [word for tier in tiers.words for word in reader.words(tier, told)]
    reader.note_dependent(tiers)
    return Document(
        cues=Track.of(_as_written(cues), [*facts.notes, *reader.notes]),
        language=tiers.language or facts.language,
        title=facts.title,
        origin=facts.origin,
        source=facts.source,
        rate=facts.rate,
        comments=tuple(facts.comments),
        words=Track.of(_as_written(words)),
    )


def _get(element: Element, name: str) -> str:
    return element.attributes.get(("", name), "")


def _as_written(events: list[tuple[str, T]]) -> list[T]:
    """Events in the order of their annotations' numbers, which is ours even where times are the same."""

    def number(event: tuple[str, T]) -> int:
        match = _NUMBERED.fullmatch(event[0])
        return int(match[1]) if match else 0

    return [event for _, event in sorted(events, key=number)]


@dataclass(frozen=True, slots=True)
class _Tiers:
    """The tiers of a file, by what is made of them."""

    captions: list[Element]
    words: list[Element]
    others: list[Element]
    """Those that depend on another one."""
    foreign: bool
    """Whether none of them is ours."""

    @classmethod
    def of(cls, root: Element) -> _Tiers:
        """All tiers below `root`."""
        kinds: dict[str, list[Element]] = {}
        others: list[Element] = []
        for tier in root.elements("TIER"):
            alone = kinds.setdefault(_get(tier, "LINGUISTIC_TYPE_REF"), [])
            (others if _get(tier, "PARENT_REF") else alone).append(tier)
        if kinds.get(CAPTION):
            captions, words = kinds.pop(CAPTION), kinds.pop(WORD, [])
            others += [tier for tiers in kinds.values() for tier in tiers]
            return cls(captions, words, others, foreign=False)
        return cls([tier for tiers in kinds.values() for tier in tiers], [], others, foreign=True)

    def speaker(self, tier: Element) -> str | None:
        """Who speaks in a tier of captions."""
        name = _get(tier, "PARTICIPANT").strip()
        if not name and self.foreign and len(self.captions) > 1:
            name = _get(tier, "TIER_ID").strip()
        return name or None

    @property
    def language(self) -> str | None:
        """The content language of the first tier of captions that says one."""
        return next((name for tier in self.captions if (name := _get(tier, "LANG_REF"))), None)


@dataclass(slots=True)
class _Facts:
    """What the header says."""

    title: str | None = None
    origin: str | None = None
    language: str | None = None
    source: str | None = None
    rate: Rate | None = None
    comments: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def take(self, name: str, value: str) -> bool:
        """Keep a property; whether there is a place for it."""
        if name in ("title", "origin", "language"):
            setattr(self, name, value.strip() or None)
        elif name == "rate":
            try:
                self.rate = Rate.parse(value)
            except ValueError:
                return False
        elif name == "note" and (note := parse_note(value)):
            self.notes.append(note)
        elif name in ("comment", "note"):
            self.comments.append(value)
        else:
            return name in _COUNTERS
        return True


@dataclass(slots=True)
class _Reader:
    source: str
    unit: int = TICKS_PER_MILLI
    """Ticks of one unit of time."""
    slots: dict[str, int | None] = field(default_factory=dict)
    """Ticks of each time slot; None where it has no time of its own."""
    notes: list[Note] = field(default_factory=list)

    def error(self, message: str, element: Element) -> FormatError:
        return FormatError(message, line=element.line, source=self.source)

    def ignore(self, message: str, element: Element, span: Span = Span(0, 0)) -> None:  # noqa: B008 - a value
        self.notes.append(Note(span, "ignored", f"line {element.line}: {message}"))

    def facts(self, root: Element) -> _Facts:
        """What stands in the header, and in a licence."""
        facts = _Facts()
        for licence in root.elements("LICENSE"):
            if text := " ".join(f"{licence.text()} {_get(licence, 'LICENSE_URL')}".split()):
                facts.comments.append(f"License: {text}")
        for header in root.elements("HEADER"):
            units = _get(header, "TIME_UNITS") or "milliseconds"
            if units not in _UNITS:
                raise self.error(f"TIME_UNITS {units!r} is none of {', '.join(_UNITS)}", header)
            self.unit = _UNITS[units]
            for one in header.elements("MEDIA_DESCRIPTOR"):
                self._read_media(one, facts)
            for one in header.elements("PROPERTY"):
                name, value = _get(one, "NAME"), one.text()
                if value.strip() and not facts.take(name, value):
                    self.ignore(f"the property {name} is not kept", one)
        return facts

    def _read_media(self, media: Element, facts: _Facts) -> None:
        address = _get(media, "RELATIVE_MEDIA_URL") or _get(media, "MEDIA_URL")
        name = re.split(r"[/\\]", address)[-1].strip()
        if facts.source:
            self.ignore(f"of several films the first is kept, not {name}", media)
            return
        facts.source = name or None
        if (origin := _get(media, "TIME_ORIGIN")).strip("0"):
            self.ignore(f"ELAN shifts the film by {origin} ms (TIME_ORIGIN), which is not followed", media)

    def read_slots(self, root: Element) -> None:
        """Take in the times that annotations refer to."""
        for order in root.elements("TIME_ORDER"):
            for slot in order.elements("TIME_SLOT"):
                value = _get(slot, "TIME_VALUE").strip()
                if value and not _WHOLE.fullmatch(value):
                    raise self.error(f"not a time: {value!r}; write whole milliseconds", slot)
                self.slots[_get(slot, "TIME_SLOT_ID")] = int(value) * self.unit if value else None

    def _aligned(self, tier: Element) -> Iterator[_Aligned]:
        """The aligned annotations of a tier that say something."""
        for annotation in tier.elements("ANNOTATION"):
            for one in annotation.elements("ALIGNABLE_ANNOTATION"):
                start, end = (self._time(one, f"TIME_SLOT_REF{number}") for number in (1, 2))
                span, notes = span_of(start, end, one.line)
                self.notes += notes
                text = _value(one)
                if text.strip():
                    yield _Aligned(span, text, _get(one, "ANNOTATION_ID"))
                else:
                    self.ignore("an annotation without text is not kept", one, span)

    def _time(self, annotation: Element, name: str) -> int:
        slot = _get(annotation, name)
        ticks = self.slots.get(slot)
        if ticks is None:
            lack = "has no TIME_VALUE" if slot in self.slots else "is not in TIME_ORDER"
            raise self.error(f"{name} {slot!r} {lack}; save the file again in ELAN", annotation)
        return ticks

    def cues(self, tier: Element, speaker: str | None) -> Iterator[tuple[str, Cue]]:
        """The captions of a tier, with their ids."""
        for one in self._aligned(tier):
            yield one.id, tight(Cue(one.span, one.text, speaker=speaker))

    def words(self, tier: Element, told: Mapping[str, dict[str, Element]]) -> Iterator[tuple[str, Word]]:
        """The words of a tier, with their ids; an annotation of several words gives all of them its span."""
        speaker = _get(tier, "PARTICIPANT").strip() or None
        for one in self._aligned(tier):
            confidence = self._confidence(told["confidence"].get(one.id), one.span)
            timing = self._timing(told["timing"].get(one.id), one.span)
            for text in one.text.split():
                yield one.id, Word(one.span, text, confidence, timing, speaker)

    def told(self, tiers: _Tiers, kind: str) -> dict[str, Element]:
        """What the tiers of one kind below those of words tell, by the id of the word."""
        parents = {_get(tier, "TIER_ID") for tier in tiers.words}
        found = {}
        for tier in tiers.others:
            if _get(tier, "LINGUISTIC_TYPE_REF") == kind and _get(tier, "PARENT_REF") in parents:
                for annotation in tier.elements("ANNOTATION"):
                    for one in annotation.elements("REF_ANNOTATION"):
                        found[_get(one, "ANNOTATION_REF")] = one
        return found

    def _confidence(self, told: Element | None, span: Span) -> float | None:
        if told is None:
            return None
        try:
            value = float(_value(told))
        except ValueError:
            value = math.nan
        if 0 <= value <= 1:
            return value
        self.ignore(f"a confidence lies in 0..1, not {_value(told)[:20]!r}", told, span)
        return None

    def _timing(self, told: Element | None, span: Span) -> Timing:
        if told is None:
            return Timing.GIVEN
        try:
            return Timing(_value(told).strip())
        except ValueError:
            self.ignore(f"a timing is one of {', '.join(Timing)}, not {_value(told)[:20]!r}", told, span)
            return Timing.GIVEN

    def note_dependent(self, tiers: _Tiers) -> None:
        """Note the tiers of which nothing is made."""
        parents = {_get(tier, "TIER_ID") for tier in tiers.words}
        for tier in tiers.others:
            used = _get(tier, "LINGUISTIC_TYPE_REF") in TOLD and _get(tier, "PARENT_REF") in parents
            count = sum(1 for _ in tier.elements("ANNOTATION"))
            if count and not used:
                self.ignore(f"the tier {_get(tier, 'TIER_ID')} ({count} annotations) is not kept", tier)


def _value(annotation: Element) -> str:
    return "".join(value.text() for value in annotation.elements("ANNOTATION_VALUE"))
