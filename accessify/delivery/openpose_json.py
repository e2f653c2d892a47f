"""OpenPose results: folders of `<film>_<frame>_keypoints.json`, one file a frame.

`people` holds for each person flat lists of x, y, confidence: `pose_keypoints_2d` (BODY_25 or 18 points
of COCO), `face_keypoints_2d` (70), `hand_left_keypoints_2d` and `hand_right_keypoints_2d` (21 each), or
all 137 in the first; an empty list was not looked for; confidence 0 was not found. x and y are pixels
unless it ran with `--keypoint_scale` 3 (0 to 1) or 4 (-1 to 1). Source: OpenPose's doc/02_output.md.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError, OptionError
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.timeline import Note, Rate
from accessify.delivery.numbered_frames import numbered_clip, pictures
from accessify.delivery.openpose_skeleton import NAMES, PARTS
from accessify.delivery.reading import reading

_FILE = re.compile(r"(?:.*\D)?(\d{1,12})_keypoints\.json", re.DOTALL)

_ALL = (25, 70, 21, 21)
"""Points of each component where the first list holds them all."""

_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class _Person:
    """One person of one frame."""

    parts: dict[str, NDArray[np.float32]]
    """Component → x, y, confidence [points, 3]; only those that were looked for."""

    @property
    def box(self) -> _Box:
        """Left, top, right, bottom of all points found; zeros without any."""
        found = np.concatenate([*self.parts.values(), np.zeros((0, 3), np.float32)])
        found = found[found[:, 2] > 0, :2]
        if not len(found):
            return 0.0, 0.0, 0.0, 0.0
        (left, top), (right, bottom) = found.min(axis=0).tolist(), found.max(axis=0).tolist()
        return left, top, right, bottom


def read_openpose(
    folder: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: Rate | None = None,
    mirrored: bool | None = None,
    person: int | None = None,
) -> PoseClip:
    """One person of the frames in a folder; a frame whose file is absent is missing.

    OpenPose does not say who is who from frame to frame. Without `person` it is the largest one, and
    from then on whoever is nearest to the place of the last frame; a number means the place in each
    file's list. What is not given is assumed and noted: a picture just large enough, 30 frames a
    second, not mirrored. z is 0. Raises `FormatError` naming the file that is damaged or differs.
    """
    folder = Path(folder)
    files = _frames(folder)
    frames = {number: _people(path) for number, path in files.items()}
    most = max(len(people) for people in frames.values())
    if person is not None and not 0 <= person < max(most, 1):
        raise OptionError(
            f"{folder}: there is no person {person}; a frame has {most} at most, counted from 0"
        )
    if not most:
        raise FormatError("nobody was found in any frame; give results with people", source=str(folder))
    skeleton = _skeleton(frames, files)
    listed = list(frames.values())
    chosen = _followed(listed) if person is None else [_at(people, person) for people in listed]
    points, confidence = _arrays(chosen, skeleton)
    try:
        points = _in_pixels(points, confidence > 0, size)
        known = pictures(size or _around(points), rate, mirrored)
        clip = numbered_clip(skeleton, np.array(list(frames), np.int64), points, confidence, known)
    except FormatError as error:
        raise FormatError(error.message, source=str(folder)) from None
    told = {"flat": "OpenPose gives no depth: z is 0"}
    if size is None:
        width, height = clip.size
        told["assumed"] = f"the picture's size is not in the files: {width}x{height} is around all points"
    if most > 1:
        which = "the largest, then the nearest to it," if person is None else f"person {person}"
        told["people"] = f"up to {most} people are in a frame; {which} was read"
    return clip.with_notes(Note(clip.span, kind, text) for kind, text in told.items())


def _frames(folder: Path) -> dict[int, Path]:
    """The files by number of frame."""
    with reading(folder):
        found = sorted(path for path in folder.iterdir() if path.name.endswith("_keypoints.json"))
    files: dict[int, Path] = {}
    for path in found:
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise FormatError("its name has no frame number before _keypoints.json", source=str(path))
        if (number := int(match[1])) in files:
            raise FormatError(
                f"frame {number} is also {files[number].name}; keep one film in a folder", source=str(path)
            )
        files[number] = path
    if not files:
        raise FormatError("no *_keypoints.json in it; give a folder of OpenPose results", source=str(folder))
    return dict(sorted(files.items()))


def _people(path: Path) -> list[_Person]:
    with reading(path):
        data = path.read_bytes()
    try:
        people = json.loads(data)["people"]
        return [_person(entry) for entry in people]
    except FormatError as error:
        raise FormatError(error.message, source=str(path)) from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise FormatError(
            f"not a frame of OpenPose ({error or type(error).__name__})", source=str(path)
        ) from None


def _person(entry: dict[str, Any]) -> _Person:
    # before version 1.2 the names had no ending
    lists = {name: entry.get(name) or entry.get(name.removesuffix("_2d")) or [] for name in NAMES}
    with np.errstate(over="ignore"):
        values = {name: np.array(numbers, np.float64).astype(np.float32) for name, numbers in lists.items()}
    if values[NAMES[0]].size == 3 * sum(_ALL):
        ends = 3 * np.cumsum(_ALL)[:-1]
        values = dict(zip(NAMES, np.split(values[NAMES[0]], ends), strict=True))
    parts = {}
    for name, numbers in values.items():
        if not numbers.size:
            continue
        if numbers.ndim != 1 or numbers.size % 3 or (name, numbers.size // 3) not in PARTS:
            known = " or ".join(str(3 * points) for part, points in PARTS if part == name)
            raise FormatError(f"{name} must hold {known} numbers, not {list(numbers.shape)}")
        parts[name] = numbers.reshape(-1, 3)
        parts[name][~np.isfinite(parts[name]).all(axis=1)] = 0
    return _Person(parts)


def _at(people: list[_Person], index: int) -> _Person | None:
    return people[index] if index < len(people) else None


def _skeleton(frames: dict[int, list[_Person]], files: dict[int, Path]) -> Skeleton:
    """The components that occur anywhere; raises where two frames have another body."""
    seen: dict[str, int] = {}
    for number, people in frames.items():
        for name, values in (item for person in people for item in person.parts.items()):
            if seen.setdefault(name, len(values)) != len(values):
                raise FormatError(
                    f"{len(values)} points of {name}, but {seen[name]} in frames before; "
                    "keep frames of one model in a folder",
                    source=str(files[number]),
                )
    if not seen:
        raise FormatError("no points of anybody in it", source=str(next(iter(files.values())).parent))
    return Skeleton(tuple(PARTS[name, seen[name]] for name in NAMES if name in seen))


def _followed(frames: list[list[_Person]]) -> list[_Person | None]:
    """The largest person, then in each frame whoever is less than half that person's size away."""
    chosen: list[_Person | None] = []
    last: _Box | None = None
    for people in frames:
        best = None
        if people and last is not None:
            near = min(people, key=partial(_distance, last))
            if _distance(last, near) <= math.dist(last[:2], last[2:]) / 2:
                best = near
        if best is None and people:
            best = max(people, key=lambda one: math.dist(one.box[:2], one.box[2:]))
        chosen.append(best)
        last = best.box if best else last
    return chosen


