"""The converted graphs one by one, on crops of a real clip.

Beside the TensorFlow Lite interpreter: how far the numbers are apart and how long each takes on one
thread. In 16 bits: how far the points move, with a gate for each graph.
"""

from __future__ import annotations

import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelError
from accessify.core.video import Frame
from accessify.engines.blendshapes import expression_points
from accessify.engines.holistic import Holistic, HolisticOptions
from accessify.engines.networks import EXPRESSION_GRAPH, Networks
from accessify.engines.session import open_session
from accessify.hub.fetch import model_files
from accessify.hub.graphs import FACE, HOLISTIC, graph_files
from accessify.tracking.graphs import BODY_DETECTOR, FACE_LANDMARKS, FACE_MESH, PALM_DETECTOR, Graph
from accessify.tracking.regions import Region

CROPS = 24
"""Crops of each network, from all over the clip."""
Outputs = dict[str, NDArray[np.float32]]
"""Name of an output → its values."""
Run = Callable[[NDArray[np.float32]], Outputs]
Side = tuple[Run, Sequence[NDArray[np.float32]]]
"""What is run, and the crops as it takes them."""

_COLUMNS: Mapping[str, int] = MappingProxyType(
    {
        "pose_landmark_full": 5,
        "hand_landmark_full": 3,
        "face_landmark": 3,
        "hand_recrop": 2,
        FACE_MESH.name: 3,
    }
)
"""Values a point in the first output of each landmark network; x and y come first, in crop pixels."""

_BOX = 4
"""Values of a detection before its keypoints: centre and size."""


@dataclass(slots=True)
class Crops:
    """A `Look` that keeps crops of every network, spread over all that it was asked for."""

    networks: Networks
    faces: bool = False
    """Whether the face is also cropped for the mesh with irises, which is not run."""
    kept: dict[str, list[NDArray[np.float32]]] = field(default_factory=lambda: defaultdict(list))
    _seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _step: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))

    def __call__(
        self, graph: Graph, image: NDArray[np.uint8], region: Region
    ) -> tuple[NDArray[np.float32], ...]:
        crop = self.networks.crop(graph, image, region)
        self.keep(graph.name, crop)
        if self.faces and graph == FACE_LANDMARKS:
            self.keep(FACE_MESH.name, self.networks.crop(FACE_MESH, image, region))
        return self.networks.run(graph, crop)

    def keep(self, name: str, crop: NDArray[np.float32]) -> None:
        """Keep every n-th crop, n doubling whenever twice `CROPS` are there."""
        if self._seen[name] % self._step[name] == 0:
            self.kept[name].append(crop)
        self._seen[name] += 1
        if len(self.kept[name]) == 2 * CROPS:
            del self.kept[name][1::2]
            self._step[name] *= 2


def check_graphs(request: Mapping[str, Any]) -> dict[str, Any]:
    """Compare every network on crops of `frames`; see `landmark_child` for the request.

    The networks of the face's expressions are compared where their model is on this machine. `tflite` is
    None where `ai-edge-litert` is not installed.
    """
    frames, device = np.load(request["frames"], mmap_mode="r"), request["device"]
    faces = face_graphs()
    graphs = graph_files(HOLISTIC) | faces
    crops = real_crops(frames, request["starts"], graphs, device)
    half = graph_files(HOLISTIC, half=True)
    published = _published(with_faces=bool(faces)) if find_spec("ai_edge_litert") else None
    answer: dict[str, Any] = {"tflite": None if published is None else {}, "half": {}, "faces": bool(faces)}
    for name, kept in crops.items():
        run = onnx_run(graphs[name], device)
        expected = [run(crop) for crop in kept]
        if published is not None:
            answer["tflite"][name] = _beside_tflite(published[name], (run, kept), expected, request["rounds"])
        if name in half:
            narrow = onnx_run(half[name], device)
            away = moved(name, expected, [narrow(crop) for crop in kept])
            answer["half"][name] = {"crops": len(kept)} | away
    return answer


def face_graphs() -> dict[str, Path]:
    """The networks of the face's expressions, if they can be had without dialling out."""
    try:
        return graph_files(FACE, offline=True)
    except ModelError:
        return {}


def _published(*, with_faces: bool) -> dict[str, bytes]:
    """Network → the TensorFlow Lite file as it was published."""
    networks = {path.stem: path.read_bytes() for path in model_files(HOLISTIC).values()}
    for path in model_files(FACE, offline=True).values() if with_faces else ():
        with zipfile.ZipFile(path) as bundle:
            networks |= {name.removesuffix(".tflite"): bundle.read(name) for name in bundle.namelist()}
    return networks


def _beside_tflite(model: bytes, ours: Side, expected: Sequence[Outputs], rounds: int) -> dict[str, Any]:
    rows = [np.ascontiguousarray(crop.transpose(0, 2, 3, 1)) if crop.ndim == 4 else crop for crop in ours[1]]
    fast, plain = (tflite_run(model, tuple(expected[0]), plain=kernels) for kernels in (False, True))
    exact, default = [plain(row) for row in rows], [fast(row) for row in rows]
    return {
        "crops": len(rows),
        "errors": relative_errors(expected, exact),
        "fast_errors": relative_errors(expected, default),
        "own_errors": relative_errors(default, exact),
        **paces(ours, (fast, rows), rounds),
    }


