from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.frames import Grid, Limit, rate_of_times
from accessify.captions.rules import Length
from accessify.core.text import Cue
from accessify.core.timeline import Rate, Span, Track, millis, to_millis

RATES = ("23.976", "24", "25", "29.97", "30", "50", "60", "59.94")


def test_lengths_in_frames_and_in_milliseconds() -> None:
    assert Grid(Rate.parse("25")).limit(Length(Fraction(5, 6))) == Limit(21, 21, 21)
    assert Grid().limit(Length(Fraction(5, 6))) == Limit(812, 833, 854)
    assert Grid().limit(Length(frames=2)) == Limit(33, 83, 84)
    assert Grid().limit(Length()) == Limit(0, 0, 21)


def test_times_for_people() -> None:
    grid = Grid(Rate.parse("29.97df"))
    assert grid.time(1800) == "00:01:00.060"  # as the captions' file has it
    assert Grid(Rate.parse("24"), millis(3_600_000)).time(36) == "01:00:01.500"
    assert grid.text(1) == "1 frame (0.03 s)"
    assert Grid().time(3_725_004) == "01:02:05.004"
    assert Grid().text(250) == "250 ms"


@pytest.mark.parametrize("name", RATES)
def test_the_rate_shows_in_times_that_were_rounded_to_milliseconds(name: str) -> None:
    rate = Rate.parse(name)
    frames = [7 + 61 * index for index in range(12)]
    cues = Track.of(Cue(_rounded(rate, frame, frame + 53), "Hi.") for frame in frames)
    assert rate_of_times(cues) == rate


def _rounded(rate: Rate, start: int, end: int) -> Span:
    return Span(millis(to_millis(rate.at(start))), millis(to_millis(rate.at(end))))


def test_counts_begin_with_the_film() -> None:
    grid = Grid(Rate.parse("24"), millis(3_600_010))
    assert grid.count(millis(3_601_510)) == 36
    assert grid.ticks(36) == millis(3_601_510)


def test_few_cues_and_crooked_times_show_no_rate() -> None:
    rate = Rate.parse("25")
    assert rate_of_times(Track.of(Cue(_rounded(rate, n, n + 1), "Hi.") for n in range(9))) is None
    crooked = (Cue(Span(millis(1237 * n), millis(1237 * n + 997)), "Hi.") for n in range(20))
    assert rate_of_times(Track.of(crooked)) is None


@given(st.integers(0, 10**7), st.sampled_from(RATES))
def test_a_count_finds_its_tick_again(count: int, name: str) -> None:
    grid = Grid(Rate.parse(name))
    assert grid.count(grid.ticks(count)) == count
    assert grid.count(millis(to_millis(grid.ticks(count)))) == count
