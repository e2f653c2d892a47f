"""Whisper as two ONNX graphs, made from the tensors of a checkpoint (Radford et al. 2022, figure 1).

The encoder gives the keys and values that the decoder's layers attend to, once for each utterance. The
decoder does one step: the tokens at positions offset … offset+n-1, on a self-attention cache of fixed
size that it writes there and gives back. Bind `self_k_out` to the buffer of `self_k`, and the same of
`self_v`: then nothing else is copied.

The square root of the heads' width, by which attention is divided, is in the weights of the queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accessify.hub.onnx_writer import OnnxWriter, Port
from accessify.hub.whisper_checkpoint import Checkpoint

PARTS = ("k", "v")
"""Keys and values, as the names of inputs and outputs end."""

_FLOAT = 1
"""float32, as ONNX numbers it (TensorProto.FLOAT)."""


class Weights:
    """How weights are held and multiplied by: here, in the type of the graph."""

    def product(self, writer: OnnxWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
        """The product x [..., in] @ weight [in, out], held as `name`."""
        return writer.add("MatMul", [x, writer.weight(name, weight)])

    def embedding(self, writer: OnnxWriter, tokens: str, table: NDArray[np.float32]) -> str:
        """The rows of `table` [n_vocab, width] that belong to the tokens."""
        return writer.add("Gather", [writer.weight("embedding", table), tokens])

    def logits(self, writer: OnnxWriter, x: str, table: NDArray[np.float32]) -> str:
        """The product of x [..., width] and every row of the table that `embedding` holds."""
        return writer.add("MatMul", [x, writer.add("Transpose", ["embedding"], perm=[1, 0])])


PLAIN = Weights()


@dataclass(slots=True)
class _Layers:
    """Writes the parts that encoder and decoder are made of."""

    writer: OnnxWriter
    checkpoint: Checkpoint
    heads: int
    weights: Weights = PLAIN

    def project(self, x: str, name: str) -> str:
        """What x becomes in the linear layer `name`."""
        weight = self.checkpoint.values(f"{name}.weight").T
        return self._biased(self.weights.product(self.writer, x, f"{name}.weight", weight), f"{name}.bias")

    def norm(self, x: str, name: str) -> str:
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
        hidden = self.gelu(self.project(self.norm(x, f"{block}.mlp_ln"), f"{block}.mlp.0"))
        return self.writer.add("Add", [x, self.project(hidden, f"{block}.mlp.2")])

    def query(self, x: str, name: str) -> str:
        """Queries [B, n, width], divided by the square root of the heads' width."""
        scale = self._scale
        weight = self.checkpoint.values(f"{name}.query.weight").T * scale
        made = self.weights.product(self.writer, x, f"{name}.query.weight", weight)
        bias = self.writer.weight(f"{name}.query.bias", self.checkpoint.values(f"{name}.query.bias") * scale)
        return self.writer.add("Add", [made, bias])

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
        """What is attended to [B, n, width], and how much [B, heads, n, m], as softmax gives it.

        Key and value are [B, m, width]; `visible` [n, m] tells which of them a query may see.
        """
        writer = self.writer
        scores = writer.add("MatMul", [self._apart(query, [0, 2, 1, 3]), self._apart(key, [0, 2, 3, 1])])
        if visible:
            scores = writer.add("Where", [visible, scores, writer.number(-np.inf)])
        weights = writer.add("Softmax", [scores], axis=-1)
        seen = writer.add("MatMul", [weights, self._apart(value, [0, 2, 1, 3])])
        joined = writer.add("Transpose", [seen], perm=[0, 2, 1, 3])
        return writer.add("Reshape", [joined, writer.integers(0, 0, self._width)]), weights

    @property
    def _width(self) -> int:
        return self.checkpoint.dims.n_text_state

    @property
    def _scale(self) -> np.float32:
        return np.float32((self._width // self.heads) ** -0.5)

    def _apart(self, x: str, order: list[int]) -> str:
        """The heads of x [B, m, width] apart: [B, m, heads, width of a head], axes in this order."""
        shape = self.writer.integers(0, 0, self.heads, self._width // self.heads)
        return self.writer.add("Transpose", [self.writer.add("Reshape", [x, shape])], perm=order)

    def _biased(self, x: str, name: str) -> str:
        if name not in self.checkpoint.tensors:
            return x
        return self.writer.add("Add", [x, self.writer.weight(name, self.checkpoint.values(name))])


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph, ready to be written."""

    writer: OnnxWriter
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def encoder_graph(checkpoint: Checkpoint, *, half: bool = False) -> Graph:
    """From mel [B, n_mels, 2·n_audio_ctx] to cross_k, cross_v [n_text_layer, B, n_audio_ctx, width]."""
    writer, dims = OnnxWriter(half=half), checkpoint.dims
    layers = _Layers(writer, checkpoint, dims.n_audio_head)
    x = _convolved(layers, "mel")
    for number in range(dims.n_audio_layer):
        block = f"encoder.blocks.{number}"
        parts = layers.query_key_value(layers.norm(x, f"{block}.attn_ln"), f"{block}.attn")
        seen, _ = layers.attend(*parts)
        x = writer.add("Add", [x, layers.project(seen, f"{block}.attn.out")])
        x = layers.feed_forward(x, block)
    x = layers.norm(x, "encoder.ln_post")
    for part in ("key", "value"):
        made = [
            layers.project(x, f"decoder.blocks.{number}.cross_attn.{part}")
            for number in range(dims.n_text_layer)
        ]
        _stack(writer, made, f"cross_{part[0]}")
    mel = Port("mel", writer.real, ("batch", dims.n_mels, 2 * dims.n_audio_ctx))
    return Graph(writer, (mel,), _cross(checkpoint, writer))


def decoder_graph(
    checkpoint: Checkpoint, *, half: bool = False, words: bool = False, weights: Weights = PLAIN
) -> Graph:
    """One step of the decoder; with `words`, it also gives the attention that word times come from.

    tokens int64 [B, n], offset int64 [1], self_k and self_v [n_text_layer, B, cache, width], cross_k and
    cross_v as the encoder gives them → logits float32 [B, n, n_vocab], self_k_out and self_v_out as
    they came in, with positions offset … offset+n-1 written; cross_attention float32 [alignment
    heads, B, n, n_audio_ctx], after softmax, in the order of the checkpoint's `alignment_heads`. The
    cache may have any length up to n_text_ctx; what is in positions from offset on is not looked at.
    """
    writer = OnnxWriter(half=half)
    step = _Step(_Layers(writer, checkpoint, checkpoint.dims.n_text_head, weights))
    x = step.embedded()
    for number in range(checkpoint.dims.n_text_layer):
        x = step.block(x, number)
    step.logits(step.layers.norm(x, "decoder.ln"))
    step.cache()
    if words:
        step.cross_attention()
    return Graph(writer, _step_inputs(checkpoint, writer), _step_outputs(checkpoint, writer, words))


@dataclass(slots=True)
class _Step:
    """Writes the decoder, part by part."""

    layers: _Layers
    fresh: dict[str, list[str]] = field(default_factory=lambda: {part: [] for part in PARTS})
    """Keys and values of the new positions, [B, n, width] of each layer."""
    crossed: list[str] = field(default_factory=list)
    """Cross-attention of each layer, [B, heads, n, n_audio_ctx]."""
    positions: str = ""
    """[n]"""
    places: str = ""
    """[B, n, 2]: where the new positions are in a layer of the cache."""
    visible: str = ""
    """[n, cache]: which positions each of the new ones may see."""

    def embedded(self) -> str:
        """The new tokens as the first layer takes them, [B, n, width]."""
        writer, checkpoint = self.layers.writer, self.layers.checkpoint
        zeros = writer.add("Sub", ["tokens", "tokens"])  # [B, n]
        self.positions = writer.add("Add", ["offset", self._range("tokens", 1)])
        after = writer.add("Unsqueeze", [self.positions, writer.integers(1)])
        self.visible = writer.add("LessOrEqual", [self._range("self_k", 2), after])
        rows = writer.add("Unsqueeze", [self._range("tokens", 0), writer.integers(1)])
        grids = [writer.add("Add", [zeros, axis]) for axis in (rows, self.positions)]
        self.places = writer.add(
            "Concat", [writer.add("Unsqueeze", [grid, writer.integers(-1)]) for grid in grids], axis=-1
        )
        table = checkpoint.values("decoder.token_embedding.weight")
        where = writer.weight("positions", checkpoint.values("decoder.positional_embedding"))
        return writer.add(
            "Add",
            [
                self.layers.weights.embedding(writer, "tokens", table),
                writer.add("Gather", [where, self.positions]),
            ],
        )

    def block(self, x: str, number: int) -> str:
        """What x becomes in one layer."""
        writer, layers, name = self.layers.writer, self.layers, f"decoder.blocks.{number}"
        query, *fresh = layers.query_key_value(layers.norm(x, f"{name}.attn_ln"), f"{name}.attn")
        whole = []
        for part, new in zip(PARTS, fresh, strict=True):
            self.fresh[part].append(new)
            before = writer.add("Gather", [f"self_{part}", writer.integer(number)], axis=0)
            whole.append(writer.add("ScatterND", [before, self.places, new]))
        key, value = whole
        seen, _ = layers.attend(query, key, value, self.visible)
        x = writer.add("Add", [x, layers.project(seen, f"{name}.attn.out")])
        query = layers.query(layers.norm(x, f"{name}.cross_attn_ln"), f"{name}.cross_attn")
        heard = [writer.add("Gather", [f"cross_{part}", writer.integer(number)], axis=0) for part in PARTS]
        key, value = heard
        seen, weights = layers.attend(query, key, value)
        self.crossed.append(weights)
        x = writer.add("Add", [x, layers.project(seen, f"{name}.cross_attn.out")])
        return layers.feed_forward(x, name)

    def logits(self, x: str) -> None:
        """The output `logits`: x times the embedding of every token."""
        writer = self.layers.writer
        table = self.layers.checkpoint.values("decoder.token_embedding.weight")
        made = self.layers.weights.logits(writer, x, table)
        writer.add("Cast", [made], "logits", to=_FLOAT)

    def cache(self) -> None:
        """The outputs `self_k_out` and `self_v_out`: all layers are written at once, in place if bound."""
        writer, count = self.layers.writer, len(self.crossed)
        numbers = np.arange(count, dtype=np.int64).reshape(count, 1, 1, 1)
        zeros = writer.weight("layers.zeros", np.zeros_like(numbers))
        # Each is spread over all layers, rows and new positions: [layers, B, n, 2] and [layers, B, n, 1].
        places = writer.add("Add", [zeros, self.places])
        spread = writer.add("Mul", [zeros, writer.add("Gather", [places, writer.integers(0)], axis=-1)])
        layers = writer.add("Add", [writer.weight("layers", numbers), spread])
        places = writer.add("Concat", [layers, places], axis=-1)
        for part, fresh in self.fresh.items():
            writer.add("ScatterND", [f"self_{part}", places, _stack(writer, fresh)], f"self_{part}_out")

    def cross_attention(self) -> None:
        """The output `cross_attention`, of the alignment heads in their order."""
        writer, chosen = self.layers.writer, self.layers.checkpoint.alignment_heads
        heads = [
            writer.add("Gather", [self.crossed[layer], writer.integers(head)], axis=1)
            for layer, head in chosen
        ]
        joined = writer.add("Concat", heads, axis=1)
        turned = writer.add("Transpose", [joined], perm=[1, 0, 2, 3])
        writer.add("Cast", [turned], "cross_attention", to=_FLOAT)

    def _range(self, value: str, axis: int) -> str:
        """0, 1, 2 … along an axis of `value`."""
        writer = self.layers.writer
        length = writer.add("Gather", [writer.add("Shape", [value]), writer.integer(axis)])
        return writer.add("Range", [writer.integer(0), length, writer.integer(1)])


def _convolved(layers: _Layers, mel: str) -> str:
    """The spectrogram as the first layer takes it, [B, n_audio_ctx, width]."""
    writer, values = layers.writer, layers.checkpoint.values
    for number, stride in ((1, 1), (2, 2)):
        name = f"encoder.conv{number}"
        parts = [writer.weight(f"{name}.{part}", values(f"{name}.{part}")) for part in ("weight", "bias")]
        mel = writer.add("Conv", [mel, *parts], kernel_shape=[3], pads=[1, 1], strides=[stride])
        mel = layers.gelu(mel)
    turned = writer.add("Transpose", [mel], perm=[0, 2, 1])
    where = writer.weight("encoder.positions", values("encoder.positional_embedding"))
    return writer.add("Add", [turned, where])


def _stack(writer: OnnxWriter, values: Sequence[str], output: str = "") -> str:
    """Values of one shape behind each other along a new first axis."""
    rows = [writer.add("Unsqueeze", [value, writer.integers(0)]) for value in values]
    return writer.add("Concat", rows, output, axis=0)


def _cross(checkpoint: Checkpoint, writer: OnnxWriter) -> tuple[Port, ...]:
    dims = checkpoint.dims
    shape = (dims.n_text_layer, "batch", dims.n_audio_ctx, dims.n_text_state)
    return tuple(Port(f"cross_{part}", writer.real, shape) for part in PARTS)


def _cache(checkpoint: Checkpoint, writer: OnnxWriter, suffix: str = "") -> tuple[Port, ...]:
    shape = (checkpoint.dims.n_text_layer, "batch", "cache", checkpoint.dims.n_text_state)
    return tuple(Port(f"self_{part}{suffix}", writer.real, shape) for part in PARTS)


def _step_inputs(checkpoint: Checkpoint, writer: OnnxWriter) -> tuple[Port, ...]:
    tokens, offset = Port("tokens", np.int64, ("batch", "n")), Port("offset", np.int64, (1,))
    return (tokens, offset, *_cache(checkpoint, writer), *_cross(checkpoint, writer))


def _step_outputs(checkpoint: Checkpoint, writer: OnnxWriter, words: bool) -> tuple[Port, ...]:
    logits = Port("logits", np.float32, ("batch", "n", checkpoint.dims.n_vocab))
    outputs = (logits, *_cache(checkpoint, writer, "_out"))
    if not words:
        return outputs
    shape = (len(checkpoint.alignment_heads), "batch", "n", checkpoint.dims.n_audio_ctx)
    return (*outputs, Port("cross_attention", np.float32, shape))
