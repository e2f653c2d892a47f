import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.captions.formats.ttml_layout import BOTTOM, TOP, Area, area_of, placement_of
from accessify.captions.formats.ttml_read import read_ttml
from accessify.captions.formats.ttml_write import DESIGNATOR, write_ttml
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Placement, Region, Run, Style, merge_runs
from accessify.core.timeline import TICKS_PER_SECOND, Note, Rate, Span, Track, millis, seconds
from tests.captions.formats.documents import RATES, phrases, styles, texts, titles

TT, TTS, TTP, XML = (
    "{http://www.w3.org/ns/ttml}",
    "{http://www.w3.org/ns/ttml#styling}",
    "{http://www.w3.org/ns/ttml#parameter}",
    "{http://www.w3.org/XML/1998/namespace}",
)
TTM = "{http://www.w3.org/ns/ttml#metadata}"
NTSC_FILM = Rate(Fraction(24000, 1001))


def _wrap(body: str, head: str = "", attributes: str = "") -> str:
    return (
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" '
        'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" '
        f'xml:lang="en" {attributes}>\n<head>{head}</head>\n<body>\n{body}\n</body></tt>'
    )


def test_golden() -> None:
    cues = (
        Cue(Span(NTSC_FILM.at(24), NTSC_FILM.at(48)), "Hello &\nwelcome", speaker="Mary"),
        Cue(
            Span(NTSC_FILM.at(50), NTSC_FILM.at(77)),
            "Up there",
            (Run("Up "), Run("there", Style(italic=True, color="#ffff00"))),
            placement=Placement(line_number=0),
        ),
    )
    document = Document(Track(cues), "en", "A film", "Machine-made captions", NTSC_FILM)
    text = write_ttml(document)
    assert (
        text
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" \
xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" \
xml:lang="en" ttp:contentProfiles="http://www.w3.org/ns/ttml/profile/imsc1.1/text" \
ttp:timeBase="media" ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001">
  <head>
    <metadata>
      <ttm:title>A film</ttm:title>
      <ttm:desc xml:id="origin">Machine-made captions</ttm:desc>
      <ttm:agent xml:id="speaker1" type="character"><ttm:name type="alias">Mary</ttm:name></ttm:agent>
    </metadata>
    <styling>
      <style xml:id="base" tts:fontFamily="proportionalSansSerif" tts:fontSize="81%" \
tts:lineHeight="125%" tts:color="white"/>
    </styling>
    <layout>
      <region xml:id="bottom" tts:origin="10% 55%" tts:extent="80% 35%" tts:displayAlign="after" \
tts:textAlign="center"/>
      <region xml:id="top" tts:origin="10% 10%" tts:extent="80% 35%" tts:displayAlign="before" \
tts:textAlign="center"/>
    </layout>
  </head>
  <body style="base">
    <div>
      <p xml:id="cue1" region="bottom" begin="00:00:01.001" end="00:00:02.002" \
ttm:agent="speaker1">Hello &amp;<br/>welcome</p>
      <p xml:id="cue2" region="top" begin="00:00:02.085" end="00:00:03.211">Up \
<span tts:fontStyle="italic" tts:color="#ffff00">there</span></p>
    </div>
  </body>
</tt>
"""
    )
    again = read_ttml(text)
    assert [(cue.text, cue.runs, cue.speaker, cue.placement) for cue in again.cues] == [
        (cue.text, cue.runs, cue.speaker, cue.placement) for cue in cues
    ]
    assert (again.title, again.origin, again.rate) == (document.title, document.origin, NTSC_FILM)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents that TTML holds without loss."""
    cues = []
    for number in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, 10**7))
        end = start + draw(st.integers(2, 7000))
        text = draw(texts)
        cut = draw(st.integers(0, len(text)))
        runs = [Run(text[:cut]), Run(text[cut:], draw(_plain_styles))]
        if "\n" in text[cut:] or not text[cut:].strip():
            runs[1] = Run(text[cut:])
        elif draw(st.booleans()):
            runs[1] = Run(text[cut:], runs[1].style, millis(draw(st.integers(start + 1, end - 1))))
        speaker = None if any(run.style.voice for run in runs) else draw(st.none() | phrases)
        if not text[:cut].strip() and runs[1].style.voice:  # that voice would be the cue's speaker
            runs[1] = Run(text[cut:])
        placement = draw(st.sampled_from([None, Placement(line_number=0), Placement(align="left")]))
        identifier = draw(st.sampled_from([None, f"id-{number}"]))
        span = Span(millis(start), millis(end))
        cues.append(Cue(span, text, merge_runs(runs), identifier, speaker, placement))
    facts = [draw(st.none() | titles) for _ in range(2)]
    rate = draw(st.none() | st.sampled_from([rate for rate in RATES if not rate.drop]))
    return Document(
        Track.of(cues), "en", facts[0], facts[1], rate, comments=draw(st.sampled_from([(), ("a b",)]))
    )


