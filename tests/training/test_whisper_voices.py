from __future__ import annotations

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import ModelNotFound
from accessify.training.whisper_clips import draw_clip, held_out, make_clip
from accessify.training.whisper_sentences import Sentence, seeded
from accessify.training.whisper_voices import Voice, draw_voice, speak

ENGLISH = Voice("gmw/en", 170, 50)
MANDARIN = Voice("sit/cmn-Latn-pinyin+f2", 170, 50)


def test_words_come_with_their_times() -> None:
    spoken = speak("Where is the station?", ENGLISH)
    assert [place for place, _ in spoken.words] == [0, 6, 9, 13]
    times = [second for _, second in spoken.words]
    assert times == sorted(times)
    assert times[0] < 0.05
    assert times[-1] < len(spoken.samples) / SPEECH_RATE - 0.3


def test_every_mandarin_character_has_its_time_and_sounds() -> None:
    spoken = speak("王红是学生。", MANDARIN)
    assert [place for place, _ in spoken.words] == [0, 1, 2, 3, 4]
    names = [name for name, _ in spoken.sounds]
    assert {"w", "ong", "yE"} <= set(names)
    assert 1.0 < len(spoken.samples) / SPEECH_RATE < 2.5


def test_speech_fills_the_sound() -> None:
    samples = speak("Good morning, Catherine.", ENGLISH).samples
    assert samples.dtype == np.float32
    assert 0.1 < np.abs(samples).max() <= 1
    assert np.abs(samples[:400]).max() > 0.005


def test_an_unknown_voice_is_an_error() -> None:
    with pytest.raises(ModelNotFound, match="no voice gmw/nothing"):
        speak("Hello.", Voice("gmw/nothing", 170, 50))


def test_voices_kept_from_training_are_other_voices() -> None:
    drawn = [
        {
            draw_voice(seeded(number), language, held_out=kept).name
            for number in range(300)
            for language in ("en", "zh")
        }
        for kept in (False, True)
    ]
    assert not drawn[0] & drawn[1]


def test_a_clip_knows_when_its_sentences_are_said() -> None:
    sentences = [Sentence("Today is Monday.", "en", ""), Sentence("Where is Eric?", "en", "")]
    clip = make_clip(seeded(1), sentences, augmented=False)
    first, second = clip.said
    for said in (first, second):
        heard = clip.samples[round(said.start * SPEECH_RATE) : round(said.end * SPEECH_RATE)]
        assert np.allclose(heard, said.spoken.samples)
    gap = clip.samples[round(first.end * SPEECH_RATE) + 1 : round(second.start * SPEECH_RATE) - 1]
    assert 0.15 * SPEECH_RATE < len(gap) < 0.65 * SPEECH_RATE
    assert not gap.any()


def test_clips_to_learn_from_are_sound_with_and_without_speech() -> None:
    clips = [draw_clip(seeded("some", number)) for number in range(60)]
    assert {clip.language for clip in clips} == {"en", "zh"}
    assert any(not clip.said for clip in clips)
    assert any(clip.jump[1] > 0 for clip in clips)
    assert all(clip.samples.dtype == np.float32 and np.abs(clip.samples).max() < 4 for clip in clips)


def test_what_is_held_out_is_the_same_each_time() -> None:
    one, two = held_out(6), held_out(6)
    assert [[said.sentence for said in clip.said] for clip in one] == [
        [said.sentence for said in clip.said] for clip in two
    ]
    assert [clip.language for clip in one] == ["en", "zh"] * 3
    assert all(said.sentence.held_out for clip in one for said in clip.said)