def real_crops(
    frames: NDArray[np.uint8], starts: Sequence[int], graphs: Mapping[str, Path], device: str
) -> dict[str, list[NDArray[np.float32]]]:
    """What each network is given while the clip is followed, and whole pictures for the detectors.

    The detectors of body and palms hardly run while everything is found, so they get pictures of their own.
    """
    networks = Networks(graphs, device)
    crops = Crops(networks, faces=EXPRESSION_GRAPH in graphs)
    with closing(Holistic(crops, HolisticOptions(ahead=0, workers=1))) as landmarker:
        for image, start in zip(frames, starts, strict=True):
            landmarker.push(Frame(np.asarray(image), start))
    for graph in (BODY_DETECTOR, PALM_DETECTOR):
        crops.kept[graph.name].clear()
        whole = Region.whole((frames.shape[2], frames.shape[1]))
        for index in np.linspace(0, len(frames) - 1, min(CROPS, len(frames))).astype(int):
            crops.kept[graph.name].append(networks.crop(graph, np.asarray(frames[index]), whole))
    for crop in crops.kept.get(FACE_MESH.name, ()):
        mesh = networks.run(FACE_MESH, crop)[0].reshape(-1, 3)
        crops.kept[EXPRESSION_GRAPH].append(expression_points(mesh))
    return dict(crops.kept)


def onnx_run(path: Path, device: str = "cpu") -> Run:
    """A graph on onnxruntime, one thread; it takes what its one input does."""
    session = open_session(path, 1, device)
    source = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]

    def run(crop: NDArray[np.float32]) -> Outputs:
        return dict(zip(names, session.run(None, {source: crop}), strict=True))

    return run


def tflite_run(model: bytes, wanted: Sequence[str], *, plain: bool = False) -> Run:
    """A published network on its own interpreter, one thread; it takes crops [1, size, size, 3].

    `wanted` are the outputs to give, by their names in our graph. It computes with XNNPACK, which rounds
    in its own way, or, if `plain`, with TensorFlow Lite's own kernels, as the converter's tests do.
    """
    litert = import_module("ai_edge_litert.interpreter")
    resolver = litert.OpResolverType
    interpreter = litert.Interpreter(
        model_content=model,
        num_threads=1,
        experimental_op_resolver_type=resolver.BUILTIN_WITHOUT_DEFAULT_DELEGATES if plain else resolver.AUTO,
    )
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    outputs = {f"output{number}": row["index"] for number, row in enumerate(interpreter.get_output_details())}

    def run(crop: NDArray[np.float32]) -> Outputs:
        interpreter.set_tensor(source["index"], crop)
        interpreter.invoke()
        return {name: interpreter.get_tensor(outputs[name]) for name in wanted}

    return run


def relative_errors(ours: Sequence[Outputs], theirs: Sequence[Outputs]) -> dict[str, float]:
    """Output → the largest `relative_error` over all crops."""
    pairs = list(zip(ours, theirs, strict=True))
    return {name: max(relative_error(one[name], other[name]) for one, other in pairs) for name in theirs[0]}


def relative_error(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Largest difference, relative to the output's largest number; to 1 where it is a single one.

    A presence of 1e-9 that is 2e-9 elsewhere is no error of 100 %.
    """
    scale = float(np.abs(expected).max())
    away = float(np.abs(found - expected).max())
    return away / (max(scale, 1.0) if expected.size == 1 else scale) if away else 0.0


def points(name: str, outputs: Outputs) -> NDArray[np.float32]:
    """The points that a network found, shape [n, 2], in pixels of its crop.

    Of a detector, box and keypoints of each anchor, shape [anchors, n, 2], relative to it.
    """
    first = outputs["output0"]
    if name in _COLUMNS:
        return first.reshape(-1, _COLUMNS[name])[:, :2]
    boxes = first[0]
    places = np.concatenate([boxes[:, :2], boxes[:, _BOX:]], axis=1)
    return places.reshape(len(boxes), -1, 2)


def moved(name: str, plain: Sequence[Outputs], half: Sequence[Outputs]) -> dict[str, float | None]:
    """How far the points move in 16 bits: mean and largest distance in pixels of the crop.

    A detector's boxes count where its score in 32 bits is at least 0.5; None where none is.
    """
    away = []
    for one, other in zip(plain, half, strict=True):
        distance = np.linalg.norm(points(name, one) - points(name, other), axis=-1)
        if name not in _COLUMNS:
            distance = distance[one["output1"].reshape(-1) >= 0]  # a logit: sigmoid(0) = 0.5
        away.append(distance.reshape(-1))
    every = np.concatenate(away)
    if not every.size:
        return {"mean_px": None, "largest_px": None}
    return {"mean_px": float(every.mean()), "largest_px": float(every.max())}


def paces(ours: Side, theirs: Side, rounds: int) -> dict[str, float]:
    """Median ms of both, taking turns crop by crop; the ratio is the median of the rounds'."""
    medians: list[tuple[float, float]] = []
    for _ in range(rounds):
        taken: tuple[list[float], list[float]] = ([], [])
        for pair in zip(ours[1], theirs[1], strict=True):
            for run, crop, times in zip((ours[0], theirs[0]), pair, taken, strict=True):
                began = time.perf_counter()
                run(crop)
                times.append(1000 * (time.perf_counter() - began))
        medians.append((median(taken[0]), median(taken[1])))
    return {
        "ours_ms": median(mine for mine, _ in medians),
        "tflite_ms": median(other for _, other in medians),
        "ratio": median(mine / other for mine, other in medians),
    }
