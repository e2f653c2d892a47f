"""Weights of Whisper's decoder in 8 or 4 bits.

A row of the embedding, which is also the weight of the logits, is 8 bits wide in both: it is looked up
and multiplied by, and is held once.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from accessify.hub.onnx_writer import MICROSOFT, OnnxWriter
from accessify.hub.whisper_layers import PLAIN, Weights

BLOCK = 32
"""Weights in 4 bits that share a scale."""

_INT8_ACTIVATIONS = 4
"""`accuracy_level` of MatMulNBits: what the weights are multiplied by is rounded to 8 bits first."""


class Precision(StrEnum):
    """How the weights of a folder are held; the encoder of an int8 or int4 one is fp32."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"
    """The decoder's, a scale for each output of a matrix."""
    INT4 = "int4"
    """The decoder's, a scale for each `BLOCK` inputs of an output."""

    @property
    def encoder(self) -> Precision:
        """The precision of the encoder in a folder of this one."""
        return Precision.FP16 if self is Precision.FP16 else Precision.FP32

    @property
    def weights(self) -> Weights:
        """How the decoder's weights are held and multiplied by."""
        return {Precision.INT8: EIGHT_BITS, Precision.INT4: FOUR_BITS}.get(self, PLAIN)


def quantize_channels(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A weight [in, out] as int8 [in, out] and scales [out]: weight ≈ int8 · scale, symmetric.

    The largest weight of each output is ±127 (Krishnamoorthi 2018, section 3.1: symmetric, per channel).
    """
    largest = np.abs(weight).max(axis=0)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


def quantize_blocks(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A weight [in, out] in 4 bits, as com.microsoft.MatMulNBits reads it.

    Returns bytes [out, blocks, BLOCK / 2], two numbers a byte, the first in its lower half, and scales
    [out · blocks]: weight ≈ (number - 8) · scale. The largest weight of a block is exactly -8 · scale,
    whatever its sign, so that all 16 numbers are in use. What is left of the last block is zero.
    """
    inputs, outputs = weight.shape
    blocks = -(-inputs // BLOCK)
    padded = np.zeros((outputs, blocks * BLOCK), np.float32)
    padded[:, :inputs] = weight.T
    parts = padded.reshape(outputs, blocks, BLOCK)
    largest = np.take_along_axis(parts, np.abs(parts).argmax(axis=-1)[..., None], axis=-1)
    scales = np.where(largest == 0, 1, largest / -8).astype(np.float32)
    numbers = np.clip(np.rint(parts / scales) + 8, 0, 15).astype(np.uint8)
    return numbers[..., 0::2] | numbers[..., 1::2] << 4, scales.reshape(-1)


class _EightBits(Weights):
    """int8, a scale for each output; what it is multiplied by is rounded to 8 bits on the way."""

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        values, scales = quantize_channels(weight)
        return _integer_product(
            writer, x, writer.weight(name, values), writer.weight(f"{name}.scales", scales)
        )

    def embedding(self, writer: OnnxWriter, tokens: str, table: NDArray[np.float32]) -> str:
        values, scales = quantize_channels(table.T)
        columns = writer.add("Gather", [writer.weight("embedding", values), tokens], axis=1)
        rows = writer.add("Transpose", [writer.cast(columns, writer.real)], perm=[1, 2, 0])
        scale = writer.add("Gather", [writer.weight("embedding.scales", scales), tokens])
        return writer.add("Mul", [rows, writer.add("Unsqueeze", [scale, writer.integers(-1)])])

    def logits(self, writer: OnnxWriter, x: str, table: NDArray[np.float32]) -> str:
        return _integer_product(writer, x, "embedding", "embedding.scales")


class _FourBits(_EightBits):
    """4 bits in blocks, all but the embedding."""

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        values, scales = quantize_blocks(weight)
        parts = [writer.weight(name, values), writer.weight(f"{name}.scales", scales)]
        sizes = {"K": weight.shape[0], "N": weight.shape[1], "bits": 4, "block_size": BLOCK}
        return writer.add(
            "MatMulNBits", [x, *parts], domain=MICROSOFT, accuracy_level=_INT8_ACTIVATIONS, **sizes
        )


EIGHT_BITS = _EightBits()
FOUR_BITS = _FourBits()


def _integer_product(writer: OnnxWriter, x: str, weight: str, scales: str) -> str:
    """A product of numbers [..., in] and int8 [in, out]; onnxruntime makes one operator of these."""
    rounded, scale, zero = writer.fan("DynamicQuantizeLinear", [x], 3)
    made = writer.cast(writer.add("MatMulInteger", [rounded, weight, zero]), np.float32)
    return writer.add("Mul", [made, writer.add("Mul", [scale, scales])])
