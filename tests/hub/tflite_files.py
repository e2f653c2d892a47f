"""TensorFlow Lite files built operator by operator, and the interpreter that says what they compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.evaluation.graph_check import relative_error

schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

Array = NDArray[Any]


class TfliteFile:
    """One graph that grows; tensors are numbers."""

    def __init__(self) -> None:
        self._tensors: list[Any] = []
        self._buffers = [schema.BufferT()]
        self._codes: list[Any] = []
        self._operators: list[Any] = []
        self._inputs: list[int] = []
        self.random = np.random.default_rng(7)

    def input(self, *shape: int, kind: str = "FLOAT32") -> int:
        self._inputs.append(self._tensor(shape, kind))
        return self._inputs[-1]

    def constant(self, values: Any, kind: str | None = None) -> int:
        values = np.asarray(values)
        if values.dtype == np.float64:
            values = values.astype(np.float32)
        if values.dtype == np.int64:
            values = values.astype(np.int32)
        return self._tensor(values.shape, kind or values.dtype.name.upper(), values)

    def weights(self, *shape: int) -> int:
        return self.constant(self.random.normal(size=shape))

    def sparse(self, values: Array, order: Sequence[int], blocks: Sequence[tuple[int, int]] = ()) -> int:
        """A constant stored as its levels; `blocks` are (dimension, size), the last level is compressed."""
        stored, levels = sparsified(values, order, blocks)
        number = self._tensor(values.shape, values.dtype.name.upper(), stored)
        sparsity = schema.SparsityParametersT()
        sparsity.traversalOrder = list(order)
        sparsity.blockMap = [dimension for dimension, _ in blocks]
        sparsity.dimMetadata = []
        for size, segments, indices in levels:
            metadata = schema.DimensionMetadataT()
            metadata.denseSize = size
            if segments is not None:
                metadata.format = schema.DimensionType.SPARSE_CSR
                metadata.arraySegmentsType = schema.SparseIndexVector.Int32Vector
                metadata.arraySegments = schema.Int32VectorT()
                metadata.arraySegments.values = segments
                metadata.arrayIndicesType = schema.SparseIndexVector.Uint8Vector
                metadata.arrayIndices = schema.Uint8VectorT()
                metadata.arrayIndices.values = indices
            sparsity.dimMetadata.append(metadata)
        self._tensors[number].sparsity = sparsity
        return number

    def operator(
        self,
        kind: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        options: str | None = None,
        *,
        version: int = 1,
        **fields: Any,
    ) -> int:
        """Add an operator; `options` is its table in the schema, e.g. `Pool2D`, with `fields` set."""
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, kind)
        code.version = version
        if kind == "CUSTOM":
            code.customCode = b"Sparkle"
        self._codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self._codes) - 1
        operator.inputs = list(inputs)
        operator.outputs = [self._tensor(shape, "FLOAT32")]
        if options:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, f"{options}Options")
            operator.builtinOptions = getattr(schema, f"{options}OptionsT")()
            for name, value in fields.items():
                setattr(operator.builtinOptions, name, value)
        self._operators.append(operator)
        return int(operator.outputs[0])

    def convolution(self, source: int, kernel: int, shape: Sequence[int], **fields: Any) -> int:
        """A convolution with a bias and fields of the schema; `depthwise`: one of single channels."""
        depthwise = fields.pop("depthwise", False)
        settings = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1, **fields}
        if depthwise:
            settings = {"depthMultiplier": 1, **settings}
        kind = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        table = "DepthwiseConv2D" if depthwise else "Conv2D"
        bias = self.weights(shape[3])
        return self.operator(kind, [source, kernel, bias], shape, table, **settings)

    def build(self, *outputs: int) -> bytes:
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self._tensors, self._operators
        graph.inputs, graph.outputs = self._inputs, list(outputs)
        model = schema.ModelT()
        model.version = 3
        model.operatorCodes, model.buffers, model.subgraphs = self._codes, self._buffers, [graph]
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _tensor(self, shape: Sequence[int], kind: str, values: Array | None = None) -> int:
        tensor = schema.TensorT()
        tensor.shape = list(shape)
        tensor.type = getattr(schema.TensorType, kind)
        tensor.name = f"tensor{len(self._tensors)}".encode()
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            tensor.buffer = len(self._buffers)
            self._buffers.append(buffer)
        self._tensors.append(tensor)
        return len(self._tensors) - 1


Levels = list[tuple[int, list[int] | None, list[int] | None]]


def sparsified(
    values: Array, order: Sequence[int], blocks: Sequence[tuple[int, int]] = ()
) -> tuple[Array, Levels]:
    """The stored values of an array and its levels (size, segments, indices), the compressed one last
    among those outside blocks.
    """
    rank = values.ndim
    split = dict(blocks)
    shape: list[int] = []
    axes: list[tuple[int, bool]] = []  # (dimension, within a block) of each axis of the split array
    for axis in range(rank):
        shape += [values.shape[axis] // split[axis], split[axis]] if axis in split else [values.shape[axis]]
        axes += [(axis, False), (axis, True)] if axis in split else [(axis, False)]
    numbers = {(axis, False): axis for axis in range(rank)}
    numbers |= {(dimension, True): rank + place for place, (dimension, _) in enumerate(blocks)}
    places = [numbers[axis] for axis in axes]
    turned = values.reshape(shape).transpose([places.index(number) for number in order])
    sizes = turned.shape
    last = rank - 1  # level that is compressed; those of the blocks come behind it
    rows = turned.reshape(int(np.prod(sizes[:last])), sizes[last], -1)
    segments, indices, stored = [0], [], []
    for row in rows:
        busy = np.flatnonzero(row.any(axis=1))
        indices += busy.tolist()
        segments.append(len(indices))
        stored.append(row[busy].reshape(-1))
    levels: Levels = [(size, None, None) for size in sizes]
    levels[last] = (0, segments, indices)
    return np.concatenate([*stored, np.zeros(0, values.dtype)]).astype(values.dtype), levels


def interpreted(model: bytes, *inputs: Array) -> list[Array]:
    """What TensorFlow Lite's own kernels make of a file.

    Not XNNPACK's: on the body's metric points it is 6e-5 away from them.
    """
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(
        model_content=model,
        num_threads=1,
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    for details, values in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(details["index"], values)
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]


def run(graph: bytes, *inputs: Array) -> list[Array]:
    """What onnxruntime makes of a graph; pictures [1, H, W, C] are turned to channels first."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    feed = {}
    for wanted, values in zip(session.get_inputs(), inputs, strict=True):
        feed[wanted.name] = values.transpose(0, 3, 1, 2).copy() if wanted.name == "image" else values
    return list(session.run(None, feed))


def farthest(found: Array, expected: Array) -> float:
    """The bench's error of one output; comparing nothing is refused."""
    assert found.shape == expected.shape
    assert np.abs(expected).max() > 0, "an output of zeros compares nothing"
    return relative_error(found, expected)
