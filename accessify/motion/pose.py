"""From what hands do to the turns of all bones of a rig."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.humanoid import SIDES, Rig, twist
from accessify.core.motion import Motion
from accessify.core.progress import OnProgress, Progress
from accessify.core.proportions import Proportions
from accessify.core.rotation import about, continuous, inverse, multiply, of_axes, unit
from accessify.core.timeline import Note, Span
from accessify.motion.arms import Arm, Wanted, reach
from accessify.motion.clearance import cleared
from accessify.motion.fingers import finger_rotations, hand_axes, has_fingers
from accessify.motion.limits import within_bends, within_spread
from accessify.motion.posture import Postures
from accessify.motion.stretch import mixed

Array = NDArray[np.float64]

_TWIST_SHARE = 0.5
"""Of the hand's turn about the forearm, what the skin before the wrist has: half, the mean along it."""
_OUT_OF_REACH, _FORCED = 0.02, 12.0
"""Metres and degrees from which it is told that a hand is not where, or as, it was wanted."""
_ROUNDS = 6
"""How often pictures are gone through at most: both hands cleared twice, each arm reached for twice."""
_FASTEST = np.radians(1500.0)
"""A second: turns of a hand from one limit of its wrist to the other."""


@dataclass(frozen=True, slots=True)
class PoseOptions:
    """How arms move."""

    smoothing: float = 0.06
    """Seconds over which elbows are smoothed (standard deviation)."""
    clear: bool = True
    """Whether hands are kept out of the body and of each other."""


def pose(
    postures: Postures,
    rig: Rig,
    proportions: Proportions,
    options: PoseOptions = PoseOptions(),
    on_progress: OnProgress | None = None,
) -> Motion:
    """The movement of `rig` that does `postures`; trunk, head and face stay at rest.

    `proportions` are those of the rig. Bones that the rig lacks are left out; a hand without its fingers is
    told in a note of kind `no-fingers`. Notes of kind `out-of-reach` and `wrist` tell where a hand is not as
    it was wanted. The stage of `on_progress` is `pose`, in seconds of the movement.
    """
    on_pictures = _told_to(on_progress, postures) if on_progress else None
    whole = rested(postures, proportions)
    whole = replace(whole, bends=within_bends(whole.bends), spread=within_spread(whole.spread))
    if options.clear:
        whole = cleared(whole, proportions, on_pictures)
    motion = Motion.at_rest(rig, len(whole), whole.rate)
    rotations = motion.rotations.astype(np.float64)
    notes = list(whole.notes)
    width = options.smoothing * float(whole.rate.fps)
    for number, side in enumerate(SIDES):
        arm = reach(_wanted(whole, number, rig, proportions), proportions, width, on_pictures)
        _turn_arm(rotations, rig, side, arm)
        if has_fingers(rig, side):
            bones, turns = finger_rotations(rig, side, whole.bends[:, number], whole.spread[:, number])
            rotations[:, bones] = turns
        else:
            text = f"the figure lacks bones of {side} fingers, so hand shapes do not show; take one with all"
            notes.append(Note(motion.span, "no-fingers", text))
        notes += _told(arm, postures.active[:, number], motion, side)
    turned = continuous(rotations).astype(np.float32)
    return replace(motion, rotations=turned).with_notes(tuple(notes))


def _told_to(on_progress: OnProgress, postures: Postures) -> Callable[[int], None]:
    """Counts pictures that come to be gone through, and tells how far it is."""
    gone, fps = 0, float(postures.rate.fps)

    def on_pictures(count: int) -> None:
        nonlocal gone
        on_progress(Progress("pose", gone / _ROUNDS / fps, len(postures) / fps))
        gone += count

    return on_pictures


