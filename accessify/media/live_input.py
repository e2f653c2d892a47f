"""Live sound from files, addresses and standard input, in blocks of 32 ms.

An input is iterated once, and closed by the thread that iterates it.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol, Self, cast

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import AccessifyError, MediaError, NotMedia, OptionError
from accessify.core.timeline import Note, Span, samples
from accessify.media.address import dial, is_address, is_film, shown
from accessify.media.camera import PATIENCE
from accessify.media.container import opened
from accessify.media.decode import HOPELESS, clock_text
from accessify.media.live_container import BLOCK, ContainerSound
from accessify.media.live_sound import LOOK, MARK, demuxer_for
from accessify.media.raw_sound import RawSound

if TYPE_CHECKING:
    from av.container import InputContainer

STDIN = "-"
"""The name of standard input."""
_PAUSES = (0.5, 2.0, 5.0)
"""Seconds to wait before each try to reach an address again."""
_READ = 1 << 16
_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class RawFormat:
    """What bytes without a container are."""

    format: str
    """`pcm16` or `float32`, little-endian, channels interleaved."""
    rate: int = SPEECH_RATE
    """Hz."""
    channels: int = 1


class LiveInput(Protocol):
    """Where live sound comes from."""

    name: str
    """For people."""
    live: bool
    """Whether sound comes at its own pace; of other inputs, all is there at once."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be heard so far."""
        ...

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Contiguous blocks [n] of 16 kHz mono float32."""
        ...

    def close(self) -> None: ...


def open_input(source: str, raw: RawFormat | None = None) -> StreamInput:
    """The sound of a file, an address (`http://…`, `rtsp://…`) or standard input (`-`).

    Raises `NotMedia`, `NoAudio`, `MediaError` which says what to check, and `OptionError`.
    """
    if source == STDIN:
        return _StandardInput(sys.stdin.fileno() if sys.stdin else -1, raw)
    if is_address(source):
        if raw is not None:
            raise OptionError("raw sound is read from files and standard input, not from an address")
        return AddressInput(source)
    return _RawFile(Path(source), raw) if raw is not None else _FileInput(Path(source))


def open_film(source: str, begin: int = 0, track: int | None = None) -> StreamInput:
    """The sound of a film from tick `begin` on; `track` is 0-based. Streams without an end begin now.

    Raises as `open_input` does.
    """
    if is_address(source):
        return AddressInput(source, begin=begin, track=track)
    return _FileInput(Path(source), begin, track)


class StreamInput(ABC):
    """What inputs share: they close what they hold. A context manager."""

    name = ""
    live = False

    def __init__(self) -> None:
        self._resources = ExitStack()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be heard so far."""
        return ()

    @property
    def cut(self) -> bool:
        """Whether, at its end, it was not the source that ended but reading it that failed."""
        return False

    @abstractmethod
    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Contiguous blocks [n] of 16 kHz mono float32."""

    def close(self) -> None:
        """Let go of the source."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _FileInput(StreamInput):
    """A film or recording on this machine."""

    def __init__(self, path: Path, begin: int = 0, track: int | None = None) -> None:
        super().__init__()
        self.name = str(path)
        self._path, self._whole = path, begin <= 0
        with ExitStack() as stack:
            container = stack.enter_context(opened(path))
            self._sound = ContainerSound(self.name, container, begin=begin, track=track)
            self._resources = stack.pop_all()

    @property
    def notes(self) -> tuple[Note, ...]:
        return self._sound.notes

    @property
    def cut(self) -> bool:
        return self._sound.cut

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        yield from self._sound.blocks()
        if self._whole:
            self._sound.miss(self._path)


class _RawFile(StreamInput):
    """A file of samples."""

    def __init__(self, path: Path, raw: RawFormat) -> None:
        super().__init__()
        self.name = str(path)
        self._sound = RawSound(raw.format, raw.rate, raw.channels)
        try:
            self._stream = self._resources.enter_context(path.open("rb"))
        except OSError as error:
            raise NotMedia(path, f"it cannot be opened ({error.strerror}); check the spelling") from None

    @property
    def notes(self) -> tuple[Note, ...]:
        return self._sound.notes

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return _raw_blocks(self._sound, lambda: self._stream.read(_READ))


class _StandardInput(StreamInput):
    """What another program pipes in: a container, or raw samples where their form is given."""

    name = "standard input"
    live = True

    def __init__(self, descriptor: int, raw: RawFormat | None) -> None:
        super().__init__()
        _require_pipe(descriptor)
        self._descriptor = descriptor
        self._raw = RawSound(raw.format, raw.rate, raw.channels) if raw is not None else None
        self._sound: ContainerSound | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        sound = self._raw or self._sound
        return sound.notes if sound is not None else ()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        if self._raw is not None:
            yield from _raw_blocks(self._raw, lambda: os.read(self._descriptor, _READ))
            return
        with _open_piped(_Piped(self._descriptor)) as container:
            self._sound = ContainerSound(self.name, container)
            yield from self._sound.blocks()


