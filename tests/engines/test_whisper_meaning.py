"""The torch engine hears: texts, languages, times, prompts, silence and translation of a trained model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("whisper", reason="openai-whisper comes with the extra `whisper`")

from accessify.core.audio import Audio
from accessify.core.timeline import TICKS_PER_SECOND
from accessify.engines.whisper import Whisper
from accessify.speech.transcribe import Transcript
from accessify.speech.whisper_options import WhisperOptions
from accessify.training.whisper_clips import Clip, held_out
from accessify.training.whisper_score import edits, written
from accessify.training.whisper_sentences import plain_words
from tests.meaning import audio, said, small_whisper

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # openai-whisper's vocabulary

PLAIN = WhisperOptions(device="cpu", temperatures=(0.0,))


def heard(clip: Clip, options: WhisperOptions = PLAIN) -> Transcript:
    (transcript,) = Whisper(small_whisper(), options).recognize([audio(clip)])
    return transcript


def text(transcript: Transcript) -> str:
    return b"".join(piece.raw for piece in transcript.pieces).decode().strip()


def test_strangers_are_understood_in_both_languages() -> None:
    clips = held_out(16, seed=9)
    found = Whisper(small_whisper(), PLAIN).recognize([audio(clip) for clip in clips])
    assert [transcript.language for transcript in found] == [clip.language for clip in clips]
    for language in ("en", "zh"):
        pairs = [
            (plain_words(written(clip), language), plain_words(text(transcript), language))
            for clip, transcript in zip(clips, found, strict=True)
            if clip.language == language
        ]
        wrong = sum(edits(*pair) for pair in pairs)
        assert wrong <= 0.1 * sum(len(words) for words, _ in pairs)


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "I see twenty-one birds."), ("zh", "我看见二十一只鸟。")]
)
def test_words_are_timed(language: str, sentence: str) -> None:
    clip = said(language, sentence)
    (one,) = clip.said
    words = heard(clip).words
    assert words[0].span is not None
    assert words[-1].span is not None
    assert words[0].span.start / TICKS_PER_SECOND == pytest.approx(one.start, abs=0.15)
    assert words[-1].span.end / TICKS_PER_SECOND == pytest.approx(one.end, abs=0.15)


def test_every_english_word_starts_where_it_is_said() -> None:
    clip = said("en", "I see twenty-one birds.")
    (one,) = clip.said
    known = [one.start + second for _, second in one.spoken.words]
    starts = [word.span.start / TICKS_PER_SECOND for word in heard(clip).words if word.span]
    assert len(starts) == len(known)
    assert np.abs(np.array(starts) - known).max() < 0.15


@pytest.mark.parametrize(
    ("language", "sentence", "terms", "other"),
    [
        ("en", "Catherine is at the school.", ("Kathryn",), "Kathryn is at the school."),
        ("zh", "小明在学校。", ("晓明",), "晓明在学校。"),
    ],
)
def test_a_glossary_chooses_the_spelling(language: str, sentence: str, terms: tuple[str], other: str) -> None:
    clip = said(language, sentence)
    assert text(heard(clip)) == sentence
    assert text(heard(clip, replace(PLAIN, terms=terms))) == other


def test_a_text_before_chooses_the_spelling() -> None:
    clip = said("en", "Catherine is at the school.")
    assert text(heard(clip, replace(PLAIN, prompt="Kathryn wants to sing."))) == "Kathryn is at the school."


def test_mandarin_is_translated() -> None:
    clip = said("zh", "今天是星期一。")
    assert text(heard(clip, replace(PLAIN, task="translate"))) == "Today is Monday."


@pytest.mark.parametrize("loudness", [0.0, 0.003, 0.03])
def test_silence_and_noise_say_nothing(loudness: float) -> None:
    noise = np.random.default_rng(2).normal(0, 1, 32000).astype(np.float32) * np.float32(loudness)
    (transcript,) = Whisper(small_whisper(), PLAIN).recognize([Audio(noise)])
    assert not transcript.words
