"""Sound of a microphone of this machine, through PortAudio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import MediaError, MissingExtra
from accessify.core.timeline import Note, Span, samples
from accessify.media.decode import clock_text
from accessify.media.raw_sound import RawSound

if TYPE_CHECKING:
    from types import ModuleType

_BLOCKS_A_SECOND = 31
_MOST_WAITING = 30 * _BLOCKS_A_SECOND
"""Blocks that may wait to be listened to: half a minute."""
_PATIENCE = 3.0
"""Seconds without sound after which a microphone is lost; drivers that wake up take one."""
_LOOK = 0.25
"""Seconds between two looks whether the microphone is still there."""


@dataclass(frozen=True, slots=True)
class Input:
    """A microphone, or another input of sound."""

    number: int
    name: str
    system: str
    """The part of the operating system that offers it, e.g. `ALSA`."""
    rate: int
    """Hz, its own."""
    default: bool = False

    def __str__(self) -> str:
        return f"{self.number}: {self.name} ({self.system}{', default' if self.default else ''})"


def microphones() -> tuple[Input, ...]:
    """The inputs of this machine, in PortAudio's order.

    Raises `MissingExtra` without sounddevice, and `MediaError` where PortAudio is not there.
    """
    sounddevice = _sounddevice()
    systems = sounddevice.query_hostapis()
    default = sounddevice.default.device[0]
    return tuple(
        Input(
            number,
            device["name"],
            systems[device["hostapi"]]["name"],
            round(device["default_samplerate"]) or SPEECH_RATE,
            number == default,
        )
        for number, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"] > 0
    )


def choose_microphone(device: str | None = None) -> Input:
    """The input of that number or whose name holds `device`; the system's own without one.

    Raises `MediaError` which lists what there is.
    """
    known = microphones()
    if not known:
        raise MediaError(
            "no microphone is connected, or none may be used; connect one, or give --input a file or address",
            path="microphone",
        )
    if device is None:
        return next((each for each in known if each.default), known[0])
    matching = [each for each in known if str(each.number) == device.strip()]
    matching = matching or [each for each in known if device.casefold() in each.name.casefold()]
    if not matching:
        there = "; ".join(map(str, known))
        raise MediaError(f"there is no microphone {device!r}; use one of: {there}", path=device)
    return matching[0]


class Microphone:
    """A microphone that is on; a `LiveInput`. A context manager."""

    live = True

    def __init__(self, device: str | None = None) -> None:
        """Turn it on. `device`: a number or part of a name; None is the system's own.

        Raises `MissingExtra` and `MediaError` which says what to check.
        """
        sounddevice = _sounddevice()
        chosen = choose_microphone(device)
        self.name = f"microphone {chosen.name}"
        self._sound = RawSound("float32", chosen.rate)
        self._rate = chosen.rate
        self._waiting: Queue[bytes] = Queue(_MOST_WAITING)
        self._taken = self._overflows = self._dropped = 0
        self._lost: Note | None = None
        self._closed = False
        try:
            self._stream = sounddevice.RawInputStream(
                samplerate=chosen.rate,
                blocksize=chosen.rate // _BLOCKS_A_SECOND,
                device=chosen.number,
                channels=1,
                dtype="float32",
                latency="low",
                callback=self._take,
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise MediaError(
                f"{self.name}: it cannot be opened ({_reason(error)}); close other programs that use it, "
                "and allow this one to use microphones in the system's privacy settings",
                path=chosen.name,
            ) from error

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was not heard so far (`overflow`, `damaged`, `microphone-lost`)."""
        whole = Span(0, samples(self._taken, SPEECH_RATE))
        notes = [*self._sound.notes]
        if count := self._overflows + self._dropped:
            text = (
                f"the microphone's sound was not taken in time {count} times; a little is missing each time"
            )
            notes.append(Note(whole, "overflow", text))
        return (*notes, self._lost) if self._lost else tuple(notes)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Blocks [n] of 16 kHz mono sound until it is closed or lost."""
        silent = 0.0
        while not self._closed:
            try:
                data = self._waiting.get(timeout=_LOOK)
            except Empty:
                silent += _LOOK
                if silent >= _PATIENCE or not self._stream.active:
                    self._lose()
                    return
                continue
            silent = 0.0
            for block in self._sound.push(data):
                self._taken += len(block)
                yield block

    def close(self) -> None:
        """Turn it off; from any thread."""
        if not self._closed:
            self._closed = True
            self._stream.close(ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, data: Any, _frames: int, _time: Any, status: Any) -> None:
        """What PortAudio calls, in a thread of its own."""
        self._overflows += bool(status.input_overflow)
        try:
            self._waiting.put_nowait(bytes(data))
        except Full:
            self._dropped += 1

    def _lose(self) -> None:
        if self._closed:
            return
        at = samples(self._taken, SPEECH_RATE)
        text = f"the {self.name} was lost at {clock_text(at)}; it gives no more sound: was it pulled out?"
        self._lost = Note(Span(at, at), "microphone-lost", text)


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except ImportError as error:
        raise MissingExtra("sounddevice", "mic") from error
    except OSError as error:  # it is there, PortAudio is not
        raise MediaError(
            "PortAudio is not on this machine; on Debian and Ubuntu run: sudo apt install libportaudio2",
            path="microphone",
        ) from error
    module: ModuleType = sounddevice
    return module


def _reason(error: Exception) -> str:
    """PortAudio's words without its numbers."""
    return str(error.args[0] if error.args else error).removeprefix("Error opening RawInputStream: ")
