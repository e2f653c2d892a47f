"""A world whose points are known, looked at through a `Look` that answers by geometry.

It answers for each network what a perfect one would: the true points in the crop that was asked for,
in the network's own units and layout, if they lie in the crop as the network needs it (whole, large
enough, upright), else that nothing is there. So a tracker must find the very points, and one that
looks in the wrong place or at the wrong angle finds nothing. The arithmetic is its own (complex
numbers), not that of `accessify.tracking.regions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.body import Body
from accessify.tracking.graphs import Graph
from accessify.tracking.regions import Region

Floats = NDArray[np.float64]

# In palm lengths, wrist at 0, fingers up, y down: a right hand seen from behind, a left one from inside.
_FINGERS = ((-0.30, -0.35), (-0.30, -0.95), (-0.08, -1.0), (0.12, -0.95), (0.30, -0.82))
_BONES = ((0, -0.25), (-0.15, -0.35), (-0.03, -0.33), (0.04, -0.32), (0.10, -0.27))
HAND = np.array(
    [(0.0, 0.0)]
    + [(x + n * dx, y + n * dy) for (x, y), (dx, dy) in zip(_FINGERS, _BONES, strict=True) for n in range(4)]
)
"""Shape [21, 2]."""

# In shoulder widths, middle of the hips at 0, y down; the person's left is at positive x.
_HEAD = {1: (0.06, -2.2), 2: (0.1, -2.2), 3: (0.14, -2.2), 7: (0.28, -2.15), 9: (0.08, -1.95)}
_TRUNK = {11: (0.5, -1.5), 13: (0.8, -0.9), 23: (0.3, 0.0)}
_LEGS = {25: (0.3, 1.1), 27: (0.3, 2.1), 29: (0.3, 2.2), 31: (0.4, 2.3)}
_SPIRAL = np.sqrt((np.arange(468) + 0.5) / 468) * np.exp(1j * 2.399963 * np.arange(468))


def _face() -> Floats:
    face = np.column_stack([0.3 * _SPIRAL.real, -2.1 + 0.4 * _SPIRAL.imag])
    face[33], face[263] = (-0.18, -2.2), (0.18, -2.2)  # outer corners of the eyes
    return face


FACE = _face()


def mesh(face: Floats) -> Floats:
    """A face [468, 3] with ten more points, its irises: [478, 3]."""
    right, left = face[33], face[263]
    return np.vstack([face, right + np.linspace(0.2, 0.9, 10)[:, None] * (left - right)])


FACE_MARKS = np.array([(-0.1, -2.2), (0.1, -2.2), (0, -2.08), (0, -1.95), (-0.27, -2.12), (0.27, -2.12)])
"""Right and left eye, nose, mouth, right and left ear, as the face's detector marks them."""
RIM = (0.0, -2.4)
"""On the circle around the body, above its head."""


@dataclass(frozen=True)
class TrueHand:
    """A hand as it is, and what the networks make of it."""

    points: Floats
    """Shape [21, 3], pixels."""
    world: Floats
    """Shape [21, 3], metres, along the picture."""
    right: float = 0.9
    presence: float = 0.97
    palm: bool = True
    """Whether its palm is noticed in the whole picture."""


@dataclass(frozen=True)
class Person:
    """One person as they are."""

    body: Floats | None = None
    """Shape [39, 3], pixels; the last four are unused."""
    world: Floats = field(default_factory=lambda: np.zeros((39, 3)))
    """Shape [39, 3], metres, along the picture."""
    visibility: Floats = field(default_factory=lambda: np.full(39, 4.0))
    """Shape [39], logits."""
    hands: tuple[TrueHand | None, TrueHand | None] = (None, None)
    """Left and right."""
    face: Floats | None = None
    """Shape [468, 3], pixels."""
    marks: Floats | None = None
    """Shape [6, 2], pixels."""

    def seen(self) -> Body:
        """The body as a perfect tracker gives it."""
        assert self.body is not None
        points = self.body[:33].astype(np.float32)
        visibility = (1 / (1 + np.exp(-self.visibility[:33]))).astype(np.float32)
        return Body(points, visibility, self.world[:33].astype(np.float32))


