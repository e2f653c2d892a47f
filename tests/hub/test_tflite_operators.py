from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from accessify.core.errors import ModelError
from accessify.hub.convert_tflite import convert
from tests.hub.tflite_files import TfliteFile, farthest, interpreted, run

onnx = pytest.importorskip("onnx")

NONE, RELU, RELU6, TANH = 0, 1, 3, 4
SAME, VALID = 0, 1


def check(file: TfliteFile, output: int, *inputs: tuple[int, ...], low: float = -1.0) -> list[str]:
    """Both interpreters agree on `output`; returns the kinds of ONNX nodes."""
    model = file.build(output)
    feed = [file.random.uniform(low, 1, shape).astype(np.float32) for shape in inputs]
    graph = convert(model)
    (expected,), (found,) = interpreted(model, *feed), run(graph, *feed)
    assert farthest(found, expected) < 1e-6
    return [node.op_type for node in onnx.load_from_string(graph).graph.node]


@pytest.mark.parametrize("activation", [NONE, RELU, RELU6])
@pytest.mark.parametrize(
    "shapes",  # side, kernel, stride, padding, side of the result
    [
        (8, 3, 1, SAME, 8),
        (8, 3, 2, SAME, 4),
        (7, 3, 2, SAME, 4),
        (8, 2, 2, SAME, 4),
        (7, 2, 1, SAME, 7),
        (8, 5, 3, SAME, 3),
        (8, 3, 1, VALID, 6),
        (9, 3, 2, VALID, 4),
        (8, 1, 1, VALID, 8),
    ],
)
@pytest.mark.parametrize("depthwise", [False, True])
def test_convolutions(shapes: tuple[int, int, int, int, int], activation: int, depthwise: bool) -> None:
    size, kernel, stride, padding, result = shapes
    file = TfliteFile()
    channels = 5 if depthwise else 3
    shape = (1, kernel, kernel, 5) if depthwise else (5, kernel, kernel, 3)
    output = file.convolution(
        file.input(1, size, size, channels),
        file.constant(file.random.normal(0, 3, shape)),
        (1, result, result, 5),
        strideH=stride,
        strideW=stride,
        padding=padding,
        fusedActivationFunction=activation,
        depthwise=depthwise,
    )
    check(file, output, (1, size, size, channels))


@pytest.mark.parametrize("kind", ["ADD", "SUB", "MUL", "DIV"])
@pytest.mark.parametrize("other", [(4,), (1, 1, 1, 4), (1, 3, 3, 4), (1,), (), None])
def test_arithmetic(kind: str, other: tuple[int, ...] | None) -> None:
    file = TfliteFile()
    shape = (1, 3, 3, 4)
    first = file.input(*shape)
    second = file.input(*shape) if other is None else file.constant(file.random.uniform(0.2, 0.8, other))
    pair = [
        file.operator("LOGISTIC", [tensor], shape) if other is None else tensor for tensor in (first, second)
    ]
    output = file.operator(kind, pair, shape, kind.capitalize(), fusedActivationFunction=RELU)
    check(file, output, *([shape, shape] if other is None else [shape]))


def test_a_constant_may_come_first() -> None:
    file = TfliteFile()
    output = file.operator("SUB", [file.weights(4), file.input(1, 3, 3, 4)], (1, 3, 3, 4), "Sub")
    check(file, output, (1, 3, 3, 4))


def test_rows_are_stretched_too() -> None:
    file = TfliteFile()
    output = file.operator("MUL", [file.input(1, 7, 2), file.weights(2)], (1, 7, 2), "Mul")
    check(file, output, (1, 7, 2))


@pytest.mark.parametrize("kind", ["RELU", "LOGISTIC", "NEG"])
@pytest.mark.parametrize("shape", [(1, 4, 5, 3), (1, 6)])
def test_functions_of_one_number(kind: str, shape: tuple[int, ...]) -> None:
    file = TfliteFile()
    check(file, file.operator(kind, [file.input(*shape)], shape), shape)


@pytest.mark.parametrize("kind", ["SQRT", "RSQRT"])
def test_roots(kind: str) -> None:
    file = TfliteFile()
    check(file, file.operator(kind, [file.input(1, 9)], (1, 9)), (1, 9), low=0.1)


def test_squared_difference() -> None:
    file = TfliteFile()
    shape = (1, 3, 2, 4)
    check(file, file.operator("SQUARED_DIFFERENCE", [file.input(*shape), file.weights(4)], shape), shape)


