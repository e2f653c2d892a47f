"""A hand with every finger straight or folded, and a reader that sees which: spelling without any data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import TICKS_PER_SECOND
from accessify.signs.clip import SignClip
from accessify.signs.normalize import palm_sized
from accessify.signs.reader import HandReading
from accessify.signs.strokes import straightness

SHAPES = {"A": "0000", "B": "1111", "D": "1000", "I": "0001", "V": "1100", "W": "1110"}
"""Letter → which of index, middle, ring and little finger are straight."""

Floats = NDArray[np.float64]


def hand(fingers: Sequence[float]) -> Floats:
    """A hand [21, 3] held upright; each finger from 0 (folded) to 1 (straight)."""
    points = np.zeros((21, 3))
    points[1:5] = [(0.3, -0.2, 0), (0.5, -0.45, 0), (0.5, -0.7, -0.1), (0.4, -0.9, -0.2)]
    for n, straight in enumerate(fingers):
        points[5 + 4 * n] = (0.35 - 0.25 * n, -1.0 + 0.04 * n * n, 0)
        bend = 0.0
        for joint, most in enumerate((1.4, 1.6, 1.1)):
            bend += most * (1 - straight)
            bone = np.array([0, -np.cos(bend), -np.sin(bend)]) * (0.45, 0.3, 0.25)[joint]
            points[6 + 4 * n + joint] = points[5 + 4 * n + joint] + bone
    return palm_sized(points.astype(np.float32)).astype(float)


def shape(letter: str) -> Floats:
    return hand([float(straight) for straight in SHAPES[letter]])


class StraightFingers:
    """A `HandReader`: the nearer each finger's straightness is to a letter's, the likelier it is."""

    letters = tuple(SHAPES)

    def __init__(self, sharpness: float = 12.0) -> None:
        self._sharpness = sharpness
        self._models = np.stack([straightness(shape(letter)) for letter in self.letters])

    def __call__(self, hands: NDArray[np.float32]) -> HandReading:
        found = np.array([straightness(one) for one in hands.astype(float)]).reshape(-1, 4)
        logits = -self._sharpness * np.abs(found[:, None] - self._models[None]).sum(axis=2)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return HandReading(logits.astype(np.float32), found.astype(np.float32))


class Scene:
    """A hand that does one thing after another, filmed in the end."""

    FINE = 240
    """Moments a second."""

    def __init__(self, first: str | Floats, at: tuple[float, float] = (-0.5, 0.3)) -> None:
        self._hands = [shape(first) if isinstance(first, str) else first]
        self._places = [np.array([*at, 0.0])]

    def hold(self, seconds: float) -> Scene:
        return self.go(seconds)

    def go(
        self, seconds: float, to: str | Floats | None = None, by: Sequence[tuple[float, float]] = ((0, 0),)
    ) -> Scene:
        """Change the shape, and move along a path of offsets in shoulder widths, slow at both ends."""
        count = round(seconds * self.FINE)
        at = np.arange(1, count + 1) / count
        share = at * at * (3 - 2 * at)
        here, there = self._hands[-1], self._hands[-1]
        if to is not None:
            there = shape(to) if isinstance(to, str) else to
        corners = self._places[-1] + np.array([(0, 0, 0), *((x, y, 0) for x, y in by)])
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
        for part in share:
            self._hands.append(here + part * (there - here))
            way = [np.interp(part * along[-1], along, corners[:, axis]) for axis in range(3)]
            self._places.append(np.array(way) if along[-1] else corners[0])
        return self

    def away(self, seconds: float) -> Scene:
        """No hand is seen."""
        for _ in range(round(seconds * self.FINE)):
            self._hands.append(np.full((21, 3), np.nan))
            self._places.append(self._places[-1])
        return self

    def film(self, fps: float = 30, side: int = 0) -> SignClip:
        seconds = np.arange(0, (len(self._hands) - 1) / self.FINE + 1e-9, 1 / fps)
        at = np.round(seconds * self.FINE).astype(int)
        hands = np.full((len(at), 2, 21, 3), np.nan, np.float32)
        places = np.full((len(at), 2, 3), np.nan, np.float32)
        hands[:, side] = np.stack([self._hands[n] for n in at])
        places[:, side] = np.stack([self._places[n] for n in at])
        body = np.full((len(at), 7, 3), np.nan, np.float32)
        return SignClip(np.round(seconds * TICKS_PER_SECOND).astype(np.int64), hands, places, body)


def together(dominant: SignClip, other: SignClip) -> SignClip:
    """Two films of one hand each as one of both, as long as the shorter."""
    count = min(len(dominant), len(other))
    hands = np.stack([dominant.hands[:count, 0], other.hands[:count, 1]], axis=1)
    places = np.stack([dominant.places[:count, 0], other.places[:count, 1]], axis=1)
    return SignClip(dominant.times[:count], hands, places, dominant.body[:count])
