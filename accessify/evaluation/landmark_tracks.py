"""The points that one system found in a clip, as plain arrays, whoever found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core import holistic as names
from accessify.core.errors import FormatError
from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate
from accessify.delivery.arrays import read_arrays
from accessify.delivery.mediapipe_npy import holistic_clip, holistic_pictures

Places = NDArray[np.float64]
"""Shape [frames, points, 2]: x and y in pixels, NaN where missing."""

SIDES = ("left", "right")
_ARRAYS = ("pose", "left_hand", "right_hand", "face")
"""What a reference file must hold; further arrays are left alone."""
_SAME_RATE = 0.01
"""How far two frame rates may be apart, as a part of one, to be that of the same film."""


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


def tracks_of(clip: PoseClip) -> Tracks:
    """The points of a clip; components that it lacks are missing throughout."""

    def places(name: str, count: int) -> Places:
        if name not in clip.skeleton:
            return np.full((len(clip), count, 2), np.nan)
        return clip.part(name)[0][..., :2].astype(np.float64)

    body = places(names.BODY, 33)
    visibility = np.full(body.shape[:2], np.nan)
    if names.BODY in clip.skeleton:
        visibility[found(body)] = clip.part(names.BODY)[1][found(body)]
    return Tracks(
        body,
        visibility,
        places(names.LEFT_HAND, 21),
        places(names.RIGHT_HAND, 21),
        places(names.FACE, 468),
    )


def holistic_tracks(
    arrays: Mapping[str, NDArray[Any]], size: tuple[int, int], rate: Rate, source: str
) -> Tracks:
    """From a MediaPipe Holistic result in arrays, as `holistic_clip` takes it, of pictures of `size`.

    Raises `FormatError` where the arrays say another `size` or `fps`, lack a part or have other shapes.
    """
    missing = [name for name in _ARRAYS if name not in arrays]
    if missing:
        raise FormatError(
            f"it has no {', '.join(missing)}; a reference holds {', '.join(_ARRAYS)}", source=source
        )
    of_film = {"width_height": np.array(size), "fps": np.array(float(rate.fps))}
    known = holistic_pictures(of_film | dict(arrays), None, None, False)
    if known.size != size or abs(known.rate.fps / rate.fps - 1) > _SAME_RATE:
        theirs, ours = (
            f"{width}x{height} at {float(fps):g} a second"
            for (width, height), fps in ((known.size, known.rate.fps), (size, rate.fps))
        )
        raise FormatError(
            f"made from pictures of {theirs}, and the video has {ours}; give this video's own reference",
            source=source,
        )
    return tracks_of(holistic_clip(arrays, known, source))


def read_tracks(path: Path, size: tuple[int, int], rate: Rate, frames: int) -> Tracks:
    """A reference file, `.npz`, for a clip of `frames` pictures; raises as `holistic_tracks` does."""
    tracks = holistic_tracks(read_arrays(path), size, rate, str(path))
    if len(tracks) != frames:
        raise FormatError(
            f"it has {len(tracks)} rows, and the video {frames} pictures; give this video's own reference",
            source=str(path),
        )
    return tracks


def first_tracks(tracks: Tracks, frames: int) -> Tracks:
    """The beginning of a clip."""
    return Tracks(*(getattr(tracks, field.name)[:frames] for field in fields(tracks)))
