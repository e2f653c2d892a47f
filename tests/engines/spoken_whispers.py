"""Whispers of random weights that say something else of each sound, and openai-whisper to ask the same.

Random weights say nonsense, but they say it the same way each time. The end token is made likely from
`LENGTH` on, so that texts end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.speech.transcribe import Transcript
from tests.spoken import sound

torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")

LENGTH = 26
TINY = {
    "n_mels": 80,
    "n_audio_ctx": 1500,
    "n_audio_state": 384,
    "n_audio_head": 6,
    "n_audio_layer": 4,
    "n_vocab": 51865,
    "n_text_ctx": 448,
    "n_text_state": 384,
    "n_text_head": 6,
    "n_text_layer": 4,
}
ODD = TINY | {
    "n_mels": 128,
    "n_audio_ctx": 400,
    "n_audio_state": 48,
    "n_audio_head": 3,
    "n_audio_layer": 1,
    "n_vocab": 51866,
    "n_text_ctx": 60,
    "n_text_state": 48,
    "n_text_head": 2,
    "n_text_layer": 2,
}


def weights(dims: dict[str, int], seed: int = 1) -> dict[str, Any]:
    """A checkpoint whose text depends on the sound and on the place in the text."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        model = whisper.model.Whisper(whisper.model.ModelDimensions(**dims))
        tokens = model.decoder.token_embedding.weight.normal_(std=0.05)
        places = model.decoder.positional_embedding.normal_(std=1)
        end = tokens[50256 + (dims["n_vocab"] > 51864)]
        places[LENGTH:] += 30 * end / end.norm()
        for block in model.decoder.blocks:
            block.cross_attn.out.weight *= 8
            block.cross_attn.query.weight *= 4
        return {"dims": dims, "model_state_dict": {k: v.clone() for k, v in model.state_dict().items()}}


def saved(folder: Path, content: object) -> Path:
    path = folder / "model.pt"
    torch.save(content, path)
    return path


def beckett() -> Audio:
    return sound("beckett.wav")


def noise(length: float, seed: int = 0) -> Audio:
    values = np.random.default_rng(seed).normal(0, 0.1, int(length * 16_000))
    return Audio(values.astype(np.float32))


def mel(audio: Audio, model: Any) -> Any:
    window = whisper.pad_or_trim(audio.samples, model.dims.n_audio_ctx * 320)
    return whisper.log_mel_spectrogram(window, model.dims.n_mels)


def decode(model: Any, audio: Audio, **options: Any) -> Any:
    return whisper.decode(model, mel(audio, model), **{"fp16": False, "without_timestamps": True} | options)


def said(tokens: list[int], model: Any) -> list[int]:
    """Tokens of text, without times."""
    return [token for token in tokens if token < 50256 + model.is_multilingual]


def tokens_of(transcript: Transcript) -> list[int | None]:
    return [piece.token for piece in transcript.pieces]
