"""Opens checkpoints of openai-whisper as its network; `speech.whisper_checkpoint` reads and checks them."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from accessify.core.errors import MissingExtra, OptionError
from accessify.speech.whisper_checkpoint import read_checkpoint, unreadable


def open_whisper(path: Path, device: str) -> Any:
    """The network in the checkpoint at `path`, on `device`, ready to be asked.

    Published checkpoints get the attention heads that openai-whisper published for word times; all
    others, its default. Raises `ModelNotFound`, `ModelError` as `read_checkpoint`, `MissingExtra`.
    """
    torch, whisper, kinds = torch_module(), whisper_module(), whisper_module("model")
    try:
        with path.open("rb") as file:
            checkpoint = read_checkpoint(path, file, torch, whisper)
    except OSError as error:
        raise unreadable(path, error) from error
    dims = checkpoint.dims
    model = kinds.Whisper(kinds.ModelDimensions(**asdict(dims)))
    model.load_state_dict(checkpoint.tensors)
    heads = torch.zeros(dims.n_text_layer, dims.n_text_head, dtype=torch.bool)
    for layer, head in checkpoint.alignment_heads:
        heads[layer, head] = True
    model.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
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
