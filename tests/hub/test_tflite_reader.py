from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import ModelError
from accessify.hub.convert_tflite import convert
from accessify.hub.tflite_reader import Level, Sparsity, densify, read_tflite
from tests.hub.tflite_files import TfliteFile, sparsified

pytest.importorskip("tflite")


def small_file() -> bytes:
    """Each kind of thing that a file may hold."""
    file = TfliteFile()
    values = file.random.normal(size=(8, 1, 1, 3)).astype(np.float16)
    values[file.random.random(values.shape) < 0.5] = 0
    sparse = file.operator("DENSIFY", [file.sparse(values, (0, 1, 2, 3))], values.shape)
    kernel = file.operator("DEQUANTIZE", [sparse], values.shape, version=2)
    wide = file.convolution(file.input(1, 4, 4, 3), kernel, (1, 4, 4, 8))
    bent = file.operator("PRELU", [wide, file.weights(1, 1, 8)], (1, 4, 4, 8))
    return file.build(file.operator("RESHAPE", [bent, file.constant([1, 128])], (1, 128)))


SMALL = small_file()


def test_a_file_is_read_as_what_it_says() -> None:
    graph = read_tflite(SMALL)
    assert [operator.kind for operator in graph.operators] == [
        "DENSIFY",
        "DEQUANTIZE",
        "CONV_2D",
        "PRELU",
        "RESHAPE",
    ]
    convolution = graph.operators[2]
    assert dict(convolution.options) == {
        "Padding": 0,
        "StrideH": 1,
        "StrideW": 1,
        "DilationHFactor": 1,
        "DilationWFactor": 1,
        "FusedActivationFunction": 0,
    }
    assert graph.tensors[graph.inputs[0]].shape == (1, 4, 4, 3)
    assert graph.tensors[graph.outputs[0]].kind == "FLOAT32"


@pytest.mark.parametrize("content", [b"", b"TFL3", b"PK\x03\x04 a zip file, perhaps", b"\0" * 64])
def test_another_kind_of_file_is_told(content: bytes) -> None:
    with pytest.raises(ModelError, match="not a TensorFlow Lite file"):
        convert(content)


@given(st.integers(8, len(SMALL) - 1))
def test_a_file_cut_short_is_damaged(length: int) -> None:
    with pytest.raises(ModelError) as caught:
        convert(SMALL[:length])
    assert "\n" not in str(caught.value)


@given(st.binary(min_size=8, max_size=200))
def test_rubbish_is_damaged(content: bytes) -> None:
    with pytest.raises(ModelError):
        convert(content[:4] + b"TFL3" + content[4:])


@given(st.integers(8, len(SMALL) - 1), st.integers(1, 255))
def test_a_wrong_byte_is_found_or_does_no_harm(place: int, change: int) -> None:
    damaged = bytearray(SMALL)
    damaged[place] ^= change
    with suppress(ModelError):
        assert convert(bytes(damaged))


def test_weights_of_an_unknown_type_are_told() -> None:
    file = TfliteFile()
    weights = file.constant(np.ones(6, np.complex64))
    output = file.operator("ADD", [file.input(1, 6), weights], (1, 6), "Add")
    with pytest.raises(ModelError, match="a constant of type COMPLEX64"):
        read_tflite(file.build(output))


@st.composite
def sparse_tensors(draw: st.DrawFn) -> tuple[np.ndarray, list[int], list[tuple[int, int]]]:
    """A tensor with zeros, an order of its dimensions, and blocks behind them."""
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    order = list(draw(st.permutations(range(len(shape)))))
    axes = draw(st.lists(st.integers(0, len(shape) - 1), unique=True, max_size=2))
    blocks = [(axis, draw(st.integers(1, 3))) for axis in axes]
    for axis, size in blocks:
        shape[axis] *= size
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    values = random.normal(size=shape).astype(np.float32)
    values[random.random(shape) < draw(st.floats(0, 1))] = 0
    return values, order + [len(shape) + place for place in range(len(blocks))], blocks


@given(sparse_tensors())
def test_a_sparse_tensor_comes_back_dense(made: tuple[np.ndarray, list[int], list[tuple[int, int]]]) -> None:
    values, order, blocks = made
    stored, levels = sparsified(values, order, blocks)
    sparsity = Sparsity(
        order=tuple(order),
        blocked=tuple(axis for axis, _ in blocks),
        levels=tuple(
            Level(size)
            if segments is None or indices is None
            else Level(0, np.array(segments, np.int64), np.array(indices, np.int64))
            for size, segments, indices in levels
        ),
    )
    np.testing.assert_array_equal(densify(values.shape, sparsity, stored), values)


def test_more_places_than_values_are_an_error() -> None:
    sparsity = Sparsity((0,), (), (Level(0, np.array([0, 3]), np.array([0, 2, 4])),))
    with pytest.raises(IndexError):
        densify((5,), sparsity, np.ones(2, np.float32))
