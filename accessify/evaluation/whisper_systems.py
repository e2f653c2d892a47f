"""Three systems that run Whisper, each asked through its own public functions for the same.

Windows of 30 s, greedy, English, no times, one temperature, nothing believed or doubted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import Audio
from accessify.core.errors import MissingExtra, UnknownName
from accessify.engines.whisper_onnx import WhisperOnnx
from accessify.speech.whisper_options import WhisperOptions

Windows = Sequence[NDArray[np.float32]]
"""Sounds of 30 s at 16 kHz."""
Asked = Callable[[Windows], list[int]]
"""Hears windows; the number of tokens that it wrote for each."""

OURS, FASTER, OPENAI = "whisper-onnx", "faster-whisper", "openai-whisper"
TITLES: Mapping[str, str] = MappingProxyType(
    {OURS: "accessify whisper-onnx", FASTER: "faster-whisper", OPENAI: "openai-whisper (torch)"}
)
_WINDOW_S = 30
PLAIN = WhisperOptions(
    language="en",
    temperatures=(0.0,),
    compression=inf,
    chance=-inf,
    no_speech=1.0,
    repeats=10**6,
    timestamps=False,
    words=False,
)
"""What is asked of ours."""


def open_system(name: str, model: Path, batch: int, threads: int) -> Asked:
    """The system `name` with the model that was made for it, hearing `batch` windows at once.

    Raises `UnknownName`, `MissingExtra`, and whatever the system has to say about the model.
    """
    if name not in _OPENED:
        raise UnknownName("system", name, TITLES)
    return _OPENED[name](model, batch, threads)


def _ours(model: Path, batch: int, threads: int) -> Asked:
    files = {path.name: path for path in model.iterdir()}
    engine = WhisperOnnx(files, replace(PLAIN, batch=batch), threads)

    def hear(windows: Windows) -> list[int]:
        said = engine.recognize([Audio(window) for window in windows])
        return [len(transcript.pieces) for transcript in said]

    return hear


def _faster(model: Path, batch: int, threads: int) -> Asked:
    package = _package("faster_whisper", "faster-whisper", "faster-whisper")
    network = package.WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=threads)
    how: dict[str, Any] = {
        "language": "en",
        "beam_size": 1,
        "temperature": 0.0,
        "compression_ratio_threshold": None,
        "log_prob_threshold": None,
        "no_speech_threshold": None,
        "without_timestamps": True,
        "vad_filter": False,
    }

    def one(window: NDArray[np.float32]) -> int:
        segments, _ = network.transcribe(window, condition_on_previous_text=False, **how)
        return sum(len(segment.tokens) for segment in segments)

    def several(windows: Windows) -> list[int]:
        pipeline = package.BatchedInferencePipeline(network)
        clips = [{"start": _WINDOW_S * at, "end": _WINDOW_S * (at + 1)} for at in range(len(windows))]
        sound = np.concatenate(windows)
        segments, _ = pipeline.transcribe(sound, batch_size=batch, clip_timestamps=clips, **how)
        return [len(segment.tokens) for segment in segments]

    return several if batch > 1 else lambda windows: [one(window) for window in windows]


def _openai(model: Path, batch: int, threads: int) -> Asked:
    torch = _package("torch", "torch", "whisper")
    package = _package("whisper", "openai-whisper", "whisper")
    torch.set_num_threads(threads)
    network = package.load_model(str(model), device="cpu")
    how = package.DecodingOptions(language="en", temperature=0.0, without_timestamps=True, fp16=False)

    def hear(windows: Windows) -> list[int]:
        found = []
        for first in range(0, len(windows), batch):
            mels = [
                package.log_mel_spectrogram(window, network.dims.n_mels)
                for window in windows[first : first + batch]
            ]
            found += package.decode(network, torch.stack(mels), how)
        return [len(result.tokens) for result in found]

    return hear


_OPENED: Mapping[str, Callable[[Path, int, int], Asked]] = MappingProxyType(
    {OURS: _ours, FASTER: _faster, OPENAI: _openai}
)


def _package(module: str, package: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(package, extra) from error
