"""Sound as browsers and recorders send it, for tests of live sources."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray


def tone(seconds: float, rate: int = 48_000, hertz: float = 440.0) -> NDArray[np.float32]:
    """A sine at 0.3 of full scale."""
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


class _Stream:
    """A file that cannot seek, as a socket cannot."""

    def __init__(self) -> None:
        self.data = BytesIO()

    def write(self, data: bytes) -> int:
        return self.data.write(data)


def recorded(
    sound: NDArray[np.float32],
    rate: int = 48_000,
    kind: str = "webm",
    codec: str = "libopus",
    **options: str,
) -> bytes:
    """`sound` in a container written without seeking back; Opus in WebM as MediaRecorder writes it."""
    import av

    options = options or ({"live": "1", "cluster_time_limit": "500"} if kind == "webm" else {})
    file = _Stream()
    with av.open(file, "w", format=kind, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        for first in range(0, len(sound), 960):
            frame = av.AudioFrame.from_ndarray(sound[None, first : first + 960], "flt", "mono")
            frame.sample_rate, frame.pts = rate, first
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.data.getvalue()


def pitch(sound: NDArray[np.float32], rate: int = 16_000) -> float:
    """The strongest frequency of `sound`, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate / len(sound))
