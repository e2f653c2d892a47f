"""The recording that live captions are measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.errors import OptionError
from accessify.core.timeline import Span, seconds
from accessify.evaluation.dataset import Clip, load_dataset
from accessify.evaluation.live_material import PAUSE, LiveMaterial, aligned, choose_clips, clips_material
from accessify.evaluation.recording import Recording, write_wav
from accessify.evaluation.spoken import Spoken
from tests.spoken import BECKETT, clip, sound


def three_clips() -> LiveMaterial:
    """A word a clip; clip n is 1 s of the value n + 1, with a second of nothing around it."""
    samples = np.zeros(7 * SPEECH_RATE, np.float32)
    spans = tuple(Span(seconds(start), seconds(start + 1)) for start in (1, 3, 5))
    for number, span in enumerate(spans):
        Audio(samples).cut(span).samples[:] = number + 1
    clips = tuple(Clip(Path(name), name, "asr_en", name.upper()) for name in ("a", "b", "c"))
    spoken = tuple(
        Spoken(one.name, Span(span.start + seconds(0.25), span.end), number, measured=True)
        for number, (one, span) in enumerate(zip(clips, spans, strict=True))
    )
    return LiveMaterial(Recording(Audio(samples), clips, spans), spoken)


def test_a_turned_recording_begins_with_another_clip() -> None:
    turned = three_clips().turned(1)
    assert [word.word for word in turned.spoken] == ["b", "c", "a"]
    assert [word.clip for word in turned.spoken] == [0, 1, 2]
    assert turned.texts == ("B", "C", "A")
    assert turned.seconds == 7
    for word, level in zip(turned.spoken, (2, 3, 1), strict=True):
        assert set(turned.recording.audio.cut(word.span).samples.tolist()) == {level}
        assert turned.recording.spans[word.clip].end == word.span.end


def test_a_part_has_whole_clips_only() -> None:
    material = three_clips()  # clips take 2.5, 2 and 2.5 s with half of their pauses
    assert material.turned(2, seconds(5.5)).texts == ("C", "A")
    assert material.turned(2, seconds(5)).seconds == 5
    assert material.turned(0, seconds(0.1)).texts == ("A",)


def test_clips_are_taken_from_all_over_and_the_rest_is_for_tuning(tmp_path: Path) -> None:
    for number in range(6):
        write_wav(Audio(np.full(SPEECH_RATE, 0.1, np.float32)), tmp_path / f"{number}.wav")
        (tmp_path / f"{number}.txt").write_text("word", "utf-8")
    dataset = load_dataset(tmp_path)
    names = [one.name for one, _ in choose_clips(dataset, 3 / 60)]
    assert names == ["0.wav", "2.wav", "4.wav"]
    assert [one.name for one, _ in choose_clips(dataset, 3 / 60, tuning=True)] == ["1.wav", "3.wav", "5.wav"]
    assert len(choose_clips(dataset, 99)) == 6
    with pytest.raises(OptionError, match="fewer minutes"):
        choose_clips(dataset, 99, tuning=True)


def test_a_corpus_of_clean_speech_is_taken_alone(tmp_path: Path) -> None:
    write_wav(Audio(np.full(SPEECH_RATE, 0.1, np.float32)), tmp_path / "a.wav")
    rows = [
        f'{{"file": "a.wav", "kind": "asr_en", "text": "x", "labels": {{"corpus": "{corpus}"}}}}'
        for corpus in ("Common Voice", "LibriSpeech dev-clean")
    ]
    (tmp_path / "manifest.jsonl").write_text("\n".join(rows), "utf-8")
    chosen = choose_clips(load_dataset(tmp_path), 99)
    assert [one.corpus for one, _ in chosen] == ["LibriSpeech dev-clean"]


@pytest.mark.models
def test_words_are_timed_and_remembered(tmp_path: Path) -> None:
    part = sound("beckett.wav").cut(Span(0, seconds(10)))
    speech = Clip(clip("beckett.wav"), "beckett.wav", "asr_en", BECKETT)
    material = clips_material([(speech, part), (speech, part)], tmp_path)
    first, second = material.recording.spans
    assert PAUSE[0] <= (second.start - first.end) / seconds(1) <= PAUSE[1]
    assert [word.word for word in material.spoken] == [*BECKETT.split(), *BECKETT.split()]
    for word in material.spoken:
        span = material.recording.spans[word.clip]
        assert span.start <= word.span.start < word.span.end <= span.end
    (kept,) = tmp_path.glob("spoken-*.json")
    text = kept.read_text("utf-8")
    kept.write_text(text.replace('"ever"', '"never"', 1), "utf-8")
    assert aligned(material.recording, tmp_path).spoken[0].word == "never"
