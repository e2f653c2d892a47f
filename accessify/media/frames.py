"""Pictures of a film, camera or stream, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from accessify.core.timeline import Note, Rate, seconds
from accessify.core.video import Frame
from accessify.media.address import LiveStream, declared_track, is_address, is_film, open_address, shown
from accessify.media.camera import PATIENCE, LiveReader
from accessify.media.device import is_device, open_device
from accessify.media.pictures import PictureReader, open_pictures


class FrameReader(Protocol):
    """An open film, camera or stream: a context manager, and an iterator of its frames, once.

    Frames are 8-bit RGB, upright, with square pixels, all of one size, each later than the one before.
    """

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of every frame, upright."""

    @property
    def rate(self) -> Rate:
        """Frames per second; the average where `variable`.

        Where `live`, what the source says of itself until two frames were given, and from then on the
        average of those given: whole once all were read.
        """

    @property
    def variable(self) -> bool:
        """Whether frames do not follow an even rate."""

    @property
    def live(self) -> bool:
        """Whether frames come in real time and the newest is given, without an end."""

    @property
    def expected(self) -> int | None:
        """About how many frames there will be; None where nobody knows."""

    @property
    def duration(self) -> int:
        """Ticks from 00:00:00 to the end; 0 where unknown."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be seen; whole once all frames were read."""

    def __iter__(self) -> Iterator[Frame]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """Close it."""


def open_frames(source: str | Path, *, threads: int = 1, patience: int = PATIENCE) -> FrameReader:
    """Open a film file, a camera (`0`, `/dev/video0`) or an address (`rtsp://…`, `http://…`).

    `threads` decode a film: one is enough beside networks that use every core (H.264 takes 3 ms of one
    for a 720p frame, and more threads cost more of it in sum), and damage is then placed exactly.
    `patience` is how many ticks a camera or address may give nothing.
    An address whose film has an end is read frame by frame, every other is live.
    Raises `NotMedia`, `NoPicture`, `MediaError`, `OptionError`, and `MissingExtra` for a camera.
    """
    if is_device(str(source)) and not (isinstance(source, Path) and str(source).isdecimal()):
        return LiveReader(open_device(str(source)), patience)
    if isinstance(source, str) and is_address(source):
        return _open_address(source, threads, patience)
    return open_pictures(Path(source), threads)


def _open_address(address: str, threads: int, patience: int) -> FrameReader:
    with ExitStack() as stack:
        container = open_address(address, patience)
        stack.callback(container.close)
        if not is_film(container):
            stack.pop_all()  # the stream closes it, in its own thread
            return LiveReader(LiveStream(address, container), patience)
        duration = seconds(container.duration or 0) // 1_000_000
        reader = PictureReader(shown(address), container, declared_track(container), duration, threads)
        reader.resources = stack.pop_all()
        return reader
