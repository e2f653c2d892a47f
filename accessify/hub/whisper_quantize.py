"""Weights of Whisper in 8 or 4 bits.

The decoder's are multiplied by `MatMulNBits` of onnxruntime, which rounds each row of activations for
itself: rows of a batch do not change each other. A row of the embedding, which is also the weight of the
logits, is 8 bits wide in both: it is looked up and multiplied by, and is held once. The encoder's go
through `DynamicQuantizeLinear` and `MatMulInteger`, and its attention is the `MultiHeadAttention` of
onnxruntime, which never holds all scores: a file for CPUs, fp32 and fp16 ones are for all devices.

Measured with onnxruntime 1.32 on 2 cores with AVX-512 VNNI, base, medians, interleaved: the encoder 296
ms, of fp32 634 ms (by MatMulNBits its products take twice as long as so; one product for queries, keys
and values costs 4 %; without MultiHeadAttention it is 10 % slower and takes 130 MB more); a step 4.6 ms,
by MatMulInteger 6.2 ms.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.hub.onnx_writer import MICROSOFT, OnnxWriter
from accessify.hub.whisper_layers import PLAIN, Layers, Weights

BLOCK = 32
"""Weights in 4 bits that share a scale."""

WIDE_BLOCKS = (128, 64, 32, 16)
"""Weights in 8 bits of the decoder that share a scale: the first that leaves least of the last block."""

LARGEST = 64
"""The largest number that a weight of the encoder becomes. x64 processors without VNNI add two products of 8
bits in 16, of which 255 · 64 · 2 is the most; with 127, such sums were cut off, and a small trained model's
attention was off by up to 15 %."""

_INT8_ACTIVATIONS = 4
"""`accuracy_level` of MatMulNBits: what the weights are multiplied by is rounded to 8 bits first."""


class Precision(StrEnum):
    """How weights are held."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"
    """A scale for a block of an output's inputs in the decoder, for each output in the encoder."""
    INT4 = "int4"
    """The decoder's, a scale for each `BLOCK` inputs of an output; no encoder is of this one."""

    @property
    def encoder(self) -> Precision:
        """The precision of the encoder in a folder of this one, if nothing else is wanted."""
        return Precision.INT8 if self is Precision.INT4 else self

    @property
    def encoder_weights(self) -> Weights:
        """How the encoder's weights are held and multiplied by."""
        return ROUNDED if self is Precision.INT8 else PLAIN

    @property
    def decoder_weights(self) -> Weights:
        """How the decoder's weights are held and multiplied by."""
        return {Precision.INT8: EIGHT_BITS, Precision.INT4: FOUR_BITS}.get(self, PLAIN)


