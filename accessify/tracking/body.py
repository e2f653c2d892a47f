"""The body from picture to picture: 33 points, in pixels and in metres.

Source of the networks and rules: Bazarevsky et al., "BlazePose: On-device Real-time Body Pose
tracking", arXiv:2006.10204; MediaPipe's pose_landmark graphs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.smoothing import LowPass, OneEuro, OneEuroFilter
from accessify.tracking.detection import Detection, chances, detect
from accessify.tracking.graphs import BODY_DETECTOR, BODY_LANDMARKS, Look
from accessify.tracking.regions import Points, Region, direction, finite

POINTS = 33
_SCALE = 1.25
_LEAST_PRESENCE = 0.5
_WINDOW = 4
"""Cells around a point in which its heat map may move it; the networks were run with 9 × 9."""
_LEAST_HEAT = 0.5
_SMOOTH, _SMOOTH_FRAME, _SMOOTH_WORLD = OneEuro(0.05, 80), OneEuro(0.01, 10), OneEuro(0.1, 40)
_VISIBILITY_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One body in one picture."""

    points: Points
    """Shape [33, 3], pixels."""
    visibility: NDArray[np.float32]
    """Shape [33], 0 to 1: inside the picture and not hidden."""
    world: Points
    """Shape [33, 3], metres from between the hips, x and y along the picture."""
    raw: Body | None = None
    """The same before smoothing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sighting:
    """What the landmark network says."""

    points: Points
    """Shape [35, 3]: the body's, then two that say where to look next."""
    visibility: NDArray[np.float32]
    world: Points


class _Filters:
    """The smoothing of one track."""

    def __init__(self) -> None:
        self._points, self._frame = OneEuroFilter(_SMOOTH), OneEuroFilter(_SMOOTH_FRAME)
        self._world, self._visibility = OneEuroFilter(_SMOOTH_WORLD), LowPass(_VISIBILITY_SHARE)

    def push(self, seen: _Sighting) -> tuple[Body, Points]:
        """The smoothed body and the two points to look at next."""
        side = max(2 * math.dist(*seen.points[POINTS:, :2].tolist()), 1)  # pixels; the unit of speed
        body = Body(
            self._points.push(seen.points[:POINTS], 1 / side).astype(np.float32),
            self._visibility.push(seen.visibility).astype(np.float32),
            self._world.push(seen.world).astype(np.float32),
            raw=Body(seen.points[:POINTS], seen.visibility, seen.world),
        )
        return body, self._frame.push(seen.points[POINTS:], 1 / side).astype(np.float32)


class BodyTracker:
    """Detects a body once and follows it until it is lost."""

    def __init__(self, near: tuple[float, float] | None = None) -> None:
        """`near`: take the person nearest to this place (fractions of the picture), not the largest."""
        self._near = near
        self._region: Region | None = None
        self._filters = _Filters()
        self.people = 0
        """The most people that were seen at once, when one was chosen."""

    def push(self, image: NDArray[np.uint8], look: Look) -> Body | None:
        """The body in the next picture, or None."""
        region = self._region or self._find(image, look)
        seen = _see(image, region, look) if region else None
        if seen is None or region is None:
            self._region, self._filters = None, _Filters()
            return None
        body, frame = self._filters.push(seen)
        self._region = _around_body(frame[:, :2])
        return body

    def _find(self, image: NDArray[np.uint8], look: Look) -> Region | None:
        size = (image.shape[1], image.shape[0])
        found = detect(BODY_DETECTOR, image, Region.whole(size), look)
        self.people = max(self.people, len(found))
        return _around_body(self._chosen(found, size).keypoints[:2]) if found else None

    def _chosen(self, found: list[Detection], size: tuple[int, int]) -> Detection:
        if self._near is None:
            return max(found, key=lambda one: math.dist(*one.keypoints[:2].tolist()))
        place = (self._near[0] * size[0], self._near[1] * size[1])
        return min(found, key=lambda one: math.dist(one.keypoints[0].tolist(), place))


def _around_body(points: Points) -> Region:
    """From the middle of the hips and a point on the circle around the body [2, 2]."""
    centre, rim = points.astype(float)
    side = 2 * math.dist(centre, rim)
    return Region(centre[0], centre[1], side, side, direction(centre, rim, math.pi / 2)).changed(_SCALE)


def _see(image: NDArray[np.uint8], region: Region, look: Look) -> _Sighting | None:
    """Points inside `region`, or None where no body is."""
    raw, presence, heat, world = look(BODY_LANDMARKS, image, region)
    values = raw.reshape(-1, 5)
    sure = float(presence.reshape(-1)[0]) >= _LEAST_PRESENCE  # not so if it is no number
    if not (sure and finite(values[:, :4], world)):
        return None
    points = values[:, :3] / np.float32(BODY_LANDMARKS.size)
    points[:, :2] = refine(points[:, :2], heat.reshape(heat.shape[-3:]))
    visibility = chances(values[:POINTS, 3])
    metres = region.turned(world.reshape(-1, 3)[:POINTS])
    return _Sighting(region.to_picture(points[: POINTS + 2]), visibility.astype(np.float32), metres)


def refine(points: Points, heat: NDArray[np.float32]) -> Points:
    """Points [n, 2] (units of the crop) moved to the centre of heat around them, where it is hot enough.

    `heat` is [rows, columns, n], logits. MediaPipe's RefineLandmarksFromHeatmapCalculator.
    """
    rows, columns, count = heat.shape
    cells = (points * [columns, rows]).astype(np.int64)  # truncated, as the networks were run
    inside = ((points >= 0) & (cells < [columns, rows])).all(axis=1)
    span = np.arange(-_WINDOW, _WINDOW + 1)
    xs, ys = cells[:, :1] + span, cells[:, 1:] + span
    valid = ((xs >= 0) & (xs < columns))[:, None, :] & ((ys >= 0) & (ys < rows))[:, :, None]
    near = heat[
        np.clip(ys, 0, rows - 1)[:, :, None],
        np.clip(xs, 0, columns - 1)[:, None, :],
        np.arange(count)[:, None, None],
    ]
    weights = np.where(valid, chances(near), 0)
    total = weights.sum(axis=(1, 2))
    hot = inside & (weights.max(axis=(1, 2)) >= _LEAST_HEAT)
    mean_x = (weights * xs[:, None, :]).sum(axis=(1, 2)) / np.maximum(total, 1e-9) / columns
    mean_y = (weights * ys[:, :, None]).sum(axis=(1, 2)) / np.maximum(total, 1e-9) / rows
    moved: Points = np.where(hot[:, None], np.stack([mean_x, mean_y], axis=1), points).astype(np.float32)
    return moved
