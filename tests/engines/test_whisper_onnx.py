"""Whisper in onnxruntime against openai-whisper itself, on random weights and speech that somebody spoke."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import MissingExtra, OptionError, UnknownName
from accessify.core.timeline import seconds, to_seconds
from accessify.engines import whisper_decode, whisper_graphs_session
from accessify.engines.whisper_onnx import WhisperOnnx
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.whisper_quantize import Precision
from accessify.speech.transcribe import Recognizer, Transcript
from accessify.speech.whisper_hear import Decoded
from accessify.speech.whisper_hear import decode as decode_all
from accessify.speech.whisper_options import WhisperOptions
from tests.engines.spoken_whispers import (
    ODD,
    TINY,
    beckett,
    decode,
    mel,
    noise,
    said,
    saved,
    tokens_of,
    weights,
)
from tests.spoken import sound

torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")
timing = pytest.importorskip("whisper.timing")
pytest.importorskip("onnx")

pytestmark = [  # openai-whisper's: its vocabulary, and how it sorts what did not end
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning"),
    pytest.mark.usefixtures("_one_thread"),
]

ONCE = WhisperOptions(temperatures=(0.0,))
PLAIN = replace(ONCE, timestamps=False)
UNLIKE = replace(PLAIN, compression=inf, chance=-inf)
Files = Mapping[str, Path]


def exported(source: Path, precision: Precision = Precision.FP32) -> Files:
    folder = source.parent / precision
    export_whisper(source, folder, Export(precision))
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("odd"), weights(ODD))


@pytest.fixture(scope="module")
def odd(checkpoint: Path) -> Files:
    return exported(checkpoint)


@pytest.fixture(scope="module")
def small(checkpoint: Path) -> Any:
    return whisper.load_model(str(checkpoint), device="cpu")


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return exported(saved(tmp_path_factory.mktemp("english"), weights(ODD | {"n_vocab": 51864})))


def opened(files: Files, options: WhisperOptions = PLAIN) -> WhisperOnnx:
    return WhisperOnnx(files, options, threads=1)


def hear(files: Files, audio: Audio, options: WhisperOptions = PLAIN) -> Transcript:
    return opened(files, options).recognize([audio])[0]


def attempts(engine: WhisperOnnx, sounds: Sequence[Audio], temperature: float = 0.0) -> list[Decoded]:
    return engine.attempt(engine.encode(sounds), range(len(sounds)), temperature)


@pytest.mark.models
@pytest.mark.parametrize(
    ("ours", "openai"),
    [
        ({}, {}),
        ({"timestamps": True}, {"without_timestamps": False}),
        ({"language": "de-AT"}, {"language": "de"}),
        ({"language": "ja", "task": "translate"}, {"language": "ja", "task": "translate"}),
        ({"prompt": "Worstward Ho"}, {"prompt": "Worstward Ho"}),
        ({"terms": ("Beckett", "Godot"), "prompt": "A play."}, {"prompt": "Beckett, Godot. A play."}),
        ({"beam": 3, "patience": 1.5}, {"beam_size": 3, "patience": 1.5}),
        ({"beam": 4, "timestamps": True}, {"beam_size": 4, "without_timestamps": False}),
    ],
    ids=str,
)
def test_a_batch_says_what_openai_whisper_says_of_each(
    odd: Files, small: Any, ours: dict[str, Any], openai: dict[str, Any]
) -> None:
    sounds = [Audio(sound(name).samples[: 16_000 * 8]) for name in ("two_cities.wav", "beckett.wav")]
    found = attempts(opened(odd, replace(PLAIN, **ours)), sounds)
    for audio, decoded in zip(sounds, found, strict=True):
        expected = decode(small, audio, **openai)
        assert decoded.attempt.tokens == tuple(expected.tokens)
        assert decoded.attempt.text == expected.text
        assert decoded.attempt.chance == pytest.approx(expected.avg_logprob, abs=1e-5)
        assert decoded.attempt.no_speech == pytest.approx(expected.no_speech_prob, rel=1e-3)
        assert decoded.language == expected.language
        assert decoded.finished
        total = expected.avg_logprob * (len(expected.tokens) + 1)
        assert total < np.log(decoded.chances).sum() < total + 12  # all but the end, as unlikely as that is


@pytest.mark.models
def test_word_times_and_chances_are_openai_whispers(odd: Files, small: Any) -> None:
    audio = Audio(beckett().samples[: 16_000 * 8], start=seconds(100))
    transcript = hear(odd, audio)
    expected = decode(small, audio)
    text = said(expected.tokens, small)
    assert tokens_of(transcript) == text
    assert len(text) > 10
    tokenizer = whisper.tokenizer.get_tokenizer(
        True, num_languages=100, language=expected.language, task="transcribe"
    )
    words = timing.find_alignment(small, tokenizer, text, mel(audio, small), len(audio) // 160)
    pieces = list(transcript.pieces)
    for word in words:
        own, pieces = pieces[: len(word.tokens)], pieces[len(word.tokens) :]
        assert np.mean([piece.chance for piece in own]) == pytest.approx(word.probability, rel=1e-3)
        span = own[0].span
        assert span is not None
        if own[0].starts_word:  # marks take the time of the word they join
            assert to_seconds(span.start) - 100 == pytest.approx(word.start, abs=0.001)
            if not pieces or pieces[0].starts_word:
                assert to_seconds(span.end) - 100 == pytest.approx(word.end, abs=0.001)
    assert not pieces


@pytest.mark.models
def test_the_dimensions_of_tiny(tmp_path: Path) -> None:
    source = saved(tmp_path, weights(TINY))
    theirs = whisper.load_model(str(source), device="cpu")
    (decoded,) = attempts(opened(exported(source), ONCE), [beckett()])
    expected = decode(theirs, beckett(), without_timestamps=False)
    assert decoded.attempt.tokens == tuple(expected.tokens)
    assert decoded.attempt.chance == pytest.approx(expected.avg_logprob, abs=1e-5)


@pytest.mark.models
def test_languages_are_heard_as_openai_whisper_hears_them(odd: Files, small: Any) -> None:
    _, expected = small.detect_language(mel(beckett(), small))
    found = opened(odd).detect(beckett())
    codes = {"jv": "jw"}
    assert {codes.get(tag, tag): chance for tag, chance in found.items()} == pytest.approx(expected, abs=1e-6)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert len(found) == 100


def test_a_long_prompt_is_read_in_parts(odd: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, sounds = opened(odd, replace(PLAIN, prompt="Ever tried. Ever failed.")), [noise(1), noise(2, 1)]
    whole = attempts(engine, sounds)
    monkeypatch.setattr(whisper_decode, "_AT_ONCE", 5)
    for one, other in zip(attempts(engine, sounds), whole, strict=True):
        assert one.attempt.tokens == other.attempt.tokens
        assert one.attempt.no_speech == pytest.approx(other.attempt.no_speech, rel=1e-3)


def test_large_sounds_come_in_smaller_batches(odd: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, sounds = opened(odd), [noise(1, seed) for seed in range(4)]
    expected = engine.recognize(sounds)
    each = 2 * 2 * 400 * 48 * 4
    monkeypatch.setattr(whisper_graphs_session, "_ROOM", 3 * each + 5)
    assert [engine._graphs.most(count) for count in (1, 2, 3, 4, 8)] == [1, 2, 3, 3, 3]
    monkeypatch.setattr(whisper_graphs_session, "_ROOM", each // 2)
    assert engine._graphs.most(8) == 1
    assert [tokens_of(found) for found in opened(odd).recognize(sounds)] == [
        tokens_of(found) for found in expected
    ]


@pytest.mark.parametrize("beam", [1, 3])
def test_a_batch_says_what_each_says_alone(odd: Files, beam: int) -> None:
    sounds = [noise(2), noise(0.1, 1), noise(7, 2), Audio(np.zeros(9000, np.float32)), noise(1, 3)]
    options = replace(PLAIN, words=False, beam=beam)
    one = opened(odd, replace(options, batch=1)).recognize(sounds)
    batched = opened(odd, replace(options, batch=3))
    assert [tokens_of(found) for found in batched.recognize(sounds)] == [tokens_of(found) for found in one]
    turned = batched.recognize(sounds[::-1])[::-1]
    assert [tokens_of(found) for found in turned] == [tokens_of(found) for found in one]
    assert batched.recognize([]) == ()


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A model whose texts end sooner or later, as the sound has it."""
    content = weights(ODD, seed=3)
    state = content["model_state_dict"]
    end = state["decoder.token_embedding.weight"][50257]
    state["decoder.positional_embedding"][26:] -= 30 * end / end.norm()
    state["decoder.positional_embedding"][5:] += 6 * end / end.norm()
    return exported(saved(tmp_path_factory.mktemp("uneven"), content))


