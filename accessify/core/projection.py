"""How a camera maps the world onto a picture, as a value: for drawing and for landmarks alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_NEAREST = 1e-3
"""Metres before the eye; what is nearer counts as that far, so that no number grows without end."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A pinhole camera that looks level along -Z, at a person who looks along +Z.

    The picture may lie off the camera's axis (as with a shifted lens), so that upright things stay upright
    wherever the picture is cut out. The person's left is on the right of the picture.
    """

    size: tuple[int, int]
    """Width and height of the picture in pixels."""
    eye: tuple[float, float, float]
    """Metres: where the camera is."""
    focal: float
    """Pixels that a metre takes at a distance of one metre."""
    center: tuple[float, float]
    """Pixels from the left and the top: where the camera's axis meets the picture."""

    def __post_init__(self) -> None:
        if min(self.size) < 1 or not self.focal > 0:
            raise ValueError(f"a picture needs a size and a scale, not {self.size} at {self.focal}")

    def project(self, points: ArrayLike) -> Array:
        """`points` [..., 3] in metres as [..., 3]: x and y in pixels from the top left corner of the
        picture, and the distance before the camera in metres.
        """
        places = np.asarray(points, np.float64) - self.eye
        distance = np.maximum(-places[..., 2], _NEAREST)
        scale = self.focal / distance
        x = self.center[0] + scale * places[..., 0]
        y = self.center[1] - scale * places[..., 1]
        return np.stack([x, y, distance], axis=-1)

    def scale_at(self, points: ArrayLike) -> Array:
        """Pixels that a metre takes at each of `points` [..., 3]; shape [...]."""
        return np.asarray(self.focal / self.project(points)[..., 2])

    def window(self, left: int, top: int, size: tuple[int, int]) -> Projection:
        """The same camera for a part of the picture alone: `size` from its corner `left`, `top`."""
        return replace(self, size=size, center=(self.center[0] - left, self.center[1] - top))

    def matrix(self, near: float, far: float) -> Array:
        """[4, 4]: world points as columns to the clip space of OpenGL, with the top row of the picture at
        y = -1, where OpenGL keeps the first row of a picture; so triangles turn round.

        `near` and `far` in metres before the camera.
        """
        (width, height), (x, y) = self.size, self.center
        depth = near - far
        clip = np.array(
            [
                [2 * self.focal / width, 0, 1 - 2 * x / width, 0],
                [0, -2 * self.focal / height, 1 - 2 * y / height, 0],
                [0, 0, (near + far) / depth, 2 * near * far / depth],
                [0, 0, -1, 0],
            ]
        )
        moved = np.eye(4)
        moved[:3, 3] = np.negative(self.eye)
        return np.asarray(clip @ moved)
