"""Long films out of a short clip: encoded once, its packets repeated.

Encoding ten minutes would take longer than looking at them, and to a decoder it makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.core.placing import placed
from accessify.core.timeline import Rate
from accessify.core.video import Frame

SIZE = 1280, 720
_NO_B_FRAMES = {"bf": "0", "g": "100000", "preset": "veryfast", "crf": "20"}
"""Packets in order of time, each clip one group of pictures, so that copies of it follow each other."""


def write_repeated(pictures: Sequence[Frame], rate: Rate, seconds: int, target: Path) -> None:
    """Write `pictures` over and over, to `seconds`, as H.264 in MP4 at 1280 × 720.

    The picture keeps its shape, with black beside it. Raises `MissingExtra` without OpenCV.
    """
    import av

    seed = BytesIO()
    _encode(pictures, rate, seed)
    seed.seek(0)
    count = round(seconds * rate.fps)
    with (
        placed(target) as temporary,
        av.open(seed, "r") as source,
        av.open(str(temporary), "w", format="mp4") as film,
    ):
        stream = film.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(source.streams.video[0]) if packet.size]
        for index in range(count):
            film.mux(_again(packets[index % len(packets)], index, rate, stream))


def _encode(pictures: Sequence[Frame], rate: Rate, target: BytesIO) -> None:
    import av

    with av.open(target, "w", format="mp4") as film:
        stream: Any = film.add_stream("libx264", rate=rate.fps, options=_NO_B_FRAMES)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(_fitted(picture.image), format="rgb24")
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


def _fitted(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`image` as large as fits into the middle of a black picture."""
    try:
        import cv2
    except ImportError as error:
        raise MissingExtra("opencv-python", "signs") from error
    width, height = SIZE
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = round(image.shape[1] * scale), round(image.shape[0] * scale)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    fitted = np.zeros((height, width, 3), np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner)
    return fitted


def _again(packet: Any, index: int, rate: Rate, stream: Any) -> Any:
    """A copy of `packet` as picture `index` of the film."""
    import av

    copy = av.Packet(bytes(packet))
    copy.stream = stream
    copy.time_base = Fraction(1, 90_000)
    copy.pts = copy.dts = round(index * 90_000 / rate.fps)
    copy.duration = round(90_000 / rate.fps)
    copy.is_keyframe = packet.is_keyframe
    return copy
