"""Landmarks by MediaPipe's own Tasks API, with a `.task` bundle of the user's (extra `mediapipe`).

Facts about mediapipe 1.2 that this rests on, each of them seen in use:

- Its handedness is the person's own in a picture that is not mirrored. (The legacy solutions and early
  0.10 releases named the other hand.) It is judged anew in every picture, so `HandSides` decides.
- Hands and faces come without a confidence for each point: what is found has 1.
- Hands of a holistic bundle are in the body's metric space, with its origin between the hips; those of
  a hand bundle have theirs in the middle of the hand.
- Body and face are smoothed by its own filters, and of several people the likeliest is taken; neither
  can be changed, so there is no option for it.
- Native code writes a few lines to the standard error stream while it starts. Only switches of the
  whole process could silence them, and those belong to the application.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, ModelError, OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import (
    BODY,
    BODY_WORLD,
    FACE,
    FACE_POINTS,
    HANDS,
    HOLISTIC,
    IRISES,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    MESH_POINTS,
    RIGHT_HAND,
    RIGHT_HAND_WORLD,
)
from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.timeline import to_millis, to_seconds
from accessify.core.video import Frame
from accessify.engines.hand_sides import HandSides
from accessify.engines.task_bundle import TaskBundle, read_bundle
from accessify.tracking.hands import Hand
from accessify.tracking.regions import Points

logger = logging.getLogger(__name__)

_OLDEST = (1, 2)
"""The first mediapipe that was tried; some before it name the other hand."""
_TASKS = {
    "holistic_landmarker": ("HolisticLandmarker", (*HOLISTIC.components, IRISES)),
    "face_landmarker": ("FaceLandmarker", (HOLISTIC.component(FACE), IRISES)),
    "hand_landmarker": ("HandLandmarker", HANDS.components),
    "pose_landmarker": ("PoseLandmarker", HOLISTIC.only((BODY, BODY_WORLD)).components),
}
"""Job of a bundle → mediapipe's class for it and what it finds."""
_FIELDS = {
    BODY: "pose_landmarks",
    BODY_WORLD: "pose_world_landmarks",
    LEFT_HAND: "left_hand_landmarks",
    LEFT_HAND_WORLD: "left_hand_world_landmarks",
    RIGHT_HAND: "right_hand_landmarks",
    RIGHT_HAND_WORLD: "right_hand_world_landmarks",
}
"""Component → where it is in mediapipe's results."""
_FAILURES = (ValueError, RuntimeError, OSError, LookupError)
"""What mediapipe's status codes become (mediapipe_c_utils.convert_to_exception)."""
_FAINTEST = 1e-6
"""Least confidence of a point that has a place; 0 would say that it is missing."""

Parts = dict[str, tuple[Points, Points | float]]
"""Component → points and their confidence, of what was found."""


def open_task(bundle: Path, *, hands_only: bool = False, face: bool = True) -> TaskLandmarker:
    """A landmarker for one video that runs the bundle of a holistic, hand, pose or face landmarker.

    Its skeleton is what the bundle finds; `hands_only` keeps the hands of it, `face=False` leaves out the
    face and its expressions. Raises `MissingExtra`, `ModelNotFound`, `ModelError` for a file that is no
    such bundle, and `OptionError` where nothing of what is asked for is in it.
    """
    vision, base_options = _import_tasks()
    found = read_bundle(Path(bundle))
    skeleton = _skeleton_of(found, hands_only, face)
    name = _TASKS[found.job][0]
    settings: dict[str, Any] = {"num_hands": 2} if found.job == "hand_landmarker" else {}
    if skeleton.expressions:
        settings["output_face_blendshapes"] = True
    try:
        options = getattr(vision, f"{name}Options")(
            base_options=base_options(model_asset_buffer=found.content),
            running_mode=vision.RunningMode.VIDEO,
            **settings,
        )
        task = getattr(vision, name).create_from_options(options)
    except _FAILURES as error:
        raise ModelError(f"{bundle}: mediapipe cannot open this {found.job} bundle ({error})") from error
    return TaskLandmarker(task, found, skeleton)