@pytest.mark.parametrize("slopes", [(-0.5, 0.0, 0.3, 1.0), (0.2, 1.5, 12.0, -3.0)], ids=["to 1", "above 1"])
def test_prelu_at_any_slope(slopes: tuple[float, ...]) -> None:
    file = TfliteFile()
    shape = (1, 6, 6, 4)
    slope = file.constant(np.reshape(slopes, (1, 1, 4)))
    kinds = check(file, file.operator("PRELU", [file.input(*shape), slope], shape), shape)
    assert "PRelu" not in kinds


@pytest.mark.parametrize("padding", [SAME, VALID])
def test_max_pool(padding: int) -> None:
    file = TfliteFile()
    shape = (1, 7, 7, 3)
    size = 4 if padding == SAME else 3
    output = file.operator(
        "MAX_POOL_2D",
        [file.input(*shape)],
        (1, size, size, 3),
        "Pool2D",
        filterHeight=2,
        filterWidth=2,
        strideH=2,
        strideW=2,
        padding=padding,
    )
    check(file, output, shape)


@pytest.mark.parametrize(
    ("amounts", "result"),
    [
        ([[0, 0], [1, 2], [2, 1], [0, 0]], (1, 8, 8, 3)),
        ([[0, 0], [0, 0], [0, 0], [0, 2]], (1, 5, 5, 5)),
        ([[0, 0], [0, 0], [0, 0], [2, 1]], (1, 5, 5, 6)),
        ([[0, 0], [1, 1], [0, 0], [1, 2]], (1, 7, 5, 6)),
    ],
    ids=["around", "channels behind", "channels before", "both"],
)
def test_pad(amounts: list[list[int]], result: tuple[int, ...]) -> None:
    file = TfliteFile()
    check(file, file.operator("PAD", [file.input(1, 5, 5, 3), file.constant(amounts)], result), (1, 5, 5, 3))


@pytest.mark.parametrize("padding", [SAME, VALID])
def test_a_convolution_takes_over_the_padding_before_it(padding: int) -> None:
    file = TfliteFile()
    amounts = file.constant([[0, 0], [0, 1], [1, 1], [0, 0]])
    padded = file.operator("PAD", [file.input(1, 6, 6, 3), amounts], (1, 7, 8, 3))
    shape = (1, 4, 4, 5) if padding == SAME else (1, 3, 3, 5)
    output = file.convolution(padded, file.weights(5, 3, 3, 3), shape, strideH=2, strideW=2, padding=padding)
    assert "Pad" not in check(file, output, (1, 6, 6, 3))


def test_more_channels_before_a_sum() -> None:
    file = TfliteFile()
    source = file.input(1, 4, 4, 3)
    padded = file.operator("PAD", [source, file.constant([[0, 0], [0, 0], [0, 0], [0, 5]])], (1, 4, 4, 8))
    wide = file.convolution(source, file.weights(8, 1, 1, 3), (1, 4, 4, 8), padding=VALID)
    output = file.operator("ADD", [wide, padded], (1, 4, 4, 8), "Add", fusedActivationFunction=RELU6)
    assert "Pad" not in check(file, output, (1, 4, 4, 3))


@pytest.mark.parametrize("kind", ["MEAN", "SUM"])
@pytest.mark.parametrize(
    ("shape", "axes", "keep", "result"),
    [
        ((1, 4, 5, 3), [1, 2], True, (1, 1, 1, 3)),
        ((1, 4, 5, 3), [3], True, (1, 4, 5, 1)),
        ((1, 4, 5, 3), [-3, -1], True, (1, 1, 5, 1)),
        ((1, 6, 2), -2, True, (1, 1, 2)),
        ((1, 6, 2), [1], False, (1, 2)),
    ],
)
def test_sums_and_means(
    kind: str, shape: tuple[int, ...], axes: list[int] | int, keep: bool, result: tuple[int, ...]
) -> None:
    file = TfliteFile()
    inputs = [file.input(*shape), file.constant(np.array(axes))]
    check(file, file.operator(kind, inputs, result, "Reducer", keepDims=keep), shape)


