"""Hands pass neither through the body nor through each other; what touches may touch.

A hand is a set of balls at its joints and along its bones. The body's solids are round cones. A hand that is
inside is moved out the shortest way, whole, so that its shape and the way it is held stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import HandSizes, Proportions, RoundCone
from accessify.core.rotation import rotate, unit
from accessify.core.smoothing import gaussian
from accessify.motion.hand_model import hand_points
from accessify.motion.posture import Postures
from accessify.motion.stretch import held, picked

Array = NDArray[np.float64]

TOUCHING = 0.004
"""Metres that skin gives way where it touches."""
_THROUGH = 0.008
"""Metres that two hands may be within each other: fingers lie between fingers."""
_ROUNDS = 6
_STRETCH = 2000
"""Pictures that are looked at together."""
_SWERVE = 0.06
"""Seconds (standard deviation) over which a hand gives way."""


@dataclass(frozen=True, slots=True, eq=False)
class Balls:
    """Both hands as balls."""

    centers: Array
    """Shape [frames, 2, balls, 3], metres."""
    radii: Array
    """Shape [balls], metres."""


def hand_balls(postures: Postures, sizes: HandSizes) -> Balls:
    """Balls of both hands where `postures` has them: joints, middles of bones and the palm."""
    places = ball_places(hand_points(sizes, postures.bends, postures.spread))
    return Balls(in_world(postures, places, sizes), ball_radii(sizes))


def ball_places(joints: Array) -> Array:
    """Middles [..., balls, 3] of a hand's balls from its joints [..., 21, 3], in whatever axes these are."""
    fingers = joints[..., 1:, :].reshape(*joints.shape[:-2], 5, 4, 3)
    middles = (fingers[..., :-1, :] + fingers[..., 1:, :]) / 2
    palm = (joints[..., :1, :] + joints[..., (5, 9, 13, 17), :]) / 2
    shape = (*joints.shape[:-2], -1, 3)
    return np.concatenate([fingers.reshape(shape), middles.reshape(shape), palm], axis=-2)


def ball_radii(sizes: HandSizes) -> Array:
    """Shape [balls], metres, in the order of `ball_places`."""
    thick = sizes.thickness
    return np.concatenate([np.repeat(thick.mean(axis=1), 4), thick.ravel(), np.full(4, sizes.palm[1])])


def in_world(postures: Postures, points: Array, sizes: HandSizes) -> Array:
    """Points [frames, 2, n, 3] in the hands' own axes as places in the world, metres."""
    turn = held(postures.directions, postures.normals)[:, :, None]
    # direction × normal, the third axis of `held`, is towards a right hand's thumb, away from a left one's
    sign = np.array([-1.0, 1.0])[:, None, None]
    own = (points - sizes.palm) * np.concatenate([np.ones((2, 1, 2)), sign], axis=-1)
    return np.asarray(rotate(turn, own) + postures.palms[:, :, None])


def depth_of_points(points: Array, solids: Sequence[RoundCone], radius: float | Array) -> Array:
    """Metres that balls about `points` [..., 3] are within the nearest solid; 0 outside all."""
    deepest = np.zeros(points.shape[:-1])
    for solid in solids:
        deepest = np.maximum(deepest, _within(points, solid, radius)[0])
    return deepest


def _within(points: Array, solid: RoundCone, radius: float | Array) -> tuple[Array, Array]:
    """Metres that balls are within a solid (0 outside), and the way out, unit vectors."""
    axis = solid.end - solid.start
    share = np.clip((points - solid.start) @ axis / max(float(axis @ axis), 1e-9), 0, 1)
    away = points - (solid.start + share[..., None] * axis)
    far = np.linalg.norm(away, axis=-1)
    thick = solid.radii[0] + share * (solid.radii[1] - solid.radii[0])
    return np.maximum(0, thick + radius - far), unit(away)


