"""TensorFlow Lite files as values: tensors, operators and their options, all read and checked at once.

Layout: the TensorFlow Lite schema, version 3 (`schema.fbs`). Kernels and pictures are in the file's
order, height × width × channels.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, ModelError

MOST = 1 << 26
"""Numbers in one tensor; networks that run in milliseconds have far fewer, damaged files claim any."""

_TYPES: Mapping[str, str] = MappingProxyType(
    {"FLOAT32": "<f4", "FLOAT16": "<f2", "INT32": "<i4", "INT64": "<i8", "UINT8": "|u1", "INT8": "|i1"}
)
_DAMAGE = (
    struct.error,
    AttributeError,
    LookupError,
    ValueError,
    TypeError,
    OverflowError,
    MemoryError,
)
"""What a damaged file raises depends on where it leads the schema's accessors, which check nothing."""
_CONVOLUTION = (
    "Padding",
    "StrideH",
    "StrideW",
    "DilationHFactor",
    "DilationWFactor",
    "FusedActivationFunction",
)
_OPTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CONV_2D": ("Conv2DOptions", _CONVOLUTION),
        "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions", (*_CONVOLUTION, "DepthMultiplier")),
        "MAX_POOL_2D": (
            "Pool2DOptions",
            ("Padding", "StrideH", "StrideW", "FilterHeight", "FilterWidth", "FusedActivationFunction"),
        ),
        "FULLY_CONNECTED": (
            "FullyConnectedOptions",
            ("FusedActivationFunction", "WeightsFormat", "KeepNumDims"),
        ),
        "ADD": ("AddOptions", ("FusedActivationFunction",)),
        "SUB": ("SubOptions", ("FusedActivationFunction",)),
        "MUL": ("MulOptions", ("FusedActivationFunction",)),
        "DIV": ("DivOptions", ("FusedActivationFunction",)),
        "MEAN": ("ReducerOptions", ("KeepDims",)),
        "SUM": ("ReducerOptions", ("KeepDims",)),
        "CONCATENATION": ("ConcatenationOptions", ("Axis", "FusedActivationFunction")),
        "RESIZE_BILINEAR": ("ResizeBilinearOptions", ("AlignCorners", "HalfPixelCenters")),
        "DEPTH_TO_SPACE": ("DepthToSpaceOptions", ("BlockSize",)),
        "STRIDED_SLICE": (
            "StridedSliceOptions",
            ("BeginMask", "EndMask", "EllipsisMask", "NewAxisMask", "ShrinkAxisMask", "Offset"),
        ),
    }
)
"""Operators with options: the schema's table and its fields."""


@dataclass(frozen=True, slots=True)
class Level:
    """How one dimension of a sparse tensor is stored."""

    size: int
    """Of a dense dimension; 0 for a compressed one."""
    segments: NDArray[np.int64] | None = None
    """Of a compressed dimension: entries of parent i are indices[segments[i]:segments[i + 1]]."""
    indices: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Sparsity:
    """Where the stored values of a sparse tensor belong (schema: `SparsityParameters`)."""

    order: tuple[int, ...]
    """Dimension of each level; those from the tensor's rank upwards are within blocks."""
    blocked: tuple[int, ...]
    """The tensor's dimension that each block dimension divides."""
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of the graph."""

    shape: tuple[int, ...]
    kind: str
    """The schema's name of its type, e.g. `FLOAT16`."""
    data: NDArray[Any] | None = None
    """A constant's values in its shape, or in one row where it is sparse; None: computed."""
    sparsity: Sparsity | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of the graph."""

    kind: str
    """The schema's name, e.g. `CONV_2D`; of a custom one `CUSTOM` and its own."""
    inputs: tuple[int, ...]
    """Numbers of tensors; −1 for one left out."""
    outputs: tuple[int, ...]
    options: Mapping[str, int]
    """By the schema's accessor, e.g. `StrideH`; empty where none are known."""


