"""Checkpoints of openai-whisper, read and checked: what they hold, and whether it is all there.

::

    checkpoint = read_whisper(Path("base.pt"))
    checkpoint.values("decoder.ln.weight")    # float32 of the shape that its dimensions say
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import pickle
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, ModelError, ModelNotFound

_DAMAGED = (
    *(pickle.UnpicklingError, EOFError, OSError, RuntimeError),
    *(ValueError, LookupError, TypeError, AttributeError),
)
"""What torch and pickle raise at the contents of a file."""

MELS = (80, 128)
"""Bands of the spectrograms that there are."""

ENGLISH_VOCABULARY = 51864
"""Tokens of the English models, the smallest vocabulary there is; the multilingual ones have more."""


@dataclass(frozen=True, slots=True)
class WhisperDims:
    """The sizes that make a Whisper, by openai-whisper's names (`whisper.model.ModelDimensions`)."""

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
        return self.n_vocab > ENGLISH_VOCABULARY

    @property
    def languages(self) -> int:
        """How many language tokens the vocabulary has (as `whisper.model.Whisper` counts them)."""
        return self.n_vocab - 51765 - int(self.multilingual)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A Whisper as it was trained."""

    path: Path
    dims: WhisperDims
    tensors: Mapping[str, Any]
    """Name → torch tensor, by openai-whisper's names, in the precision of the file."""
    sha256: str
    """Of the file."""
    alignment_heads: tuple[tuple[int, int], ...]
    """(layer, head) of the decoder whose cross-attention tells when a word was said, in this order."""

    def values(self, name: str) -> NDArray[np.float32]:
        """The tensor `name` in float32, in the shape that the dimensions say."""
        return cast(NDArray[np.float32], self.tensors[name].float().numpy())


def read_whisper(path: Path) -> Checkpoint:
    """The checkpoint at `path`, every tensor of it checked against its dimensions.

    Nothing in the file is run: only tensors and plain values are loaded. Raises `ModelNotFound`;
    `ModelError` for a file that is not a Whisper, one that is cut off, and one whose tensors are of
    other sizes than its dimensions say, absent, unknown or not numbers; `MissingExtra`.
    """
    if not path.is_file():
        raise ModelNotFound(f"{path}: no such file; give a checkpoint of openai-whisper, such as base.pt")
    digest = _sha256(path)
    content = _load(path)
    tensors = content.get("model_state_dict") if isinstance(content, dict) else None
    if not isinstance(tensors, dict) or not isinstance(content.get("dims"), dict):
        raise _not_whisper(path, "it has no dims and model_state_dict")
    dims = _dims(path, content["dims"])
    _require_tensors(path, dims, tensors)
    return Checkpoint(path, dims, tensors, digest, _alignment_heads(digest, dims))


def whisper_package() -> Any:
    """The openai-whisper package; raises `MissingExtra`."""
    try:
        return import_module("whisper")
    except ImportError as error:
        raise MissingExtra("openai-whisper", "export") from error


def tensor_shapes(dims: WhisperDims) -> dict[str, tuple[int, ...]]:
    """Name → shape of every tensor of a Whisper of these sizes."""
    wide, text = dims.n_audio_state, dims.n_text_state
    shapes: dict[str, tuple[int, ...]] = {
        "encoder.conv1.weight": (wide, dims.n_mels, 3),
        "encoder.conv1.bias": (wide,),
        "encoder.conv2.weight": (wide, wide, 3),
        "encoder.conv2.bias": (wide,),
        "encoder.positional_embedding": (dims.n_audio_ctx, wide),
        "decoder.token_embedding.weight": (dims.n_vocab, text),
        "decoder.positional_embedding": (dims.n_text_ctx, text),
    }
    shapes.update(_norm("encoder.ln_post", wide))
    shapes.update(_norm("decoder.ln", text))
    for layer in range(dims.n_audio_layer):
        shapes.update(_block(f"encoder.blocks.{layer}", wide, ("attn",)))
    for layer in range(dims.n_text_layer):
        shapes.update(_block(f"decoder.blocks.{layer}", text, ("attn", "cross_attn")))
    return shapes


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


