"""The published networks, converted, against TensorFlow Lite's own interpreter."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.hub.convert_tflite import convert
from accessify.hub.fetch import model_files
from accessify.hub.graphs import graph_files
from tests.hub.tflite_files import farthest, interpreted, run

cv2 = pytest.importorskip("cv2")
onnx = pytest.importorskip("onnx")

SHARED = Path(__file__).parents[3] / "shared"
CLIP = SHARED / "data/sign/reference/sentence_320x240.mp4"
BUNDLE = SHARED / "mirror/face_landmarker.task"
LIMIT = 1e-5 if CLIP.exists() else 1e-4
"""A drawing leaves the body's network in doubt, and rounding shows where sums nearly cancel."""
MORE = os.environ.get("TFLITE_FOLDER")

PARTS = {
    "pose_detection": ("pose", 1.1, -1.0),
    "pose_landmark_full": ("pose", 1.25, 0.0),
    "palm_detection_full": ("pose", 1.0, 0.0),
    "hand_recrop": ("right_hand", 2.5, 0.0),
    "hand_landmark_full": ("right_hand", 1.6, 0.0),
    "face_detection_short_range": ("face", 3.0, -1.0),
    "face_landmark": ("face", 1.5, 0.0),
    # not fetched; compared where they are found
    "palm_detection_lite": ("pose", 1.0, 0.0),
    "hand_landmark_lite": ("right_hand", 1.6, 0.0),
    "iris_landmark": ("face", 0.3, 0.0),
    "face_detection_full_range_sparse": ("face", 3.0, -1.0),
    "face_detector": ("face", 3.0, -1.0),
    "face_landmarks_detector": ("face", 1.5, 0.0),
}
"""What each network looks at: a part of the reference's landmarks, its box times this, and what black is."""
FETCHED = list(PARTS)[:7]
KEPT = {"pose_landmark_full": (0, 1, 3, 4)}
CONVERT = """
import hashlib, sys
from pathlib import Path
from accessify.hub.convert_tflite import convert
for name in sys.argv[1:]:
    print(hashlib.sha256(convert(Path(name).read_bytes())).hexdigest())
"""


@cache
def frames() -> list[tuple[NDArray[np.uint8], dict[str, NDArray[np.float64]]]]:
    """Frames with a right hand, RGB, and the boxes' corner points of each part in pixels."""
    if not CLIP.exists():
        return [drawn()]
    reference = np.load(CLIP.with_name("sentence_320x240.holistic.npz"))
    video = cv2.VideoCapture(str(CLIP))
    found = []
    for number in range(len(reference["pose"])):
        ok, image = video.read()
        if ok and number % 12 == 0 and np.isfinite(reference["right_hand"][number]).all():
            height, width = image.shape[:2]
            parts = {
                key: reference[key][number][:, :2] * (width, height) for key in ("pose", "right_hand", "face")
            }
            found.append((image[:, :, ::-1], parts))
    return found[:4]


def drawn() -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float64]]]:
    """A person of ellipses, where there is no film."""
    image = np.full((240, 320, 3), (120, 140, 150), np.uint8)
    skin = (220, 170, 140)
    cv2.ellipse(image, (160, 220), (70, 90), 0, 0, 360, (60, 70, 120), -1)
    cv2.ellipse(image, (160, 80), (32, 42), 0, 0, 360, skin, -1)
    for eye in (148, 172):
        cv2.circle(image, (eye, 72), 4, (40, 30, 30), -1)
    cv2.ellipse(image, (160, 100), (12, 4), 0, 0, 360, (150, 60, 60), -1)
    cv2.ellipse(image, (90, 120), (14, 18), 0, 0, 360, skin, -1)
    for finger in range(5):
        tip = (70 + 10 * finger, 85 + 4 * abs(finger - 2))
        cv2.line(image, (84 + 3 * finger, 112), tip, skin, 6)
    image = cv2.GaussianBlur(image, (0, 0), 1.5)
    boxes = {
        "pose": [(60, 40), (240, 235)],
        "right_hand": [(65, 80), (115, 140)],
        "face": [(128, 40), (192, 122)],
    }
    return image, {part: np.array(corners, np.float64) for part, corners in boxes.items()}