@pytest.mark.parametrize("beam", [1, 2])
def test_rows_that_are_done_leave_the_batch(
    uneven: Files, monkeypatch: pytest.MonkeyPatch, beam: int
) -> None:
    sounds = [noise(length, seed) for seed, length in enumerate((3, 0.5, 7, 2, 1, 5))]
    engine = opened(uneven, replace(UNLIKE, beam=beam))
    alone = [attempts(engine, [audio])[0] for audio in sounds]
    lengths = {len(decoded.attempt.tokens) for decoded in alone}
    assert len(lengths) > 1
    monkeypatch.setattr(whisper_decode, "_WASTE", 0)  # at once
    monkeypatch.setattr(whisper_graphs_session, "_LENGTHS", (6, 11, 23))  # and the cache grows often
    together = attempts(engine, sounds)
    assert [one.attempt.tokens for one in together] == [one.attempt.tokens for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.attempt.chance == pytest.approx(other.attempt.chance, abs=1e-5)
    transcripts = engine.recognize(sounds)  # the rows found their places again
    assert transcripts == tuple(engine.recognize([audio])[0] for audio in sounds)


def test_a_device_with_memory_of_its_own(odd: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    sounds = [noise(2), noise(3, 1), noise(1, 2), noise(2, 3)]
    options = replace(PLAIN, beam=3, temperatures=(0.0, 0.9), compression=1.05, batch=4)
    engine = opened(odd, options)
    expected = engine.recognize(sounds)
    monkeypatch.setattr(engine._graphs, "device", "elsewhere")  # what is bound counts as sent
    monkeypatch.setattr(engine._graphs, "shared", False)
    assert engine.recognize(sounds) == expected


@pytest.mark.parametrize("shared", [True, False])
def test_rows_lie_together_wherever_they_were(odd: Files, shared: bool) -> None:
    graphs = opened(odd)._graphs
    mels = [np.full((128, 800), row / 4, np.float32) for row in range(4)]
    encoded = [graphs.encoder.run(None, {"mel": mel[None]}) for mel in mels]
    names = [port.name for port in graphs.encoder.get_outputs()]
    graphs.shared = shared
    sounds = whisper_graphs_session.Sounds(graphs, mels)
    for wanted in ([0, 1, 2, 3], [1, 2], [0, 3], [3], [2], [1, 3], [0, 2, 3], [0, 1, 2, 3]):
        rows, cross = sounds.bring(wanted)
        assert sorted(rows) == wanted
        for name, address in cross.addresses.items():
            count = int(np.prod(cross.shape))
            held = np.ctypeslib.as_array((ctypes.c_float * count).from_address(address))
            expected = np.concatenate([encoded[row][names.index(name)] for row in rows])
            assert np.allclose(held.reshape(cross.shape), expected, atol=1e-6)


@pytest.mark.parametrize("precision", [Precision.FP16, Precision.INT8])
def test_other_precisions_say_nearly_the_same(checkpoint: Path, small: Any, precision: Precision) -> None:
    engine = opened(exported(checkpoint, precision), replace(PLAIN, language="en"))
    (decoded,) = attempts(engine, [noise(3)])
    expected = decode(small, noise(3), language="en")
    assert decoded.attempt.chance == pytest.approx(expected.avg_logprob, abs=0.2)
    assert decoded.finished
    (transcript,) = engine.recognize([noise(3)])
    assert transcript.pieces


def test_two_threads_may_ask_at_once(odd: Files) -> None:
    engine: Recognizer = opened(odd, replace(PLAIN, words=False))
    sounds = [noise(1, seed) for seed in range(3)]
    alone = [tokens_of(engine.recognize([audio])[0]) for audio in sounds]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda audio: tokens_of(engine.recognize([audio])[0]), sounds))
    assert together == alone


