"""Decoded frames as a viewer sees them: upright, in RGB, with square pixels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_KNOWN_MATRICES = {1, 2, 4, 5, 6, 7, 9}
"""Matrix coefficients (ITU-T H.273, table 4) that FFmpeg's scaler can undo; others count as not tagged."""
_UNTAGGED = 2
_LIMITED = 1
"""FFmpeg's number for a luma of 16 to 235."""
_NEARLY_SQUARE = Fraction(1, 100)
"""Pixels this close to square are left alone: the error of an angle is below 0.3 degrees."""
_WIDEST = 10
"""A sample aspect ratio beyond this is a mistake in the file, not a lens."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How stored pictures are turned for viewing: a quarter turn and mirrorings, as one matrix."""

    sideways: bool = False
    """Whether rows become columns; done first."""
    upside_down: bool = False
    """Whether the last row is then the top one."""
    mirrored: bool = False
    """Whether the last column is then the left one."""

    @classmethod
    def of(cls, frame: VideoFrame) -> Turn:
        """From the display matrix that came with `frame`; no turn where there is none.

        Layout of libavutil/display.h: x' = a·x + c·y, y' = b·x + d·y of (a b u, c d v, x y w) in
        16.16 fixed point. An angle between quarter turns counts as the nearer one.
        """
        matrix = _display_matrix(frame)
        if matrix is None:
            return cls()
        (a, b, _), (c, d, _), _ = np.frombuffer(matrix, np.int32).reshape(3, 3).tolist()
        if abs(b) > abs(a):
            return cls(sideways=True, upside_down=b < 0, mirrored=c < 0)
        return cls(sideways=False, upside_down=d < 0, mirrored=a < 0)

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`image` [h, w, 3] turned, in one piece of memory; the same array where nothing is to do."""
        if self == Turn():
            return np.ascontiguousarray(image)
        pixels = image.view("V3")[..., 0]  # whole pixels: twice as fast as three bytes
        if self.sideways:
            pixels = pixels.T
        pixels = pixels[:: -1 if self.upside_down else 1, :: -1 if self.mirrored else 1]
        return np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 3)


def _display_matrix(frame: VideoFrame) -> bytes | None:
    from av.sidedata.sidedata import Type

    attached: Any = frame.side_data  # PyAV's type stub knows one kind of side data only
    return next((bytes(data) for data in attached if data.type is Type.DISPLAYMATRIX), None)


class Upright:
    """Turns decoded frames of one stream into pictures of one size.

    - Rotation and mirroring of the display matrix are applied: a phone held upright gives tall pictures.
    - Pixels that are not square are stretched along their longer side (bicubic), since angles matter.
    - The colour matrix is the tagged one; untagged pictures count as BT.601, as in FFmpeg and OpenCV.
      HDR is not tone-mapped.
    - 8-bit pictures are, bit for bit, what OpenCV's `VideoCapture` gives where it takes the same matrix.
    - Interlaced pictures are left as they are.
    - Where the stream changes its size, later pictures are fitted into the first one's, on black.
    """

    def __init__(self, aspect: Fraction | None = None) -> None:
        """`aspect`: width of a stored pixel over its height; None is square."""
        from av.video.reformatter import VideoReformatter

        self.size: tuple[int, int] | None = None
        """Width and height of every picture; known after the first."""
        self.fitted = 0
        """How many pictures had another size."""
        self._aspect = aspect
        self._turn, self._angle = Turn(), 0
        self._reformatter = VideoReformatter()

    def picture(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """RGB [height, width, 3], uint8. Raises `av.FFmpegError` for a layout nothing can convert."""
        turn = self._turned(frame)
        width, height = self._square(frame)
        upright = (height, width) if turn.sideways else (width, height)
        if self.size is None or self.size == upright:
            image = turn.apply(self._rgb(frame, width, height))
            self.size = upright
            return image
        self.fitted += 1
        scale = min(Fraction(whole, part) for whole, part in zip(self.size, upright, strict=True))
        width, height = max(1, int(width * scale)), max(1, int(height * scale))
        return _on_black(turn.apply(self._rgb(frame, width, height)), self.size)

    def _turned(self, frame: VideoFrame) -> Turn:
        """How `frame` is to be turned; its matrix is read anew only where its angle changes.

        In PyAV 18 a frame whose side data was read refers to itself and stays until the garbage
        collector comes by: a film of 720p held 200 MB of such.
        """
        if self.size is None or frame.rotation != self._angle:
            self._turn, self._angle = Turn.of(frame), frame.rotation
        return self._turn

    def _square(self, frame: VideoFrame) -> tuple[int, int]:
        """Stored width and height, the longer side of its pixels stretched until they are square."""
        aspect = self._aspect or Fraction(1)
        if not Fraction(1, _WIDEST) < aspect < _WIDEST or abs(aspect - 1) < _NEARLY_SQUARE:
            return frame.width, frame.height
        if aspect > 1:
            return round(frame.width * aspect), frame.height
        return frame.width, round(frame.height / aspect)

    def _rgb(self, frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
        from av.video.reformatter import Interpolation

        if frame.colorspace not in _KNOWN_MATRICES:
            frame.colorspace = _UNTAGGED
        converted = self._reformatter.reformat(
            frame,
            width,
            height,
            "rgb24",
            interpolation=Interpolation.BICUBIC,
            threads=1,  # more take longer to wake than to work
        )
        image = np.asarray(converted.to_ndarray(), np.uint8)
        if frame.format.name.startswith("gray") and frame.color_range == _LIMITED:
            return _FULL_RANGE[image]  # the scaler takes every grey picture for full range
        return image


_FULL_RANGE = np.clip(np.round((np.arange(256) - 16) * 255 / 219), 0, 255).astype(np.uint8)
"""Luma of 16 to 235 → 0 to 255."""


def _on_black(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """`image` in the middle of a black picture of `size` (width, height), which is no smaller."""
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    top, left = (size[1] - image.shape[0]) // 2, (size[0] - image.shape[1]) // 2
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas
