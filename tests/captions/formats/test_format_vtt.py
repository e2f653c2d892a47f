import io

import pytest
import webvtt
from hypothesis import given, settings

from accessify.captions.formats.vtt import read_vtt, write_vtt
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Placement, Region, Run, Style, Stylesheet
from accessify.core.timeline import Note, Span, Track, millis, seconds
from tests.captions.formats.documents import vtt_documents

FULL = """\
WEBVTT A film

NOTE
Language: en
Frame rate: 24000/1001
Origin: Machine-made captions

NOTE Check the names

REGION
id:left
width:40%
lines:2
regionanchor:0%,90%
viewportanchor:10%,90%
scroll:up

STYLE
::cue(.loud) { font-weight: bold }

intro
00:00:01.000 --> 00:00:02.500 region:left align:left
<v Mary Ann>Hello, <i>world</i> &amp; <c.loud.yellow.bg_blue>you</c>!

00:00:03.000 --> 00:00:04.500 line:0 position:25%,line-left size:50%
<v Mary>-Yes?</v>
<v Tom>-<lang fr>Oui</lang></v> <00:00:03.500><ruby>漢<rt>かん</rt></ruby><b><u>b</u></b>
"""


def test_everything_the_syntax_can_say_is_read() -> None:
    document = read_vtt(FULL)
    first, second = document.cues
    assert (document.title, document.language, document.origin) == ("A film", "en", "Machine-made captions")
    assert document.comments == ("Check the names",)
    assert document.regions == (Region("left", 40, 2, (0, 90), (10, 90), True),)
    assert document.stylesheets == (Stylesheet("css", "::cue(.loud) { font-weight: bold }"),)
    assert (first.id, first.speaker, first.text) == ("intro", "Mary Ann", "Hello, world & you!")
    assert first.placement == Placement(region="left", align="left")
    assert first.runs[1] == Run("world", Style(italic=True))
    assert first.runs[3] == Run("you", Style(color="#ffff00", background="#0000ff", classes=("loud",)))
    assert second.placement == Placement(line_number=0, position=25, position_align="line-left", size=50)
    assert [run.style.voice for run in second.runs] == ["Mary", None, "Tom", "Tom", None, None, None]
    assert second.runs[3].style.language == "fr"
    assert second.runs[5] == Run("漢", Style(ruby="かん"), millis(3500))
    assert write_vtt(document) == FULL


@settings(max_examples=80, deadline=None)
@given(vtt_documents())
def test_round_trip_keeps_everything(document: Document) -> None:
    text = write_vtt(document)
    again = read_vtt(text)
    assert again == document
    assert write_vtt(again) == text


@settings(max_examples=60, deadline=None)
@given(vtt_documents())
def test_arrow_stands_in_time_lines_only(document: Document) -> None:
    """WebVTT §4.1: neither cue text, ids, comments nor style blocks may contain `-->`."""
    assert write_vtt(document).count("-->") == len(document.cues)


@settings(max_examples=60, deadline=None)
@given(vtt_documents())
def test_another_reader_finds_the_same_cues(document: Document) -> None:
    theirs = webvtt.from_buffer(io.StringIO(write_vtt(document)))
    assert [(cue.start, cue.end) for cue in theirs] == [
        (_clock(cue.span.start), _clock(cue.span.end)) for cue in document.cues
    ]


