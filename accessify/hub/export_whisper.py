"""A checkpoint of openai-whisper as a folder that the engine whisper-onnx runs.

::

    FOLDER/manifest.json         shapes, precision, source, sha256 of every file, how near it is
           encoder.onnx          see `whisper_graphs`
           decoder.onnx          one step
           decoder_words.onnx    one step that also gives what word times come from
           vocabulary.tiktoken   the tokens' ranks
           *.onnx.data           weights of a graph, where they are many; both decoders share theirs
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, ModelError, OptionError, OutputError
from accessify.core.placing import placed, write_error
from accessify.core.progress import OnProgress, Progress
from accessify.hub.onnx_writer import EXTERNAL, OPSET
from accessify.hub.verify_whisper import LIMITS, Verified, verify_whisper
from accessify.hub.whisper_checkpoint import read_whisper, whisper_package
from accessify.hub.whisper_graphs import decoder_graph, encoder_graph
from accessify.hub.whisper_quantize import Precision
from accessify.speech.whisper_checkpoint import Checkpoint
from accessify.speech.whisper_sizes import (
    DECODER,
    DECODER_WORDS,
    ENCODER,
    FORMAT,
    GRAPHS,
    MANIFEST,
    VOCABULARY,
)


@dataclass(frozen=True, slots=True)
class Export:
    """How an export is to be made."""

    precision: Precision = Precision.FP32
    encoder: Precision | None = None
    """Of the encoder, fp32, fp16 or int8; None takes int8 for int4, else `precision`."""
    clips: Sequence[NDArray[np.float32]] = ()
    """Sound at 16 kHz to verify the export with; noise where there is none."""
    external: int = EXTERNAL
    """Bytes of weights from which on a graph keeps them in a file of their own."""

    def __post_init__(self) -> None:
        if self.encoder is Precision.INT4:
            raise OptionError("no encoder is int4; choose --encoder int8, fp16 or fp32")

    @property
    def of_encoder(self) -> Precision:
        """The precision of the encoder."""
        return self.encoder or self.precision.encoder

    @property
    def roughest(self) -> Precision:
        """The precision from which most error is let through."""
        return max(self.of_encoder, self.precision, key=LIMITS.__getitem__)


def require_exportable(folder: Path) -> None:
    """Raise what would stop any export to `folder`: `MissingExtra`, and `OutputError` as `export_whisper`."""
    for package in ("torch", "onnx"):
        try:
            import_module(package)
        except ImportError as error:
            raise MissingExtra(package, "export") from error
    whisper_package()
    _require_free(folder)


def export_whisper(
    source: Path, folder: Path, export: Export | None = None, *, on_progress: OnProgress | None = None
) -> Verified:
    """Export the checkpoint `source` to `folder`; returns how near it is to openai-whisper.

    An earlier export in `folder` is replaced, and only by a whole one that passed verification.
    Raises as `read_whisper` and `verify_whisper` do; `OutputError` where the folder holds other
    things or cannot be written; `DiskFull`.
    """
    export = export or Export()
    require_exportable(folder)
    checkpoint = read_whisper(source)
    with _placed_folder(folder) as temporary:
        try:
            files = _write_files(checkpoint, temporary, export, on_progress)
            verified = verify_whisper(temporary, checkpoint, export.roughest, export.clips)
        except ModelError as error:
            raise ModelError(f"{folder}: {error}") from error
        manifest = _manifest(checkpoint, export, verified)
        manifest["files"] = {name: _described(temporary / name) for name in sorted(files)}
        with placed(temporary / MANIFEST) as path:
            path.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        if on_progress:
            on_progress(Progress("export", len(GRAPHS) + 1, len(GRAPHS) + 1, "steps"))
    return verified


def _write_files(
    checkpoint: Checkpoint, folder: Path, export: Export, on_progress: OnProgress | None
) -> list[str]:
    """Write the graphs and the vocabulary; returns the names of the files."""
    files = [_write_vocabulary(checkpoint, folder)]
    for done, name in enumerate(GRAPHS, 1):
        files += _write(checkpoint, folder / name, export)
        if on_progress:
            on_progress(Progress("export", done, len(GRAPHS) + 1, "steps"))
    return files


def _write(checkpoint: Checkpoint, path: Path, export: Export) -> tuple[str, ...]:
    """Write one graph; returns the names of its files."""
    half = export.precision is Precision.FP16
    if path.name == ENCODER:
        kind = export.of_encoder
        ports = np.float16 if half else np.float32
        weights = kind.encoder_weights
        graph = encoder_graph(checkpoint, half=kind is Precision.FP16, weights=weights, ports=ports)
    else:
        words, weights = path.name == DECODER_WORDS, export.precision.decoder_weights
        graph = decoder_graph(checkpoint, half=half, words=words, weights=weights)
    beside = f"{DECODER}.data" if path.name == DECODER_WORDS else ""
    return graph.writer.write(path, graph.inputs, graph.outputs, external=export.external, beside=beside)


def _write_vocabulary(checkpoint: Checkpoint, folder: Path) -> str:
    """Copy the ranks that openai-whisper's tokenizer takes for such a checkpoint."""
    name = "multilingual" if checkpoint.dims.multilingual else "gpt2"
    ranks = Path(whisper_package().__file__).parent / "assets" / f"{name}.tiktoken"
    with placed(folder / VOCABULARY) as path:
        shutil.copyfile(ranks, path)
    return VOCABULARY


def _manifest(checkpoint: Checkpoint, export: Export, verified: Verified) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": "whisper",
        "dims": asdict(checkpoint.dims),
        "multilingual": checkpoint.dims.multilingual,
        "languages": checkpoint.dims.languages,
        "precision": {"encoder": str(export.of_encoder), "decoder": str(export.precision)},
        "opset": OPSET,
        "source_sha256": checkpoint.sha256,
        "alignment_heads": [list(pair) for pair in checkpoint.alignment_heads],
        "verified": {"judge": verified.judge, **asdict(verified)},
    }


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": path.stat().st_size}


def _require_free(folder: Path) -> None:
    """Raise `OutputError` where `folder` is a file, or holds what an export did not write."""
    if not folder.exists() and not folder.is_symlink():
        return
    known = folder.is_dir() and _is_ours(folder)
    if not known:
        raise OutputError(
            f"{folder}: something else is in the way; choose another folder with -o", path=str(folder)
        )


def _is_ours(folder: Path) -> bool:
    """Whether `folder` is empty or nothing but an export."""
    names = {entry.name for entry in folder.iterdir()}
    allowed = {MANIFEST, VOCABULARY, *GRAPHS, *(f"{name}.data" for name in GRAPHS)}
    return not names or (MANIFEST in names and names <= allowed and _is_of_whisper(folder / MANIFEST))


def _is_of_whisper(manifest: Path) -> bool:
    """Whether a manifest is that of an export; other programs name their files so too."""
    try:
        content = json.loads(manifest.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("kind") == "whisper"


@contextmanager
def _placed_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside `folder`; move it into place on success, remove it on failure."""
    folder = folder.resolve()
    temporary = folder.with_name(f".{folder.name}.part-{os.getpid()}")
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if folder.exists():
            folder.replace(old)
        temporary.replace(folder)
    except OSError as error:
        if isinstance(error, OutputError | ModelError) or error.filename not in {str(temporary), str(folder)}:
            raise
        raise write_error(folder, error) from error
    finally:
        if old.exists() and not folder.exists():
            old.replace(folder)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