@pytest.mark.parametrize("activation", [NONE, RELU6])
def test_the_mean_of_a_picture_and_a_row_of_weights(activation: int) -> None:
    file = TfliteFile()
    mean = file.operator("MEAN", [file.input(1, 4, 4, 6), file.constant([1, 2])], (1, 6), "Reducer")
    output = file.operator(
        "FULLY_CONNECTED",
        [mean, file.weights(9, 6), file.weights(9)],
        (1, 9),
        "FullyConnected",
        fusedActivationFunction=activation,
    )
    check(file, output, (1, 4, 4, 6))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1, 4, 6, 3), (1, 72)),
        ((1, 4, 6, 3), (1, 24, 3)),
        ((1, 1, 1, 9), (1, 9)),
        ((1, 8, 8, 1), (1, 64)),
        ((1, 24), (1, 2, 4, 3)),
        ((1, 9), (1, 1, 1, 9)),
        ((1, 4, 6, 4), (1, 2, 6, 8)),
    ],
)
def test_reshape(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    file = TfliteFile()
    check(file, file.operator("RESHAPE", [file.input(*before), file.constant(after)], after), before)


@pytest.mark.parametrize("order", [(0, 1, 3, 2), (0, 3, 1, 2), (0, 2, 3, 1)])
def test_transpose(order: tuple[int, ...]) -> None:
    file = TfliteFile()
    shape = (1, 2, 3, 4)
    result = [shape[axis] for axis in order]
    check(file, file.operator("TRANSPOSE", [file.input(*shape), file.constant(order)], result), shape)


@pytest.mark.parametrize(("axis", "result"), [(1, (1, 6, 2, 4)), (-2, (1, 3, 4, 4)), (3, (1, 3, 2, 8))])
def test_concatenation_with_a_constant(axis: int, result: tuple[int, ...]) -> None:
    file = TfliteFile()
    parts = [file.weights(1, 3, 2, 4), file.input(1, 3, 2, 4)]
    check(file, file.operator("CONCATENATION", parts, result, "Concatenation", axis=axis), (1, 3, 2, 4))


MODES = [{}, {"halfPixelCenters": True}, {"alignCorners": True}]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(8, 8), (9, 5)])
def test_resize(mode: dict[str, bool], size: tuple[int, int]) -> None:
    file = TfliteFile()
    inputs = [file.input(1, 4, 4, 3), file.constant(size)]
    output = file.operator("RESIZE_BILINEAR", inputs, (1, *size, 3), "ResizeBilinear", version=3, **mode)
    check(file, output, (1, 4, 4, 3))


@pytest.mark.parametrize("mode", MODES)
def test_single_pixels_are_convolved_before_they_are_enlarged(mode: dict[str, bool]) -> None:
    file = TfliteFile()
    inputs = [file.input(1, 4, 4, 3), file.constant([8, 8])]
    large = file.operator("RESIZE_BILINEAR", inputs, (1, 8, 8, 3), "ResizeBilinear", version=3, **mode)
    kernel = file.weights(5, 1, 1, 3)
    output = file.convolution(large, kernel, (1, 8, 8, 5), padding=VALID, fusedActivationFunction=RELU6)
    kinds = check(file, output, (1, 4, 4, 3))
    assert kinds.index("Conv") < kinds.index("Resize") < kinds.index("Clip")


def test_depth_to_space() -> None:
    file = TfliteFile()
    output = file.operator(
        "DEPTH_TO_SPACE", [file.input(1, 3, 2, 8)], (1, 6, 4, 2), "DepthToSpace", blockSize=2
    )
    check(file, output, (1, 3, 2, 8))


@pytest.mark.parametrize(
    ("bounds", "masks", "result"),
    [
        (([0, 0, 0, 1], [1, 5, 4, 3]), {}, (1, 5, 4, 2)),
        (([0, 0, 0, 0], [0, 0, 0, 4]), {"beginMask": 7, "endMask": 7}, (1, 5, 4, 4)),
        (([0, 1, 0, 0], [0, -1, 0, 0]), {"beginMask": 13, "endMask": 13}, (1, 3, 4, 6)),
    ],
    ids=["channels", "first channels", "rows"],
)
def test_slices_of_pictures(
    bounds: tuple[list[int], list[int]], masks: dict[str, int], result: tuple[int, ...]
) -> None:
    file = TfliteFile()
    inputs = [file.input(1, 5, 4, 6), *(file.constant(row) for row in (*bounds, [1, 1, 1, 1]))]
    output = file.operator("STRIDED_SLICE", inputs, result, "StridedSlice", **masks)
    kinds = check(file, output, (1, 5, 4, 6))
    assert ("Slice" in kinds) == (result[1] == 3)


