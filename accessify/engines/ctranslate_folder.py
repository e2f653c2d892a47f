"""Opens the folder of a Whisper that was converted for CTranslate2, as faster-whisper publishes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from accessify.core.cores import count_cores
from accessify.core.errors import MissingExtra, ModelError, ModelNotFound, OptionError

NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Files without which faster-whisper fails, or fetches something."""
_SEED = 7


def open_folder(files: Mapping[str, Path], device: str, threads: int | None = None) -> Any:
    """The `faster_whisper.WhisperModel` of `files` (name → path, all in one folder) on `device`.

    `threads` is None for all processors. Raises `ModelNotFound`, `ModelError`, `OptionError` for a device
    that is not there, and `MissingExtra`.
    """
    faster, runtime = faster_whisper_module(), faster_whisper_module("ctranslate2")
    missing = [name for name in NEEDED if name not in files or not files[name].is_file()]
    if missing:
        raise ModelNotFound(
            f"no {', '.join(missing)} in the model's folder; give one made for faster-whisper"
        )
    kind, _, number = device.partition(":")
    count = runtime.get_cuda_device_count() if kind == "cuda" else 1
    if kind not in {"auto", "cpu", "cuda"} or (number and not number.isdecimal()):
        raise OptionError(f"device {device!r} is none for faster-whisper; choose auto, cpu, cuda or cuda:0")
    if int(number or 0) >= count:
        raise OptionError(f"device {device!r} is not here: CTranslate2 sees {count} CUDA devices; use cpu")
    folder = files["model.bin"].parent
    runtime.set_random_seed(_SEED)  # before the threads start that draw
    try:
        json.loads(files["tokenizer.json"].read_bytes())  # `tokenizers` raises a plain Exception
        return faster.WhisperModel(
            str(folder), device=kind, device_index=int(number or 0), cpu_threads=threads or count_cores()
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{folder}: faster-whisper cannot load it ({error}); fetch it again") from error


def faster_whisper_module(name: str = "faster_whisper") -> Any:
    """A module of faster-whisper or of what it stands on; raises `MissingExtra`."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra("faster-whisper", "faster-whisper") from error
