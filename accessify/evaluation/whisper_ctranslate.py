"""A checkpoint of openai-whisper as the folder that faster-whisper runs (CTranslate2's own format).

faster-whisper's published folders cannot be compared with ours: they hold other weights than a checkpoint
with random ones. So the bench makes them, with CTranslate2's own specification and quantisation::

    FOLDER/model.bin          weights; those of matrices in the precision asked for
           config.json        heads that tell word times, suppressed tokens, tokens of languages
           vocabulary.json    all tokens
           tokenizer.json     byte pairs for the package `tokenizers`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.errors import MissingExtra, ModelError
from accessify.engines.byte_letters import to_letters
from accessify.engines.whisper_tokens import LANGUAGES, Tokens, read_tokens
from accessify.hub.whisper_checkpoint import read_whisper, whisper_package
from accessify.speech.whisper_checkpoint import Checkpoint

_TIMES = 1501
_SIZES = (1500, 448)
"""Positions of sound and text that faster-whisper takes for granted."""
_FEWEST = 2
"""Parts that a byte pair is joined from."""


def convert_whisper(source: Path, folder: Path, precision: str = "int8") -> Path:
    """Write the checkpoint `source` to `folder` (made where it is missing), which is returned.

    `precision` is one of CTranslate2's: `float32`, `int8`, `int8_float32`, `float16`. Raises as
    `read_whisper` does, `ModelError` for a model of other lengths, and `MissingExtra`.
    """
    specs = _module("ctranslate2.specs.whisper_spec")
    checkpoint = read_whisper(source)
    dims = checkpoint.dims
    if (dims.n_audio_ctx, dims.n_text_ctx) != _SIZES:
        raise ModelError(f"{source}: faster-whisper runs only models of 30 s and 448 tokens; choose another")
    tokens = _tokens(checkpoint)
    spec = specs.WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    _set_encoder(spec.encoder, checkpoint)
    _set_decoder(spec.decoder, checkpoint)
    names = token_names(tokens, dims.languages if dims.multilingual else 99)
    spec.register_vocabulary(names[: dims.n_vocab])
    spec.config.alignment_heads = [list(pair) for pair in checkpoint.alignment_heads]
    spec.config.suppress_ids = sorted({*tokens.unspoken, *_controls(tokens)})
    spec.config.suppress_ids_begin = [tokens.encode(" ")[0], tokens.end]
    spec.config.lang_ids = [tokens.language(code) for code in tokens.languages]
    spec.validate()
    spec.optimize(quantization=None if precision == "float32" else precision)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    build_tokenizer(tokens, names).save(str(folder / "tokenizer.json"))
    return folder


def build_tokenizer(tokens: Tokens, names: Sequence[str]) -> Any:
    """A `tokenizers.Tokenizer` with the tokens of `tokens`; `names` as `token_names` gives them."""
    tokenizers = _module("tokenizers")
    ranks = {tokens.raw(number): number for number in range(tokens.end)}
    merges = [(to_letters(first), to_letters(second)) for first, second in byte_pairs(ranks)]
    vocabulary = {to_letters(raw): number for raw, number in ranks.items()}
    built = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=merges))
    built.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    built.decoder = tokenizers.decoders.ByteLevel()
    built.add_special_tokens([tokenizers.AddedToken(name, normalized=False) for name in names[tokens.end :]])
    return built


def byte_pairs(ranks: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The pairs by which the tokens of `ranks` (bytes → rank) are joined, in their order.

    A vocabulary by ranks does not say which two parts a token is joined from: they are what is left of
    it when all pairs of lower ranks are joined.
    """
    pairs = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = _joined(token, ranks, rank)
        if len(parts) == _FEWEST:
            pairs.append((parts[0], parts[1]))
    return pairs


def _joined(token: bytes, ranks: Mapping[bytes, int], below: int) -> list[bytes]:
    """`token` in parts, joined by all pairs of a rank below `below`, the lowest first."""
    parts = [token[at : at + 1] for at in range(len(token))]
    while len(parts) > _FEWEST:
        found = [ranks.get(parts[at] + parts[at + 1], below) for at in range(len(parts) - 1)]
        lowest = min(found)
        if lowest >= below:
            break
        at = found.index(lowest)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


