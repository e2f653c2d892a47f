"""Clips from the landmark files of other tools: frames by number, and what those files leave out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.timeline import Note, Rate, Span

_RATE = Rate(Fraction(30))
_SPARSEST = 50
"""Frames that may lack for each that is there; more means that the numbers are not a film's."""
_LAST = 1 << 31


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures that landmarks were made from."""

    size: tuple[int, int]
    """Width and height in pixels."""
    rate: Rate
    mirrored: bool
    """Whether they are a selfie's."""
    assumed: tuple[str, ...] = ()
    """What nobody told, one line each."""


def pictures(
    size: tuple[int, int] | None,
    rate: Rate | None,
    mirrored: bool | None,
    guess: tuple[int, int] = (1000, 1000),
) -> Pictures:
    """What is known about the pictures; what is None is assumed, and the assumption is told.

    Fractions of a picture need its size: with another shape than the real one every angle is wrong.
    """
    assumed = []
    if size is None:
        assumed.append(
            f"the picture's size is not in the file: taken as {guess[0]}x{guess[1]}; "
            "angles and distances are right only for pictures of that shape, so give the size"
        )
    if rate is None:
        assumed.append(f"the frame rate is not in the file: taken as {_RATE.fps}; give the rate")
    if mirrored is None:
        assumed.append(
            "whether the picture is mirrored is not in the file: taken as not; "
            "in a selfie's picture left and right are swapped"
        )
    return Pictures(size or guess, rate or _RATE, bool(mirrored), tuple(assumed))


def pixels(fractions: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """MediaPipe's fractions [..., 3] in pixels: x and z are in picture widths, y in heights."""
    with np.errstate(over="ignore", invalid="ignore"):  # damaged numbers become missing points
        return fractions * np.array([size[0], size[1], size[0]], np.float32)


def numbered_clip(
    skeleton: Skeleton,
    numbers: NDArray[np.int64],
    points: NDArray[np.float32],
    confidence: NDArray[np.float32],
    known: Pictures,
) -> PoseClip:
    """A clip of frames [n] that rise in number; those between that are not there are missing poses.

    The first frame keeps its number's time. Points that are not finite, or have no confidence, are
    missing. Raises `FormatError` where the numbers are too far apart for a film.
    """
    first, last = int(numbers[0]), int(numbers[-1])
    count = last - first + 1
    if not 0 <= first <= last < _LAST or count > _SPARSEST * (len(numbers) + 20):
        raise FormatError(
            f"frames {first} to {last} are not one film's: only {len(numbers)} of them are there; "
            "give the frames of one film"
        )
    seen = np.isfinite(points).all(axis=-1) & (confidence > 0)
    all_points = np.full((count, len(skeleton), 3), np.nan, np.float32)
    all_points[numbers - first] = np.where(seen[..., None], points, np.float32(np.nan))
    all_confidence = np.zeros((count, len(skeleton)), np.float32)
    all_confidence[numbers - first] = np.minimum(np.where(seen, confidence, 0), 1)
    times = np.array([known.rate.at(first + index) for index in range(count)], np.int64)
    clip = PoseClip(skeleton, all_points, all_confidence, times, known.rate, known.size, known.mirrored)
    notes = [Note(clip.span, "assumed", text) for text in known.assumed]
    return clip.with_notes([*notes, *_gaps(numbers, known.rate)])


def _gaps(numbers: NDArray[np.int64], rate: Rate) -> list[Note]:
    """One note for each run of frames that are not there."""
    ends = np.flatnonzero(np.diff(numbers) > 1)
    notes = []
    for before, behind in zip(numbers[ends].tolist(), numbers[ends + 1].tolist(), strict=True):
        named = (
            f"frame {before + 1} is" if behind - before == 2 else f"frames {before + 1} to {behind - 1} are"
        )
        span = Span(rate.at(before + 1), rate.at(behind))
        notes.append(Note(span, "absent", f"{named} not there: missing poses"))
    return notes
