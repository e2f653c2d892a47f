"""Opens checkpoints of openai-whisper; refuses what is none, is damaged or of other sizes than it says."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from accessify.core.errors import MissingExtra, ModelError, ModelNotFound, OptionError

_MELS = (80, 128)
"""Bands of the mel spectrogram that openai-whisper can make."""
_ENGLISH = 51_864
"""Tokens of the English vocabulary, the smallest there is."""


def open_whisper(path: Path, device: str) -> Any:
    """The network in the checkpoint at `path`, on `device`, ready to be asked.

    Published checkpoints get the attention heads that openai-whisper published for word times; all
    others, its default. Raises `ModelNotFound`; `ModelError` for what is not a Whisper, is cut off, or
    is of other sizes than its dims say; `MissingExtra`.
    """
    if not path.is_file():
        raise ModelNotFound(f"{path}: no such file; give a Whisper checkpoint such as base.pt")
    model_type = whisper_module("model")
    content = _read(path)
    state = content.get("model_state_dict") if isinstance(content, dict) else None
    if not isinstance(state, dict) or not isinstance(content.get("dims"), dict):
        raise _foreign(path, "dims and model_state_dict are not in it")
    dims = _dims(path, model_type.ModelDimensions, content["dims"])
    _compare(path, dims, state)
    model = model_type.Whisper(dims)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).partition("\n\t")[2] or str(error)
        raise ModelError(f"{path}: not what its dims say: {reason[:200]}; fetch the file again") from error
    heads = _published_heads(path)
    if heads is not None:
        model.set_alignment_heads(heads)
    return model.eval().to(device)


def torch_module() -> Any:
    """torch; raises `MissingExtra`."""
    try:
        return import_module("torch")
    except ImportError as error:
        raise MissingExtra("torch", "whisper") from error


def whisper_module(name: str = "") -> Any:
    """A module of openai-whisper; raises `MissingExtra` (also for the other package called whisper)."""
    torch_module()  # which openai-whisper would miss without saying how to get it
    try:
        return import_module(f"whisper.{name}" if name else "whisper")
    except ImportError as error:
        raise MissingExtra("openai-whisper", "whisper") from error


def choose_device(wanted: str) -> str:
    """The torch device for `wanted`: `auto`, `cpu`, `cuda` or `cuda:1`; raises `OptionError`."""
    torch = torch_module()
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = wanted.partition(":")
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if kind not in {"cpu", "cuda"} or (number and not number.isdecimal()):
        raise OptionError(f"device {wanted!r} is none for Whisper; choose auto, cpu, cuda or cuda:0")
    if int(number or 0) >= count:
        raise OptionError(
            f"device {wanted!r} is not here: torch {torch.__version__} sees {count} CUDA devices; use cpu, "
            "or install the torch build for your GPU (https://pytorch.org)"
        )
    return wanted


def _read(path: Path) -> Any:
    """What was saved: plain values and tensors, nothing that runs."""
    torch = torch_module()
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":  # torch writes zip archives, whose table is at their end
            raise _foreign(path, "torch did not write it")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, LookupError, TypeError) as error:
        raise _foreign(path, "it is cut off, damaged or another archive") from error


def _dims(path: Path, kind: Any, values: dict[str, Any]) -> Any:
    """The dimensions as openai-whisper's type, all of them there and possible."""
    names = [field.name for field in fields(kind)]
    if sorted(values) != sorted(names):
        raise _foreign(path, f"its dims are not {', '.join(names)}")
    for name, value in values.items():
        if type(value) is not int or value < 1:
            raise _foreign(path, f"its {name} is {value!r}")
    dims = kind(**values)
    for width, heads in ((dims.n_audio_state, dims.n_audio_head), (dims.n_text_state, dims.n_text_head)):
        if width % heads or width % 2:
            raise _foreign(path, f"{heads} heads do not fit a width of {width}")
    if dims.n_audio_state != dims.n_text_state:
        raise _foreign(path, f"its encoder is {dims.n_audio_state} wide, its decoder {dims.n_text_state}")
    if dims.n_mels not in _MELS:
        raise _foreign(path, f"its n_mels is {dims.n_mels}, not 80 or 128")
    if dims.n_vocab < _ENGLISH:
        raise _foreign(path, f"its vocabulary has {dims.n_vocab} tokens, at least {_ENGLISH} are needed")
    return dims


def _compare(path: Path, dims: Any, state: dict[str, Any]) -> None:
    """Refuse sizes that are not those of the dims, before memory is taken for what the dims say."""
    torch = torch_module()
    width, text = dims.n_audio_state, dims.n_text_state
    shapes = {
        "encoder.conv1.weight": (width, dims.n_mels, 3),
        "encoder.positional_embedding": (dims.n_audio_ctx, width),
        f"encoder.blocks.{dims.n_audio_layer - 1}.mlp.0.weight": (4 * width, width),
        "decoder.token_embedding.weight": (dims.n_vocab, text),
        "decoder.positional_embedding": (dims.n_text_ctx, text),
        f"decoder.blocks.{dims.n_text_layer - 1}.mlp.0.weight": (4 * text, text),
    }
    for name, shape in shapes.items():
        if name not in state:
            raise ModelError(
                f"{path}: {name} is missing, and its dims say {list(shape)}; fetch the file again"
            )
        found = list(getattr(state[name], "shape", ()))
        if found != list(shape):
            raise ModelError(f"{path}: {name} is {found}, its dims say {list(shape)}; fetch the file again")
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor) or not bool(tensor.isfinite().all()):
            raise ModelError(f"{path}: {name} is not all numbers; fetch or train the file again")


def _published_heads(path: Path) -> Any:
    """openai-whisper's alignment heads for the file; None where its sha256 is in none of their addresses."""
    whisper = vars(whisper_module())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = next((name for name, address in whisper["_MODELS"].items() if digest in address), None)
    return whisper["_ALIGNMENT_HEADS"].get(name)


def _foreign(path: Path, reason: str) -> ModelError:
    return ModelError(f"{path}: not a Whisper checkpoint ({reason}); give one such as base.pt")
