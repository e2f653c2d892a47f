"""faster-whisper against openai-whisper: the same weights, so the same tokens, chances and times."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import ModelError, ModelNotFound, OptionError, UnknownName
from accessify.engines.byte_letters import byte_letters, to_bytes, to_letters
from accessify.engines.faster_whisper import FasterWhisper
from accessify.engines.whisper import Whisper
from accessify.speech.whisper_options import WhisperOptions
from tests.engines.whisper_folders import ENGLISH, checkpoint, ctranslate, tokens_of

pytest.importorskip("faster_whisper")
pytest.importorskip("torch")

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),  # openai-whisper's vocabulary
    pytest.mark.usefixtures("_one_thread"),
]

PLAIN = WhisperOptions(temperatures=(0.0,), timestamps=False, compression=inf, chance=-inf, repeats=10**6)


def tone(seconds: float, hertz: float = 300) -> Audio:
    at = np.arange(int(seconds * 16_000)) / 16_000
    noise = np.random.default_rng(3).normal(0, 0.01, len(at))
    return Audio((0.3 * np.sin(2 * np.pi * hertz * at * (1 + at / 9)) + noise).astype(np.float32))


def opened(files: Mapping[str, Path], options: WhisperOptions) -> FasterWhisper:
    """On one thread: its threads wait for each other busily, which takes minutes where others work."""
    return FasterWhisper(files, options, 1)


SOUNDS = (tone(3), tone(0.1, 700))


@pytest.mark.parametrize(
    "options",
    [
        PLAIN,
        replace(PLAIN, timestamps=True, words=False, language="de", batch=1),
        replace(PLAIN, language="zh", task="translate", prompt="as <|en|> before", terms=("Sütterlin",)),
        replace(PLAIN, language="en", beam=3, patience=2.0),
    ],
    ids=["plain", "times", "prompt", "beam"],
)
def test_what_is_heard_is_what_openai_whisper_hears(options: WhisperOptions) -> None:
    ours = opened(ctranslate(), options).recognize(SOUNDS)
    theirs = Whisper(checkpoint(), options).recognize(SOUNDS)
    assert any(transcript.pieces for transcript in ours)
    for own, other in zip(ours, theirs, strict=True):
        assert (own.language, own.finished) == (other.language, other.finished)
        assert tokens_of(own) == tokens_of(other)
        assert [piece.raw for piece in own.pieces] == [piece.raw for piece in other.pieces]
        assert [piece.span for piece in own.pieces] == [piece.span for piece in other.pieces]
        assert [piece.starts_word for piece in own.pieces] == [piece.starts_word for piece in other.pieces]
        chances = [piece.chance for piece in other.pieces]
        assert np.allclose([piece.chance for piece in own.pieces], chances, rtol=1e-3)


def test_chances_are_openai_whispers() -> None:
    ours, theirs = opened(ctranslate(), PLAIN), Whisper(checkpoint(), PLAIN)
    found = ours.attempt(ours.encode(SOUNDS), [0, 1], 0.0)
    wanted = theirs.attempt(theirs.encode(SOUNDS), [0, 1], 0.0)
    for own, other in zip(found, wanted, strict=True):
        assert own.attempt.text == other.attempt.text
        assert own.attempt.chance == pytest.approx(other.attempt.chance, rel=1e-4)
        assert own.attempt.no_speech == pytest.approx(other.attempt.no_speech, rel=1e-3)


def test_an_english_model_hears_english_only() -> None:
    engine = opened(ctranslate(ENGLISH), PLAIN)
    theirs = Whisper(checkpoint(ENGLISH), PLAIN).recognize(SOUNDS[:1])
    assert engine.languages == ("en",)
    assert tokens_of(engine.recognize(SOUNDS[:1])[0]) == tokens_of(theirs[0])
    with pytest.raises(UnknownName, match="English only"):
        opened(ctranslate(ENGLISH), replace(PLAIN, language="de"))
    with pytest.raises(OptionError, match="cannot translate"):
        opened(ctranslate(ENGLISH), replace(PLAIN, task="translate"))


def test_what_the_guards_do_not_like_is_heard_again_and_sampled() -> None:
    asked = replace(PLAIN, temperatures=(0.0, 0.1), chance=-0.01, no_speech=1.0)
    (once,) = opened(ctranslate(), replace(asked, temperatures=(0.0,))).recognize(SOUNDS[:1])
    engine = opened(ctranslate(), asked)
    (hot,) = engine.attempt(engine.encode(SOUNDS[:1]), [0], 0.1)
    assert tokens_of(once) != [token for token in hot.attempt.tokens if token < engine.end]


def test_the_prompt_may_be_too_long() -> None:
    with pytest.raises(OptionError, match="model holds 223"):
        opened(ctranslate(), replace(PLAIN, prompt="long " * 300))


@pytest.mark.parametrize("device", ["tpu", "cuda:x"])
def test_devices_it_does_not_know_are_refused(device: str) -> None:
    with pytest.raises(OptionError, match="choose auto, cpu"):
        opened(ctranslate(), replace(PLAIN, device=device))


def without_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU whose libraries are missing, as CTranslate2 tells it."""
    import ctranslate2
    import faster_whisper

    real = faster_whisper.WhisperModel

    def opened(folder: str, *, device: str, **how: Any) -> Any:
        if device != "cpu":
            raise RuntimeError("Library libcublas.so.12 is not found or cannot be loaded")
        return real(folder, device=device, **how)

    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(faster_whisper, "WhisperModel", opened)


def test_auto_falls_back_to_the_cpu(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    without_libraries(monkeypatch)
    assert FasterWhisper(ctranslate(), replace(PLAIN, device="auto")).languages
    assert "libcublas.so.12 is not found" in caplog.text


def test_a_gpu_that_was_asked_for_and_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_libraries(monkeypatch)
    with pytest.raises(OptionError, match=r"'cuda' does not start \(Library libcublas.*or use cpu"):
        FasterWhisper(ctranslate(), replace(PLAIN, device="cuda"))
    for path in ctranslate().values():
        shutil.copy(path, tmp_path)
    halve(tmp_path / "model.bin")
    damaged = {path.name: path for path in tmp_path.iterdir()}
    with pytest.raises(ModelError, match="fetch it again"):
        FasterWhisper(damaged, replace(PLAIN, device="cuda"))


def test_a_gpu_that_is_not_there_is_told() -> None:
    with pytest.raises(OptionError, match="CUDA devices; use cpu"):
        opened(ctranslate(), replace(PLAIN, device="cuda:99"))


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), ModelNotFound),
        (lambda folder: halve(folder / "tokenizer.json"), ModelError),
        (lambda folder: halve(folder / "model.bin"), ModelError),
        (lambda folder: (folder / "config.json").write_text("{", "utf-8"), ModelError),
    ],
    ids=["no tokenizer", "half a tokenizer", "half a model", "no config"],
)
def test_damaged_folders_are_told(tmp_path: Path, spoil: Callable[[Path], object], kind: type) -> None:
    for name, path in ctranslate().items():
        (tmp_path / name).write_bytes(path.read_bytes())
    spoil(tmp_path)
    files = {path.name: path for path in tmp_path.iterdir()}
    with pytest.raises(kind, match="faster-whisper"):
        opened(files, PLAIN)


def test_letters_of_bytes_are_those_of_gpt2() -> None:
    assert len(set(byte_letters())) == 256
    assert to_letters(b" a\n\xe4") == "ĠaĊä"
    everything = bytes(range(256))
    assert to_bytes(to_letters(everything)) == everything
