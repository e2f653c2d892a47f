"""ELAN annotations (.eaf), written: captions, and the words behind them with how sure they are.

EAF 3.0 after its schema (http://www.mpi.nl/tools/elan/EAFv3.0.xsd, Max Planck Institute for
Psycholinguistics). Annotations of one tier may not overlap there, so each speaker (`PARTICIPANT`) has a
tier, and what overlaps goes to a further one. Words are aligned annotations; `confidence` and `timing`
are tiers below theirs by symbolic association, one value for a word. Title, origin, frame rate, remarks
and notes are `PROPERTY` elements of the header; the origin is every tier's `ANNOTATOR` too, where ELAN
shows it. Which caption shows which word is not written: their times tell.

The schema demands a `DATE`, and a document holds none: it is always the zero of Unix time, so that one
document gives the same bytes. `LOCALE` is left out: it names a keyboard, and would have to differ from
the language, since both are an `xsd:ID`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from accessify.captions.formats.clock import whole_units
from accessify.captions.formats.remarks import lasting_notes, spell_note
from accessify.captions.formats.spelling import plain, written_runs
from accessify.captions.formats.vtt import spell_rate
from accessify.captions.formats.xml_text import legal, xml_attributes, xml_text
from accessify.core.text import Document, Timing, Word
from accessify.core.timeline import Span, Track

CAPTION, WORD = "caption", "word"
"""Linguistic types of aligned annotations."""
TOLD = ("confidence", "timing")
"""Linguistic types of what is told of a word."""

_ROOT = {
    "AUTHOR": "",
    "DATE": "1970-01-01T00:00:00Z",
    "FORMAT": "3.0",
    "VERSION": "3.0",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
}
_ASSOCIATION = "Symbolic_Association"
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
"""A tag of BCP 47: it can be an `xsd:ID`, and is none of our `a1` and `ts1`."""
_MIME_TYPES = {
    **dict.fromkeys(("mp4", "m4v"), "video/mp4"),
    **dict.fromkeys(("mpg", "mpeg"), "video/mpeg"),
    "mov": "video/quicktime",
    "wav": "audio/x-wav",
    **dict.fromkeys(("mp3", "m4a", "aac", "flac", "ogg", "opus"), "audio/*"),
}
"""By the ending of a file's name; ELAN calls any other film `video/*`."""


def write_eaf(document: Document) -> str:
    """EAF text of a document; raises `FormatError` for a time before zero."""
    numbers = count(1)
    cues = ((cue.speaker, _annotation(cue.span, plain(written_runs(cue)), numbers)) for cue in document.cues)
    captions = _lanes("captions", cues) or [_Tier("captions")]
    heard = ((word.speaker, _word_annotation(word, numbers)) for word in _all_words(document))
    words = _lanes("words", heard)
    slots = _time_slots([*captions, *words])
    body: list[str] = []
    for kind, tiers in ((CAPTION, captions), (WORD, words)):
        for tier in tiers:
            body += _spell_tier(tier, kind, slots, document)
            body += _spell_told(tier, numbers, document)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<ANNOTATION_DOCUMENT{xml_attributes(_ROOT)}>",
        *_header(document, next(numbers) - 1),
        "  <TIME_ORDER>",
        *(f"    <TIME_SLOT{xml_attributes(slot)}/>" for slot in _spell_slots(slots)),
        "  </TIME_ORDER>",
        *body,
        *_definitions(document),
        "</ANNOTATION_DOCUMENT>",
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Annotation:
    """One aligned annotation."""

    id: str
    start: int
    end: int
    """Milliseconds, as `start`; later by one at least, since ELAN has no annotation without length."""
    text: str
    told: Mapping[str, str] = field(default_factory=dict)
    """Values of the tiers below it, by linguistic type."""


@dataclass(frozen=True, slots=True)
class _Tier:
    """Aligned annotations of one participant that do not overlap, in order of time."""

    id: str
    participant: str = ""
    annotations: list[_Annotation] = field(default_factory=list)


def _annotation(span: Span, text: str, numbers: Iterator[int]) -> _Annotation:
    start, end = whole_units(span.start, 1000), whole_units(span.end, 1000)
    return _Annotation(f"a{next(numbers)}", start, max(end, start + 1), text)


def _word_annotation(word: Word, numbers: Iterator[int]) -> _Annotation:
    bare = _annotation(word.span, word.text, numbers)
    told = {} if word.confidence is None else {"confidence": repr(float(word.confidence))}
    if word.timing is not Timing.GIVEN:
        told["timing"] = word.timing.value
    return _Annotation(bare.id, bare.start, bare.end, bare.text, told)


def _all_words(document: Document) -> Track[Word]:
    """The words heard, and those of cues that are not among them."""
    known = set(document.words)
    others = (word for cue in document.cues for word in cue.words if word not in known)
    return Track.of((*document.words, *dict.fromkeys(others)))


def _lanes(name: str, annotations: Iterable[tuple[str | None, _Annotation]]) -> list[_Tier]:
    """Tiers for annotations in order of time: one for each participant, more where they overlap."""
    tiers: dict[str, list[_Tier]] = {}
    taken: set[str] = set()
    for speaker, annotation in annotations:
        participant = " ".join(legal(speaker or "").split())
        lanes = tiers.setdefault(participant, [])
        free = (lane for lane in lanes if lane.annotations[-1].end <= annotation.start)
        lane = next(free, None)
        if lane is None:
            lane = _Tier(_tier_id(name, participant, len(lanes), taken), participant)
            lanes.append(lane)
        lane.annotations.append(annotation)
    return [lane for lanes in tiers.values() for lane in lanes]


