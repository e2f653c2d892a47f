"""Writes small films and sound files for the tests, with timestamps exactly as asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAME = 1024
"""Samples in a written frame, unless the codec wants its own size."""


@dataclass(frozen=True)
class Sound:
    samples: NDArray[np.float32]
    """[channels, n], full scale -1 to 1."""
    codec: str = "aac"
    rate: int = 48_000
    layout: str = "mono"
    start: Fraction = Fraction(0)
    """Seconds at which its first sample is presented."""
    shifts: Sequence[tuple[int, Fraction]] = ()
    """From this sample on, timestamps are later by so many seconds."""
    tags: dict[str, str] = field(default_factory=dict)
    default: bool | None = None


@dataclass(frozen=True)
class Picture:
    frames: Sequence[NDArray[np.uint8]]
    """Grey pictures [h, w] or RGB pictures [h, w, 3]."""
    rate: Fraction = Fraction(25)
    times: Sequence[Fraction] | None = None
    """Seconds of each frame; evenly by default."""
    start: Fraction = Fraction(0)
    codec: str = "libx264"
    tags: dict[str, str] = field(default_factory=dict)
    pixels: str | None = None
    """FFmpeg's name of the stored layout; 8-bit 4:2:0 by default."""
    aspect: Fraction | None = None
    """Width of a stored pixel over its height."""
    turned: int = 0
    """Degrees anticlockwise that a player shall turn it."""
    mirrored: bool = False
    """Whether a player shall mirror it, left to right, when it is turned."""
    options: dict[str, str] = field(default_factory=dict)
    """For the encoder."""


def scene(height: int, width: int, index: int = 0) -> NDArray[np.uint8]:
    """A smooth RGB picture that looks different from every side and moves with `index`."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    red = 230 * x / width + 20
    green = 230 * y / height + 20
    blue = 128 + 100 * np.sin((x + 2 * index) / 9) * np.cos(y / 7)
    image = np.stack([red, green, blue], -1)
    image[: height // 4, : width // 4] = (250, 250, 30)
    return image.astype(np.uint8)


def tone(seconds: float, frequency: float = 440.0, rate: int = 48_000) -> NDArray[np.float32]:
    """A sine of half full scale, [1, n]."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)[None, :]


def click(seconds: float, at: float, rate: int = 48_000) -> NDArray[np.float32]:
    """Silence with a smooth 2 ms bump whose peak stands at `at` seconds, [1, n]."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.8 * np.exp(-(((times - at) / 0.001) ** 2))).astype(np.float32)[None, :]


def grey(count: int, level: Callable[[int], int] = lambda index: 60 + index % 8) -> list[NDArray[np.uint8]]:
    """Plain pictures of 64 by 48, one brightness each."""
    return [np.full((48, 64), level(index), np.uint8) for index in range(count)]


def write_media(
    path: Path,
    sounds: Sequence[Sound] = (),
    picture: Picture | None = None,
    *,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    chapters: Sequence[dict[str, Any]] = (),
) -> Path:
    """Write `path`; its suffix gives the container."""
    import av

    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w", container_options=options or {}) as film:
        film.metadata.update(tags or {})
        if chapters:
            film.set_chapters(list(chapters))
        writers = [_video(film, picture)] if picture else []
        writers += [_audio(film, sound) for sound in sounds]
        packets = [packet for writer in writers for packet in writer]
        film.start_encoding()
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            film.mux(packet)
    return path


def _audio(film: Any, sound: Sound) -> list[Any]:
    import av
    from av.stream import Disposition

    stream = film.add_stream(sound.codec, rate=sound.rate)
    stream.layout = sound.layout
    stream.time_base = stream.codec_context.time_base = Fraction(1, sound.rate)
    stream.metadata.update(sound.tags)
    if sound.default is not None:
        stream.disposition = Disposition.default if sound.default else Disposition(0)
    stream.codec_context.open()
    size = stream.codec_context.frame_size or FRAME
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name, layout=sound.layout, rate=sound.rate
    )
    packets = []
    for first in range(0, sound.samples.shape[1], size):
        piece = np.ascontiguousarray(sound.samples[:, first : first + size].T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout=sound.layout)
        frame.sample_rate, frame.time_base = sound.rate, Fraction(1, sound.rate)
        for ready in resampler.resample(frame):
            shift = sum((late for since, late in sound.shifts if first >= since), sound.start)
            ready.pts, ready.time_base = first + round(shift * sound.rate), Fraction(1, sound.rate)
            packets += stream.encode(ready)
    packets += stream.encode(None)
    return _stamped(packets, stream, Fraction(1, sound.rate))


def _video(film: Any, picture: Picture) -> list[Any]:
    import av

    fine = picture.codec.startswith("lib")  # older codecs count whole frames
    tick = Fraction(1, 90_000) if fine else 1 / picture.rate
    options = {"libx264": {"preset": "ultrafast"}, "libvpx": {"deadline": "realtime", "cpu-used": "8"}}
    chosen = {"threads": "1", **options.get(picture.codec, {}), **picture.options}
    stream = film.add_stream(picture.codec, rate=picture.rate, options=chosen)
    stream.height, stream.width = picture.frames[0].shape[:2]
    stream.pix_fmt = pixels = picture.pixels or ("yuvj420p" if picture.codec == "mjpeg" else "yuv420p")
    stream.time_base = stream.codec_context.time_base = tick
    if picture.aspect:
        stream.codec_context.sample_aspect_ratio = picture.aspect
    if picture.turned or picture.mirrored:
        stream.set_display_rotation(picture.turned, hflip=picture.mirrored)
    stream.metadata.update(picture.tags)
    packets = []
    for index, image in enumerate(picture.frames):
        layout = "gray" if image.ndim == 2 else "rgb24"
        frame = av.VideoFrame.from_ndarray(image, format=layout).reformat(format=pixels)
        time = picture.times[index] if picture.times else index / picture.rate
        frame.pts, frame.time_base = round((time + picture.start) / tick), tick
        packets += stream.encode(frame)
    packets += stream.encode(None)
    return _stamped(packets, stream, tick)


def _stamped(packets: list[Any], stream: Any, time_base: Fraction) -> list[Any]:
    for packet in packets:
        packet.stream = stream
        packet.time_base = time_base
    return packets
