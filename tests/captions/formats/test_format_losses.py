"""What a format does not report as lost comes back from it."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessify.captions.formats import FEATURES, FORMATS, Format
from accessify.captions.formats.anchors import anchor, is_between, text_point
from accessify.captions.formats.remarks import lasting_notes
from accessify.captions.formats.ttml_layout import area_of
from accessify.core.text import Cue, Document, Placement, Style, Stylesheet, Word
from accessify.core.timeline import Note, Span, Track, millis, seconds
from tests.captions.formats.documents import maybe, names, phrases, spans, titles, vtt_documents

BOTH = [entry for entry in FORMATS.values() if entry.read and entry.write]
PLAIN_TEXT = str.maketrans("<>{}\\", "()[]/")
"""Marks of SubRip and ASS, of which SubRip has no way to say that they are meant as text."""
SONG = """\
[Script Info]
PlayResX: 1280
PlayResY: 720

[V4+ Styles]
Format: Name, PrimaryColour, Bold, Italic, Alignment
Style: Default,&H00FFFFFF,0,0,2
Style: Song,&H0000FFFF,0,-1,8
"""
notes = st.builds(Note, spans(), names, phrases)


def _plain(cue: Cue) -> Cue:
    runs = tuple(replace(run, text=run.text.translate(PLAIN_TEXT)) for run in cue.runs)
    return replace(cue, text=cue.text.translate(PLAIN_TEXT), runs=runs)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents with everything at once; times in hundredths of a second, which ASS can say."""
    document = draw(vtt_documents())
    cues = Track.of(map(_plain, document.cues), draw(st.lists(notes, max_size=2)))
    document = replace(document, cues=cues, source=draw(maybe() | titles))
    if draw(st.booleans()):
        document = replace(document, stylesheets=(*document.stylesheets, Stylesheet("ass", SONG)))
    if draw(st.booleans()):
        document = replace(document, words=Track((Word(Span(0, millis(1)), "a", 0.5),)))
    return document.retime(lambda tick: 10 * tick)


def _letters(value: Callable[[Cue, Style], Hashable]) -> Callable[[Document], object]:
    """A value of each letter of each cue."""

    def found(document: Document) -> Iterator[list[Hashable]]:
        for cue in document.cues:
            styles = [(run.text, run.style) for run in cue.runs] or [(cue.text, Style())]
            yield [value(cue, style) for text, style in styles for letter in text if not letter.isspace()]

    return lambda document: list(found(document))


def _color(style: Style) -> str | None:
    return None if style.color in (None, "#ffffff") else style.color


def _starts(document: Document) -> object:
    """When each letter is shown, where that is later than its cue."""
    return [
        [
            run.start if run.start is not None and cue.span.start < run.start < cue.span.end else None
            for run in cue.runs
            for letter in run.text
            if not letter.isspace()
        ]
        for cue in document.cues
        if any(run.start is not None and cue.span.start < run.start < cue.span.end for run in cue.runs)
    ]


def _ruby(document: Document) -> object:
    return [(run.text, run.style.ruby) for cue in document.cues for run in cue.runs if run.style.ruby]


def _facts(name: str) -> Callable[[Document], object]:
    return lambda document: " ".join((getattr(document, name) or "").split())


def _sheets(language: str) -> Callable[[Document], object]:
    return lambda document: [sheet.text for sheet in document.stylesheets if sheet.language == language]


