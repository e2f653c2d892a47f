"""Stretches of movement of both hands, and how they are put together: in a row, at once, backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import Proportions
from accessify.core.rotation import IDENTITY, between, inverse, multiply, rotate, slerp
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.stance import Stance, blended
from accessify.motion.timing import Curve, along

Array = NDArray[np.float64]
Pair = tuple[Stance, Stance]
"""The left and the right hand."""
_DENSITY, _MOST = 120.0, 20_000
"""Moments a second, and altogether, that acts are sampled at once and for all."""
ROUNDING = 0.12
"""Share of fused movements that each corner is rounded over, to both sides."""


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """A stretch of movement."""

    seconds: float
    """How long it takes."""
    sample: Callable[[Array], Pair]
    """Both hands at shares of the time, shape [moments], 0 to 1."""

    @property
    def start(self) -> Pair:
        """Both hands when it begins."""
        left, right = self.sample(np.zeros(1))
        return left.at(0), right.at(0)

    @property
    def end(self) -> Pair:
        """Both hands when it is over."""
        left, right = self.sample(np.ones(1))
        return left.at(0), right.at(0)

    def backwards(self) -> Act:
        """The same from its end to its start."""
        return Act(self.seconds, lambda share: self.sample(1 - share))


@dataclass(frozen=True, slots=True)
class Curves:
    """How far palms, turns and fingers have come in the course of an act."""

    path: Curve
    turning: Curve
    forming: Curve


def still(start: Pair, seconds: float) -> Act:
    """Nothing moves."""
    return Act(seconds, lambda share: (start[0].many(len(share)), start[1].many(len(share))))


def change(start: Pair, end: Pair, seconds: float, curves: Curves) -> Act:
    """From one pair of stances to another; the palms go straight."""

    def one(first: Stance, last: Stance, share: Array) -> Stance:
        mixed = blended(first, last, along(curves.turning, share), along(curves.forming, share))
        way = along(curves.path, share)[:, None] * (last.palm - first.palm)
        return replace(mixed, palm=first.palm + way)

    return Act(seconds, lambda share: (one(start[0], end[0], share), one(start[1], end[1], share)))


def turned_about_wrist(start: Pair, end: Pair, seconds: float, curves: Curves, person: Proportions) -> Act:
    """From one pair of stances to another, the wrists going straight."""

    def one(side: int, share: Array) -> Stance:
        first, last = start[side], end[side]
        arm = sided(person.hand.palm, THUMB_SIDES[side])
        mixed = blended(first, last, along(curves.turning, share), along(curves.forming, share))
        begin, stop = (stance.palm - rotate(stance.turn, arm) for stance in (first, last))
        wrist = begin + along(curves.path, share)[:, None] * (stop - begin)
        return replace(mixed, palm=wrist + rotate(mixed.turn, arm))

    return Act(seconds, lambda share: (one(0, share), one(1, share)))


def in_a_row(acts: Sequence[Act]) -> Act:
    """One after the other; at least one."""
    times = np.cumsum([0.0, *(max(act.seconds, 1e-6) for act in acts)])

    def sample(share: Array) -> Pair:
        moment = np.clip(share, 0, 1) * times[-1]
        which = np.clip(np.searchsorted(times, moment, side="left") - 1, 0, len(acts) - 1)
        pieces = []
        for number in np.unique(which):
            mask = which == number
            part = (moment[mask] - times[number]) / (times[number + 1] - times[number])
            pieces.append((mask, acts[number].sample(np.clip(part, 0, 1))))
        return _woven([(mask, pair[0]) for mask, pair in pieces]), _woven(
            [(mask, pair[1]) for mask, pair in pieces]
        )

    return Act(float(times[-1]), sample)


def at_once(start: Pair, acts: Sequence[Act], seconds: float) -> Act:
    """All at the same time, each over all of it: what each changes from `start` is added up."""

    def sample(share: Array) -> Pair:
        pairs = [act.sample(share) for act in acts]
        return (
            _added(start[0], [pair[0] for pair in pairs]),
            _added(start[1], [pair[1] for pair in pairs]),
        )

    return Act(seconds, sample)


def of_hands(left: Act, right: Act, seconds: float) -> Act:
    """What `left` does with the left hand while `right` moves the right one."""
    return Act(seconds, lambda share: (left.sample(share)[0], right.sample(share)[1]))


def drifting(act: Act, ends: tuple[Array, Array], curve: Curve) -> Act:
    """The same movement, but so that the palms end at `ends`: the difference is taken up on the way."""
    last = act.end
    missing = [ends[side] - last[side].palm for side in (0, 1)]

    def sample(share: Array) -> Pair:
        pair = act.sample(share)
        way = along(curve, share)[:, None]
        return (
            pair[0].moved(pair[0].palm + way * missing[0]),
            pair[1].moved(pair[1].palm + way * missing[1]),
        )

    return Act(act.seconds, sample)


def passing(act: Act, spots: tuple[Array, Array]) -> Act:
    """The same movement, but so that the palms pass `spots` at half of its time; its ends stay."""
    left, right = act.sample(np.array([0.5]))
    missing = spots[0] - left.palm[0], spots[1] - right.palm[0]

    def sample(share: Array) -> Pair:
        pair = act.sample(share)
        way = np.sin(np.pi * share)[:, None]
        return (
            pair[0].moved(pair[0].palm + way * missing[0]),
            pair[1].moved(pair[1].palm + way * missing[1]),
        )

    return Act(act.seconds, sample)


def bent_to(act: Act, ends: tuple[Array, Array]) -> Act:
    """The same movement, each palm's path turned and stretched as a whole so that it ends at `ends`."""
    first, last = act.start, act.end
    changes = []
    for side in (0, 1):
        way, wanted = last[side].palm - first[side].palm, ends[side] - first[side].palm
        length = float(np.linalg.norm(way))
        if length < 1e-6:
            changes.append((IDENTITY, 1.0, wanted - way))
        else:
            changes.append((between(way, wanted), float(np.linalg.norm(wanted)) / length, np.zeros(3)))

    def one(side: int, stance: Stance, share: Array) -> Stance:
        turn, scale, rest = changes[side]
        offsets = scale * rotate(turn, stance.palm - first[side].palm)
        return stance.moved(first[side].palm + offsets + share[:, None] * rest)

    def sample(share: Array) -> Pair:
        left, right = act.sample(share)
        return one(0, left, share), one(1, right, share)

    return Act(act.seconds, sample)


