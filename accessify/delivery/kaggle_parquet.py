"""Landmarks in Kaggle's parquet layout: one row for each point of each frame.

Columns `frame`, `row_id` (not read), `type` (`face`, `left_hand`, `pose`, `right_hand`),
`landmark_index`, `x`, `y`, `z`: 543 rows a frame of MediaPipe Holistic, fractions of a picture whose
size is not told, empty where not found, no visibility
(https://www.kaggle.com/competitions/asl-signs/data).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError, MissingExtra
from accessify.core.holistic import BODY, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.timeline import Rate
from accessify.delivery.numbered_frames import Pictures, numbered_clip, pictures, pixels
from accessify.delivery.reading import reading

_COLUMNS = ("frame", "type", "landmark_index", "x", "y", "z")
_PARTS = {"face": FACE, "left_hand": LEFT_HAND, "pose": BODY, "right_hand": RIGHT_HAND}


def read_parquet(
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: Rate | None = None,
    mirrored: bool | None = None,
) -> PoseClip:
    """The clip of one sequence; its skeleton has the parts that occur, every point found has confidence 1.

    Frames keep their numbers' times; those between that are absent are missing. What is not given is
    assumed and noted: a square picture, 30 frames a second, not mirrored. Raises `FormatError` for
    other columns or rows, `MissingExtra` without pyarrow.
    """
    path = Path(path)
    table = _table(path)
    try:
        return _clip(table, pictures(size, rate, mirrored))
    except FormatError as error:
        raise FormatError(error.message, source=str(path)) from None


def _table(path: Path) -> Any:
    """The columns as a pyarrow table with at least one row."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("pyarrow", "parquet") from None
    with reading(path), path.open("rb") as stream:
        try:
            file = parquet.ParquetFile(stream)
            absent = [name for name in _COLUMNS if name not in file.schema_arrow.names]
            table: Any = None if absent else file.read(list(_COLUMNS))
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise FormatError(f"not a whole parquet file ({why})", source=str(path)) from None
    if absent:
        raise FormatError(
            f"no column {', '.join(absent)}; give landmarks with the columns {', '.join(_COLUMNS)}",
            source=str(path),
        )
    if not table.num_rows:
        raise FormatError("no rows in it; give a file with landmarks", source=str(path))
    return table


def _clip(table: Any, known: Pictures) -> PoseClip:
    kinds, codes = _kinds(table.column("type"))
    skeleton = HOLISTIC.only(_PARTS[kind] for kind in kinds)
    places = _places(kinds, codes, _whole(table, "landmark_index"), skeleton)
    numbers, rows = np.unique(_whole(table, "frame"), return_inverse=True)
    if len(np.unique(rows * len(skeleton) + places)) < len(rows):
        raise FormatError("a point of a frame has two rows; keep one")
    points = np.full((len(numbers), len(skeleton), 3), np.nan, np.float32)
    for axis, name in enumerate("xyz"):
        points[rows, places, axis] = _floats(table, name)
    points = pixels(points, known.size)
    confidence = np.where(np.isfinite(points).all(axis=-1), np.float32(1), np.float32(0))
    return numbered_clip(skeleton, numbers, points, confidence, known)


def _kinds(column: Any) -> tuple[list[str], NDArray[np.int64]]:
    """The values of `type` that occur, and which of them each row has."""
    coded = column.combine_chunks().dictionary_encode()
    if coded.null_count:
        raise FormatError("a row has no type; each needs one of: " + ", ".join(_PARTS))
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    kinds = coded.dictionary.to_pylist()
    present = np.unique(codes)
    for code in present.tolist():
        if kinds[code] not in _PARTS:
            raise FormatError(f"unknown type {kinds[code]!r}; known: {', '.join(_PARTS)}")
    return [kinds[code] for code in present.tolist()], np.searchsorted(present, codes)


def _places(
    kinds: list[str], codes: NDArray[np.int64], indices: NDArray[np.int64], skeleton: Skeleton
) -> NDArray[np.int64]:
    """Which point of the skeleton each row is."""
    slices = [skeleton.place(_PARTS[kind]) for kind in kinds]
    counts = np.array([place.stop - place.start for place in slices])
    wrong = np.flatnonzero((indices < 0) | (indices >= counts[codes]))
    if len(wrong):
        kind = kinds[codes[wrong[0]]]
        raise FormatError(
            f"row {wrong[0]} is point {indices[wrong[0]]} of {kind}, which has "
            f"{counts[codes[wrong[0]]]}; give landmarks of MediaPipe Holistic"
        )
    places: NDArray[np.int64] = np.array([place.start for place in slices])[codes] + indices
    return places


def _whole(table: Any, name: str) -> NDArray[np.int64]:
    values = table.column(name).to_numpy()
    if values.dtype.kind not in "iu":
        raise FormatError(f"{name} must be whole numbers without gaps, not {values.dtype}")
    whole: NDArray[np.int64] = values.astype(np.int64)
    return whole


def _floats(table: Any, name: str) -> NDArray[np.float32]:
    values = table.column(name).to_numpy()
    if values.dtype.kind not in "fiu":
        raise FormatError(f"{name} must be numbers, not {values.dtype}")
    with np.errstate(over="ignore", invalid="ignore"):  # damaged numbers become missing points
        floats: NDArray[np.float32] = values.astype(np.float32)
    return floats
