"""The points that one system found in a clip, as plain arrays, whoever found them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.placing import placed
from accessify.core.pose import PoseFrame, Skeleton
from accessify.tracking import skeleton as names

Places = NDArray[np.float64]
"""Shape [frames, points, 2]: x and y in pixels, NaN where missing."""

SIDES = ("left", "right")
_ARRAYS = {"pose": (33, 4), "left_hand": (21, 3), "right_hand": (21, 3), "face": (468, 3)}
"""Arrays of a reference file and what their shapes end in; further arrays are left alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Body, hands and face of one person, picture by picture."""

    body: Places
    """33 points."""
    visibility: NDArray[np.float64]
    """Shape [frames, 33], 0 to 1, of the body's points; NaN where there is no body."""
    left: Places
    """21 points of the person's own left hand."""
    right: Places
    face: Places
    """468 points."""

    def __len__(self) -> int:
        return len(self.body)

    def hand(self, side: str) -> Places:
        """The hand called `left` or `right`."""
        return {"left": self.left, "right": self.right}[side]


def found(places: Places) -> NDArray[np.bool_]:
    """Shape [frames]: where the part is there."""
    return np.asarray(np.isfinite(places).all(axis=(1, 2)), np.bool_)


def tracks_of(poses: Sequence[PoseFrame], skeleton: Skeleton) -> Tracks:
    """The points of our own poses; components that `skeleton` lacks are missing throughout."""
    points = np.array([pose.points for pose in poses], np.float64).reshape(-1, len(skeleton), 3)
    confidence = np.array([pose.confidence for pose in poses], np.float64).reshape(-1, len(skeleton))

    def places(name: str, count: int) -> Places:
        if name not in skeleton:
            return np.full((len(poses), count, 2), np.nan)
        return points[:, skeleton.place(name), :2]

    body = places(names.BODY, 33)
    visibility = np.full(body.shape[:2], np.nan)
    if names.BODY in skeleton:
        visibility = np.where(found(body)[:, None], confidence[:, skeleton.place(names.BODY)], np.nan)
    return Tracks(
        body,
        visibility,
        places(names.LEFT_HAND, 21),
        places(names.RIGHT_HAND, 21),
        places(names.FACE, 468),
    )


def tracks_from(arrays: Mapping[str, NDArray[np.floating]], size: tuple[int, int]) -> Tracks:
    """From MediaPipe's units: x and y in widths and heights of a picture of `size`."""

    def places(name: str) -> Places:
        return arrays[name][..., :2].astype(np.float64) * size

    return Tracks(
        places("pose"),
        arrays["pose"][..., 3].astype(np.float64),
        places("left_hand"),
        places("right_hand"),
        places("face"),
    )


def read_tracks(path: Path, size: tuple[int, int], frames: int) -> Tracks:
    """A reference file for a clip of `frames` pictures of `size`.

    An `.npz` with `pose` [n, 33, 4] (x, y, z, visibility), `left_hand` and `right_hand` [n, 21, 3] and
    `face` [n, 468, 3] in widths and heights of the picture, NaN where missing. Raises `FormatError`.
    """
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in _ARRAYS if name in file}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise FormatError(
            "not a readable .npz file; give the reference landmarks", source=str(path)
        ) from error
    for name, shape in _ARRAYS.items():
        expected = (frames, *shape)
        if name not in arrays or arrays[name].shape != expected:
            have = list(arrays[name].shape) if name in arrays else "nothing"
            raise FormatError(
                f"{name} must be {list(expected)}, one row for each picture of the clip, not {have}",
                source=str(path),
            )
    return tracks_from(arrays, size)


def first_tracks(tracks: Tracks, frames: int) -> Tracks:
    """The beginning of a clip."""
    return Tracks(
        tracks.body[:frames],
        tracks.visibility[:frames],
        tracks.left[:frames],
        tracks.right[:frames],
        tracks.face[:frames],
    )


def write_tracks(tracks: Tracks, path: Path) -> None:
    """Keep them for another process."""
    with placed(path) as temporary:
        np.savez(temporary, **{field.name: getattr(tracks, field.name) for field in fields(tracks)})


def load_tracks(path: Path) -> Tracks:
    """What `write_tracks` kept."""
    with np.load(path) as file:
        return Tracks(**{field.name: file[field.name] for field in fields(Tracks)})
