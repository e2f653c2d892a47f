"""Invented signing and invented idleness: arms and hands that move as people's do, the same for one seed.

Nobody is filmed, so the truth is exact: when each sign begins and ends is what was performed. Movements
between postures have minimum jerk (Flash and Hogan, "The coordination of arm movements", Journal of
Neuroscience 1985) and flow into each other; arms have two bones; landmarks tremble and drop out as those
of MediaPipe do. How often idle people touch their faces is a count of students in a lecture: 23 times an
hour (Kwok, Gralton, McLaws, "Face touching", American Journal of Infection Control 2015); here it is 50.

Places are in shoulder widths from the middle between the shoulders: x outwards to the hand's own side,
y down, z away from the camera. Times are seconds from the start of the performance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Span, seconds

Numbers = NDArray[np.float64]
Place = tuple[float, float, float]
Shape = tuple[float, float, float, float, float]
"""How far thumb, index, middle, ring and little finger are bent, 0 to 1."""

HANGING: Place = (0.62, 1.40, 0.0)
LAP: Place = (0.25, 1.28, -0.45)
FOLDED: Place = (0.06, 0.92, -0.4)
RELAXED: Shape = (0.3, 0.35, 0.4, 0.45, 0.5)
FLOW = 0.08
"""Seconds over which a movement flows into the next."""
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Key:
    """Where a hand is at a moment; between two moments it moves with minimum jerk."""

    time: float
    place: Place
    shape: Shape = RELAXED
    turn: float = 0.0
    """Radians by which the hand is turned in the picture against the forearm."""


@dataclass(frozen=True, slots=True)
class Swing:
    """A circle or a to and fro on top of the keys."""

    start: float
    end: float
    radius: tuple[float, float]
    """Across and down; a circle where both are above 0."""
    turns: float
    even: bool = False
    """At constant speed instead of starting and ending softly."""


@dataclass(frozen=True, slots=True)
class HandPath:
    """What one hand does."""

    keys: tuple[Key, ...]
    swings: tuple[Swing, ...] = ()

    def at(self, times: Numbers) -> tuple[Numbers, Numbers]:
        """Places [n, 3], and shapes with the turn behind them [n, 6], at `times` [n] in seconds."""
        dense = np.arange(times.min() - FLOW, times.max() + FLOW + _STEP, _STEP)
        values = np.array([(*key.place, *key.shape, key.turn) for key in self.keys])
        moments = np.array([key.time for key in self.keys])
        before = np.clip(np.searchsorted(moments, dense, "right") - 1, 0, len(moments) - 1)
        after = np.minimum(before + 1, len(moments) - 1)
        lasting = np.maximum(moments[after] - moments[before], 1e-9)
        share = _minimum_jerk(np.clip((dense - moments[before]) / lasting, 0, 1))[:, None]
        path = values[before] + share * (values[after] - values[before])
        for swing in self.swings:
            done = np.clip((dense - swing.start) / (swing.end - swing.start), 0, 1)
            angle = 2 * np.pi * swing.turns * (done if swing.even else _minimum_jerk(done))
            across, down = swing.radius
            if across and down:
                path[:, :2] += np.stack((across * (np.cos(angle) - 1), down * np.sin(angle)), 1)
            else:
                path[:, :2] += np.sin(angle)[:, None] * swing.radius
        window = np.hanning(round(FLOW / _STEP) + 2)[1:-1]
        near = np.array([np.convolve(column, window / window.sum(), "same") for column in path.T])
        found = np.array([np.interp(times, dense, column) for column in near]).T
        return found[:, :3], found[:, 3:]


def _minimum_jerk(share: Numbers) -> Numbers:
    return share**3 * (10 - 15 * share + 6 * share**2)


@dataclass(frozen=True, slots=True)
class Performance:
    """What a person does, and what of it is signing."""

    hands: tuple[HandPath, HandPath]
    """Left and right."""
    length: float
    """Seconds."""
    signs: tuple[Span, ...] = ()
    """From the first posture's arrival to the end of the last movement or hold."""
    names: tuple[str, ...] = ()
    """Of the signs."""
    stretches: tuple[Span, ...] = ()
    """From the first movement out of rest to the arrival there."""
    walk: tuple[tuple[float, float], ...] = ()
    """Seconds, and shoulder widths by which the body is right of the picture's middle; between, evenly."""
    turned: float = 1.0
    """How much of the width the camera sees of a person who is turned aside."""
    seen: bool = True
    """Whether anybody is in the picture."""
    flicker: float = 0.0
    """Share of pictures in which hands are found that are not there, or not found where they are."""


@dataclass(frozen=True, slots=True)
class InventedSign:
    """A sign of no language."""

    name: str
    keys: tuple[Key, ...]
    """Of the right hand; the first at 0 s."""
    circle: tuple[float, float] = (0.0, 0.0)
    """Radius of one turn between the last two keys."""
    both: bool = False
    """Whether the left hand does the same, mirrored."""

    @property
    def held(self) -> bool:
        """Whether nothing moves in it."""
        return not any(self.circle) and len({key.place for key in self.keys}) == 1

    @property
    def length(self) -> float:
        """Seconds from the first posture to the end."""
        return self.keys[-1].time