def test_a_slice_that_drops_a_dimension() -> None:
    file = TfliteFile()
    inputs = [file.input(2, 6), *(file.constant(row) for row in ([-1, 0], [0, 6], [1, 1]))]
    masks = {"beginMask": 2, "endMask": 2, "shrinkAxisMask": 1}
    check(file, file.operator("STRIDED_SLICE", inputs, (6,), "StridedSlice", **masks), (2, 6))


def test_weights_in_half_precision() -> None:
    file = TfliteFile()
    stored = file.constant(file.random.normal(size=(5, 3, 3, 3)).astype(np.float16))
    kernel = file.operator("DEQUANTIZE", [stored], (5, 3, 3, 3), version=2)
    check(file, file.convolution(file.input(1, 6, 6, 3), kernel, (1, 6, 6, 5)), (1, 6, 6, 3))


def test_sparse_weights() -> None:
    file = TfliteFile()
    values = file.random.normal(size=(8, 1, 1, 6)).astype(np.float32)
    values[file.random.random(values.shape) < 0.7] = 0
    kernel = file.operator("DENSIFY", [file.sparse(values, (0, 1, 2, 3))], values.shape)
    check(file, file.convolution(file.input(1, 5, 5, 6), kernel, (1, 5, 5, 8)), (1, 5, 5, 6))


def dilated(file: TfliteFile) -> int:
    return file.convolution(file.input(1, 6, 6, 3), file.weights(5, 3, 3, 3), (1, 6, 6, 5), dilationHFactor=2)


def multiplied(file: TfliteFile) -> int:
    kernel = file.weights(1, 3, 3, 6)
    return file.convolution(file.input(1, 6, 6, 3), kernel, (1, 6, 6, 6), depthwise=True, depthMultiplier=2)


def grouped(file: TfliteFile) -> int:
    return file.convolution(file.input(1, 6, 6, 4), file.weights(4, 3, 3, 2), (1, 6, 6, 4))


def tanh(file: TfliteFile) -> int:
    inputs = [file.input(1, 6), file.weights(6)]
    return file.operator("ADD", inputs, (1, 6), "Add", fusedActivationFunction=TANH)


def by_pixel(file: TfliteFile) -> int:
    return file.operator("PRELU", [file.input(1, 3, 3, 2), file.weights(3, 3, 2)], (1, 3, 3, 2))


def every_second(file: TfliteFile) -> int:
    inputs = [file.input(1, 6), *(file.constant(row) for row in ([0, 0], [1, 6], [1, 2]))]
    return file.operator("STRIDED_SLICE", inputs, (1, 3), "StridedSlice")


def computed_kernel(file: TfliteFile) -> int:
    return file.convolution(file.input(1, 3, 3, 2), file.input(4, 1, 1, 2), (1, 3, 3, 4))


def quantised(file: TfliteFile) -> int:
    stored = file.constant(np.ones((2, 6), np.int8))
    weights = file.operator("DEQUANTIZE", [stored], (2, 6))
    return file.operator("FULLY_CONNECTED", [file.input(1, 6), weights], (1, 2), "FullyConnected")


def unknown(file: TfliteFile) -> int:
    return file.operator("HARD_SWISH", [file.input(1, 6)], (1, 6))


def custom(file: TfliteFile) -> int:
    return file.operator("CUSTOM", [file.input(1, 6)], (1, 6))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (dilated, "CONV_2D: dilation"),
        (multiplied, "DEPTHWISE_CONV_2D: depth multiplier 2"),
        (grouped, "CONV_2D: groups of channels"),
        (tanh, "ADD: activation number 4"),
        (by_pixel, "PRELU: a slope for each pixel"),
        (every_second, "STRIDED_SLICE: a step of 2"),
        (computed_kernel, "CONV_2D: input 1 is not a constant"),
        (quantised, "DEQUANTIZE: weights of type INT8"),
        (unknown, "HARD_SWISH is not known; known: ADD, "),
        (custom, "CUSTOM Sparkle is not known"),
    ],
)
def test_what_is_not_done_is_named(make: Callable[[TfliteFile], int], words: str) -> None:
    file = TfliteFile()
    with pytest.raises(ModelError, match=f"operator {words}"):
        convert(file.build(make(file)))
