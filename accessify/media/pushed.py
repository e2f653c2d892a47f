"""Pictures that somebody sends one by one, compressed as pages compress them, with the sender's own times."""

from __future__ import annotations

from fractions import Fraction
from threading import Condition
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MediaError
from accessify.core.timeline import Rate
from accessify.media.camera import PATIENCE, LiveReader, LostError
from accessify.media.upright import Upright

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame

MOST_PIXELS = 1920 * 1088
"""Of one picture, as its decoder counts them: in whole blocks."""
_RUBBISH = 25
"""So many pictures in a row that cannot be decoded are no pictures."""


class PushedPictures:
    """The newest picture that was pushed, for one who looks; a `LiveSource`.

    `push` and `end` may be called by any thread. A picture that nobody looked at before the next came is
    passed over, so that none is looked at late. One of another size (a phone was turned) ends them: places in
    it are others, and so are the measures of whoever is in it.
    """

    rate = Rate(Fraction(25))
    """A guess: who sends says nothing of it."""

    def __init__(self, name: str = "the camera", most_pixels: int = MOST_PIXELS) -> None:
        """`most_pixels`: a larger picture counts as damaged, and takes no memory."""
        self.name = name
        self.damaged = 0
        self.turned = False
        """Whether they ended with a picture of another size."""
        self._most = most_pixels
        self._changed = Condition()
        self._waiting: tuple[bytes, int] | None = None
        self._ended: str | None = None
        self._moment = 0
        self._upright = Upright()
        self._size: tuple[int, int] | None = None
        self._decoders: dict[str, VideoCodecContext] = {}

    def push(self, picture: bytes, nanoseconds: int) -> None:
        """Give the next picture, JPEG or WebP, taken at `nanoseconds` of the sender's clock."""
        with self._changed:
            self._waiting = picture, nanoseconds
            self._changed.notify()

    def end(self, reason: str = "no more pictures are sent") -> None:
        """No picture will follow."""
        with self._changed:
            self._ended = reason
            self._changed.notify()

    def moment(self) -> int:
        """Nanoseconds of the sender's clock at which the picture was taken that was read last."""
        return self._moment

    def read(self) -> VideoFrame:
        """The newest picture; those that cannot be decoded are passed over, many in a row end it.

        Raises `LostError` then, and for a picture of another size.
        """
        for _ in range(_RUBBISH):
            data, moment = self._next()
            frame = self._decoded(data)
            if frame is not None:
                self._require_size((frame.width, frame.height))
                self._moment = moment
                return frame
            self.damaged += 1
        most = f"of at most {self._most / 1e6:.1f} million pixels"
        raise LostError(f"what comes are no JPEG or WebP pictures {most}")

    def picture(self, raw: VideoFrame) -> NDArray[np.uint8]:
        """As RGB. Raises `MediaError` for an unusual layout."""
        import av

        try:
            return self._upright.picture(raw)
        except av.FFmpegError as error:
            reason = f"its pictures ({raw.format.name}) cannot be converted; send usual JPEG"
            raise MediaError(f"{self.name}: {reason}", path=self.name) from error

    def close(self) -> None:
        """Take no further pictures."""
        self.end()

    def _require_size(self, size: tuple[int, int]) -> None:
        self._size = self._size or size
        if size != self._size:
            self.turned = True
            raise LostError(f"its pictures have another size now: {size[0]}×{size[1]}")

    def _next(self) -> tuple[bytes, int]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._ended is not None)
            if self._ended is not None or self._waiting is None:
                raise LostError(self._ended or "no more pictures are sent")
            item, self._waiting = self._waiting, None
            return item

    def _decoded(self, data: bytes) -> VideoFrame | None:
        """The picture; None where it is none."""
        import av

        kind = _kind(data)
        if kind is None:
            return None
        if kind not in self._decoders:
            decoder: Any = av.CodecContext.create(kind, "r")
            decoder.thread_count, decoder.options = 1, {"max_pixels": str(self._most)}
            self._decoders[kind] = decoder
        try:
            frames = self._decoders[kind].decode(av.Packet(data))
        except (av.FFmpegError, ValueError):
            del self._decoders[kind]  # it may be in any state
            return None
        return frames[-1] if frames else None


class _PushedReader(LiveReader):
    """Lets go at once: whoever waits for a picture that nobody pushes would wait for ever."""

    def close(self) -> None:
        self._source.close()
        super().close()


def open_pushed(pictures: PushedPictures, patience: int = PATIENCE) -> LiveReader:
    """The newest of the pushed pictures, on the sender's clock; waits for the first.

    Raises `MediaError` where none comes within `patience` ticks, or what comes is no picture.
    """
    return _PushedReader(pictures, patience, pictures.moment)


def _kind(data: bytes) -> str | None:
    """FFmpeg's name of what `data` is coded in."""
    if data.startswith(b"\xff\xd8\xff"):
        return "mjpeg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
