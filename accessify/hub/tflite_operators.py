"""TensorFlow Lite's operators in ONNX, one small function each; `OPERATORS` is the table of them.

What each computes: TensorFlow Lite's reference kernels. Forms that look roundabout are those that
onnxruntime runs without leaving its blocked layout; see `tflite_translation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.hub.tflite_reader import Operator, densify
from accessify.hub.tflite_translation import (
    TO_CHANNELS,
    TO_ROWS,
    Padded,
    Resized,
    Translation,
    axis_of,
    refuse,
)

SAME = 0
"""`Padding` that keeps the size, by the schema's number; 1 is VALID, none."""


def _conv_2d(t: Translation, op: Operator) -> None:
    kernel = t.constant(op, 1)
    _, height, width, channels = kernel.shape
    if channels != t.shape(op.inputs[0])[3]:
        refuse(op, "groups of channels")
    put_off = t.waiting.get(op.inputs[0])
    pointwise = (height, width, op.options["StrideH"], op.options["StrideW"]) == (1, 1, 1, 1)
    if isinstance(put_off, Resized) and pointwise and t.used_once(op.inputs[0]):
        # both are sums with fixed weights, those of the resizing adding up to 1: their order is free
        del t.waiting[op.inputs[0]]
        small = _convolve(t, op, t.value(put_off.source), kernel.transpose(TO_CHANNELS), pads=(0, 0, 0, 0))
        t.finish(op, t.resize(small, put_off))
        return
    t.finish(op, _padded_convolution(t, op, kernel.transpose(TO_CHANNELS)))


def _depthwise_conv_2d(t: Translation, op: Operator) -> None:
    kernel = t.constant(op, 1)
    if op.options["DepthMultiplier"] != 1:
        refuse(op, f"depth multiplier {op.options['DepthMultiplier']}")
    if kernel.shape[::3] != (1, t.shape(op.inputs[0])[3]):
        refuse(op, f"a kernel of shape {kernel.shape}")
    t.finish(op, _padded_convolution(t, op, kernel.transpose(3, 0, 1, 2)))


def _padded_convolution(t: Translation, op: Operator, kernel: NDArray[Any]) -> str:
    """Convolve with `kernel` [out, in / groups, height, width], taking over a Pad before it."""
    source = op.inputs[0]
    pads = _pads(t, op, kernel.shape[2], kernel.shape[3])
    put_off = t.waiting.get(source)
    if isinstance(put_off, Padded) and not any(put_off.before[::3] + put_off.after[::3]):
        source = put_off.source
        own = (*put_off.before[1:3], *put_off.after[1:3])
        top, left, bottom, right = (a + b for a, b in zip(pads, own, strict=True))
        pads = (top, left, bottom, right)
    return _convolve(t, op, t.value(source), kernel, pads)


def _convolve(
    t: Translation, op: Operator, source: str, kernel: NDArray[Any], pads: tuple[int, int, int, int]
) -> str:
    if (op.options["DilationHFactor"], op.options["DilationWFactor"]) != (1, 1):
        refuse(op, "dilation")
    inputs = [source, t.builder.weights(kernel), *_bias(t, op, len(kernel))]
    return t.builder.add(
        "Conv",
        inputs,
        kernel_shape=kernel.shape[2:],
        strides=[op.options["StrideH"], op.options["StrideW"]],
        pads=pads,
        group=t.shape(op.inputs[0])[3] // kernel.shape[1],
    )


def _bias(t: Translation, op: Operator, size: int) -> list[str]:
    """The names of the biases there are."""
    if len(op.inputs) < 3 or op.inputs[2] < 0:
        return []
    bias = t.constant(op, 2)
    if bias.shape != (size,):
        refuse(op, f"{bias.size} biases for {size} kernels")
    return [t.builder.weights(bias)]


