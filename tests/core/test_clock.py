"""The clock: every named unit goes onto ticks and back without loss."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.timeline import (
    TICKS_PER_MILLI,
    TICKS_PER_SECOND,
    Rate,
    millis,
    nearest_standard,
    samples,
    seconds,
    to_millis,
    to_samples,
    to_seconds,
)

RATES = {
    "23.976": Rate(Fraction(24000, 1001)),
    "24": Rate(Fraction(24)),
    "25": Rate(Fraction(25)),
    "29.97": Rate(Fraction(30000, 1001)),
    "29.97df": Rate(Fraction(30000, 1001), drop=True),
    "30": Rate(Fraction(30)),
    "50": Rate(Fraction(50)),
    "59.94": Rate(Fraction(60000, 1001)),
    "59.94df": Rate(Fraction(60000, 1001), drop=True),
    "60": Rate(Fraction(60)),
}
rates = st.sampled_from(list(RATES.values()))
frames = st.integers(0, 60 * 3600 * 30)  # thirty hours at 60 fps
whole_rates = st.sampled_from([8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000])


@given(rates, frames)
def test_frame_goes_onto_the_clock_and_back(rate: Rate, index: int) -> None:
    assert rate.index(rate.at(index)) == index
    assert rate.nearest(rate.at(index)) == index
    assert rate.index(rate.at(index) - 1) == index - 1


@given(st.fractions(min_value=Fraction(1, 10), max_value=1000, max_denominator=5000), frames)
def test_frame_goes_onto_the_clock_and_back_at_odd_rates_too(fps: Fraction, index: int) -> None:
    rate = Rate(fps)
    assert rate.index(rate.at(index)) == index
    assert 0 <= rate.at(index) - Fraction(index * TICKS_PER_SECOND) / fps < 1


@given(rates, st.integers(0, 40 * 3600 * TICKS_PER_SECOND))
def test_nearest_frame_is_at_most_half_a_frame_away(rate: Rate, ticks: int) -> None:
    index = rate.nearest(ticks)
    distance = abs(rate.at(index) - ticks)
    assert distance <= abs(rate.at(index - 1) - ticks)
    assert distance <= abs(rate.at(index + 1) - ticks)


def test_a_tick_midway_between_two_frames_goes_to_the_later() -> None:
    rate = Rate(Fraction(25))
    assert rate.nearest(rate.at(10) + millis(20)) == 11
    assert rate.nearest(rate.at(10) + millis(20) - 1) == 10


@given(rates, st.integers(0, 3600 * 1000 * 20))
def test_a_frame_survives_a_file_that_rounds_to_milliseconds(rate: Rate, milli: int) -> None:
    index = rate.nearest(millis(milli))
    assert rate.nearest(millis(to_millis(rate.at(index)))) == index


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
def test_every_standard_frame_is_a_whole_number_of_ticks(rate: Rate) -> None:
    assert TICKS_PER_SECOND * rate.fps.denominator % rate.fps.numerator == 0
    beyond_ten_hours = 11 * 3600 * rate.nominal
    assert Fraction(rate.at(beyond_ten_hours), TICKS_PER_SECOND) * rate.fps == beyond_ten_hours


@given(st.integers(-(10**10), 10**10))
def test_milliseconds_are_exact(value: int) -> None:
    assert to_millis(millis(value)) == value
    assert to_millis(millis(value) + TICKS_PER_MILLI // 2) == value + 1  # half up
    assert to_millis(millis(value) + TICKS_PER_MILLI // 2 - 1) == value


@given(st.integers(0, 48_000 * 3600 * 20), whole_rates)
def test_samples_are_exact_at_common_rates(count: int, rate: int) -> None:
    assert to_samples(samples(count, rate), rate) == count
    assert Fraction(samples(count, rate)) == Fraction(count * TICKS_PER_SECOND, rate)


@given(st.integers(0, 10**10), st.integers(1, 1_000_000))
def test_samples_come_back_at_any_rate(count: int, rate: int) -> None:
    assert to_samples(samples(count, rate), rate) == count


@given(st.integers(-(10**7), 10**7))
def test_seconds_of_a_decimal_are_the_milliseconds_meant(value: int) -> None:
    assert seconds(Fraction(value, 1000)) == millis(value)
    assert to_seconds(seconds(value)) == value
    assert to_millis(seconds(value / 1000)) == value  # although the float is not exact


@pytest.mark.parametrize(
    ("text", "fps", "drop"),
    [
        ("24", Fraction(24), False),
        ("25.0", Fraction(25), False),
        (" 50 fps", Fraction(50), False),
        ("23.976", Fraction(24000, 1001), False),
        ("23.98", Fraction(24000, 1001), False),
        ("23.976023976", Fraction(24000, 1001), False),
        ("24000/1001", Fraction(24000, 1001), False),
        ("29.97", Fraction(30000, 1001), False),
        ("29.97ndf", Fraction(30000, 1001), False),
        ("29.97df", Fraction(30000, 1001), True),
        ("29.97 DF", Fraction(30000, 1001), True),
        ("59.94df", Fraction(60000, 1001), True),
        ("119.88", Fraction(120000, 1001), False),
        ("12.5", Fraction(25, 2), False),
        ("15", Fraction(15), False),
    ],
)
def test_a_rate_reads_as_people_write_it(text: str, fps: Fraction, drop: bool) -> None:
    assert Rate.parse(text) == Rate(fps, drop)


@pytest.mark.parametrize("text", ["", "fast", "24/0", "0", "-25", "nan", "25df", "24000/1001df"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|drop-frame"):
        Rate.parse(text)


@given(st.integers(1, 300))
def test_whole_and_broadcast_rates_are_never_confused(whole: int) -> None:
    broadcast = Fraction(whole * 1000, 1001)
    assert nearest_standard(Fraction(whole)) == whole
    assert nearest_standard(broadcast) == broadcast
    assert nearest_standard(Fraction(float(broadcast))) == broadcast


def test_timecode_counts_the_next_whole_number_of_frames_a_second() -> None:
    assert [RATES[name].nominal for name in ("23.976", "25", "29.97df", "59.94", "60")] == [
        24,
        25,
        30,
        60,
        60,
    ]
