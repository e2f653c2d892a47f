"""The face from picture to picture: 468 points.

Source: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs",
arXiv:1907.06724; MediaPipe's holistic_landmark graphs (region from the body, then from a detector).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.body import Body
from accessify.tracking.detection import chances, detect
from accessify.tracking.graphs import FACE_DETECTOR, FACE_LANDMARKS, Graph, Look
from accessify.tracking.regions import Limits, Points, Region, around, direction, finite

_HEAD = slice(0, 11)
"""Points of the body that are on the head."""
_RIGHT_EYE, _LEFT_EYE = 5, 2
_EYE_CORNERS = 33, 263
_LEAST_PRESENCE = 0.5
_AGREES = Limits(angle=math.radians(15), shift=0.1, size=0.3)
_INSIDE = -0.1

Score = Callable[[Points], NDArray[np.float32]]
"""What a face's points [478, 3] do, as scores 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in one picture."""

    points: Points
    """Shape [468, 3], pixels; [478, 3] with the irises."""
    presence: float
    """0 to 1: how sure the network is that this is a face."""
    expressions: NDArray[np.float32] | None = None
    """Scores of what the face does, 0 to 1, where they are asked for."""


@dataclass(frozen=True, slots=True)
class FaceRules:
    """How often is looked."""

    every: int = 1
    """In every n-th picture; between them the face moves along with the body's head."""
    detect: int = 4
    """The detector checks a followed face in every n-th of these looks, and where it has moved away."""


class FaceTracker:
    """Follows the face of a body."""

    def __init__(
        self, rules: FaceRules = FaceRules(), graph: Graph = FACE_LANDMARKS, score: Score | None = None
    ) -> None:
        """`graph` sees the points: `FACE_LANDMARKS`, or `FACE_MESH` for the irises too.

        `score` tells the expressions of a face that was looked at; one that only moved along keeps its own.
        """
        self._rules = rules
        self._graph = graph
        self._score = score
        self._pictures = -1
        self._looks = -1
        self._face: Face | None = None
        self._head: Points | None = None
        self._found: Region | None = None

    def push(self, image: NDArray[np.uint8], body: Body | None, look: Look) -> Face | None:
        """The face in the next picture, or None."""
        self._pictures += 1
        if body is None:
            self._face = self._found = None
            return None
        head = body.points[_HEAD, :2].mean(axis=0)
        if self._face and self._head is not None and self._pictures % self._rules.every:
            move = np.append(head - self._head, 0).astype(np.float32)
            self._face = replace(self._face, points=self._face.points + move)
        else:
            self._looks += 1
            region = self._region(image, body, look)
            self._face = self._see(image, region, look) if region else None
        self._head = head
        return self._face

    def _region(self, image: NDArray[np.uint8], body: Body, look: Look) -> Region | None:
        """Where to look: on from the last picture, as long as the detector agrees."""
        tracked = _around_face(self._face.points) if self._face else None
        due = self._looks % self._rules.detect == 0
        if due or tracked is None or not self._agrees(tracked):  # what it found last may be out of date
            self._found = _detected(image, body, look)
        return tracked if tracked and self._agrees(tracked) else self._found

    def _see(self, image: NDArray[np.uint8], region: Region, look: Look) -> Face | None:
        face = see_face(self._graph, image, region, look)
        return replace(face, expressions=self._score(face.points)) if face and self._score else face

    def _agrees(self, tracked: Region) -> bool:
        if self._found is None or self._face is None:
            return False
        inside = self._found.contains(self._face.points[:, :2], _INSIDE)
        return inside and self._found.agrees(tracked, _AGREES)


def _detected(image: NDArray[np.uint8], body: Body, look: Look) -> Region | None:
    head = body.points[_HEAD, :2]
    turn = direction(head[_RIGHT_EYE], head[_LEFT_EYE], 0.0)
    rough = replace(around(head, 0.0), angle=turn).changed(3.0)
    found = detect(FACE_DETECTOR, image, rough, look)
    if not found:
        return None
    eyes = found[0].keypoints
    box = replace(around(eyes, 0.0), angle=direction(eyes[0], eyes[1], 0.0))
    return box.changed(2.0, shift=-0.1)


def _around_face(points: Points) -> Region:
    turn = direction(points[_EYE_CORNERS[0]], points[_EYE_CORNERS[1]], 0.0)
    return replace(around(points, 0.0), angle=turn).changed(1.5)


def see_face(graph: Graph, image: NDArray[np.uint8], region: Region, look: Look) -> Face | None:
    """The face inside `region`, or None."""
    raw, flag, *_ = look(graph, image, region)
    presence = float(chances(flag.reshape(-1))[0])
    if not (presence >= _LEAST_PRESENCE and finite(raw)):  # nor if it is no number
        return None
    points = raw.reshape(-1, 3) / np.float32(graph.size)
    return Face(region.to_picture(points), presence)
