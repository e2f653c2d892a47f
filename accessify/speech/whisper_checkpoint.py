"""Checkpoints of openai-whisper, read and checked: what they hold, and whether it is all there.

A stage of this row opens no file and loads no torch: who calls it (`engines.whisper_weights`,
`hub.whisper_checkpoint`) hands it both::

    with path.open("rb") as file:
        checkpoint = read_checkpoint(path, file, torch, whisper)
    checkpoint.values("decoder.ln.weight")    # float32 of the shape that its dimensions say
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import pickle
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelError, ModelNotFound
from accessify.speech.whisper_sizes import MELS, VOCABULARIES, WhisperDims, tensor_shapes

_DAMAGED = (
    *(pickle.UnpicklingError, struct.error, EOFError, OSError, RuntimeError, MemoryError),
    *(ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError),
)
"""What torch and pickle raise at the contents of a file."""
_LARGEST = 2**31
"""No size reaches it."""


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


def read_checkpoint(path: Path, file: BufferedReader, torch: Any, whisper: Any) -> Checkpoint:
    """The checkpoint in `file`, every tensor of it checked against its dimensions; `path` is its name.

    `torch` and `whisper` are those packages. Nothing in the file is run: only tensors and plain values
    are loaded. Raises `ModelError` for a file that is not a Whisper, one that is cut off, and one whose
    tensors are of other sizes than its dimensions say, absent, unknown or not numbers; `OSError`.
    """
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    content = _load(path, file, torch)
    tensors = content.get("model_state_dict") if isinstance(content, dict) else None
    if not isinstance(tensors, dict) or not isinstance(content.get("dims"), dict):
        raise _not_whisper(path, "it has no dims and model_state_dict")
    dims = _dims(path, content["dims"])
    _require_tensors(path, dims, tensors, torch)
    tensors = {name: tensor.detach() for name, tensor in tensors.items()}
    return Checkpoint(path, dims, tensors, digest, _alignment_heads(digest, dims, vars(whisper)))


def unreadable(path: Path, error: OSError) -> ModelError:
    """What to raise where the file at `path` cannot be opened or read: `ModelNotFound` where it is none."""
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return ModelNotFound(f"{path}: no such file; give a checkpoint of openai-whisper, such as base.pt")
    return ModelError(f"{path}: cannot be read ({error.strerror}); give a file that can")


def _load(path: Path, file: BufferedReader, torch: Any) -> Any:
    file.seek(0)
    archive = file.read(4) == b"PK\x03\x04"
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles by others than torch; what is read is checked
            return torch.load(file, map_location="cpu", weights_only=True)
    except _DAMAGED as error:
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
        if type(value) is not int or not 0 < value < _LARGEST:
            told = "no size" if type(value) is int and abs(value) >= _LARGEST else repr(value)[:40]
            raise _not_whisper(path, f"its {name} is {told}")
    dims = WhisperDims(**values)
    for wide, heads in ((dims.n_audio_state, dims.n_audio_head), (dims.n_text_state, dims.n_text_head)):
        if wide % heads or wide % 2:  # the encoder's positions are sines and as many cosines
            raise _not_whisper(path, f"{heads} heads cannot share a width of {wide}")
    if dims.n_audio_state != dims.n_text_state:
        raise _not_whisper(path, f"its encoder is {dims.n_audio_state} wide, its decoder {dims.n_text_state}")
    if dims.n_mels not in MELS:
        raise _not_whisper(path, f"its n_mels is {dims.n_mels}, not 80 or 128")
    if dims.n_vocab not in VOCABULARIES:
        known = ", ".join(map(str, VOCABULARIES))
        raise _not_whisper(path, f"its vocabulary has {dims.n_vocab} tokens, not one of {known}")
    return dims


def _require_tensors(path: Path, dims: WhisperDims, tensors: Mapping[Any, Any], torch: Any) -> None:
    real = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    known = set()
    for name, shape in tensor_shapes(dims):
        tensor = tensors.get(name)
        if not isinstance(tensor, torch.Tensor):
            raise ModelError(f"{path}: {name} is missing; its dims say {list(shape)}; fetch the file again")
        if tuple(tensor.shape) != shape:
            raise ModelError(
                f"{path}: {name} is {list(tensor.shape)}, its dims say {list(shape)}; fetch the file again"
            )
        plain = tensor.dtype in real and tensor.layout is torch.strided and tensor.device.type == "cpu"
        if not plain or not bool(torch.isfinite(tensor).all()):
            raise ModelError(f"{path}: {name} holds what is not a number; fetch or train the file again")
        known.add(name)
    unknown = sorted(map(str, set(tensors) - known))
    if unknown:
        raise ModelError(
            f"{path}: no Whisper has {unknown[0][:80]}; save the state of a plain whisper.model.Whisper"
        )


def _alignment_heads(
    digest: str, dims: WhisperDims, whisper: Mapping[str, Any]
) -> tuple[tuple[int, int], ...]:
    """Those that openai-whisper lists for a published checkpoint, else its default: the upper half."""
    for name, address in whisper["_MODELS"].items():
        if digest in address.split("/"):  # published under its own sha256
            dump = gzip.decompress(base64.b85decode(whisper["_ALIGNMENT_HEADS"][name]))
            mask = np.frombuffer(dump, bool).reshape(dims.n_text_layer, dims.n_text_head)
            return tuple((int(layer), int(head)) for layer, head in np.argwhere(mask))
    upper = range(dims.n_text_layer // 2, dims.n_text_layer)
    return tuple((layer, head) for layer in upper for head in range(dims.n_text_head))
