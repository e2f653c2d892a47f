"""Where a file says that a stream ends, to be held against where it really does."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from accessify.core.timeline import seconds
from accessify.media.container import FilmClock, packets

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

_EXACT = {"mov", "flac", "aiff", "w64", "caf", "asf"}
"""Containers whose header declares each stream's length. Elsewhere (MPEG streams, MP3, AAC, AVI)
FFmpeg estimates it from the file's size or the last timestamp, which promises nothing."""
_WHOLE = {"matroska", "flv"}
"""Containers whose header declares the length of the whole film only."""
_DURATION = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


def declared_end(
    path: Path, container: InputContainer, stream: AudioStream | VideoStream, clock: FilmClock
) -> int | None:
    """Tick at which the file declares that `stream` ends, or None where nothing is declared.

    To be asked after the file has been read: it may seek.
    """
    kind = container.format.name.split(",")[0]
    if kind == "wav":
        return _wav_end(path, stream)
    if kind in _EXACT and stream.duration and stream.time_base:
        return clock.ticks((stream.start_time or 0) + stream.duration, stream.time_base)
    if kind not in _WHOLE:
        return None
    tagged = _tagged_end(stream)
    return tagged if tagged is not None else _film_end_if_cut(container, clock)


def _wav_end(path: Path, stream: AudioStream | VideoStream) -> int | None:
    """From the data chunk's size (FFmpeg quietly lowers it to what is in the file)."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return None
        file.seek(12)
        while len(header := file.read(8)) == 8:
            size = int.from_bytes(header[4:], "little")
            if header[:4] == b"data":
                break
            file.seek(size + size % 2, 1)
        else:
            return None
    bytes_per_second = stream.bit_rate // 8 if stream.bit_rate else 0
    if not bytes_per_second or size >= 0xFFFF_0000:  # a stream of unknown length
        return None
    return seconds(Fraction(size, bytes_per_second))


def _tagged_end(stream: AudioStream | VideoStream) -> int | None:
    """Matroska muxers note each stream's end (timestamp behind its last packet) in a DURATION tag."""
    for name, value in stream.metadata.items():
        match = _DURATION.match(value)
        if name.split("-")[0] == "DURATION" and match:
            return seconds(Fraction(int(match[1]) * 3600 + int(match[2]) * 60) + Fraction(match[3]))
    return None


def _film_end_if_cut(container: InputContainer, clock: FilmClock) -> int | None:
    """The whole film's declared end, when no stream reaches it; sound may end before the picture."""
    import av
    from av.stream import Discard

    if not container.duration:
        return None
    end = seconds(Fraction(container.duration, 1_000_000))
    for stream in container.streams:
        stream.discard = Discard.default
    last = 0
    try:
        container.seek(container.duration + (container.start_time or 0))
        for packet in packets(container, *container.streams):
            if packet.pts is not None:
                last = max(last, clock.ticks(packet.pts + (packet.duration or 0), packet.time_base))
    except av.FFmpegError:  # what cannot be read does not reach the end either
        pass
    return end if last < end - seconds(Fraction(1, 2)) else None
