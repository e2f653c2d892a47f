"""What every recogniser must do, whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import permutations

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.engines.moonshine import Moonshine
from accessify.engines.registry import ENGINES, Engine
from accessify.hub.fetch import model_files
from accessify.speech.transcribe import Recognizer, Transcript
from tests.fakes import TONES, ToneReader, speak
from tests.spoken import BECKETT, agreement, plain, sound


@cache
def moonshine() -> Moonshine:
    return Moonshine(model_files("moonshine-tiny-en", offline=True))


def beckett() -> tuple[Audio, str]:
    return sound("beckett.wav"), BECKETT


def tones() -> tuple[Audio, str]:
    return Audio(speak("[0.2] alpha juliet [0.3] golf echo echo [0.5]")), "alpha juliet golf echo echo"


class Case:
    """A recogniser and something it understands."""

    def __init__(
        self, recognizer: Callable[[], Recognizer], spoken: Callable[[], tuple[Audio, str]], engine: Engine
    ) -> None:
        self.recognizer, self.engine = recognizer(), engine
        self.audio, self.text = spoken()


CASES = {
    "tones": (ToneReader, tones, TONES),
    "moonshine": (moonshine, beckett, ENGINES["moonshine"]),
}


@pytest.fixture(params=["tones", pytest.param("moonshine", marks=pytest.mark.models)])
def case(request: pytest.FixtureRequest) -> Case:
    return Case(*CASES[request.param])


def part(audio: Audio, first: float, last: float) -> Audio:
    return Audio(audio.samples[int(first * len(audio)) : int(last * len(audio))].copy())


def test_it_understands_speech(case: Case) -> None:
    (transcript,) = case.recognizer.recognize([case.audio])
    assert plain(" ".join(word.text for word in transcript.words)) == case.text
    assert transcript.finished
    assert all(0 < word.confidence <= 1 for word in transcript.words)


def test_the_table_tells_the_languages_it_knows(case: Case) -> None:
    assert case.recognizer.languages == case.engine.languages
    assert case.engine.languages


def test_the_same_sound_gives_the_same_transcript(case: Case) -> None:
    assert case.recognizer.recognize([case.audio]) == case.recognizer.recognize([case.audio])


def test_the_order_of_a_batch_changes_nothing(case: Case) -> None:
    batch = [part(case.audio, 0, 0.5), part(case.audio, 0.5, 1), part(case.audio, 0.2, 0.8)]
    first = case.recognizer.recognize(batch)
    assert len({tuple(transcript.words) for transcript in first}) == 3
    for order in permutations(range(3)):
        again = case.recognizer.recognize([batch[at] for at in order])
        for place, at in enumerate(order):
            assert again[place].words == first[at].words


def test_nothing_gives_nothing(case: Case) -> None:
    assert case.recognizer.recognize([]) == ()


@pytest.mark.parametrize("length", [0, 1, 500, 1600])
def test_sound_too_short_for_any_word_is_taken(case: Case, length: int) -> None:
    short = Audio(case.audio.samples[:length])
    transcripts = case.recognizer.recognize([short, part(case.audio, 0, 0.4), short])
    assert len(transcripts) == 3
    assert transcripts[0] == transcripts[2]
    assert len(transcripts[0].words) <= 2


def test_silence_and_noise_end(case: Case) -> None:
    noise = np.random.default_rng(2).normal(0, 0.05, 2 * SPEECH_RATE).astype(np.float32)
    quiet, noisy = case.recognizer.recognize([Audio(np.zeros(2 * SPEECH_RATE, np.float32)), Audio(noise)])
    assert len(quiet.words) <= 3
    assert len(noisy.words) <= 20


def test_the_sound_is_left_as_it_was(case: Case) -> None:
    before = case.audio.samples.copy()
    case.recognizer.recognize([case.audio])
    assert (case.audio.samples == before).all()


@pytest.mark.models
def test_a_verified_transcript_is_nearly_the_one_heard_from_nothing() -> None:
    recognizer, audio = moonshine(), sound("beckett.wav")
    draft = Transcript(())
    for share in (0.3, 0.5, 0.8, 1.0):
        grown = part(audio, 0, share)
        verified, anew = recognizer.verify(grown, draft), recognizer.recognize([grown])[0]
        assert agreement(said(verified), plain(said(anew))) > 0.8
        assert verified.certainty == pytest.approx(anew.certainty, abs=0.2)
        draft = verified
    assert plain(said(draft)) == BECKETT
    assert draft.finished


@pytest.mark.models
def test_a_wrong_draft_does_not_stand() -> None:
    recognizer = moonshine()
    wrong = recognizer.recognize([part(sound("two_cities.wav"), 0, 0.15)])[0]
    verified = recognizer.verify(sound("beckett.wav"), wrong)
    assert plain(said(verified)) == BECKETT


@pytest.mark.models
def test_a_draft_of_another_recogniser_counts_for_nothing() -> None:
    audio = sound("beckett.wav")
    draft = ToneReader().recognize([Audio(speak("alpha bravo"))])[0]
    assert moonshine().verify(audio, draft) == moonshine().recognize([audio])[0]


def said(transcript: Transcript) -> str:
    return " ".join(word.text for word in transcript.words)
