"""Networks as ONNX graphs: made on this machine from what was published, once, and kept in the cache.

::

    graphs/MODEL/GRAPH-PRECISION-VERSION-SOURCE.onnx    VERSION of the converter, SOURCE by its sha256
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import MissingExtra, ModelError
from accessify.core.placing import placed
from accessify.core.progress import OnProgress, Progress
from accessify.hub.cache import VERIFIED, locked, path_of, writing_cache
from accessify.hub.catalog import Model, ModelFile, find_model
from accessify.hub.convert_tflite import VERSION, convert, require_converter
from accessify.hub.fetch import fetch_models

HOLISTIC, FACE = "holistic-landmarks", "face-landmarker"
"""Models of the catalogue that hold networks: what sees body, hands and face, and the face's expressions."""

HALF_SAFE = frozenset(
    {
        *("pose_detection", "pose_landmark_full", "palm_detection_full", "hand_recrop", "hand_landmark_full"),
        *("face_detection_short_range", "face_landmark"),
    }
)
"""Networks that may run in float16: their points move by 0.2 pixels of the crop at most on average, as
measured on the CPU (docs/benchmarks.md)."""

_SUFFIX = ".tflite"
_OUTPUTS: Mapping[str, tuple[int, ...]] = MappingProxyType({"pose_landmark_full": (0, 1, 3, 4)})
"""What is kept of a network where not everything is: the body's segmentation is half its work."""

_BUNDLED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"face_landmarker.task": ("face_landmarks_detector", "face_blendshapes")}
)
"""Bundle → the networks of it that are used."""


def graph_files(
    name: str, *, half: bool = False, offline: bool = False, on_progress: OnProgress | None = None
) -> dict[str, Path]:
    """The ONNX graphs of the model `name`, fetched and converted where they are missing: graph → path.

    With `half`, their weights are float16. Raises as `model_files` does where something must be
    fetched, `MissingExtra` where something must be converted and the extra `signs` is not installed,
    and `ModelError`.
    """
    model = find_model(name)
    networks = [network for file in model.files for network in _networks(file, half)]
    if _missing(networks):
        require_converter()
        fetch_models([model], offline=offline, on_progress=on_progress)
        with locked(model.name):
            _make(_missing(networks), on_progress)  # another process may have made some
    return {network.name: network.path for network in networks}


def convertible(model: Model) -> bool:
    """Whether `model` has networks to convert, and the packages that do it are here."""
    try:
        require_converter()
    except MissingExtra:
        return False
    return any(_networks(file, half=False) for file in model.files)


@dataclass(frozen=True, slots=True)
class _Network:
    """One graph to make."""

    name: str
    file: ModelFile
    """Where it is published: the network itself, or a bundle that holds it."""
    half: bool

    @property
    def label(self) -> str:
        """The name up to what says which version made it of what."""
        return f"{self.name}-{'fp16' if self.half else 'fp32'}"

    @property
    def path(self) -> Path:
        name = f"{self.label}-{VERSION}-{self.file.sha256[:8]}.onnx"
        return cache_folder() / "graphs" / self.file.model / name

    def read(self) -> bytes:
        """The network as it was published."""
        path = path_of(self.file)
        if self.file.name not in _BUNDLED:
            return path.read_bytes()
        try:
            with zipfile.ZipFile(path) as bundle:
                return bundle.read(self.name + _SUFFIX)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ModelError(
                f"no bundle that holds {self.name}{_SUFFIX}; run: accessify models verify"
            ) from error


def _networks(file: ModelFile, half: bool) -> list[_Network]:
    """The networks in a file of a model; none in a file of another kind."""
    if file.name.endswith(_SUFFIX):
        return [_Network(file.name.removesuffix(_SUFFIX), file, half)]
    return [_Network(name, file, half) for name in _BUNDLED.get(file.name, ())]


def _make(networks: list[_Network], on_progress: OnProgress | None) -> None:
    for done, network in enumerate(networks, 1):
        _place(network)
        if on_progress:
            on_progress(Progress(f"convert {network.file.model}", done, len(networks), "graphs"))


def _place(network: _Network) -> None:
    """Convert one network; graphs that an earlier version made of it are removed."""
    try:
        graph = convert(network.read(), half=network.half, outputs=_OUTPUTS.get(network.name))
    except ModelError as error:
        raise ModelError(f"{network.file.label}: {error}") from error
    path = network.path
    with writing_cache():
        with placed(path) as temporary:
            temporary.write_bytes(graph)
            os.utime(temporary, (VERIFIED, VERIFIED))
        for other in path.parent.glob(f"{network.label}-*.onnx"):
            if other != path:
                other.unlink(missing_ok=True)


def _missing(networks: list[_Network]) -> list[_Network]:
    return [network for network in networks if not _is_whole(network.path)]


def _is_whole(path: Path) -> bool:
    """Whether a graph is here and nobody wrote to it since it was placed."""
    try:
        return path.stat().st_mtime == VERIFIED
    except OSError:
        return False
