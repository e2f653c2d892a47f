"""Opens the folder of a Whisper that was converted for CTranslate2, as faster-whisper publishes them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from accessify.core.cores import count_cores
from accessify.core.errors import MissingExtra, ModelError, ModelNotFound, OptionError

logger = logging.getLogger(__name__)

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
    runtime.set_random_seed(_SEED)  # before the threads start that draw
    folder, threads = files["model.bin"].parent, threads or count_cores()
    if kind == "cpu":
        return _opened(faster, folder, kind, 0, threads)
    try:
        return _opened(faster, folder, kind, int(number or 0), threads)
    except ModelError as error:
        on_cpu = _opened(faster, folder, "cpu", 0, threads)  # raises where it is the folder that fails
        if kind == "cuda":
            raise OptionError(
                f"device {device!r} does not start ({error.__cause__}); check the NVIDIA driver and that "
                "CUDA 12 and cuDNN 9 are found, or use cpu"
            ) from error
        logger.warning("the GPU does not start (%s); the CPU computes instead", error.__cause__)
        return on_cpu


def _opened(faster: Any, folder: Path, kind: str, number: int, threads: int) -> Any:
    try:
        json.loads((folder / "tokenizer.json").read_bytes())  # `tokenizers` raises a plain Exception
        return faster.WhisperModel(str(folder), device=kind, device_index=number, cpu_threads=threads)
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{folder}: faster-whisper cannot load it ({error}); fetch it again") from error


def faster_whisper_module(name: str = "faster_whisper") -> Any:
    """A module of faster-whisper or of what it stands on; raises `MissingExtra`."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra("faster-whisper", "faster-whisper") from error
