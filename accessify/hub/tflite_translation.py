"""What is known while a TensorFlow Lite graph is rewritten as ONNX: values, constants, work put off.

Pictures are turned from height × width × channels to channels first, [1, C, H, W], and stay so:
onnxruntime's fastest convolutions on processors keep channels in blocks, and everything that is not a
convolution, pooling, sum or Relu of whole blocks costs a conversion there and back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelError
from accessify.hub.onnx_builder import OnnxBuilder
from accessify.hub.tflite_reader import MOST, Operator, TfliteGraph

TO_ROWS = (0, 2, 3, 1)
"""Transposition from channels first to the file's order."""
TO_CHANNELS = (0, 3, 1, 2)
"""Transposition from the file's order to channels first."""

NO_ACTIVATION, RELU, RELU6 = 0, 1, 3
"""Fused activations that are known, by the schema's numbers."""


@dataclass(frozen=True, slots=True)
class Padded:
    """A tensor with zeros around it that a convolution may take upon itself."""

    source: int
    before: tuple[int, int, int, int]
    """Zeros before each dimension, in the file's order."""
    after: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Resized:
    """An enlarged picture; a convolution of single pixels is cheaper before it."""

    source: int
    height: int
    width: int
    mode: str
    """ONNX's coordinate transformation."""


class Translation:
    """The rewriting of one graph; each operator adds its nodes and says where its outputs are."""

    def __init__(self, graph: TfliteGraph, builder: OnnxBuilder, live: Sequence[Operator]) -> None:
        """`live` are the operators that are rewritten, in order."""
        self.graph = graph
        self.builder = builder
        self.waiting: dict[int, Padded | Resized] = {}
        self._uses = Counter(tensor for operator in live for tensor in operator.inputs)
        self._values: dict[int, str] = {}
        self._constants = {
            number: tensor.data for number, tensor in enumerate(graph.tensors) if tensor.data is not None
        }

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Shape of a tensor in the file's order."""
        return self.graph.tensors[tensor].shape

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """What the file says of the shape of each value in the graph; of pictures, channels first."""
        found = {}
        for tensor, name in self._values.items():
            shape = self.shape(tensor)
            found[name] = tuple(shape[axis] for axis in TO_CHANNELS) if len(shape) == 4 else shape
        return found

    def used_once(self, tensor: int) -> bool:
        return self._uses[tensor] == 1

    def is_constant(self, tensor: int) -> bool:
        return tensor in self._constants

    def constant(self, operator: Operator, place: int) -> NDArray[Any]:
        """The constant that `operator` has at input `place`, in the file's order."""
        if place >= len(operator.inputs) or operator.inputs[place] not in self._constants:
            refuse(operator, f"input {place} is not a constant")
        return self._constants[operator.inputs[place]]

    def keep_constant(self, tensor: int, values: NDArray[Any]) -> None:
        """Say that `tensor` was found to be constant."""
        self._constants[tensor] = values

    def set_value(self, tensor: int, name: str) -> None:
        """Say that `tensor` is what the graph calls `name`."""
        self._values[tensor] = name

    def value(self, tensor: int) -> str:
        """The name of a computed tensor, channels first where it is a picture; work put off is done."""
        if tensor in self.waiting:
            self._values[tensor] = self._catch_up(self.waiting.pop(tensor))
        if tensor in self._constants and tensor not in self._values:
            self._values[tensor] = self.weights(self._constants[tensor], len(self.shape(tensor)))
        if tensor not in self._values:
            raise ModelError(f"tensor {tensor} is used before it is computed; fetch the file again")
        return self._values[tensor]

    def weights(self, values: NDArray[Any], rank: int) -> str:
        """The name of a constant that meets values of `rank` element by element."""
        if rank == 4:
            values = values.reshape((1,) * (4 - values.ndim) + values.shape).transpose(TO_CHANNELS)
        return self.builder.weights(values)

    def finish(self, operator: Operator, name: str) -> None:
        """Say that `operator` gives `name`, after the activation that it has in it."""
        activation = operator.options.get("FusedActivationFunction", NO_ACTIVATION)
        if activation == RELU:
            name = self.builder.add("Relu", [name])
        elif activation == RELU6:
            if operator.kind == "ADD" and len(self.shape(operator.outputs[0])) == 4:
                # by itself a Clip leaves the blocked layout, behind a convolution it is a part of it
                name = self.scale(name, np.ones(self.shape(operator.outputs[0])[3]))
            bounds = [self.builder.weights(np.array(bound)) for bound in (0, 6)]
            name = self.builder.add("Clip", [name, *bounds])
        elif activation != NO_ACTIVATION:
            refuse(operator, f"activation number {activation}")
        self._values[operator.outputs[0]] = name

    def scale(self, name: str, factors: NDArray[Any]) -> str:
        """Each channel by its factor, as a convolution: Mul leaves the blocked layout."""
        kernel = self.builder.weights(factors.reshape(-1, 1, 1, 1))
        return self.builder.add("Conv", [name, kernel], group=len(factors))

    def resize(self, name: str, work: Resized) -> str:
        """Enlarge the value `name` as `work` says."""
        _, height, width, _ = self.shape(work.source)
        scales = self.builder.scales((1, 1, work.height / height, work.width / width))
        attributes = {"mode": "linear", "coordinate_transformation_mode": work.mode}
        return self.builder.add("Resize", [name, "", scales], **attributes)

    def _catch_up(self, work: Padded | Resized) -> str:
        source = self.value(work.source)
        if isinstance(work, Resized):
            return self.resize(source, work)
        if any((*work.before[:3], *work.after[:3])):
            amounts = [side[axis] for side in (work.before, work.after) for axis in TO_CHANNELS]
            return self.builder.add("Pad", [source, self.builder.integers(amounts)])
        # more channels: a convolution that copies stays in blocks, Pad does not
        channels = self.shape(work.source)[3]
        return self.pick(source, np.arange(-work.before[3], channels + work.after[3]), channels)

    def pick(self, name: str, numbers: NDArray[Any], channels: int) -> str:
        """The channels `numbers` of the `channels` of a picture, zeros for those that it has not."""
        if numbers.size * channels > MOST:
            raise ValueError(f"{numbers.size} of {channels} channels")
        kernel = numbers[:, None] == np.arange(channels)
        return self.builder.add("Conv", [name, self.builder.weights(kernel[:, :, None, None])])


def axis_of(axis: int, rank: int) -> int:
    """Where dimension `axis` of the file's order lies in the graph; negative counts from the end."""
    axis %= rank
    return TO_CHANNELS.index(axis) if rank == 4 else axis


def refuse(operator: Operator, reason: str) -> NoReturn:
    """Raise `ModelError`: `operator` wants what is not done here."""
    raise ModelError(f"operator {operator.kind}: {reason}; this converter does not do that")
