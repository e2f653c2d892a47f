"""Quantised weights are as near as their bits allow, and the graphs multiply by exactly them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.hub.onnx_writer import OnnxWriter, Port
from accessify.hub.whisper_quantize import (
    BLOCK,
    EIGHT_BITS,
    FOUR_BITS,
    LARGEST,
    ROUNDED,
    WIDE_BLOCKS,
    Precision,
    quantize_blocks,
    quantize_channels,
    quantize_wide,
)
from tests.hub.whisper_models import session

pytest.importorskip("onnx")

SIZES = st.tuples(st.integers(1, 80), st.integers(1, 9), st.integers(0, 99))


def weight_of(inputs: int, outputs: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(inputs, outputs)).astype(np.float32)


def from_blocks(values: NDArray[np.uint8], scales: NDArray[np.float32], inputs: int) -> NDArray[np.float32]:
    numbers = np.stack([values & 15, values >> 4], axis=-1).reshape(values.shape[0], -1, BLOCK)
    whole = (numbers.astype(np.float32) - 8) * scales.reshape(values.shape[0], -1, 1)
    return whole.reshape(values.shape[0], -1)[:, :inputs].T


def from_wide(values: NDArray[np.uint8], scales: NDArray[np.float32], inputs: int) -> NDArray[np.float32]:
    whole = (values.astype(np.float32) - 128) * scales.reshape(values.shape[0], -1, 1)
    return whole.reshape(values.shape[0], -1)[:, :inputs].T


def run(writer: OnnxWriter, take: Port, *give: Port) -> Any:
    """A session of the graph."""
    with TemporaryDirectory() as folder:
        writer.write(Path(folder) / "graph.onnx", [take], give)
        return session(Path(folder) / "graph.onnx")


@given(SIZES)
def test_int8_is_off_by_half_a_step(sizes: tuple[int, int, int]) -> None:
    weight = weight_of(*sizes)
    values, scales = quantize_channels(weight)
    assert (values.dtype, values.shape, scales.shape) == (np.int8, weight.shape, weight.shape[1:])
    np.testing.assert_array_equal(np.abs(values.astype(int)).max(axis=0), LARGEST)
    assert np.iinfo(np.int16).max >= 2 * 255 * LARGEST
    assert (np.abs(values * scales - weight) <= scales * 0.5001).all()


@given(st.tuples(st.integers(1, 300), st.integers(1, 9), st.integers(0, 99)))
def test_wide_blocks_are_off_by_half_a_step(sizes: tuple[int, int, int]) -> None:
    weight = weight_of(*sizes)
    values, scales = quantize_wide(weight)
    size = values.shape[-1]
    blocks = -(-sizes[0] // size)
    assert (values.shape, scales.shape) == ((sizes[1], blocks, size), (sizes[1] * blocks,))
    assert all(blocks * size <= -(-sizes[0] // other) * other for other in WIDE_BLOCKS)
    steps = np.repeat(scales.reshape(sizes[1], blocks), size, axis=1)[:, : sizes[0]].T
    assert (np.abs(from_wide(values, scales, sizes[0]) - weight) <= steps * 0.5001).all()


@given(SIZES)
def test_int4_is_off_by_a_step_at_most(sizes: tuple[int, int, int]) -> None:
    weight = weight_of(*sizes)
    values, scales = quantize_blocks(weight)
    blocks = -(-sizes[0] // BLOCK)
    assert (values.shape, scales.shape) == ((sizes[1], blocks, BLOCK // 2), (sizes[1] * blocks,))
    steps = np.repeat(scales.reshape(sizes[1], blocks), BLOCK, axis=1)[:, : sizes[0]].T
    # Half a step, and a whole one where a weight is as large as the largest, of the other sign.
    error = np.abs(from_blocks(values, scales, sizes[0]) - weight)
    assert (error <= np.abs(steps) * 1.0001).all()
    near = np.sign(steps) * weight > 7.49 * np.abs(steps)
    assert (error <= np.abs(steps) * 0.5001)[~near].all()


def test_weights_of_zero_stay_zero() -> None:
    weight = np.zeros((40, 3), np.float32)
    values, scales = quantize_channels(weight)
    assert not values.any()
    assert np.isfinite(scales).all()
    assert not from_blocks(*quantize_blocks(weight), 40).any()
    assert not from_wide(*quantize_wide(weight), 40).any()


@settings(max_examples=15)
@given(SIZES)
def test_graphs_multiply_by_the_quantised_weights(sizes: tuple[int, int, int]) -> None:
    inputs, outputs, seed = sizes
    weight = weight_of(*sizes)
    x = np.random.default_rng(seed + 1).normal(size=(2, 3, inputs)).astype(np.float32)
    eight, scales = quantize_channels(weight)
    exact = {
        ROUNDED: eight * scales,
        EIGHT_BITS: from_wide(*quantize_wide(weight), inputs),
        FOUR_BITS: from_blocks(*quantize_blocks(weight), inputs),
    }
    for weights, held in exact.items():
        writer = OnnxWriter()
        writer.add("Identity", [weights.product(writer, "x", "w", weight)], "y")
        model = run(writer, Port("x", np.float32, (2, 3, inputs)), Port("y", np.float32, (2, 3, outputs)))
        [y] = model.run(None, {"x": x})
        # x is rounded to 8 bits: off by half a step of its range at each input.
        room = (np.ptp(x) + np.abs(x).max()) / 255 * np.abs(held).sum(axis=0) + 1e-4
        assert (np.abs(y - x @ held) <= room).all()


@pytest.mark.parametrize("width", [12, 256])
def test_the_embedding_is_looked_up_and_multiplied_by(width: int) -> None:
    table = weight_of(50, width, 0)
    held = from_wide(*quantize_wide(table.T), width).T
    writer = OnnxWriter()
    rows = EIGHT_BITS.embedding(writer, "tokens", table)
    writer.add("Identity", [rows], "rows")
    writer.add("Identity", [EIGHT_BITS.logits(writer, rows, table)], "logits")
    ports = Port("rows", np.float32, ("b", "n", width)), Port("logits", np.float32, ("b", "n", 50))
    tokens = np.array([[0, 49, 7], [7, 7, 1]])
    rows_got, logits = run(writer, Port("tokens", np.int64, ("b", "n")), *ports).run(None, {"tokens": tokens})
    np.testing.assert_allclose(rows_got, held[tokens], rtol=1e-6)
    np.testing.assert_allclose(logits, held[tokens] @ held.T, atol=0.02 * width**0.5 + 0.2)


def test_rows_of_a_batch_do_not_change_each_other() -> None:
    weight = weight_of(80, 9, 0)
    x = np.random.default_rng(1).normal(size=(2, 3, 80)).astype(np.float32)
    for weights in (EIGHT_BITS, FOUR_BITS):
        writer = OnnxWriter()
        writer.add("Identity", [weights.product(writer, "x", "w", weight)], "y")
        model = run(writer, Port("x", np.float32, ("b", 3, 80)), Port("y", np.float32, ("b", 3, 9)))
        [loud] = model.run(None, {"x": x * np.array([[[1]], [[100]]], np.float32)})
        [alone] = model.run(None, {"x": x[:1]})
        np.testing.assert_allclose(loud[:1], alone, rtol=1e-5)


def test_precisions_of_a_folder() -> None:
    assert [p.encoder for p in Precision] == ["fp32", "fp16", "int8", "int8"]
