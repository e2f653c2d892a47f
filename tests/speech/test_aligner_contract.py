"""What every aligner must do, whoever made it."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.timeline import millis, samples, seconds
from accessify.engines.forced_align import PocketSphinxAligner
from accessify.speech.align import Aligner
from tests.fakes import ToneAligner, speak
from tests.spoken import BECKETT, sound


class Case:
    """An aligner, words with their sound, and at which second some of them begin."""

    def __init__(
        self, aligner: Aligner, audio: Audio, text: str, begin: dict[int, float], early: int
    ) -> None:
        self.aligner, self.audio, self.words = aligner, audio, text.split()
        self.begin, self.early = begin, millis(early)


@cache
def pocketsphinx() -> PocketSphinxAligner:
    return PocketSphinxAligner()


def tones() -> Case:
    audio = Audio(speak("[0.5] alpha bravo [0.32] charlie [0.5]"), start=seconds(100))
    return Case(ToneAligner(), audio, "alpha bravo charlie", {0: 0.5, 1: 0.724, 2: 1.268}, 15)


def speech() -> Case:
    """Where the level rises by 20 dB within 40 ms; a consonant without voice may come before."""
    begin = {0: 0.32, 2: 1.84, 4: 3.53, 6: 4.92, 8: 6.64, 10: 8.16}
    audio = Audio(sound("beckett.wav").samples, start=seconds(100))
    return Case(pocketsphinx(), audio, BECKETT, begin, 200)


CASES = {"tones": tones, "pocketsphinx": speech}


@pytest.fixture(params=["tones", pytest.param("pocketsphinx", marks=pytest.mark.models)])
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


def test_words_are_found_where_they_are_said(case: Case) -> None:
    found = case.aligner.align(case.audio, case.words)
    for at, begin in case.begin.items():
        span, onset = found[at], case.audio.start + seconds(begin)
        assert span is not None
        assert onset - case.early <= span.start <= onset + millis(15)


def test_spans_follow_each_other_inside_the_sound(case: Case) -> None:
    spans = [span for span in case.aligner.align(case.audio, case.words) if span]
    assert len(spans) == len(case.words)
    assert spans[0].start >= case.audio.start
    assert spans[-1].end <= case.audio.span.end
    for before, after in pairwise(spans):
        assert before.end <= after.start
        assert before.duration > 0


def test_the_same_sound_gives_the_same_times_whatever_came_before(case: Case) -> None:
    first = case.aligner.align(case.audio, case.words)
    noise = np.random.default_rng(3).normal(0, 0.2, 16_000).astype(np.float32)
    case.aligner.align(Audio(noise), ["alpha", "quixotry", "1999"])
    case.aligner.align(Audio(case.audio.samples[::-1].copy()), case.words[::-1])
    case.aligner.align(Audio(np.zeros(16_000, np.float32)), ["delta"])
    assert case.aligner.align(case.audio, case.words) == first


def test_later_sound_gives_later_times(case: Case) -> None:
    late = samples(1, 16_000)
    later = Audio(case.audio.samples, start=case.audio.start + late)
    assert case.aligner.align(later, case.words) == [
        span and span.shift(late) for span in case.aligner.align(case.audio, case.words)
    ]


@pytest.mark.parametrize("length", [0, 1, 159, 500])
def test_words_that_cannot_fit_the_sound_have_no_times(case: Case, length: int) -> None:
    short = Audio(case.audio.samples[:length])
    assert case.aligner.align(short, case.words) == [None] * len(case.words)
    assert all(case.aligner.align(case.audio, case.words))  # and it can go on


def test_no_words_have_no_times(case: Case) -> None:
    assert case.aligner.align(case.audio, []) == []


def test_one_answer_for_each_word_even_where_it_cannot_be_said(case: Case) -> None:
    words = [*case.words[:2], "…"]
    found = case.aligner.align(case.audio, words)
    assert len(found) == 3
    assert found[2] is None
