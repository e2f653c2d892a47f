import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.captions.formats.anchors import place
from accessify.captions.formats.srt import read_srt, write_srt
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Placement, Run, Style
from accessify.core.timeline import Rate, Span, Track, millis, seconds
from tests.captions.formats.documents import LETTERS, RATES


def _cue(start: int, end: int, text: str, **more: object) -> Cue:
    return Cue(Span(millis(start), millis(end)), text, **more)  # type: ignore[arg-type]


def test_plain_file() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,500\nHello\nworld\n\n2\n01:00:00,000 --> 01:00:01,001\nBye\n"
    document = Document(Track((_cue(1000, 2500, "Hello\nworld"), _cue(3_600_000, 3_601_001, "Bye"))))
    assert read_srt(text) == document
    assert write_srt(document) == text


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\nA\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nB\r\n",
        "1\r00:00:01,000 --> 00:00:02,500\rA\r\r2\r00:00:03,000 --> 00:00:04,000\rB\r",
        "00:00:01.000 --> 00:00:02.500\nA\n\n00:00:03.000 --> 00:00:04.000\nB",
        "1\n00:00:01,000 --> 00:00:02,500\nA\n2\n00:00:03,000 --> 00:00:04,000\nB",
        "\n\n7\n0:0:1,000 -> 0:0:2,5\n\nA\n\n\n\n9\n0:00:03,000-->0:00:04,000\nB\n\n\n",
        "1\n00:01,000 --> 00:02,500\nA\n\n2\n00:03,000 --> 00:04,000\nB\n",
    ],
    ids=["crlf and bom", "cr", "no numbers, points", "no blank lines", "sloppy", "no hours"],
)
def test_what_is_found_in_the_wild(text: str) -> None:
    assert read_srt(text) == Document(Track((_cue(1000, 2500, "A"), _cue(3000, 4000, "B"))))


def test_cues_out_of_order_are_sorted_and_noted() -> None:
    track = read_srt("2\n00:00:03,000 --> 00:00:04,000\nB\n\n1\n00:00:01,000 --> 00:00:02,500\nA\n").cues
    assert track.events == (_cue(1000, 2500, "A"), _cue(3000, 4000, "B"))
    assert [(note.kind, note.span) for note in track.notes] == [("order", track[0].span)]


def test_overlapping_cues_are_kept() -> None:
    document = read_srt("1\n00:00:01,000 --> 00:00:05,000\nA\n\n2\n00:00:02,000 --> 00:00:03,000\nB\n")
    assert [(cue.text, cue.span.start) for cue in document.cues] == [("A", seconds(1)), ("B", seconds(2))]


def test_a_number_as_last_line_is_text() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nIn\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n"
    assert [cue.text for cue in read_srt(text).cues] == ["In\n1984", "42"]


def test_looks_and_place() -> None:
    text = '{\\an8}<i>Hi <b>you</b></i> <font color="#ff0000">red</font> <laughs>'
    cue = read_srt("1\n00:00:01,000 --> 00:00:02,000\n" + text).cues[0]
    assert cue.placement == Placement(line_number=0)
    assert cue.runs == (
        Run("Hi ", Style(italic=True)),
        Run("you", Style(italic=True, bold=True)),
        Run(" "),
        Run("red", Style(color="#ff0000")),
        Run(" <laughs>"),
    )
    assert write_srt(Document(Track((cue,)))).splitlines()[2] == (
        '{\\an8}<i>Hi </i><i><b>you</b></i> <font color="#ff0000">red</font> <laughs>'
    )


def test_unknown_overrides_are_noted() -> None:
    document = read_srt("1\n00:00:01,000 --> 00:00:02,000 X1:10\n{\\fad(1,2)}a\n")
    assert [note.text for note in document.cues.notes] == [
        "line 2: {\\fad(1,2)} is not kept",
        "line 2: X1:10 is not kept",
    ]


plain_lines = st.text(sorted(set(LETTERS) - set("<{\\:")), min_size=1, max_size=12).filter(
    lambda line: bool(line.strip()) and not line.isdecimal()
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**7),
            st.integers(1, 9000),
            st.lists(plain_lines, min_size=1, max_size=3),
            st.integers(1, 9),
        ),
        max_size=4,
    )
)
def test_round_trip(values: list[tuple[int, int, list[str], int]]) -> None:
    document = Document(
        Track.of(
            _cue(start, start + length, "\n".join(text), placement=place(anchor))
            for start, length, text, anchor in values
        )
    )
    text = write_srt(document)
    assert read_srt(text) == document
    import pysubs2

    theirs = pysubs2.SSAFile.from_string(text, format_="srt")
    assert [(event.start, event.end) for event in theirs] == [
        (cue.span.start // millis(1), cue.span.end // millis(1)) for cue in document.cues
    ]


@given(st.sampled_from(RATES), st.integers(0, 900_000), st.integers(1, 300))
def test_frames_survive_at_every_rate(rate: Rate, first: int, length: int) -> None:
    """Whole milliseconds lead back to the same frame: to the nearest, and to the first not earlier."""
    cue = Cue(Span(rate.at(first), rate.at(first + length)), "A")
    again = read_srt(write_srt(Document(Track((cue,))))).cues[0].span
    assert (rate.nearest(again.start), rate.nearest(again.end)) == (first, first + length)
    assert rate.at(first - 1) < again.start <= rate.at(first)


def test_text_that_looks_like_a_time_line_stays_text() -> None:
    document = Document(Track((_cue(0, 1000, "Say\n00:00:01,000 --> 00:00:02,000"),)))
    assert len(read_srt(write_srt(document)).cues) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Hello there", 1, "expected a cue number or a time line"),
        ("1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n00:00:03,000 --> 00:00\nB", 6, "not a time line"),
        ("1\n00:00:01,000 --> 00:61:02,000\nA", 2, "not a time line"),
    ],
)
def test_errors_name_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        read_srt(text, "film.srt")
    assert caught.value.line == line


def test_a_cue_that_ends_before_it_starts_is_kept_and_noted() -> None:
    track = read_srt("1\n00:00:02,000 --> 00:00:01,000\nA\n\n2\n00:00:03,000 --> 00:00:04,000\nB").cues
    assert [(cue.span, cue.text) for cue in track] == [
        (Span(millis(2000), millis(2000)), "A"),
        (Span(millis(3000), millis(4000)), "B"),
    ]
    (note,) = track.notes
    assert (note.span, note.kind) == (track[0].span, "negative-duration")
    assert note.text == "line 2: ends at 00:00:01.000, before it starts at 00:00:02.000"


def test_a_time_before_zero_is_refused() -> None:
    with pytest.raises(FormatError, match="before the film does"):
        write_srt(Document(Track((Cue(Span(-1, 5), "A"),))))
