"""Checkpoints of Whisper that nobody trained and that end each text after a set number of tokens.

How long a network takes does not depend on its weights but on how many tokens it writes. Here the weights
themselves say how many, so that every system writes the same number by its own public functions, with
nothing in it changed::

    positions before the last token    point away from the end token
    positions from there on            point towards it, more strongly than anything else
    special tokens                     lie against what the last layer always adds: never written
"""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.core.placing import placed
from accessify.hub.whisper_random import random_whisper
from accessify.speech.whisper_sizes import WhisperDims

OPENING = 4
"""Tokens that stand before the text: start, language, task, no times."""
_END = 50256
"""The token that ends an English text; the multilingual ones have one more before it."""
_AWAY, _TOWARDS = 10.0, 100.0
"""Length of what is added to a position; what else flows there is of about the root of the width."""
_AGAINST, _ALWAYS = 0.5, 60.0
"""Lengths of special tokens along that direction, and of what is added: the first is what they bring when
they are read, and must be small."""


def write_weights(dims: WhisperDims, tokens: int, path: Path) -> Path:
    """Write a checkpoint as openai-whisper publishes them (float16), whose texts have `tokens` tokens.

    Returns `path`. Raises `MissingExtra`, `OutputError` and `DiskFull`.
    """
    try:
        torch: Any = import_module("torch")
    except ImportError as error:
        raise MissingExtra("torch", "whisper") from error
    drawn = random_whisper(dims)
    values = {name: drawn.values(name) for name in drawn.tensors}
    _bound(values, dims, tokens)
    state = {name: torch.from_numpy(value.astype(np.float16)) for name, value in values.items()}
    with placed(path) as temporary:
        torch.save({"dims": asdict(dims), "model_state_dict": state}, temporary)
    return path


def _bound(values: dict[str, NDArray[np.float32]], dims: WhisperDims, tokens: int) -> None:
    """Make texts end after `tokens` tokens."""
    width, end = dims.n_text_state, _END + dims.multilingual
    towards, never = _directions(width)
    places = values["decoder.positional_embedding"]
    places[: OPENING + tokens - 1] -= _AWAY * towards
    places[OPENING + tokens - 1 :] += _TOWARDS * towards
    embedding = values["decoder.token_embedding.weight"]
    embedding -= np.outer(embedding @ never, never)
    embedding[end] = towards
    embedding[end + 1 :] -= _AGAINST * never
    values["decoder.ln.bias"] += _ALWAYS * never


def _directions(width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two unit vectors at right angles, of mean 0: a normalised layer keeps them."""
    half = np.where(np.arange(width) % 2, 1, -1) / np.sqrt(width)
    quarter = np.where(np.arange(width) // 2 % 2, 1, -1) / np.sqrt(width)
    return half.astype(np.float32), quarter.astype(np.float32)
