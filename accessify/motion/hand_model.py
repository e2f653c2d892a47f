"""A hand from the angles of its joints: where its bones point, where its joints are.

Everything is in the hand's own axes (finger direction, palm normal, towards the thumb), from the wrist, so a
left hand has the same numbers as its mirror image. Angles are those of `accessify.motion.posture.Postures`.

The thumb's metacarpal has two degrees of freedom. The way its two joints bend follows from where it stands:
beside the palm they bend across and into the palm, before the palm across it, and the further it stands out,
the more towards the fingertips that it meets: opposition turns the thumb about itself (I. A. Kapandji, The
Physiology of the Joints 1, "Opposition of the thumb").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accessify.core.proportions import HandSizes
from accessify.core.rotation import unit

Array = NDArray[np.float64]

ALONG, OUT, THUMBWARDS = np.eye(3)
_STEEPEST = np.radians(85.0)
"""Angle between metacarpal and finger direction up to which both its parts are told apart."""
_SMALL = np.radians(45.0)
"""Angle between two bones up to which it may be aside or backwards."""
_OPPOSING = (np.radians(36.0), np.radians(54.0))
"""Angles out of the palm's plane between which the thumb turns from bending across to bending up."""


def bone_directions(bends: ArrayLike, spread: ArrayLike) -> tuple[Array, Array]:
    """Where the bones of a hand point.

    Args:
        bends: [..., 5, 3], degrees, as `Postures.bends`.
        spread: [..., 5], degrees, as `Postures.spread`.

    Returns:
        Directions [..., 5, 3, 3] of the bones, and of the way that each bends: from the back of the bone
        through its pad, across the bone. Both are unit vectors in the hand's axes.
    """
    angles, aside = np.radians(np.asarray(bends, np.float64)), np.radians(np.asarray(spread, np.float64))
    base = np.cos(aside)[..., None] * ALONG + np.sin(aside)[..., None] * THUMBWARDS
    pad = np.broadcast_to(OUT, base.shape).copy()
    base[..., 0, :], pad[..., 0, :] = metacarpal(angles[..., 0, 0], aside[..., 0])
    turned = np.cumsum(angles, axis=-1)
    turned[..., 0, :] -= angles[..., 0, :1]  # the thumb's first angle is in its metacarpal's direction
    cosine, sine = np.cos(turned)[..., None], np.sin(turned)[..., None]
    base, pad = base[..., None, :], pad[..., None, :]
    return np.asarray(cosine * base + sine * pad), np.asarray(cosine * pad - sine * base)


def metacarpal(angle: Array, aside: Array) -> tuple[Array, Array]:
    """Where the thumb's metacarpal points, and the way its joints bend: unit vectors [..., 3].

    Args:
        angle: [...], radians between it and the finger direction.
        aside: [...], radians of that in the palm's plane, towards the thumb's side.
    """
    aside = np.clip(aside, -_STEEPEST, _STEEPEST)
    angle = np.clip(np.maximum(angle, np.abs(aside)), 0, _STEEPEST)
    along = np.cos(angle)
    side = along * np.tan(aside)
    out = np.sqrt(np.maximum(0, 1 - along**2 - side**2))
    direction = np.stack([along, out, side], axis=-1)
    risen = np.arcsin(np.clip(out, 0, 1))
    low, high = _OPPOSING
    share = np.clip((risen - low) / (high - low), 0, 1)
    share = (share * share * (3 - 2 * share))[..., None]
    inwards = (1 - np.clip(risen / low, 0, 1))[..., None]
    way = (1 - share) * (0.8 * inwards * OUT - THUMBWARDS) + share * ALONG
    across = way - (way * direction).sum(axis=-1, keepdims=True) * direction
    return direction, unit(across)


def hand_points(sizes: HandSizes, bends: ArrayLike, spread: ArrayLike) -> Array:
    """Joints [..., 21, 3] in metres, in the hand's axes from the wrist, in the order of `HAND_POINTS`.

    `bends` [..., 5, 3] and `spread` [..., 5] are degrees as in `Postures`.
    """
    directions, _ = bone_directions(bends, spread)
    steps = np.cumsum(directions * sizes.bones[..., None], axis=-2)
    fingers = np.concatenate([np.zeros_like(steps[..., :1, :]), steps], axis=-2) + sizes.knuckles[:, None]
    wrist = np.zeros((*fingers.shape[:-3], 1, 3))
    return np.concatenate([wrist, fingers.reshape(*fingers.shape[:-3], 20, 3)], axis=-2)


def joint_angles(points: ArrayLike) -> tuple[Array, Array]:
    """The angles of a hand whose joints are at `points`: bends [..., 5, 3] and spread [..., 5], degrees.

    Args:
        points: [..., 21, 3] in the hand's axes, any unit, as `hand_points` gives them.

    The spread of a finger bent at the knuckle by nearly a right angle cannot be seen and comes out small.
    """
    chain = np.asarray(points, np.float64)[..., 1:, :]
    chain = chain.reshape(*chain.shape[:-2], 5, 4, 3)
    bones = unit(np.diff(chain, axis=-2))
    along, out, side = np.moveaxis(bones[..., 0, :], -1, 0)
    level = np.hypot(along, side)
    spread = np.arctan2(side, np.maximum(along, 0.15)) * np.minimum(1, level / 0.3)
    knuckle = np.arctan2(out, along * np.cos(spread) + side * np.sin(spread))
    spread[..., 0] = np.arctan2(side[..., 0], along[..., 0])
    knuckle[..., 0] = np.arccos(np.clip(along[..., 0], -1, 1))
    base = np.cos(spread)[..., None] * ALONG + np.sin(spread)[..., None] * THUMBWARDS
    pad = np.cos(knuckle)[..., None] * OUT - np.sin(knuckle)[..., None] * base
    pad[..., 0, :] = metacarpal(knuckle[..., 0], spread[..., 0])[1]
    hinge = unit(np.cross(bones[..., 0, :], pad))
    further = [_bend(bones[..., joint, :], bones[..., joint + 1, :], hinge) for joint in (0, 1)]
    return np.degrees(np.stack([knuckle, *further], axis=-1)), np.degrees(spread)


def _bend(first: Array, second: Array, hinge: Array) -> Array:
    """Angle from bone to bone about `hinge`, positive towards the pad's side.

    Bones that are measured do not quite turn about it. Of a small angle only the part about the hinge counts;
    a large one is a bend towards the pad with all of it, for no finger bends far aside or backwards: of a
    fist whose bones are seen past the half turn, too.
    """
    up = np.cross(hinge, first)
    along, out = (second * first).sum(axis=-1), (second * up).sum(axis=-1)
    across = np.hypot(out, (second * hinge).sum(axis=-1))
    whole = np.arctan2(across, along)
    far = np.clip((whole - _SMALL) / _SMALL, 0, 1)
    about = np.clip(out / np.maximum(across, 1e-12), -1, 1)
    return np.asarray(whole * (far + (1 - far) * about))