@dataclass(frozen=True)
class Place:
    """Where something is: moved, turned (radians, clockwise as seen) and scaled (pixels a unit)."""

    x: float = 320.0
    y: float = 260.0
    scale: float = 60.0
    angle: float = 0.0

    def put(self, shape: Floats | Sequence[tuple[float, float]]) -> Floats:
        """Points [n, 2] of a shape in pixels, with a depth of their own: [n, 3]."""
        flat = np.asarray(shape, float)
        turned = (flat[:, 0] + 1j * flat[:, 1]) * self.scale * np.exp(1j * self.angle)
        depth = np.sin(np.arange(len(flat))) * self.scale / 3
        return np.column_stack([turned.real + self.x, turned.imag + self.y, depth])

    def moved(self, x: float = 0.0, y: float = 0.0, *, turn: float = 0.0, grow: float = 1.0) -> Place:
        """A little on."""
        return replace(self, x=self.x + x, y=self.y + y, angle=self.angle + turn, scale=self.scale * grow)


def true_hand(place: Place, side: int = 1, **about: float | bool) -> TrueHand:
    """A hand whose wrist is at `place`; `side` 0 is left, 1 right; `about` as in `TrueHand`."""
    points = place.put(HAND * (1 if side else -1, 1))
    world = (points - points[9]) * 0.095 / place.scale
    return TrueHand(points, world, **{"right": 0.9 if side else 0.1, **about})


def person(place: Place, hands: Iterable[TrueHand | None] | None = None) -> Person:
    """A person whose hips are at `place`, hands raised, or the `hands` given at the ends of their arms."""
    if hands is None:
        hands = [
            true_hand(replace(place, x=x, y=y, scale=place.scale * 0.35), side)
            for side, (x, y, _) in enumerate(place.put([(0.85, -1.2), (-0.85, -1.2)]))
        ]
    left, right = hands
    shape = np.zeros((39, 2))
    shape[0] = (0, -2.08)
    for point, (x, y) in (_HEAD | _TRUNK | _LEGS).items():
        other = point + (3 if point in {1, 2, 3} else 1)
        shape[point], shape[other] = (x, y), (-x, y)
    shape[15], shape[16] = (0.85, -1.2), (-0.85, -1.2)
    shape[17:23] = shape[[15, 16] * 3] + (0, 0.1)
    shape[34] = RIM
    body = place.put(shape)
    for side, hand in enumerate((left, right)):
        if hand is not None:
            body[[15 + side, 17 + side, 19 + side]] = hand.points[[0, 17, 5]]
    world = (body - body[33]) * 0.35 / place.scale
    return Person(body, world, hands=(left, right), face=place.put(FACE), marks=place.put(FACE_MARKS)[:, :2])


def misled(one: Person, side: int) -> Person:
    """The same person, but the body's wrist of this side points away from its hand."""
    assert one.body is not None
    body = one.body.copy()
    fingers = [17 + side, 19 + side]
    body[fingers, :2] = body[15 + side, :2] - 0.6 * (body[fingers, :2] - body[15 + side, :2])
    return replace(one, body=body)