def token_names(tokens: Tokens, languages: int) -> list[str]:
    """All tokens by the names that CTranslate2 and faster-whisper look for."""
    marks = ["endoftext", "startoftranscript", *LANGUAGES[:languages], "translate", "transcribe"]
    marks += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    marks += [f"{at / 50:.2f}" for at in range(_TIMES)]
    return [to_letters(tokens.raw(number)) for number in range(tokens.end)] + [
        f"<|{name}|>" for name in marks
    ]


def _tokens(checkpoint: Checkpoint) -> Tokens:
    dims = checkpoint.dims
    name = "multilingual" if dims.multilingual else "gpt2"
    path = Path(whisper_package().__file__).parent / "assets" / f"{name}.tiktoken"
    return read_tokens(path, dims.languages if dims.multilingual else 0, dims.n_vocab)


def _controls(tokens: Tokens) -> tuple[int, ...]:
    last = tokens.before - 1  # start of a language model's text
    return (tokens.start, tokens.translate, tokens.transcribe, last, tokens.before, tokens.no_speech)


def _set_encoder(spec: Any, checkpoint: Checkpoint) -> None:
    for name in ("conv1", "conv2"):
        _set_linear(getattr(spec, name), checkpoint, [f"encoder.{name}"])
    spec.position_encodings.encodings = checkpoint.values("encoder.positional_embedding")
    _set_norm(spec.layer_norm, checkpoint, "encoder.ln_post")
    for layer, block in enumerate(spec.layer):
        prefix = f"encoder.blocks.{layer}"
        _set_attention(block.self_attention, checkpoint, f"{prefix}.attn", ("query", "key", "value"))
        _set_feed_forward(block.ffn, checkpoint, prefix)


def _set_decoder(spec: Any, checkpoint: Checkpoint) -> None:
    spec.embeddings.weight = spec.projection.weight = checkpoint.values("decoder.token_embedding.weight")
    spec.position_encodings.encodings = checkpoint.values("decoder.positional_embedding")
    _set_norm(spec.layer_norm, checkpoint, "decoder.ln")
    for layer, block in enumerate(spec.layer):
        prefix = f"decoder.blocks.{layer}"
        _set_attention(block.self_attention, checkpoint, f"{prefix}.attn", ("query", "key", "value"))
        _set_attention(block.attention, checkpoint, f"{prefix}.cross_attn", ("query",), ("key", "value"))
        _set_feed_forward(block.ffn, checkpoint, prefix)


def _set_attention(spec: Any, checkpoint: Checkpoint, prefix: str, *inputs: Sequence[str]) -> None:
    _set_norm(spec.layer_norm, checkpoint, f"{prefix}_ln")
    for linear, parts in zip(spec.linear, (*inputs, ("out",)), strict=True):
        _set_linear(linear, checkpoint, [f"{prefix}.{part}" for part in parts])


def _set_feed_forward(spec: Any, checkpoint: Checkpoint, prefix: str) -> None:
    _set_norm(spec.layer_norm, checkpoint, f"{prefix}.mlp_ln")
    _set_linear(spec.linear_0, checkpoint, [f"{prefix}.mlp.0"])
    _set_linear(spec.linear_1, checkpoint, [f"{prefix}.mlp.2"])


def _set_linear(spec: Any, checkpoint: Checkpoint, names: Sequence[str]) -> None:
    """One layer of the weights of several; those without a bias (keys) get zeros."""
    weights = [checkpoint.values(f"{name}.weight") for name in names]
    spec.weight = np.concatenate(weights)
    spec.bias = np.concatenate(
        [
            checkpoint.values(f"{name}.bias")
            if f"{name}.bias" in checkpoint.tensors
            else np.zeros(len(weight), np.float32)
            for name, weight in zip(names, weights, strict=True)
        ]
    )


def _set_norm(spec: Any, checkpoint: Checkpoint, name: str) -> None:
    spec.gamma, spec.beta = checkpoint.values(f"{name}.weight"), checkpoint.values(f"{name}.bias")


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra("faster-whisper", "faster-whisper") from error
