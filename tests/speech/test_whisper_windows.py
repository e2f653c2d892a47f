from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.audio import Audio
from accessify.core.timeline import seconds
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_windows import audible, cut_windows, join_parts, last_position, level

END, TIMES = 100, 200


def noise(count: int, start: int = 0) -> Audio:
    values = np.random.default_rng(count).normal(0, 0.1, count)
    return Audio(values.astype(np.float32), start=start)


@given(st.integers(0, 40_000), st.integers(2_000, 9_000))
def test_parts_fit_the_window_and_are_the_whole(count: int, window: int) -> None:
    audio = noise(count, seconds(3))
    parts = cut_windows(audio, window)
    assert all(len(part) <= window for part in parts)
    assert all(len(part) > window // 2 for part in parts[:-1])
    assert np.array_equal(np.concatenate([part.samples for part in parts]), audio.samples)
    assert [part.start for part in parts[1:]] == [part.span.end for part in parts[:-1]]
    assert parts[0].start == audio.start


def test_the_cut_is_where_it_is_quietest() -> None:
    audio = noise(40_000)
    audio.samples[28_800:29_120] = 0  # a whole 20 ms of the last sixth of 32 000
    first, _ = cut_windows(audio, 32_000)
    assert 28_160 <= len(first) <= 29_120
    assert level(Audio(audio.samples[len(first) : len(first) + 320])) < 0.1


def test_levels() -> None:
    assert level(Audio(np.zeros(0, np.float32))) == 0
    assert level(Audio(np.full(50, -0.5, np.float32))) == 0.5


def test_text_ends_before_a_time_behind_the_sound() -> None:
    tokens = [TIMES, 1, 2, TIMES + 50, TIMES + 50, 3, TIMES + 80, TIMES + 81, 4]
    assert audible(tokens, END, TIMES, 81) == ([1, 2, 3, 4], [1, 2, 5, 8], False)
    assert audible(tokens, END, TIMES, 80) == ([1, 2, 3], [1, 2, 5], True)
    assert audible(tokens, END, TIMES, 49) == ([1, 2], [1, 2], True)
    assert audible([*tokens, TIMES + 1500, 5], END, TIMES)[0] == [1, 2, 3, 4, 5]


def test_half_a_second_behind_the_sound_is_still_believed() -> None:
    assert last_position(noise(16_000)) == 75
    assert last_position(noise(16_001)) == 76


def test_parts_are_joined_in_the_language_of_the_first_words() -> None:
    silent = Transcript((), language="en")
    piece = Piece("是".encode(), 0.5, True)
    spoken = Transcript((piece,), finished=False, language="zh")
    assert join_parts([silent]) is silent
    assert join_parts([silent, spoken, spoken]) == Transcript((piece, piece), False, "zh")
    assert join_parts([silent, silent]).language == "en"
