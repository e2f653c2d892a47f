"""Sampled sound: shape, span and cutting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.audio import Audio
from accessify.core.timeline import Span, samples, seconds

rates = st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000])
starts = st.integers(-(10**12), 10**13)


@st.composite
def audios(draw: st.DrawFn) -> Audio:
    rate = draw(rates)
    start = draw(starts)
    count = draw(st.integers(0, 2000))
    return Audio(np.arange(count, dtype=np.float32), rate, start)


@st.composite
def audios_and_moments(draw: st.DrawFn) -> tuple[Audio, list[int]]:
    """Some sound and ticks in order of time: before, in and behind it."""
    audio = draw(audios())
    margin = seconds(0.02)
    moment = st.integers(audio.span.start - margin, audio.span.end + margin)
    return audio, sorted(draw(st.lists(moment, min_size=3, max_size=3)))


@given(audios())
def test_the_span_is_as_long_as_the_samples(audio: Audio) -> None:
    assert audio.span.start == audio.start
    assert audio.span.duration == samples(len(audio), audio.rate)


@given(audios_and_moments())
def test_a_cut_stays_inside_and_each_sample_keeps_its_time(case: tuple[Audio, list[int]]) -> None:
    audio, (start, _, end) = case
    part = audio.cut(Span(start, end))
    assert part.rate == audio.rate
    assert audio.span.start <= part.span.start <= part.span.end <= audio.span.end
    for number, value in enumerate(part.samples):  # a sample's value is its index in the whole
        assert part.start + samples(number, part.rate) == audio.start + samples(int(value), audio.rate)


@given(audios_and_moments())
def test_cuts_that_meet_neither_repeat_nor_lose_a_sample(case: tuple[Audio, list[int]]) -> None:
    audio, (start, middle, end) = case
    left, right = audio.cut(Span(start, middle)), audio.cut(Span(middle, end))
    whole = audio.cut(Span(start, end))
    assert np.array_equal(np.concatenate([left.samples, right.samples]), whole.samples)
    if len(left) and len(right):
        assert left.span.end == right.span.start


@given(audios(), st.integers(0, 10**9))
def test_a_cut_behind_the_end_is_empty_and_stays_at_the_end(audio: Audio, beyond: int) -> None:
    part = audio.cut(Span(audio.span.end + beyond, audio.span.end + beyond + seconds(1)))
    assert part.span == Span(audio.span.end, audio.span.end)


def test_a_cut_is_a_view() -> None:
    audio = Audio(np.zeros(16_000, np.float32))
    assert np.shares_memory(audio.cut(Span(seconds(0.25), seconds(0.5))).samples, audio.samples)
    assert len(audio.cut(Span(seconds(0.25), seconds(0.5)))) == 4_000


@pytest.mark.parametrize(
    ("array", "said"),
    [(np.zeros(4), r"not float64 \[4\]"), (np.zeros((2, 4), np.float32), r"not float32 \[2, 4\]")],
)
def test_a_wrong_array_is_told_what_it_is(array: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=r"float32 \[n\], " + said):
        Audio(array)


def test_a_rate_is_positive() -> None:
    with pytest.raises(ValueError, match="positive, not 0"):
        Audio(np.zeros(1, np.float32), rate=0)
