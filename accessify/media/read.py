"""The sound of a film as 16 kHz mono, streamed in constant memory.

Sample n is always at n/16000 s of film clock: sound that starts late is preceded by silence, gaps
between timestamps are filled with silence, overlaps are trimmed. What cannot be decoded is skipped,
counts as a gap, and is reported as a note.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import Audio
from accessify.core.errors import NoAudio, NoSuchTrack
from accessify.core.timeline import Note
from accessify.media.container import FilmClock, listen_only_to, opened
from accessify.media.declared import declared_end
from accessify.media.decode import Decoder
from accessify.media.probe import AudioTrack, MediaInfo, describe
from accessify.media.resample import Run, Tape

if TYPE_CHECKING:
    from av.container import InputContainer


def open_audio(path: Path, track: int | None = None) -> AudioReader:
    """Open one sound track; `track` is 0-based, by default the one the file marks, else the first.

    Raises `NotMedia`, `NoAudio` (no sound track, zero length, nothing decodable) and `NoSuchTrack`.
    """
    with ExitStack() as stack:
        container = stack.enter_context(opened(path))
        info = describe(path, container)
        if not info.audio:
            raise NoAudio(path)
        reader = AudioReader(path, container, info, _choose(info, track))
        reader.resources = stack.pop_all()
        return reader


def _choose(info: MediaInfo, number: int | None) -> AudioTrack:
    if number is None:
        return next((track for track in info.audio if track.default), info.audio[0])
    if not 0 <= number < len(info.audio):
        raise NoSuchTrack(info.path, number, map(str, info.audio))
    return info.audio[number]


class AudioReader:
    """Contiguous blocks of one second (the last is shorter), the first at tick 0; read once.

    A context manager; `open_audio` makes it.
    """

    def __init__(self, path: Path, container: InputContainer, info: MediaInfo, track: AudioTrack) -> None:
        self.info = info
        """What the file declares (without its picture)."""
        self.track = track
        """The track being read."""
        self.notes: tuple[Note, ...] = ()
        """What could not be heard (`damaged`, `discontinuity`); there once all blocks were read."""
        self.resources = ExitStack()
        """What is closed with the reader."""
        self._path = path
        self._container = container
        self._stream = container.streams.audio[track.number]
        if self._stream.codec_context is None:
            raise NoAudio(path, "nothing here can decode its sound")
        listen_only_to(container, self._stream)
        self._stream.codec_context.thread_count = 1  # so that an error belongs to the packet at hand
        self._clock = FilmClock.of(container)
        self._decoder = Decoder(container, self._stream, self._clock, info.span.end or None)
        self._blocks = self._read()
        self._first = next(self._blocks, None)
        if self._first is None:
            reason = "its sound cannot be decoded" if self._decoder.damaged else "its sound has zero length"
            raise NoAudio(path, reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()
        self.resources.close()

    def __iter__(self) -> Iterator[Audio]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._blocks

    def _read(self) -> Generator[Audio]:
        tape = Tape()
        run: Run | None = None
        for placed in self._decoder:
            if run is None or not placed.follows or not run.fits(placed.frame):
                if run is not None:
                    yield from _lay(tape, run.finish())
                yield from tape.move_to(placed.start)
                run = Run(placed.frame)
            yield from _lay(tape, run.push(placed.frame))
        if run is not None:
            yield from _lay(tape, run.finish())
        yield from tape.finish()
        end = declared_end(self._path, self._container, self._stream, self._clock)
        self.notes = self._decoder.finish(end)


def _lay(tape: Tape, sounds: Iterable[NDArray[np.float32]]) -> Iterator[Audio]:
    for sound in sounds:
        yield from tape.add(sound)
