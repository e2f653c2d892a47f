"""What every `Recognizer` keeps to, whichever engine it is of. A new engine is one row of `ROWS`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import inf
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import UnknownName
from accessify.core.timeline import millis
from accessify.engines.faster_whisper import FasterWhisper
from accessify.engines.moonshine import Moonshine
from accessify.engines.registry import ENGINES
from accessify.engines.sherpa import Sherpa
from accessify.engines.whisper import Whisper
from accessify.engines.whisper_onnx import WhisperOnnx
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.fetch import model_files
from accessify.speech.transcribe import Recognizer, Transcript
from accessify.speech.whisper_options import WhisperOptions
from tests.engines import sherpa_folders
from tests.engines.sherpa_folders import melody
from tests.engines.whisper_folders import checkpoint, ctranslate, files

for _package in ("torch", "whisper", "onnx", "tiktoken", "faster_whisper", "sherpa_onnx"):
    pytest.importorskip(_package)

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),  # openai-whisper's vocabulary
    pytest.mark.usefixtures("_one_thread"),
]
QUICK = WhisperOptions(temperatures=(0.0,), compression=inf, chance=-inf, repeats=10**6, timestamps=False)
"""Weights that nobody trained say what no guard would believe."""


@dataclass(frozen=True, slots=True)
class Row:
    """One engine over one model."""

    engine: str
    """Its name in the registry."""
    open: Callable[[WhisperOptions], Recognizer]
    times: bool = True
    """Whether it tells when its tokens were said."""
    unknown: str = "tlh"
    """A language that it is to refuse; empty where the model cannot be told one."""


@cache
def exported() -> Path:
    folder = Path(mkdtemp(prefix="whisper-onnx-")) / "exported"
    export_whisper(checkpoint(), folder, Export())
    return folder


@cache
def tones(name: str) -> dict[str, Path]:
    made: dict[str, Path] = getattr(sherpa_folders, name)(Path(mkdtemp(prefix="sherpa-")))
    return made


def moonshine(_: WhisperOptions) -> Recognizer:
    return Moonshine(model_files("moonshine-tiny-en", offline=True))


ROWS = {
    "moonshine": Row("moonshine", moonshine, times=False, unknown=""),
    "whisper": Row("whisper", lambda asked: Whisper(checkpoint(), asked)),
    "whisper-onnx": Row("whisper-onnx", lambda asked: WhisperOnnx(files(exported()), asked, 1)),
    "faster-whisper": Row("faster-whisper", lambda asked: FasterWhisper(ctranslate(), asked, 1)),
    "sherpa-ctc": Row("sherpa-onnx", lambda asked: Sherpa(tones("ctc"), asked), unknown=""),
    "sherpa-transducer": Row("sherpa-onnx", lambda asked: Sherpa(tones("transducer"), asked), unknown=""),
    "sherpa-sense-voice": Row("sherpa-onnx", lambda asked: Sherpa(tones("sense_voice"), asked)),
}
SOUNDS = (
    melody(("la", 0.5), ("lo", 0.3), ("hi", 0.4)),
    melody(("", 1)),
    replace(melody(("hi", 0.1)), start=millis(5000)),
    replace(melody(("lo", 0.6), ("la", 0.4)), start=millis(60_000)),
)


def marked(name: str) -> object:
    return pytest.param(name, marks=[pytest.mark.models] if ROWS[name].engine == "moonshine" else [])


NAMES = [marked(name) for name in ROWS]
TOLD = [marked(name) for name, row in ROWS.items() if row.unknown]


@cache
def engine(name: str) -> Recognizer:
    return ROWS[name].open(QUICK)


@cache
def heard(name: str) -> tuple[Transcript, ...]:
    return engine(name).recognize(SOUNDS)


def text(transcript: Transcript) -> bytes:
    return b"".join(piece.raw for piece in transcript.pieces)


@pytest.mark.parametrize("name", NAMES)
def test_each_utterance_has_its_transcript_in_order(name: str) -> None:
    said = heard(name)
    assert len(said) == len(SOUNDS)
    if name != "moonshine":  # which adds silence behind the shorter ones of a batch
        for sound, transcript in zip(SOUNDS, said, strict=True):
            assert text(engine(name).recognize([sound])[0]) == text(transcript)


@pytest.mark.parametrize("name", NAMES)
def test_no_utterances_no_transcripts(name: str) -> None:
    assert tuple(engine(name).recognize([])) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_tenth_of_a_second_and_less_can_be_heard(name: str) -> None:
    sounds = [Audio(np.full(count, 0.1, np.float32)) for count in (1600, 160, 1)]
    assert len(engine(name).recognize(sounds)) == len(sounds)


@pytest.mark.parametrize("name", NAMES)
def test_in_silence_nothing_is_said(name: str) -> None:
    if name == "moonshine":
        pytest.skip("its silence is kept from it by the speech detector (speech.transcribe)")
    assert not heard(name)[1].words


def test_one_whisper_says_the_same_in_every_engine() -> None:
    said = [heard(name) for name in ("whisper", "whisper-onnx", "faster-whisper")]
    for ours, *others in zip(*said, strict=True):
        for other in others:
            assert text(other) == text(ours)
            assert other.language == ours.language
            assert [piece.span for piece in other.pieces] == [piece.span for piece in ours.pieces]


@pytest.mark.parametrize("name", NAMES)
def test_spans_lie_in_the_utterance_one_after_another(name: str) -> None:
    for sound, transcript in zip(SOUNDS, heard(name), strict=True):
        spans = [piece.span for piece in transcript.pieces]
        if not ROWS[name].times:
            assert not any(spans)
            continue
        told = [span for span in spans if span is not None]
        assert len(told) == len(spans)
        for span in told:
            assert sound.start <= span.start <= span.end <= sound.span.end
        assert all(one.start <= other.start for one, other in pairwise(told))


@pytest.mark.parametrize("name", NAMES)
def test_chances_are_probabilities_and_the_first_token_starts_a_word(name: str) -> None:
    said = [transcript for transcript in heard(name) if transcript.pieces]
    assert said or name == "moonshine"  # a trained network hears no words in tones
    for transcript in said:
        assert transcript.pieces[0].starts_word
        assert all(0 <= piece.chance <= 1 for piece in transcript.pieces)


@pytest.mark.parametrize("name", NAMES)
def test_the_language_that_is_told_is_one_it_knows(name: str) -> None:
    known = engine(name).languages
    for transcript in heard(name):
        assert transcript.language is None or transcript.language in known


@pytest.mark.parametrize("name", TOLD)
def test_a_language_is_taken_as_it_is_told_and_an_unknown_one_refused(name: str) -> None:
    row = ROWS[name]
    with closing(row.open(replace(QUICK, language="zh-Hans"))) as told:
        assert told.recognize(SOUNDS[:1])[0].language == "zh"
    with pytest.raises(UnknownName, match=f"'{row.unknown}'"):
        row.open(replace(QUICK, language=row.unknown))


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_closed(name: str) -> None:
    ROWS[name].open(QUICK).close()


def test_every_engine_of_ours_keeps_to_it() -> None:
    assert set(ENGINES) <= {row.engine for row in ROWS.values()}
