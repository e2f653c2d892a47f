"""Hands and arms as segmentation needs them: measured by the signer's shoulders, picture by picture.

Nothing looks ahead, so this works in a stream. Places are in shoulder widths from the middle between the
shoulders, x to the viewer's right, y down; depth is left out, because landmarks guess it. The shoulders
tremble and turn, so their middle is smoothed over a tenth of a second and their width over a second.
Somebody turned aside has narrow shoulders: there the length of the trunk says how large the person is.

Where no body is in the picture, a hand is measured by its palm and places count from the picture's corner:
`Arms.anchored` is then false and heights say nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.holistic import BODY, BODY_POINTS, HAND_POINTS, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.timeline import seconds, to_seconds

Numbers = NDArray[np.float64]

TRACKED = (0, 5, 9, 17, 4, 8, 12, 16, 20)
"""Points of a hand in `Arms.hands`: wrist, three knuckles, five fingertips."""
SURE = 0.3
"""Confidence from which a point of the body counts; of a hand any above 0 does."""
REACH = 1.9
"""Shoulder widths from the middle between the shoulders that a wrist cannot pass: half a width, and two
bones of 0.71 (0.285 m of 0.40 m)."""
STRAY = 0.8
"""Shoulder widths from both of the body's wrists, where both are seen: such a hand is another's, or none."""
TRUNK = 1.9
"""The trunk's length is at most so many shoulder widths of somebody who faces the camera; usual is 1.4."""
PALMS = 4.0
"""Palm lengths to a shoulder width (shoulders of 0.36 m, palms of 0.09 m)."""
CUT = 1.0
"""Shoulder widths by which a body cannot move between two pictures: another picture or person follows."""


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Both arms in one picture; side 0 is what the tracker calls left."""

    start: int
    """Tick of the picture."""
    hands: Numbers
    """Shape [2, 9, 2]: the `TRACKED` points of each hand; NaN where no hand was found."""
    wrists: Numbers
    """Shape [2, 2]: the body's wrists, NaN where they are not seen."""
    elbows: Numbers
    """Shape [2, 2]: as the wrists."""
    anchored: bool
    """Whether places count from the shoulders."""
    view: int
    """Places are comparable between pictures with the same number only."""


class ArmReader:
    """Reads arms from one picture after another."""

    def __init__(self, skeleton: Skeleton) -> None:
        """Raises `ValueError` where `skeleton` has neither hands nor a body."""
        self._parts = {
            name: skeleton.place(name) for name in (BODY, LEFT_HAND, RIGHT_HAND) if name in skeleton
        }
        if not self._parts:
            raise ValueError("these poses have neither hands nor a body; look for landmarks with both")
        self._body: dict[str, int] = {}
        if BODY in skeleton:
            names = skeleton.component(BODY).points
            self._body = {
                name: names.index(name) for name in BODY_POINTS if name in names and name.endswith(_WANTED)
            }
        for name in self._parts.keys() - {BODY}:
            if len(skeleton.component(name).points) != len(HAND_POINTS):
                raise ValueError(f"{name} must have {len(HAND_POINTS)} points, as hands of MediaPipe do")
        self._frame = _Frame()

    @property
    def hands(self) -> bool:
        """Whether the skeleton has hands, not only a body."""
        return bool(self._parts.keys() - {BODY})

    def push(self, pose: PoseFrame) -> Arms:
        """The arms in the next picture."""
        hands = np.full((2, len(HAND_POINTS), 2), np.nan)
        for side, name in enumerate((LEFT_HAND, RIGHT_HAND)):
            if name in self._parts:
                hands[side] = _hand(pose, self._parts[name])
        points = self._points(pose)
        self._frame.push(pose.start, points, hands)
        middle, width = self._frame.middle, self._frame.width
        wrists, elbows = (
            (np.array([points.get(f"LEFT_{name}", _NOWHERE), points.get(f"RIGHT_{name}", _NOWHERE)]) - middle)
            / width
            for name in ("WRIST", "ELBOW")
        )
        far = ~(np.linalg.norm(wrists, axis=1) <= REACH)
        wrists[far] = elbows[far] = np.nan
        if not self._frame.anchored:
            wrists[:] = elbows[:] = np.nan
        placed = (hands[:, TRACKED] - middle) / width
        if np.isfinite(wrists).all():
            strays = np.linalg.norm(placed[:, :1] - wrists, axis=2).min(axis=1) > STRAY
            placed[strays] = np.nan
        return Arms(pose.start, placed, wrists, elbows, self._frame.anchored, self._frame.view)

    def _points(self, pose: PoseFrame) -> dict[str, Numbers]:
        """The points of the body that were seen [2]."""
        if BODY not in self._parts:
            return {}
        points, confidence = pose.points[self._parts[BODY]], pose.confidence[self._parts[BODY]]
        return {
            name: points[index, :2].astype(np.float64)
            for name, index in self._body.items()
            if confidence[index] >= SURE and (np.abs(points[index, :2]) < _LARGEST).all()
        }


