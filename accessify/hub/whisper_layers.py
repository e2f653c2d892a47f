"""The layers that Whisper's encoder and decoder are made of, as ONNX nodes.

Where weights are fp32 or fp16 these are standard operators, for TensorRT and CoreML to take whole;
onnxruntime itself makes one of Transpose and MatMul and of the error function's Gelu.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.hub.onnx_writer import OnnxWriter
from accessify.speech.whisper_checkpoint import Checkpoint

PARTS = ("k", "v")
"""Keys and values, as inputs and outputs are named."""


class Weights:
    """How weights are held and multiplied by: here, in the type of the graph."""

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        """The product x [..., in] @ weight [in, out], held as `name`."""
        return writer.add("MatMul", [x, writer.weight(name, weight)])

    def embedding(self, writer: OnnxWriter, tokens: str, table: NDArray[np.float32]) -> str:
        """The rows of `table` [n_vocab, width] that belong to the tokens."""
        held = writer.again("embedding.rows", writer.weight("embedding", table))
        return writer.add("Gather", [held, tokens])

    def logits(self, writer: OnnxWriter, x: str, table: NDArray[np.float32]) -> str:
        """The product of x [..., width] and every row of the table that `embedding` holds."""
        return writer.add("MatMul", [x, writer.add("Transpose", ["embedding"], perm=[1, 0])])

    def self_attention(self, layers: Layers, x: str, name: str) -> str:
        """What x [B, n, width] attends to in itself, all of it visible: [B, n, width]."""
        seen, _ = layers.attend(*(layers.apart(part) for part in layers.query_key_value(x, name)))
        return layers.joined(seen)


PLAIN = Weights()


@dataclass(slots=True)
class Layers:
    """Writes layers with the weights of a checkpoint."""

    writer: OnnxWriter
    checkpoint: Checkpoint
    heads: int
    weights: Weights = PLAIN

    def project(self, x: str, name: str) -> str:
        """What x becomes in the linear layer `name`."""
        weight = self.checkpoint.values(f"{name}.weight").T
        made = self.weights.product(self.writer, x, f"{name}.weight", weight)
        if f"{name}.bias" not in self.checkpoint.tensors:
            return made
        bias = self.writer.weight(f"{name}.bias", self.checkpoint.values(f"{name}.bias"))
        return self.writer.add("Add", [made, bias])

    def norm(self, x: str, name: str) -> str:
        """The numbers x, normalised along the last axis."""
        writer = self.writer
        parts = [
            writer.weight(f"{name}.{part}", self.checkpoint.values(f"{name}.{part}"))
            for part in ("weight", "bias")
        ]
        return writer.add("LayerNormalization", [x, *parts], axis=-1, epsilon=1e-5)

    def gelu(self, x: str) -> str:
        """The product x · Φ(x), by the error function (Hendrycks and Gimpel 2016)."""
        writer = self.writer
        bent = writer.add("Erf", [writer.add("Div", [x, writer.number(2**0.5)])])
        return writer.add(
            "Mul", [writer.add("Mul", [x, writer.add("Add", [bent, writer.number(1.0)])]), writer.number(0.5)]
        )

    def feed_forward(self, x: str, block: str) -> str:
        """X and what the block's two linear layers make of it."""
        hidden = self.gelu(self.project(self.norm(x, f"{block}.mlp_ln"), f"{block}.mlp.0"))
        return self.writer.add("Add", [x, self.project(hidden, f"{block}.mlp.2")])

    def query(self, x: str, name: str) -> str:
        """Queries [B, n, width], divided by the square root of the heads' width."""
        weight = self.checkpoint.values(f"{name}.query.weight").T * self._scale
        made = self.weights.product(self.writer, x, f"{name}.query.weight", weight)
        values = self.checkpoint.values(f"{name}.query.bias") * self._scale
        return self.writer.add("Add", [made, self.writer.weight(f"{name}.query.bias", values)])

    def query_key_value(self, x: str, name: str) -> tuple[str, ...]:
        """Queries as `query`, keys and values, all [B, n, width], by one product."""
        values, scale = self.checkpoint.values, self._scale
        query, key, value = (values(f"{name}.{part}.weight") for part in ("query", "key", "value"))
        weight = np.concatenate([query * scale, key, value]).T
        bias, offset = values(f"{name}.query.bias") * scale, values(f"{name}.value.bias")
        joint = np.concatenate([bias, np.zeros_like(bias), offset])  # keys have none
        made = self.weights.product(self.writer, x, f"{name}.weight", weight)
        made = self.writer.add("Add", [made, self.writer.weight(f"{name}.bias", joint)])
        return self.writer.fan("Split", [made, self.writer.integers(*[len(bias)] * 3)], 3, axis=-1)

    def attend(self, query: str, key: str, value: str, visible: str = "") -> tuple[str, str]:
        """What is attended to and how much, as softmax gives it: [B, heads, n, head] and [B, heads, n, m].

        The query is [B, heads, n, head], key and value are [B, heads, m, head]; `visible` [n, m] tells
        which of them a query may see.
        """
        writer = self.writer
        scores = writer.add("MatMul", [query, writer.add("Transpose", [key], perm=[0, 1, 3, 2])])
        if visible:
            scores = writer.add("Where", [visible, scores, writer.number(-np.inf)])
        weights = writer.add("Softmax", [scores], axis=-1)
        return writer.add("MatMul", [weights, value]), weights

    def apart(self, x: str, output: str = "", *, shape: str = "") -> str:
        """The heads of x [B, n, width] apart: [B, heads, n, head].

        `shape` names what x is reshaped to before, where it is not [B, n, heads, head].
        """
        shape = shape or self.writer.integers(0, 0, self.heads, self.width // self.heads)
        return self.writer.add(
            "Transpose", [self.writer.add("Reshape", [x, shape])], output, perm=[0, 2, 1, 3]
        )

    def joined(self, x: str, *, shape: str = "") -> str:
        """The reverse of `apart`; `shape` names that of the result where it is not [B, n, width]."""
        shape = shape or self.writer.integers(0, 0, self.width)
        return self.writer.add("Reshape", [self.writer.add("Transpose", [x], perm=[0, 2, 1, 3]), shape])

    @property
    def width(self) -> int:
        """Of encoder and decoder both."""
        return self.checkpoint.dims.n_text_state

    @property
    def _scale(self) -> np.float32:
        return np.float32((self.width // self.heads) ** -0.5)