def crops(name: str, side: int) -> Iterator[NDArray[np.float32]]:
    """Pictures [1, side, side, 3] of what the network is meant for."""
    part, scale, low = PARTS[name]
    for image, parts in frames():
        first, last = parts[part].min(axis=0), parts[part].max(axis=0)
        step = (last - first).max() * scale / side
        corner = (first + last) / 2 - step * side / 2
        turn = np.array([[step, 0, corner[0]], [0, step, corner[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(image, turn, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        yield (low + crop[None] * ((1 - low) / 255)).astype(np.float32)


def errors(name: str, model: bytes, **options: Any) -> list[float]:
    """The farthest that each output is from the interpreter's, over all crops."""
    graph = convert(model, outputs=KEPT.get(name), **options)
    side = onnx.load_from_string(graph).graph.input[0].type.tensor_type.shape.dim[2].dim_value
    rows = []
    for crop in crops(name, side):
        expected = interpreted(model, crop)
        wanted = [expected[number] for number in KEPT.get(name, range(len(expected)))]
        rows.append([farthest(a, b) for a, b in zip(run(graph, crop), wanted, strict=True)])
    return [max(column) for column in zip(*rows, strict=True)]


def published(name: str) -> bytes:
    return model_files("holistic-landmarks", offline=True)[f"{name}.tflite"].read_bytes()


@pytest.mark.models
@pytest.mark.parametrize("name", FETCHED)
def test_each_network_computes_what_was_published(name: str) -> None:
    assert max(errors(name, published(name))) < LIMIT


@pytest.mark.models
@pytest.mark.parametrize("name", FETCHED)
def test_half_precision_is_close(name: str) -> None:
    assert max(errors(name, published(name), half=True)) < 1e-2


@pytest.mark.models
def test_the_graphs_in_the_cache_give_what_was_published() -> None:
    shapes = {}
    for name, path in graph_files("holistic-landmarks", offline=True).items():
        graph = onnx.load(path).graph
        assert [value.name for value in graph.input] == ["image"]
        for value in graph.output:
            shape = [side.dim_value for side in value.type.tensor_type.shape.dim]
            shapes.setdefault(name, []).append((value.name, shape))
    assert shapes == {
        "pose_detection": [("output0", [1, 2254, 12]), ("output1", [1, 2254, 1])],
        "pose_landmark_full": [
            ("output0", [1, 195]),
            ("output1", [1, 1]),
            ("output3", [1, 64, 64, 39]),
            ("output4", [1, 117]),
        ],
        "palm_detection_full": [("output0", [1, 2016, 18]), ("output1", [1, 2016, 1])],
        "hand_recrop": [("output0", [1, 1, 1, 4])],
        "hand_landmark_full": [
            ("output0", [1, 63]),
            ("output1", [1, 1]),
            ("output2", [1, 1]),
            ("output3", [1, 63]),
        ],
        "face_detection_short_range": [("output0", [1, 896, 16]), ("output1", [1, 896, 1])],
        "face_landmark": [("output0", [1, 1, 1, 1404]), ("output1", [1, 1, 1, 1])],
    }


@pytest.mark.models
def test_the_same_bytes_come_from_any_process() -> None:
    paths = [str(path) for path in model_files("holistic-landmarks", offline=True).values()]
    here = [hashlib.sha256(convert(Path(path).read_bytes())).hexdigest() for path in paths]
    for seed in ("1", "2"):
        answer = subprocess.run(
            [sys.executable, "-c", CONVERT, *paths],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout.split() == here


@pytest.mark.skipif(not BUNDLE.exists(), reason="needs a bundle of face networks beside the checkout")
@pytest.mark.parametrize("name", ["face_detector", "face_landmarks_detector"])
def test_the_networks_of_the_face_bundle(name: str) -> None:
    with zipfile.ZipFile(BUNDLE) as bundle:
        model = bundle.read(f"{name}.tflite")
    assert max(errors(name, model)) < LIMIT


@pytest.mark.skipif(not BUNDLE.exists(), reason="needs a bundle of face networks beside the checkout")
def test_the_facial_expressions() -> None:
    with zipfile.ZipFile(BUNDLE) as bundle:
        model = bundle.read("face_blendshapes.tflite")
    graph = convert(model)
    for image, parts in frames():
        face = parts["face"] if len(parts["face"]) > 2 else np.random.default_rng(0).uniform(0, 99, (146, 2))
        points = face[None, :146].astype(np.float32)
        assert farthest(run(graph, points)[0], interpreted(model, points)[0]) < LIMIT, image.shape


@pytest.mark.skipif(not MORE, reason="set TFLITE_FOLDER to a folder that holds more networks of MediaPipe's")
@pytest.mark.parametrize("name", [*FETCHED, "palm_detection_lite", "hand_landmark_lite", "iris_landmark"])
def test_networks_that_are_not_fetched(name: str) -> None:
    (path,) = Path(MORE or "").rglob(f"{name}.tflite")
    assert max(errors(name, path.read_bytes())) < LIMIT
