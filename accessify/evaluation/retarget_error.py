"""How well a figure does what landmarks of a person show: palms, fingers, limits, no hand in a body.

The figure's own joints are turned into the same measures as the person's landmarks: the finger direction is
the line from wrist to middle knuckle, the palm normal stands on wrist, index and little knuckle. Landmarks of
small hands flip a palm from one picture to the next; no hand turns so fast, so the figure does not follow,
and the error of pictures in which the landmarks themselves are no hand's movement is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.proportions import figure_proportions
from accessify.avatar.rig import figure_rig
from accessify.core.errors import FormatError
from accessify.core.humanoid import FINGERS, SIDES, Rig, finger_bones
from accessify.core.motion import Motion, placed_bones
from accessify.core.pose import PoseClip
from accessify.core.proportions import Proportions
from accessify.core.rotation import inverse, log, multiply, rotate, unit
from accessify.delivery.poses import read_poses
from accessify.evaluation.machine import software
from accessify.hub.cache import sha256_of
from accessify.motion.arms import wrist_angles
from accessify.motion.clearance import TOUCHING, ball_places, ball_radii
from accessify.motion.face import with_face
from accessify.motion.fingers import hand_axes
from accessify.motion.hand_model import joint_angles
from accessify.motion.limits import BENDS, DEVIATION, FLEXION, SPREAD, SUPINATION, excess
from accessify.motion.pose import pose
from accessify.motion.retarget import RetargetOptions, retarget
from accessify.motion.seen import seen
from accessify.motion.stretch import held

Array = NDArray[np.float64]

SCHEMA = 1
"""Version of the bench file's layout."""
TARGETS = {"direction_mean": 12.0, "palm_mean": 10.0, "beyond_limits": 0.0, "deepest": 1000 * TOUCHING}
"""Figure → what it should not exceed: degrees; millimetres, as far as skin gives."""


@dataclass(frozen=True, slots=True)
class RetargetScore:
    """The figures of one clip; angles in degrees."""

    hands: int
    """Hands seen, summed over pictures."""
    direction_mean: float
    """Finger directions from those of the landmarks."""
    direction_median: float
    direction_most: float
    """What 95 % of the hands do not exceed."""
    palm_mean: float
    """Palm normals from those of the landmarks."""
    palm_median: float
    palm_most: float
    bones_mean: float
    """Bones of fingers from the landmarks' ones, in space."""
    steady_palm_mean: float
    """`palm_mean` in pictures whose landmarks move as hands can."""
    wild: float
    """Share of hands whose landmarks turn faster than hands do."""
    beyond_limits: float
    """How far a joint of wrist or finger is beyond its limits at most."""
    deepest: float
    """Millimetres that a hand is within the body at most."""
    fastest: float
    """Degrees a second that a hand turns against its forearm at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """How well a figure followed a clip, hand by hand."""

    errors: Array
    """Shape [4, hands]: of each hand seen, degrees of finger direction, palm normal and bones of fingers from
    the landmarks' ones, and 1 where the landmarks turn faster than hands do."""
    beyond_limits: float
    deepest: float
    fastest: float
    """All three as in `RetargetScore`."""


def follow(clip: PoseClip, rig: Rig, proportions: Proportions) -> Followed:
    """What becomes of `clip` on a figure of `rig`, which must have fingers, and `proportions`.

    Raises `FormatError` as `retarget` does, and where no hand is seen.
    """
    found = retarget(clip, proportions)
    motion = with_face(pose(found.postures, rig, proportions), found.face)
    person = seen(clip)
    places, turns = placed_bones(rig, motion.rotations, motion.hips)
    errors: list[Array] = []
    for number, side in enumerate(SIDES):
        there = person.handed[:, number]
        real, own = person.hands[:, number], _joints(rig, places, turns, side)
        errors.append(np.stack([*_errors(real, own, number), _wild(real, number, clip)])[:, there])
    joined = np.concatenate(errors, axis=1)
    if not joined.size:
        raise FormatError("no hand was seen in the clip, so there is nothing to compare; give another one")
    deep = 1000 * deepest(motion, proportions)
    return Followed(joined, beyond_limits(motion), deep, _fastest(motion))