def invent_signs(count: int, seed: int = 0) -> tuple[InventedSign, ...]:
    """Signs in the space in front of the body: held, with one movement, there and back, or circling."""
    rng = np.random.default_rng(seed)
    return tuple(_invent(f"SIGN-{number + 1}", rng) for number in range(count))


def _invent(name: str, rng: np.random.Generator) -> InventedSign:
    start: Place = (rng.uniform(-0.1, 0.6), rng.uniform(-0.6, 0.75), rng.uniform(-0.7, -0.3))
    shape = _some_shape(rng)
    turn = float(rng.uniform(-1, 1))
    kind = rng.choice(["held", "move", "return", "circle", "close"])
    both = bool(rng.random() < 0.35)
    first = Key(0.0, start, shape, turn)
    lasting = float(rng.uniform(0.22, 0.45))
    if kind == "held":
        return InventedSign(name, (first, Key(lasting + 0.1, start, shape, turn)), both=both)
    if kind == "circle":
        radius = float(rng.uniform(0.12, 0.25))
        return InventedSign(name, (first, Key(lasting * 2, start, shape, turn)), (radius, radius * 0.9), both)
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.7)
    there = (start[0] + reach * np.cos(angle), min(start[1] + reach * np.sin(angle), 0.85), start[2])
    last = _some_shape(rng) if kind == "close" else shape
    second = Key(lasting, there, last, turn)
    if kind != "return":
        return InventedSign(name, (first, second), both=both)
    keys = (first, second, Key(lasting * 2, start, shape, turn), Key(lasting * 3, there, shape, turn))
    return InventedSign(name, keys, both=both)


def _some_shape(rng: np.random.Generator) -> Shape:
    thumb, index, middle, ring, little = (rng.random(5) < 0.5).astype(float)
    return (thumb, index, middle, ring, little)


@dataclass(frozen=True, slots=True)
class Manner:
    """How signs are put in a row; times in seconds."""

    rest: Place = HANGING
    """Where the hands rest."""
    before: float = 1.0
    """Rest before the first sign; 0 begins inside the raising hand."""
    after: float = 1.0
    """Rest behind the last sign."""
    pause: float = 0.0
    """The last posture is held as long as this behind each sign."""
    between: float = 0.0
    """Rest between signs; 0 goes straight to the next."""
    speed: float = 1.0
    """Of signs and the ways between them."""
    seed: int = 0


def perform(signs: Sequence[InventedSign], manner: Manner = Manner()) -> Performance:
    """One person signs `signs` in a row."""
    rng = np.random.default_rng(manner.seed)
    clock = manner.before
    paths: tuple[list[Key], list[Key]] = ([Key(0.0, manner.rest)], [Key(0.0, manner.rest)])
    swings: tuple[list[Swing], list[Swing]] = ([], [])
    spans, stretches = [], []
    began = clock
    for index, sign in enumerate(signs):
        way = float(rng.uniform(0.28, 0.5)) / manner.speed
        for side in (0, 1):
            paths[side].append(Key(clock, paths[side][-1].place, paths[side][-1].shape, paths[side][-1].turn))
        clock += way
        _sign_at(sign, clock, manner.speed, (paths, swings))
        end = clock + sign.length / manner.speed
        # the pause behind a sign that is held cannot be told from the sign
        spans.append(_span(clock, end + manner.pause if sign.held else end))
        clock = end + manner.pause
        _hold(paths, clock)
        if manner.between or index == len(signs) - 1:
            clock += float(rng.uniform(0.35, 0.55)) / manner.speed
            _rest(paths, manner.rest, clock)
            stretches.append(_span(began, clock))
            clock += manner.between if index < len(signs) - 1 else manner.after
            began = clock
    left, right = (HandPath(tuple(paths[side]), tuple(swings[side])) for side in (0, 1))
    names = tuple(sign.name for sign in signs)
    return Performance((left, right), clock, tuple(spans), names, tuple(stretches))


Paths = tuple[list[Key], list[Key]]


def _sign_at(
    sign: InventedSign, start: float, speed: float, into: tuple[Paths, tuple[list[Swing], list[Swing]]]
) -> None:
    paths, swings = into
    for side in (0, 1) if sign.both else (1,):
        for key in sign.keys:
            paths[side].append(Key(start + key.time / speed, key.place, key.shape, key.turn))
        if any(sign.circle):
            swings[side].append(Swing(start, start + sign.length / speed, sign.circle, 1))
    if not sign.both and paths[0][-1].place != paths[0][0].place:
        # the hand that has nothing to do goes on resting at its place, or comes back to it
        paths[0].append(Key(start, paths[0][0].place))


def _hold(paths: Paths, clock: float) -> None:
    for path in paths:
        if path[-1].time < clock:
            path.append(Key(clock, path[-1].place, path[-1].shape, path[-1].turn))


def _rest(paths: Paths, rest: Place, clock: float) -> None:
    for path in paths:
        path.append(Key(clock, rest))


def _span(start: float, end: float) -> Span:
    return Span(seconds(start), seconds(end))
