"""A pose drawn over its picture: fingers by colour, sides by tint, confidence as opacity.

A hand that was not found is marked by a dashed ring about the body's wrist and by a dash in the
legend, so that a missing hand is never mistaken for one that the drawing forgot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.core.pose import Component, Limb, PoseFrame, Skeleton
from accessify.render.ink import Color, Place, Sheet, Strokes, text_width

LEAST_SIDE = 480
"""Pixels of the shorter side from which a picture has room for fingers."""
LARGEST_SCALE = 4

_DARK: Color = (16, 18, 24)
_LIGHT: Color = (240, 240, 240)
_FAINT: Color = (165, 168, 175)
_OUTLINE_OPACITY = 0.75
_JOINT_OPACITY = 0.55
_JOINTS_FROM = 4.0
"""Width of a finger in pixels from which its joints are dotted."""
_FAR = 1e6
"""Pixels; a point farther away than that is broken."""
_FEATURES = frozenset({"NOSE", "LEFT_EYE", "RIGHT_EYE", "MOUTH_LEFT", "MOUTH_RIGHT"})
"""What is dotted of a body's head; lines between them would cross the eyes and say nothing."""
_RING_NEEDS = 0.3
"""Confidence of a wrist from which its missing hand is marked there."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A component as it is drawn."""

    component: Component
    kind: str
    """`body`, `face` or `hand`."""
    side: str
    """`L`, `R` or nothing."""
    points: NDArray[np.float32]
    """Shape [points, 3] in pixels of the preview; 0 where missing."""
    confidence: NDArray[np.float32]
    """Shape [points]; 0 where missing."""
    inside: NDArray[np.bool_]
    """Shape [points]: there and within the picture."""

    @property
    def found(self) -> bool:
        return bool((self.confidence > 0).any())

    @property
    def color(self) -> Color:
        """Its tint: the colour of its first point."""
        return self.component.colors[0]

    @property
    def label(self) -> str:
        side = {"L": "left ", "R": "right "}.get(self.side, "")
        return side + self.kind