def score_of(clips: Sequence[Followed]) -> RetargetScore:
    """The figures of clips together, at least one: over all hands seen, and the worst of what must not be."""
    direction, palm, bones, wild = np.concatenate([clip.errors for clip in clips], axis=1)
    return RetargetScore(
        hands=direction.size,
        direction_mean=float(direction.mean()),
        direction_median=float(np.median(direction)),
        direction_most=float(np.percentile(direction, 95)),
        palm_mean=float(palm.mean()),
        palm_median=float(np.median(palm)),
        palm_most=float(np.percentile(palm, 95)),
        bones_mean=float(bones.mean()),
        steady_palm_mean=float(palm[wild == 0].mean()) if (wild == 0).any() else float("nan"),
        wild=float(wild.mean()),
        beyond_limits=max(clip.beyond_limits for clip in clips),
        deepest=max(clip.deepest for clip in clips),
        fastest=max(clip.fastest for clip in clips),
    )


def score_clip(clip: PoseClip, rig: Rig, proportions: Proportions) -> RetargetScore:
    """The figures of `clip` alone; raises what `follow` raises."""
    return score_of([follow(clip, rig, proportions)])


def _joints(rig: Rig, places: Array, turns: Array, side: str) -> Array:
    """Joints [frames, 21, 3] of a figure's hand, metres, in the order of `HAND_POINTS`."""
    joints = [places[:, rig.index(f"{side}Hand")]]
    for finger in FINGERS:
        numbers = [rig.index(bone) for bone in finger_bones(side, finger)]
        joints += [places[:, number] for number in numbers]
        last = numbers[-1]
        joints.append(places[:, last] + rotate(turns[:, last], rig.tails[last] - rig.heads[last]))
    return np.stack(joints, axis=1)


def _palm(joints: Array, number: int) -> tuple[Array, Array]:
    """Finger direction and palm normal [frames, 3] of joints [frames, 21, 3] of left (0) or right (1)."""
    wrist = joints[:, 0]
    along = unit(joints[:, 9] - wrist)
    out = np.cross(joints[:, 5] - wrist, joints[:, 17] - wrist) * (1 if number else -1)
    return along, unit(out - (out * along).sum(axis=-1, keepdims=True) * along)


def _errors(real: Array, own: Array, number: int) -> tuple[Array, Array, Array]:
    """Degrees [frames] between finger directions, palm normals, and bones of fingers in the mean."""
    (along, out), (own_along, own_out) = _palm(real, number), _palm(own, number)
    bones = [np.diff(part[:, 1:].reshape(-1, 5, 4, 3), axis=2) for part in (real, own)]
    return _apart(along, own_along), _apart(out, own_out), _apart(*bones).mean(axis=(1, 2))