def _tier_id(name: str, participant: str, lanes: int, taken: set[str]) -> str:
    """`captions`, `captions@Mary`, `captions@Mary 2`: as ELAN's users name tiers, each once."""
    wanted = f"{name}@{participant}" if participant else name
    wanted += f" {lanes + 1}" if lanes else ""
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted


@dataclass(frozen=True, slots=True)
class _Slot:
    """An end of an annotation; none is shared, so that moving one in ELAN moves no other."""

    time: int
    annotation: str
    is_end: bool


def _time_slots(tiers: Iterable[_Tier]) -> dict[_Slot, str]:
    """Each end of each annotation and its id, in order of time."""
    slots = [
        slot
        for tier in tiers
        for one in tier.annotations
        for slot in (_Slot(one.start, one.id, is_end=False), _Slot(one.end, one.id, is_end=True))
    ]
    slots.sort(key=lambda slot: slot.time)
    return {slot: f"ts{number}" for number, slot in enumerate(slots, 1)}


def _spell_slots(slots: Mapping[_Slot, str]) -> Iterator[dict[str, str]]:
    for slot, name in slots.items():
        yield {"TIME_SLOT_ID": name, "TIME_VALUE": str(slot.time)}


def _spell_tier(tier: _Tier, kind: str, slots: Mapping[_Slot, str], document: Document) -> Iterator[str]:
    yield f"  <TIER{xml_attributes(_tier_attributes(tier, tier.id, kind, document))}>"
    for one in tier.annotations:
        attributes = {
            "ANNOTATION_ID": one.id,
            "TIME_SLOT_REF1": slots[_Slot(one.start, one.id, is_end=False)],
            "TIME_SLOT_REF2": slots[_Slot(one.end, one.id, is_end=True)],
        }
        yield _spell_annotation("ALIGNABLE_ANNOTATION", attributes, one.text)
    yield "  </TIER>"


def _spell_told(tier: _Tier, numbers: Iterator[int], document: Document) -> Iterator[str]:
    """The tiers below `tier`."""
    for kind in TOLD:
        told = [one for one in tier.annotations if kind in one.told]
        if not told:
            continue
        attributes = _tier_attributes(tier, f"{kind} of {tier.id}", kind, document)
        attributes.pop("LANG_REF", None)  # these are no words of it
        yield f"  <TIER{xml_attributes(attributes | {'PARENT_REF': tier.id})}>"
        for one in told:
            references = {"ANNOTATION_ID": f"a{next(numbers)}", "ANNOTATION_REF": one.id}
            yield _spell_annotation("REF_ANNOTATION", references, one.told[kind])
        yield "  </TIER>"


def _spell_annotation(name: str, attributes: Mapping[str, str], text: str) -> str:
    value = f"<ANNOTATION_VALUE>{xml_text(text)}</ANNOTATION_VALUE>"
    return f"    <ANNOTATION><{name}{xml_attributes(attributes)}>{value}</{name}></ANNOTATION>"


def _tier_attributes(tier: _Tier, name: str, kind: str, document: Document) -> dict[str, str]:
    attributes = {"TIER_ID": name, "LINGUISTIC_TYPE_REF": kind}
    if tier.participant:
        attributes["PARTICIPANT"] = tier.participant
    if document.origin:
        attributes["ANNOTATOR"] = " ".join(document.origin.split())
    if document.language and _LANGUAGE.fullmatch(document.language):
        attributes["LANG_REF"] = document.language
    return attributes


def _header(document: Document, last: int) -> Iterator[str]:
    """Film and facts; `last` is the highest number of an annotation, from which ELAN counts on."""
    yield '  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">'
    if document.source:
        ending = document.source.rpartition(".")[2].lower()
        media = {
            "MEDIA_URL": document.source,
            "RELATIVE_MEDIA_URL": f"./{document.source}",
            "MIME_TYPE": _MIME_TYPES.get(ending, "video/*"),
        }
        yield f"    <MEDIA_DESCRIPTOR{xml_attributes(media)}/>"
    for name, value in [("lastUsedAnnotationId", str(last)), *_facts(document)]:
        yield f'    <PROPERTY NAME="{name}">{xml_text(value)}</PROPERTY>'
    yield "  </HEADER>"


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    facts = {"title": document.title, "origin": document.origin}
    facts["rate"] = spell_rate(document.rate) if document.rate else None
    if document.language and not _LANGUAGE.fullmatch(document.language):
        facts["language"] = document.language
    yield from ((name, value) for name, value in facts.items() if value)
    yield from (("comment", comment) for comment in document.comments)
    yield from (("note", spell_note(note)) for note in lasting_notes(document))


def _definitions(document: Document) -> Iterator[str]:
    """What the tiers refer to."""
    for kind in (CAPTION, WORD, *TOLD):
        is_told = kind in TOLD
        attributes = {"LINGUISTIC_TYPE_ID": kind, "TIME_ALIGNABLE": str(not is_told).lower()}
        attributes |= {"GRAPHIC_REFERENCES": "false"} | ({"CONSTRAINTS": _ASSOCIATION} if is_told else {})
        yield f"  <LINGUISTIC_TYPE{xml_attributes(attributes)}/>"
    if document.language and _LANGUAGE.fullmatch(document.language):
        language = {"LANG_ID": document.language, "LANG_DEF": "", "LANG_LABEL": document.language}
        yield f"  <LANGUAGE{xml_attributes(language)}/>"
    constraint = {"STEREOTYPE": _ASSOCIATION, "DESCRIPTION": "1-1 association with a parent annotation"}
    yield f"  <CONSTRAINT{xml_attributes(constraint)}/>"