class Scene:
    """Pictures of people, and the networks that look at them: a `Look`."""

    def __init__(self, pictures: Iterable[Sequence[Person]], size: tuple[int, int] = (640, 480)) -> None:
        self.pictures = [list(people) for people in pictures]
        self.size = size
        self.asked: list[tuple[int, str, Region]] = []
        """Picture, network and region of each question."""
        self.heat = np.full((64, 64, 39), -12.0)
        """Logits of the body's heat maps."""

    def image(self, index: int) -> NDArray[np.uint8]:
        """Picture number `index`, which its first pixel tells."""
        image = np.zeros((self.size[1], self.size[0], 3), np.uint8)
        image[0, 0] = np.array([index]).astype("<u4").view(np.uint8)[:3]
        return image

    def count(self, graph: Graph, index: int | None = None) -> int:
        """How often `graph` was asked, about one picture or all."""
        return sum(name == graph.name and index in {None, picture} for picture, name, _ in self.asked)

    def __call__(
        self, graph: Graph, image: NDArray[np.uint8], region: Region
    ) -> tuple[NDArray[np.float32], ...]:
        index = int(np.array([*image[0, 0], 0], np.uint8).view("<u4")[0])
        self.asked.append((index, graph.name, region))
        answer = getattr(self, f"_{graph.name}")(self.pictures[index], region)
        return tuple(np.asarray(part, np.float32) for part in answer)

    def _pose_landmark_full(self, people: list[Person], region: Region) -> tuple[Floats, ...]:
        shown = [
            (one, body)
            for one in people
            if (body := one.body) is not None
            and _shown(region, body[:25])
            and _upright(region, body[33], body[34])
        ]
        if not shown:
            return np.zeros((1, 195)), np.zeros((1, 1)), self.heat[None], np.zeros((1, 117))
        one, body = min(shown, key=lambda pair: _off(region, pair[1][33]))
        raw = np.hstack([_crop(region, body) * 256, one.visibility[:, None], np.full((39, 1), 5.0)])
        world = _turned_back(region, one.world)
        return raw.reshape(1, 195), np.ones((1, 1)), self.heat[None], world.reshape(1, 117)

    def _hand_landmark_full(self, people: list[Person], region: Region) -> tuple[Floats, ...]:
        shown = [
            hand
            for hand in _hands(people)
            if _shown(region, hand.points) and _upright(region, hand.points[0], hand.points[9])
        ]
        if not shown:
            return np.zeros((1, 63)), np.zeros((1, 1)), np.full((1, 1), 0.5), np.zeros((1, 63))
        hand = min(shown, key=lambda hand: _off(region, hand.points[9]))
        raw = _crop(region, hand.points) * 224 * (1, 1, 0.4)
        world = _turned_back(region, hand.world)
        return raw.reshape(1, 63), np.array([[hand.presence]]), np.array([[hand.right]]), world.reshape(1, 63)

    def _hand_recrop(self, people: list[Person], region: Region) -> tuple[Floats]:
        near = [hand for hand in _hands(people) if _inside(region, hand.points[[0, 9]])]
        answer = np.array([(0.5, 0.5), (0.5, 1.0)])  # finds nothing better than the whole crop
        if near:
            hand = min(near, key=lambda hand: _off(region, hand.points[9]))
            wrist, knuckle = hand.points[0, :2], hand.points[9, :2]
            middle = wrist + 0.7 * (knuckle - wrist)
            answer = _crop(region, np.stack([middle, middle - 1.3 * (knuckle - wrist)]))
        return ((answer * 256).reshape(1, 1, 1, 4),)

    def _face_landmark(self, people: list[Person], region: Region) -> tuple[Floats, ...]:
        face = _shown_face(people, region)
        if face is None:
            return np.zeros((1, 1, 1, 1404)), np.full((1, 1, 1, 1), -6.0)
        return (_crop(region, face) * 192).reshape(1, 1, 1, 1404), np.full((1, 1, 1, 1), 6.0)

    def _face_landmarks_detector(self, people: list[Person], region: Region) -> tuple[Floats, ...]:
        face = _shown_face(people, region)
        if face is None:
            return np.zeros((1, 1, 1, 1434)), np.full((1, 1, 1, 1), -6.0), np.zeros((1, 1))
        raw = (_crop(region, mesh(face)) * 256).reshape(1, 1, 1, 1434)
        return raw, np.full((1, 1, 1, 1), 6.0), np.zeros((1, 1))

    def _pose_detection(self, people: list[Person], region: Region) -> tuple[Floats, Floats]:
        bodies = [one.body for one in people if one.body is not None]
        found = [
            (body[[7, 8, 9, 10], :2], body[[33, 34, 11, 12], :2])
            for body in bodies
            if _inside(region, body[[33, 34]]) and np.ptp(_crop(region, body), axis=0).max() > 0.1
        ]
        return _detections(region, found, (224, 2254, 28))

    def _palm_detection_full(self, people: list[Person], region: Region) -> tuple[Floats, Floats]:
        palms = [hand.points[[0, 5, 9, 13, 17, 1, 2], :2] for hand in _hands(people) if hand.palm]
        found = [(_square(palm), palm) for palm in palms if _inside(region, palm)]
        return _detections(region, found, (192, 2016, 24))

    def _face_detection_short_range(self, people: list[Person], region: Region) -> tuple[Floats, Floats]:
        marks = [one.marks for one in people if one.marks is not None]
        found = [(mark, mark) for mark in marks if _inside(region, mark)]
        found = [pair for pair in found if np.ptp(_crop(region, pair[1]), axis=0).max() > 0.1]
        return _detections(region, found, (128, 896, 16))