def _load(path: Path) -> Any:
    try:
        torch = import_module("torch")
    except ImportError as error:
        raise MissingExtra("torch", "export") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles by others than torch; what is read is checked
            return torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGED as error:
        with path.open("rb") as file:
            archive = file.read(4) == b"PK\x03\x04"
        # torch writes a zip archive, whose table is at its end.
        reason = "it is cut off or damaged; fetch it again" if archive else "torch cannot read it"
        raise _not_whisper(path, reason) from error


def _not_whisper(path: Path, reason: str) -> ModelError:
    return ModelError(f"{path}: not a checkpoint of openai-whisper ({reason}); give one such as base.pt")


def _dims(path: Path, values: Mapping[Any, Any]) -> WhisperDims:
    names = [field.name for field in fields(WhisperDims)]
    if set(values) != set(names):
        raise _not_whisper(path, f"its dims are not {', '.join(names)}")
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _not_whisper(path, f"its {name} is {value!r}")
    dims = WhisperDims(**values)
    for wide, heads in ((dims.n_audio_state, dims.n_audio_head), (dims.n_text_state, dims.n_text_head)):
        if wide % heads or wide % 2:  # the encoder's positions are sines and as many cosines
            raise _not_whisper(path, f"{heads} heads cannot share a width of {wide}")
    if dims.n_audio_state != dims.n_text_state:
        raise _not_whisper(path, f"its encoder is {dims.n_audio_state} wide, its decoder {dims.n_text_state}")
    if dims.n_mels not in MELS:
        raise _not_whisper(path, f"its n_mels is {dims.n_mels}, not 80 or 128")
    if dims.n_vocab < ENGLISH_VOCABULARY:
        raise _not_whisper(path, f"its vocabulary has {dims.n_vocab} tokens, no Whisper has less than 51864")
    return dims


def _require_tensors(path: Path, dims: WhisperDims, tensors: Mapping[str, Any]) -> None:
    torch = import_module("torch")
    shapes = tensor_shapes(dims)
    for name, shape in shapes.items():
        tensor = tensors.get(name)
        if not isinstance(tensor, torch.Tensor):
            raise ModelError(f"{path}: {name} is missing; its dims say {list(shape)}; fetch the file again")
        if tuple(tensor.shape) != shape:
            raise ModelError(
                f"{path}: {name} is {list(tensor.shape)}, its dims say {list(shape)}; fetch the file again"
            )
        if not tensor.is_floating_point() or not bool(torch.isfinite(tensor).all()):
            raise ModelError(f"{path}: {name} holds what is not a number; fetch or train the file again")
    unknown = sorted(set(tensors) - set(shapes))
    if unknown:
        raise ModelError(
            f"{path}: no Whisper has {unknown[0]}; save the state of a plain whisper.model.Whisper"
        )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); give a file that can") from error


def _alignment_heads(digest: str, dims: WhisperDims) -> tuple[tuple[int, int], ...]:
    """Those that openai-whisper lists for a published checkpoint, else its default: the upper half."""
    package = whisper_package()
    for name, address in package._MODELS.items():  # noqa: SLF001 - it has no other name
        if digest in address.split("/"):  # published under its own sha256
            dump = gzip.decompress(base64.b85decode(package._ALIGNMENT_HEADS[name]))  # noqa: SLF001
            mask = np.frombuffer(dump, bool).reshape(dims.n_text_layer, dims.n_text_head)
            return tuple((int(layer), int(head)) for layer, head in np.argwhere(mask))
    upper = range(dims.n_text_layer // 2, dims.n_text_layer)
    return tuple((layer, head) for layer in upper for head in range(dims.n_text_head))
