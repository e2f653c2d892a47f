"""A Whisper exported to ONNX graphs, as a folder: its manifest, read and checked.

The folder is written by `accessify models export whisper`; what its graphs take and give is said in
`hub.whisper_graphs`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from accessify.core.errors import ModelError, ModelNotFound
from accessify.engines.whisper_tokens import LANGUAGES
from accessify.speech.whisper_sizes import (
    DECODER,
    DECODER_WORDS,
    ENCODER,
    FORMAT,
    MANIFEST,
    VOCABULARY,
    WhisperDims,
)

_MADE_BY = "run: accessify models export whisper --model MODEL -o FOLDER"


@dataclass(frozen=True, slots=True)
class WhisperFolder:
    """What a folder holds."""

    sizes: WhisperDims
    languages: int
    """How many the model tells apart; 0 for an English one."""
    alignment_heads: int
    """How many heads of cross-attention `decoder_words.onnx` gives."""
    paths: Mapping[str, Path]
    """File name → path."""


def read_folder(files: Mapping[str, Path]) -> WhisperFolder:
    """The folder whose files (name → path) are `files`.

    Contents are not hashed (`accessify models verify` does that), but files must be there, together and
    of the right size. Raises `ModelNotFound` and `ModelError`, which name the export command.
    """
    if MANIFEST not in files:
        raise ModelNotFound(f"no {MANIFEST} among {', '.join(files) or 'no files'}; {_MADE_BY}")
    path = files[MANIFEST]
    manifest = _manifest(path)
    try:
        dims = manifest["dims"]
        sizes = WhisperDims(**{field.name: _count(dims[field.name]) for field in fields(WhisperDims)})
        languages = _languages(manifest)
        heads = len([_pair(pair) for pair in manifest["alignment_heads"]])
        listed = {str(name): int(entry["size"]) for name, entry in manifest["files"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: damaged ({type(error).__name__}: {error}); {_MADE_BY}") from error
    missing = {ENCODER, DECODER, DECODER_WORDS, VOCABULARY} - set(listed)
    if missing:
        raise ModelError(f"{path}: {', '.join(sorted(missing))} is not listed; {_MADE_BY}")
    paths = {name: _checked(files.get(name, path.with_name(name)), size) for name, size in listed.items()}
    return WhisperFolder(sizes, languages, heads, paths)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ModelNotFound(f"{path}: no such file; {_MADE_BY}") from error
    except ValueError as error:
        raise ModelError(f"{path}: no JSON ({error}); {_MADE_BY}") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != "whisper":
        raise ModelError(f"{path}: not the manifest of a Whisper; {_MADE_BY}")
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"{path}: the folder's format is {manifest.get('format')!r}, not {FORMAT}; {_MADE_BY}"
        )
    return manifest


def _count(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r} is no size")
    return value


def _languages(manifest: Mapping[str, Any]) -> int:
    if not manifest["multilingual"]:
        return 0
    count = _count(manifest["languages"])
    if count > len(LANGUAGES):
        raise ValueError(f"{count} languages")
    return count


def _pair(value: Any) -> tuple[int, int]:
    layer, head = value
    return int(layer), int(head)


def _checked(path: Path, size: int) -> Path:
    if not path.is_file():
        raise ModelNotFound(f"{path} is missing; {_MADE_BY}")
    if (found := path.stat().st_size) != size:
        raise ModelError(f"{path}: {found} bytes instead of {size}; {_MADE_BY}")
    return path