def _shown_face(people: Iterable[Person], region: Region) -> Floats | None:
    """The face in the crop, its eyes level to a third of a radian."""
    for one in people:
        if one.face is not None and _shown(region, one.face):
            eyes = one.face[[33, 263], :2]
            if abs(np.angle(np.diff(eyes @ (1, 1j))[0] * np.exp(-1j * region.angle))) < 0.3:
                return one.face
    return None


def _hands(people: Iterable[Person]) -> list[TrueHand]:
    return [hand for one in people for hand in one.hands if hand is not None]


def _crop(region: Region, points: Floats) -> Floats:
    """Pixels → units of the crop's side; z by its width."""
    own = (points[:, 0] - region.x + 1j * (points[:, 1] - region.y)) * np.exp(-1j * region.angle)
    flat = np.column_stack([own.real / region.width + 0.5, own.imag / region.height + 0.5])
    return np.hstack([flat, points[:, 2:] / region.width])


def _turned_back(region: Region, world: Floats) -> Floats:
    own = (world[:, 0] + 1j * world[:, 1]) * np.exp(-1j * region.angle)
    return np.column_stack([own.real, own.imag, world[:, 2]])


def _inside(region: Region, points: Floats, beyond: float = 0.0) -> bool:
    flat = _crop(region, points)[:, :2]
    return bool(((flat >= -beyond) & (flat <= 1 + beyond)).all())


def _shown(region: Region, points: Floats) -> bool:
    """Whether it is in the crop but for a tip, and takes up enough of it."""
    return _inside(region, points, 0.08) and bool(np.ptp(_crop(region, points)[:, :2], axis=0).max() >= 0.25)


def _upright(region: Region, low: Floats, high: Floats) -> bool:
    """Whether the line from `low` to `high` goes up in the crop, to 45 degrees."""
    own = (high[0] - low[0] + 1j * (high[1] - low[1])) * np.exp(-1j * region.angle)
    return bool(abs(np.angle(own * 1j)) < np.pi / 4)


def _off(region: Region, point: Floats) -> float:
    return float(np.hypot(point[0] - region.x, point[1] - region.y))


def _square(palm: Floats) -> Floats:
    """Corners of the upright square around the middle of a palm, as long as the palm."""
    middle, half = (palm[0] + palm[2]) / 2, np.linalg.norm(palm[2] - palm[0]) / 2
    return np.stack([middle - half, middle + half])


def _detections(
    region: Region, found: Sequence[tuple[Floats, Floats]], layout: tuple[int, int, int]
) -> tuple[Floats, Floats]:
    """Raw outputs of a detector: (points of a box, key points) at both anchors of the nearest cell.

    `layout` is the side of its crop, the number of its anchors, and the cells a row of its first layer.
    """
    size, count, cells = layout
    keypoints = {224: 4, 192: 7, 128: 6}[size]
    boxes, scores = np.zeros((1, count, 4 + 2 * keypoints)), np.full((1, count, 1), -100.0)
    for corners, points in found:
        flat = _crop(region, corners)
        low, high = flat.min(axis=0), flat.max(axis=0)
        column, row = np.clip(((low + high) / 2 * cells).astype(int), 0, cells - 1)
        anchor = np.array([column + 0.5, row + 0.5]) / cells
        values = [(low + high) / 2 - anchor, high - low, *(_crop(region, points) - anchor)]
        first = 2 * (row * cells + column)
        boxes[0, first : first + 2] = np.concatenate(values) * size
        scores[0, first : first + 2, 0] = 3.0, 2.0
    return boxes, scores
