"""People who do not sign: what a camera sees between sentences, as invented performances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from accessify.evaluation.sign_motion import (
    FOLDED,
    HANGING,
    LAP,
    RELAXED,
    HandPath,
    Key,
    Performance,
    Place,
    Swing,
)

IDLE = (
    *("nobody", "hanging", "lap", "folded", "fidgeting", "typing"),
    *("scratching arms", "touching face", "walking", "flickering"),
)
"""Kinds of idleness."""
FACE_TOUCHES = 50 / 3600
"""A second; see the source in `sign_motion`."""


def idle(kind: str, length: float, seed: int = 0) -> Performance:  # noqa: PLR0911 - one for each kind
    """`length` seconds of a person who does not sign; `kind` is one of `IDLE`."""
    rng = np.random.default_rng((seed, IDLE.index(kind)))
    still = Performance((_resting(HANGING, length), _resting(HANGING, length)), length)
    match kind:
        case "nobody":
            return replace(still, seen=False, flicker=0.02)
        case "hanging":
            return still
        case "lap":
            return replace(still, hands=(_resting(LAP, length), _resting(LAP, length)))
        case "folded":
            return replace(still, hands=(_shifting(FOLDED, length, rng), _shifting(FOLDED, length, rng)))
        case "fidgeting":
            return replace(still, hands=(_fidgeting(LAP, length, rng), _fidgeting(LAP, length, rng)))
        case "typing":
            desk: Place = (0.3, 1.02, -0.8)
            return replace(still, hands=(_typing(desk, length, rng), _typing(desk, length, rng)))
        case "scratching arms":
            arm: Place = (-0.25, 1.0, -0.4)
            return replace(still, hands=(_resting(LAP, length), _touching((LAP, arm), length, (20, rng))))
        case "touching face":
            face: Place = (0.1, -0.45, -0.25)
            often = (1 / FACE_TOUCHES, rng)
            return replace(still, hands=(_resting(LAP, length), _touching((LAP, face), length, often)))
        case "walking":
            return _walking(length, rng)
        case _:
            return replace(still, hands=(_resting(LAP, length), _resting(LAP, length)), flicker=0.3)


def _resting(place: Place, length: float) -> HandPath:
    return HandPath((Key(0.0, place), Key(length, place)))


def _shifting(place: Place, length: float, rng: np.random.Generator) -> HandPath:
    """Now and then a new posture, a little beside the old one."""
    keys, clock = [Key(0.0, place)], 0.0
    while clock < length:
        clock += float(rng.uniform(3, 12))
        keys.append(Key(clock, keys[-1].place))
        clock += float(rng.uniform(0.4, 0.9))
        keys.append(Key(clock, _beside(place, 0.1, rng)))
    return HandPath(tuple(keys))


def _fidgeting(place: Place, length: float, rng: np.random.Generator) -> HandPath:
    """Fingers and hands that hardly rest."""
    keys, clock = [Key(0.0, place)], 0.0
    while clock < length:
        clock += float(rng.exponential(0.8)) + 0.05
        last = keys[-1]
        keys.append(Key(clock, last.place, last.shape, last.turn))
        clock += float(rng.uniform(0.2, 0.6))
        thumb, index, middle, ring, little = np.clip(np.array(RELAXED) + rng.normal(0, 0.2, 5), 0, 1)
        keys.append(
            Key(
                clock,
                _beside(place, 0.14, rng),
                (thumb, index, middle, ring, little),
                float(rng.normal(0, 0.3)),
            )
        )
    return HandPath(tuple(keys))


def _typing(place: Place, length: float, rng: np.random.Generator) -> HandPath:
    keys, clock = [Key(0.0, place)], 0.0
    while clock < length:
        clock += float(rng.uniform(0.12, 0.3))
        thumb, index, middle, ring, little = np.clip(np.array(RELAXED) + rng.normal(0, 0.15, 5), 0, 1)
        keys.append(Key(clock, _beside(place, 0.05, rng), (thumb, index, middle, ring, little)))
    return HandPath(tuple(keys))


def _touching(way: tuple[Place, Place], length: float, often: tuple[float, np.random.Generator]) -> HandPath:
    """From a place of rest to another place, some quick rubbing there, and back; every so many seconds."""
    rest, there = way
    every, rng = often
    keys, swings, clock = [Key(0.0, rest)], [], float(rng.exponential(every))
    while clock < length - 4:
        keys.append(Key(clock, rest))
        clock += float(rng.uniform(0.4, 0.7))
        place = _beside(there, 0.1, rng)
        keys.append(Key(clock, place))
        lasting = float(rng.uniform(0.5, 2.0))
        swings.append(Swing(clock, clock + lasting, (0.0, 0.05), round(lasting * 4)))
        clock += lasting
        keys.append(Key(clock, place))
        clock += float(rng.uniform(0.4, 0.7))
        keys.append(Key(clock, rest))
        clock += float(rng.exponential(every))
    return HandPath((*keys, Key(max(length, clock), rest)), tuple(swings))


def _walking(length: float, rng: np.random.Generator) -> Performance:
    """Through the picture, from either side, arms swinging; then nobody for a while."""
    walk, clock = [], 0.0
    while clock < length:
        side = float(rng.choice([-1, 1])) * 5
        lasting = float(rng.uniform(3, 6))
        walk += [(clock, side), (clock + lasting, -side), (clock + lasting + 1e-3, 9.0)]
        clock += lasting + float(rng.uniform(1, 4))
        walk.append((clock - 1e-3, 9.0))
    # outwards for one hand is inwards for the body's other side: the arms swing against each other
    swing = Swing(0.0, length, (0.25, 0.0), length * 0.95, even=True)
    hand = HandPath((Key(0.0, HANGING), Key(length, HANGING)), (swing,))
    return Performance((hand, hand), length, walk=tuple(walk), turned=0.4)


def _beside(place: Place, spread: float, rng: np.random.Generator) -> Place:
    across, down, away = place
    return (across + float(rng.normal(0, spread)), down + float(rng.normal(0, spread)), away)
