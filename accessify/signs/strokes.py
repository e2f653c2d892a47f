"""Letters drawn in the air: a fingertip's path compared with the alphabet's.

A path counts by its form: it is cut into pieces of equal length, moved to the same middle and brought to the
same size, and may lean by up to `LEAN`. The likeness is the mean distance between the two, as in F. L.
Kristensson & S. Zhai, "SHARK²", UIST 2004, and J. O. Wobbrock et al., "$1 recognizer", UIST 2007.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.signs.alphabet import FINGERS, ManualLetter

Floats = NDArray[np.float64]

POINTS = 24
"""Points that a path is compared at."""
LEAN = math.radians(25)
"""A path may be turned in the picture by this much."""
SHORTEST, LONGEST = 6, 36
"""Steps that a stroke may take: 0.2 to 1.2 s."""
LEAST_SIZE = 0.3
"""Root of the mean squared distance of a stroke's points from their middle, in palm sizes; smaller ones are
trembling."""
STRETCHED = 0.75
"""Least straightness of the drawing finger: the tip of one that folds draws nothing."""
POINTS_OUT = 0.08
"""By how much the drawing finger must be straighter than each other one (`straightness`)."""
_LAPSE = 6
"""Steps for which the shape may be lost inside a stroke: landmarks of a fast hand are poor."""
_SHAPED = 0.4
"""Least share of a stroke's steps in which the finger points out; at its end no other may point out
further."""
_FOLDED, _BENT = 0.6, 0.08
"""Straightness of a folded finger, and the largest share of a stroke's steps in which it may look so."""
_REST, _RESTING = 5, 0.1
"""A tip that in so many steps moves less than so many palm sizes draws nothing; a Z turns faster."""
_BETTER = 0.95
"""A longer stroke must be nearer by this factor: rest before and after adds nothing to the form."""
_SETTLE = 4
"""Steps after which a stroke is not made longer any more."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A moving letter that was drawn."""

    letter: ManualLetter
    start: int
    """First step of the movement."""
    end: int
    """Last step of the movement."""
    distance: float
    """Mean distance from the alphabet's path, both with root mean squared size 1."""


class StrokeFinder:
    """Watches one fingertip for one moving letter."""

    def __init__(self, letter: ManualLetter, most: float) -> None:
        """`most` is the largest distance that counts."""
        if letter.motion is None:
            raise ValueError(f"letter {letter.name} does not move")
        self._letter, self._most = letter, most
        self._finger = FINGERS.index(letter.motion.tip)
        self._path = _form(np.array(letter.motion.path, float))[0]
        self.reset()

    def reset(self) -> None:
        """Forget what came before."""
        self._tips: list[Floats] = []  # since the finger points out
        self._out: list[bool] = []  # whether it did, for each of them
        self._bent: list[bool] = []  # whether it was folded
        self._first = 0  # step of the first of them
        self._astray = 0  # steps in a row with another finger further out, or no hand
        self._rested = 0  # step at which the tip last rested
        self._best: Stroke | None = None

    @property
    def since(self) -> int | None:
        """Step from which a stroke may be under way, or None; a tip that rests begins anew."""
        if not self._tips:
            return None
        moving = max(self._first, self._rested)
        return min(moving, self._best.start) if self._best else moving

    def points_out(self, hand: NDArray[np.floating]) -> bool:
        """Whether the drawing finger is stretched out, and no other but perhaps the thumb."""
        drawing, other = self._straight(hand)
        return drawing >= max(STRETCHED, other + POINTS_OUT)

    def _straight(self, hand: NDArray[np.floating]) -> tuple[float, float]:
        """Straightness of the drawing finger, and the most of the others; NaN without a hand."""
        straight = straightness(hand)
        return float(straight[self._finger - 1]), float(np.delete(straight, self._finger - 1).max())

    def push(self, step: int, hand: NDArray[np.floating], palm: NDArray[np.floating]) -> Stroke | None:
        """A stroke that is certain at `step`; `palm` is the palm's place [2] in palm sizes."""
        drawing, other = self._straight(hand)
        out = drawing >= max(STRETCHED, other + POINTS_OUT)
        self._astray = 0 if drawing > other - POINTS_OUT else self._astray + 1
        if self._astray > _LAPSE or (not out and not self._tips):
            return self._close()
        if not self._tips:
            self._first = step
        tip = palm + (hand[4 * self._finger + 4] - hand[[0, 5, 9, 13, 17]].mean(axis=0))[:2]
        self._tips.append(np.asarray(tip, float) if np.isfinite(tip).all() else self._tips[-1])
        self._out.append(out)
        self._bent.append(drawing < _FOLDED)
        self._drop(len(self._tips) - LONGEST)
        if len(self._tips) >= _REST and np.ptp(self._tips[-_REST:], axis=0).max() < _RESTING:
            self._rested = step - _REST + 1  # the first of them
        self._look(step)
        if self._best and step - self._best.end >= _SETTLE:
            return self._take()
        return None

    def finish(self) -> Stroke | None:
        """A stroke that was just drawn at the end."""
        return self._close()

    def _close(self) -> Stroke | None:
        best = self._best
        self.reset()
        return best

    def _take(self) -> Stroke | None:
        """The stroke found; what follows it begins a new one."""
        best = self._best
        if best:
            self._drop(best.end - self._first)
            self._best = None
        return best

    def _drop(self, count: int) -> None:
        """Forget the first `count` steps."""
        if count > 0:
            del self._tips[:count], self._out[:count], self._bent[:count]
            self._first += count

    def _look(self, step: int) -> None:
        """Is there a better stroke that ends here?"""
        tips, out, bent = np.stack(self._tips), np.array(self._out), np.array(self._bent)
        if self._astray or len(tips) < SHORTEST or np.ptp(tips[-_REST:], axis=0).max() < _RESTING:
            return
        for length in range(SHORTEST, len(tips) + 1):
            if out[-length:].mean() < _SHAPED or bent[-length:].mean() > _BENT:
                continue
            path, size = _form(tips[-length:])
            if size < LEAST_SIZE:
                continue
            distance = path_distance(path, self._path)
            if distance <= min(self._most, _BETTER * self._best.distance if self._best else math.inf):
                self._best = Stroke(self._letter, step - length + 1, step, distance)


def straightness(hand: NDArray[np.floating]) -> Floats:
    """Of the four fingers [4]: distance from knuckle to tip over the length of the bones; 1 is straight."""
    chains = hand[5:].reshape(4, 4, -1)
    bones = np.linalg.norm(np.diff(chains, axis=1), axis=2).sum(axis=1)
    return np.asarray(np.linalg.norm(chains[:, 3] - chains[:, 0], axis=1) / np.maximum(bones, 1e-6), float)


def path_distance(path: Floats, model: Floats) -> float:
    """Mean distance of two formed paths [POINTS, 2], the first one turned by up to `LEAN` to fit."""
    a, b = path[:, 0] + 1j * path[:, 1], model[:, 0] + 1j * model[:, 1]
    turn = float(np.angle(np.vdot(a, b)))  # the least-squares rotation of a onto b
    return float(np.abs(a * np.exp(1j * np.clip(turn, -LEAN, LEAN)) - b).mean())


def _form(points: Floats) -> tuple[Floats, float]:
    """`points` [n, 2] as `POINTS` points in equal steps around 0, root mean squared size 1; and its size."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, along[-1], POINTS)
    path = np.stack([np.interp(at, along, points[:, axis]) for axis in range(2)], axis=1)
    path -= path.mean(axis=0)
    size = float(np.sqrt((path**2).sum(axis=1).mean()))
    return path / max(size, 1e-9), size
