"""Turned boxes in a picture: where a network looks, and back from its crop to the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
_LEAST_SIDE = 1.0
"""Pixels."""


def wrap(angle: float) -> float:
    """The same angle in [−π, π)."""
    return angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much two regions of one thing may differ."""

    angle: float
    """Radians."""
    shift: float
    """Along the first region's own axes, in its sides."""
    size: float
    """Of the sides, in sides of the first region."""


@dataclass(frozen=True, slots=True)
class Region:
    """A box in pixels, turned about its centre."""

    x: float
    """Centre."""
    y: float
    """Centre, down."""
    width: float
    height: float
    angle: float = 0.0
    """Radians, clockwise as seen (y is down)."""

    @classmethod
    def whole(cls, size: tuple[int, int]) -> Region:
        """The square around a picture of this width and height (letterboxed)."""
        return cls(size[0] / 2, size[1] / 2, *[float(max(size))] * 2)

    def changed(self, scale: float, shift: float = 0.0) -> Region:
        """Moved along its own y by `shift` heights, made square by its long side, then scaled.

        The order matters: the shift is in units of the box before it is squared and scaled
        (MediaPipe's RectTransformationCalculator). It is at least a pixel large, also where all points
        that it was made from are one.
        """
        move = self.height * shift
        side = max(max(self.width, self.height) * scale, _LEAST_SIDE)
        return Region(
            self.x - move * math.sin(self.angle), self.y + move * math.cos(self.angle), side, side, self.angle
        )

    def affine(self, size: int) -> NDArray[np.float64]:
        """Matrix [2, 3] from a crop's pixels (`size` × `size`) to the picture's.

        Pixel (0, 0) of the crop lies on the region's corner and the step is width / size, without
        the half-pixel shift, as the networks were run.
        """
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        step_x, step_y = self.width / size, self.height / size
        turn = np.array([[cos * step_x, -sin * step_y], [sin * step_x, cos * step_y]])
        corner = np.array([self.x, self.y]) - turn @ [size / 2, size / 2]
        return np.column_stack([turn, corner])

    def to_picture(self, points: Points) -> Points:
        """Points [n, 2 or 3] in units of the crop's side (0 to 1) → pixels; z is scaled by the width."""
        matrix = self.affine(1)
        placed = points.astype(np.float32, copy=True)
        placed[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        if points.shape[1] > 2:
            placed[:, 2] *= self.width
        return placed

    def from_picture(self, points: NDArray[np.floating]) -> Points:
        """Points [n, 2] in pixels → units of the crop's side."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        away = points[:, :2] - [self.x, self.y]
        turned = away @ np.array([[cos, -sin], [sin, cos]])
        inside: Points = (turned / [self.width, self.height] + 0.5).astype(np.float32)
        return inside

    def turned(self, points: Points) -> Points:
        """Metric points [n, 3] of the crop turned into the picture's plane."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        placed = points.astype(np.float32, copy=True)
        placed[:, :2] = points[:, :2] @ np.array([[cos, sin], [-sin, cos]])
        return placed

    def contains(self, points: Points, margin: float = 0.0) -> bool:
        """Whether all points [n, 2] lie inside, at least `margin` sides from its edges."""
        inside = self.from_picture(points)
        return bool(((inside >= margin) & (inside <= 1 - margin)).all())

    def agrees(self, other: Region, limits: Limits) -> bool:
        """Whether `other` may be of the same thing (MediaPipe's RoiTrackingCalculator)."""
        moved = self.from_picture(np.array([[other.x, other.y]])) - 0.5
        return (
            abs(wrap(self.angle - other.angle)) <= limits.angle
            and bool((np.abs(moved) <= limits.shift).all())
            and abs(self.width - other.width) <= limits.size * self.width
            and abs(self.height - other.height) <= limits.size * self.height
        )


def around(points: NDArray[np.floating], angle: float) -> Region:
    """The tightest box turned by `angle` around points [n, ≥2]."""
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])  # columns: the box's own axes in the picture
    own = points[:, :2] @ turn
    low, high = own.min(axis=0), own.max(axis=0)
    x, y = turn @ ((low + high) / 2)
    return Region(float(x), float(y), float(high[0] - low[0]), float(high[1] - low[1]), angle)


def direction(start: NDArray[np.floating], end: NDArray[np.floating], target: float) -> float:
    """How far to turn a box so that the line from `start` to `end` points to `target` (radians, y up)."""
    return wrap(target - math.atan2(float(start[1] - end[1]), float(end[0] - start[0])))


def finite(*values: NDArray[np.floating]) -> bool:
    """Whether all numbers are numbers; where a network fails to give them, nothing is seen."""
    return all(bool(np.isfinite(each).all()) for each in values)


def overlap(a: Region, b: Region) -> float:
    """Intersection over union of the upright boxes around two regions' centres."""
    width = min(a.x + a.width / 2, b.x + b.width / 2) - max(a.x - a.width / 2, b.x - b.width / 2)
    height = min(a.y + a.height / 2, b.y + b.height / 2) - max(a.y - a.height / 2, b.y - b.height / 2)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (a.width * a.height + b.width * b.height - shared) if shared else 0.0
