"""MediaPipe `.task` bundles put together from graphs that are on this machine."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema

from accessify.hub.fetch import model_files

SHARED = Path(__file__).parents[3] / "shared"
FACE_TASK = SHARED / "mirror" / "face_landmarker.task"
SENTENCE = SHARED / "data" / "sign" / "reference" / "sentence_320x240.mp4"
LETTERS = SHARED / "data" / "sign" / "letters_images"

needs_face_task = pytest.mark.skipif(
    not FACE_TASK.is_file(), reason="needs face_landmarker.task in a mirror beside the checkout"
)


def needs(path: Path) -> None:
    """Skip the test where the data beside the checkout lacks `path`."""
    if not path.exists():
        pytest.skip(f"needs {path.name} in the data beside the checkout")


def store(path: Path, members: Mapping[str, bytes], *, packed: bool = False) -> Path:
    """A zip of `members`, stored as bundles must be, or compressed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return path


def hand_members() -> dict[str, bytes]:
    """What a hand landmarker's bundle holds."""
    return {
        "hand_detector.tflite": _graph("palm_detection_full"),
        "hand_landmarks_detector.tflite": _graph("hand_landmark_full"),
    }


def pose_members() -> dict[str, bytes]:
    """What a pose landmarker's bundle holds; needs `FACE_TASK` for how pictures are scaled."""
    return {
        "pose_detector.tflite": _scaled("pose_detection", "face_detector.tflite"),
        "pose_landmarks_detector.tflite": _scaled("pose_landmark_full", "face_landmarks_detector.tflite"),
    }


def face_members() -> dict[str, bytes]:
    """What `FACE_TASK` holds."""
    with zipfile.ZipFile(FACE_TASK) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def holistic_members() -> dict[str, bytes]:
    """What a holistic landmarker's bundle holds; needs `FACE_TASK`."""
    return {
        **face_members(),
        **pose_members(),
        "hand_landmarks_detector.tflite": _graph("hand_landmark_full"),
        "hand_roi_refinement.tflite": _scaled("hand_recrop", "face_landmarks_detector.tflite"),
    }


def _graph(name: str) -> bytes:
    return model_files("holistic-landmarks", offline=True)[f"{name}.tflite"].read_bytes()


def _scaled(name: str, like: str) -> bytes:
    """A graph with the metadata of a face graph that takes pictures of the same range.

    mediapipe reads from it how to scale a picture: the detectors −1 to 1, the others 0 to 1.
    """
    key = b"TFLITE_METADATA"
    donor = schema.ModelT.InitFromObj(schema.Model.GetRootAs(face_members()[like], 0))
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(_graph(name), 0))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = next(donor.buffers[item.buffer].data for item in donor.metadata if item.name == key)
    entry.name, entry.buffer = key, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
