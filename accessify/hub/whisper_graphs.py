"""Whisper as two ONNX graphs, made from the tensors of a checkpoint (Radford et al. 2022, figure 1).

The encoder gives the keys and values that the decoder's layers attend to, once for each sound. The
decoder does one step: the tokens at positions offset … offset+n-1, on a self-attention cache of fixed
size that it writes there and gives back. Bind `self_k_0_out` to the buffer of `self_k_0`, and so on for
all: then nothing is copied.

With L = n_text_layer, H = n_text_head, head = n_text_state / H, and i from 0 to L - 1 (float16 instead of
float32 in a half graph, logits and cross_attention excepted)::

    encoder         mel float32 [B, n_mels, 2·n_audio_ctx]
                    → cross_k_i, cross_v_i float32 [B, H, n_audio_ctx, head]
    decoder         tokens int64 [B, n], offset int64 [1], self_k_i, self_v_i float32 [B, H, cache, head],
                    cross_k_i, cross_v_i of one or more sounds
                    → logits float32 [B, n, n_vocab], self_k_i_out, self_v_i_out
    decoder_words   as decoder, → cross_attention float32 [alignment heads, B, n, n_audio_ctx], after
                    softmax, in the order of the checkpoint's `alignment_heads`

B is the number of sounds or a multiple of it; the rows of a sound (its beams) lie one after another and
share its keys and values. The cache may have any length up to n_text_ctx; what is in positions from
offset + n on is not looked at.

The square root of the heads' width, by which attention is divided, is in the weights of the queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike

from accessify.hub.onnx_writer import OnnxWriter, Port
from accessify.hub.whisper_layers import PARTS, PLAIN, Layers, Weights
from accessify.speech.whisper_checkpoint import Checkpoint
from accessify.speech.whisper_sizes import WhisperDims

_LONG = {"k": "key", "v": "value"}
"""Parts, as the checkpoint names them."""

_FLOAT = 1
"""float32, as ONNX numbers it (TensorProto.FLOAT)."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph, ready to be written."""

    writer: OnnxWriter
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def encoder_graph(
    checkpoint: Checkpoint, *, half: bool = False, weights: Weights = PLAIN, ports: DTypeLike | None = None
) -> Graph:
    """From the spectrogram to what the decoder attends to.

    Its input and outputs are of the type `ports`, that of the decoder; where None, of its own.
    """
    writer, dims = OnnxWriter(half=half), checkpoint.dims
    ports = ports or writer.real
    layers = Layers(writer, checkpoint, dims.n_audio_head, weights)
    x = _convolved(layers, writer.cast("mel", writer.real) if ports != writer.real else "mel")
    for number in range(dims.n_audio_layer):
        block = f"encoder.blocks.{number}"
        seen = weights.self_attention(layers, layers.norm(x, f"{block}.attn_ln"), f"{block}.attn")
        x = writer.add("Add", [x, layers.project(seen, f"{block}.attn.out")])
        x = layers.feed_forward(x, block)
    x = layers.norm(x, "encoder.ln_post")
    text = Layers(writer, checkpoint, dims.n_text_head, weights)
    for part in PARTS:
        for number in range(dims.n_text_layer):
            made = text.project(x, f"decoder.blocks.{number}.cross_attn.{_LONG[part]}")
            made = writer.cast(made, ports) if ports != writer.real else made
            text.apart(made, f"cross_{part}_{number}")
    mel = Port("mel", ports, ("batch", dims.n_mels, 2 * dims.n_audio_ctx))
    return Graph(writer, (mel,), tuple(_cross(dims, ports, "batch")))


