"""ONNX graphs of any types and sizes, written to disk: large weights in a file beside the graph.

`OnnxBuilder` makes small float graphs of fixed shapes in memory; this one is for the large networks
whose inputs have free axes and whose weights may be quantised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from accessify.core.errors import MissingExtra, ModelError
from accessify.core.placing import placed

OPSET = 17
IR_VERSION = 8
"""Of ONNX 1.12, the first with opset 17."""

MICROSOFT = "com.microsoft"
"""The domain of operators that only onnxruntime has."""

EXTERNAL = 10_000_000
"""Bytes of weights from which on they get a file of their own: protobuf ends at 2 GiB, and onnxruntime maps
such a file where it would copy a graph (30 MB less while a base Whisper of int8 is opened)."""

_SMALL = 1024
"""Bytes up to which a tensor stays in the graph in any case: shapes are computed from such."""

_ALIGNED = 64
"""Bytes; every tensor in a file of weights begins at a multiple of so many."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph."""

    name: str
    type: DTypeLike
    shape: tuple[int | str, ...]
    """A name stands for an axis of any length."""


class OnnxWriter:
    """Collects nodes and weights."""

    def __init__(self, *, half: bool = False) -> None:
        """With `half`, real numbers are float16. Raises `MissingExtra`."""
        try:
            import onnx  # noqa: F401 - everything here needs it
        except ImportError as error:
            raise MissingExtra("onnx", "export") from error
        self.real: DTypeLike = np.float16 if half else np.float32
        """The type that the graph computes with."""
        self._nodes: list[Any] = []
        self._weights: dict[str, NDArray[Any]] = {}
        self._again: dict[str, str] = {}
        self._microsoft = False

    def add(
        self, kind: str, inputs: Sequence[str], output: str = "", *, domain: str = "", **attributes: Any
    ) -> str:
        """Add a node of one output, called `output` where that is given; returns its name."""
        name = output or f"v{len(self._nodes)}"
        self._node(kind, inputs, (name,), domain, attributes)
        return name

    def fan(self, kind: str, inputs: Sequence[str], count: int, **attributes: Any) -> tuple[str, ...]:
        """Add a node of `count` outputs; returns their names."""
        names = tuple(f"v{len(self._nodes)}.{number}" for number in range(count))
        self._node(kind, inputs, names, "", attributes)
        return names

    def cast(self, value: str, to: DTypeLike) -> str:
        """`value` in another type."""
        from onnx import helper

        return self.add("Cast", [value], to=helper.np_dtype_to_tensor_dtype(np.dtype(to)))

    def weight(self, name: str, values: NDArray[Any]) -> str:
        """Hold `values` as the constant `name`, those of float32 in the graph's own type; its name.

        Raises `ModelError` for numbers that are beyond that type.
        """
        if values.dtype == np.float32:
            with np.errstate(over="ignore"):
                narrow = values.astype(self.real)
            if not np.array_equal(np.isfinite(values), np.isfinite(narrow)):
                raise ModelError(f"{name} holds numbers beyond float16; choose --precision fp32")
            values = narrow
        self._weights[name] = np.ascontiguousarray(values).reshape(values.shape)
        return name

    def again(self, name: str, held: str) -> str:
        """The constant `held` under another `name`.

        In a file of weights they are the same bytes, which onnxruntime maps twice: where few rows are looked
        up of what is also multiplied by, and so is copied in another order, the rest takes no memory.
        """
        self._again[name] = held
        return name

    def integers(self, *values: int) -> str:
        """The name of a constant row of int64."""
        return self.weight("i" + "_".join(map(str, values)), np.array(values, np.int64))

    def integer(self, value: int) -> str:
        """The name of a constant int64 without axes."""
        return self.weight(f"s{value}", np.array(value, np.int64))

    def number(self, value: float) -> str:
        """The name of a constant real number without axes."""
        return self.weight(f"r{value}", np.array(value, np.float32))

    def write(
        self,
        path: Path,
        inputs: Sequence[Port],
        outputs: Sequence[Port],
        *,
        external: int = EXTERNAL,
        beside: str = "",
    ) -> tuple[str, ...]:
        """Write the graph to `path`; returns the names of the files written.

        Weights of more than `external` bytes together go to a file of the same name and `.data`, or are
        taken from the file `beside` of the same folder, which a writer of the same large weights wrote.
        Raises `OutputError` and `DiskFull`.
        """
        size = sum(values.nbytes for values in self._weights.values())
        if size <= external:
            with placed(path) as temporary:
                temporary.write_bytes(self._serialized(inputs, outputs, None))
            return (path.name,)
        if beside:
            with placed(path) as temporary:
                temporary.write_bytes(self._serialized(inputs, outputs, _Data(beside)))
            return (path.name,)
        own = path.with_name(f"{path.name}.data")
        with placed(path) as temporary, placed(own) as values, values.open("wb") as file:
            temporary.write_bytes(self._serialized(inputs, outputs, _Data(own.name, file)))
        return (path.name, own.name)

    def _node(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        domain: str,
        attributes: dict[str, Any],
    ) -> None:
        from onnx import helper

        self._microsoft = self._microsoft or domain == MICROSOFT
        node = helper.make_node(
            kind, inputs, outputs, name=f"n{len(self._nodes)}", domain=domain, **attributes
        )
        self._nodes.append(node)

    def _serialized(self, inputs: Sequence[Port], outputs: Sequence[Port], data: _Data | None) -> bytes:
        from onnx import helper

        weights, nodes = dict(self._weights), self._nodes
        if data:
            weights |= {name: weights[held] for name, held in self._again.items()}
        else:
            nodes = [self._renamed(node) for node in nodes]
        tensors = [_tensor(name, values, data) for name, values in weights.items()]
        graph = helper.make_graph(nodes, "whisper", _infos(inputs), _infos(outputs), tensors)
        opsets = [helper.make_opsetid("", OPSET)]
        if self._microsoft:
            opsets.append(helper.make_opsetid(MICROSOFT, 1))
        model = helper.make_model(
            graph, producer_name="accessify", ir_version=IR_VERSION, opset_imports=opsets
        )
        content: bytes = model.SerializeToString()
        return content

    def _renamed(self, node: Any) -> Any:
        """The node with constants by the names under which they are held."""
        if not self._again.keys() & set(node.input):
            return node
        copy = type(node)()
        copy.CopyFrom(node)
        copy.input[:] = [self._again.get(name, name) for name in node.input]
        return copy


@dataclass(slots=True)
class _Data:
    """A file of weights beside a graph."""

    name: str
    file: IO[bytes] | None = None
    """None where it is there already."""
    end: int = 0
    starts: dict[int, int] = field(default_factory=dict)
    """id of an array that was placed → byte at which it begins."""

    def place(self, values: NDArray[Any]) -> int:
        """Put `values` behind what is there, if they are not; returns the byte at which they begin."""
        if id(values) in self.starts:
            return self.starts[id(values)]
        start = self.starts[id(values)] = -(-self.end // _ALIGNED) * _ALIGNED
        if self.file:
            self.file.seek(start)
            self.file.write(values.data)
        self.end = start + values.nbytes
        return start


def _tensor(name: str, values: NDArray[Any], data: _Data | None) -> Any:
    from onnx import TensorProto, helper, numpy_helper

    if data is None or values.nbytes <= _SMALL:
        return numpy_helper.from_array(values, name)
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    tensor = TensorProto(name=name, data_type=kind, dims=values.shape)
    tensor.data_location = TensorProto.EXTERNAL
    start = data.place(values)
    for key, value in (("location", data.name), ("offset", start), ("length", values.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _infos(ports: Sequence[Port]) -> list[Any]:
    from onnx import helper

    return [
        helper.make_tensor_value_info(
            port.name, helper.np_dtype_to_tensor_dtype(np.dtype(port.type)), port.shape
        )
        for port in ports
    ]
