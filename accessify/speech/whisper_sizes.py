"""The sizes that make a Whisper, the tensors that they ask for, and the names of what it is exported to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

FORMAT = 2
"""The layout of an exported folder; to be raised with every change of it."""
MANIFEST, VOCABULARY = "manifest.json", "vocabulary.tiktoken"
ENCODER, DECODER, DECODER_WORDS = "encoder.onnx", "decoder.onnx", "decoder_words.onnx"
GRAPHS = (ENCODER, DECODER, DECODER_WORDS)

MELS = (80, 128)
"""Bands of the spectrograms that there are."""
VOCABULARIES = (51864, 51865, 51866)
"""Tokens that a Whisper can have: the English ones, those of 99 languages, and of 100 (large-v3)."""


@dataclass(frozen=True, slots=True)
class WhisperDims:
    """The sizes of a Whisper, by openai-whisper's names (`whisper.model.ModelDimensions`)."""

    n_mels: int
    """Bands of the mel spectrogram."""
    n_audio_ctx: int
    """Positions of the encoder, 20 ms each; two frames of the spectrogram make one."""
    n_audio_state: int
    """Width of the encoder."""
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    """Tokens, the special ones included."""
    n_text_ctx: int
    """Tokens that the decoder can look back on, prompt included."""
    n_text_state: int
    """Width of the decoder."""
    n_text_head: int
    n_text_layer: int

    @property
    def multilingual(self) -> bool:
        """Whether the vocabulary has languages and tasks (as `whisper.model.Whisper` tells it)."""
        return self.n_vocab > VOCABULARIES[0]

    @property
    def languages(self) -> int:
        """How many language tokens the vocabulary has (as `whisper.model.Whisper` counts them)."""
        return self.n_vocab - 51765 - int(self.multilingual)

    @property
    def head(self) -> int:
        """Width of a head of the decoder."""
        return self.n_text_state // self.n_text_head


def tensor_shapes(dims: WhisperDims) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor of a Whisper of these sizes, one by one: sizes may be absurd."""
    wide, text = dims.n_audio_state, dims.n_text_state
    yield "encoder.conv1.weight", (wide, dims.n_mels, 3)
    yield "encoder.conv1.bias", (wide,)
    yield "encoder.conv2.weight", (wide, wide, 3)
    yield "encoder.conv2.bias", (wide,)
    yield "encoder.positional_embedding", (dims.n_audio_ctx, wide)
    yield "decoder.token_embedding.weight", (dims.n_vocab, text)
    yield "decoder.positional_embedding", (dims.n_text_ctx, text)
    yield from _norm("encoder.ln_post", wide)
    yield from _norm("decoder.ln", text)
    for layer in range(dims.n_audio_layer):
        yield from _block(f"encoder.blocks.{layer}", wide, ("attn",))
    for layer in range(dims.n_text_layer):
        yield from _block(f"decoder.blocks.{layer}", text, ("attn", "cross_attn"))


def _block(prefix: str, width: int, attentions: tuple[str, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for attention in attentions:
        for part in ("query", "key", "value", "out"):
            yield f"{prefix}.{attention}.{part}.weight", (width, width)
            if part != "key":
                yield f"{prefix}.{attention}.{part}.bias", (width,)
        yield from _norm(f"{prefix}.{attention}_ln", width)
    yield f"{prefix}.mlp.0.weight", (4 * width, width)
    yield f"{prefix}.mlp.0.bias", (4 * width,)
    yield f"{prefix}.mlp.2.weight", (width, 4 * width)
    yield f"{prefix}.mlp.2.bias", (width,)
    yield from _norm(f"{prefix}.mlp_ln", width)


def _norm(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)