def decoder_graph(
    checkpoint: Checkpoint, *, half: bool = False, words: bool = False, weights: Weights = PLAIN
) -> Graph:
    """One step of the decoder; with `words`, it also gives the attention that word times come from."""
    writer = OnnxWriter(half=half)
    step = _Step(Layers(writer, checkpoint, checkpoint.dims.n_text_head, weights), words)
    x = step.embedded()
    for number in range(checkpoint.dims.n_text_layer):
        x = step.block(x, number)
    step.logits(step.layers.norm(x, "decoder.ln"))
    if words:
        step.cross_attention()
    return Graph(writer, _step_inputs(checkpoint, writer), _step_outputs(checkpoint, writer, words))


@dataclass(slots=True)
class _Step:
    """Writes the decoder, part by part."""

    layers: Layers
    words: bool = False
    crossed: list[str] = field(default_factory=list)
    """Cross-attention of the alignment heads of each layer, [sounds, heads, rows of a sound · n,
    n_audio_ctx]."""
    batch: str = ""
    """[1]"""
    count: str = ""
    """[1]: n"""
    positions: str = ""
    """[n]"""
    places: str = ""
    """[B, H, n, 3]: where the new positions are in a layer's cache."""
    visible: str = ""
    """[n, cache]: which positions each of the new ones may see."""
    by_sound: str = ""
    """The shape [sounds, rows of a sound · n, H, head]: the rows of a sound as more positions of one."""
    by_row: str = ""
    """The shape [B, n, width]."""

    def embedded(self) -> str:
        """The new tokens as the first layer takes them, [B, n, width]."""
        writer, checkpoint = self.layers.writer, self.layers.checkpoint
        self._axes()
        table = checkpoint.values("decoder.token_embedding.weight")
        where = writer.weight("positions", checkpoint.values("decoder.positional_embedding"))
        found = self.layers.weights.embedding(writer, "tokens", table)
        return writer.add("Add", [found, writer.add("Gather", [where, self.positions])])

    def block(self, x: str, number: int) -> str:
        """What x becomes in one layer."""
        writer, layers, name = self.layers.writer, self.layers, f"decoder.blocks.{number}"
        made = layers.query_key_value(layers.norm(x, f"{name}.attn_ln"), f"{name}.attn")
        query, *fresh = (layers.apart(part) for part in made)
        whole = [
            writer.add("ScatterND", [f"self_{part}_{number}", self.places, new], f"self_{part}_{number}_out")
            for part, new in zip(PARTS, fresh, strict=True)
        ]
        seen, _ = layers.attend(query, whole[0], whole[1], self.visible)
        x = writer.add("Add", [x, layers.project(layers.joined(seen), f"{name}.attn.out")])
        query = layers.query(layers.norm(x, f"{name}.cross_attn_ln"), f"{name}.cross_attn")
        seen, weights = layers.attend(
            layers.apart(query, shape=self.by_sound), *(f"cross_{part}_{number}" for part in PARTS)
        )
        if self.words:
            self._keep(weights, number)
        seen = layers.joined(seen, shape=self.by_row)
        x = writer.add("Add", [x, layers.project(seen, f"{name}.cross_attn.out")])
        return layers.feed_forward(x, name)

    def logits(self, x: str) -> None:
        """The output `logits`: x times the embedding of every token."""
        writer = self.layers.writer
        table = self.layers.checkpoint.values("decoder.token_embedding.weight")
        made = self.layers.weights.logits(writer, x, table)
        writer.add("Cast", [made], "logits", to=_FLOAT)

    def cross_attention(self) -> None:
        """The output `cross_attention`, of the alignment heads in their order."""
        writer, chosen = self.layers.writer, self.layers.checkpoint.alignment_heads
        joined = writer.add("Transpose", [writer.add("Concat", self.crossed, axis=1)], perm=[1, 0, 2, 3])
        frames = self.layers.checkpoint.dims.n_audio_ctx
        shape = [writer.integers(len(chosen)), self.batch, self.count, writer.integers(frames)]
        apart = writer.add("Reshape", [joined, writer.add("Concat", shape, axis=0)])
        writer.add("Cast", [apart], "cross_attention", to=_FLOAT)

    def _keep(self, weights: str, number: int) -> None:
        """Take what is wanted of a layer's cross-attention at once, so that all of it need not be kept."""
        writer, chosen = self.layers.writer, self.layers.checkpoint.alignment_heads
        heads = [head for layer, head in chosen if layer == number]
        if heads:
            self.crossed.append(writer.add("Gather", [weights, writer.integers(*heads)], axis=1))

    def _axes(self) -> None:
        """What every layer needs to know of the axes, computed once."""
        writer, heads = self.layers.writer, self.layers.heads
        self.batch, self.count = self._length("tokens", 0), self._length("tokens", 1)
        self.positions = writer.add("Add", ["offset", self._range(self.count)])
        after = writer.add("Unsqueeze", [self.positions, writer.integers(1)])
        self.visible = writer.add("LessOrEqual", [self._range(self._length("self_k_0", 2)), after])
        rows = writer.add("Unsqueeze", [self._range(self.batch), writer.integers(1, 2, 3)])
        across = writer.weight("heads", np.arange(heads, dtype=np.int64).reshape(heads, 1, 1))
        down = writer.add("Unsqueeze", [self.positions, writer.integers(1)])
        whole = writer.add(
            "Concat", [self.batch, writer.integers(heads), self.count, writer.integers(1)], axis=0
        )
        self.places = writer.add(
            "Concat", [writer.add("Expand", [axis, whole]) for axis in (rows, across, down)], axis=-1
        )
        sounds, width = self._length("cross_k_0", 0), self.layers.width
        parts = [sounds, writer.integers(-1), writer.integers(heads), writer.integers(width // heads)]
        self.by_sound = writer.add("Concat", parts, axis=0)
        self.by_row = writer.add("Concat", [self.batch, self.count, writer.integers(width)], axis=0)

    def _length(self, value: str, axis: int) -> str:
        """Of an axis of `value`, [1]."""
        return self.layers.writer.add("Shape", [value], start=axis, end=axis + 1)

    def _range(self, length: str) -> str:
        """0, 1, 2 … as many as `length` [1]."""
        writer = self.layers.writer
        stop = writer.add("Squeeze", [length, writer.integers(0)])
        return writer.add("Range", [writer.integer(0), stop, writer.integer(1)])


def _cross(dims: WhisperDims, real: DTypeLike, rows: str) -> Iterator[Port]:
    """What the layers attend to in the sound."""
    shape = (rows, dims.n_text_head, dims.n_audio_ctx, dims.n_text_state // dims.n_text_head)
    for part in PARTS:
        for number in range(dims.n_text_layer):
            yield Port(f"cross_{part}_{number}", real, shape)


def _cache(dims: WhisperDims, real: DTypeLike, suffix: str = "") -> Iterator[Port]:
    """What the layers attend to in the text."""
    shape = ("batch", dims.n_text_head, "cache", dims.n_text_state // dims.n_text_head)
    for part in PARTS:
        for number in range(dims.n_text_layer):
            yield Port(f"self_{part}_{number}{suffix}", real, shape)


def _step_inputs(checkpoint: Checkpoint, writer: OnnxWriter) -> tuple[Port, ...]:
    tokens, offset = Port("tokens", np.int64, ("batch", "n")), Port("offset", np.int64, (1,))
    dims, real = checkpoint.dims, writer.real
    return (tokens, offset, *_cache(dims, real), *_cross(dims, real, "sounds"))


def _step_outputs(checkpoint: Checkpoint, writer: OnnxWriter, words: bool) -> tuple[Port, ...]:
    logits = Port("logits", np.float32, ("batch", "n", checkpoint.dims.n_vocab))
    outputs = (logits, *_cache(checkpoint.dims, writer.real, "_out"))
    if not words:
        return outputs
    shape = (len(checkpoint.alignment_heads), "batch", "n", checkpoint.dims.n_audio_ctx)
    return (*outputs, Port("cross_attention", np.float32, shape))


def _convolved(layers: Layers, mel: str) -> str:
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
