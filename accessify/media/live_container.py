"""A container's sound as it arrives, in blocks of 32 ms."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import Audio
from accessify.core.errors import NoAudio, NotMedia
from accessify.core.timeline import TICKS_PER_SECOND, Note, Span, samples
from accessify.media.container import FilmClock, listen_only_to
from accessify.media.declared import declared_end
from accessify.media.decode import HOPELESS, SHORTFALL, Decoder, clock_text
from accessify.media.resample import Run, Tape

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_LOWEST_RATE = 4000
"""Hz; no speech is recorded with less."""
BLOCK = 512
"""Samples in a block: 32 ms, what the speech detector looks at."""


class ContainerSound:
    """Contiguous blocks of 16 kHz mono sound, the first at tick 0; read once.

    Gaps between timestamps are filled with silence, as are stretches that cannot be decoded; those are
    noted. Jumps of more than ten seconds are no gaps: the sound goes on without one, with a note.
    """

    def __init__(
        self,
        name: str,
        container: InputContainer,
        hopeless: int = HOPELESS,
        *,
        begin: int = 0,
        track: int | None = None,
    ) -> None:
        """`name`: for people; `hopeless`: read errors in a row after which the rest is given up.

        `begin`: tick of the film at which to begin, where the container can be moved in; `track`: 0-based.
        Raises `NoAudio` where nothing here can decode its sound, or it has none.
        """
        self._container = container
        stream = _choose(name, container, track)
        listen_only_to(container, stream)
        if stream.codec_context.sample_rate < _LOWEST_RATE:
            raise NotMedia(name, f"{stream.codec_context.sample_rate} Hz is no rate for speech")
        stream.codec_context.thread_count = 1  # each further one holds back a frame
        self._stream, self._clock = stream, _moved(container, begin)
        self._decoder = Decoder(container, stream, self._clock, 0, hopeless)
        self._gaps: list[Note] = []

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be heard so far (`damaged`, `discontinuity`, `gap`)."""
        return tuple(sorted((*self._decoder.notes, *self._gaps), key=lambda note: note.span))

    @property
    def cut(self) -> bool:
        """Whether, at its end, it was not the source that ended but reading it that failed."""
        return self._decoder.failures > 0

    def blocks(self) -> Generator[NDArray[np.float32]]:
        """Arrays [512] of float32, the last one shorter."""
        tape = Tape(BLOCK)
        run: Run | None = None
        end = 0
        for placed in self._decoder:
            if placed.start - end > SHORTFALL:
                self._miss(Span(end, placed.start))
            end = placed.start + samples(placed.frame.samples, placed.frame.sample_rate)
            if end <= 0:  # before the place that was asked for
                continue
            if run is None or not placed.follows or not run.fits(placed.frame):
                if run is not None:
                    yield from _lay(tape, run.finish())
                yield from _plain(tape.move_to(placed.start))
                run = Run(placed.frame, BLOCK)
            yield from _lay(tape, run.push(placed.frame))
        if run is not None:
            yield from _lay(tape, run.finish())
        yield from _plain(tape.finish())
        self._decoder.finish(None)

    def _miss(self, span: Span) -> None:
        """Note that no sound came, where it was not damage that took it."""
        if not any(span.overlaps(note.span) for note in self._decoder.notes):
            self._gaps.append(_gap(span))

    def miss(self, path: Path) -> None:
        """Once all was read of the file at `path`: note what it declares beyond its end."""
        self._decoder.finish(declared_end(path, self._container, self._stream, self._clock))

    def close(self) -> None:
        """Close the container."""
        self._container.close()


def _gap(span: Span) -> Note:
    text = f"no sound came from {clock_text(span.start)} to {clock_text(span.end)}; silence stands there"
    return Note(span, "gap", text)


def _moved(container: InputContainer, begin: int) -> FilmClock:
    """The clock that counts from tick `begin`, where `container` now stands."""
    clock = FilmClock.of(container)
    if begin <= 0:
        return clock
    start = clock.start + Fraction(begin, TICKS_PER_SECOND)
    container.seek(int(start * 1_000_000))
    return FilmClock(start)


def _choose(name: str, container: InputContainer, track: int | None) -> AudioStream:
    from av.stream import Disposition

    if track is not None and track < len(container.streams.audio):
        chosen = container.streams.audio[track]
        if chosen.codec_context is not None:
            return chosen
    known = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if not known:
        there = container.streams.audio
        raise NoAudio(name, "nothing here can decode its sound" if there else "it has no audio track")
    return next((stream for stream in known if stream.disposition & Disposition.default), known[0])


def _lay(tape: Tape, sounds: Iterable[NDArray[np.float32]]) -> Generator[NDArray[np.float32]]:
    for sound in sounds:
        yield from _plain(tape.add(sound))


def _plain(blocks: Iterable[Audio]) -> Generator[NDArray[np.float32]]:
    for block in blocks:
        yield block.samples
