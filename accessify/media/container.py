"""Opening films and telling the time in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accessify.core.errors import NotMedia
from accessify.core.timeline import TICKS_PER_SECOND

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

_TEXT_ART = "tty"
"""FFmpeg's demuxer that shows any text file as a film of a terminal."""


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open a film or sound file for reading.

    Only local files are followed: a playlist that points into the network is not dialled.
    Raises `NotMedia` for what is missing, empty, a folder, unreadable or of no known container.
    """
    import av

    if not path.exists():
        raise NotMedia(path, "there is no such file; check the spelling")
    if path.is_dir():
        raise NotMedia(path, "it is a folder; name a file in it")
    if path.stat().st_size == 0:
        raise NotMedia(path, "the file is empty; copy or export it again")
    try:
        container = av.open(  # the prefix keeps a colon in a file's name from meaning a protocol
            f"file:{path}", options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
    except PermissionError as error:
        raise NotMedia(path, "you may not read it; change its permissions") from error
    except (av.FFmpegError, ValueError) as error:
        raise NotMedia(path, "no known container, or cut short before its index was written") from error
    with container:
        if container.format.name == _TEXT_ART or not (container.streams.audio or container.streams.video):
            raise NotMedia(path, "it holds neither sound nor picture")
        yield container


def picture(container: InputContainer) -> VideoStream | None:
    """The video stream that is the film, or None; a cover or what nothing can decode is not."""
    from av.stream import Disposition

    cover = Disposition.attached_pic | Disposition.timed_thumbnails
    films = (stream for stream in container.streams.video if not stream.disposition & cover)
    return next((stream for stream in films if stream.codec_context is not None), None)


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """The packets of `streams` in the order of the file, then an empty one for each (it flushes).

    Raises `av.FFmpegError` where the file cannot be read on.
    """
    try:
        yield from container.demux(list(streams))
    except IndexError:  # PyAV trips, at the very end, over streams that appeared in mid-file
        return


def packets_past_errors(
    container: InputContainer, stream: Stream, on_error: Callable[[], None], most: int
) -> Iterator[Packet[Any]]:
    """The packets of `stream`, going on behind what cannot be read.

    `on_error` is told of each read error; after `most` in a row, without a packet between them, the
    rest is given up.
    """
    import av

    failures = 0
    while failures < most:
        try:
            for packet in packets(container, stream):
                failures = 0
                yield packet
        except av.FFmpegError:
            failures += 1
            on_error()
        else:
            return


def listen_only_to(container: InputContainer, wanted: Stream) -> None:
    """Have the demuxer skip every other stream: of a large film little more than its sound is read."""
    from av.stream import Discard

    for stream in container.streams:
        if stream.index != wanted.index:
            stream.discard = Discard.all


@dataclass(frozen=True, slots=True)
class FilmClock:
    """Turns a container's timestamps into ticks; tick 0 is where a player shows 00:00:00."""

    start: Fraction
    """Presentation time of 00:00:00 in seconds: that of the earliest stream (1.4 in most MPEG-TS)."""

    @classmethod
    def of(cls, container: InputContainer) -> FilmClock:
        """The clock of an open film.

        FFmpeg rounds a container's start to microseconds. Where one of its streams starts there, that
        stream's exact time is used, so that frames fall on whole ticks.
        """
        rounded = Fraction(container.start_time or 0, 1_000_000)
        exact = [
            stream.start_time * stream.time_base
            for stream in (*container.streams.audio, *container.streams.video)
            if stream.start_time is not None and stream.time_base
        ]
        nearest = min(exact, key=lambda start: abs(start - rounded), default=rounded)
        return cls(nearest if abs(nearest - rounded) < Fraction(1, 100_000) else rounded)

    def ticks(self, timestamp: int, time_base: Fraction) -> int:
        """Ticks of a timestamp in units of `time_base` seconds, to the nearest tick."""
        # In whole numbers: a Fraction for every frame would cost a quarter of the reading speed.
        unit, offset = time_base.denominator, self.start.denominator
        ticks = (timestamp * time_base.numerator * offset - self.start.numerator * unit) * TICKS_PER_SECOND
        return (2 * ticks + unit * offset) // (2 * unit * offset)