@dataclass(frozen=True, slots=True)
class TfliteGraph:
    """A network as its file describes it; operators come after those that they depend on."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_tflite(model: bytes) -> TfliteGraph:
    """The graph in a TensorFlow Lite file; raises `ModelError` for anything else, `MissingExtra`."""
    try:
        import tflite
    except ImportError as error:
        raise MissingExtra("tflite", "signs") from error

    if model[4:8] != b"TFL3":
        raise ModelError("not a TensorFlow Lite file (its mark TFL3 is missing)")
    try:
        root = tflite.Model.GetRootAs(model, 0)
        if root.SubgraphsLength() != 1:
            raise ModelError(f"a TensorFlow Lite file of {root.SubgraphsLength()} graphs; only one is read")
        return _graph(root, root.Subgraphs(0))
    except _DAMAGE as error:
        reason = str(error).partition("\n")[0]
        raise ModelError(f"a damaged TensorFlow Lite file ({reason}); fetch it again") from error


def densify(shape: tuple[int, ...], sparsity: Sparsity, values: NDArray[Any]) -> NDArray[Any]:
    """The tensor of `shape` that holds `values` where `sparsity` says and 0 elsewhere.

    Format: TACO levels as in `SparsityParameters` of the schema. Raises ValueError where they disagree.
    """
    place = np.zeros(1, np.int64)  # of each entry among those of its level
    found: list[NDArray[np.int64]] = []  # index of each entry in the levels so far
    size = math.prod(shape)
    for level in sparsity.levels:
        if level.segments is None or level.indices is None:
            counts = np.full(place.size, level.size)
            _require_room(counts, size)
            index = np.tile(np.arange(level.size), place.size)
            place = np.repeat(place, counts) * level.size + index
        else:
            counts = level.segments[place + 1] - level.segments[place]
            _require_room(counts, size)
            first = np.repeat(level.segments[place] - np.cumsum(counts) + counts, counts)
            place = first + np.arange(counts.sum())
            index = level.indices[place]
        found = [np.repeat(indices, counts) for indices in found] + [index]
    by_dimension = dict(zip(sparsity.order, found, strict=True))
    sizes = dict(zip(sparsity.order, sparsity.levels, strict=True))
    where = [by_dimension[axis] for axis in range(len(shape))]
    for number, axis in enumerate(sparsity.blocked, len(shape)):
        where[axis] = where[axis] * sizes[number].size + by_dimension[number]
    dense = np.zeros(shape, values.dtype)
    dense[tuple(where)] = values[place]
    return dense


def _require_room(counts: NDArray[np.int64], size: int) -> None:
    """Raise ValueError where there are more entries than the tensor has places, before making them."""
    if (counts < 0).any() or counts.sum() > size:
        raise ValueError("more stored weights than the tensor has")


def _graph(root: Any, graph: Any) -> TfliteGraph:
    read = TfliteGraph(
        tensors=tuple(_tensor(root, graph.Tensors(i)) for i in range(graph.TensorsLength())),
        operators=tuple(_operator(root, graph.Operators(i)) for i in range(graph.OperatorsLength())),
        inputs=_numbers(graph.InputsAsNumpy()),
        outputs=_numbers(graph.OutputsAsNumpy()),
    )
    named = {*read.inputs, *read.outputs}
    for operator in read.operators:
        named |= {*operator.outputs, *(number for number in operator.inputs if number != -1)}
    if not named <= set(range(len(read.tensors))):
        raise ValueError("a tensor that there is not")
    return read


def _tensor(root: Any, tensor: Any) -> Tensor:
    import tflite

    kind = _name_of(tflite.TensorType, tensor.Type())
    shape = _numbers(tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()
    if math.prod(shape) > MOST or min(shape, default=1) < 0:
        raise ValueError(f"a tensor of shape {shape}")
    buffer = root.Buffers(tensor.Buffer())
    if buffer.Offset() > 1:
        raise ModelError("a TensorFlow Lite file with weights behind the graph; those are not read")
    if not buffer.DataLength():
        return Tensor(shape, kind)
    if kind not in _TYPES:
        raise ModelError(f"a constant of type {kind}; known: {', '.join(_TYPES)}")
    # the accessor's array has whatever length a damaged file claims, and numpy checks it
    data = np.frombuffer(np.ascontiguousarray(buffer.DataAsNumpy()), np.dtype(_TYPES[kind]))
    if data.dtype.kind == "f" and not np.isfinite(data).all():
        raise ValueError("a weight that is not a number")
    sparsity = tensor.Sparsity()
    if sparsity is not None:
        return Tensor(shape, kind, data, _sparsity(sparsity))
    return Tensor(shape, kind, data.reshape(shape))


def _sparsity(table: Any) -> Sparsity:
    return Sparsity(
        order=_numbers(table.TraversalOrderAsNumpy()),
        blocked=_numbers(table.BlockMapAsNumpy()) if table.BlockMapLength() else (),
        levels=tuple(_level(table.DimMetadata(i)) for i in range(table.DimMetadataLength())),
    )


def _level(dimension: Any) -> Level:
    import tflite

    if dimension.Format() == tflite.DimensionType.DENSE:
        return Level(dimension.DenseSize())
    segments = _index_vector(dimension.ArraySegmentsType(), dimension.ArraySegments())
    return Level(0, segments, _index_vector(dimension.ArrayIndicesType(), dimension.ArrayIndices()))


def _index_vector(kind: int, table: Any) -> NDArray[np.int64]:
    import tflite

    vector = getattr(tflite, _name_of(tflite.SparseIndexVector, kind))()
    vector.Init(table.Bytes, table.Pos)
    return np.asarray(vector.ValuesAsNumpy(), np.int64)


def _operator(root: Any, operator: Any) -> Operator:
    import tflite

    code = root.OperatorCodes(operator.OpcodeIndex())
    # files older than the schema's 3a keep the number in a byte of its own
    kind = _name_of(tflite.BuiltinOperator, max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
    if kind == "CUSTOM":
        kind = f"CUSTOM {(code.CustomCode() or b'').decode('utf-8')}"
    return Operator(
        kind,
        _numbers(operator.InputsAsNumpy()),
        _numbers(operator.OutputsAsNumpy()),
        _options(kind, operator),
    )


def _options(kind: str, operator: Any) -> Mapping[str, int]:
    import tflite

    if kind not in _OPTIONS:
        return MappingProxyType({})
    name, fields = _OPTIONS[kind]
    if operator.BuiltinOptionsType() != getattr(tflite.BuiltinOptions, name):
        raise ValueError(f"{kind} without its options")
    table = getattr(tflite, name)()
    table.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
    return MappingProxyType({field: int(getattr(table, field)()) for field in fields})


def _numbers(values: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _name_of(enumeration: Any, number: int) -> str:
    """The schema's name of a number; its own digits where the schema is older than the file."""
    return next((name for name, value in vars(enumeration).items() if value == number), f"number {number}")
