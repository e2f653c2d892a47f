"""Whisper in onnxruntime against Whisper over torch, by the small model that really understands words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import ModelNotFound
from accessify.core.timeline import seconds, to_seconds
from accessify.engines.whisper import Whisper
from accessify.engines.whisper_onnx import WhisperOnnx
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.whisper_quantize import Precision
from accessify.speech.transcribe import Transcript
from accessify.speech.whisper_options import WhisperOptions

torch = pytest.importorskip("torch")
pytest.importorskip("whisper")
pytest.importorskip("onnx")
training = pytest.importorskip("accessify.training.whisper_file")
clips = pytest.importorskip("accessify.training.whisper_clips")

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),  # openai-whisper's vocabulary
    pytest.mark.usefixtures("_one_thread"),
]

MODEL = Path(__file__).parents[2] / "models" / training.FILE
CLIPS = 4


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not MODEL.exists():
        pytest.skip(f"no {MODEL.name}: train it with accessify train whisper")
    built: Path = training.build(MODEL, tmp_path_factory.mktemp("trained") / "test.pt")
    return built


@pytest.fixture(scope="module")
def spoken() -> Sequence[Any]:
    try:
        return tuple(clips.held_out(CLIPS))
    except ModelNotFound as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def sounds(spoken: Sequence[Any]) -> list[Audio]:
    return [Audio(clip.samples) for clip in spoken]


def exported(source: Path, precision: Precision = Precision.FP32) -> dict[str, Path]:
    folder = source.parent / precision
    if not folder.exists():
        export_whisper(source, folder, Export(precision))
    return {path.name: path for path in folder.iterdir()}


def text_of(transcript: Transcript) -> str:
    return " ".join(word.text for word in transcript.words)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"language": "zh", "prompt": "三十四", "words": False},
        {"task": "translate", "terms": ("Mary",), "beam": 2, "timestamps": False},
    ],
    ids=str,
)
def test_both_engines_say_the_same(checkpoint: Path, sounds: list[Audio], asked: dict[str, Any]) -> None:
    options = replace(WhisperOptions(batch=4, temperatures=(0.0,)), **asked)
    expected = Whisper(checkpoint, options).recognize(sounds)
    found = WhisperOnnx(exported(checkpoint), options, threads=1).recognize(sounds)
    assert any(transcript.words for transcript in found)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours.language, ours.finished) == (theirs.language, theirs.finished)
        assert [piece.token for piece in ours.pieces] == [piece.token for piece in theirs.pieces]
        for word, other in zip(ours.words, theirs.words, strict=True):
            assert word.text == other.text
            assert (word.span is None) == (not options.words)
            if word.span and other.span:
                assert to_seconds(word.span.start) == pytest.approx(to_seconds(other.span.start), abs=0.021)
                assert to_seconds(word.span.end) == pytest.approx(to_seconds(other.span.end), abs=0.021)
            if options.words and not (options.prompt or options.terms):  # else of another reading
                assert word.confidence == pytest.approx(other.confidence, abs=1e-3)


@pytest.mark.parametrize("precision", [Precision.FP32, Precision.INT8])
def test_it_understands_both_languages(
    checkpoint: Path, spoken: Sequence[Any], sounds: list[Audio], precision: Precision
) -> None:
    engine = WhisperOnnx(exported(checkpoint, precision), WhisperOptions(batch=3), threads=1)
    shares = []
    for clip, transcript in zip(spoken, engine.recognize(sounds), strict=True):
        assert transcript.language == clip.language
        said = " ".join(one.sentence.text for one in clip.said)
        shares.append(SequenceMatcher(None, letters(text_of(transcript)), letters(said)).ratio())
    assert np.mean(shares) > 0.8, shares


def letters(text: str) -> str:
    """Lower case without spaces and punctuation: Mandarin has no spaces."""
    return "".join(character for character in text.lower() if character.isalnum())


def test_long_sound_is_heard_in_parts_and_told_in_its_languages(
    checkpoint: Path, sounds: list[Audio]
) -> None:
    first, second = sounds[0], sounds[1]
    samples = np.zeros(16_000 * 31, np.float32)
    samples[: len(first)] = first.samples
    samples[16_000 * 25 + 5000 :][: len(second)] = second.samples  # it is cut at 25 s
    long = Audio(samples, start=seconds(7))
    engine = WhisperOnnx(exported(checkpoint), WhisperOptions(), threads=1)
    (whole,) = engine.recognize([long])
    (alone,) = engine.recognize([first])
    assert text_of(whole).startswith(text_of(alone))
    assert whole.language == alone.language
    assert len(whole.words) > len(alone.words)
    last = whole.words[-1].span
    assert last is not None
    assert last.end > seconds(7 + 25)
    assert last.end <= long.span.end