def _pads(t: Translation, op: Operator, height: int, width: int) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of what the operator pads itself for a kernel of this size."""
    if op.options["Padding"] != SAME:
        return (0, 0, 0, 0)
    _, rows, columns, _ = t.shape(op.inputs[0])
    top, bottom = _same(rows, height, op.options["StrideH"])
    left, right = _same(columns, width, op.options["StrideW"])
    return (top, left, bottom, right)


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after, the odd one after: the rule of TensorFlow's `SAME`."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _max_pool_2d(t: Translation, op: Operator) -> None:
    size = (op.options["FilterHeight"], op.options["FilterWidth"])
    strides = (op.options["StrideH"], op.options["StrideW"])
    pads = _pads(t, op, *size)
    name = t.builder.add("MaxPool", [t.value(op.inputs[0])], kernel_shape=size, strides=strides, pads=pads)
    t.finish(op, name)


def _pad(t: Translation, op: Operator) -> None:
    amounts = t.constant(op, 1)
    if amounts.shape != (4, 2):
        refuse(op, f"a shape of {len(amounts)} dimensions")
    first, rows, columns, channels = (tuple(int(n) for n in pair) for pair in amounts)
    before, after = zip(first, rows, columns, channels, strict=True)
    if t.shape(op.outputs[0]) != tuple(map(sum, zip(before, t.shape(op.inputs[0]), after, strict=True))):
        refuse(op, "a result of another shape")
    t.waiting[op.outputs[0]] = Padded(op.inputs[0], before, after)


def _resize_bilinear(t: Translation, op: Operator) -> None:
    height, width = (int(n) for n in t.constant(op, 1))
    mode = "half_pixel" if op.options["HalfPixelCenters"] else "asymmetric"
    mode = "align_corners" if op.options["AlignCorners"] else mode
    t.waiting[op.outputs[0]] = Resized(op.inputs[0], height, width, mode)


def _prelu(t: Translation, op: Operator) -> None:
    """Where x < 0, slope · x: as x + s · Relu(r · x).

    onnxruntime's own PRelu leaves the blocked layout. Slopes above 1 occur: no maximum of x and
    slope · x will do.
    """
    slope = t.constant(op, 1).astype(np.float64)
    channels = t.shape(op.inputs[0])[-1]
    if slope.size != channels or len(t.shape(op.inputs[0])) != 4:
        refuse(op, "a slope for each pixel")
    slope = slope.reshape(channels)
    source = t.value(op.inputs[0])
    above = slope > 1
    bend = t.scale(source, np.where(above, -1.0, slope - 1))
    bend = t.builder.add("Relu", [bend])
    if above.any():
        bend = t.scale(bend, np.where(above, 1 - slope, 1.0))
    t.set_value(op.outputs[0], t.builder.add("Add", [source, bend]))


def _elementwise(kind: str) -> Callable[[Translation, Operator], None]:
    """An operator of two operands that are stretched to each other's shape."""

    def translate(t: Translation, op: Operator) -> None:
        rank = len(t.shape(op.outputs[0]))
        t.finish(op, t.builder.add(kind, [_operand(t, op, tensor, rank) for tensor in op.inputs]))

    return translate


def _operand(t: Translation, op: Operator, tensor: int, rank: int) -> str:
    if t.is_constant(tensor):
        return t.weights(t.constant(op, op.inputs.index(tensor)), rank)
    if len(t.shape(tensor)) != rank:
        refuse(op, "operands of different dimensions")
    return t.value(tensor)


def _single(*kinds: str) -> Callable[[Translation, Operator], None]:
    """An operator of one operand, as these nodes one after the other."""

    def translate(t: Translation, op: Operator) -> None:
        name = t.value(op.inputs[0])
        for kind in kinds:
            name = t.builder.add(kind, [name])
        t.set_value(op.outputs[0], name)

    return translate


def _squared_difference(t: Translation, op: Operator) -> None:
    rank = len(t.shape(op.outputs[0]))
    difference = t.builder.add("Sub", [_operand(t, op, tensor, rank) for tensor in op.inputs])
    t.set_value(op.outputs[0], t.builder.add("Mul", [difference, difference]))


def _reduce(kind: str) -> Callable[[Translation, Operator], None]:
    def translate(t: Translation, op: Operator) -> None:
        rank = len(t.shape(op.inputs[0]))
        axes = sorted({axis_of(int(axis), rank) for axis in t.constant(op, 1).reshape(-1)})
        keep = op.options["KeepDims"]
        source = t.value(op.inputs[0])
        if kind == "ReduceMean" and rank == 4 and axes == [2, 3]:
            name = t.builder.add("GlobalAveragePool", [source])  # knows blocks
            name = name if keep else t.builder.add("Flatten", [name])
        elif rank == 4 and not keep:
            refuse(op, "dimensions dropped other than height and width")
        else:
            name = t.builder.add(kind, [source, t.builder.integers(axes)], keepdims=keep)
        t.set_value(op.outputs[0], name)

    return translate


def _fully_connected(t: Translation, op: Operator) -> None:
    if len(t.shape(op.inputs[0])) != 2 or op.options["WeightsFormat"]:
        refuse(op, "an input that is not a row, or shuffled weights")
    weights = t.constant(op, 1)
    inputs = [t.value(op.inputs[0]), t.builder.weights(weights), *_bias(t, op, len(weights))]
    t.finish(op, t.builder.add("Gemm", inputs, transB=1))


def _reshape(t: Translation, op: Operator) -> None:
    """In the file's order, so pictures are turned to it first and back afterwards."""
    before, after = t.shape(op.inputs[0]), t.shape(op.outputs[0])
    name = t.value(op.inputs[0])
    if len(before) == 4 and not _is_row(before):
        name = t.builder.add("Transpose", [name], perm=TO_ROWS)
    if len(after) != 4 or _is_row(after):
        shape = [after[axis] for axis in TO_CHANNELS] if len(after) == 4 else after
        name = t.builder.add("Reshape", [name, t.builder.integers(shape)])
    else:
        name = t.builder.add("Reshape", [name, t.builder.integers(after)])
        name = t.builder.add("Transpose", [name], perm=TO_CHANNELS)
    t.set_value(op.outputs[0], name)