_plain_styles = styles.map(
    lambda style: Style(
        style.italic,
        style.bold,
        style.underline,
        style.color,
        style.background,
        style.voice,
        style.language if style.language != "en" else None,
        (),
        style.ruby,
    )
)


@settings(max_examples=60, deadline=None)
@given(documents())
def test_round_trip(document: Document) -> None:
    text = write_ttml(document)
    assert read_ttml(text) == document
    assert write_ttml(read_ttml(text)) == text


def _tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own output


@settings(max_examples=40, deadline=None)
@given(documents())
def test_another_reader_finds_exactly_the_same(document: Document) -> None:
    """ttconv's data model has the same times to the fraction, and the same text."""
    import ttconv.imsc.reader
    import ttconv.model as other

    def text(element: Any) -> str:
        if isinstance(element, other.Text):
            return str(element.get_text())
        if isinstance(element, other.Br):
            return "\n"
        return "" if isinstance(element, other.Rt) else "".join(map(text, element))

    body = ttconv.imsc.reader.to_model(ET.ElementTree(_tree(write_ttml(document)))).get_body()
    paragraphs = [item for item in body.dfs_iterator() if isinstance(item, other.P)]
    assert [(item.get_begin() or 0, item.get_end(), text(item)) for item in paragraphs] == [
        (
            Fraction(cue.span.start, TICKS_PER_SECOND),
            Fraction(cue.span.end, TICKS_PER_SECOND),
            cue.text,
        )
        for cue in document.cues
    ]


@given(st.sampled_from(RATES), st.integers(0, 900_000), st.integers(1, 300))
def test_frames_survive_at_every_rate(rate: Rate, first: int, length: int) -> None:
    """IMSC 1.1 "Synchronization": a time means the first frame that is not earlier."""
    text = write_ttml(Document(Track((Cue(Span(rate.at(first), rate.at(first + length)), "A"),)), rate=rate))
    span = read_ttml(text).cues[0].span
    for ticks, index in ((span.start, first), (span.end, first + length)):
        assert rate.at(index - 1) < ticks <= rate.at(index)
        assert rate.nearest(ticks) == index


ALLOWED = {
    TT + "tt": {XML + "lang", TTP + "contentProfiles", TTP + "timeBase", TTP + "frameRate"}
    | {TTP + "frameRateMultiplier"},
    TT + "head": set(),
    TT + "metadata": set(),
    TTM + "title": set(),
    TTM + "desc": {XML + "id"},
    TTM + "agent": {XML + "id", "type"},
    TTM + "name": {"type"},
    TT + "styling": set(),
    TT + "style": {XML + "id", TTS + "fontFamily", TTS + "fontSize", TTS + "lineHeight", TTS + "color"},
    TT + "layout": set(),
    TT + "region": {XML + "id", TTS + "origin", TTS + "extent", TTS + "displayAlign", TTS + "textAlign"}
    | {TTS + "writingMode"},
    TT + "body": {"style"},
    TT + "div": set(),
    TT + "p": {XML + "id", XML + "space", "region", "begin", "end", TTM + "agent"},
    TT + "span": {XML + "lang", "begin", TTM + "agent", TTS + "fontStyle", TTS + "fontWeight"}
    | {TTS + "textDecoration", TTS + "color", TTS + "backgroundColor", TTS + "ruby"},
    TT + "br": set(),
}
"""Elements and attributes of TTML2 that IMSC 1.1 permits in text ("Features and Extensions")."""


