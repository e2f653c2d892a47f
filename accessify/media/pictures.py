"""The pictures of a film on the film clock, past damage, in constant memory."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from accessify.core.errors import NoPicture
from accessify.core.timeline import Note, Rate, Span, seconds
from accessify.core.video import Frame
from accessify.media.container import FilmClock, listen_only_to, opened, packets_past_errors, picture
from accessify.media.declared import declared_end
from accessify.media.decode import HOPELESS, JUMP, MERGED, SHORTFALL, clock_text, discontinuity
from accessify.media.probe import VideoTrack, probe
from accessify.media.upright import Upright

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_DEEPEST = 32
"""Frames that a decoder may hold back: 16 to put them in order (H.264), the rest for its threads."""


def open_pictures(path: Path, threads: int = 1) -> PictureReader:
    """Open a film file for its pictures; `threads` decode it.

    Raises `NotMedia`, and `NoPicture` where there is none or none can be decoded.
    """
    info = probe(path)
    if info.video is None:
        raise NoPicture(path)
    with ExitStack() as stack:
        container = stack.enter_context(opened(path))
        reader = PictureReader(path, container, info.video, info.span.end, threads)
        reader.resources = stack.pop_all()
        return reader


class PictureReader:
    """Frames in order of time, each later than the one before; read once. A context manager.

    Every frame keeps the time the file gives it. Damaged frames that the decoder could patch up are
    given all the same; what could not be decoded is a note.
    """

    live = False

    def __init__(
        self, name: Path | str, container: InputContainer, track: VideoTrack, duration: int, threads: int = 1
    ) -> None:
        """`name`: the file, or the address of a film behind one; `duration` in ticks, 0 unknown."""
        stream = picture(container)
        if stream is None:
            raise NoPicture(name)
        self.rate: Rate = track.rate
        """Frames per second; the average where `variable`."""
        self.variable = track.variable
        """Whether frames do not follow an even rate."""
        self.duration = duration
        """Ticks from 00:00:00 to the end the film declares; 0 where it declares none."""
        self.expected: int | None = stream.frames or track.rate.nearest(duration) or None
        """About how many frames there will be, or None."""
        self.notes: tuple[Note, ...] = ()
        """What could not be read (`damaged`, `discontinuity`, `repeated`, `resized`, `variable-rate`);
        there once all frames were read."""
        self.resources = ExitStack()
        """What is closed with the reader."""
        self._name, self._container, self._stream = name, container, stream
        self._clock = FilmClock.of(container)
        self._times = _Times(self._clock, track.rate.at(1), duration)
        self._upright = Upright(stream.sample_aspect_ratio)
        listen_only_to(container, stream)
        stream.codec_context.thread_count = threads
        stream.codec_context.thread_type = "FRAME" if threads > 1 else "SLICE"
        self._frames = self._read()
        self._first = next(self._frames, None)
        if self._first is None:
            reason = "its picture cannot be decoded" if self._times.damaged else "its picture has zero length"
            raise NoPicture(name, reason)
        self.size: tuple[int, int] = self._first.size
        """Width and height of every frame."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the film."""
        self._frames.close()
        self.resources.close()

    def __iter__(self) -> Iterator[Frame]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._frames

    def _read(self) -> Generator[Frame]:
        import av

        most = HOPELESS if isinstance(self._name, Path) else 1  # a connection that broke stays broken
        for packet in packets_past_errors(self._container, self._stream, self._times.suspect, most):
            if packet.is_corrupt:  # something before its end was lost on the way
                self._times.suspect()
            try:
                decoded = self._stream.decode(packet)
            except av.EOFError:  # flushed already
                continue
            except av.FFmpegError:
                self._times.lose(packet)
                continue
            for frame in decoded:
                start = self._times.place(frame)
                if start is None:
                    continue
                try:
                    image = self._upright.picture(frame)
                except av.FFmpegError:
                    self._times.damage(start)
                    continue
                yield Frame(image, start)
        self.notes = self._notes()

    def _notes(self) -> tuple[Note, ...]:
        end = self.duration if self._times.suspicious else None
        if isinstance(self._name, Path):
            end = declared_end(self._name, self._container, self._stream, self._clock) or end
        notes = self._times.finish(end)
        whole = Span(0, self._times.end)
        if self._upright.fitted:
            text = f"{self._upright.fitted} frames have another size; they are fitted into the first one's"
            notes.append(Note(whole, "resized", text))
        if self.variable:
            text = "the film's frames do not follow an even rate"
            notes.append(Note(whole, "variable-rate", text))
        return tuple(sorted(notes, key=lambda note: note.span))


