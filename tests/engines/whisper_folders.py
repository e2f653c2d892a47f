"""Small Whispers that nobody trained, in the formats of several engines, of the lengths they all know."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from accessify.evaluation.whisper_ctranslate import convert_whisper
from accessify.speech.whisper_sizes import WhisperDims
from tests.hub.whisper_models import random_whisper, save_whisper

LENGTH = 20
"""Tokens after which the end of a text becomes likely."""
MANY = WhisperDims(80, 1500, 48, 3, 2, 51865, 448, 48, 2, 2)
ENGLISH = replace(MANY, n_vocab=51864)


@cache
def checkpoint(dims: WhisperDims = MANY, seed: int = 0) -> Path:
    """A checkpoint of openai-whisper whose texts end."""
    torch = import_module("torch")
    made = random_whisper(dims, seed)
    end = made.decoder.token_embedding.weight[50256 + dims.multilingual]
    with torch.no_grad():
        made.decoder.positional_embedding[LENGTH:] += 30 * end / end.norm()
    return save_whisper(made, Path(mkdtemp(prefix="whisper-")) / "model.pt")


@cache
def ctranslate(dims: WhisperDims = MANY, precision: str = "float32") -> dict[str, Path]:
    """The same, as faster-whisper's files."""
    source = checkpoint(dims)
    return files(convert_whisper(source, source.parent / f"ctranslate-{precision}", precision))


def files(folder: Path) -> dict[str, Path]:
    """Name → path of all in a folder."""
    return {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}


def tokens_of(transcript: Any) -> list[int]:
    """The numbers of a transcript's tokens."""
    return [piece.token for piece in transcript.pieces]
