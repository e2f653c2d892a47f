"""Missed speech, word times and invented words against answers counted by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.audio import Audio
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, seconds
from accessify.evaluation.invented import invented, per_minute
from accessify.evaluation.missed import missed_speech
from accessify.evaluation.spoken import Aligner, Spoken, plain_heard, plain_words, spread
from accessify.evaluation.word_times import word_time_errors


def at(start: int, end: int) -> Span:
    return Span(millis(start), millis(end))


def said(text: str, *, every: int = 400, measured: bool = True, first: int = 0) -> list[Spoken]:
    """A word every 400 ms, each 300 ms long."""
    return [
        Spoken(word, at(first + number * every, first + number * every + 300), 0, measured)
        for number, word in enumerate(text.split())
    ]


def heard(*words: tuple[str, int, int]) -> list[Word]:
    return [Word(at(start, end), text) for text, start, end in words]


def echo(spoken: list[Spoken], *without: int, late: int = 0) -> list[Word]:
    """Recognised as spoken, except the words numbered in `without`."""
    return [
        Word(item.span.shift(millis(late)), item.word)
        for number, item in enumerate(spoken)
        if number not in without
    ]


# plain words


def test_plain_words_have_no_case_marks_or_punctuation() -> None:
    text = "It’s a WELL-known [cough] 'fact', isn't it? <unk> {x} 2 o'clock"
    assert plain_words(text) == ("it's", "a", "well", "known", "fact", "isn't", "it", "2", "o'clock")


def test_a_hyphened_word_gives_two_without_times_of_their_own() -> None:
    (word,) = heard(("well-known,", 0, 500))
    assert plain_heard([word]) == (("well", word, False), ("known", word, False))
    assert plain_heard(heard(("Uh,", 0, 100))) == ()


@given(
    st.lists(st.text("abc", min_size=1, max_size=9), min_size=1), st.integers(0, 10**9), st.integers(0, 10**9)
)
def test_spread_words_fill_the_span_in_order(words: list[str], start: int, length: int) -> None:
    spans = spread(words, Span(start, start + length))
    assert len(spans) == len(words)
    assert spans[0].start == start
    assert spans[-1].end == start + length
    assert all(before.end == after.start for before, after in pairwise(spans))


# missed speech


def test_a_lost_word_in_fluent_speech_is_no_missed_speech() -> None:
    spoken = said("we walked down to the old harbour")
    assert missed_speech(spoken, echo(spoken, 3)).percent == 0.0  # its neighbours end 100 ms away
    assert missed_speech(spoken, echo(spoken, 3, 4)).percent == 0.0  # two in a row, both near others


def test_three_lost_words_in_a_row_are_missed_even_beside_others() -> None:
    spoken = said("we walked down to the old harbour together every single day")
    found = missed_speech(spoken, echo(spoken, 2, 3, 4))
    assert [item.word for item in found.words] == ["down", "to", "the"]
    assert found.percent == pytest.approx(100 * 3 / 11)


def test_a_lost_word_with_nothing_near_is_missed() -> None:
    spoken = [*said("good morning"), *said("stop", first=10_000), *said("and listen", first=20_000)]
    found = missed_speech(spoken, echo(spoken, 2))
    assert [item.word for item in found.words] == ["stop"]
    assert found.percent == pytest.approx(20.0)


def test_a_misheard_word_is_not_missed() -> None:
    spoken = said("stop", first=10_000)
    assert missed_speech(spoken, heard(("shop", 10_000, 10_300))).percent == 0.0


def test_silence_misses_everything_and_no_speech_nothing() -> None:
    assert missed_speech(said("is anybody there"), []).percent == 100.0
    assert missed_speech([], heard(("hello", 0, 300))).percent == 0.0


# word times


def test_errors_of_starts_and_ends_are_measured_apart() -> None:
    spoken = said("one small step", every=1000)
    words = heard(("One", 10, 320), ("small", 970, 1300), ("step.", 2150, 2100 + 300))
    times = word_time_errors(spoken, words)
    assert times is not None
    assert (times.compared, times.spoken) == (3, 3)
    # starts: +10, -30, +150; ends: +20, 0, +100
    assert times.start.median == pytest.approx(30)
    assert times.start.bias == pytest.approx(10)
    assert times.start.p95 == pytest.approx(30 + 0.9 * 120)
    assert times.start.within_100_ms == pytest.approx(200 / 3)
    assert times.end.median == pytest.approx(20)
    assert times.end.within_100_ms == 100.0


def test_only_right_whole_measured_words_are_compared() -> None:
    spoken = [*said("tall dog"), *said("xyzzy", measured=False, first=800), *said("well known", first=1200)]
    words = heard(
        ("small", 0, 300),
        ("dog", 400, 700),
        ("xyzzy", 900, 1100),
        ("well-known", 1200, 1900),
        ("now", 2000, 2100),
    )
    times = word_time_errors(spoken, words)
    assert times is not None
    assert times.compared == 1
    assert times.start.median == 0
    assert word_time_errors(spoken, heard(("nothing", 0, 100))) is None


# invented words


def test_invented_words_a_minute() -> None:
    rain = invented("rain", seconds(30), heard(("Thank", 0, 300), ("you.", 300, 600)))
    music = invented("music", seconds(90), heard(("[music]", 0, 900)))
    assert (rain.words, rain.text) == (2, "Thank you.")
    assert music.words == 0
    assert per_minute([rain, music]) == pytest.approx(1.0)
    assert per_minute([]) == 0.0


# the reference alignment


def test_aligner_gives_nothing_for_what_it_cannot_say() -> None:
    def never(word: str) -> str:
        raise AssertionError(f"{word} is in the dictionary")

    aligner = Aligner(never)
    silence = Audio(np.zeros(8000, np.float32))
    assert aligner.align(silence, ()) is None
    assert aligner.align(silence, ("page", "60")) is None
    assert (
        aligner.align(silence, ("a", "whole", "sentence", "cannot", "fit", "into", "half", "a", "second"))
        is None
    )
