"""What is written while landmarks are found: a landmark file, a film to look at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from accessify.core.holistic import exchanged
from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Note
from accessify.core.video import Frame
from accessify.delivery.pose_file import PoseWriter, open_pose
from accessify.delivery.pose_npz import write_npz
from accessify.media.film_writer import FilmWriter, open_film
from accessify.media.frames import FrameReader
from accessify.render.skeleton2d import draw_pose, preview_scale

ORIGIN = "Machine-made landmarks; not checked by a person"


class Recording:
    """The files that are being written, as a context manager: whole at its end or not there."""

    def __init__(
        self, output: Path | None, preview: Path | None, skeleton: Skeleton, reader: FrameReader
    ) -> None:
        self._output, self._preview = output, preview
        self._skeleton, self._reader = skeleton, reader
        self._stack = ExitStack()
        self._writes: list[Callable[[Frame, PoseFrame], None]] = []
        self._poses: list[PoseFrame] = []
        self._pose_file: PoseWriter | None = None
        self.notes: tuple[Note, ...] = ()
        """To go into the file, where it holds such."""
        self.losses: tuple[Note, ...] = ()
        """What a file could not hold, once it is written."""

    def __enter__(self) -> Self:
        rate, size = self._reader.rate, self._reader.size
        with ExitStack() as stack:
            if self._output and self._output.suffix.lower() == ".pose":
                held = exchanged(self._skeleton)
                poses = stack.enter_context(open_pose(self._output, held, rate, size))
                self._pose_file = poses
                chosen = np.r_[tuple(self._skeleton.place(part.name) for part in held.components)]
                self._writes.append(partial(self._write_pose, poses, chosen))
            elif self._output:
                stack.push(self._write_npz)
                self._writes.append(lambda _, pose: self._poses.append(pose))
            if self._preview:
                scale = preview_scale(size)
                large = (size[0] * scale, size[1] * scale)
                film = stack.enter_context(open_film(self._preview, large, rate, comment=ORIGIN))
                self._writes.append(partial(self._draw, film, scale))
            self._stack = stack.pop_all()
        return self

    def write(self, frame: Frame, pose: PoseFrame) -> None:
        """Add one picture and its pose to every file."""
        for write in self._writes:
            write(frame, pose)

    def _write_pose(self, file: PoseWriter, chosen: NDArray[np.intp], _: Frame, pose: PoseFrame) -> None:
        points, confidence = pose.points[chosen], pose.confidence[chosen]
        file.write(replace(pose, points=points, confidence=confidence))

    def _write_npz(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is None and self._output:
            clip = PoseClip.of(self._poses, self._skeleton, self._reader.rate, self._reader.size)
            write_npz(clip.with_notes(self.notes), self._output)

    def _draw(self, film: FilmWriter, scale: int, frame: Frame, pose: PoseFrame) -> None:
        film.write(Frame(draw_pose(frame.image, pose, self._skeleton, scale=scale), frame.start))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if self._pose_file:
            self.losses = self._pose_file.notes
