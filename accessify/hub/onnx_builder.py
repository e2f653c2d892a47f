"""An ONNX graph that grows node by node, with names that depend on nothing but the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 18
IR_VERSION = 10
"""Of ONNX 1.16: onnxruntime reads graphs up to its own version, and these need nothing newer."""


class OnnxBuilder:
    """Collects nodes and weights; weights that are equal are kept once."""

    def __init__(self, *, half: bool = False) -> None:
        """With `half`, weights are float16 and so is what is computed from them."""
        self.half = half
        self._nodes: list[Any] = []
        self._weights: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._initializers: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node of one output, called `output` where that is given; returns its name."""
        from onnx import helper

        name = output or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def begin(self, name: str) -> str:
        """What the graph computes with, of its input `name`."""
        from onnx import TensorProto

        return self.add("Cast", [name], to=TensorProto.FLOAT16) if self.half else name

    def finish(self, name: str, output: str) -> None:
        """Give the value `name` out as the graph's output `output`, in float32."""
        from onnx import TensorProto

        if self.half:
            self.add("Cast", [name], output, to=TensorProto.FLOAT)
        else:
            self.add("Identity", [name], output)

    def weights(self, values: NDArray[Any]) -> str:
        """The name of constant numbers, in the precision of this graph."""
        return self._constant(values.astype(np.float16 if self.half else np.float32))

    def scales(self, values: Sequence[float]) -> str:
        """The name of constant numbers that operators want in float32 in any graph."""
        return self._constant(np.array(values, np.float32))

    def integers(self, values: Sequence[int]) -> str:
        """The name of a constant row of int64."""
        return self._constant(np.array(values, np.int64))

    def model(
        self, inputs: Mapping[str, tuple[int, ...]], outputs: Mapping[str, tuple[int, ...]], producer: str
    ) -> Any:
        """The graph as a ModelProto whose inputs and outputs are float32 of these shapes."""
        from onnx import TensorProto, helper

        def described(values: Mapping[str, tuple[int, ...]]) -> list[Any]:
            return [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in values.items()
            ]

        graph = helper.make_graph(
            self._nodes, "graph", described(inputs), described(outputs), self._initializers
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, producer_name=producer, ir_version=IR_VERSION, opset_imports=[opset])

    def _constant(self, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        values = np.ascontiguousarray(values)
        key = (values.dtype.str, values.shape, values.tobytes())
        if key not in self._weights:
            self._weights[key] = f"w{len(self._weights)}"
            self._initializers.append(numpy_helper.from_array(values, self._weights[key]))
        return self._weights[key]
