"""The converted graphs one by one, on crops of a real clip.

Beside the TensorFlow Lite interpreter: how far the numbers are apart and how long each takes on one
thread. In 16 bits: how far the points move, with a gate for each graph.
"""

from __future__ import annotations

import time
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

from accessify.core.video import Frame
from accessify.engines.holistic import Holistic, HolisticOptions
from accessify.engines.networks import Networks
from accessify.engines.session import open_session
from accessify.hub.fetch import model_files
from accessify.hub.graphs import HOLISTIC, graph_files
from accessify.tracking.graphs import BODY_DETECTOR, PALM_DETECTOR, Graph
from accessify.tracking.regions import Region

CROPS = 24
"""Crops of each network, from all over the clip."""
EXACT_CROPS = 4
"""Crops of each network that go through TensorFlow Lite's reference kernels, which take their time."""
Outputs = dict[str, NDArray[np.float32]]
"""Name of an output → its values."""
Run = Callable[[NDArray[np.float32]], Outputs]

_COLUMNS: Mapping[str, int] = MappingProxyType(
    {"pose_landmark_full": 5, "hand_landmark_full": 3, "face_landmark": 3, "hand_recrop": 2}
)
"""Values a point in the first output of each landmark network; x and y come first, in crop pixels."""

_BOX = 4
"""Values of a detection before its keypoints: centre and size."""


@dataclass(slots=True)
class Crops:
    """A `Look` that keeps crops of every network, spread over all that it was asked for."""

    networks: Networks
    kept: dict[str, list[NDArray[np.float32]]] = field(default_factory=lambda: defaultdict(list))
    _seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _step: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))

    def __call__(
        self, graph: Graph, image: NDArray[np.uint8], region: Region
    ) -> tuple[NDArray[np.float32], ...]:
        crop = self.networks.crop(graph, image, region)
        self.keep(graph.name, crop)
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

    `tflite` is None where `ai-edge-litert` is not installed.
    """
    frames = np.load(request["frames"], mmap_mode="r")
    crops = real_crops(frames, request["starts"])
    plain, half = graph_files(HOLISTIC), graph_files(HOLISTIC, half=True)
    published = model_files(HOLISTIC) if find_spec("ai_edge_litert") else None
    answer: dict[str, Any] = {"tflite": None if published is None else {}, "half": {}}
    for name, kept in crops.items():
        run = onnx_run(plain[name])
        expected = [run(crop) for crop in kept]
        if published is not None:
            rows = [np.ascontiguousarray(crop.transpose(0, 2, 3, 1)) for crop in kept]
            theirs, exact = (
                tflite_run(published[f"{name}.tflite"], tuple(expected[0]), plain=plain_kernels)
                for plain_kernels in (False, True)
            )
            few = slice(0, None, -(-len(rows) // EXACT_CROPS))
            answer["tflite"][name] = {
                "crops": len(kept),
                "errors": relative_errors(expected[few], [exact(crop) for crop in rows[few]]),
                "fast_errors": relative_errors(expected, [theirs(crop) for crop in rows]),
                **paces((run, kept), (theirs, rows), request["rounds"]),
            }
        narrow = onnx_run(half[name])
        answer["half"][name] = {"crops": len(kept)} | moved(name, expected, [narrow(crop) for crop in kept])
    return answer


def real_crops(frames: NDArray[np.uint8], starts: Sequence[int]) -> dict[str, list[NDArray[np.float32]]]:
    """What each network is given while the clip is followed, and whole pictures for the detectors.

    The detectors of body and palms hardly run while everything is found, so they get pictures of their own.
    """
    networks = Networks(graph_files(HOLISTIC), "cpu")
    crops = Crops(networks)
    with closing(Holistic(crops, HolisticOptions(ahead=0, workers=1))) as landmarker:
        for image, start in zip(frames, starts, strict=True):
            landmarker.push(Frame(np.asarray(image), start))
    for graph in (BODY_DETECTOR, PALM_DETECTOR):
        crops.kept[graph.name].clear()
        whole = Region.whole((frames.shape[2], frames.shape[1]))
        for index in np.linspace(0, len(frames) - 1, min(CROPS, len(frames))).astype(int):
            crops.kept[graph.name].append(networks.crop(graph, np.asarray(frames[index]), whole))
    return dict(crops.kept)


def onnx_run(path: Path) -> Run:
    """A graph on onnxruntime, one thread."""
    session = open_session(path, 1)
    names = [output.name for output in session.get_outputs()]

    def run(crop: NDArray[np.float32]) -> Outputs:
        return dict(zip(names, session.run(None, {"image": crop}), strict=True))

    return run


def tflite_run(path: Path, wanted: Sequence[str], *, plain: bool = False) -> Run:
    """The published file on its own interpreter, one thread; it takes crops [1, size, size, 3].

    `wanted` are the outputs to give, by their names in our graph. It computes with XNNPACK, which rounds
    in its own way, or, if `plain`, with its slow reference kernels, which say what the graph means.
    """
    litert = import_module("ai_edge_litert.interpreter")
    kernels = {"experimental_op_resolver_type": litert.OpResolverType.BUILTIN_REF} if plain else {}
    interpreter = litert.Interpreter(model_path=str(path), num_threads=1, **kernels)
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    outputs = {f"output{number}": row["index"] for number, row in enumerate(interpreter.get_output_details())}

    def run(crop: NDArray[np.float32]) -> Outputs:
        interpreter.set_tensor(source["index"], crop)
        interpreter.invoke()
        return {name: interpreter.get_tensor(outputs[name]) for name in wanted}

    return run


def relative_errors(ours: Sequence[Outputs], theirs: Sequence[Outputs]) -> dict[str, float]:
    """Output → largest difference of any of its values / its largest value, both over all crops."""
    errors = {}
    for name in theirs[0]:
        one, other = (np.stack([outputs[name] for outputs in side]) for side in (ours, theirs))
        largest = float(np.abs(other).max())
        errors[name] = float(np.abs(one - other).max()) / largest if largest else 0.0
    return errors


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


Side = tuple[Run, Sequence[NDArray[np.float32]]]
"""What is run, and the crops as it takes them."""


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
