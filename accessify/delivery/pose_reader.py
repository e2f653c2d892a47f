"""Reading `.pose` files of versions 0.0, 0.1 and 0.2.

Behind the header stand u16 frames per second, u16 frames (0.0 and 0.1) or f32 and u32 (0.2). 0.1 and
0.2 go on with u16 people, all points of all frames [frames, people, points, numbers], then all
confidences [frames, people, points]. 0.0 has for each frame u16 people, and for each of them an i16
number and the points of each component with the confidence in the last place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.holistic import BODY, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.timeline import Note, Rate
from accessify.delivery.pose_header import Cursor, PoseHeader, rate_of, read_header
from accessify.delivery.reading import reading

_ROOM = 1 << 25
"""Points of all frames that a file may claim in few bytes: 0.0 stores frames without people in two."""

Depth = Literal["pixels", "widths"]
"""What z is in: pixels like x and y, or picture widths, which is MediaPipe's own number."""
_MEDIAPIPE = {BODY, FACE, LEFT_HAND, RIGHT_HAND}
_ASSUMED = (
    "what z is in is not in the file: taken as pixels, as accessify writes it; "
    'other tools write picture widths, so say z="widths" (--z widths) for theirs, or pixels to be sure'
)


@dataclass(frozen=True, slots=True)
class _Body:
    """The numbers of one person, as they stand in the file."""

    fps: float
    points: NDArray[np.float32]
    """[frames, points, numbers]; the numbers in each component's own order."""
    confidence: NDArray[np.float32]
    """[frames, points]"""
    people: int


def read_pose(
    path: str | Path,
    *,
    person: int = 0,
    z: Depth | None = None,
    size: tuple[int, int] | None = None,
    rate: Rate | None = None,
) -> PoseClip:
    """One person of a `.pose` file, numbered from 0.

    Points stay as they are in the file, also far outside the picture; confidence 0 is missing. x and y
    are pixels of the header's size. What z is differs: accessify writes pixels; MediaPipe's z in files
    of other tools is in picture widths, `z="widths"` turns it into pixels; the header's depth says
    nothing. Without `z` it is taken as pixels, with a note where the points are MediaPipe's and the
    file does not look like accessify's. `size` and `rate` are for files whose header is wrong: they go
    before what it says. The format does not tell whether the picture was mirrored.

    Raises `FormatError` for a damaged file or another kind, `OptionError` for a person there is not.
    """
    path = Path(path)
    with reading(path), path.open("rb") as stream:
        cursor = Cursor(stream, str(path))
        header = read_header(cursor)
        body = (_read_interleaved if header.version == 0 else _read_blocks)(cursor, header, person)
    _check_person(path, person, body.people)
    overruled = _overruled(header.size, rate_of(body.fps), size, rate)
    size = size or header.size
    if not min(size):
        raise cursor.error(f"its header says a picture of {size[0]}x{size[1]}; give the size, e.g. 1280x720")
    rate = rate or rate_of(body.fps)
    if rate is None:
        raise cursor.error(f"its header says {body.fps:.4g} frames a second; give the rate, e.g. 25")
    with np.errstate(over="ignore", invalid="ignore"):  # damaged numbers become missing points
        points = _arranged(body.points, header)
        if z == "widths":
            points[:, ~header.skeleton.metric, 2] *= size[0]
        finite = np.isfinite(points).all(axis=-1) & np.isfinite(body.confidence)
        confidence = np.where(finite & (body.confidence > 0), body.confidence, np.float32(0))
    points[confidence == 0] = np.nan
    notes = _told(header, body, person, broken=int((~finite).sum()), left=cursor.left)
    notes += [("assumed", text) for text in overruled]
    if z is None and _foreign(header):
        notes.append(("assumed", _ASSUMED))
    times = np.array([rate.at(index) for index in range(len(points))], np.int64)
    clip = PoseClip(header.skeleton, points, np.minimum(confidence, 1), times, rate, size)
    return clip.with_notes(Note(clip.span, kind, text) for kind, text in notes)


def _read_blocks(cursor: Cursor, header: PoseHeader, person: int) -> _Body:
    """The body of versions 0.1 and 0.2."""
    layout = "<HHH" if header.version == 0.1 else "<fIH"
    fps, frames, people = cursor.unpack(layout, "the head of the body")
    if not people:
        raise cursor.error("it says that nobody is in it; get a file with poses")
    count, numbers = len(header.skeleton), header.dimensions
    if header.version == 0.1:
        frames = _counted(cursor, frames, 4 * people * count * (numbers + 1))
    what = f"the {frames} poses of {people} people" if people > 1 else f"the {frames} poses"
    points = cursor.floats((frames, people, count, numbers), what)
    confidence = cursor.floats((frames, people, count), f"the confidences of {what}")
    chosen = min(person, people - 1)
    return _Body(fps, points[:, chosen], confidence[:, chosen], people)


