"""What was seen of a person in one picture, smoothed if asked for, as one pose of the skeleton."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from accessify.core import holistic as names
from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.smoothing import STEP, OneEuro, OneEuroFilter
from accessify.core.timeline import to_seconds
from accessify.tracking.body import Body
from accessify.tracking.face import Face
from accessify.tracking.hands import Hand
from accessify.tracking.regions import Points


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The parts of one person in one picture; None is missing."""

    body: Body | None = None
    hands: tuple[Hand | None, Hand | None] = (None, None)
    """Left and right."""
    face: Face | None = None


@dataclass(frozen=True, slots=True)
class Smoothing:
    """What is smoothed against trembling; None leaves it as it was seen."""

    body: bool = True
    """The body's own smoothing, which belongs to its tracking, shows in its points, metres and visibility."""
    hands: OneEuro | None = None
    face: OneEuro | None = None


CALM = OneEuro(least_cutoff=0.5, beta=10.0)
"""Speeds in sizes of the hand or face a second."""


def skeleton_of(
    *, hands_only: bool = False, face: bool = True, expressions: tuple[str, ...] = ()
) -> Skeleton:
    """The points that are looked for; with `expressions` (their names) the irises too."""
    if hands_only:
        return names.HANDS
    if expressions:
        return Skeleton((*names.HOLISTIC.components, names.IRISES), expressions)
    if face:
        return names.HOLISTIC
    return names.HOLISTIC.only(part.name for part in names.HOLISTIC.components if part.name != names.FACE)


Part = TypeVar("Part", Hand, Face)


class Smoother:
    """One-Euro filters over the hands and the face, each begun anew where it was lost."""

    def __init__(self, smoothing: Smoothing = Smoothing()) -> None:
        self._smoothing = smoothing
        hands, face = smoothing.hands, smoothing.face
        self._hands = [OneEuroFilter(hands), OneEuroFilter(hands)] if hands else []
        self._face = OneEuroFilter(face) if face else None
        self._last: int | None = None

    def push(self, seen: Seen, start: int) -> Seen:
        """The next picture's parts, smoothed; `start` is the picture's tick."""
        step = to_seconds(start - self._last) if self._last is not None else STEP
        self._last = start
        body, hands, face = seen.body, seen.hands, seen.face
        if body and not self._smoothing.body:
            body = body.raw or body
        if self._hands:
            left, right = (
                _smoothed(hand, own, step, _hand_size) for hand, own in zip(hands, self._hands, strict=True)
            )
            hands = (left, right)
        if self._face:
            face = _smoothed(face, self._face, step, _face_size)
        return Seen(body, hands, face)


def _smoothed(
    part: Part | None, own: OneEuroFilter, step: float, size: Callable[[Points], float]
) -> Part | None:
    if part is None:
        own.reset()
        return None
    points = own.push(part.points, 1 / max(size(part.points), 1.0), step)
    return replace(part, points=points.astype(np.float32))


def _hand_size(points: Points) -> float:
    """Twice the palm, from the wrist to the middle knuckle."""
    return 2 * float(np.linalg.norm(points[9] - points[0]))


def _face_size(points: Points) -> float:
    """Between the outer corners of the eyes."""
    return float(np.linalg.norm(points[263] - points[33]))


def to_pose(seen: Seen, skeleton: Skeleton, start: int) -> PoseFrame:
    """All parts as one pose; what is missing is NaN with confidence 0."""
    points = np.full((len(skeleton), 3), np.nan, np.float32)
    confidence = np.zeros(len(skeleton), np.float32)
    for name, (place, sure) in _parts(seen).items():
        if name in skeleton:
            points[skeleton.place(name)] = place
            confidence[skeleton.place(name)] = sure
    return PoseFrame(points, confidence, start, seen.face.expressions if seen.face else None)


def _parts(seen: Seen) -> dict[str, tuple[Points, Points | float]]:
    """Component → points and confidence, of what was seen."""
    parts: dict[str, tuple[Points, Points | float]] = {}
    if seen.body:
        parts[names.BODY] = (seen.body.points, seen.body.visibility)
        parts[names.BODY_WORLD] = (seen.body.world, seen.body.visibility)
    sides = ((names.LEFT_HAND, names.LEFT_HAND_WORLD), (names.RIGHT_HAND, names.RIGHT_HAND_WORLD))
    for hand, (picture, world) in zip(seen.hands, sides, strict=True):
        if hand:
            parts[picture] = (hand.points, hand.presence)
            parts[world] = (hand.world, hand.presence)
    if seen.face:
        count = len(names.FACE_POINTS)
        parts[names.FACE] = (seen.face.points[:count], seen.face.presence)
        parts[names.IRISES.name] = (seen.face.points[count:], seen.face.presence)
    return parts