def preview_scale(size: tuple[int, int]) -> int:
    """How many times to enlarge a picture of `size` (width, height) so that fingers have room."""
    return min(-(-LEAST_SIDE // min(size)), LARGEST_SCALE)


def draw_pose(
    image: NDArray[np.uint8], pose: PoseFrame, skeleton: Skeleton, *, scale: int = 1, legend: bool = True
) -> NDArray[np.uint8]:
    """A new picture, `scale` times as large, with the pose on it; points are in pixels of `image`.

    `image` is uint8 [height, width, 3], RGB. Metric components are left out, and so are limbs with
    both ends outside the picture. Opacity is the smoothstep 3c² - 2c³ of the confidence c of a
    limb's weaker end: hardly visible at 0.1, half at 0.5. `legend` tells confidences at the top left.
    Raises `MissingExtra` without OpenCV.
    """
    height, width = (side * scale for side in image.shape[:2])
    sheet = Sheet(width, height)
    parts = _parts(pose, skeleton, scale, (width, height))
    for kind in ("body", "face", "hand"):  # the hands on top
        for part in parts:
            if part.kind == kind:
                sheet.draw(_strokes(part, _needless(part, parts), width + height))
    text = max(8.0, 0.018 * min(width, height))
    _mark_hands(sheet, parts, text)
    if legend:
        _legend(sheet, parts, text, width / 3)
    return sheet.over(image)


def _parts(pose: PoseFrame, skeleton: Skeleton, scale: int, size: tuple[int, int]) -> list[_Part]:
    known = np.asarray((np.abs(pose.points) < _FAR).all(axis=1))  # NaN is not
    points = np.where(known[:, None], pose.points, np.float32(0)) * np.float32(scale)
    confidence = np.where(known, np.clip(pose.confidence, 0, 1), np.float32(0))
    within = (points[:, :2] >= 0) & (points[:, :2] < size)
    inside: NDArray[np.bool_] = (confidence > 0) & within[:, 0] & within[:, 1]
    parts, start = [], 0
    for component in skeleton.components:
        place = slice(start, start + len(component.points))
        start = place.stop
        if not component.metric:
            kind, side = _kind(component.name)
            parts.append(_Part(component, kind, side, points[place], confidence[place], inside[place]))
    return parts


def _kind(name: str) -> tuple[str, str]:
    name = name.upper().replace("IRIS", "FACE")
    side = "L" if "LEFT" in name else "R" if "RIGHT" in name else ""
    return next((kind for kind in ("hand", "face") if kind.upper() in name), "body"), side


def _width(part: _Part) -> float:
    """Pixels of a limb's width. It grows with the square root of the person's size in the picture, so
    that those far away stay readable; taken in space, so that turning away does not thin a hand.
    """
    points, names = part.points, part.component.points
    least, factor = {"hand": (1.5, 0.6), "body": (1.5, 0.28), "face": (1.0, 0.1)}[part.kind]
    if part.kind == "hand" and len(points) > 9:
        span = points[9] - points[0]  # the middle knuckle from the wrist
    elif {"LEFT_SHOULDER", "RIGHT_SHOULDER"} <= set(names):
        span = points[names.index("LEFT_SHOULDER")] - points[names.index("RIGHT_SHOULDER")]
    else:
        span = np.ptp(points[part.confidence > 0], axis=0) if part.found else points[0]
    return max(least, factor * math.sqrt(np.linalg.norm(span)))


def _needless(part: _Part, parts: Sequence[_Part]) -> NDArray[np.bool_]:
    """Shape [points]: points of the body that a hand or the face shows better."""
    needless = np.zeros(len(part.points), np.bool_)
    names = part.component.points
    if part.kind != "body" or "LEFT_SHOULDER" not in names:
        return needless
    for better in parts:
        if better.found and better.kind == "face":
            needless[: names.index("LEFT_SHOULDER")] = True
        elif better.found and better.kind == "hand":
            side = "LEFT" if better.side == "L" else "RIGHT"
            for tip in ("PINKY", "INDEX", "THUMB"):
                needless |= np.array([name == f"{side}_{tip}" for name in names])
    return needless


def _strokes(part: _Part, needless: NDArray[np.bool_], longest: float) -> Strokes:
    """Faint limbs lowest; of a hand, each finger with its outline by itself, the farthest lowest."""
    limbs, colors, groups = _plan(_limbs(part.component), part.component.colors, len(part.points))
    shown = (part.confidence > 0) & ~needless
    drawn = shown[limbs].all(axis=1) & part.inside[limbs].any(axis=1)
    limbs, colors, groups = limbs[drawn], colors[drawn], groups[drawn]
    depth = np.zeros(len(limbs))
    if part.kind == "hand":
        each = part.points[limbs, 2].mean(axis=1)
        depth = (np.bincount(groups, each) / np.maximum(np.bincount(groups), 1))[groups]
    width = _width(part)
    ends = _within_reach(part.points[limbs, :2], part.inside[limbs], longest)
    opacity = _opacity(part.confidence[limbs].min(axis=1))
    layers = [
        Strokes.alike(ends, width + max(1.6, 0.6 * width), _DARK, opacity * _OUTLINE_OPACITY),
        Strokes(ends, np.full(len(limbs), width), colors, opacity),
    ]
    if part.kind == "hand" and width >= _JOINTS_FROM:
        joints = np.repeat(ends[:, 1:], 2, axis=1)
        layers.append(Strokes.alike(joints, 0.55 * width, _DARK, opacity * _JOINT_OPACITY))
    count = len(layers)
    heights = np.repeat(range(count), len(limbs))
    return Strokes.joined(layers)[np.lexsort((np.tile(opacity, count), heights, np.tile(-depth, count)))]


@cache
def _limbs(component: Component) -> tuple[Limb, ...]:
    """What is drawn: a body's head as dots, limbs without length."""
    names = component.points
    if "LEFT_SHOULDER" not in names:
        return component.limbs
    head = names.index("LEFT_SHOULDER")
    dots = tuple((index, index) for index, name in enumerate(names[:head]) if name in _FEATURES)
    return dots + tuple(limb for limb in component.limbs if max(limb) >= head)


@cache
def _plan(
    limbs: tuple[Limb, ...], colors: tuple[Color, ...], count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Limbs [limbs, 2], their colours [limbs, 3], and the number of each one's colour [limbs].

    A limb has the colour of its ends where both agree, else that of the component's first point.
    """
    each = np.resize(np.array(colors, np.intp), (count, 3))
    pairs = np.array(limbs, np.intp).reshape(-1, 2)
    agree = (each[pairs[:, 0]] == each[pairs[:, 1]]).all(axis=1)
    chosen = np.where(agree[:, None], each[pairs[:, 0]], each[:1])
    groups = np.unique(chosen, axis=0, return_inverse=True)[1].reshape(-1)
    return pairs, chosen, groups


def _within_reach(
    ends: NDArray[np.float32], inside: NDArray[np.bool_], longest: float
) -> NDArray[np.float32]:
    """The same strokes, cut where they are out of the picture for good: far places have no pixel number."""
    near = np.where(inside[:, :1, None], ends[:, :1], ends[:, 1:])
    away = ends - near
    length = np.maximum(np.linalg.norm(away, axis=2, keepdims=True), 1e-6)
    return np.asarray(near + away * np.minimum(1, longest / length), np.float32)


def _opacity(confidence: NDArray[np.float32]) -> NDArray[np.float32]:
    return confidence * confidence * (3 - 2 * confidence)


def _mark_hands(sheet: Sheet, parts: Sequence[_Part], text: float) -> None:
    """`L` or `R` behind each hand's wrist; in a ring about the body's wrist where the hand is missing."""
    for hand in parts:
        if hand.kind != "hand" or not hand.side:
            continue
        center = _behind(hand, 1.6 * text) if hand.found else _wrist(parts, hand.side)
        if center is None:
            continue
        if not hand.found:
            sheet.ring(center, 2.2 * text, 0.5 * text, _DARK, _OUTLINE_OPACITY)
            sheet.ring(center, 2.2 * text, 0.3 * text, hand.color)
        sheet.dot(center, 1.05 * text, _DARK, _OUTLINE_OPACITY)
        left = center[0] - text_width(hand.side, text) / 2
        sheet.text(hand.side, (left, center[1] + text / 2), text, hand.color)


def _behind(hand: _Part, distance: float) -> Place | None:
    """The place `distance` behind a hand's wrist, as seen from its fingers, if that is in the picture."""
    if not hand.inside[0]:
        return None
    wrist, ahead = hand.points[0, :2], hand.points[hand.confidence > 0, :2].mean(axis=0)
    away = wrist - ahead
    x, y = wrist + away * (distance / max(float(np.linalg.norm(away)), 1e-6))
    return float(x), float(y)


def _wrist(parts: Sequence[_Part], side: str) -> Place | None:
    """Where the body has that wrist, if it is known and in the picture."""
    name = "LEFT_WRIST" if side == "L" else "RIGHT_WRIST"
    for part in parts:
        if part.kind == "body" and name in part.component.points:
            index = part.component.points.index(name)
            if part.inside[index] and part.confidence[index] >= _RING_NEEDS:
                return float(part.points[index, 0]), float(part.points[index, 1])
    return None


def _legend(sheet: Sheet, parts: Sequence[_Part], text: float, most: float) -> None:
    """In the upper left corner, what is in the picture and how surely; a dash for what is not.

    Irises belong to the face. There is none where it would be wider than `most` pixels and cover the person.
    """
    parts = [part for part in parts if "IRIS" not in part.component.name.upper()]
    if not parts:
        return
    labels = max(text_width(part.label, text) for part in parts)
    pitch, gap = 2.0 * text, 0.9 * text
    width = 4.9 * gap + labels + text_width("0.00", text)
    if width > most:
        return
    sheet.panel((gap, gap), (width, pitch * len(parts) + gap), _DARK, _OUTLINE_OPACITY)
    for row, part in enumerate(parts):
        middle, there = 1.5 * gap + pitch * (row + 0.5), bool(part.inside.any())
        sheet.dot((2.3 * gap, middle), 0.38 * text, part.color if there else _FAINT)
        if not there:
            sheet.dot((2.3 * gap, middle), 0.2 * text, _DARK)
        value = f"{part.confidence[part.inside].mean():.2f}" if there else "–"
        for column, words in ((3.2 * gap, part.label), (4.6 * gap + labels, value)):
            sheet.text(words, (column, middle + text / 2), text, _LIGHT if there else _FAINT)
