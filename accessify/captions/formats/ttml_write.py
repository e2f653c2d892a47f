"""TTML as IMSC 1.1 text profile (https://www.w3.org/TR/ttml-imsc1.1/), written.

Rules followed, by the name of their section there: UTF-8 ("Document Encoding"); the designator in
`ttp:contentProfiles` ("Profile Signaling"); `xml:lang` and `ttp:timeBase="media"` always; `tts:extent`
and `tts:origin` in percent on every region, none beyond the picture ("Region"); `tts:lineHeight`
stated ("Features and Extensions"); begin and end on every `p`, all as clock time with milliseconds,
which a player maps to the frame that is not earlier ("Synchronization"). Every `xml:id` is unique and
starts with a letter; no foreign attribute is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from accessify.captions.formats.clock import clock_text
from accessify.captions.formats.colors import parse_color
from accessify.captions.formats.remarks import lasting_notes, spell_note
from accessify.captions.formats.spelling import plain, written_runs
from accessify.captions.formats.ttml_layout import BOTTOM, TOP, Area, area_of
from accessify.captions.formats.vtt_settings import number_text
from accessify.captions.formats.xml_text import xml_attributes, xml_text
from accessify.captions.scripts import is_right_to_left
from accessify.core.text import Cue, Document, Placement, Run, Style, merge_runs
from accessify.core.timeline import TICKS_PER_MILLI, Rate

DESIGNATOR = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
_NAMESPACES = {
    "xmlns": "http://www.w3.org/ns/ttml",
    "xmlns:tts": "http://www.w3.org/ns/ttml#styling",
    "xmlns:ttp": "http://www.w3.org/ns/ttml#parameter",
    "xmlns:ttm": "http://www.w3.org/ns/ttml#metadata",
}
_ROOT_STYLE = {
    "xml:id": "base",
    "tts:fontFamily": "proportionalSansSerif",
    "tts:fontSize": "81%",
    "tts:lineHeight": "125%",
    "tts:color": "white",
}
"""81 % of a cell (1/15 of the height) is 5.4 % of the height."""
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_SPACES = re.compile(r"^ | $|  |\n | \n|\t")
_WRITING = {"rl": "tbrl", "lr": "tblr"}


def write_ttml(document: Document) -> str:
    """IMSC 1.1 text of a document."""
    names = _Names.of(document)
    cues = [_spell_cue(cue, names, number) for number, cue in enumerate(document.cues, 1)]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<tt{xml_attributes(_root_attributes(document))}>",
        "  <head>",
        *_metadata(document, names),
        "    <styling>",
        f"      <style{xml_attributes(_root_style(document))}/>",
        "    </styling>",
        "    <layout>",
        *(f"      <region{xml_attributes(_region(area, name))}/>" for area, name in names.areas.items()),
        "    </layout>",
        "  </head>",
        '  <body style="base">',
        *(["    <div>", *cues, "    </div>"] if cues else []),
        "  </body>",
        "</tt>",
    ]
    return "\n".join(lines) + "\n"


def _root_style(document: Document) -> dict[str, str]:
    """With the direction of paragraphs: the full stop of an Arabic line is on its left (TTML2 §10.2.12)."""
    if is_right_to_left(document.language or ""):
        return _ROOT_STYLE | {"tts:direction": "rtl"}
    return _ROOT_STYLE


@dataclass(frozen=True, slots=True)
class _Names:
    """What gets an `xml:id`."""

    areas: dict[Area, str]
    speakers: dict[str, str]
    cues: tuple[str, ...]
    placements: dict[Placement | None, Area]

    @classmethod
    def of(cls, document: Document) -> _Names:
        regions = {region.id: region for region in document.regions}
        placements = {cue.placement: area_of(cue.placement, regions) for cue in document.cues}
        areas = {BOTTOM: "bottom", TOP: "top"}
        for area in placements.values():
            areas.setdefault(area, f"region{len(areas) - 1}")
        people: dict[str, str] = {}
        for cue in document.cues:
            voices = [run.style.voice for run in cue.runs]
            for name in (cue.speaker, *voices):
                if name:
                    people.setdefault(name, f"speaker{len(people) + 1}")
        taken = {"base", "origin", "source", *areas.values(), *people.values()}
        return cls(areas, people, tuple(_cue_ids(document.cues, taken)), placements)


def _cue_ids(cues: Iterable[Cue], taken: set[str]) -> Iterable[str]:
    """A cue's own id where XML allows it and nothing else has it, else `cue` and its number."""
    own = {cue.id for cue in cues if cue.id}
    for number, cue in enumerate(cues, 1):
        wanted = cue.id if cue.id and _ID.fullmatch(cue.id) and cue.id not in taken else f"cue{number}"
        while wanted in taken or (wanted != cue.id and wanted in own):
            wanted += "_"
        taken.add(wanted)
        yield wanted


