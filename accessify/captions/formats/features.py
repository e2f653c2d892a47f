"""What a document may hold beyond plain text, so that a format can say what it loses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from accessify.captions.formats.anchors import is_between
from accessify.captions.formats.remarks import lasting_notes
from accessify.core.text import Document, Placement, Run, Style

_XML_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_ASS_STYLE = re.compile(r"^Style:[ \t]*\*?([^,\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing a document may hold."""

    name: str
    title: str
    """In words, as the object of "cannot hold"."""
    occurs: Callable[[Document], bool]
    """Whether a document makes use of it."""
    refines: str = ""
    """Name of the feature that this one is a finer case of: lost with it, hence not told twice."""


def _runs(document: Document) -> Iterator[Run]:
    return (run for cue in document.cues for run in cue.runs)


def _styled(test: Callable[[Style], object]) -> Callable[[Document], bool]:
    return lambda document: any(test(run.style) for run in _runs(document))


def _has_words(document: Document) -> bool:
    return bool(document.words.events) or any(cue.words for cue in document.cues)


def _has_other_languages(document: Document) -> bool:
    return any(run.style.language not in (None, document.language) for run in _runs(document))


def _is_clear(color: str | None) -> bool:
    return bool(color and len(color) == len("#rrggbbaa"))


def _has_sheet(language: str) -> Callable[[Document], bool]:
    return lambda document: any(sheet.language == language for sheet in document.stylesheets)


def _has_odd_ids(document: Document) -> bool:
    names = [cue.id for cue in document.cues if cue.id]
    return len(set(names)) < len(names) or not all(map(_XML_ID.fullmatch, names))


def _is_placed(document: Document) -> bool:
    return any(cue.placement not in (None, Placement()) for cue in document.cues)


def _placed(test: Callable[[Placement], object]) -> Callable[[Document], bool]:
    return lambda document: any(cue.placement and test(cue.placement) for cue in document.cues)


def _has_classes(document: Document) -> bool:
    """Whether there are classes other than the names of ASS styles, which go where those go."""
    sheets = [sheet.text for sheet in document.stylesheets if sheet.language == "ass"]
    styles = {name.strip() for sheet in sheets for name in _ASS_STYLE.findall(sheet)}
    return any(not styles.issuperset(run.style.classes) for run in _runs(document))


FEATURES: Mapping[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("times", "times", lambda document: bool(document.cues.events)),
        Feature("origin", "the note on how the text was made", lambda document: bool(document.origin)),
        Feature("language", "the language", lambda document: bool(document.language)),
        Feature("title", "the title", lambda document: bool(document.title)),
        Feature("source", "the name of the film", lambda document: bool(document.source)),
        Feature("rate", "the frame rate", lambda document: document.rate is not None),
        Feature("drop", "drop-frame counting", lambda document: bool(document.rate and document.rate.drop)),
        Feature("comments", "remarks", lambda document: bool(document.comments)),
        Feature("words", "word times and confidence", _has_words),
        Feature("notes", "notes on what was not done", lambda document: bool(lasting_notes(document))),
        Feature("ids", "cue ids", lambda document: any(cue.id for cue in document.cues)),
        Feature("odd_ids", "cue ids that XML forbids (numbers, spaces, twice the same)", _has_odd_ids, "ids"),
        Feature("speakers", "speakers", lambda document: any(cue.speaker for cue in document.cues)),
        Feature("voices", "speakers of parts of a caption", _styled(lambda style: style.voice)),
        Feature("italic", "italics", _styled(lambda style: style.italic)),
        Feature("bold", "bold", _styled(lambda style: style.bold)),
        Feature("underline", "underlining", _styled(lambda style: style.underline)),
        Feature("color", "colours", _styled(lambda style: style.color)),
        Feature("alpha", "see-through colours", _styled(lambda style: _is_clear(style.color)), "color"),
        Feature("background", "background colours", _styled(lambda style: style.background)),
        Feature("classes", "style classes", _has_classes),
        Feature("languages", "languages of parts", _has_other_languages),
        Feature("ruby", "ruby text", _styled(lambda style: style.ruby)),
        Feature(
            "starts",
            "times inside a caption",
            lambda document: any(run.start is not None for run in _runs(document)),
        ),
        Feature("places", "placement", _is_placed),
        Feature(
            "positions", "exact positions (the nearest of nine places is kept)", _placed(is_between), "places"
        ),
        Feature("widths", "widths of captions", _placed(lambda place: place.size is not None), "places"),
        Feature("vertical", "vertical writing", _placed(lambda place: place.vertical), "places"),
        Feature("regions", "regions", lambda document: bool(document.regions)),
        Feature("css", "CSS style sheets", _has_sheet("css")),
        Feature("ass", "ASS styles (fonts, sizes, outlines, margins)", _has_sheet("ass")),
    )
}
"""Everything a document may hold, by name."""