@settings(max_examples=60, deadline=None)
@given(
    documents(),
    st.lists(st.builds(Placement, line=st.floats(0, 100), position=st.floats(0, 100)), max_size=3),
)
def test_output_keeps_the_rules_of_imsc(document: Document, placements: list[Placement]) -> None:
    extra = [Cue(Span(0, seconds(1)), "A", placement=placement) for placement in placements]
    root = _tree(write_ttml(Document(Track.of([*document.cues, *extra]), "en", rate=document.rate)))
    assert root.get(TTP + "contentProfiles") == DESIGNATOR  # "Profile Signaling"
    assert root.get(XML + "lang") == "en"  # TTML2 §8.1.1: required
    assert root.get(TTP + "timeBase") == "media"  # "#timeBase-smpte", "#timeBase-clock": prohibited
    identifiers = [item.get(XML + "id") for item in root.iter() if item.get(XML + "id")]
    assert len(identifiers) == len(set(identifiers))  # XML ids are unique …
    assert all(
        name[0].isalpha() or name[0] == "_" for name in identifiers if name
    )  # … and start with a letter
    for element in root.iter():
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ALLOWED[element.tag]
    areas = {}
    for region in root.iter(TT + "region"):  # "#extent-region": on all regions, px or percent
        x, y = (float(part.removesuffix("%")) for part in region.attrib[TTS + "origin"].split())
        width, height = (float(part.removesuffix("%")) for part in region.attrib[TTS + "extent"].split())
        assert x >= 0 and y >= 0 and width > 0 and height > 0  # noqa: PT018 - one rule
        assert x + width <= 100.001 and y + height <= 100.001  # noqa: PT018 - "Dimensions and Position"
        areas[region.attrib[XML + "id"]] = region
    for paragraph in root.iter(TT + "p"):  # "#timing": begin and end, one syntax
        assert paragraph.attrib["region"] in areas
        assert all(len(paragraph.attrib[name]) >= len("00:00:00.000") for name in ("begin", "end"))


def test_bottom_and_top_do_not_overlap() -> None:
    """IMSC 1.1 "Dimensions and Position": presented regions shall not overlap."""
    assert TOP.y + TOP.height <= BOTTOM.y


@settings(deadline=None)
@given(
    st.builds(
        Placement,
        line=st.none() | st.floats(0, 100),
        line_align=st.sampled_from([None, "start", "center", "end"]),
        position=st.none() | st.floats(0, 100),
        position_align=st.sampled_from([None, "line-left", "center", "line-right"]),
        size=st.none() | st.floats(0, 100),
        align=st.sampled_from([None, "left", "center", "right", "start", "end"]),
    )
)
def test_an_area_comes_back_as_itself(placement: Placement) -> None:
    area = area_of(placement, {})
    again = area_of(placement_of(area), {})
    for name in ("x", "y", "width", "height"):
        assert getattr(again, name) == pytest.approx(getattr(area, name), abs=0.01)
    assert (again.display_align, again.text_align) == (area.display_align, area.text_align)


def test_a_webvtt_region_becomes_its_area() -> None:
    region = Region("r", 40, 2, (0, 100), (10, 90))
    assert area_of(Placement(region="r"), {"r": region}) == Area(10, 76.5, 40, 13.5)


