"""The small test Whisper as a compact file, and openai-whisper's checkpoint made of it.

Most rows of the vocabulary are one and the same, so the compact file has it once, and everything in fp16.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from accessify.core.errors import ModelError
from accessify.core.placing import placed
from accessify.training.whisper_network import VOCABULARY, Pupil

FILE = "whisper-test-en-zh.npz"
"""The shipped one, in the folder models of a checkout; it does not come with the package."""
_ROWS, _PLACES = "decoder.token_embedding.weight", "encoder.positional_embedding"
_USED, _FACTS, _DIMS = "used", "facts", "dims"
_DAMAGED = (OSError, EOFError, BadZipFile, zlib.error, ValueError, LookupError, TypeError, AttributeError)
"""What numpy, and the tensors made of it, raise where a file is not what it should be."""


def pack(pupil: Pupil, target: Path, facts: Mapping[str, str]) -> None:
    """Write what `pupil` has learnt to `target` (.npz), with `facts` on how it was made."""
    parts = {
        name: value.detach().numpy().astype(np.float16)
        for name, value in pupil.whisper.state_dict().items()
        if name != _PLACES
    }
    told = {
        _USED: np.array(pupil.used, np.uint16),
        _DIMS: np.array(json.dumps(vars(pupil.whisper.dims) | {"n_vocab": VOCABULARY})),
        _FACTS: np.array(json.dumps(dict(facts))),
    }
    with placed(target) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **parts, **told)


def build(source: Path, target: Path) -> Path:
    """Write openai-whisper's checkpoint (.pt) of a compact file to `target`, and return it.

    `whisper.load_model(str(target))` opens it. Raises `ModelError` where `source` is not such a file.
    """
    try:
        dims, state = _unpacked(source)
    except _DAMAGED as error:
        raise ModelError(f"{source}: no compact Whisper; make it by accessify train whisper") from error
    with placed(target) as temporary:
        torch.save({"dims": dims, "model_state_dict": state}, temporary)
    return target


def _unpacked(source: Path) -> tuple[dict[str, int], dict[str, Tensor]]:
    """The dimensions and the tensors of a compact file; raises what is in `_DAMAGED` where it is none."""
    from whisper.model import sinusoids  # noqa: PLC0415 - heavy

    with np.load(source, allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    dims = json.loads(str(parts.pop(_DIMS)))
    used, rows = parts.pop(_USED).astype(np.int64), parts[_ROWS]
    parts.pop(_FACTS, None)
    if dims["n_vocab"] != VOCABULARY:
        raise ValueError(f"{dims['n_vocab']} tokens")
    whole = np.repeat(rows[-1:], VOCABULARY, axis=0)
    whole[used] = rows[:-1]
    state: dict[str, Tensor] = {name: torch.from_numpy(value) for name, value in parts.items()}
    state[_ROWS] = torch.from_numpy(whole)
    state[_PLACES] = sinusoids(dims["n_audio_ctx"], dims["n_audio_state"]).half()
    return dims, state