def _counted(cursor: Cursor, stated: int, size: int) -> int:
    """How many poses of `size` bytes follow.

    Version 0.1 has two bytes for the count. From 65535 poses on pose-format wrote 0 there; others may
    begin again.
    """
    frames, rest = divmod(cursor.left, size)
    beyond = frames >= 65535 and stated in {0, frames % 65536}
    if rest or not (stated == frames or beyond):
        raise cursor.error(
            f"{cursor.left} bytes follow its header, which are not the {stated} poses "
            f"of {size} bytes that it says; get a whole copy"
        )
    return frames


def _read_interleaved(cursor: Cursor, header: PoseHeader, person: int) -> _Body:
    """The body of version 0.0."""
    fps, frames = cursor.unpack("<HH", "the head of the body")
    count = len(header.skeleton)
    if frames * count > max(_ROOM, cursor.left):
        raise cursor.error(
            f"it says {frames} frames of {count} points, more than are in it; get a whole copy"
        )
    points = np.zeros((frames, count, header.dimensions), np.float32)
    confidence = np.zeros((frames, count), np.float32)
    shapes = [
        (len(part.points), len(form))
        for part, form in zip(header.skeleton.components, header.formats, strict=True)
    ]
    total, most = sum(math.prod(shape) for shape in shapes), 0
    for frame in range(frames):
        what = f"frame {frame + 1} of {frames}"
        (people,) = cursor.unpack("<H", what)
        most = max(most, people)
        for index in range(people):
            cursor.take(2, what)  # a number of the person that no file gives a meaning to
            numbers = cursor.floats((total,), what)
            if index == person:
                _put(numbers, shapes, points[frame], confidence[frame])
    return _Body(fps, points, confidence, max(most, 1))


def _put(
    numbers: NDArray[np.float32],
    shapes: list[tuple[int, int]],
    points: NDArray[np.float32],
    confidence: NDArray[np.float32],
) -> None:
    """Lay out one person of version 0.0, whose components may have unlike formats."""
    taken = first = 0
    for count, width in shapes:
        part = numbers[taken : taken + count * width].reshape(count, width)
        points[first : first + count, : width - 1] = part[:, :-1]
        confidence[first : first + count] = part[:, -1]
        taken, first = taken + count * width, first + count


def _arranged(numbers: NDArray[np.float32], header: PoseHeader) -> NDArray[np.float32]:
    """x, y, z [frames, points, 3] from each component's format; z is 0 where there is none."""
    if set(header.formats) == {"XYZC"}:
        return np.ascontiguousarray(numbers)
    points = np.zeros((*numbers.shape[:2], 3), np.float32)
    for part, form in zip(header.skeleton.components, header.formats, strict=True):
        place = header.skeleton.place(part.name)
        for axis, letter in enumerate("XYZ"):
            if letter in form:
                points[:, place, axis] = numbers[:, place, form.index(letter)]
    return points


def _check_person(path: Path, person: int, people: int) -> None:
    if not 0 <= person < people:
        known = "person 0 only" if people == 1 else f"persons 0 to {people - 1}"
        raise OptionError(f"{path}: there is no person {person} in it; it has {known}")


def _foreign(header: PoseHeader) -> bool:
    """Whether the points are MediaPipe's with a depth, and no component has the colours that we write."""
    deep = {part.name for part, form in zip(header.skeleton.components, header.formats, strict=True)
            if "Z" in form}  # fmt: skip
    known = [part for part in header.skeleton.components if part.name in deep & _MEDIAPIPE]
    return len(known) > 1 and not any(part in HOLISTIC.components for part in known)


def _overruled(
    size: tuple[int, int], rate: Rate | None, said: tuple[int, int] | None, said_rate: Rate | None
) -> list[str]:
    """What of the header did not count, since the user said something else."""
    texts = []
    if said and min(size) and said != size:
        texts.append(
            f"the file says {size[0]}x{size[1]}, taken as {said[0]}x{said[1]} as you said; points stay"
        )
    if said_rate and rate and said_rate.fps != rate.fps:
        texts.append(
            f"the file says {float(rate.fps):.6g} fps, taken as {float(said_rate.fps):.6g} as you said; "
            "all times follow"
        )
    return texts


def _told(header: PoseHeader, body: _Body, person: int, *, broken: int, left: int) -> list[tuple[str, str]]:
    """Kind and text of what was not read, or not as it stands."""
    flat = [part.name for part, form in zip(header.skeleton.components, header.formats, strict=True)
            if "Z" not in form]  # fmt: skip
    unread = sorted(set("".join(header.formats)) - set("XYZC"))
    over = int(((body.confidence > 1) & np.isfinite(body.confidence)).sum())
    told = {
        "people": body.people > 1 and f"{body.people} people are in the file; person {person} was read",
        "not-finite": broken and f"{broken} points are no finite numbers in the file: missing",
        "flat": flat and f"no depth in the file, z is 0: {', '.join(flat)}",
        "unread": unread and f"further numbers of each point were not read: {', '.join(unread)}",
        "confidence": over and f"{over} confidences above 1 were taken as 1",
        "limbs": header.lost_limbs and f"{header.lost_limbs} limbs join points that do not exist: left out",
        "trailing": left and f"{left} bytes behind the last pose were not read",
    }
    return [(kind, str(text)) for kind, text in told.items() if text]
