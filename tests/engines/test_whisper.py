"""Whisper against openai-whisper itself, on weights that nobody trained and speech that somebody spoke.

Random weights say nonsense, but they say it the same way each time: the same tokens, languages and
times must come out of both. The end token is made likely from `LENGTH` on, so that texts end.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import MissingExtra, ModelError, ModelNotFound, OptionError, UnknownName
from accessify.core.timeline import millis, seconds, to_seconds
from accessify.engines.whisper import Whisper
from accessify.engines.whisper_weights import choose_device
from accessify.speech.transcribe import Recognizer, Transcript
from accessify.speech.whisper_hear import decode as decode_all
from accessify.speech.whisper_options import WhisperOptions
from accessify.speech.whisper_windows import cut_windows
from tests.engines.spoken_whispers import (
    LENGTH,
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

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),  # its vocabulary
    pytest.mark.usefixtures("_one_thread"),
]

ONCE = WhisperOptions(temperatures=(0.0,))
PLAIN = replace(ONCE, timestamps=False)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("tiny"), weights(TINY))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("odd"), weights(ODD))


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("english"), weights(ODD | {"n_vocab": 51864}))


@pytest.fixture(scope="module")
def small(odd: Path) -> Any:
    return whisper.load_model(str(odd), device="cpu")


def hear(path: Path, audio: Audio, options: WhisperOptions = PLAIN) -> Transcript:
    return Whisper({"model.pt": path}, options).recognize([audio])[0]


@pytest.mark.models
@pytest.mark.parametrize(("name", "start"), [("tiny", 0), ("odd", seconds(100))])
def test_tokens_chances_and_word_times_are_openai_whispers(
    request: pytest.FixtureRequest, name: str, start: int
) -> None:
    path = request.getfixturevalue(name)
    theirs = whisper.load_model(str(path), device="cpu")
    audio = replace(beckett(), samples=beckett().samples[: theirs.dims.n_audio_ctx * 320], start=start)
    transcript = hear(path, audio)
    expected = decode(theirs, audio)
    text = said(expected.tokens, theirs)
    assert tokens_of(transcript) == text
    assert len(text) > 10
    assert transcript.finished
    assert transcript.language == expected.language
    tokenizer = whisper.tokenizer.get_tokenizer(
        True, num_languages=theirs.num_languages, language=expected.language, task="transcribe"
    )
    words = timing.find_alignment(theirs, tokenizer, text, mel(audio, theirs), len(audio) // 160)
    pieces = list(transcript.pieces)
    for word in words:
        own, pieces = pieces[: len(word.tokens)], pieces[len(word.tokens) :]
        assert np.mean([piece.chance for piece in own]) == pytest.approx(word.probability, rel=1e-4)
        span = own[0].span
        assert span is not None
        if own[0].starts_word:  # marks take the time of the word they join
            assert to_seconds(span.start - start) == pytest.approx(word.start, abs=0.001)
            if not pieces or pieces[0].starts_word:
                assert to_seconds(span.end - start) == pytest.approx(word.end, abs=0.001)
    assert not pieces


@pytest.mark.models
def test_text_behind_the_end_of_the_sound_is_not_believed(odd: Path, small: Any) -> None:
    long, short = Audio(beckett().samples[: 16_000 * 8]), Audio(beckett().samples[:16_000])
    found = Whisper(odd, ONCE).recognize([long, short])
    for audio, transcript in zip((long, short), found, strict=True):
        expected = decode(small, audio, without_timestamps=False).tokens
        behind = [(token - 50365) * 0.02 > len(audio) / 16_000 + 0.5 for token in expected]
        heard = expected[: behind.index(True)] if True in behind else expected
        assert tokens_of(transcript) == said(heard, small)
        assert transcript.finished


@pytest.mark.models
def test_languages_are_heard_as_openai_whisper_hears_them(odd: Path, small: Any) -> None:
    _, expected = small.detect_language(mel(beckett(), small))
    found = Whisper(odd).detect(beckett())
    codes = {"jv": "jw"}
    assert {codes.get(tag, tag): chance for tag, chance in found.items()} == pytest.approx(expected, abs=1e-6)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert len(found) == 100


@pytest.mark.models
@pytest.mark.parametrize(
    ("ours", "openai"),
    [
        ({"language": "de-AT"}, {"language": "de"}),
        ({"language": "cmn-Hans"}, {"language": "zh"}),
        ({"language": "ja", "task": "translate"}, {"language": "ja", "task": "translate"}),
        ({"prompt": "Worstward Ho"}, {"prompt": "Worstward Ho"}),
        ({"terms": ("Beckett", "Godot"), "prompt": "A play."}, {"prompt": "Beckett, Godot. A play."}),
        ({"beam": 3, "patience": 1.5}, {"beam_size": 3, "patience": 1.5}),
    ],
    ids=str,
)
def test_each_option_is_what_openai_whisper_makes_of_it(
    odd: Path, small: Any, ours: dict[str, Any], openai: dict[str, Any]
) -> None:
    audio = Audio(sound("two_cities.wav").samples[: 16_000 * 8])
    transcript = hear(odd, audio, replace(PLAIN, **ours))
    expected = decode(small, audio, **openai)
    assert tokens_of(transcript) == said(expected.tokens, small)
    assert transcript.language == expected.language
    tokenizer = whisper.tokenizer.get_tokenizer(True, num_languages=100)
    raw = b"".join(piece.raw for piece in transcript.pieces)
    assert raw.decode("utf-8", "replace").strip() == tokenizer.decode(said(expected.tokens, small)).strip()


@pytest.mark.models
def test_half_precision_is_openai_whispers(odd: Path, small: Any) -> None:
    engine = Whisper(odd, replace(PLAIN, words=False, device="cpu"), half=True)
    audio = Audio(beckett().samples[: 16_000 * 8])
    expected = decode(small, audio, fp16=True)
    assert tokens_of(engine.recognize([audio])[0]) == said(expected.tokens, small)


def test_a_batch_says_what_each_says_alone(odd: Path) -> None:
    sounds = [noise(2), noise(0.1, 1), noise(7, 2), Audio(np.zeros(9000, np.float32)), noise(1, 3)]
    options = replace(PLAIN, words=False)
    one = Whisper(odd, replace(options, batch=1)).recognize(sounds)
    batched = Whisper(odd, replace(options, batch=3))
    assert [tokens_of(found) for found in batched.recognize(sounds)] == [tokens_of(found) for found in one]
    turned = batched.recognize(sounds[::-1])[::-1]
    assert [tokens_of(found) for found in turned] == [tokens_of(found) for found in one]
    assert batched.recognize([]) == ()


def test_two_threads_may_ask_at_once(odd: Path) -> None:
    engine: Recognizer = Whisper(odd, replace(PLAIN, words=False))
    sounds = [noise(1, seed) for seed in range(3)]
    alone = [tokens_of(engine.recognize([audio])[0]) for audio in sounds]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda audio: tokens_of(engine.recognize([audio])[0]), sounds))
    assert together == alone


@pytest.mark.parametrize("length", [0.1, 0.03, 1 / 16_000])
def test_the_shortest_sound_is_heard(odd: Path, length: float) -> None:
    audio = replace(noise(length), start=seconds(5))
    (transcript,) = Whisper(odd, PLAIN).recognize([audio])
    assert transcript.pieces
    for piece in transcript.pieces:
        assert piece.span is not None
        assert audio.span.start <= piece.span.start <= piece.span.end <= audio.span.end


def test_silence_is_not_asked_about(odd: Path) -> None:
    engine = Whisper(odd, WhisperOptions(silence=0.01))
    engine.close()  # nothing is left that could be asked
    quiet = Audio(np.full(16_000, 0.01, np.float32))
    assert engine.recognize([quiet, Audio(np.zeros(0, np.float32))]) == (Transcript(()), Transcript(()))


def test_long_utterances_are_heard_in_parts(odd: Path) -> None:
    audio = noise(12)  # this model hears 8 s at once
    audio.samples[7 * 16_000 : 7 * 16_000 + 3200] = 0
    engine = Whisper(odd, PLAIN)
    first, second = cut_windows(audio, engine.window)
    assert 7 <= len(first) / 16_000 <= 7.2
    assert second.start == first.span.end
    (whole,) = engine.recognize([audio])
    parts = engine.recognize([first, second])
    assert whole.pieces == parts[0].pieces + parts[1].pieces
    assert all(piece.span and piece.span.start >= second.start for piece in parts[1].pieces)


def test_without_words_there_are_no_times(odd: Path) -> None:
    timed = hear(odd, noise(3))
    plain = hear(odd, noise(3), replace(PLAIN, words=False))
    assert all(piece.span is None for piece in plain.pieces)
    for piece, other in zip(timed.pieces, plain.pieces, strict=True):
        assert (piece.token, piece.raw, piece.starts_word) == (other.token, other.raw, other.starts_word)
        assert piece.chance == pytest.approx(other.chance, rel=1e-3)


def test_a_text_that_is_not_believed_is_heard_again_warmer(odd: Path) -> None:
    audio, unlike = noise(3), replace(PLAIN, compression=inf, chance=-inf, temperatures=(0.0, 0.9))
    engine = Whisper(odd, unlike)
    features = engine.encode([audio])
    cold, hot = (engine.attempt(features, [0], temperature)[0] for temperature in unlike.temperatures)
    assert cold != hot
    assert decode_all(engine, features, 1, unlike) == [cold]
    for guard in ({"compression": 0.01}, {"chance": 0.0, "no_speech": 1.0}):
        strict = replace(unlike, **guard)  # neither is good enough: the likelier one
        assert decode_all(engine, features, 1, strict) == [max(cold, hot, key=lambda one: one.attempt.chance)]


def test_a_loop_is_left_for_what_does_not_loop(tmp_path: Path) -> None:
    content = weights(ODD)
    state = content["model_state_dict"]
    word = state["decoder.token_embedding.weight"][1000]
    state["decoder.positional_embedding"][:LENGTH] += 20 * word / word.norm()
    path = saved(tmp_path, content)
    options = replace(PLAIN, compression=inf, chance=-inf, words=False, temperatures=(0.0, 8.0))
    engine = Whisper(path, replace(options, repeats=99))
    (looping,) = engine.recognize([noise(1)])
    assert tokens_of(looping).count(1000) >= 7
    engine._options = options
    before = torch.random.get_rng_state()
    (straight,) = engine.recognize([noise(1)])
    assert torch.equal(torch.random.get_rng_state(), before)
    assert tokens_of(straight) != tokens_of(looping)
    assert tokens_of(engine.recognize([noise(2, 4), noise(1)])[1]) == tokens_of(straight)


def test_text_over_no_speech_is_left_out(odd: Path) -> None:
    (silent,) = Whisper(odd, replace(PLAIN, no_speech=0.0)).recognize([noise(1)])
    assert silent.pieces == ()
    assert silent.language is not None
    assert hear(odd, noise(1), replace(PLAIN, no_speech=0.0, chance=-inf)).pieces


def test_a_text_without_end_is_not_finished(tmp_path: Path) -> None:
    content = weights(ODD)
    content["model_state_dict"]["decoder.positional_embedding"].normal_()
    path = saved(tmp_path, content)
    transcript = hear(path, noise(1))
    model = whisper.load_model(str(path), device="cpu")
    assert len(decode(model, noise(1)).tokens) == 30
    assert not transcript.finished
    prompted = hear(path, noise(1), replace(PLAIN, prompt="word " * 25))
    assert not prompted.finished


def test_an_english_model_hears_english(english: Path) -> None:
    engine = Whisper(english, PLAIN)
    assert engine.languages == ("en",)
    assert engine.detect(noise(1)) == {"en": 1.0}
    model = whisper.load_model(str(english), device="cpu")
    (transcript,) = engine.recognize([noise(1)])
    assert transcript.language == "en"
    assert tokens_of(transcript) == said(decode(model, noise(1), language="en").tokens, model)
    assert Whisper(english, replace(PLAIN, language="en-GB")).recognize([noise(1)]) == (transcript,)


def test_what_a_model_cannot_do_is_told(tiny: Path, odd: Path, english: Path) -> None:
    with pytest.raises(UnknownName, match="English only"):
        Whisper(english, WhisperOptions(language="de"))
    with pytest.raises(OptionError, match="cannot translate"):
        Whisper(english, WhisperOptions(task="translate"))
    with pytest.raises(UnknownName, match="language for this Whisper 'tlh'"):
        Whisper(odd, WhisperOptions(language="tlh"))
    with pytest.raises(UnknownName, match="'yue'"):
        Whisper(tiny, WhisperOptions(language="yue"))
    languages = Whisper(odd, WhisperOptions(language="yue")).languages
    assert languages[:2] == ("en", "zh")
    assert languages[-1] == "yue"
    assert "jv" in languages


def test_a_glossary_longer_than_the_prompt_is_refused(odd: Path) -> None:
    with pytest.raises(OptionError, match=r"a glossary of 40 terms takes \d+ tokens.*holds 29"):
        Whisper(odd, WhisperOptions(terms=tuple(f"Name{number}" for number in range(40))))
    assert Whisper(odd, WhisperOptions(prompt="<|endoftext|>"))  # text like any other


def test_published_weights_get_their_alignment_heads(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = np.zeros((2, 2), bool)
    heads[0, 1] = True
    digest = hashlib.sha256(odd.read_bytes()).hexdigest()
    monkeypatch.setitem(whisper._MODELS, "odd", f"https://models.example/{digest}/odd.pt")
    monkeypatch.setitem(whisper._ALIGNMENT_HEADS, "odd", base64.b85encode(gzip.compress(heads.tobytes())))
    assert Whisper(odd)._model.alignment_heads.indices().T.tolist() == [[0, 1]]


def test_a_checkpoint_that_is_not_what_it_says_is_refused(odd: Path, tmp_path: Path) -> None:
    content = torch.load(odd, weights_only=True)
    content["dims"]["n_text_layer"] += 1
    path = saved(tmp_path, content)
    with pytest.raises(ModelError, match=r"blocks\.2\.attn\.query\.weight is missing") as caught:
        Whisper(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", [0, 10, 0.5, 0.99])
def test_a_torn_checkpoint_is_refused(odd: Path, tmp_path: Path, part: float) -> None:
    whole = odd.read_bytes()
    path = tmp_path / "model.pt"
    path.write_bytes(whole[: int(part if part > 1 else part * len(whole))])
    with pytest.raises(ModelError, match="not a checkpoint of openai-whisper"):
        Whisper(path)


def test_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no such file"):
        Whisper(tmp_path / "base.pt")
    with pytest.raises(ModelNotFound, match=r"one file such as base\.pt, not a\.onnx, b\.onnx"):
        Whisper({"a.onnx": tmp_path, "b.onnx": tmp_path})


@pytest.mark.parametrize("package", ["whisper", "torch", "whisper.timing"])
def test_without_the_extra_its_pip_line_is_told(
    odd: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[whisper\]'"):
        Whisper(odd)


@pytest.mark.parametrize("device", ["tpu", "cuda:one", "cuda:99", "cpu:1"])
def test_a_device_that_is_not_there_is_refused(device: str) -> None:
    with pytest.raises(OptionError, match="device"):
        choose_device(device)


def test_the_device_is_found_by_itself() -> None:
    assert choose_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert choose_device("cpu") == "cpu"


def test_word_times_are_whole_positions(odd: Path) -> None:
    for piece in hear(odd, noise(3)).pieces:
        assert piece.span is not None
        assert piece.span.start % millis(20) == 0
