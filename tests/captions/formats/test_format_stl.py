"""EBU STL, built byte by byte as EBU Tech 3264 has it."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.captions.formats.stl import read_stl
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Placement, Run, Style
from accessify.core.timecode import format_timecode
from accessify.core.timeline import Rate, Span, seconds
from accessify.delivery.files import read_captions

Time = tuple[int, int, int, int]
BREAK, ITALIC, ROMAN, DOUBLE, BOX, GREEN = b"\x8a", b"\x80", b"\x81", b"\x0d", b"\x0b", b"\x02"
OPEN, TELETEXT = b"0", b"1"
SLANTED = Style(italic=True)


def header(
    code: bytes = b"STL25.01",
    kind: bytes = OPEN,
    start: bytes = b"00000000",
    count: int = 1,
    rows: bytes = b"23",
) -> bytes:
    """The general subtitle information block."""
    fields = [b"850", code, kind, b"00", b"09", b"A film".ljust(32), *[b" " * 32] * 5, b"A1".ljust(16)]
    fields += [b"261120", b"261120", b"00", b"%05d" % count, b"%05d" % count, b"001", b"40", rows, b"1"]
    fields += [start, start, b"1", b"1", b"GBR", *[b" " * 32] * 3, b" " * 75, b" " * 576]
    data = b"".join(fields)
    assert len(data) == 1024
    return data


def block(
    number: int, start: Time, end: Time, text: bytes, *, row: int = 20, just: int = 2, stage: int = 0,
    remark: bool = False, extension: int = 0xFF,
) -> bytes:  # fmt: skip
    """A text and timing information block."""
    head = struct.pack("<BHBB", 0, number, extension, stage)
    head += bytes(start) + bytes(end) + bytes((row, just, remark))
    return head + text.ljust(112, b"\x8f")


def test_the_characters_of_a_subtitle() -> None:
    text = b"Caf" + b"\xc2e " + ITALIC + b"is  it" + ROMAN + b" re" + ITALIC + b"ally" + ROMAN
    data = header() + block(1, (0, 0, 1, 0), (0, 0, 2, 13), text + BREAK + b"so?")
    document = read_stl(data)
    assert document.cues.events == (
        Cue(
            Span(seconds(1), seconds(Fraction(63, 25))),
            "Café is it really\nso?",
            (Run("Café "), Run("is it ", SLANTED), Run("re"), Run("ally", SLANTED), Run("\nso?")),
            # rows 20 and 21 of 23, which fill the middle 80 % of the picture, counted here to the end of 21
            placement=Placement(line=83.043, line_align="end", position=50.0, size=90.0),
        ),
    )
    assert (document.language, document.title, document.rate) == ("en", "A film", Rate.parse("25"))
    assert not document.cues.notes


def test_teletext_colours_and_double_height() -> None:
    row = DOUBLE + BOX + BOX
    text = row + b"Yes. " + GREEN + b"No" + b"\n\n" + BREAK + BREAK + row + b"Second"
    (cue,) = read_stl(header(kind=TELETEXT) + block(1, (0, 0, 1, 0), (0, 0, 2, 0), text)).cues
    assert cue.text == "Yes. No\nSecond"
    assert cue.runs == (Run("Yes. "), Run("No", Style(color="#00ff00")), Run("\nSecond"))


@pytest.mark.parametrize(
    ("row", "just", "placement"),
    [
        (1, 2, Placement(line=10.0, position=50.0, size=90.0)),
        (1, 1, Placement(line=10.0, position=5.0, size=90.0, align="start")),
        (23, 3, Placement(line=90.0, line_align="end", position=95.0, size=90.0, align="end")),
    ],
)
def test_rows_and_justification_are_places(row: int, just: int, placement: Placement) -> None:
    data = header() + block(1, (0, 0, 1, 0), (0, 0, 2, 0), b"Hi", row=row, just=just)
    assert read_stl(data).cues[0].placement == placement


@pytest.mark.parametrize(
    ("code", "rate"),
    [
        (b"STL23.01", Rate(Fraction(24000, 1001))),
        (b"STL24.01", Rate(Fraction(24))),
        (b"STL25.01", Rate(Fraction(25))),
        (b"STL30.01", Rate(Fraction(30000, 1001), drop=True)),
        (b"STL50.01", Rate(Fraction(50))),
    ],
)
def test_frames_are_exact_at_every_rate(code: bytes, rate: Rate) -> None:
    for index in (0, 1, 1799, 1800, 17_982, 100_003, 300_017):
        start, end = rate.at(index), rate.at(index + 37)
        data = header(code) + block(1, label(start, rate), label(end, rate), b"A")
        assert read_stl(data).cues[0].span == Span(start, end)


def label(ticks: int, rate: Rate) -> Time:
    hours, minutes, secs, frames = map(int, format_timecode(ticks, rate).replace(";", ":").split(":"))
    return hours, minutes, secs, frames


def test_times_count_from_the_programmes_start() -> None:
    late = block(1, (10, 0, 1, 0), (10, 0, 2, 0), b"Hi")
    document = read_stl(header(start=b"10000000") + late)
    assert document.cues[0].span == Span(seconds(1), seconds(2))
    assert [note.text for note in document.cues.notes] == [
        "times are counted from the programme's start, 10:00:00:00"
    ]
    early = read_stl(header(start=b"10000000", count=2) + late + block(2, (9, 0, 0, 0), (9, 0, 1, 0), b"A"))
    assert early.cues[0].span == Span(seconds(9 * 3600), seconds(9 * 3600 + 1))
    assert "comes before the programme's start, 10:00:00:00" in early.cues.notes[0].text
    assert not read_stl(header(start=b"        ") + late).cues.notes


def test_remarks_are_no_captions() -> None:
    data = header(count=2) + block(1, (0, 0, 1, 0), (0, 0, 2, 0), b"Check the name", remark=True)
    document = read_stl(data + block(1, (0, 0, 1, 0), (0, 0, 2, 0), b"Hi"))
    assert [cue.text for cue in document.cues] == ["Hi"]
    assert document.comments == ("Check the name",)


def test_long_texts_go_on_in_further_blocks() -> None:
    times: tuple[Time, Time] = (0, 0, 1, 0), (0, 0, 2, 0)
    data = header(count=2) + block(1, *times, b"a" * 112, extension=0) + block(1, *times, b"b")
    assert read_stl(data).cues[0].text == "a" * 112 + "b"


def test_cumulative_captions_come_one_after_another() -> None:
    data = header(count=2) + block(1, (0, 0, 1, 0), (0, 0, 5, 0), b"One", stage=1)
    data += block(2, (0, 0, 2, 0), (0, 0, 5, 0), b"Two", stage=3)
    assert [(cue.span.start, cue.text) for cue in read_stl(data).cues] == [
        (seconds(1), "One"),
        (seconds(2), "Two"),
    ]


def test_equal_numbers_and_overlaps_are_kept() -> None:
    data = header(count=2) + block(0, (0, 0, 1, 0), (0, 0, 5, 0), b"One")
    document = read_stl(data + block(0, (0, 0, 2, 0), (0, 0, 6, 0), b"Two"))
    assert [(cue.span, cue.text) for cue in document.cues] == [
        (Span(seconds(1), seconds(5)), "One"),
        (Span(seconds(2), seconds(6)), "Two"),
    ]


def test_what_is_missing_is_noted() -> None:
    whole = block(1, (0, 0, 1, 0), (0, 0, 2, 0), b"Hi")
    document = read_stl(
        header(count=3) + whole + block(2, (0, 0, 3, 0), (0, 0, 4, 0), b"x", extension=0) + b"1"
    )
    assert [cue.text for cue in document.cues] == ["Hi"]
    assert [note.text for note in document.cues.notes] == [
        "the file is cut off: 1 bytes behind the last whole text block are left out",
        "2 of the 3 text blocks that the header counts are there",
        "the last caption is cut off and left out",
    ]
    shown = read_stl(header() + block(1, (0, 0, 1, 0), (0, 0, 1, 0), b"Hi"))
    assert [note.text for note in shown.cues.notes] == [
        "text block 1: Subtitle TCO is less than or equal to TCI; omitting subtitle"
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "film: not EBU STL: the header names none of the frame rates STL23.01"),
        (header()[:1000], "film: not EBU STL"),
        (header(b"STL99.01"), "film: not EBU STL"),
        (
            header() + block(1, (0, 0, 1, 25), (0, 0, 2, 0), b"A"),
            "film: text block 1: timecode '00:00:01:25': frame 25 does not exist",
        ),
        (
            header() + block(1, (0, 0, 1, 0), (0, 61, 2, 0), b"A"),
            "film: text block 1: not a timecode: '00:61:02:00'",
        ),
        (
            header() + block(1, (0, 0, 2, 0), (0, 0, 1, 0), b"A"),
            "film: text block 1: this caption ends before it starts",
        ),
        (
            header() + block(1, (0, 0, 1, 0), (0, 0, 2, 0), b"A", stage=3),
            "film: text block 1: codes that make no sense here",
        ),
    ],
)
def test_damaged_files_name_the_block(data: bytes, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_stl(data, "film")
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_give_captions_or_an_error(drawn: st.DataObject) -> None:
    text = b"Hello" + ITALIC + b" there" + BREAK + DOUBLE + b"\xc2e"
    whole = header(count=3) + b"".join(
        block(n, (0, 0, n, 0), (0, 0, n, 20), text, stage=n % 4) for n in range(1, 4)
    )
    data = bytearray(whole)
    for _ in range(drawn.draw(st.integers(1, 6))):
        data[drawn.draw(st.integers(0, len(data) - 1))] = drawn.draw(st.integers(0, 255))
    data = data[: drawn.draw(st.integers(0, len(data)))] if drawn.draw(st.booleans()) else data
    try:
        document = read_stl(bytes(data), "film")
    except FormatError as error:
        assert str(error).startswith("film: ")  # noqa: PT017 - either outcome is right
        return
    assert all(cue.text.strip() for cue in document.cues)


@given(st.binary(max_size=112))
def test_any_text_field_is_read(text: bytes) -> None:
    read_stl(header() + block(1, (0, 0, 1, 0), (0, 0, 2, 0), text))


def test_a_long_film_is_read_whole(tmp_path: Path) -> None:
    blocks = (block(n, (n // 1200, n // 20 % 60, n % 20, 0), (n // 1200, n // 20 % 60, n % 20, 20), b"A")
              for n in range(2400))  # fmt: skip
    path = tmp_path / "film.stl"
    path.write_bytes(header(count=2400) + b"".join(blocks))
    assert len(read_captions(path).cues) == 2400