@pytest.mark.parametrize("length", [0.1, 0.03, 1 / 16_000])
def test_the_shortest_sound_is_heard(odd: Files, length: float) -> None:
    audio = replace(noise(length), start=seconds(5))
    (transcript,) = opened(odd).recognize([audio])
    assert transcript.pieces
    for piece in transcript.pieces:
        assert piece.span is not None
        assert audio.span.start <= piece.span.start <= piece.span.end <= audio.span.end


def test_silence_is_not_asked_about(odd: Files) -> None:
    engine = opened(odd, WhisperOptions(silence=0.01))
    engine.close()  # nothing is left that could be asked
    quiet = Audio(np.full(16_000, 0.01, np.float32))
    assert engine.recognize([quiet, Audio(np.zeros(0, np.float32))]) == (Transcript(()), Transcript(()))


def test_without_words_there_are_no_times(odd: Files) -> None:
    timed = hear(odd, noise(3))
    plain = hear(odd, noise(3), replace(PLAIN, words=False))
    assert all(piece.span is None for piece in plain.pieces)
    for piece, other in zip(timed.pieces, plain.pieces, strict=True):
        assert (piece.token, piece.raw, piece.starts_word) == (other.token, other.raw, other.starts_word)
        assert piece.chance == pytest.approx(other.chance, abs=1e-3)