def _apart(first: Array, second: Array) -> Array:
    cosine = (unit(first) * unit(second)).sum(axis=-1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _wild(real: Array, number: int, clip: PoseClip) -> Array:
    """1 for pictures [frames] in which the landmarks turn faster than hands do, before or behind."""
    turns = held(*_palm(real, number))
    steps = np.linalg.norm(log(multiply(inverse(turns[:-1]), turns[1:])), axis=-1)
    fast = np.degrees(steps) * float(clip.rate.fps) > RetargetOptions().fastest / 2
    near = np.append(fast, False) | np.insert(fast, 0, False)
    return np.asarray(near, np.float64)


def beyond_limits(motion: Motion) -> float:
    """Degrees that a joint of wrist or finger is beyond its limits at most, as the bones are turned."""
    worst = 0.0
    _, turns = placed_bones(motion.rig, motion.rotations)
    for side in SIDES:
        hand = motion.rig.index(f"{side}Hand")
        wrist = wrist_angles(motion.rotations[:, hand].astype(np.float64), side)
        for angle, allowed in zip(wrist, (FLEXION, DEVIATION, SUPINATION), strict=True):
            worst = max(worst, float(excess(angle, allowed).max()))
        bends, spread = _finger_angles(motion.rig, turns, side)
        for angles, limits in ((bends, BENDS), (spread, SPREAD)):
            over = np.maximum(limits[..., 0] - angles, angles - limits[..., 1])
            worst = max(worst, float(over.max()))
    return worst


def _finger_angles(rig: Rig, turns: Array, side: str) -> tuple[Array, Array]:
    """Bends [frames, 5, 3] and spread [frames, 5] of a posed hand, degrees, from its bones' turns."""
    hand, axes = rig.index(f"{side}Hand"), hand_axes(side)
    bones = [rig.index(bone) for finger in FINGERS for bone in finger_bones(side, finger)]
    turned = multiply(inverse(turns[:, hand])[:, None], turns[:, bones])
    rest = unit(rig.tails[bones] - rig.heads[bones])
    directions = (rotate(turned, rest) @ axes.T).reshape(-1, 5, 3, 3)
    # Only differences of joints count, so the chain may begin anywhere.
    steps = np.cumsum(directions, axis=-2)
    chain = np.concatenate([np.zeros_like(steps[..., :1, :]), steps], axis=-2).reshape(len(turns), 20, 3)
    bends, spread = joint_angles(np.concatenate([np.zeros((len(turns), 1, 3)), chain], axis=1))
    # What joints' places do not show of a finger bent to the right angle, its pad does.
    pad = unit(axes[1] - (rest @ axes[1])[:, None] * rest)
    first = np.arange(3, 15, 3)
    along, pads = directions[:, 1:, 0], rotate(turned[:, first], pad[first]) @ axes.T
    knuckle = np.arctan2(along[..., 1], pads[..., 1])[..., None]
    base = np.cos(knuckle) * along - np.sin(knuckle) * pads
    bends[:, 1:, 0] = np.degrees(knuckle[..., 0])
    spread[:, 1:] = np.degrees(np.arctan2(base[..., 2], base[..., 0]))
    return bends, spread


def _fastest(motion: Motion) -> float:
    hands = [motion.rig.index(f"{side}Hand") for side in SIDES]
    turns = motion.rotations[:, hands].astype(np.float64)
    steps = np.linalg.norm(log(multiply(inverse(turns[:-1]), turns[1:])), axis=-1)
    return float(np.degrees(steps.max(initial=0.0)) * float(motion.rate.fps))


def deepest(motion: Motion, proportions: Proportions) -> float:
    """Metres that a hand is within head, neck or trunk at most, these being where they move.

    A hand is the balls of `accessify.motion.clearance`, at its joints, along its bones and in its palm.
    """
    rig = motion.rig
    places, turns = placed_bones(rig, motion.rotations, motion.hips)
    hands = [ball_places(_joints(rig, places, turns, side)) for side in SIDES]
    centers = np.stack(hands, axis=1)
    radii = ball_radii(proportions.hand)
    most = 0.0
    for solid in proportions.solids:
        if solid.bone not in rig:
            continue
        bone = rig.index(solid.bone)
        start, end = (
            places[:, bone] + rotate(turns[:, bone], point - rig.heads[bone])
            for point in (solid.start, solid.end)
        )
        axis = (end - start)[:, None, None]
        away = centers - start[:, None, None]
        share = np.clip((away * axis).sum(axis=-1) / np.maximum((axis * axis).sum(axis=-1), 1e-9), 0, 1)
        thick = solid.radii[0] + share * (solid.radii[1] - solid.radii[0])
        depth = thick + radii - np.linalg.norm(away - share[..., None] * axis, axis=-1)
        most = max(most, float(depth.max(initial=0.0)))
    return most


def bench_retarget(paths: Iterable[Path]) -> dict[str, Any]:
    """The figures of files of landmarks on our own figure, ready for JSON.

    Files that cannot be retargeted are listed with the reason.
    """
    rig, proportions = figure_rig(), figure_proportions()
    found: dict[Path, Followed] = {}
    refused: dict[str, str] = {}
    for path in paths:
        try:
            found[path] = follow(read_poses(path), rig, proportions)
        except FormatError as error:
            refused[path.name] = error.message
    return {
        "bench": "retarget",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "clips": len(found),
        "figures": _rounded(asdict(score_of(list(found.values())))) if found else {},
        "targets": TARGETS,
        "rows": [{"clip": path.name, **_rounded(asdict(score_of([clip])))} for path, clip in found.items()],
        "refused": refused,
        "data": [{"name": path.name, "sha256": sha256_of(path)} for path in found],
        "software": software(("accessify", "numpy")),
    }


def _rounded(values: dict[str, float]) -> dict[str, float | None]:
    """Three digits; None for what there was nothing to compute of."""
    return {name: round(value, 3) if np.isfinite(value) else None for name, value in values.items()}