def quantize_channels(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A weight [in, out] as int8 [in, out] and scales [out]: weight ≈ int8 · scale, symmetric.

    The largest weight of each output is ±`LARGEST` (Krishnamoorthi 2018, section 3.1: symmetric, per
    channel).
    """
    largest = np.abs(weight).max(axis=0)
    scales = np.where(largest > 0, largest / LARGEST, 1).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


def quantize_wide(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A weight [in, out] in 8 bits, as com.microsoft.MatMulNBits reads it.

    Returns bytes [out, blocks, one of WIDE_BLOCKS] and scales [out · blocks]: weight ≈ (byte - 128) ·
    scale. The largest weight of a block is ±127 · scale. What is left of the last block is zero.
    """
    parts = _blocks(weight, min(WIDE_BLOCKS, key=lambda size: -weight.shape[0] % size))
    largest = np.abs(parts).max(axis=-1, keepdims=True)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return (np.rint(parts / scales) + 128).astype(np.uint8), scales.reshape(-1)


def quantize_blocks(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A weight [in, out] in 4 bits, as com.microsoft.MatMulNBits reads it.

    Returns bytes [out, blocks, BLOCK / 2], two numbers a byte, the first in its lower half, and scales
    [out · blocks]: weight ≈ (number - 8) · scale. The largest weight of a block is exactly -8 · scale,
    whatever its sign, so that all 16 numbers are in use. What is left of the last block is zero.
    """
    parts = _blocks(weight, BLOCK)
    largest = np.take_along_axis(parts, np.abs(parts).argmax(axis=-1)[..., None], axis=-1)
    scales = np.where(largest == 0, 1, largest / -8).astype(np.float32)
    numbers = np.clip(np.rint(parts / scales) + 8, 0, 15).astype(np.uint8)
    return numbers[..., 0::2] | numbers[..., 1::2] << 4, scales.reshape(-1)


class _Rounded(Weights):
    """int8, a scale for each output; all activations of a product share one scale.

    So the sounds of a batch change each other a little: give one at a time. A scale for each row, by
    standard operators, takes 9 to 14 % longer and its error is 0.9 of this one's (random weights).
    """

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        values, scales = quantize_channels(weight)
        rounded, scale, zero = writer.fan("DynamicQuantizeLinear", [x], 3)
        made = writer.add("MatMulInteger", [rounded, writer.weight(name, values), zero])
        both = writer.add("Mul", [scale, writer.weight(f"{name}.scales", scales)])
        return writer.add("Mul", [writer.cast(made, np.float32), both])

    def self_attention(self, layers: Layers, x: str, name: str) -> str:
        parts = [layers.query(x, name), *(layers.project(x, f"{name}.{part}") for part in ("key", "value"))]
        return layers.writer.add(
            "MultiHeadAttention", parts, domain=MICROSOFT, num_heads=layers.heads, scale=1.0
        )


class _EightBits(Weights):
    """8 bits in blocks of one of `WIDE_BLOCKS`."""

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        values, scales = quantize_wide(weight)
        parts = [writer.weight(name, values), writer.weight(f"{name}.scales", scales)]
        return _multiplied(writer, [x, *parts], weight.shape, 8, values.shape[-1])

    def embedding(self, writer: OnnxWriter, tokens: str, table: NDArray[np.float32]) -> str:
        values, scales = quantize_wide(table.T)
        count, blocks, size = values.shape
        held = writer.again("embedding.rows", writer.weight("embedding", values))
        found = writer.add("Gather", [held, tokens])
        centred = writer.add("Sub", [writer.cast(found, np.float32), writer.number(128.0)])
        of_rows = writer.add(
            "Reshape", [writer.weight("embedding.scales", scales), writer.integers(count, blocks, 1)]
        )
        rows = writer.add("Mul", [centred, writer.add("Gather", [of_rows, tokens])])
        padded = writer.add("Reshape", [rows, writer.integers(0, 0, blocks * size)])
        ends = [writer.integers(number) for number in (0, table.shape[1], -1)]
        return writer.add("Slice", [padded, *ends])

    def logits(self, writer: OnnxWriter, x: str, table: NDArray[np.float32]) -> str:
        size = quantize_wide(table[:1].T)[0].shape[-1]
        return _multiplied(writer, [x, "embedding", "embedding.scales"], table.shape[::-1], 8, size)


class _FourBits(_EightBits):
    """4 bits in blocks of `BLOCK`, all but the embedding."""

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        values, scales = quantize_blocks(weight)
        parts = [writer.weight(name, values), writer.weight(f"{name}.scales", scales)]
        return _multiplied(writer, [x, *parts], weight.shape, 4, BLOCK)


ROUNDED = _Rounded()
EIGHT_BITS = _EightBits()
FOUR_BITS = _FourBits()


def _blocks(weight: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """A weight [in, out] as [out, blocks, size], filled up with zeros."""
    inputs, outputs = weight.shape
    count = -(-inputs // size)
    padded = np.zeros((outputs, count * size), np.float32)
    padded[:, :inputs] = weight.T
    return padded.reshape(outputs, count, size)


def _multiplied(writer: OnnxWriter, parts: list[str], shape: tuple[int, ...], bits: int, block: int) -> str:
    """A product with weights [in, out] in blocks."""
    how: dict[str, Any] = {"K": shape[0], "N": shape[1], "bits": bits, "block_size": block}
    return writer.add("MatMulNBits", parts, domain=MICROSOFT, accuracy_level=_INT8_ACTIVATIONS, **how)