def _root_attributes(document: Document) -> dict[str, str]:
    attributes = dict(_NAMESPACES)
    attributes["xml:lang"] = document.language or ""
    attributes["ttp:contentProfiles"] = DESIGNATOR
    attributes["ttp:timeBase"] = "media"
    if document.rate:
        attributes |= _rate_attributes(document.rate)
    return attributes


def _rate_attributes(rate: Rate) -> dict[str, str]:
    """Nominal rate and multiplier (TTML2 "ttp:frameRateMultiplier"): 24 and `1000 1001` for 24000/1001."""
    multiplier = rate.fps / rate.nominal
    attributes = {"ttp:frameRate": str(rate.nominal)}
    if multiplier != 1:
        attributes["ttp:frameRateMultiplier"] = f"{multiplier.numerator} {multiplier.denominator}"
    return attributes


def _metadata(document: Document, names: _Names) -> list[str]:
    """Title, how the text was made, remarks and speakers (TTML2 §14)."""
    lines = []
    if document.title:
        lines.append(f"<ttm:title>{xml_text(document.title)}</ttm:title>")
    if document.origin:
        lines.append(f'<ttm:desc xml:id="origin">{xml_text(document.origin)}</ttm:desc>')
    if document.source:
        lines.append(f'<ttm:desc xml:id="source">{xml_text(document.source)}</ttm:desc>')
    remarks = [*document.comments, *map(spell_note, lasting_notes(document))]
    lines += [f"<ttm:desc>{xml_text(remark)}</ttm:desc>" for remark in remarks]
    for name, identifier in names.speakers.items():
        spelled = f'<ttm:name type="alias">{xml_text(name)}</ttm:name>'
        lines.append(f'<ttm:agent xml:id="{identifier}" type="character">{spelled}</ttm:agent>')
    return ["    <metadata>", *(f"      {line}" for line in lines), "    </metadata>"] if lines else []


def _region(area: Area, name: str) -> dict[str, str]:
    attributes = {
        "xml:id": name,
        "tts:origin": f"{number_text(area.x)}% {number_text(area.y)}%",
        "tts:extent": f"{number_text(area.width)}% {number_text(area.height)}%",
        "tts:displayAlign": area.display_align,
        "tts:textAlign": area.text_align,
    }
    if area.vertical:
        attributes["tts:writingMode"] = _WRITING[area.vertical]
    return attributes


def _spell_cue(cue: Cue, names: _Names, number: int) -> str:
    runs = written_runs(cue)
    runs = merge_runs(runs) or runs
    attributes = {
        "xml:id": names.cues[number - 1],
        "region": names.areas[names.placements[cue.placement]],
        "begin": clock_text(cue.span.start),
        "end": clock_text(cue.span.end),
    }
    if cue.speaker:
        attributes["ttm:agent"] = names.speakers[cue.speaker]
    if _SPACES.search(plain(runs)):
        attributes["xml:space"] = "preserve"
    spelled = "".join(_spell_run(run, cue, names) for run in runs)
    return f"      <p{xml_attributes(attributes)}>{spelled}</p>"


def _spell_run(run: Run, cue: Cue, names: _Names) -> str:
    text = xml_text(run.text).replace("\n", "<br/>")
    attributes = _style_attributes(run.style)
    if run.style.voice and run.style.voice != cue.speaker:
        attributes["ttm:agent"] = names.speakers[run.style.voice]
    if run.start is not None and cue.span.start < run.start < cue.span.end:
        # counted from the begin of the paragraph as it is written, in whole milliseconds
        written = cue.span.start // TICKS_PER_MILLI * TICKS_PER_MILLI
        attributes["begin"] = clock_text(run.start - written)
    if run.style.ruby:
        base = f'<span tts:ruby="base">{text}</span>'
        reading = f'<span tts:ruby="text">{xml_text(run.style.ruby)}</span>'
        return f'<span tts:ruby="container"{xml_attributes(attributes)}>{base}{reading}</span>'
    return f"<span{xml_attributes(attributes)}>{text}</span>" if attributes else text


def _style_attributes(style: Style) -> dict[str, str]:
    attributes = {}
    if style.italic:
        attributes["tts:fontStyle"] = "italic"
    if style.bold:
        attributes["tts:fontWeight"] = "bold"
    if style.underline:
        attributes["tts:textDecoration"] = "underline"
    for name, color in (("tts:color", style.color), ("tts:backgroundColor", style.background)):
        if color and parse_color(color):
            attributes[name] = color
    if style.language:
        attributes["xml:lang"] = style.language
    return attributes