def shifted(act: Act, start: Pair, now: Pair) -> Act:
    """An act that began at `start`, begun where the palms are `now`."""
    shift = [now[side].palm - start[side].palm for side in (0, 1)]

    def sample(share: Array) -> Pair:
        left, right = act.sample(share)
        return left.moved(left.palm + shift[0]), right.moved(right.palm + shift[1])

    return Act(act.seconds, sample)


def resized(act: Act, start: Pair, factor: float) -> Act:
    """An act from `start` with all ways of the palms so many times as long."""
    if factor == 1.0:
        return act

    def one(side: int, stance: Stance) -> Stance:
        return stance.moved(start[side].palm + factor * (stance.palm - start[side].palm))

    def sample(share: Array) -> Pair:
        left, right = act.sample(share)
        return one(0, left), one(1, right)

    return Act(act.seconds, sample)


def fused(acts: Sequence[Act], curve: Curve) -> Act:
    """One after the other without stops: evenly paced acts, sped as one whole, with rounded corners."""
    row = in_a_row(acts)

    def sample(share: Array) -> Pair:
        way = along(curve, share)
        room = np.minimum(ROUNDING, np.minimum(way, 1 - way))
        middle = row.sample(way)
        around = [row.sample(way + shift * room) for shift in (-1.0, -0.5, 0.5, 1.0)]
        left, right = (
            middle[side].moved((middle[side].palm + sum(pair[side].palm for pair in around)) / 5)
            for side in (0, 1)
        )
        return left, right

    return Act(row.seconds, sample)


def baked(act: Act) -> Act:
    """The same act, sampled once and for all, so that what is built from it costs no more than its parts."""
    count = min(max(round(act.seconds * _DENSITY), 2), _MOST)
    left, right = act.sample(np.linspace(0, 1, count + 1))

    def sample(share: Array) -> Pair:
        place = np.clip(share, 0, 1) * count
        below = np.minimum(place.astype(np.intp), count - 1)
        part = place - below
        return _between(left, below, part), _between(right, below, part)

    return Act(act.seconds, sample)


def _between(stance: Stance, below: NDArray[np.intp], part: Array) -> Stance:
    """A hand between its moments `below` and those after them."""

    def mean(name: str) -> Array:
        values = getattr(stance, name)
        wide = part.reshape(part.shape + (1,) * (values.ndim - 1))
        return np.asarray((1 - wide) * values[below] + wide * values[below + 1])

    turn = slerp(stance.turn[below], stance.turn[below + 1], part)
    return Stance(mean("palm"), turn, mean("bends"), mean("spread"))


def _woven(pieces: Sequence[tuple[NDArray[np.bool_], Stance]]) -> Stance:
    """One hand at all moments, from what it does at those of each mask."""
    arrays = []
    for name in ("palm", "turn", "bends", "spread"):
        first = getattr(pieces[0][1], name)
        values = np.empty((len(pieces[0][0]), *first.shape[1:]))
        for mask, stance in pieces:
            values[mask] = getattr(stance, name)
        arrays.append(values)
    return Stance(*arrays)


def _added(start: Stance, stances: Sequence[Stance]) -> Stance:
    total = start.many(len(stances[0].palm))
    back = inverse(start.turn)
    for one in stances:
        total = Stance(
            total.palm + (one.palm - start.palm),
            multiply(total.turn, multiply(back, one.turn)),
            total.bends + (one.bends - start.bends),
            total.spread + (one.spread - start.spread),
        )
    return total