def _wanted(postures: Postures, number: int, rig: Rig, proportions: Proportions) -> Wanted:
    side = SIDES[number]
    rest = hand_axes(side)
    direction, normal = postures.directions[:, number], postures.normals[:, number]
    third = np.cross(direction, normal)
    now = of_axes(direction, normal, third)
    turn = multiply(now, inverse(of_axes(rest[0], rest[1], np.cross(rest[0], rest[1]))))
    collar = f"{side}Shoulder"
    pivot = rig.heads[rig.index(collar)] if collar in rig else proportions.shoulders[number]
    palms = postures.palms[:, number]
    palm, elbows = proportions.hand.palm @ rest, postures.elbows[:, number]
    return Wanted(side, palms, palm, turn, elbows, pivot, _FASTEST / float(postures.rate.fps))


def _turn_arm(rotations: Array, rig: Rig, side: str, arm: Arm) -> None:
    """Write the world turns of an arm against parents; a twist bone or the forearm takes its share."""
    share = about(np.broadcast_to(hand_axes(side)[0], (len(arm.twist), 3)), arm.twist * _TWIST_SHARE)
    lower = arm.lower if twist(side) in rig else multiply(arm.lower, share)
    above = np.array([0.0, 0.0, 0.0, 1.0])
    chain = {"Shoulder": arm.shoulder, "UpperArm": arm.upper, "LowerArm": lower, "Hand": arm.hand}
    for name, turn in chain.items():
        if f"{side}{name}" in rig:
            rotations[:, rig.index(f"{side}{name}")] = multiply(inverse(above), turn)
            above = turn
    if twist(side) in rig:
        rotations[:, rig.index(twist(side))] = share


def rested(postures: Postures, proportions: Proportions) -> Postures:
    """The same with hands at rest where they are not active: before the belly, loosely bent."""
    rest = _rest(postures, proportions)
    shown = replace(postures, active=np.ones_like(postures.active))
    return replace(mixed(rest, shown, postures.active), notes=postures.notes)


def _rest(postures: Postures, proportions: Proportions) -> Postures:
    """Hands low before the belly, the right one over the left, as signers let them rest while they listen."""
    belly = 0.35 * proportions.places["stomach"] + 0.65 * proportions.places["below_stomach"]
    size = proportions.width / 0.36
    count = len(postures)
    palms = belly + size * np.array([[0.055, -0.02, 0.055], [-0.04, 0.015, 0.085]])
    directions = unit(np.array([[-0.78, -0.6, 0.16], [0.8, -0.55, 0.2]]))
    normals = np.array([[-0.2, -0.1, -1.0], [0.2, -0.1, -1.0]])
    normals = unit(normals - (normals * directions).sum(axis=-1, keepdims=True) * directions)
    bends = np.array([[28, 22, 18], [20, 26, 14], [24, 30, 16], [28, 32, 18], [30, 34, 20]], np.float64)
    spread = np.array([20, -3, -1, 1, 2], np.float64)
    return replace(
        postures,
        active=np.ones((count, 2)),
        palms=np.broadcast_to(palms, (count, 2, 3)),
        directions=np.broadcast_to(directions, (count, 2, 3)),
        normals=np.broadcast_to(normals, (count, 2, 3)),
        bends=np.broadcast_to(bends, (count, 2, 5, 3)),
        spread=np.broadcast_to(spread, (count, 2, 5)),
        elbows=np.full((count, 2), np.nan),
        notes=(),
    )


def _told(arm: Arm, active: Array, motion: Motion, side: str) -> list[Note]:
    """Notes where a hand that is asked for something is not where, or not as, it was asked."""
    notes = []
    for kind, amount, least, text in (
        ("out-of-reach", arm.short * 100, _OUT_OF_REACH * 100, "{:.0f} cm short of where it was wanted"),
        ("wrist", arm.forced, _FORCED, "{:.0f}° from how it was wanted, as far as a wrist turns"),
    ):
        over = (amount > least) & (active >= 1)
        for first, end in stretches(over):
            span = Span(motion.rate.at(first), motion.rate.at(end))
            worst = float(amount[first:end].max())
            notes.append(Note(span, kind, f"the {side} hand stays {text.format(worst)}"))
    return notes


def stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and behind the last picture of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]
