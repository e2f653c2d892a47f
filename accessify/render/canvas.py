"""What a figure is drawn on: smooth edges, true opacity, and pictures fetched one later than drawn."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from moderngl import Context

Image = NDArray[np.uint8]


_BEHIND = (118, 108, 104)
"""sRGB of what is clear: near skin, so that neither halved colour (4:2:0) nor coding leaves a seam."""
_RINGS = 2
"""Pixels around the figure that take on its colours, clear as they are."""


class Canvas:
    """Draws pictures of one size, of which each is fetched when the next one is on its way.

    So the graphics card never waits for memory, nor memory for the card.
    """

    def __init__(
        self, context: Context, size: tuple[int, int], samples: int, ground: tuple[int, int, int] | None
    ) -> None:
        """`samples` of each pixel are drawn; `ground` is sRGB, None is clear."""
        self._context, self._size, self._clear = context, size, ground is None
        samples = samples if samples > 1 else 0  # drivers take 1 for "a few"
        red, green, blue = (value / 255 for value in ground or _BEHIND)
        self._color = red, green, blue, float(not self._clear)
        self._resources = ExitStack()
        color, depth = (
            context.renderbuffer(size, samples=samples),
            context.depth_renderbuffer(size, samples=samples),
        )
        smooth = context.renderbuffer(size)
        self._many, self._one = context.framebuffer([color], depth), context.framebuffer([smooth])
        self._buffers = [context.buffer(reserve=4 * size[0] * size[1]) for _ in range(2)]
        held: list[Any] = [color, depth, smooth, *self._buffers, self._many, self._one]
        for one in held:
            self._resources.callback(one.release)
        self._count = 0

    def begin(self) -> None:
        """Wipe it; what is drawn from now on is the next picture."""
        import moderngl

        self._many.use()
        self._context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._context.front_face = "cw"  # rows are stored from the top, which mirrors triangles
        self._many.clear(*self._color)

    def finish(self) -> None:
        """The picture is drawn; have it brought to memory."""
        self._context.copy_framebuffer(self._one, self._many)
        self._one.read_into(self._buffers[self._count % 2], components=4)
        self._count += 1

    def fetch(self, late: int = 0) -> Image:
        """The picture finished last, or, with `late` 1, the one before: [height, width, 4], uint8."""
        width, height = self._size
        image = np.empty((height, width, 4), np.uint8)
        self._buffers[(self._count - 1 - late) % 2].read_into(image)
        if self._clear:
            straighten(image)
        return image

    def release(self) -> None:
        """Give its memory back."""
        self._resources.close()


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