class TaskLandmarker:
    """A `Landmarker` for one video; each pose is ready at once.

    Close it: left to itself, mediapipe's own destructor complains at the end of the program.
    """

    def __init__(self, task: Any, bundle: TaskBundle, skeleton: Skeleton) -> None:
        """`task` is a mediapipe task, opened for video."""
        self.skeleton = skeleton
        self._task = task
        self._bundle = bundle
        self._sides = HandSides()
        self._start: int | None = None
        self._millis = 0

    def push(self, frame: Frame) -> tuple[PoseFrame, ...]:
        """The pose in the next picture, which may have another size than the one before.

        Raises `ValueError` for a picture that is no later than the one before or comes after `close`, and
        `ModelError` where mediapipe fails.
        """
        from mediapipe import Image, ImageFormat

        if self._task is None:
            raise ValueError("this landmarker is closed; open another one")
        millis = self._next_millis(frame.start)
        try:
            image = Image(ImageFormat.SRGB, np.ascontiguousarray(frame.image))
            result = self._task.detect_for_video(image, millis)
        except _FAILURES as error:
            where = f"{self._bundle.path}: the picture at {to_seconds(frame.start):.3f} s"
            raise ModelError(f"{where} made mediapipe fail ({error})") from error
        return (self._pose(result, frame),)

    def finish(self) -> tuple[PoseFrame, ...]:
        """Nothing: no pose is held back."""
        return ()

    def close(self) -> None:
        """Free the networks; closing again does nothing."""
        task, self._task = self._task, None
        if task is None:
            return
        try:
            task.close()
        except _FAILURES as error:  # a task that failed on a picture, as `push` has said, fails here as well
            logger.debug("%s: %s", self._bundle.path, error)
            task._handle = None  # noqa: SLF001 - else its destructor tries again and may wait for itself

    def _next_millis(self, start: int) -> int:
        """The picture's time in milliseconds, which have to rise even above 1000 pictures a second."""
        millis = to_millis(start)
        if self._start is not None:
            if start <= self._start:
                raise ValueError(f"pictures must come in order of time, not {start} behind {self._start}")
            millis = max(millis, self._millis + 1)
        self._start, self._millis = start, millis
        return millis

    def _pose(self, result: Any, frame: Frame) -> PoseFrame:
        parts = {**_parts(result, frame.size), **self._hands(result, frame)}
        points = np.full((len(self.skeleton), 3), np.nan, np.float32)
        confidence = np.zeros(len(self.skeleton), np.float32)
        for name, (place, sure) in parts.items():
            if name in self.skeleton:
                points[self.skeleton.place(name)] = place
                confidence[self.skeleton.place(name)] = sure
        return PoseFrame(points, confidence, frame.start, _scores(result))

    def _hands(self, result: Any, frame: Frame) -> Parts:
        """The hands of a hand landmarker, which come in any order."""
        if not hasattr(result, "hand_landmarks"):
            return {}
        hands = [
            Hand(_pixels(points, frame.size), _places(world), 1.0, _rightness(labels[0]))
            for points, world, labels in zip(
                result.hand_landmarks, result.hand_world_landmarks, result.handedness, strict=True
            )
        ]
        parts: Parts = {}
        sides = ((LEFT_HAND, LEFT_HAND_WORLD), (RIGHT_HAND, RIGHT_HAND_WORLD))
        for hand, (picture, world) in zip(self._sides.push(hands, frame.start), sides, strict=True):
            if hand:
                parts[picture], parts[world] = (hand.points, hand.presence), (hand.world, hand.presence)
        return parts


def _import_tasks() -> tuple[Any, Any]:
    """The vision tasks of mediapipe and its `BaseOptions`; raises `MissingExtra` where there are none."""
    try:
        found = re.match(r"(\d+)\.(\d+)", version("mediapipe"))
        if not found or (int(found[1]), int(found[2])) < _OLDEST:
            raise MissingExtra("mediapipe 1.2 or newer", "mediapipe")
        from mediapipe.tasks.python import vision
        from mediapipe.tasks.python.core.base_options import BaseOptions
    except (PackageNotFoundError, ModuleNotFoundError) as error:
        raise MissingExtra("mediapipe", "mediapipe") from error
    return vision, BaseOptions


def _skeleton_of(bundle: TaskBundle, hands_only: bool, face: bool) -> Skeleton:
    """What is kept of what the bundle finds."""
    kept = tuple(
        part
        for part in _TASKS[bundle.job][1]
        if (part in HANDS.components or not hands_only) and (part.name not in (FACE, IRISES.name) or face)
    )
    if not kept:
        asked = "hands" if hands_only else "anything but a face"
        raise OptionError(
            f"{bundle.path}: a {bundle.job} bundle does not find {asked}; give one of a holistic_landmarker"
        )
    expressive = bundle.blendshapes and any(part.name == FACE for part in kept)
    return Skeleton(kept, EXPRESSIONS if expressive else ())


def _parts(result: Any, size: tuple[int, int]) -> Parts:
    """What has its own place in mediapipe's results: all but the hands of a hand landmarker."""
    parts: Parts = {}
    for name, field in _FIELDS.items():
        landmarks = _only_person(getattr(result, field, None))
        if landmarks:
            places = _places(landmarks) if "WORLD" in name else _pixels(landmarks, size)
            parts[name] = (places, _visibility(landmarks))
    mesh = _only_person(getattr(result, "face_landmarks", None))
    if mesh:
        places = _pixels(mesh, size)
        parts[FACE] = (places[: len(FACE_POINTS)], 1.0)
        if len(places) == MESH_POINTS:
            parts[IRISES.name] = (places[len(FACE_POINTS) :], 1.0)
    return parts


def _only_person(found: Sequence[Any] | None) -> Sequence[Any]:
    """What was found of the one person: some tasks list it for each person, some do not."""
    return found[0] if found and isinstance(found[0], Sequence) else found or ()


def _places(landmarks: Sequence[Any]) -> Points:
    return np.array([(point.x, point.y, point.z) for point in landmarks], np.float32)


def _pixels(landmarks: Sequence[Any], size: tuple[int, int]) -> Points:
    """Places in fractions of the picture → pixels; z has the scale of x."""
    width, height = size
    return _places(landmarks) * np.array((width, height, width), np.float32)


def _visibility(landmarks: Sequence[Any]) -> Points | float:
    """How visible each point is; 1 for points without such a score."""
    if landmarks[0].visibility is None:
        return 1.0
    seen = np.array([point.visibility for point in landmarks], np.float32)
    return np.clip(seen, np.float32(_FAINTEST), np.float32(1))


def _rightness(label: Any) -> float:
    """0 to 1: how much a hand looks like a right one."""
    return float(label.score if label.category_name == "Right" else 1 - label.score)


def _scores(result: Any) -> NDArray[np.float32] | None:
    """The 52 expression scores in the order of `EXPRESSIONS`, or None without a face."""
    scores = _only_person(getattr(result, "face_blendshapes", None))
    return np.array([score.score for score in scores], np.float32) if scores else None