_WANTED = ("SHOULDER", "ELBOW", "WRIST", "HIP")
_NOWHERE = np.full(2, np.nan)
_LARGEST = 1e6
"""Pixels: what is further out than any picture is large is no place."""
_SMALLEST = 1e-3
"""Pixels: shoulders and palms that are narrower are none."""


def _hand(pose: PoseFrame, place: slice) -> Numbers:
    """Points [21, 2] of a hand, NaN where it is not wholly there."""
    points = pose.points[place, :2].astype(np.float64)
    whole = (pose.confidence[place] > 0).all() and (np.abs(points) < _LARGEST).all()
    return points if whole else np.full_like(points, np.nan)


class _Frame:
    """Where the shoulders are and how wide, calmly."""

    _MIDDLE, _WIDTH, _PALM = 0.1, 1.0, 3.0  # seconds of smoothing
    _FORGET = seconds(1)  # this long without shoulders, and a hand is measured by its palm

    def __init__(self) -> None:
        self.middle, self.width = np.zeros(2), math.nan
        self.anchored, self.view = False, 0
        self._began = self._seen = self._last = 0

    def push(self, start: int, points: dict[str, Numbers], hands: Numbers) -> None:
        """Follow the shoulders, or the palms where there are none."""
        step = to_seconds(start - self._last)
        left, right = points.get("LEFT_SHOULDER"), points.get("RIGHT_SHOULDER")
        width = _width(points)
        if left is not None and right is not None and math.isfinite(width):
            self._follow(start, (left + right) / 2, width, step)
        elif not self.anchored or start - self._seen > self._FORGET:
            self._measure(start, hands, step)
        self._last = start

    def _follow(self, start: int, middle: Numbers, width: float, step: float) -> None:
        jumped = np.linalg.norm(middle - self.middle) > CUT * max(width, self.width) * max(1.0, step / 0.2)
        if not self.anchored or jumped or not 0.5 < width / self.width < 2:
            self.middle, self.width = middle, width
            self.anchored, self.view, self._began = True, self.view + 1, start
        else:
            known = to_seconds(start - self._began)  # the first second is a plain mean
            self.middle = self.middle + (middle - self.middle) * _share(step, self._MIDDLE, known)
            self.width *= (width / self.width) ** _share(step, self._WIDTH, known)
        self._seen = start

    def _measure(self, start: int, hands: Numbers, step: float) -> None:
        if self.anchored:
            self.anchored, self.width, self.view = False, math.nan, self.view + 1
            self.middle = np.zeros(2)
        widths = [PALMS * _palm(hand) for hand in hands if np.isfinite(hand[0, 0])]
        if not widths or not max(widths) > _SMALLEST:
            return
        if math.isnan(self.width):
            self.width, self._began = max(widths), start
            self.view += 1
            return
        ratio = max(widths) / self.width
        # a palm that is turned aside looks shorter than it is: grow fast, shrink slowly
        time = self._PALM if ratio < 1 else self._PALM / 10
        self.width *= ratio ** _share(step, time, time)


def _width(points: dict[str, Numbers]) -> float:
    """Of the shoulders in pixels, as if the person faced the camera; NaN where they are not seen."""
    if "LEFT_SHOULDER" not in points or "RIGHT_SHOULDER" not in points:
        return math.nan
    left, right = points["LEFT_SHOULDER"], points["RIGHT_SHOULDER"]
    width = float(np.linalg.norm(left - right))
    if "LEFT_HIP" in points and "RIGHT_HIP" in points:
        trunk = np.linalg.norm(left + right - points["LEFT_HIP"] - points["RIGHT_HIP"]) / 2
        width = max(width, float(trunk) / TRUNK)
    return width if _SMALLEST < width < _LARGEST else math.nan


def _palm(hand: Numbers) -> float:
    """The palm's length in pixels, by whichever of its bones looks longest."""
    return float(max(np.linalg.norm(hand[point] - hand[0]) for point in (5, 9, 17)))


def _share(step: float, time: float, known: float) -> float:
    """What part of a new value to take over after `step` seconds, smoothing over `time` of them."""
    return max(1 - math.exp(-step / time), min(1.0, step / (known + step)) if known < time else 0.0)
