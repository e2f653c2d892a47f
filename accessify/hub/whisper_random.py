"""Whispers of true size that know nothing: random weights, for measuring speed without a checkpoint.

How long a network takes does not depend on what is in its weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import DTypeLike, NDArray

from accessify.hub.whisper_graphs import decoder_graph, encoder_graph
from accessify.hub.whisper_quantize import Precision
from accessify.speech.whisper_checkpoint import Checkpoint
from accessify.speech.whisper_sizes import DECODER, ENCODER, WhisperDims, tensor_shapes


def _dims(
    width: int, heads: int, layers: int, *, mels: int = 80, text_layers: int | None = None
) -> WhisperDims:
    vocabulary = 51866 if mels == 128 else 51865
    text = layers if text_layers is None else text_layers
    return WhisperDims(mels, 1500, width, heads, layers, vocabulary, 448, width, heads, text)


SIZES: Mapping[str, WhisperDims] = MappingProxyType(
    {
        "tiny": _dims(384, 6, 4),
        "base": _dims(512, 8, 6),
        "small": _dims(768, 12, 12),
        "medium": _dims(1024, 16, 24),
        "turbo": _dims(1280, 20, 32, mels=128, text_layers=4),
        "large-v3": _dims(1280, 20, 32, mels=128),
    }
)
"""Name → dimensions of the multilingual models, the smallest first (Radford et al. 2022, table 1; turbo and
large-v3 as openai-whisper's own files say them)."""


def random_whisper(dims: WhisperDims, seed: int = 0) -> Checkpoint:
    """A checkpoint of these sizes whose tensors are drawn whenever they are asked for."""
    heads = tuple((dims.n_text_layer - 1, head) for head in range(min(dims.n_text_head, 6)))
    return Checkpoint(Path("random"), dims, _Tensors(dict(tensor_shapes(dims)), seed), "0" * 64, heads)


def write_random(dims: WhisperDims, precision: Precision, folder: Path) -> tuple[Path, Path]:
    """Write encoder.onnx and decoder.onnx of a random Whisper as `export_whisper` writes them.

    Raises `MissingExtra` where the package onnx is not installed, `OutputError` and `DiskFull`.
    """
    checkpoint, half = random_whisper(dims), precision is Precision.FP16
    ports: DTypeLike = np.float16 if half else np.float32
    kind = precision.encoder
    graphs = {
        ENCODER: encoder_graph(
            checkpoint, half=kind is Precision.FP16, weights=kind.encoder_weights, ports=ports
        ),
        DECODER: decoder_graph(checkpoint, half=half, weights=precision.decoder_weights),
    }
    for name, graph in graphs.items():
        graph.writer.write(folder / name, graph.inputs, graph.outputs)
    return folder / ENCODER, folder / DECODER


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One tensor, as far as `Checkpoint.values` asks a torch tensor."""

    name: str
    shape: tuple[int, ...]
    seed: int

    def float(self) -> _Drawn:
        """Itself: it is drawn in float32."""
        return self

    def numpy(self) -> NDArray[np.float32]:
        """Numbers small enough that nothing overflows in many layers; scales of normalisations are 1."""
        if self.name.endswith(("_ln.weight", ".ln.weight", "ln_post.weight")):
            return np.ones(self.shape, np.float32)
        rng = np.random.default_rng([self.seed, crc32(self.name.encode())])
        return rng.standard_normal(self.shape, np.float32) * np.float32(0.02)


class _Tensors(Mapping[str, Any]):
    """Name → tensor, none of which is kept."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], seed: int) -> None:
        self._shapes, self._seed = shapes, seed

    def __getitem__(self, name: str) -> _Drawn:
        return _Drawn(name, self._shapes[name], self._seed)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)