def cleared(
    postures: Postures, proportions: Proportions, on_pictures: Callable[[int], None] | None = None
) -> Postures:
    """The same postures with hands moved out of the body and out of each other.

    How far they are moved changes smoothly: a hand swerves, before what is in its way and behind it. All
    pictures are gone through twice, or once where nothing is in the way; `on_pictures` is told of how many
    each time.
    """
    way = _moved(postures, proportions, on_pictures).palms - postures.palms
    if not way.any():
        return postures
    swerved = gaussian(way, _SWERVE * float(postures.rate.fps))
    return _moved(replace(postures, palms=postures.palms + swerved), proportions, on_pictures)


def _moved(
    postures: Postures, proportions: Proportions, on_pictures: Callable[[int], None] | None
) -> Postures:
    """Each picture by itself, until nothing is in the way any more."""
    palms = postures.palms.copy()
    for start in range(0, len(postures), _STRETCH):
        left = np.arange(start, min(start + _STRETCH, len(postures)))
        if on_pictures:
            on_pictures(len(left))
        for turn in range(_ROUNDS):
            balls = hand_balls(replace(picked(postures, left), palms=palms[left]), proportions.hand)
            push = _out_of_body(balls, proportions.solids)
            if turn < _ROUNDS / 2:  # the body has the last word
                push = push + _apart(balls)
            palms[left] += push
            left = left[push.any(axis=(1, 2))]
            if not len(left):
                break
    return replace(postures, palms=palms)


def _out_of_body(balls: Balls, solids: Sequence[RoundCone]) -> Array:
    """How each hand must be moved, [frames, 2, 3]: out of the solid that one of its balls is deepest in."""
    push = np.zeros((*balls.centers.shape[:2], 3))
    deepest = np.full(push.shape[:2], TOUCHING)
    for solid in solids:
        depth, way = _within(balls.centers, solid, balls.radii)
        worst = depth.argmax(axis=-1)[..., None]
        most = np.take_along_axis(depth, worst, axis=-1)[..., 0]
        out = np.take_along_axis(way, worst[..., None], axis=-2)[..., 0, :]
        deeper = most > deepest
        push = np.where(deeper[..., None], out * (most - 0.5 * TOUCHING)[..., None], push)
        deepest = np.where(deeper, most, deepest)
    return push


def _apart(balls: Balls) -> Array:
    """How the hands must be moved apart, [frames, 2, 3], half each."""
    push = np.zeros((*balls.centers.shape[:2], 3))
    depth, way = _crossing(balls)
    through = depth > _THROUGH
    push[through, 0] = (way * (depth - 0.75 * _THROUGH)[:, None] / 2)[through]
    push[through, 1] = -push[through, 0]
    return push


def _crossing(balls: Balls) -> tuple[Array, Array]:
    """Metres that the hands are within each other at the worst pair, [frames], and the left one's way out."""
    left, right = balls.centers[:, 0], balls.centers[:, 1]
    depth, way = np.zeros(len(left)), np.zeros((len(left), 3))
    reach = 0.3
    near = np.flatnonzero(np.linalg.norm(left.mean(axis=1) - right.mean(axis=1), axis=-1) < reach)
    for part in np.array_split(near, max(1, len(near) // 200)):
        if not len(part):
            continue
        apart = left[part, :, None] - right[part, None]
        far = np.linalg.norm(apart, axis=-1)
        within = balls.radii[:, None] + balls.radii - far
        flat = within.reshape(len(part), -1)
        worst = flat.argmax(axis=1)
        rows = np.arange(len(part))
        depth[part] = np.maximum(0, flat[rows, worst])
        centers = unit(left[part].mean(axis=1) - right[part].mean(axis=1))
        at = apart.reshape(len(part), -1, 3)[rows, worst]
        way[part] = unit(unit(at) + centers)
    return depth, way


def penetration(postures: Postures, proportions: Proportions) -> Array:
    """Metres that each hand is within the body, [frames, 2], skin's give included."""
    balls = hand_balls(postures, proportions.hand)
    depth: Array = depth_of_points(balls.centers, proportions.solids, balls.radii).max(axis=-1)
    return depth
