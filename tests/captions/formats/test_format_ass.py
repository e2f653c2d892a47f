import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.captions.formats.anchors import place
from accessify.captions.formats.ass import default_sheet, read_ass, write_ass
from accessify.captions.formats.srt import write_srt
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Placement, Run, Style, merge_runs
from accessify.core.timeline import Note, Rate, Span, Track, millis, seconds
from tests.captions.formats.documents import RATES, texts

HEAD = """\
[Script Info]
; drawn by hand
ScriptType: v4.00+
PlayResX: 1280
PlayResY: 720

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, \
MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,40,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,2,2,10,10,10,1
Style: Song,Arial,40,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,-1,0,0,100,100,0,0,1,2,2,8,10,10,10,1
"""
EVENTS = """
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:00.00,Default,,0,0,0,,Check the names
Dialogue: 0,0:00:01.00,0:00:02.50,Song,Mary,0,0,0,,La {\\i0}la\\N{\\b1\\c&H0000FF&}lo
Dialogue: 0,0:00:03.00,0:00:05.00,Default,,0,0,0,,{\\an7\\pos(320,180)\\k50}a, \\{b\\} {\\k150}c
"""


def test_styles_speakers_places_and_remarks_survive() -> None:
    document = read_ass(HEAD + EVENTS)
    song, placed = document.cues
    assert document.stylesheets[0].text == HEAD
    assert document.comments == ("Check the names",)
    assert (song.speaker, song.text, song.placement) == ("Mary", "La la\nlo", Placement(line_number=0))
    assert song.runs == (
        Run("La ", Style(italic=True, classes=("Song",))),
        Run("la\n", Style(classes=("Song",))),
        Run("lo", Style(bold=True, color="#ff0000", classes=("Song",))),
    )
    assert placed.placement == Placement(
        line=25, line_align="start", position=25, position_align="line-left", align="left"
    )
    assert placed.runs == (Run("a, {b} "), Run("c", start=millis(3500)))
    assert write_ass(document) == HEAD + EVENTS


def test_facts_stand_in_script_info() -> None:
    rate = Rate.parse("29.97df")
    document = Document(Track(), "en", "A film", "Machine-made captions", rate)
    text = write_ass(document)
    assert text.startswith(
        "[Script Info]\nTitle: A film\nLanguage: en\nFrame Rate: 30000/1001df\n"
        "Origin: Machine-made captions\nScriptType: v4.00+\nPlayResX: 1920\nPlayResY: 1080\n"
    )
    assert read_ass(text) == document