def test_a_text_that_is_not_believed_is_heard_again_warmer(odd: Files) -> None:
    unlike, sounds = replace(UNLIKE, temperatures=(0.0, 0.9)), [noise(3), noise(2, 1)]
    engine = opened(odd, unlike)
    heard = engine.encode(sounds)
    cold, hot = (engine.attempt(heard, [0], temperature)[0] for temperature in unlike.temperatures)
    assert cold.attempt.tokens != hot.attempt.tokens
    assert engine.attempt(heard, [1, 0], 0.9)[1].attempt.tokens == hot.attempt.tokens
    assert decode_all(engine, heard, 1, unlike)[0].attempt.tokens == cold.attempt.tokens
    strict = replace(unlike, compression=0.01)  # neither is good enough: the likelier one
    likelier = max(cold, hot, key=lambda one: one.attempt.chance)
    assert decode_all(engine, heard, 2, strict)[0].attempt.tokens == likelier.attempt.tokens


def test_text_over_no_speech_is_left_out(odd: Files) -> None:
    (silent,) = opened(odd, replace(PLAIN, no_speech=0.0)).recognize([noise(1)])
    assert silent.pieces == ()
    assert silent.language is not None
    assert hear(odd, noise(1), replace(PLAIN, no_speech=0.0, chance=-inf)).pieces


def test_a_text_without_end_is_not_finished(tmp_path: Path) -> None:
    content = weights(ODD)
    content["model_state_dict"]["decoder.positional_embedding"].normal_()
    source = saved(tmp_path, content)
    model = whisper.load_model(str(source), device="cpu")
    files = exported(source)
    for ours, openai in (
        ({}, {}),
        ({"prompt": "word " * 25}, {"prompt": "word " * 25}),  # leaves room for less than half
        ({"beam": 2}, {"beam_size": 2}),
    ):
        engine = opened(files, replace(PLAIN, **ours))
        (decoded,) = attempts(engine, [noise(1)])
        expected = decode(model, noise(1), **openai)
        assert decoded.attempt.tokens == tuple(expected.tokens)
        assert decoded.attempt.chance == pytest.approx(expected.avg_logprob, abs=1e-5)
        assert not decoded.finished


def test_an_english_model_hears_english(english: Files) -> None:
    engine = opened(english)
    assert engine.languages == ("en",)
    assert engine.detect(noise(1)) == {"en": 1.0}
    model = whisper.load_model(str(english["encoder.onnx"].parents[1] / "model.pt"), device="cpu")
    (transcript,) = engine.recognize([noise(1)])
    assert transcript.language == "en"
    assert tokens_of(transcript) == said(decode(model, noise(1), language="en").tokens, model)
    assert opened(english, replace(PLAIN, language="en-GB")).recognize([noise(1)]) == (transcript,)


def test_what_a_model_cannot_do_is_told(odd: Files, english: Files) -> None:
    with pytest.raises(UnknownName, match="English only"):
        opened(english, WhisperOptions(language="de"))
    with pytest.raises(OptionError, match="cannot translate"):
        opened(english, WhisperOptions(task="translate"))
    with pytest.raises(UnknownName, match="language for this Whisper 'tlh'"):
        opened(odd, WhisperOptions(language="tlh"))
    with pytest.raises(OptionError, match=r"a glossary of 40 terms takes \d+ tokens.*holds 29"):
        opened(odd, WhisperOptions(terms=tuple(f"Name{number}" for number in range(40))))
    with pytest.raises(OptionError, match="no device 'tpu'"):
        opened(odd, WhisperOptions(device="tpu"))
    with pytest.raises(OptionError, match="onnxruntime-directml"):
        opened(odd, WhisperOptions(device="directml"))


def test_without_the_extra_its_pip_line_is_told(odd: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[whisper-onnx\]'"):
        opened(odd)


def test_neither_torch_nor_openai_whisper_is_needed(odd: Files) -> None:
    code = f"""
import sys
sys.modules.update(torch=None, whisper=None, onnx=None)
from pathlib import Path
import numpy as np
from accessify.core.audio import Audio
from accessify.engines.whisper_onnx import WhisperOnnx
files = {{path.name: path for path in Path({str(odd["manifest.json"].parent)!r}).iterdir()}}
noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
assert WhisperOnnx(files).recognize([Audio(noise)])[0].pieces
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)