def _distance(box: _Box, person: _Person) -> float:
    """Pixels between the centres of a box and of a person."""
    here = person.box
    return math.dist((box[0] + box[2], box[1] + box[3]), (here[0] + here[2], here[1] + here[3])) / 2


def _arrays(
    people: list[_Person | None], skeleton: Skeleton
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points [frames, points, 3] as in the files, z 0, and confidence [frames, points]."""
    points = np.zeros((len(people), len(skeleton), 3), np.float32)
    confidence = np.zeros((len(people), len(skeleton)), np.float32)
    for frame, person in enumerate(people):
        for name, values in person.parts.items() if person else ():
            place = skeleton.place(name)
            points[frame, place, :2] = values[:, :2]
            confidence[frame, place] = values[:, 2]
    return points, confidence


def _in_pixels(
    points: NDArray[np.float32], seen: NDArray[np.bool_], size: tuple[int, int] | None
) -> NDArray[np.float32]:
    """Pixels, where `--keypoint_scale` made fractions of the picture of them."""
    places = points[seen][:, :2]
    if not len(places) or np.abs(places).max() > 1.5:  # points may lie a little outside the picture
        return points
    if size is None:
        raise FormatError(
            "its points are fractions of the picture (OpenPose's --keypoint_scale); give the picture's size"
        )
    scale = np.array([*size, 0], np.float32)
    pixels = (points + 1) / 2 * scale if places.min() < -0.5 else points * scale
    return pixels.astype(np.float32)


def _around(points: NDArray[np.float32]) -> tuple[int, int]:
    """The smallest picture that all points lie in."""
    width, height = np.ceil(points[..., :2].max(axis=(0, 1))).tolist()
    return max(int(width), 1), max(int(height), 1)