def test_ids_are_kept_where_xml_allows_them() -> None:
    cues = [Cue(Span(0, 1), "A", id=name) for name in ("cue2", "1", "bottom", "x", "x")]
    root = _tree(write_ttml(Document(Track.of(cues))))
    names = [p.attrib[XML + "id"] for p in root.iter(TT + "p")]
    assert names == ["cue2", "cue2_", "cue3", "x", "cue5"]


def test_frames_ticks_and_offsets() -> None:
    body = (
        '<div><p begin="00:00:01:12" end="48f">a</p><p begin="20000000t" end="2500ms">b</p>'
        '<p begin="3s" dur="0.5s">c</p><p begin="0.001h" end="0.1m">d</p></div>'
    )
    attributes = 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001" ttp:tickRate="10000000"'
    spans = [cue.span for cue in read_ttml(_wrap(body, attributes=attributes)).cues]
    assert spans == [
        Span(seconds(1) + NTSC_FILM.at(12), NTSC_FILM.at(48)),
        Span(seconds(2), seconds(2.5)),
        Span(seconds(3), seconds(3.5)),
        Span(millis(3600), seconds(6)),
    ]


def test_smpte_labels_with_drop_frame() -> None:
    attributes = (
        'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:dropMode="dropNTSC"'
    )
    text = _wrap('<div><p begin="00:01:00:02" end="00:10:00:00">a</p></div>', attributes=attributes)
    rate = Rate(Fraction(30000, 1001), drop=True)
    assert read_ttml(text).cues[0].span == Span(rate.at(1800), rate.at(17982))


def test_containers_add_up() -> None:
    body = (
        '<div begin="10s"><p begin="1s" end="2s">a</p></div>'
        '<div begin="20s" timeContainer="seq"><p dur="1s">b</p><p begin="1s" dur="2s">c</p></div>'
        '<div><p begin="30s" end="34s">d <span begin="1s">e</span></p></div>'
        '<div><p><span begin="40s" end="41s">f</span><span begin="42s" end="43s">g</span></p></div>'
    )
    cues = read_ttml(_wrap(body)).cues
    assert [(cue.text, cue.span.start // seconds(1), cue.span.end // seconds(1)) for cue in cues] == [
        ("a", 11, 12),
        ("b", 20, 21),
        ("c", 22, 24),
        ("d e", 30, 34),
        ("f", 40, 41),
        ("g", 42, 43),
    ]
    assert cues[3].runs == (Run("d "), Run("e", start=seconds(31)))


def test_styles_are_inherited_and_referred_to() -> None:
    head = (
        '<styling><style xml:id="a" tts:fontStyle="italic"/><style xml:id="b" style="a" tts:color="yellow"/>'
        '<style xml:id="loop" style="loop2"/><style xml:id="loop2" style="loop"/></styling>'
        '<layout><region xml:id="r" tts:origin="10% 10%" tts:extent="80% 35%" tts:displayAlign="before" '
        'tts:textAlign="center" tts:fontWeight="bold"/></layout>'
    )
    body = (
        '<div style="b loop"><p region="r" begin="0s" end="1s">one\n   <span tts:fontStyle="normal" '
        'tts:backgroundColor="#000000c2">two</span>  <br/>  three </p></div>'
    )
    cue = read_ttml(_wrap(body, head)).cues[0]
    assert cue.text == "one two\nthree"
    assert cue.placement == Placement(line_number=0)
    look = Style(italic=True, bold=True, color="#ffff00")
    assert [run.style for run in cue.runs] == [
        look,
        Style(bold=True, color="#ffff00", background="#000000c2"),
        look,
    ]


def test_pixels_and_cells() -> None:
    head = (
        '<layout><region xml:id="r" tts:origin="128px 360px" tts:extent="1024px 144px"/>'
        '<region xml:id="c" tts:origin="4c 3c" tts:extent="24c 3c" tts:displayAlign="after"/></layout>'
    )
    body = '<div><p region="r" begin="0s" end="1s">a</p><p region="c" begin="1s" end="2s">b</p></div>'
    first, second = read_ttml(_wrap(body, head, 'tts:extent="1280px 720px"')).cues
    assert first.placement == Placement(line=50, align="start")
    assert second.placement == Placement(line=40, line_align="end", position=12.5, size=75, align="start")


def test_what_is_not_kept_is_noted() -> None:
    body = '<div><p begin="0s" end="4s"><set tts:color="red"/>a<span end="1s">b</span></p></div>'
    assert [note.text for note in read_ttml(_wrap(body)).cues.notes] == [
        "line 4: an animation is not kept",
        "line 4: that a part disappears early is not kept",
    ]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><tt xmlns="http://www.w3.org/ns/ttml">&b;</tt>'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (BOMB, 1, "document type declaration .* is refused"),
        ("", 1, "not well-formed XML: no element found"),
        ("<tt>", 1, "not well-formed XML"),
        ("<html/>", 1, "not TTML: the root element is 'html'"),
        (_wrap('<div>\n<p begin="soon" end="2s">a</p></div>'), 5, "begin: not a time: 'soon'"),
        (_wrap('<div><p begin="1s">a</p></div>'), 4, "this caption has no end"),
        (_wrap('<div><p begin="0:00:01:29" end="9s">a</p></div>'), 4, "begin: not a time"),
        (_wrap('<div><p begin="00:00:01:30" end="9s">a</p></div>'), 4, "there is no frame 30 at 30"),
        (_wrap("", attributes='ttp:frameRate="0"'), 1, "wrong time parameters"),
        ("<tt xmlns='http://www.w3.org/ns/ttml'>" + "<div>" * 100, 1, "deep in each other"),
    ],
)
def test_errors_name_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        read_ttml(text, "film.ttml")
    assert caught.value.line == line


