"""Packets to frames on the film clock, past damage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from accessify.core.timeline import Note, Span, millis, samples, seconds, to_seconds
from accessify.media.container import FilmClock, packets_past_errors

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

TOLERANCE = millis(40)
"""Timestamps may wander this far from the count of samples before sound is moved: containers round
to milliseconds and recorders jitter. One frame at 25 fps, within the 45 ms by which sound may lead
the picture unnoticed (ITU-R BT.1359-1)."""
JUMP = seconds(10)
"""A timestamp this far back, or this far behind the declared end, begins a new count (as in joined
broadcast recordings); it is no overlap and no gap."""
MERGED = seconds(1)
"""Damage closer together than this is one stretch; so much repeated sound counts as damage."""
SHORTFALL = millis(250)
"""Sound that ends earlier than declared by more than this was cut off."""
UNTIMED = {"aac", "ac3", "eac3", "dts", "mp3", "truehd", "mlp", "loas"}
"""Bare codec streams without timestamps: FFmpeg makes some up from the first frame's length, which
drift away when the sample rate changes, so only jumps in them mean something."""
GAPLESS = {"flac"}
"""Streams that number their samples and have no gaps: where numbers are missing, sound is."""
HOPELESS = 100
"""Read errors in a row, without a packet between them, after which the rest is given up."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A decoded frame and where it belongs."""

    frame: AudioFrame
    start: int
    """Tick of its first sample; may lie before 0 or before the end of the sound so far."""
    follows: bool
    """Whether it continues the frame before it without a gap."""


class Decoder:
    """Iterates over one sound stream's frames and remembers what could not be decoded."""

    def __init__(
        self,
        container: InputContainer,
        stream: AudioStream,
        clock: FilmClock,
        declared: int | None,
        hopeless: int = HOPELESS,
    ) -> None:
        """`declared`: tick at which the film is said to end, where it is; `hopeless`: see `HOPELESS`."""
        self._container = container
        self._stream = stream
        kind = container.format.name
        self._untimed, self._gapless = kind in UNTIMED, kind in GAPLESS
        self._clock = clock
        self._declared = declared
        self._hopeless = hopeless
        self._time_base = stream.time_base or Fraction(1, stream.rate)
        self._shift = 0
        self._broken = False
        self._broken_until = 0
        self._damage: list[Span] = []
        self._jumps: list[Note] = []
        self.heard = 0
        """Tick behind the last sound."""
        self.failures = 0
        """Times that the container could not be read on."""

    def __iter__(self) -> Iterator[Placed]:
        import av

        for packet in packets_past_errors(self._container, self._stream, self._break, self._hopeless):
            try:
                frames = self._stream.decode(packet)
            except av.EOFError:  # flushed already
                continue
            except av.FFmpegError:
                self._break_at(packet)
                continue
            for frame in frames:
                if frame.samples:
                    yield self._place(frame)

    def finish(self, end: int | None) -> tuple[Note, ...]:
        """All notes, once everything was read; `end` is the tick where the sound should have ended."""
        self._broken_until = max(self._broken_until, end or 0)
        if self._broken_until - self.heard > SHORTFALL:
            self._add_damage(Span(self.heard, self._broken_until))
        return self.notes

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is known so far; the last stretch of damage may still grow."""
        notes = [*self._jumps, *(Note(span, "damaged", _damage_text(span)) for span in self._damage)]
        return tuple(sorted(notes, key=lambda note: note.span))

    @property
    def damaged(self) -> bool:
        """Whether anything could not be decoded so far."""
        return self._broken or bool(self._damage)

    def _break(self) -> None:
        self.failures += 1
        self._broken = True

    def _break_at(self, packet: Packet[AudioStream]) -> None:
        self._broken = True
        if packet.pts is not None:
            until = self._clock.ticks(packet.pts + (packet.duration or 0), self._time_base) + self._shift
            if not self._jumps_to(until):
                self._broken_until = max(self._broken_until, until)

    def _place(self, frame: AudioFrame) -> Placed:
        start, broken = self._start_of(frame), self._broken
        self._broken = False
        follows = self.heard > 0 and not broken and abs(start - self.heard) <= TOLERANCE
        if follows:
            self._shift += self.heard - start if self._untimed else 0
            start = self.heard
        elif broken or self._gapless or start < self.heard - MERGED:
            self._add_damage(Span(min(start, self.heard), max(start, self.heard)))
        end = start + samples(frame.samples, frame.sample_rate)
        if frame.is_corrupt:
            self._add_damage(Span(start, end))
        self.heard = end
        return Placed(frame, start, follows)

    def _start_of(self, frame: AudioFrame) -> int:
        if frame.pts is None:
            return self.heard
        start = self._clock.ticks(frame.pts, self._time_base) + self._shift
        if self._jumps_to(start):
            self._shift += self.heard - start
            self._jumps.append(discontinuity(self.heard))
            return self.heard
        return start

    def _jumps_to(self, start: int) -> bool:
        if self.heard > 0 and start < self.heard - JUMP:
            return True
        return self._declared is not None and start > max(self._declared, self.heard) + JUMP

    def _add_damage(self, span: Span) -> None:
        span = Span(max(0, span.start), max(0, span.end))
        if span.duration < millis(1):
            return
        if self._damage and span.start - self._damage[-1].end < MERGED:
            span = self._damage.pop() | span
        self._damage.append(span)


def _damage_text(span: Span) -> str:
    return (
        f"the sound is damaged or missing from {clock_text(span.start)} to {clock_text(span.end)}; "
        "words there are lost"
    )


def discontinuity(at: int) -> Note:
    """A jump of the timestamps at tick `at`."""
    text = f"the timestamps jump at {clock_text(at)}; times behind it count on from there"
    return Note(Span(at, at), "discontinuity", text)


def clock_text(ticks: int) -> str:
    """A place on the film clock for people, e.g. `0:01:02.5`."""
    minutes, rest = divmod(to_seconds(ticks), 60)
    return f"{int(minutes) // 60}:{int(minutes) % 60:02}:{rest:04.1f}"
