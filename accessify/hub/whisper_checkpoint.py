"""Opens checkpoints of openai-whisper for what is made of them; `speech.whisper_checkpoint` reads them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from accessify.core.errors import MissingExtra
from accessify.speech.whisper_checkpoint import Checkpoint, read_checkpoint, unreadable


def read_whisper(path: Path) -> Checkpoint:
    """The checkpoint at `path`; raises `ModelNotFound`, `ModelError` as `read_checkpoint`, `MissingExtra`."""
    torch, whisper = _torch(), whisper_package()
    try:
        with path.open("rb") as file:
            return read_checkpoint(path, file, torch, whisper)
    except OSError as error:
        raise unreadable(path, error) from error


def whisper_package() -> Any:
    """The openai-whisper package; raises `MissingExtra`."""
    _torch()  # which openai-whisper would miss without saying how to get it
    try:
        return import_module("whisper")
    except ImportError as error:
        raise MissingExtra("openai-whisper", "export") from error


def _torch() -> Any:
    try:
        return import_module("torch")
    except ImportError as error:
        raise MissingExtra("torch", "export") from error
