"""Scenarist SCC. Codes are spelt with the names and tables of CEA-608 and given odd parity here."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.formats.scc import read_scc
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Placement, Run, Style
from accessify.core.timecode import frame_timecode, parse_timecode
from accessify.core.timeline import Rate, Span, Track

HEAD = "Scenarist_SCC V1.0\n\n"
NDF, DF = Rate.parse("30000/1001"), Rate.parse("29.97df")
ITALIC = Style(italic=True)
RCL, EDM, EOC, ENM = 0x1420, 0x142C, 0x142F, 0x142E
RU2, CR, RDC = 0x1425, 0x142D, 0x1429
ROW_14, ROW_15, ROW_14_INDENT_12 = 0x1440, 0x1460, 0x1456
ROW_1 = 0x1140
MID_ITALIC, MID_WHITE = 0x112E, 0x1120
RCL_CHANNEL_2 = 0x1C20


def parity(byte: int) -> int:
    return byte | (0x80 if byte.bit_count() % 2 == 0 else 0)


def spell(*codes: int | str) -> str:
    """Control codes twice, as they are sent; text in pairs of bytes."""
    words = []
    for code in codes:
        if isinstance(code, int):
            words += 2 * [bytes(map(parity, code.to_bytes(2))).hex()]
        else:
            data = code.encode("ascii")
            data += b"\0" * (len(data) % 2)
            words += [bytes(map(parity, data[i : i + 2])).hex() for i in range(0, len(data), 2)]
    return " ".join(words)


def line(timecode: str, *codes: int | str) -> str:
    return f"{timecode}\t{spell(*codes)}\n\n"


def test_spelling_is_that_of_real_files() -> None:
    assert spell(RCL, EOC, EDM, MID_ITALIC, "Hello,") == (
        "9420 9420 942f 942f 942c 942c 91ae 91ae c8e5 ecec ef2c"
    )


def test_pop_on_captions_with_italics_and_two_rows() -> None:
    text = (
        HEAD
        + line("00:00:01;00", RCL, ENM, ROW_14, "Hello,", MID_ITALIC, "world", ROW_15, "This is it.", EOC)
        + line("00:00:04;00", EDM)
        + line("00:01:00;02", RCL, ENM, ROW_1, "Up there", EOC)
        + line("00:01:02;00", EDM)
    )
    document = read_scc(text)
    first, second = document.cues
    # 2+2+2 words of codes, 3 of text, 2, 3, 2, 6: the picture flips with the word after them
    start = DF.index(parse_timecode("00:00:01;00", DF)) + 22
    assert first.span == Span(DF.at(start), parse_timecode("00:00:04;00", DF))
    assert first.text == "Hello, world\nThis is it."
    assert first.runs == (Run("Hello,"), Run(" world", ITALIC), Run("\nThis is it."))
    assert first.placement == Placement(line=79.0, position=10.0, size=30.0, align="start")
    assert second.text == "Up there"
    assert DF.index(second.span.start) == 1800 + 2 * 3 + 4
    assert second.placement
    assert second.placement.line == 11.0
    assert (document.rate, document.cues.notes) == (DF, ())


@given(st.integers(0, 3 * 3600 * 30), st.booleans())
def test_times_are_whole_frames_of_29_97(index: int, drop: bool) -> None:
    rate = DF if drop else NDF
    text = HEAD + line(frame_timecode(index, rate), RCL, ROW_15, "A", EOC)
    text += line(frame_timecode(index + 60, rate), EDM)
    document = read_scc(text)
    assert document.cues[0].span == Span(rate.at(index + 5), rate.at(index + 60))
    assert document.rate == rate


def test_a_row_in_the_middle_is_centred() -> None:
    text = HEAD + line("00:00:01:00", RCL, ROW_14_INDENT_12, "Hi there", EOC) + line("00:00:02:00", EDM)
    assert read_scc(text).cues[0].placement == Placement(line=79.0)


def test_paint_on_shows_when_it_comes() -> None:
    text = HEAD + line("00:00:01:00", RDC, ROW_15, "One two") + line("00:00:02:00", EDM)
    (cue,) = read_scc(text).cues
    assert cue.text == "One two"
    assert cue.span.end == NDF.at(60)


def test_roll_up_repeats_the_row_that_stays_and_says_so() -> None:
    text = (
        HEAD
        + line("00:00:01:00", RU2, CR, ROW_15, "One")
        + line("00:00:03:00", RU2, CR, ROW_15, "Two")
        + line("00:00:05:00", EDM)
    )
    document = read_scc(text)
    assert [cue.text for cue in document.cues] == ["One", "One\nTwo"]
    assert document.cues[1].span.end == NDF.at(150)
    (note,) = document.cues.notes
    assert note.text.startswith("line 3: roll-up captions; rows that stay are repeated")


class Heard(logging.Handler):
    """What arrives at the root of the log; caplog listens to ttconv's own logger as well."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler = Heard()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_what_is_left_out_or_guessed_is_noted(heard: Heard) -> None:
    text = (
        HEAD
        + line("00:00:05:00", RCL, ROW_15, "Last", EOC)
        + line("00:00:01;00", RCL_CHANNEL_2, "Deux")
        + line("00:00:02:00", RCL_CHANNEL_2, "Trois")
    )
    document = read_scc(text)
    logging.getLogger("ttconv.scc").warning("somebody else reads")
    assert heard.messages == ["somebody else reads"]
    assert [cue.text for cue in document.cues] == ["Last"]
    assert [note.text for note in document.cues.notes] == [
        "drop-frame and other timecodes are mixed; each is read as what it is",
        "line 5: Skip Caption Channel 2 content",
        "line 3 stands out of order; lines are read in order of time",
        "nothing takes this caption away; its end is a guess",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "film: line 1: not SCC: the first line must be Scenarist_SCC V1.0"),
        (HEAD + "00:00:01:00\t9420 94\n", "film: line 3: not a code of four hexadecimal digits: '94'"),
        (HEAD + "00:00:01:00\t9420 942g\n", "film: line 3: not a code of four hexadecimal digits: '942g'"),
        (HEAD + "00:00:01\t9420\n", "film: line 3: not a timecode: '00:00:01'"),
        (HEAD + "00:00:61:00\t9420\n", "film: line 3: not a timecode"),
        (HEAD + "\n00:00:01:30\t9420\n", "film: line 4: timecode '00:00:01:30': frame 30 does not exist"),
        (HEAD + "00:01:00;00\t9420\n", "film: line 3: timecode '00:01:00;00': drop-frame counting skips"),
    ],
)
def test_damaged_files_name_the_line(text: str, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_scc(text, "film")
    assert str(caught.value).startswith(told)


def test_a_file_without_captions() -> None:
    assert read_scc(HEAD).cues == Track()


WORDS = st.sampled_from(
    [spell(code) for code in (RCL, EDM, EOC, ENM, RU2, CR, RDC, ROW_14, ROW_15, ROW_1, MID_ITALIC, MID_WHITE)]
    + ["9421", "94a1", "97a2", "9723", "c8e9", "a0c8", "80", "0000", "92b0", "1c20", "0141", "ffff", "1341"]
)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.lists(WORDS | st.text("0189abef", max_size=5), max_size=12)))
)
def test_any_codes_give_captions_or_an_error(lines: list[tuple[int, list[str]]]) -> None:
    text = HEAD + "".join(f"00:00:{at // 30:02}:{at % 30:02}\t{' '.join(words)}\n" for at, words in lines)
    try:
        document = read_scc(text, "film")
    except FormatError as error:
        assert str(error).startswith("film: line ")  # noqa: PT017 - either outcome is right
        return
    assert all(isinstance(cue, Cue) and cue.text.strip() for cue in document.cues)


def test_a_long_film_is_read_whole() -> None:
    def timecode(second: int) -> str:
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}:00"

    lines = (
        line(timecode(3 * n), RCL, ENM, ROW_14, f"Line {n}", EOC) + line(timecode(3 * n + 2), EDM)
        for n in range(1200)
    )
    assert len(read_scc(HEAD + "".join(lines)).cues) == 1200
