"""How fast Whisper of each size is on this machine, without its weights.

Networks of true size and random weights are run by the engine's own parts (`engines.whisper_graphs_session`);
larger sizes are reckoned from the largest one measured, by the work that they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from accessify.engines.whisper_folder import WhisperFolder
from accessify.engines.whisper_graphs_session import DecoderRun, Sounds, WhisperGraphs
from accessify.evaluation.interleaved import interleave
from accessify.hub.whisper_quantize import Precision
from accessify.hub.whisper_random import SIZES, write_random
from accessify.speech.whisper_sizes import DECODER, ENCODER, WhisperDims

WINDOW_S = 30.0
"""Seconds of sound that the encoder takes at a time, however little is said in them."""
TOKENS_A_SECOND = 4.5
"""Of brisk English, 170 words a minute of 1.3 tokens and a time mark now and then."""
UTTERANCE_S = 5.0
"""Length of an utterance whose live captions are waited for."""
_STEPS = 24
_BYTES = {"int4": 0.6, "int8": 1.0, "fp16": 2.0, "fp32": 4.0}
"""Bytes of a weight."""


@dataclass(frozen=True, slots=True)
class WhisperSpeed:
    """One size on one device."""

    engine: str
    """`whisper-onnx`, or `whisper` over torch."""
    size: str
    precision: str
    threads: int
    device: str
    encode_s: float
    """Seconds to encode a window."""
    step_s: float
    """Seconds to write one more token."""
    measured: bool
    """Whether it was run; else it is reckoned."""

    @property
    def file_x(self) -> float:
        """Seconds of speech without pauses that are heard in a second, greedily and one by one."""
        return WINDOW_S / (self.encode_s + WINDOW_S * TOKENS_A_SECOND * self.step_s)

    @property
    def live_s(self) -> float:
        """Seconds until an utterance of `UTTERANCE_S` is heard."""
        return self.encode_s + UTTERANCE_S * TOKENS_A_SECOND * self.step_s

    @property
    def bytes(self) -> int:
        """Of the weights."""
        return round(_weights(SIZES[self.size]) * _BYTES[self.precision])


def measure_whisper(size: str, precision: Precision, device: str, threads: Sequence[int]) -> WhisperSpeed:
    """Run random weights of this size, with each number of threads; the fastest is told.

    Raises `MissingExtra` where the package onnx is not installed, `OptionError` for a device that does not
    start, `DiskFull`.
    """
    dims = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="accessify-bench-") as made:
        encoder, decoder = write_random(dims, precision, Path(made))
        folder = WhisperFolder(dims, dims.languages, 1, {ENCODER: encoder, DECODER: decoder})
        found = [_run(folder, device, count) for count in threads]
    speeds = [
        WhisperSpeed("whisper-onnx", size, str(precision), count, device, *times, measured=True)
        for count, times in zip(threads, found, strict=True)
    ]
    return max(speeds, key=lambda speed: speed.file_x)


def _run(folder: WhisperFolder, device: str, threads: int) -> tuple[float, float]:
    """Seconds of the encoder and of a step: medians, after one that is not counted."""
    graphs = WhisperGraphs(folder, False, device, threads)
    rng = np.random.default_rng(0)
    mel = rng.standard_normal((folder.sizes.n_mels, 2 * folder.sizes.n_audio_ctx)).astype(np.float32)

    def write() -> None:
        run = DecoderRun(graphs, cross, 1, 2 * _STEPS)
        for token in range(_STEPS):
            run.run(np.array([[token]], np.int64))

    encode = interleave({"": lambda: Sounds(graphs, [mel])}, 0, least=2)[""].best
    sounds = Sounds(graphs, [mel])  # keeps what `cross` only points at
    _, cross = sounds.bring([0])
    return encode, interleave({"": write}, 0, least=2)[""].best / _STEPS


def measure_torch(size: str, threads: int) -> WhisperSpeed | None:
    """openai-whisper on the CPU in float32 and random weights; None where it is not installed."""
    if find_spec("whisper") is None or find_spec("torch") is None:
        return None
    torch, model = import_module("torch"), import_module("whisper.model")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.no_grad():
            network = model.Whisper(model.ModelDimensions(**asdict(SIZES[size]))).eval()
            times = _run_torch(torch, network)
    finally:
        torch.set_num_threads(before)
    return WhisperSpeed("whisper", size, "fp32", threads, "cpu", *times, measured=True)


def _run_torch(torch: Any, network: Any) -> tuple[float, float]:
    mel = torch.zeros(1, network.dims.n_mels, 2 * network.dims.n_audio_ctx)
    encode = interleave({"": lambda: network.encoder(mel)}, 0, least=1)[""].best
    heard = network.encoder(mel)

    def write() -> None:
        cache, hooks = network.install_kv_cache_hooks()
        for token in range(_STEPS):
            network.decoder(torch.tensor([[token]]), heard, kv_cache=cache)
        for hook in hooks:
            hook.remove()

    return encode, interleave({"": write}, 0, least=1)[""].best / _STEPS


def reckon(known: WhisperSpeed, size: str) -> WhisperSpeed:
    """How fast `size` should be where `known` was measured: times in proportion to the work."""
    dims, before = SIZES[size], SIZES[known.size]
    width = _BYTES[known.precision]
    return WhisperSpeed(
        known.engine,
        size,
        known.precision,
        known.threads,
        known.device,
        known.encode_s * encoder_work(dims) / encoder_work(before),
        known.step_s * step_work(dims, width) / step_work(before, width),
        measured=False,
    )


def encoder_work(dims: WhisperDims) -> float:
    """Multiplications of the encoder for a window, with the keys and values that the decoder attends to."""
    wide, length = dims.n_audio_state, dims.n_audio_ctx
    convolutions = 3 * dims.n_mels * wide * 2 * length + 3 * wide * wide * length
    layer = 12 * wide * wide * length + 2 * length * length * wide
    return convolutions + dims.n_audio_layer * layer + dims.n_text_layer * 2 * wide * wide * length


def step_work(dims: WhisperDims, width: float) -> float:
    """Bytes that a step of the decoder reads, weights of `width` bytes: its time is that of memory."""
    wide = dims.n_text_state
    attended = 2 * dims.n_audio_ctx * wide * 4.0
    return dims.n_text_layer * (14 * wide * wide * width + attended) + dims.n_vocab * wide * width


def _weights(dims: WhisperDims) -> int:
    """How many numbers a model is, near enough."""
    wide = dims.n_audio_state
    return wide * (12 * wide * dims.n_audio_layer + 16 * wide * dims.n_text_layer + dims.n_vocab + 2000)
