"""What a MediaPipe `.task` bundle holds: a stored zip of TFLite graphs whose names say its job.

Names of the members: MediaPipe's graphs of the hand, pose, face and holistic landmarkers and of the
gesture recogniser (mediapipe/tasks/cc/vision).
"""

from __future__ import annotations

import logging
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from accessify.core.errors import MissingExtra, ModelError, ModelNotFound

logger = logging.getLogger(__name__)

_BLENDSHAPES = "face_blendshapes.tflite"
_NESTED_HANDS = "hand_landmarker.task"
_POSE = {"pose_detector.tflite", "pose_landmarks_detector.tflite"}
_FACE = {"face_detector.tflite", "face_landmarks_detector.tflite"}
_HAND = "hand_landmarks_detector.tflite"

JOBS = {
    "holistic_landmarker": {*_POSE, *_FACE, _HAND, "hand_roi_refinement.tflite"},
    "face_landmarker": _FACE,
    "hand_landmarker": {_HAND, "hand_detector.tflite"},
    "pose_landmarker": _POSE,
}
"""Job → the members it needs; the first job whose members are all there is the bundle's."""

_OTHERS = {
    "TF_LITE_PREFILL_DECODE": "a language model",
    "TOKENIZER_MODEL": "a language model",
    "canned_gesture_classifier.tflite": "a gesture classifier without the hands",
    "custom_gesture_classifier.tflite": "a gesture classifier without the hands",
    "hand_gesture_recognizer.task": "a gesture recogniser without the hands",
}
"""A member that gives another job away → what the bundle is."""

_ACCEPTED = (
    "accepted are .task bundles of MediaPipe's holistic, hand, pose and face landmarkers, and of its "
    "gesture recogniser for the hands"
)
_SHOWN = 3
"""Members that are listed of a bundle that nothing is known about."""


@dataclass(frozen=True, slots=True)
class TaskBundle:
    """A bundle whose job is known and whose members are whole."""

    path: Path
    job: str
    """A key of `JOBS`."""
    content: bytes
    """The zip itself; of a gesture recogniser the one of hands inside it."""
    blendshapes: bool
    """Whether the graph of facial expressions is in it."""


def read_bundle(path: Path) -> TaskBundle:
    """Read a `.task` file and find its job from what is inside.

    Raises `ModelNotFound`, and `ModelError` for what is no bundle, damaged, or for another job.
    """
    try:
        with path.open("rb") as file:
            if file.read(8)[4:] == b"TFL3":  # its labels, put behind it, make a zip of it as well
                raise ModelError(f"{path}: holds one TFLite graph{_title(path)}, no bundle; {_ACCEPTED}")
            return _read(path, file)
    except FileNotFoundError as error:
        raise ModelNotFound(f"{path}: no such file; {_ACCEPTED}") from error
    except zipfile.BadZipFile as error:
        raise ModelError(
            f"{path}: no .task bundle, or one that was cut off ({error}); fetch it again; {_ACCEPTED}"
        ) from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {_ACCEPTED}") from error


def _read(path: Path, file: IO[bytes]) -> TaskBundle:
    with zipfile.ZipFile(file) as bundle:
        names = set(bundle.namelist())
        job = next((job for job, needed in JOBS.items() if needed <= names), None)
        if job is None and _NESTED_HANDS not in names:
            raise ModelError(f"{path}: is {_described(bundle.namelist())}; {_ACCEPTED}")
        _check(path, bundle)
        if job is None:
            return _read(path, BytesIO(bundle.read(_NESTED_HANDS)))
    file.seek(0)
    return TaskBundle(path, job, file.read(), _BLENDSHAPES in names)


def _check(path: Path, bundle: zipfile.ZipFile) -> None:
    """Refuse what mediapipe would only complain about in its own words, or crash on."""
    packed = next((item.filename for item in bundle.infolist() if item.compress_type), None)
    if packed:
        raise ModelError(f"{path}: {packed} in it is compressed; store the members instead (zip -0)")
    damaged = bundle.testzip()
    if damaged:
        raise ModelError(f"{path}: {damaged} in it is damaged; fetch the bundle again")


def _described(names: Iterable[str]) -> str:
    """What a bundle of these members is, for people."""
    names = list(names)
    known = next((what for name, what in _OTHERS.items() if name in names), None)
    if known:
        return known
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"a bundle for another job (it holds {', '.join(names[:_SHOWN]) or 'nothing'}{rest})"


def _title(path: Path) -> str:
    """The name that a TFLite graph gives itself, in brackets; empty without one.

    Layout: `Model.metadata` names a buffer with a `ModelMetadata` table, whose first field is the name
    (TensorFlow Lite's schema.fbs and metadata_schema.fbs).
    """
    try:
        import tflite
    except ImportError as error:
        raise MissingExtra("tflite", "mediapipe") from error
    try:
        model = tflite.Model.GetRootAsModel(path.read_bytes(), 0)
        for entry in (model.Metadata(index) for index in range(model.MetadataLength())):
            if entry.Name() == b"TFLITE_METADATA":
                name = _first_text(model.Buffers(entry.Buffer()).DataAsNumpy().tobytes())
                return f" ({name})" if name else ""
    except (struct.error, ValueError, IndexError, TypeError, AttributeError):
        logger.debug("%s: its metadata cannot be read", path, exc_info=True)
    return ""


def _first_text(table: bytes) -> str:
    """The first field of the root table of a FlatBuffer, a text (https://flatbuffers.dev/internals)."""
    (root,) = struct.unpack_from("<I", table, 0)
    (back,) = struct.unpack_from("<i", table, root)
    (field,) = struct.unpack_from("<H", table, root - back + 4)
    place = root + field
    (ahead,) = struct.unpack_from("<I", table, place)
    (length,) = struct.unpack_from("<I", table, place + ahead)
    return table[place + ahead + 4 :][:length].decode("utf-8", "replace") if field else ""
