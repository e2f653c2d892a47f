"""Networks as ONNX graphs: made on this machine from what was published, once, and kept in the cache.

::

    graphs/MODEL/GRAPH-PRECISION-VERSION-SOURCE.onnx    VERSION of the converter, SOURCE by its sha256
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from accessify.core.errors import ModelError
from accessify.core.placing import placed
from accessify.core.progress import OnProgress, Progress
from accessify.hub.cache import VERIFIED, cache_folder, locked, path_of, writing_cache
from accessify.hub.catalog import Model, ModelFile, find_model
from accessify.hub.convert_tflite import VERSION, convert, require_converter
from accessify.hub.fetch import fetch_models

_SUFFIX = ".tflite"
_OUTPUTS: Mapping[str, tuple[int, ...]] = MappingProxyType({"pose_landmark_full": (0, 1, 3, 4)})
"""What is kept of a network where not everything is: the body's segmentation is half its work."""


def graph_files(
    name: str, *, half: bool = False, offline: bool = False, on_progress: OnProgress | None = None
) -> dict[str, Path]:
    """The ONNX graphs of the model `name`, fetched and converted where they are missing: graph → path.

    With `half`, their weights are float16. Raises as `model_files` does where something must be
    fetched, `MissingExtra` where something must be converted and the extra `signs` is not installed,
    and `ModelError`.
    """
    model = find_model(name)
    files = [file for file in model.files if file.name.endswith(_SUFFIX)]
    if _missing(files, half):
        require_converter()
        fetch_models([model], offline=offline, on_progress=on_progress)
        with locked(model.name):
            _make(model, _missing(files, half), half, on_progress)  # another process may have made some
    return {_stem(file): _path(file, half) for file in files}


def _make(model: Model, files: list[ModelFile], half: bool, on_progress: OnProgress | None) -> None:
    total = sum(file.size for file in files)
    done = 0
    for file in files:
        _place(file, half)
        done += file.size
        if on_progress:
            on_progress(Progress(f"convert {model.name}", done, total, "B"))


def _place(file: ModelFile, half: bool) -> None:
    """Convert one file; graphs that an earlier version made of it are removed."""
    try:
        graph = convert(path_of(file).read_bytes(), half=half, outputs=_OUTPUTS.get(_stem(file)))
    except ModelError as error:
        raise ModelError(f"{file.label}: {error}") from error
    path = _path(file, half)
    with writing_cache():
        with placed(path) as temporary:
            temporary.write_bytes(graph)
            os.utime(temporary, (VERIFIED, VERIFIED))
        for other in path.parent.glob(f"{_name(file, half)}-*.onnx"):
            if other != path:
                other.unlink(missing_ok=True)


def _missing(files: list[ModelFile], half: bool) -> list[ModelFile]:
    return [file for file in files if not _is_whole(_path(file, half))]


def _is_whole(path: Path) -> bool:
    """Whether a graph is here and nobody wrote to it since it was placed."""
    try:
        return path.stat().st_mtime == VERIFIED
    except OSError:
        return False


def _path(file: ModelFile, half: bool) -> Path:
    name = f"{_name(file, half)}-{VERSION}-{file.sha256[:8]}.onnx"
    return cache_folder() / "graphs" / file.model / name


def _name(file: ModelFile, half: bool) -> str:
    return f"{_stem(file)}-{'fp16' if half else 'fp32'}"


def _stem(file: ModelFile) -> str:
    return file.name.removesuffix(_SUFFIX)