def test_styles_that_refer_to_each_other_many_times_are_read_at_once() -> None:
    """Twenty levels of eight references are 8²⁰ steps for a reader that follows each."""
    levels = "".join(
        f'<style xml:id="s{level}" style="{" ".join([f"s{level + 1}"] * 8)}"/>' for level in range(20)
    )
    text = _wrap('<div><p style="s0" begin="0s" end="1s">a</p></div>', f"<styling>{levels}</styling>")
    assert read_ttml(text).cues[0].text == "a"


def test_a_paragraph_that_ends_before_it_starts_is_kept_and_noted() -> None:
    track = read_ttml(_wrap('<div begin="10s"><p begin="3s" end="2s">A</p></div>')).cues
    assert [cue.span for cue in track] == [Span(seconds(13), seconds(13))]
    assert [(note.span, note.kind) for note in track.notes] == [(track[0].span, "negative-duration")]
    assert track.notes[0].text.endswith("ends at 00:00:12.000, before it starts at 00:00:13.000")


def test_notes_and_remarks_reach_the_editor_and_come_back() -> None:
    note = Note(Span(millis(2000), millis(3500)), "unheard", "maybe speech --> too unsure to show: hm & co")
    cues = (Cue(Span(0, millis(1000)), "Hi"), Cue(Span(millis(4000), millis(5000)), "Ho"))
    document = Document(Track(cues, (note,)), comments=("Look at the names first",), source="film.mp4")
    text = write_ttml(document)
    assert "unheard, 00:00:02.000 to 00:00:03.500: maybe speech --" in text
    assert read_ttml(text) == document


@pytest.mark.parametrize(
    ("language", "direction"), [("ar", "rtl"), ("he-IL", "rtl"), ("en", None), (None, None)]
)
def test_paragraphs_run_in_the_direction_of_the_language(language: str | None, direction: str | None) -> None:
    document = Document(Track.of([Cue(Span(0, seconds(1)), "שלום, מה שלומך?")]), language=language)
    text = write_ttml(document)
    style = _tree(text).find(f".//{TT}styling/{TT}style")
    assert style is not None
    assert style.get(f"{TTS}direction") == direction
    assert read_ttml(text).cues[0].text == "שלום, מה שלומך?"
