"""Pictures into a film at their true times."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from math import floor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OutputError
from accessify.core.placing import placed
from accessify.core.timeline import TICKS_PER_SECOND, Rate
from accessify.core.video import Cutout, Frame
from accessify.media.film_sound import FilmSound

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

UNITS = 90_000
"""Timestamps per second (ISO/IEC 13818-1's system clock): whole for every usual frame rate."""
_BT709 = 1
"""Matrix, primaries and transfer of BT.709 have the same number in ITU-T H.273."""
_LIMITED = 1
"""FFmpeg's number for a luma of 16 to 235."""
_KEY_EVERY = 2
"""Seconds between pictures that a player can jump to."""


def open_film(target: Path, size: tuple[int, int], rate: Rate, *, comment: str | None = None) -> FilmWriter:
    """Begin a film of pictures of `size` (width, height) at `target`, an MP4.

    `rate` is declared as usual; each frame is shown at its own time. `comment` goes into the file's tags.
    The film is moved into place whole when the writer is left without an error; else nothing stays.
    Raises `OutputError`, also where no picture was written, and `DiskFull`.
    """
    import av

    with ExitStack() as stack:
        temporary = stack.enter_context(placed(target))
        options = {"movflags": "+faststart"}  # so that browsers can begin before all of it has come
        film = stack.enter_context(av.open(f"file:{temporary}", "w", format="mp4", container_options=options))
        film.metadata.update({"comment": comment} if comment else {})
        writer = FilmWriter(target, film, _stream(film, size, rate), size)
        film.start_encoding()  # what cannot be written fails here, not after minutes
        writer.resources = stack.pop_all()
        return writer


def _stream(film: OutputContainer, size: tuple[int, int], rate: Rate) -> VideoStream:
    # One thread: x264's output depends on how many there are, and they are needed elsewhere.
    options = {"preset": "ultrafast", "crf": "20", "threads": "1", "g": str(_KEY_EVERY * rate.nominal)}
    return add_picture(film, "libx264", size, rate, options)


def add_picture(
    film: OutputContainer, codec: str, size: tuple[int, int], rate: Rate, options: dict[str, str]
) -> VideoStream:
    """A stream for pictures of `size`, 4:2:0, in BT.709, with times in 1/90000 s; both may be set anew."""
    stream = cast("VideoStream", film.add_stream(codec, rate=rate.fps, options=options))
    stream.width, stream.height = (side + side % 2 for side in size)
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    stream.time_base = context.time_base = Fraction(1, UNITS)
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED
    return stream


class FilmWriter:
    """Writes pictures one by one; a context manager that `open_film` and `open_clip` make.

    Colour is stored for every second pixel (4:2:0): a picture of odd width or height gets its last column
    or row twice. Colours are BT.709, limited range, and tagged so.
    """

    def __init__(
        self, target: Path, film: OutputContainer, stream: VideoStream, size: tuple[int, int]
    ) -> None:
        from av.video.reformatter import VideoReformatter

        self.resources = ExitStack()
        """What makes the file whole and moves it into place, or removes it."""
        self.sound: FilmSound | None = None
        """What goes in beside the pictures."""
        self._target, self._film, self._stream, self._size = target, film, stream, size
        self._unit = TICKS_PER_SECOND * Fraction(stream.codec_context.time_base or 1)
        self._reformatter = VideoReformatter()
        self._start: int | None = None
        self._stamp = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.resources.__exit__(kind, error, trace)
            return
        with self.resources:
            if self._start is None:
                raise OutputError(f"{self._target}: there was no picture to write", path=str(self._target))
            self._film.mux(self._stream.encode(None))
            if self.sound is not None:
                self.sound.copy_rest()

    def write(self, frame: Frame | Cutout) -> None:
        """Add `frame`, which must be of the film's size and later than the one before.

        Times are rounded to the film's unit; of two frames that come to the same, the later is shown by
        that much later. Opacity is kept where the film has any. Raises `ValueError` for a frame that does
        not fit.
        """
        stamp = floor(frame.start / self._unit + Fraction(1, 2))
        if frame.size != self._size:
            raise ValueError(f"the film's pictures are {self._size}, not {frame.size}")
        if self._start is not None:
            if frame.start <= self._start:
                raise ValueError(f"a frame at {frame.start} ticks does not come after the one before it")
            stamp = max(stamp, self._stamp + 1)
        self._start, self._stamp = frame.start, stamp
        picture = self._convert(frame.image)
        picture.pts, picture.time_base = stamp, self._stream.codec_context.time_base
        self._film.mux(self._stream.encode(picture))
        if self.sound is not None:
            self.sound.copy_until(frame.start)

    def _convert(self, image: NDArray[np.uint8]) -> VideoFrame:
        from av.video.frame import VideoFrame
        from av.video.reformatter import ColorRange, Colorspace

        height, width, channels = image.shape
        layout = "rgb24" if channels == 3 else "rgba"
        if height % 2 or width % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        return self._reformatter.reformat(
            VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format=layout),
            format=self._stream.pix_fmt,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