def _is_row(shape: tuple[int, ...]) -> bool:
    """Whether a picture has its numbers in the same order in both layouts."""
    return shape[3] == 1 or shape[1:3] == (1, 1)


def _transpose(t: Translation, op: Operator) -> None:
    order = [int(axis) for axis in t.constant(op, 1)]
    if len(order) == 4:
        rows = [TO_ROWS[axis] for axis in order]  # of the graph's dimensions, in the file's order
        order = [rows[axis] for axis in TO_CHANNELS]
    t.set_value(op.outputs[0], t.builder.add("Transpose", [t.value(op.inputs[0])], perm=order))


def _concatenation(t: Translation, op: Operator) -> None:
    rank = len(t.shape(op.outputs[0]))
    axis = axis_of(op.options["Axis"], rank)
    t.finish(op, t.builder.add("Concat", [t.value(tensor) for tensor in op.inputs], axis=axis))


def _depth_to_space(t: Translation, op: Operator) -> None:
    size = op.options["BlockSize"]
    source = t.value(op.inputs[0])
    t.set_value(op.outputs[0], t.builder.add("DepthToSpace", [source], blocksize=size, mode="DCR"))


def _strided_slice(t: Translation, op: Operator) -> None:
    """A cut of each dimension; bits of the masks say where it runs from or to the end, or drops it."""
    options = op.options
    if options["EllipsisMask"] or options["NewAxisMask"] or options["Offset"]:
        refuse(op, "an ellipsis, a new axis or an offset")
    shape = t.shape(op.inputs[0])
    cuts = zip(*(t.constant(op, place) for place in (1, 2, 3)), strict=True)
    starts, stops, axes = [], [], []
    for axis, (begin, end, step) in enumerate(cuts):
        if step != 1:
            refuse(op, f"a step of {step}")
        dropped = options["ShrinkAxisMask"] >> axis & 1
        start = 0 if options["BeginMask"] >> axis & 1 else int(begin) % shape[axis]
        stop = shape[axis] if options["EndMask"] >> axis & 1 else int(end)
        starts.append(start)
        stops.append(start + 1 if dropped else stop)
        axes.append(axis_of(axis, len(shape)))
    name = t.value(op.inputs[0])
    if len(shape) == 4 and t.shape(op.outputs[0])[:3] == shape[:3]:  # of channels: Slice leaves the blocks
        name = t.pick(name, np.arange(shape[3])[starts[3] : stops[3]], shape[3])
    else:
        bounds = [t.builder.integers(numbers) for numbers in (starts, stops, axes)]
        name = t.builder.add("Slice", [name, *bounds])
    if options["ShrinkAxisMask"]:
        if len(shape) == 4:
            refuse(op, "a dimension of a picture dropped")
        name = t.builder.add("Reshape", [name, t.builder.integers(t.shape(op.outputs[0]))])
    t.set_value(op.outputs[0], name)


def _dequantize(t: Translation, op: Operator) -> None:
    """Weights that are stored in 16 bits."""
    values = t.constant(op, 0)
    if values.dtype != np.float16:
        refuse(op, f"weights of type {t.graph.tensors[op.inputs[0]].kind}")
    t.keep_constant(op.outputs[0], values.astype(np.float32))


def _densify(t: Translation, op: Operator) -> None:
    """Weights of which only those other than 0 are stored."""
    tensor = t.graph.tensors[op.inputs[0]]
    values = t.constant(op, 0)
    if tensor.sparsity is not None:
        values = densify(tensor.shape, tensor.sparsity, values)
    t.keep_constant(op.outputs[0], values)


OPERATORS: Mapping[str, Callable[[Translation, Operator], None]] = MappingProxyType(
    {
        "ADD": _elementwise("Add"),
        "CONCATENATION": _concatenation,
        "CONV_2D": _conv_2d,
        "DENSIFY": _densify,
        "DEPTH_TO_SPACE": _depth_to_space,
        "DEPTHWISE_CONV_2D": _depthwise_conv_2d,
        "DEQUANTIZE": _dequantize,
        "DIV": _elementwise("Div"),
        "FULLY_CONNECTED": _fully_connected,
        "LOGISTIC": _single("Sigmoid"),
        "MAX_POOL_2D": _max_pool_2d,
        "MEAN": _reduce("ReduceMean"),
        "MUL": _elementwise("Mul"),
        "NEG": _single("Neg"),
        "PAD": _pad,
        "PRELU": _prelu,
        "RELU": _single("Relu"),
        "RESHAPE": _reshape,
        "RESIZE_BILINEAR": _resize_bilinear,
        "RSQRT": _single("Sqrt", "Reciprocal"),
        "SQRT": _single("Sqrt"),
        "SQUARED_DIFFERENCE": _squared_difference,
        "STRIDED_SLICE": _strided_slice,
        "SUB": _elementwise("Sub"),
        "SUM": _reduce("ReduceSum"),
        "TRANSPOSE": _transpose,
    }
)
"""The function for each operator, by the schema's name."""
