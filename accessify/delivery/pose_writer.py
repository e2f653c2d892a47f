"""Writing `.pose` files in constant memory: points to the file, confidences beside it until the end."""

from __future__ import annotations

import shutil
import struct
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

import numpy as np

from accessify.core.errors import FormatError, OptionError
from accessify.core.placing import placed
from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Note, Rate, Span, to_seconds
from accessify.delivery.even_rate import BRIDGE, EvenRate
from accessify.delivery.pose_header import header_bytes, rate_of

_HEAD = {0.1: "<HHH", 0.2: "<fIH"}
_MOST = {0.1: 0xFFFF, 0.2: 0xFFFF_FFFF}
"""Frames that a version can count."""


class PoseWriter:
    """One person of a film, written pose by pose into a file that is whole or not there.

    A context manager. Times that are not even are evened on the way (see `EvenRate`), so that a pose
    stands in the file at its true time behind the first. What the format cannot hold is in `notes`
    once it is closed.
    """

    def __init__(self, path: Path, skeleton: Skeleton, rate: Rate, head: bytes, version: float) -> None:
        """Use `open_pose`: `rate` is one that the version holds exactly, `head` the header."""
        self._path = path
        self._count = len(skeleton)
        self._head = head
        self._rate = rate
        self._version = version
        self._even = EvenRate(rate)
        self._first = self._last = 0
        self._scores = False
        self._whole = 0
        self._stack = ExitStack()
        self._points: IO[bytes]
        self._confidence: IO[bytes]
        self.notes: tuple[Note, ...] = ()
        """What the file does not hold, when it is closed."""

    @property
    def frames(self) -> int:
        """Poses written so far."""
        return self._even.given

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            temporary = stack.enter_context(placed(self._path))
            self._points = stack.enter_context(temporary.open("w+b"))
            self._confidence = stack.enter_context(TemporaryFile(dir=temporary.parent))
            self._points.write(self._head + self._body_head(0))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._finish()
        self.notes = tuple(self._losses())

    def write(self, pose: PoseFrame) -> None:
        """Add a pose.

        Raises `FormatError` where the version cannot count as many, and `ValueError` for a pose of
        another skeleton or not later than the last.
        """
        if pose.confidence.shape != (self._count,):
            raise ValueError(f"a pose must have {self._count} points, not {list(pose.confidence.shape)}")
        if not self._even.taken:
            self._first = pose.start
        self._last = pose.start
        self._scores |= pose.expressions is not None
        seen = (pose.confidence > 0) & np.isfinite(pose.points).all(axis=-1)
        points = np.where(seen[:, None], pose.points, np.float32(np.nan))
        clean = PoseFrame(points, np.where(seen, pose.confidence, np.float32(0)), pose.start)
        for even in self._even.push(clean):
            self._put(even)

    def _put(self, pose: PoseFrame) -> None:
        if self.frames > _MOST[self._version]:
            raise FormatError(
                f"version {self._version} counts no more than {_MOST[self._version]} poses; "
                "write version 0.2, or several files",
                source=str(self._path),
            )
        self._points.write(np.nan_to_num(pose.points, nan=0.0).astype("<f4").tobytes())
        self._confidence.write(pose.confidence.astype("<f4").tobytes())
        self._whole += 1

    def _finish(self) -> None:
        for even in self._even.finish():
            self._put(even)
        size = 4 * self._count * self._whole  # Ctrl-C may have come between points and confidences
        self._confidence.truncate(size)
        self._confidence.seek(0)
        self._points.seek(len(self._head) + len(self._body_head(0)) + 3 * size)
        self._points.truncate()
        shutil.copyfileobj(self._confidence, self._points, 1 << 20)
        self._points.seek(len(self._head))
        self._points.write(self._body_head(self._whole))

    def _body_head(self, frames: int) -> bytes:
        fps = float(self._rate.fps) if self._version == 0.2 else int(self._rate.fps)
        return struct.pack(_HEAD[self._version], fps, frames, 1)

    def _losses(self) -> list[Note]:
        span = Span(self._first, max(self._first, self._last + self._rate.at(1)))
        losses = []
        if self._even.changed:
            text = (
                f"the format holds even times only: from {self._even.taken} poses at uneven times, "
                f"{self.frames} were made at {float(self._rate.fps):.6g} fps"
            )
            if self._even.empty:
                text += f"; {self._even.empty} of these are empty, in gaps of over {to_seconds(BRIDGE):g} s"
            losses.append(Note(span, "resampled", text))
        if self._first:
            text = (
                f"the format holds no start: its first pose is the film's at {to_seconds(self._first):.3f} s"
            )
            losses.append(Note(span, "start", text))
        if self._scores:
            losses.append(Note(span, "not-held", "the format holds no facial expression scores"))
        return losses


def open_pose(
    path: str | Path, skeleton: Skeleton, rate: Rate, size: tuple[int, int], *, version: float = 0.2
) -> PoseWriter:
    """A writer of a `.pose` file; x, y, z go in as they are: pixels, and metres in world components.

    A missing point is zeros with confidence 0 in the file. Version 0.1 holds whole frame rates and
    65535 poses, and old tools read it. Raises `FormatError` for what the header cannot hold and
    `OptionError` for a version that is not written.
    """
    if version not in _HEAD:
        raise OptionError(f"version {version} of .pose is not written; choose 0.2 or 0.1")
    held = rate_of(float(rate.fps))
    if held is None or (version == 0.1 and held.fps.denominator != 1):
        other = "write version 0.2" if version == 0.1 and held else "use .npz"
        raise FormatError(
            f"version {version} of .pose cannot hold {float(rate.fps):.6g} frames a second; {other}",
            source=str(path),
        )
    return PoseWriter(Path(path), skeleton, held, header_bytes(skeleton, size, version), version)


def write_pose(clip: PoseClip, path: str | Path, *, version: float = 0.2) -> tuple[Note, ...]:
    """Write a clip as `.pose` and tell what the format cannot hold; see `open_pose` and `PoseWriter`.

    All of its components are written, also those that pose-format's tools do not know; `write_poses`
    leaves them out. Raises `OptionError` for a path that is named for another format.
    """
    if Path(path).suffix.lower() != ".pose":
        raise OptionError(f"{path}: write_pose writes .pose only; end the name in .pose or use write_poses")
    with open_pose(path, clip.skeleton, clip.rate, clip.size, version=version) as writer:
        for index in range(len(clip)):
            writer.write(clip[index])
    losses = list(writer.notes)
    if clip.mirrored:
        losses.append(Note(clip.span, "not-held", "the format does not tell that the picture is mirrored"))
    if clip.notes:
        losses.append(
            Note(clip.span, "not-held", f"the format holds no notes: {len(clip.notes)} are left out")
        )
    return tuple(losses)
