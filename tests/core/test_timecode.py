"""Timecode text, both ways; the drop-frame answers are worked out by hand from SMPTE ST 12-1."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import OptionError
from accessify.core.timecode import format_timecode, frame_timecode, parse_timecode
from accessify.core.timeline import Rate, millis

FILM = Rate(Fraction(24000, 1001))
PAL = Rate(Fraction(25))
NDF = Rate(Fraction(30000, 1001))
DF = Rate(Fraction(30000, 1001), drop=True)
DF60 = Rate(Fraction(60000, 1001), drop=True)
RATES = [FILM, Rate(Fraction(24)), PAL, NDF, DF, Rate(Fraction(30)), Rate(Fraction(50))]
RATES += [Rate(Fraction(60000, 1001)), DF60, Rate(Fraction(60)), Rate(Fraction(120))]
rates = st.sampled_from(RATES)
frames = st.integers(0, 120 * 3600 * 30)


@given(rates, frames)
def test_text_goes_both_ways(rate: Rate, index: int) -> None:
    text = frame_timecode(index, rate)
    assert parse_timecode(text, rate) == rate.at(index)
    assert format_timecode(rate.at(index), rate) == text
    assert format_timecode(rate.at(index + 1) - 1, rate) == text  # until the next frame starts


@given(rates, frames)
def test_the_next_frame_has_the_next_text(rate: Rate, index: int) -> None:
    def fields(text: str) -> list[int]:
        return [int(part) for part in text.replace(";", ":").split(":")]

    assert fields(frame_timecode(index, rate)) < fields(frame_timecode(index + 1, rate))


@given(st.sampled_from([DF, DF60]), st.integers(0, 60 * 24 * 3))
def test_drop_frame_skips_numbers_at_the_minute_and_nothing_else(rate: Rate, minute: int) -> None:
    skipped = 2 if rate is DF else 4
    first_number = 0 if minute % 10 == 0 else skipped
    text = f"{minute // 60:02}:{minute % 60:02}:00;{first_number:02}"
    assert frame_timecode(rate.index(parse_timecode(text, rate)), rate) == text
    if minute:
        before = rate.index(parse_timecode(text, rate)) - 1
        last = minute - 1
        assert frame_timecode(before, rate) == f"{last // 60:02}:{last % 60:02}:59;{rate.nominal - 1}"


@pytest.mark.parametrize(
    ("rate", "index", "text"),
    [
        (FILM, 0, "00:00:00:00"),
        (FILM, 86_400, "01:00:00:00"),  # 24 × 3600: an hour of timecode, 3.6 s longer on the wall
        (PAL, 25 * 3600 * 10 + 24, "10:00:00:24"),
        (NDF, 1_800, "00:01:00:00"),
        (DF, 1_799, "00:00:59;29"),
        (DF, 1_800, "00:01:00;02"),
        (DF, 1_800 + 1_797, "00:01:59;29"),
        (DF, 1_800 + 1_798, "00:02:00;02"),
        (DF, 17_981, "00:09:59;29"),  # 10 × 1800 − 9 × 2 frames in ten minutes
        (DF, 17_982, "00:10:00;00"),
        (DF, 17_982 + 1_799, "00:10:59;29"),
        (DF, 17_982 + 1_800, "00:11:00;02"),
        (DF, 107_892, "01:00:00;00"),  # 6 × 17982
        (DF, 24 * 107_892 - 1, "23:59:59;29"),
        (DF, 24 * 107_892, "24:00:00;00"),
        (DF60, 3_599, "00:00:59;59"),
        (DF60, 3_600, "00:01:00;04"),
        (DF60, 35_963, "00:09:59;59"),  # 10 × 3600 − 9 × 4 frames in ten minutes
        (DF60, 35_964, "00:10:00;00"),
        (DF60, 24 * 215_784 - 1, "23:59:59;59"),  # 6 × 35964 an hour
        (PAL, 25 * 3600 * 24 - 1, "23:59:59:24"),
        (PAL, 25 * 3600 * 100, "100:00:00:00"),
        (Rate(Fraction(120)), 119, "00:00:00:119"),
    ],
)
def test_by_hand(rate: Rate, index: int, text: str) -> None:
    assert frame_timecode(index, rate) == text
    assert parse_timecode(text, rate) == rate.at(index)


def test_drop_frame_keeps_to_the_wall_clock_where_non_drop_runs_behind() -> None:
    hour = millis(3_600_000)
    assert format_timecode(hour, DF) == "01:00:00;00"  # index 107892: its start is 3.6 ms early
    assert format_timecode(hour, NDF) == "00:59:56:12"  # 107892 frames counted thirty to a second
    assert format_timecode(hour, FILM) == "00:59:56:09"  # 86313 frames counted 24 to a second


def test_a_colon_is_understood_at_a_drop_frame_rate() -> None:
    assert parse_timecode("00:10:00:00", DF) == parse_timecode("00:10:00;00", DF)
    assert parse_timecode(" 1:00:00:00 ", PAL) == millis(3_600_000)


@pytest.mark.parametrize(
    ("text", "rate", "reason"),
    [
        ("00:01:00;00", DF, "skips this number"),
        ("00:01:00;01", DF, "skips this number"),
        ("00:59:00:01", DF, "skips this number"),
        ("00:01:00;03", DF60, "skips this number"),
        ("00:00:00:24", FILM, "frame 24 does not exist at 24 frames a second"),
        ("00:00:00:30", NDF, "frame 30 does not exist"),
        ("00:00:00;00", PAL, "write it with ':'"),
        ("00:00:60:00", PAL, "HH:MM:SS:FF"),
        ("00:60:00:00", PAL, "HH:MM:SS:FF"),
        ("-00:00:01:00", PAL, "HH:MM:SS:FF"),
        ("00:00:01", PAL, "HH:MM:SS:FF"),
        ("01:00:00:00 trailing", PAL, "HH:MM:SS:FF"),
        ("", PAL, "HH:MM:SS:FF"),
    ],
)
def test_what_names_no_frame_is_refused(text: str, rate: Rate, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_timecode(text, rate)


def test_there_is_no_frame_before_the_first() -> None:
    with pytest.raises(ValueError, match="frame 0"):
        format_timecode(-1, PAL)


@given(st.text(max_size=16))
def test_any_text_is_a_timecode_or_an_option_error(text: str) -> None:
    try:
        ticks = parse_timecode(text, DF)
    except OptionError:
        return
    assert parse_timecode(format_timecode(ticks, DF), DF) == ticks