class _Times:
    """Gives each frame its tick, and remembers where there should have been one."""

    def __init__(self, clock: FilmClock, step: int, declared: int) -> None:
        """`step`: usual ticks from frame to frame; `declared`: tick of the declared end, or 0."""
        self.end = 0
        """Tick behind the last frame."""
        self.suspicious = 0
        """Among how many of the next frames a gap means damage, since reading failed."""
        self._clock, self._step, self._declared = clock, step, declared
        self._last = -1
        self._shift = 0
        self._repeated = 0
        self._damage: list[Span] = []
        self._jumps: list[Note] = []

    @property
    def damaged(self) -> bool:
        """Whether anything could not be read so far."""
        return self.suspicious > 0 or bool(self._damage)

    def place(self, frame: VideoFrame) -> int | None:
        """The tick of `frame`, or None for one that does not appear after the frame before it."""
        start = self._start_of(frame)
        if start <= self._last:
            self._repeated += 1
            return None
        if self.suspicious:
            self.suspicious -= 1
            if start > self.end + self._step // 2:
                self._add_damage(Span(self.end, start))
        self._last, self.end = start, start + self._length(frame.duration, frame.time_base)
        if frame.is_corrupt:
            self._add_damage(Span(start, self.end))
        return start

    def suspect(self) -> None:
        """Note that reading failed; where the next gap is, something is lost."""
        self.suspicious = _DEEPEST

    def damage(self, start: int) -> None:
        """Note that the frame at `start` is lost."""
        self._add_damage(Span(start, start + self._step))

    def lose(self, packet: Packet[VideoStream]) -> None:
        """Note that `packet` could not be decoded."""
        self.suspect()
        start = self.end
        if packet.pts is not None:
            start = self._clock.ticks(packet.pts, packet.time_base) + self._shift
        if not self._jumps_to(start):
            self._add_damage(Span(start, start + self._length(packet.duration, packet.time_base)))

    def finish(self, declared: int | None) -> list[Note]:
        """All notes, once everything was read; `declared`: tick where the pictures should have ended."""
        if declared is not None and declared - self.end > SHORTFALL:
            self._add_damage(Span(self.end, declared))
        notes = [*self._jumps, *(Note(span, "damaged", _damage_text(span)) for span in self._damage)]
        if self._repeated:
            text = f"{self._repeated} frames are not later than the frame before them and are left out"
            notes.append(Note(Span(0, self.end), "repeated", text))
        return notes

    def _start_of(self, frame: VideoFrame) -> int:
        if frame.pts is None or frame.time_base is None:
            return self.end
        start = self._clock.ticks(frame.pts, frame.time_base) + self._shift
        if self._jumps_to(start):
            self._shift += self.end - start
            self._jumps.append(discontinuity(self.end))
            return self.end
        return max(0, start)

    def _jumps_to(self, start: int) -> bool:
        if start < self._last - MERGED:
            return True
        return bool(self._declared) and start > max(self._declared, self.end) + JUMP

    def _length(self, units: int | None, time_base: Fraction | None) -> int:
        """Ticks of a frame's declared length, the usual one where it declares none or nonsense."""
        length = seconds((units or 0) * (time_base or Fraction(0)))
        return length if 0 < length < JUMP else self._step

    def _add_damage(self, span: Span) -> None:
        """Keep `span` in order of time, one with what is close to it."""
        span = Span(max(0, span.start), max(0, span.end))
        near = [
            old for old in self._damage if old.start - MERGED < span.end and span.start - MERGED < old.end
        ]
        for old in near:
            self._damage.remove(old)
            span |= old
        self._damage.append(span)


def _damage_text(span: Span) -> str:
    return (
        f"the picture is damaged or missing from {clock_text(span.start)} to {clock_text(span.end)}; "
        "what was to be seen there may be lost"
    )