def _clock(ticks: int) -> str:
    whole, part = divmod(ticks // millis(1), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{part:03}"


def test_another_reader_finds_the_same_text() -> None:
    cues = [Cue(Span(seconds(n), seconds(n + 1)), f"Line {n}\nand its second") for n in range(5)]
    theirs = webvtt.from_buffer(io.StringIO(write_vtt(Document(Track.of(cues)))))
    assert [cue.text for cue in theirs] == [cue.text for cue in cues]


def test_arrow_in_text_id_and_comment_does_no_harm() -> None:
    cue = Cue(Span(0, seconds(1)), "a --> b", id="x --> y")
    text = write_vtt(Document(Track((cue,)), title="-->", comments=("--> c",)))
    assert read_vtt(text).cues[0].text == "a --> b"
    assert text.count("-->") == 1


def test_timestamp_map_of_hls_moves_all_times() -> None:
    """RFC 8216 §3.5: 900000 / 90000 Hz is 10 s; a time inside a cue moves with it."""
    head = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:01.000,MPEGTS:900000\n\n"
    cue = read_vtt(head + "00:02.000 --> 00:04.000\na <00:03.000>b\n").cues[0]
    assert cue.span == Span(seconds(11), seconds(13))
    assert cue.runs[1].start == seconds(12)


def test_crlf_byte_order_mark_and_old_settings_are_taken() -> None:
    cue = read_vtt("\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.000 align:middle\r\nHi\r\nyou\r\n").cues[0]
    assert (cue.text, cue.placement) == ("Hi\nyou", Placement(align="center"))


def test_missing_blank_line_between_cues() -> None:
    document = read_vtt("WEBVTT\n\n00:01.000 --> 00:02.000\nA\n00:03.000 --> 00:04.000\nB\n")
    assert [cue.text for cue in document.cues] == ["A", "B"]


def test_what_is_ignored_is_noted_with_its_line() -> None:
    notes = read_vtt("WEBVTT\n\n00:01.000 --> 00:02.000 line:lots\na <00:09.000>b").cues.notes
    assert [note.text for note in notes] == [
        "line 3: line:lots is not kept",
        "line 3: timestamp 00:09.000 outside its cue or out of order is not kept",
    ]


def test_stray_angle_brackets_and_foreign_tags_stay_text() -> None:
    assert (
        read_vtt("WEBVTT\n\n00:01.000 --> 00:02.000\n1 < 2 <laughs> &lt;b&gt;").cues[0].text
        == "1 < 2 <laughs> <b>"
    )


def test_a_redefined_colour_class_stays_a_class() -> None:
    text = "WEBVTT\n\nSTYLE\n::cue(.red) { color: #a00 }\n\n00:01.000 --> 00:02.000\n<c.red>a</c>\n"
    document = read_vtt(text)
    assert document.cues[0].runs[0].style == Style(classes=("red",))
    assert write_vtt(document).endswith("<c.red>a</c>\n")


def test_other_colours_get_a_style_block_of_ours() -> None:
    cue = Cue(Span(0, seconds(1)), "a", (Run("a", Style(color="#ff8800")),))
    assert "STYLE\n::cue(.fg-ff8800) { color: #ff8800 }\n" in write_vtt(Document(Track((cue,))))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "the first line must be WEBVTT"),
        ("1\n00:01.000 --> 00:02.000\nA", 1, "the first line must be WEBVTT"),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nA", 3, "text without a time line"),
        ("WEBVTT\n\nid\n00:01.000 --> 00:99.000\nA", 4, "not a time line"),
        ("WEBVTT\n\nREGION\nwidth:3%\n", 3, "add a line id:NAME"),
    ],
)
def test_errors_name_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        read_vtt(text, "film.vtt")
    assert caught.value.line == line
    assert str(caught.value).startswith(f"film.vtt: line {line}: ")


def test_a_cue_that_ends_before_it_starts_is_kept_and_noted() -> None:
    track = read_vtt("WEBVTT\n\n00:03.000 --> 00:02.000\nA").cues
    assert track[0].span.duration == 0
    assert [(note.span, note.kind) for note in track.notes] == [(track[0].span, "negative-duration")]
    assert track.notes[0].text.startswith("line 3: ends at 00:00:02.000")


def test_notes_and_remarks_reach_the_editor_and_come_back() -> None:
    note = Note(Span(millis(2000), millis(3500)), "unheard", "maybe speech --> too unsure to show: hm & co")
    cues = (Cue(Span(0, millis(1000)), "Hi"), Cue(Span(millis(4000), millis(5000)), "Ho"))
    document = Document(Track(cues, (note,)), comments=("Look at the names first",), source="film.mp4")
    text = write_vtt(document)
    assert "unheard, 00:00:02.000 to 00:00:03.500: maybe speech --" in text
    assert text.index("Hi\n\nNOTE unheard") < text.index("Ho")
    assert "--> too" not in text
    assert read_vtt(text) == document
