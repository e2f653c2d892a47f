"""MediaPipe landmarks as numpy files: folders of `.npy` frames, and Holistic results in one `.npz`.

A frame file is one flat row. Known widths, x, y, z as fractions of the picture:
    1662  body 33 x (x, y, z, visibility), face 468 x 3, left hand 21 x 3, right hand 21 x 3
    258   body and hands
    170   11 points of the body x (x, y, z, visibility), left and right hand
    126   left and right hand
A part that was not found is zeros. The usual tree is `<sign>/<sequence>/<frame>.npy`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.holistic import BODY, BODY_WORLD, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate
from accessify.delivery.arrays import read_array
from accessify.delivery.numbered_frames import Pictures, numbered_clip, pictures, pixels
from accessify.delivery.pose_header import rate_of
from accessify.delivery.reading import reading

_WEBCAM = (640, 480)
"""What OpenCV's camera gives unless told otherwise, which most of these folders were recorded with."""
_UPPER_BODY = (0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of numbers in a row."""

    name: str
    points: Sequence[int]
    """Which points of the component."""
    width: int = 3
    """Numbers of a point: x, y, z and perhaps the visibility."""


_HAND_PARTS = (_Part(LEFT_HAND, range(21)), _Part(RIGHT_HAND, range(21)))
_BODY_PART, _FACE_PART = _Part(BODY, range(33), 4), _Part(FACE, range(468))
_LAYOUTS = {
    sum(len(part.points) * part.width for part in parts): parts
    for parts in (
        (_BODY_PART, _FACE_PART, *_HAND_PARTS),
        (_BODY_PART, *_HAND_PARTS),
        (_Part(BODY, _UPPER_BODY, 4), *_HAND_PARTS),
        _HAND_PARTS,
    )
}
"""Width of a row → its parts."""
_RESULT = {
    "pose": BODY,
    "pose_world": BODY_WORLD,
    "face": FACE,
    "left_hand": LEFT_HAND,
    "right_hand": RIGHT_HAND,
}
"""Array of a Holistic result → component."""


def read_npy_folder(
    folder: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: Rate | None = None,
    mirrored: bool | None = None,
) -> PoseClip:
    """The frames `<number>.npy` of one sequence, in order of number; one that is absent is missing.

    What is not given is assumed and noted: 640x480, 30 frames a second, not mirrored. Raises
    `FormatError` naming the file that is damaged, of an unknown width or of another than the first.
    """
    folder = Path(folder)
    files = _frames(folder)
    numbers, paths = list(files), list(files.values())
    rows = [_row(path) for path in paths]
    width = len(rows[0])
    for path, row in zip(paths, rows, strict=True):
        if len(row) != width:
            raise FormatError(
                f"{len(row)} numbers, but {width} in {paths[0].name}; keep frames of one kind in a folder",
                source=str(path),
            )
    if width not in _LAYOUTS:
        widths = ", ".join(map(str, _LAYOUTS))
        raise FormatError(f"{width} numbers are no known layout; known: {widths}", source=str(paths[0]))
    known = pictures(size, rate, mirrored, _WEBCAM)
    try:
        return clip_of_rows(np.array(numbers, np.int64), np.stack(rows), known)
    except FormatError as error:
        raise FormatError(error.message, source=str(folder)) from None


def read_npy_tree(
    folder: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: Rate | None = None,
    mirrored: bool | None = None,
) -> Iterator[tuple[str, str, PoseClip]]:
    """Sign, sequence and clip of every `<sign>/<sequence>/<frame>.npy` below `folder`, in natural order.

    Raises as `read_npy_folder` does, also for a sequence without frames.
    """
    folder = Path(folder)
    signs = _folders(folder)
    if not signs:
        raise FormatError("no folders of signs in it; give the folder that holds them", source=str(folder))
    for sign in signs:
        for sequence in _folders(sign):
            clip = read_npy_folder(sequence, size=size, rate=rate, mirrored=mirrored)
            yield sign.name, sequence.name, clip


def is_holistic(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether arrays are a Holistic result, whose components may lack but for the body."""
    return "pose" in arrays and {"left_hand", "right_hand"} & arrays.keys() != set()


def holistic_clip(arrays: Mapping[str, NDArray[Any]], known: Pictures, source: str) -> PoseClip:
    """The clip of a MediaPipe Holistic result in arrays.

    `pose` and `pose_world` [frames, 33, 4] with visibility, `left_hand`, `right_hand` [frames, 21, 3],
    `face` [frames, 468, 3]; all but the world points are fractions of the picture; NaN is missing.
    Raises `FormatError` for other shapes.
    """
    parts = {name: part for name, part in _RESULT.items() if name in arrays}
    skeleton = HOLISTIC.only(parts.values())
    count = len(arrays["pose"]) if arrays["pose"].ndim else 0
    points = np.full((count, len(skeleton), 3), np.nan, np.float32)
    confidence = np.zeros((count, len(skeleton)), np.float32)
    for name, part in parts.items():
        place = skeleton.place(part)
        values = arrays[name]
        expected = (count, place.stop - place.start, 4 if name.startswith("pose") else 3)
        if values.shape != expected or values.dtype.kind != "f" or not count:
            raise FormatError(
                f"{name} must be floats {list(expected)}, not {values.dtype} {list(values.shape)}",
                source=source,
            )
        xyz = values[..., :3].astype(np.float32)
        points[:, place] = xyz if name == "pose_world" else pixels(xyz, known.size)
        confidence[:, place] = values[..., 3] if expected[2] == 4 else np.float32(1)
    return numbered_clip(skeleton, np.arange(count), points, np.nan_to_num(confidence), known)


def holistic_pictures(
    arrays: Mapping[str, NDArray[Any]],
    size: tuple[int, int] | None,
    rate: Rate | None,
    mirrored: bool | None,
) -> Pictures:
    """What the arrays `size` or `width_height` and `fps` tell of the pictures, unless it is given."""
    told = arrays.get("size", arrays.get("width_height"))
    if (
        size is None
        and told is not None
        and told.shape == (2,)
        and told.dtype.kind in "iu"
        and told.min() > 0
    ):
        size = int(told[0]), int(told[1])
    fps = arrays.get("fps")
    if rate is None and fps is not None and fps.shape == () and fps.dtype.kind in "iuf":
        rate = rate_of(float(fps))
    return pictures(size, rate, mirrored)


def clip_of_rows(numbers: NDArray[np.int64], rows: NDArray[np.float32], known: Pictures) -> PoseClip:
    """The clip of flat rows [frames, width], one of the known widths, by number of frame."""
    parts = _LAYOUTS[rows.shape[1]]
    skeleton = HOLISTIC.only(part.name for part in parts)
    points = np.full((len(rows), len(skeleton), 3), np.nan, np.float32)
    confidence = np.zeros((len(rows), len(skeleton)), np.float32)
    start = 0
    for part in parts:
        count = len(part.points)
        values = rows[:, start : start + count * part.width].reshape(len(rows), count, part.width)
        start += count * part.width
        chosen = skeleton.place(part.name).start + np.array(part.points)
        there = (values[..., :3] != 0).any(axis=-1)
        points[:, chosen] = pixels(values[..., :3], known.size)
        seen = values[..., 3] if part.width == 4 else np.float32(1)
        confidence[:, chosen] = np.where(there, seen, np.float32(0))
    return numbered_clip(skeleton, numbers, points, confidence, known)


def _row(path: Path) -> NDArray[np.float32]:
    values = read_array(path)
    if values.ndim != 1 or values.dtype.kind not in "fiu":
        raise FormatError(
            f"a frame must be one row of numbers, not {values.dtype} {list(values.shape)}", source=str(path)
        )
    with np.errstate(over="ignore", invalid="ignore"):  # damaged numbers become missing points
        return values.astype(np.float32)


def _frames(folder: Path) -> dict[int, Path]:
    """The frame files by number."""
    with reading(folder):
        found = sorted(path for path in folder.iterdir() if path.suffix == ".npy" and path.name[0] != ".")
    if not found:
        raise FormatError("no .npy frames in it; give the folder of one sequence", source=str(folder))
    files: dict[int, Path] = {}
    for path in found:
        digits = re.search(r"(\d{1,9})$", path.stem)
        if digits is None:
            raise FormatError("its name does not end in the number of its frame", source=str(path))
        if (number := int(digits[1])) in files:
            raise FormatError(f"frame {number} is also {files[number].name}; keep one", source=str(path))
        files[number] = path
    return dict(sorted(files.items()))


def _folders(folder: Path) -> list[Path]:
    """The folders in it, `2` before `10`."""
    with reading(folder):
        found = [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
    return sorted(found, key=lambda path: [(part.zfill(12), part) for part in re.split(r"(\d+)", path.name)])
