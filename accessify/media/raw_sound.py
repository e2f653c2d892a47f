"""Raw samples of any rate, as bytes of any length, to 16 kHz mono."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import MediaError, OptionError
from accessify.core.timeline import Note, Span, samples
from accessify.media.live_container import BLOCK
from accessify.media.resample import Run

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

Samples = NDArray[np.int16] | NDArray[np.float32]

RAW_FORMATS = {"pcm16": "s16", "float32": "flt"}
"""Name → FFmpeg's name of the sample format; little-endian, channels interleaved."""
_RATES = range(8_000, 384_001)
_CHANNELS = range(1, 9)
_LOOKED_AT = 800
"""Words of 4 bytes from which the format is judged; digital silence looks the same in all formats."""
_LOUDEST = 64.0
"""Float sound beyond this (36 dB over full scale) is no sound."""
_MAGIC = {b"\x1aE\xdf\xa3": "WebM or Matroska", b"OggS": "Ogg", b"RIFF": "a WAV file", b"fLaC": "FLAC"}


class RawSound:
    """Takes in bytes, which may end within a sample, and hands out blocks of 16 kHz mono sound."""

    def __init__(self, format: str, rate: int = SPEECH_RATE, channels: int = 1) -> None:
        """`format`: `pcm16` or `float32`; `rate`: Hz. Raises `OptionError` for what is not taken."""
        if format not in RAW_FORMATS:
            raise OptionError(f"raw sound is {' or '.join(RAW_FORMATS)}, not {format!r}")
        if rate not in _RATES:
            raise OptionError(f"a sample rate is {_RATES[0]} to {_RATES[-1]} Hz, not {rate}")
        if channels not in _CHANNELS:
            raise OptionError(f"sound has 1 to {_CHANNELS[-1]} channels, not {channels}")
        self._format, self._rate, self._channels = format, rate, channels
        self._width = 2 if format == "pcm16" else 4
        self._rest = b""
        self._head = b""  # what is not silence, until there is enough to judge
        self._judged = False
        self._taken = 0  # samples of each channel
        self._damage: Span | None = None
        self._notes: list[Note] = []
        self._run: Run | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be heard so far."""
        if self._damage is None:
            return tuple(self._notes)
        text = "samples were not numbers and were taken for silence"
        return (Note(self._damage, "damaged", text), *self._notes)

    def push(self, data: bytes) -> Iterator[NDArray[np.float32]]:
        """Take in `data`; blocks [n] of 16 kHz sound, as much as is there.

        Raises `MediaError` where the bytes are not of the format that was declared.
        """
        data = self._rest + data
        whole = len(data) - len(data) % (self._width * self._channels)
        self._rest = data[whole:]
        if not self._judged:
            self._judge(data[:whole])
        return iter(self._hear(data[:whole]) if whole else ())

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """The sound still held back; half a sample at the end is noted."""
        if self._rest:
            at = samples(self._taken, self._rate)
            text = f"the sound ended within a sample; {len(self._rest)} bytes were left over"
            self._notes.append(Note(Span(at, at), "damaged", text))
            self._rest = b""
        run, self._run = self._run, None
        return iter([_within(block) for block in run.finish()] if run is not None else ())

    def _hear(self, data: bytes) -> list[NDArray[np.float32]]:
        frame = self._frame(self._sound(data))
        if self._run is None:
            self._run = Run(frame, BLOCK)
        self._taken += frame.samples
        return [_within(block) for block in self._run.push(frame)]

    def _sound(self, data: bytes) -> Samples:
        """The values, with silence for those that are no numbers."""
        if self._format == "pcm16":
            return np.frombuffer(data, "<i2")
        values: NDArray[np.float32] = np.frombuffer(data, "<f4")
        if np.isfinite(values).all():
            return values
        end = self._taken + len(values) // self._channels
        span = Span(samples(self._taken, self._rate), samples(end, self._rate))
        self._damage = span if self._damage is None else self._damage | span
        return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)

    def _frame(self, values: Samples) -> AudioFrame:
        from av import AudioFrame, AudioLayout

        layout = AudioLayout("mono" if self._channels == 1 else f"{self._channels}c")
        if self._channels == 2:
            layout = AudioLayout("stereo")
        frame = AudioFrame(
            format=RAW_FORMATS[self._format], layout=layout, samples=len(values) // self._channels
        )
        frame.planes[0].update(values.tobytes())
        frame.sample_rate = self._rate
        return frame

    def _judge(self, data: bytes) -> None:
        """Raise `MediaError` where the first values say that the format is another than declared."""
        known = self._head + data
        whole = len(known) - len(known) % 4
        words = np.frombuffer(known[:whole], "<u4")
        words = words[words & 0x7FFF_FFFF != 0][:_LOOKED_AT]  # neither 0 nor -0.0
        self._head = words.tobytes() + known[whole:]
        for magic, name in _MAGIC.items():
            if self._head.startswith(magic):
                raise self._wrong(
                    f"it begins as {name} does, which tells its format itself; leave out --raw, "
                    "or in the live protocol give the format webm, which takes any of these"
                )
        if len(words) < _LOOKED_AT:
            return
        self._judged, self._head = True, b""
        if self._format == "float32" and _is_no_float(words.view("<f4")):
            raise self._wrong("its values are far beyond full scale; declare what is sent, perhaps pcm16")
        if self._format == "pcm16" and _is_float(words.view("<u2")):
            raise self._wrong("its values look like floating point; declare what is sent, perhaps float32")

    def _wrong(self, reason: str) -> MediaError:
        return MediaError(f"the sound is no {self._format}: {reason}", path="sound")


def _within(block: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(block, -1.0, 1.0)


def _is_no_float(values: NDArray[np.float32]) -> bool:
    """Whether one in ten `values` is no number or beyond any loudness, as integers read as floats are."""
    with np.errstate(invalid="ignore"):
        loud = ~np.isfinite(values) | (np.abs(values) > _LOUDEST)
    return bool(np.mean(loud) > 0.1)


def _is_float(halves: NDArray[np.uint16]) -> bool:
    """Whether every other 16-bit word has the exponent of a float between 1e-9 and 1 and the rest is noise.

    Sound that is louder than an eighth of full scale in each other sample only, and never louder than
    half, does not exist.
    """
    high = halves[1::2] & 0x7FFF
    return bool(np.mean((high > 0x3080) & (high <= 0x3F80)) > 0.95)
