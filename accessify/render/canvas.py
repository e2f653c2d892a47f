"""What a figure is drawn on: smooth edges, true opacity, and no waiting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra

if TYPE_CHECKING:
    from moderngl import Context

Image = NDArray[np.uint8]


_BEHIND = (118, 108, 104)
"""sRGB of what is clear: near skin, so that neither halved colour (4:2:0) nor coding leaves a seam."""
_RINGS = 2
"""Pixels around the figure that take on its colours, clear as they are."""


class Canvas:
    """Draws pictures of one size; each comes back two later than it was drawn.

    So neither waits: while one picture is filled, by the card or by the other cores, the next one's points
    are placed, and the one before is brought to memory. Each is drawn larger and then made smaller: on a
    processor that is faster than several samples of each pixel, and the light within surfaces gets smooth
    too.
    """

    def __init__(
        self, context: Context, size: tuple[int, int], times: int, ground: tuple[int, int, int] | None
    ) -> None:
        """Pictures are drawn `times` as wide and high; `ground` is sRGB, None is clear.

        Raises `MissingExtra` without OpenCV.
        """
        try:
            import cv2  # noqa: F401
        except ImportError as error:
            raise MissingExtra("opencv-python", "avatar") from error
        self._context, self._size, self._clear = context, size, ground is None
        self._large = size[0] * times, size[1] * times
        red, green, blue = (value / 255 for value in ground or _BEHIND)
        self._color = red, green, blue, float(not self._clear)
        self._resources = ExitStack()
        self._drawn = [self._framebuffer() for _ in range(2)]
        room = 4 * self._large[0] * self._large[1]
        self._buffers = [self._held(context.buffer(reserve=room)) for _ in range(2)]
        self._count = self._brought = self._given = 0

    def _held(self, thing: Any) -> Any:
        self._resources.callback(thing.release)
        return thing

    def _framebuffer(self) -> Any:
        color = self._held(self._context.renderbuffer(self._large))
        depth = self._held(self._context.depth_renderbuffer(self._large))
        return self._held(self._context.framebuffer([color], depth))

    def push(self, draw: Callable[[], None]) -> Image | None:
        """Have `draw` draw the next picture; gives the one before the last, [height, width, 4], uint8."""
        self._drawn[self._count % 2].use()
        self._context.enable_only(self._context.DEPTH_TEST | self._context.CULL_FACE)
        self._context.front_face = "cw"  # rows are stored from the top, which mirrors triangles
        self._drawn[self._count % 2].clear(*self._color)
        draw()
        self._count += 1
        ready = self._take() if self._brought > self._given else None
        if self._count - 1 > self._brought:
            self._bring()
        return ready

    def rest(self) -> list[Image]:
        """The pictures that have not come back yet, in order."""
        left = []
        while self._given < self._count:
            if self._brought == self._given:
                self._bring()
            left.append(self._take())
        return left

    def release(self) -> None:
        """Give its memory back."""
        self._resources.close()

    def _bring(self) -> None:
        """Have the oldest picture that was drawn copied where it can be read."""
        self._drawn[self._brought % 2].read_into(self._buffers[self._brought % 2], components=4)
        self._brought += 1

    def _take(self) -> Image:
        import cv2

        width, height = self._large
        image = np.empty((height, width, 4), np.uint8)
        self._buffers[self._given % 2].read_into(image)
        self._given += 1
        if self._large != self._size:
            image = np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        if self._clear:
            straighten(image)
        return image


def straighten(image: Image) -> None:
    """Take what lies behind out of the edges of a figure drawn on the clear ground, in place.

    The clear pixels next to an edge then get its colours.
    """
    width = image.shape[1]
    pixels = image.reshape(-1, 4)
    opacity = np.ascontiguousarray(pixels[:, 3])
    edge = np.flatnonzero((opacity - np.uint8(1)) < 254)
    share = opacity[edge, None] / np.float32(255)
    mixed = pixels[edge, :3] - (1 - share) * np.array(_BEHIND, np.float32)
    colors = np.rint(np.clip(mixed / share, 0, 255)).astype(np.uint8)
    pixels[edge, :3] = colors
    for ring in range(_RINGS, 0, -1):
        for step in (ring, -ring, ring * width, -ring * width):
            beside = edge + step
            within = (beside >= 0) & (beside < len(pixels))
            within[within] = opacity[beside[within]] == 0
            pixels[beside[within], :3] = colors[within]
