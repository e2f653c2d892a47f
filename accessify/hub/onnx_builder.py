"""An ONNX graph that grows node by node, with names that depend on nothing but the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra

OPSET = 18
IR_VERSION = 10
"""Of ONNX 1.16: onnxruntime reads graphs up to its own version, and these need nothing newer."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operator with one output."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


class OnnxBuilder:
    """Collects nodes and constants; constants that are equal are kept once."""

    def __init__(self, *, half: bool = False) -> None:
        """With `half`, weights are float16 and so is what is computed from them; raises `MissingExtra`."""
        try:
            import onnx  # noqa: F401 - everything here needs it
        except ImportError as error:
            raise MissingExtra("onnx", "signs") from error
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self._half = half
        self._exact: set[str] = set()  # those whose type operators prescribe
        self._names: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def add(self, kind: str, inputs: Sequence[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node, its output called `output` where that is given; returns its name."""
        name = output or f"n{len(self.nodes)}"
        self.nodes.append(Node(kind, tuple(inputs), name, attributes))
        return name

    def begin(self, name: str) -> str:
        """What the graph computes with, of its input `name`."""
        return self.add("Cast", [name], to=np.float16) if self._half else name

    def finish(self, name: str, output: str) -> None:
        """Give the value `name` out as the graph's output `output`, in float32."""
        if self._half:
            self.add("Cast", [name], output, to=np.float32)
        else:
            self.add("Identity", [name], output)

    def weights(self, values: NDArray[Any]) -> str:
        """The name of constant numbers, float32 until the graph is made in its own precision."""
        return self._constant(values.astype(np.float32))

    def scales(self, values: Sequence[float]) -> str:
        """The name of constant numbers that operators want in float32 in any graph."""
        name = self._constant(np.array(values, np.float32))
        self._exact.add(name)
        return name

    def integers(self, values: Sequence[int]) -> str:
        """The name of a constant row of int64."""
        name = self._constant(np.array(values, np.int64))
        self._exact.add(name)
        return name

    def model(self, inputs: Mapping[str, tuple[int, ...]], outputs: Mapping[str, tuple[int, ...]]) -> Any:
        """The graph as a ModelProto whose inputs and outputs are float32 of these shapes."""
        from onnx import TensorProto, helper

        def described(values: Mapping[str, tuple[int, ...]]) -> list[Any]:
            return [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in values.items()
            ]

        nodes = [_proto(node) for node in self.nodes]
        graph = helper.make_graph(nodes, "graph", described(inputs), described(outputs), self._initializers())
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(
            graph, producer_name="accessify", ir_version=IR_VERSION, opset_imports=[opset]
        )

    def _initializers(self) -> list[Any]:
        from onnx import numpy_helper

        used = {name for node in self.nodes for name in node.inputs}
        tensors = []
        for name, values in self.constants.items():
            if name in used:
                narrow = self._half and name not in self._exact
                tensors.append(numpy_helper.from_array(values.astype(np.float16) if narrow else values, name))
        return tensors

    def _constant(self, values: NDArray[Any]) -> str:
        values = np.array(values, order="C")
        key = (values.dtype.str, values.shape, values.tobytes())
        if key not in self._names:
            self._names[key] = f"w{len(self._names)}"
            self.constants[self._names[key]] = values
        return self._names[key]


def _proto(node: Node) -> Any:
    from onnx import helper

    attributes = dict(node.attributes)
    if node.kind == "Cast":
        attributes["to"] = helper.np_dtype_to_tensor_dtype(np.dtype(attributes["to"]))
    return helper.make_node(node.kind, node.inputs, [node.output], name=node.output, **attributes)