INTACT: dict[str, Callable[[Document], object]] = {
    "times": lambda document: [(cue.span, cue.text) for cue in document.cues],
    **{name: _facts(name) for name in ("origin", "language", "title", "source")},
    "rate": lambda document: document.rate and document.rate.fps,
    "drop": lambda document: document.rate and document.rate.drop,
    "comments": lambda document: document.comments,
    "words": lambda document: (document.words, [cue.words for cue in document.cues]),
    "notes": lasting_notes,
    "ids": lambda document: [cue.id for cue in document.cues],
    "odd_ids": lambda document: [cue.id for cue in document.cues],
    # a comma would end the field in ASS
    "speakers": lambda document: [(cue.speaker or "").replace(",", ";") for cue in document.cues],
    "voices": _letters(lambda cue, style: style.voice or cue.speaker),
    "italic": _letters(lambda _, style: style.italic),
    "bold": _letters(lambda _, style: style.bold),
    "underline": _letters(lambda _, style: style.underline),
    "color": _letters(lambda _, style: (_color(style) or "")[:7]),
    "alpha": _letters(lambda _, style: _color(style)),
    "background": _letters(lambda _, style: style.background),
    "classes": _letters(lambda _, style: style.classes),
    "languages": lambda document: _letters(
        lambda _, style: None if style.language == document.language else style.language
    )(document),
    "ruby": _ruby,
    "starts": _starts,
    "places": lambda document: [anchor(cue.placement) for cue in document.cues],
    "vertical": lambda document: [cue.placement and cue.placement.vertical for cue in document.cues],
    "regions": lambda document: document.regions,
    "css": _sheets("css"),
    "ass": _sheets("ass"),
}
"""Feature → what must be the same again."""
CLOSE: dict[str, Callable[[Placement], tuple[float, ...]]] = {
    "positions": lambda place: text_point(place) if is_between(place) else (),
    "widths": lambda place: (area_of(place, {}).width,) if place.size is not None else (),
}
"""Feature → numbers that must be the same again but for rounding; nothing where a cue makes no use of it."""


def _lost(entry: Format, document: Document) -> set[str]:
    """Names of what is lost, those that are told with a coarser feature included."""
    return {name for name, each in FEATURES.items() if name not in entry.keeps and each.occurs(document)}


def test_every_feature_is_compared() -> None:
    assert INTACT.keys() | CLOSE.keys() == set(FEATURES)


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents())
def test_what_is_not_reported_comes_back(entry: Format, document: Document) -> None:
    assert entry.read
    lost = _lost(entry, document)
    told = entry.losses(document)
    assert all(FEATURES[name].title in told or FEATURES[name].refines in lost for name in lost)
    again = entry.read(entry.writer()(document), "")
    unsure = {"ids"} if "odd_ids" in lost else set()
    if "regions" in lost:
        unsure |= {"places", *CLOSE}
    for name in FEATURES.keys() - lost - unsure:
        if name in INTACT and FEATURES[name].occurs(document):
            assert INTACT[name](again) == INTACT[name](document), name
        elif name in CLOSE and FEATURES[name].occurs(document):
            for before, after in zip(document.cues, again.cues, strict=True):
                numbers = CLOSE[name](before.placement or Placement())
                found = CLOSE[name](after.placement or Placement()) if numbers else ()
                assert found == pytest.approx(numbers, abs=0.01) or not _differs(name, before, after), name


def _differs(name: str, before: Cue, after: Cue) -> bool:
    """Whether a cue whose numbers are said in another way stands elsewhere."""
    areas = [area_of(cue.placement, {}) for cue in (before, after)]
    numbers = [area.point if name == "positions" else (area.width,) for area in areas]
    return numbers[1] != pytest.approx(numbers[0], abs=0.01)


@pytest.mark.parametrize(
    ("placement", "losses"),
    [
        (Placement(position=80, align="end"), ()),
        (Placement(vertical="rl"), ("vertical writing",)),
        (Placement(position=20, size=60), ("widths of captions",)),
        (Placement(line_number=3), ()),
    ],
)
def test_ass_says_what_a_placement_loses(placement: Placement, losses: tuple[str, ...]) -> None:
    document = Document(Track((Cue(Span(0, seconds(1)), "Hi", placement=placement),)))
    assert FORMATS["ass"].losses(document) == losses
    assert FORMATS["ttml"].losses(document) == ()
    assert FORMATS["txt"].losses(document) == ("times", "placement")


def test_what_a_reader_ignored_is_no_note_of_the_captions() -> None:
    ignored = Note(Span(0, 5), "ignored", "line 3: \\fad is not kept")
    document = Document(Track((), (ignored,)))
    assert FORMATS["srt"].losses(document) == ()
    for name in ("vtt", "ass", "ttml", "eaf"):
        assert "fad" not in FORMATS[name].writer()(document)


def test_names_of_ass_styles_are_not_told_twice() -> None:
    document = FORMATS["ass"].read(SONG + "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Song,,0,0,0,,La\n", "")  # type: ignore[misc]
    assert FORMATS["ass"].losses(document) == ()
    assert FORMATS["srt"].losses(document) == ("ASS styles (fonts, sizes, outlines, margins)",)
