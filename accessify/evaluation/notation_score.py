"""How far a sign made from notation is from the same sign by another engine.

Positions are those of palm points, in shoulder widths; where only one hand signs, only that one counts. Paths
are compared after dynamic time warping of palm points (H. Sakoe, S. Chiba, 1978), both hands at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.rotation import rotate, slerp
from accessify.evaluation.reference_signs import ReferenceSign
from accessify.evaluation.reference_timing import COMING, COMING_FINGERS
from accessify.motion.posture import Postures
from accessify.motion.stretch import FINGERTIPS, PALM, held

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Errors:
    """Means over pictures and hands."""

    position: float
    """Shoulder widths, of the palm point."""
    palm: float
    """Degrees, of the palm normal."""
    direction: float
    """Degrees, of the finger direction."""
    bend: float
    """Degrees, mean over 15 joints."""


@dataclass(frozen=True, slots=True)
class SignScore:
    """Errors of one sign."""

    gloss: str
    first: Errors
    """In the first posture."""
    path: Errors
    """Over the whole path from rest on, after alignment."""
    movement: Errors
    """From the first posture on, after alignment."""
    longer: int
    """Pictures more than the reference has."""


def score_sign(made: Postures, reference: ReferenceSign, width: float, rolls: Array) -> SignScore:
    """Compare `made`, which begins with its first posture, with `reference`.

    `width` is the shoulder width in metres, `rolls` [2] the constant turn of the reference's palms about the
    finger directions, in degrees; it is taken away.
    """
    theirs = replace(reference, normals=rolled(reference.directions, reference.normals, -rolls))
    whole = with_coming(made, theirs)
    start = reference.first
    scorer = _Scorer(whole, theirs, width)
    one = np.array([0])
    return SignScore(
        reference.gloss,
        scorer.errors(one + len(whole) - len(made), one + start),
        scorer.aligned(0, 0),
        scorer.aligned(len(whole) - len(made), start),
        len(whole) - len(theirs.palms),
    )


def with_coming(made: Postures, reference: ReferenceSign) -> Postures:
    """`made` with the way to it from the reference's rest, in as many pictures as that takes there."""
    count = reference.first
    if count == 0:
        return made
    times = np.linspace(0, 1, count, endpoint=False)
    share = np.interp(times, np.linspace(0, 1, len(COMING)), COMING)
    forming = np.interp(times, np.linspace(0, 1, len(COMING_FINGERS)), COMING_FINGERS)
    turn = slerp(
        held(reference.directions[0], reference.normals[0])[None],
        held(made.directions[0], made.normals[0])[None],
        share[:, None],
    )
    wide = share[:, None, None]
    palms = reference.palms[0] + wide * (made.palms[0] - reference.palms[0])
    bends = reference.bends[0] + forming[:, None, None, None] * (made.bends[0] - reference.bends[0])
    return replace(
        made,
        active=np.concatenate([np.ones((count, 2)), made.active]),
        palms=np.concatenate([palms, made.palms]),
        directions=np.concatenate([rotate(turn, FINGERTIPS), made.directions]),
        normals=np.concatenate([rotate(turn, PALM), made.normals]),
        bends=np.concatenate([bends, made.bends]),
        spread=np.concatenate([np.repeat(made.spread[:1], count, axis=0), made.spread]),
        elbows=np.full((count + len(made), 2), np.nan),
    )


class _Scorer:
    """Compares pictures of two performances of one sign."""

    def __init__(self, made: Postures, reference: ReferenceSign, width: float) -> None:
        self._made, self._reference, self._width = made, reference, width
        self._sides = [0, 1] if reference.two_handed else [1]

    def aligned(self, ours: int, theirs: int) -> Errors:
        """Of what follows these pictures, after alignment."""
        sides = self._sides
        first = self._made.palms[ours:, sides].reshape(len(self._made) - ours, -1)
        second = self._reference.palms[theirs:, sides].reshape(len(self._reference.palms) - theirs, -1)
        pairs = aligned(first, second)
        return self.errors(pairs[0] + ours, pairs[1] + theirs)

    def errors(self, ours: NDArray[np.intp], theirs: NDArray[np.intp]) -> Errors:
        made, reference, sides = self._made, self._reference, self._sides
        far = np.linalg.norm(made.palms[ours] - reference.palms[theirs], axis=-1) / self._width
        palm = _angles(made.normals[ours], reference.normals[theirs])
        direction = _angles(made.directions[ours], reference.directions[theirs])
        bend = np.abs(made.bends[ours] - reference.bends[theirs]).mean(axis=(2, 3))
        return Errors(*(float(values[:, sides].mean()) for values in (far, palm, direction, bend)))


def aligned(first: Array, second: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices into `first` and `second`, shape [n, d] each, that dynamic time warping pairs."""
    cost = np.linalg.norm(first[:, None] - second[None], axis=-1).tolist()
    rows, columns = len(first), len(second)
    total = [[float("inf")] * (columns + 1) for _ in range(rows + 1)]
    total[0][0] = 0.0
    for i in range(rows):
        above, here, costs = total[i], total[i + 1], cost[i]
        for j in range(columns):
            here[j + 1] = costs[j] + min(above[j], above[j + 1], here[j])
    i, j = rows, columns
    steps = []
    while i > 0 and j > 0:
        steps.append((i - 1, j - 1))
        before = (total[i - 1][j - 1], total[i - 1][j], total[i][j - 1])
        which = before.index(min(before))
        i, j = i - (which != 2), j - (which != 1)
    pairs = np.array(steps[::-1], np.intp)
    return pairs[:, 0], pairs[:, 1]


def rolled(directions: Array, normals: Array, degrees: Array) -> Array:
    """Palm normals [pictures, 2, 3] turned about the finger directions, each hand by its `degrees` [2]."""
    angle = np.radians(degrees)[None, :, None]
    return np.asarray(np.cos(angle) * normals + np.sin(angle) * np.cross(directions, normals))


def roll_between(directions: Array, ours: Array, theirs: Array) -> Array:
    """Degrees from palm normals `ours` to `theirs` about the finger directions; arrays [n, 3]."""
    side = (np.cross(directions, ours) * theirs).sum(axis=-1)
    return np.asarray(np.degrees(np.arctan2(side, (ours * theirs).sum(axis=-1))))


def _angles(first: Array, second: Array) -> Array:
    return np.asarray(np.degrees(np.arccos(np.clip((first * second).sum(axis=-1), -1, 1))))