class _Piped:
    """A descriptor as a file for FFmpeg; reads give what is there. Its first bytes can be looked at."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._head = b""

    def head(self) -> bytes:
        while len(self._head) < MARK and (more := os.read(self._descriptor, MARK - len(self._head))):
            self._head += more
        return self._head

    def read(self, size: int) -> bytes:
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        return os.read(self._descriptor, size)


def _require_pipe(descriptor: int) -> None:
    name = _StandardInput.name
    try:
        mode = os.fstat(descriptor).st_mode
        os.read(descriptor, 0)
    except OSError as error:
        raise MediaError(
            f"{name}: it cannot be read ({error.strerror}); pipe sound into it", path="-"
        ) from None
    if stat.S_ISCHR(mode) and os.isatty(descriptor):
        raise OptionError(
            f"{name} is a terminal; pipe sound into it, e.g. ffmpeg … -f wav - | accessify live …"
        )


def _open_piped(file: _Piped) -> InputContainer:
    import av

    name = _StandardInput.name
    try:
        head = file.head()
        if not head:
            raise NotMedia(name, "it is empty")
        demuxer = demuxer_for(head)
        options = LOOK if demuxer else {"protocol_whitelist": "", "analyzeduration": "1000000"}
        return av.open(
            cast("IO[bytes]", file), "r", demuxer, options, metadata_errors="replace", buffer_size=4096
        )
    except (av.FFmpegError, ValueError) as error:
        if isinstance(error, AccessifyError):
            raise
        hint = "no known container; for samples without one give --raw and --rate"
        raise NotMedia(name, hint) from error


def _raw_blocks(sound: RawSound, read: Callable[[], bytes]) -> Generator[NDArray[np.float32]]:
    while data := read():
        yield from sound.push(data)
    yield from sound.finish()


class AddressInput(StreamInput):
    """What an address gives. A stream that is cut is dialled again, with silence for the time between."""

    def __init__(
        self,
        address: str,
        *,
        patience: int = PATIENCE,
        pauses: tuple[float, ...] = _PAUSES,
        begin: int = 0,
        track: int | None = None,
    ) -> None:
        """`patience`: ticks to wait for an answer or for sound; `pauses`: seconds before each new try.

        `begin` and `track` as in `open_film`.
        """
        super().__init__()
        self.name = shown(address)
        self._begin_at, self._track = begin, track
        self._address, self._patience, self._pauses = address, patience, pauses
        self._notes: list[Note] = []
        self._given = 0
        container = dial(address, patience)
        self.live = not is_film(container)
        self._sound = self._begin(container)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Times of damage count from the last time the address was dialled."""
        return (*self._notes, *self._sound.notes)

    @property
    def cut(self) -> bool:
        return self._sound.cut

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        while True:
            yield from self._counted(self._sound.blocks())
            lost_at = time.monotonic()
            if not self._was_cut():
                return
            self._notes += self._sound.notes
            container = self._dial_again()
            if container is None:
                return
            self._sound = self._begin(container)
            yield from self._counted(self._silence(time.monotonic() - lost_at))

    def close(self) -> None:
        self._sound.close()

    def _begin(self, container: InputContainer) -> ContainerSound:
        try:
            hopeless, begin = (1, 0) if self.live else (HOPELESS, self._begin_at)
            return ContainerSound(self.name, container, hopeless, begin=begin, track=self._track)
        except MediaError:
            container.close()
            raise

    def _counted(self, blocks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        for block in blocks:
            self._given += len(block)
            yield block

    def _was_cut(self) -> bool:
        """Whether the end was none. A web server's end may be one of a file: it would begin anew."""
        web = self._address.partition(":")[0].lower() in _WEB
        return self.live and (self._sound.cut or not web)

    def _dial_again(self) -> InputContainer | None:
        self._sound.close()
        reason = "nothing came"
        for pause in self._pauses:
            time.sleep(pause)
            try:
                return dial(self._address, self._patience)
            except MediaError as error:
                reason = error.message.removeprefix(f"{self.name}: ")
        self._note("source-lost", f"{self.name} was lost: {reason}")
        return None

    def _silence(self, seconds: float) -> Iterator[NDArray[np.float32]]:
        self._note("reconnected", f"{self.name} was cut; {seconds:.1f} s were not heard")
        for _ in range(round(seconds * SPEECH_RATE / BLOCK)):
            yield np.zeros(BLOCK, np.float32)

    def _note(self, kind: str, text: str) -> None:
        at = samples(self._given, SPEECH_RATE)
        self._notes.append(Note(Span(at, at), kind, f"{clock_text(at)}: {text}"))