def test_another_reader_finds_our_default_style() -> None:
    import pysubs2

    theirs = pysubs2.SSAFile.from_string(write_ass(Document(Track())), format_="ass")
    style = theirs.styles["Default"]
    assert (theirs.info["PlayResX"], theirs.info["PlayResY"]) == ("1920", "1080")
    assert (style.fontsize, style.outline, style.marginl, style.marginv) == (64, 4, 192, 80)
    assert style.alignment == pysubs2.Alignment.BOTTOM_CENTER


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents that ASS holds without loss: centiseconds, one of nine places, four looks."""
    cues = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, 10**6))
        text = draw(texts)
        cut = draw(st.integers(0, len(text)))
        style = st.builds(
            Style,
            italic=st.booleans(),
            bold=st.booleans(),
            underline=st.booleans(),
            color=st.none() | st.just("#12ab00"),
        )
        runs = merge_runs((Run(text[:cut], draw(style)), Run(text[cut:], draw(style))))
        span = Span(millis(10 * start), millis(10 * (start + draw(st.integers(1, 700)))))
        speaker = draw(st.none() | st.just("Mary Ann"))
        cues.append(Cue(span, text, runs, None, speaker, place(draw(st.integers(1, 9)))))
    return Document(Track.of(cues), comments=draw(st.sampled_from([(), ("a, b\nc",)])))


@settings(max_examples=60, deadline=None)
@given(documents())
def test_round_trip(document: Document) -> None:
    text = write_ass(document)
    assert read_ass(text) == document
    assert write_ass(read_ass(text)) == text


@settings(max_examples=30, deadline=None)
@given(documents())
def test_another_reader_finds_the_same_times(document: Document) -> None:
    import pysubs2

    theirs = pysubs2.SSAFile.from_string(write_ass(document), format_="ass")
    assert [(event.start, event.end) for event in theirs if not event.is_comment] == [
        (cue.span.start // millis(1), cue.span.end // millis(1)) for cue in document.cues
    ]


@given(st.sampled_from(RATES), st.integers(0, 500_000))
def test_a_renderer_shows_the_first_frame_asked_for(rate: Rate, first: int) -> None:
    """Renderers show an event in frames not earlier than its start: that must be our frame."""
    cue = Cue(Span(rate.at(first), rate.at(first + 50)), "A")
    again = read_ass(write_ass(Document(Track((cue,))))).cues[0].span
    assert rate.at(first - 1) < again.start <= rate.at(first)


def test_order_of_fields_is_the_format_lines() -> None:
    text = "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,Hi, you\n"
    assert read_ass(text).cues[0] == Cue(Span(seconds(1), seconds(2)), "Hi, you")


def test_ssa_alignments_are_translated() -> None:
    head = "[V4 Styles]\nFormat: Name, Alignment\nStyle: Top,6\n[Events]\n"
    event = "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Top,,0,0,0,,Hi\n"
    assert read_ass(head + event).cues[0].placement == Placement(line_number=0)


def test_effects_are_noted_with_their_line() -> None:
    event = (
        "[Events]\nDialogue: 1,0:00:01.00,0:00:02.00,Default,,0,0,20,,{\\fad(1,2)}a{note}{\\p1}m 0 0{\\p0}\n"
    )
    document = read_ass(event)
    assert document.cues[0].text == "a"
    assert [note.text for note in document.cues.notes] == [
        "line 2: \\fad(1,2) is not kept",
        "line 2: {note} is not kept",
        "line 2: a drawing is not kept",
        "line 2: layer 1 is not kept",
        "line 2: marginv 20 is not kept",
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Hello", 1, "expected \\[Script Info\\]"),
        ("[Script Info]\nTitle: x\n", 3, "no \\[Events\\] section"),
        ("[Events]\nHello", 2, "expected Dialogue: or Comment:"),
        ("[Events]\nDialogue: 0,0:00:01.00,never,Default,,0,0,0,,Hi", 2, "not a time"),
        ("[Events]\nDialogue: 0,0:00:01.00", 2, "an event has 10 fields, this one 2"),
    ],
)
def test_errors_name_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        read_ass(text, "film.ass")
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("language", "text", "font"),
    [
        ("en", "Hi", "Arial"),
        (None, "Hi", "Arial"),
        ("zh-Hans", "你好", "Noto Sans CJK SC"),
        ("zh-TW", "你好", "Noto Sans CJK TC"),
        ("ja", "こんにちは", "Noto Sans CJK JP"),
        ("ko-KR", "안녕", "Noto Sans CJK KR"),
        (None, "你好", "Noto Sans CJK SC"),
    ],
)
def test_the_font_goes_by_the_language(language: str | None, text: str, font: str) -> None:
    document = Document(Track((Cue(Span(0, seconds(1)), text),)), language)
    written = write_ass(document)
    assert f"\nStyle: Default,{font},64," in written
    assert default_sheet(document) in written.replace(f"Language: {language}\n", "")
    assert read_ass(written) == document  # our own sheet is not kept as the document's


STYLED = (
    HEAD
    + "Style: Sign,Arial,40,&H0000FFFF,&H000000FF,&H00000000,&H00000000,"
    + "-1,0,-1,0,100,100,0,0,1,2,2,8,10,10,10,1\n\n[Events]\n"
    + "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    + "Dialogue: 0,0:00:01.00,0:00:02.00,Sign,,0,0,0,,EXIT {\\b0\\c&HFFFFFF&}only{\\b1\\c&H00FFFF&} here\n"
)


def test_the_look_of_a_style_carries_over() -> None:
    document = read_ass(STYLED)
    (cue,) = document.cues
    sign = Style(bold=True, underline=True, color="#ffff00", classes=("Sign",))
    plain = Style(underline=True, classes=("Sign",))
    assert cue.runs == (Run("EXIT ", sign), Run("only", plain), Run(" here", sign))
    assert cue.placement == Placement(line_number=0)
    assert write_ass(document) == STYLED
    assert write_srt(document).splitlines()[2] == (
        '{\\an8}<font color="#ffff00"><b><u>EXIT </u></b></font><u>only</u>'
        '<font color="#ffff00"><b><u> here</u></b></font>'
    )


def test_colours_of_ssa_are_decimal() -> None:
    head = "[V4 Styles]\nFormat: Name, PrimaryColour, Bold\nStyle: Sign,65535,-1\n[Events]\n"
    event = "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Sign,,0,0,0,,Hi\n"
    assert read_ass(head + event).cues[0].runs == (
        Run("Hi", Style(bold=True, color="#ffff00", classes=("Sign",))),
    )


@pytest.mark.parametrize(
    ("placement", "tags"),
    [
        (Placement(position=80, align="end"), "\\an3\\pos(1536,972)"),
        (Placement(position=20, size=60), "\\pos(384,972)"),
        (Placement(position=20, position_align="line-left", size=60), "\\pos(960,972)"),
        (Placement(line=20, align="left"), "\\an7\\pos(192,216)"),
        (Placement(line_number=4), "\\an8\\pos(960,399.6)"),
        (Placement(line_number=-3, align="right"), "\\an3\\pos(1728,826.2)"),
        (Placement(line_number=-1), ""),
    ],
)
def test_positions_are_points(placement: Placement, tags: str) -> None:
    text = write_ass(Document(Track((Cue(Span(0, seconds(1)), "Hi", placement=placement),))))
    tags = tags if "\\an" in tags or not tags else "\\an2" + tags
    assert (
        text.splitlines()[-1]
        == f"Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,{'{' + tags + '}' if tags else ''}Hi"
    )


def test_notes_are_comments_at_their_time() -> None:
    note = Note(Span(seconds(2), seconds(3)), "unheard", "maybe speech, too unsure to show: hm")
    cues = (Cue(Span(0, seconds(1)), "Hi"), Cue(Span(seconds(4), seconds(5)), "Ho"))
    document = Document(Track(cues, (note,)), comments=("Look at the names first",))
    text = write_ass(document)
    assert [line[:33] for line in text.splitlines()[-4:]] == [
        "Comment: 0,0:00:00.00,0:00:00.00,",
        "Dialogue: 0,0:00:00.00,0:00:01.00",
        "Comment: 0,0:00:02.00,0:00:03.00,",
        "Dialogue: 0,0:00:04.00,0:00:05.00",
    ]
    assert ",,unheard, 00:00:02.000 to 00:00:03.000: maybe speech, too unsure to show: hm\n" in text
    assert read_ass(text) == document
