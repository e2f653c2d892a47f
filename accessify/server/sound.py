"""Sound as clients send it, to 16 kHz mono: raw samples, or a container that is read while it grows."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.server.refusal import Refused
from accessify.server.start import Start

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

Sink = Callable[[NDArray[np.float32]], None]
"""Takes 16 kHz mono sound [n], full scale -1 to 1; from any thread."""

_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_MAGIC = {
    b"\x1aE\xdf\xa3": "WebM or Matroska",
    b"OggS": "Ogg",
    b"RIFF": "a WAV file",
    b"fLaC": "FLAC",
    b"ID3": "MP3",
}
_JUDGED = 4_000
"""Samples that tell whether raw sound is what it was declared to be."""


class Ear(Protocol):
    """Takes in bytes of one client and hands on sound."""

    def feed(self, data: bytes) -> None:
        """The next bytes. Raises `Refused` where they, or earlier ones, are no sound as declared."""

    def finish(self) -> int:
        """No more bytes come; how many at the end made no whole sample. Blocks until all is handed on."""

    @property
    def waiting(self) -> int:
        """Bytes that were not turned into sound yet."""


def open_ear(start: Start, sink: Sink) -> Ear:
    """What understands the format that a client has declared."""
    return ContainerEar(sink) if start.format == "webm" else RawEar(start, sink)


class RawEar:
    """Interleaved samples without any header; a message may end inside a sample."""

    waiting = 0

    def __init__(self, start: Start, sink: Sink) -> None:
        self._kind: np.dtype[np.int16 | np.float32] = np.dtype("<i2" if start.format == "pcm16" else "<f4")
        self._name, self._channels, self._rate = start.format, start.channels, start.rate
        self._rest = b""
        self._judge, self._judged = b"", False
        self._resampler = None if start.rate == SPEECH_RATE and start.channels == 1 else _Resampler(sink)
        self._sink = sink

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        if not self._judged:
            self._look(data)
        whole = len(data) - len(data) % (self._kind.itemsize * self._channels)
        data, self._rest = data[:whole], data[whole:]
        if not data:
            return
        sound = np.frombuffer(data, self._kind).astype(np.float32)
        if self._name == "pcm16":
            sound /= 32768
        sound = np.clip(np.nan_to_num(sound, nan=0.0), -1.0, 1.0)
        if self._resampler is None:
            self._sink(sound)
        else:
            self._resampler.push(_frame(sound, self._channels, self._rate))

    def finish(self) -> int:
        if self._resampler is not None:
            self._resampler.finish()
        return len(self._rest)

    def _look(self, data: bytes) -> None:
        """Judge the first sound that is not silent, once."""
        if not self._judge:
            for magic, name in _MAGIC.items():
                if data.startswith(magic):
                    raise Refused("wrong-format", f"{self._name} was declared, but this is {name}; say webm")
        self._judge += data
        size = self._kind.itemsize
        floats = np.frombuffer(self._judge[: len(self._judge) // 4 * 4], "<f4")
        if np.count_nonzero(floats) < _JUDGED // (4 // size):
            self._judge = self._judge[-8 * _JUDGED :] if len(self._judge) > 64 * _JUDGED else self._judge
            return
        self._judge, self._judged = b"", True
        as_floats = _share_of_sound(floats)
        if self._name == "pcm16" and as_floats > 0.98:
            raise Refused("wrong-format", "pcm16 was declared, but the samples look like float32")
        if self._name == "float32" and as_floats < 0.5:
            raise Refused("wrong-format", "float32 was declared, but the samples look like pcm16")


class ContainerEar:
    """WebM, Ogg, MP4 fragments and the like, as `MediaRecorder` makes them, read in a thread of its own."""

    def __init__(self, sink: Sink) -> None:
        self._pipe = _Pipe()
        self._resampler = _Resampler(sink)
        self._refused: Refused | None = None
        self._thread = threading.Thread(target=self._read, name="accessify-container", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return 0 if self._refused else self._pipe.waiting

    def feed(self, data: bytes) -> None:
        if self._refused:
            raise self._refused
        self._pipe.put(data)

    def finish(self) -> int:
        self._pipe.put(b"")
        self._thread.join()
        if self._refused:
            raise self._refused
        return 0

    def _read(self) -> None:
        import av

        options = {"probesize": "8192", "analyzeduration": "0", "fflags": "nobuffer"}
        try:
            with av.open(
                self._pipe, "r", options=options, buffer_size=1024, metadata_errors="replace"
            ) as film:
                if not film.streams.audio:
                    self._refused = Refused("bad-sound", "the container has no sound; record with audio")
                    return
                for frame in film.decode(audio=0):
                    self._resampler.push(frame)
            self._resampler.finish()
        except (av.FFmpegError, ValueError, OSError) as error:
            if self._pipe.told:  # nothing at all is no error
                text = "webm was declared, but this is no container that can be decoded"
                self._refused = Refused("bad-sound", f"{text} ({type(error).__name__})")


class _Pipe:
    """A file that grows while it is read; read from one thread, written from another."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._rest: bytes | None = b""
        self._put = self._got = 0

    @property
    def told(self) -> bool:
        """Whether anything was written."""
        return self._put > 0

    @property
    def waiting(self) -> int:
        """Bytes written but not read."""
        return self._put - self._got

    def put(self, data: bytes) -> None:
        """Write; nothing means the end."""
        self._put += len(data)
        self._queue.put(data)

    def read(self, size: int) -> bytes:
        """At most `size` bytes, waiting for the first; none at the end."""
        if self._rest == b"":
            self._rest = self._queue.get() or None
        if self._rest is None:
            return b""
        data, self._rest = self._rest[:size], self._rest[size:]
        self._got += len(data)
        return data


class _Resampler:
    """Frames of any shape to 16 kHz mono at once, without waiting for a block to fill."""

    def __init__(self, sink: Sink) -> None:
        from av import AudioResampler

        self._make = lambda: AudioResampler("flt", "mono", SPEECH_RATE)
        self._resampler = self._make()
        self._shape: tuple[str, str, int] | None = None
        self._sink = sink

    def push(self, frame: AudioFrame) -> None:
        frame.pts = None
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._shape not in (None, shape):
            self.finish()
            self._resampler = self._make()
        self._shape = shape
        self._hand_on(self._resampler.resample(frame))

    def finish(self) -> None:
        if self._shape is not None:
            self._hand_on(self._resampler.resample(None))
            self._shape = None

    def _hand_on(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            sound = np.clip(np.nan_to_num(frame.to_ndarray()[0].astype(np.float32), nan=0.0), -1.0, 1.0)
            if len(sound):
                self._sink(sound)


def _frame(sound: NDArray[np.float32], channels: int, rate: int) -> AudioFrame:
    from av import AudioFrame

    frame = AudioFrame.from_ndarray(sound.reshape(1, -1), format="flt", layout=_LAYOUTS[channels])
    frame.sample_rate = rate
    return frame


def _share_of_sound(samples: NDArray[np.float32]) -> float:
    """How many of the values that are not zero could be samples of sound in full scale -1 to 1."""
    with np.errstate(invalid="ignore"):
        size = np.abs(samples[samples != 0])
        return float(np.mean((size > 1e-8) & (size < 4)))
