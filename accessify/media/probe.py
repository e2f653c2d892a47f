"""What a film or sound file holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from accessify.core.timeline import Rate, Span, millis, nearest_standard, seconds
from accessify.media.container import FilmClock, listen_only_to, opened, packets, picture

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

SAMPLED_FRAMES = 120
"""Frames at the head of the film whose times are compared with an even rate (4 s at 30 fps)."""
SAMPLED_BYTES = 32_000_000
"""The comparison stops here: a mastering codec takes megabytes a frame."""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One sound track."""

    number: int
    """0-based among the sound tracks."""
    language: str | None
    """As the file says, usually three letters (ISO 639-2)."""
    title: str | None
    channels: int
    layout: str
    """FFmpeg's name of the loudspeaker layout, e.g. `mono`, `stereo`, `5.1(side)`, `4 channels`."""
    rate: int
    """Samples per second (Hz)."""
    default: bool
    """Whether the file asks players to start with it."""

    def __str__(self) -> str:
        about = [
            self.language or "language unknown",
            self.title,
            self.layout,
            "default" if self.default else None,
        ]
        return f"{self.number} ({', '.join(part for part in about if part)})"


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The picture."""

    rate: Rate
    """Frames per second: the even rate, or the average where `variable`."""
    variable: bool
    """Whether frames do not follow an even rate; then snapping to frames means nothing."""
    width: int
    """Stored pixels across; a rotation flag is not applied."""
    height: int
    """Stored pixels down."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A film or sound file at a glance."""

    path: str
    span: Span
    """From 00:00:00 to the end the file declares; empty where it declares none."""
    audio: tuple[AudioTrack, ...]
    video: VideoTrack | None
    start_timecode: str | None
    """Timecode of the first frame, e.g. `01:00:00:00`, where the file carries one."""


def probe(path: Path) -> MediaInfo:
    """Look into a film or sound file; reads its head only.

    Raises `NotMedia`.
    """
    with opened(path) as container:
        info = describe(path, container)
        stream = picture(container)
        if stream is None:
            return info
        return MediaInfo(
            info.path,
            info.span,
            info.audio,
            _video_track(container, stream, info.start_timecode),
            info.start_timecode,
        )


def describe(path: Path, container: InputContainer) -> MediaInfo:
    """What an open container declares, without its picture: reads nothing further."""
    audio = tuple(map(_audio_track, range(len(container.streams.audio)), container.streams.audio))
    return MediaInfo(str(path), _span(container), audio, None, _start_timecode(container))


def _audio_track(number: int, stream: AudioStream) -> AudioTrack:
    from av.stream import Disposition

    known = stream.codec_context is not None
    return AudioTrack(
        number=number,
        language=stream.language if stream.language != "und" else None,
        title=stream.metadata.get("title") or stream.metadata.get("name"),  # MP4 gives it back as name
        channels=stream.channels if known else 0,
        layout=stream.layout.name if known else "unknown",
        rate=stream.rate if known else 0,
        default=bool(stream.disposition & Disposition.default),
    )


def _span(container: InputContainer) -> Span:
    """The longest stream's end, exact where streams declare their lengths, else the container's."""
    if container.duration is None or container.duration < 0:
        return Span(0, 0)
    clock = FilmClock.of(container)
    rounded = seconds(Fraction(container.duration, 1_000_000))
    ends = [
        clock.ticks((stream.start_time or 0) + stream.duration, stream.time_base)
        for stream in (*container.streams.audio, *container.streams.video)
        if stream.duration and stream.time_base
    ]
    nearest = min(ends, key=lambda end: abs(end - rounded), default=rounded)
    return Span(0, max(0, nearest if abs(nearest - rounded) <= millis(1) else rounded))


def _start_timecode(container: InputContainer) -> str | None:
    holders = [container.metadata, *(stream.metadata for stream in container.streams)]
    tags = (tag for holder in holders for tag in holder.items())
    return next((value for key, value in tags if key.lower() == "timecode"), None)


def _video_track(container: InputContainer, stream: VideoStream, timecode: str | None) -> VideoTrack:
    times = _first_frame_times(container, stream)
    rates = [rate for rate in (stream.guessed_rate, stream.average_rate, stream.base_rate) if rate]
    tick = stream.time_base or Fraction(1, 1000)
    even = next(
        (rate for rate in rates if _is_even(times, rate, tick) and _same_on_average(stream, rate)), None
    )
    average = stream.average_rate or next(iter(rates), Fraction(25))
    fps = nearest_standard(even or average)
    drop = bool(timecode and ";" in timecode) and fps in (Fraction(30000, 1001), Fraction(60000, 1001))
    return VideoTrack(Rate(fps, drop), even is None and len(times) > 1, stream.width, stream.height)


def _first_frame_times(container: InputContainer, stream: VideoStream) -> list[Fraction]:
    """Presentation times of the film's first frames in seconds, in order."""
    import av

    listen_only_to(container, stream)
    times, read = [], 0
    try:
        for packet in islice(packets(container, stream), SAMPLED_FRAMES):
            read += packet.size
            if packet.pts is not None and not packet.is_discard:
                times.append(packet.pts * packet.time_base)
            if read > SAMPLED_BYTES:
                break
    except av.FFmpegError:  # a damaged head: judge by what was readable
        pass
    return sorted(times)


def _is_even(times: Sequence[Fraction], rate: Fraction, tick: Fraction) -> bool:
    """Whether every frame lies within a tenth of a frame, or the clock's rounding, of an even grid.

    The last few are left out: frames that are shown before them may not have been read yet.
    """
    settled = times[: -max(1, len(times) // 8)] or times
    allowed = max(tick, 1 / (10 * rate))
    return all(abs(time - times[0] - index / rate) <= allowed for index, time in enumerate(settled))


def _same_on_average(stream: VideoStream, rate: Fraction) -> bool:
    """Whether the declared average over the whole film agrees within 0.5 %."""
    average = stream.average_rate
    return not average or stream.frames < SAMPLED_FRAMES or abs(average - rate) <= rate / 200
