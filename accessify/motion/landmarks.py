"""A moved figure as landmarks: its own joints as the points that networks find in people.

So what an avatar signs can be kept as `.pose`, drawn as a skeleton, and read by whatever reads signers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import (
    BODY,
    BODY_POINTS,
    BODY_WORLD,
    HOLISTIC,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    RIGHT_HAND,
    RIGHT_HAND_WORLD,
)
from accessify.core.humanoid import FINGERS, SIDES, finger_bones
from accessify.core.motion import Motion, placed_bones
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.projection import Projection
from accessify.core.proportions import Proportions
from accessify.core.rotation import rotate

Array = NDArray[np.float64]

SKELETON: Skeleton = replace(
    HOLISTIC.only((BODY, LEFT_HAND, RIGHT_HAND, BODY_WORLD, LEFT_HAND_WORLD, RIGHT_HAND_WORLD)),
    expressions=EXPRESSIONS,
)
_HEAD = {
    "NOSE": ("nose", 0),
    **{f"{side}_EYE": ("eye", sign) for side, sign in (("LEFT", 1), ("RIGHT", -1))},
    **{f"{side}_EAR": ("ear", sign) for side, sign in (("LEFT", 1), ("RIGHT", -1))},
}
"""Points of the body → place on the head and its side."""
_JOINTS = {
    "SHOULDER": "UpperArm",
    "ELBOW": "LowerArm",
    "WRIST": "Hand",
    "HIP": "UpperLeg",
    "KNEE": "LowerLeg",
}
_KNUCKLES = {"PINKY": "LittleProximal", "INDEX": "IndexProximal", "THUMB": "ThumbProximal"}
_CORNER = 0.012
"""Metres of half an eye and, twice, half a mouth, where a head has no more places."""


def landmarks(motion: Motion, proportions: Proportions, projection: Projection) -> PoseClip:
    """The joints of `motion` as a camera of `projection` sees them, with metric copies.

    `proportions` are the figure's own and give the places on the head. Depth is in pixels from the middle of
    the hips, and of hands from their wrists, smaller towards the camera. What the rig has no bone for
    is missing; the face has no mesh but its expressions.
    """
    places, turns = placed_bones(motion.rig, motion.rotations, motion.hips)
    body = _body(motion, proportions, places, turns)
    hands = [_hand(motion, places, turns, side) for side in SIDES]
    hips = (body[:, BODY_POINTS.index("LEFT_HIP")] + body[:, BODY_POINTS.index("RIGHT_HIP")]) / 2
    if not np.isfinite(hips).all():
        hips = places[:, 0]
    parts = [
        _seen(body, hips, projection),
        *(_seen(hand, hand[:, 0], projection) for hand in hands),
        (body - hips[:, None]) * [1, -1, -1],
        *((hand - hand.mean(axis=1, keepdims=True)) * [1, -1, -1] for hand in hands),
    ]
    points = np.concatenate(parts, axis=1).astype(np.float32)
    known = np.asarray(np.isfinite(points).all(axis=-1))
    times = np.array([motion.start + motion.rate.at(index) for index in range(len(motion))], np.int64)
    return PoseClip(
        SKELETON,
        np.where(known[..., None], points, np.float32(np.nan)).astype(np.float32),
        known.astype(np.float32),
        times,
        motion.rate,
        projection.size,
        expressions=motion.expressions,
        notes=motion.notes,
    )


def _seen(points: Array, root: Array, projection: Projection) -> Array:
    flat = projection.project(points)[..., :2]
    scale = projection.scale_at(root)[:, None]
    return np.concatenate([flat, -(points[..., 2:] - root[:, None, 2:]) * scale[..., None]], axis=-1)


def _body(motion: Motion, proportions: Proportions, places: Array, turns: Array) -> Array:
    """Points [frames, 33, 3] in metres; NaN where there is no bone."""
    rig = motion.rig
    found = {
        f"{side.upper()}_{name}": places[:, rig.index(f"{side}{bone}")]
        for side in SIDES
        for name, bone in (_JOINTS | _KNUCKLES).items()
        if f"{side}{bone}" in rig
    }
    for side in SIDES:
        if f"{side}Foot" in rig:
            foot = rig.index(f"{side}Foot")
            toes = rotate(turns[:, foot], rig.tails[foot] - rig.heads[foot]) + places[:, foot]
            found[f"{side.upper()}_ANKLE"] = found[f"{side.upper()}_HEEL"] = places[:, foot]
            found[f"{side.upper()}_FOOT_INDEX"] = toes
    if "head" in rig:
        number = rig.index("head")
        for name, place in _head(proportions.places).items():
            away = rotate(turns[:, number], place - rig.heads[number])
            found[name] = places[:, number] + away
    missing = np.full((len(motion), 3), np.nan)
    return np.stack([found.get(name, missing) for name in BODY_POINTS], axis=1)


def _head(named: Mapping[str, Array]) -> dict[str, Array]:
    """Points of the head at rest, metres."""
    found = {
        name: np.array([abs(named[place][0]) * side, *named[place][1:]])
        for name, (place, side) in _HEAD.items()
    }
    for side, sign in (("LEFT", 1), ("RIGHT", -1)):
        eye, aside = found[f"{side}_EYE"], np.array([sign * _CORNER, 0, 0])
        found[f"{side}_EYE_INNER"] = eye - aside
        found[f"{side}_EYE_OUTER"] = eye + aside
        found[f"MOUTH_{side}"] = named["lips"] + np.array([sign * 2 * _CORNER, 0, -_CORNER / 2])
    return found


def _hand(motion: Motion, places: Array, turns: Array, side: str) -> Array:
    """Joints [frames, 21, 3] in metres; all NaN where a bone is lacking."""
    rig = motion.rig
    names = [bone for finger in FINGERS for bone in finger_bones(side, finger)]
    if not {f"{side}Hand", *names} <= {*rig.bones}:
        return np.full((len(motion), 21, 3), np.nan)
    joints = [places[:, rig.index(f"{side}Hand")]]
    for start in range(0, 15, 3):
        numbers = [rig.index(name) for name in names[start : start + 3]]
        joints += [places[:, number] for number in numbers]
        last = numbers[-1]
        joints.append(places[:, last] + rotate(turns[:, last], rig.tails[last] - rig.heads[last]))
    return np.stack(joints, axis=1)
