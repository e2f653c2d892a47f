"""From the place of a hand to the turns of shoulder, elbow, forearm and wrist: two bones, analytically.

With the lengths of both bones, the elbow lies on a circle about the line from shoulder to wrist (D. Tolani,
A. Goswami, N. Badler, "Real-time inverse kinematics techniques for anthropomorphic limbs", Graphical Models
62, 2000). Where on it, the swivel, is chosen between how elbows usually hang and what the wrist can do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import Proportions
from accessify.core.rotation import about, between, inverse, log, multiply, of_axes, rotate, swing_twist, unit
from accessify.core.smoothing import gaussian, unhurried
from accessify.motion.clearance import depth_of_points
from accessify.motion.fingers import hand_axes
from accessify.motion.limits import DEVIATION, FLEXION, SUPINATION, excess

Array = NDArray[np.float64]

SWIVELS = np.radians(np.arange(-24.0, 113.0, 8.0))
"""The swivels that are tried: from straight down outwards, radians."""
HANGING = 23.0
"""Degrees outwards at which elbows hang when hands are before the chest."""
_SURENESS = (15.0, 35.0)
"""Degrees: how far an elbow is usually from where it was seen, and from where elbows usually are."""
_STRETCH = 2000
"""Pictures for which swivels are tried at once."""
_REACH = 0.995
"""Share of the arm's length that a hand may be away: a straight elbow looks stiff and shakes."""
_Z = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """The turns of one arm in the world, picture by picture."""

    shoulder: Array
    """Shape [frames, 4]: of the collar bone."""
    upper: Array
    """Shape [frames, 4]: of the upper arm."""
    lower: Array
    """Shape [frames, 4]: of the forearm, without its twist."""
    hand: Array
    """Shape [frames, 4]: of the hand."""
    twist: Array
    """Shape [frames], radians about the rest direction of the forearm: how far the hand is turned on it."""
    short: Array
    """Shape [frames], metres: by how much the hand stays behind where it was wanted."""
    forced: Array
    """Shape [frames], degrees: by how much the wrist cannot turn as was wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What one arm should do, picture by picture."""

    side: str
    palms: Array
    """Shape [frames, 3], metres: where the palm point should be."""
    palm: Array
    """Shape [3], metres: the palm point from the wrist, the hand being at rest."""
    hands: Array
    """Shape [frames, 4]: turns of the hand in the world; at rest the identity."""
    elbows: Array
    """Shape [frames], degrees: swivels that were seen, else NaN."""
    collar: Array
    """Shape [3], metres: where the collar bone turns."""
    fastest: float = float("inf")
    """Radians that the hand turns at most from one picture to the next where its wrist is at a limit: from
    one end of what it can do to the other it takes its time."""

    @property
    def wrists(self) -> Array:
        """Shape [frames, 3], metres: where the wrist should be."""
        return np.asarray(self.palms - rotate(self.hands, self.palm))


def reach(
    wanted: Wanted,
    proportions: Proportions,
    smoothing: float,
    on_pictures: Callable[[int], None] | None = None,
) -> Arm:
    """The arm that brings the hand there, its elbow moving smoothly over `smoothing` pictures.

    Where the wrist cannot turn as far as is wanted, the palm point comes to its place all the same: then all
    pictures are gone through twice. `on_pictures` is told of how many each time.
    """
    arm = _reach(wanted, proportions, smoothing, on_pictures)
    if not arm.forced.any():
        return arm
    again = _reach(replace(wanted, hands=arm.hand), proportions, smoothing, on_pictures)
    return replace(again, forced=np.maximum(arm.forced, again.forced))


def _reach(
    wanted: Wanted, proportions: Proportions, smoothing: float, on_pictures: Callable[[int], None] | None
) -> Arm:
    number = ("left", "right").index(wanted.side)
    collar, joints = _raised(wanted, proportions, number)
    lengths = proportions.upper_arm, proportions.forearm
    line, far, short = _line(joints, wanted.wrists, lengths)
    swivel = gaussian(_swivels(wanted, proportions, (joints, line, far), on_pictures), smoothing)
    bent = _bent(joints, line, far, swivel[:, None], lengths, wanted.side)
    upper, lower, turn = (part[:, 0] for part in _turns(bent, wanted))
    allowed, twist, forced = _allowed(turn, wanted.side)
    if forced.any():
        allowed, twist, _ = _allowed(unhurried(allowed, wanted.fastest), wanted.side)
    return Arm(collar, upper, lower, multiply(lower, allowed), twist, short, forced)


def _raised(wanted: Wanted, proportions: Proportions, number: int) -> tuple[Array, Array]:
    """Turns of the collar bone, and where the upper arm then turns: it follows far and high hands."""
    joint = proportions.shoulders[number]
    way = wanted.wrists - joint
    length = proportions.upper_arm + proportions.forearm
    far = np.clip(np.linalg.norm(way, axis=-1) / length - 0.88, 0, 0.2) / 0.2
    high = np.clip(way[:, 1] / (0.6 * length), 0, 1)
    shift = (0.05 * far + 0.03 * high * high)[:, None] * unit(way) * (proportions.width / 0.36)
    bone = joint - wanted.collar
    turn = between(np.broadcast_to(bone, shift.shape), bone + shift)
    return turn, wanted.collar + rotate(turn, bone)


def _line(joints: Array, wrists: Array, lengths: tuple[float, float]) -> tuple[Array, Array, Array]:
    """Direction and length from shoulder to wrist as far as the arm reaches, and what it lacks."""
    way = wrists - joints
    far = np.linalg.norm(way, axis=-1)
    most, least = _REACH * sum(lengths), 1.05 * abs(lengths[0] - lengths[1]) + 0.02
    kept = np.clip(far, least, most)
    return unit(way), kept, np.abs(far - kept)


def _bent(
    joints: Array, line: Array, far: Array, swivel: Array, lengths: tuple[float, float], *side: str
) -> tuple[Array, Array, Array]:
    """Directions of upper arm and forearm and the side to which the elbow closes, [frames, swivels, 3]."""
    upper, lower = lengths
    line, down, across = swivel_axes(line, side[0])
    aside = np.cos(swivel)[..., None] * down[:, None] + np.sin(swivel)[..., None] * across[:, None]
    along = (upper**2 + far**2 - lower**2) / (2 * far)
    off = np.sqrt(np.maximum(upper**2 - along**2, 0))
    elbow = along[:, None, None] * line[:, None] + off[:, None, None] * aside
    first = unit(elbow)
    second = unit(far[:, None, None] * line[:, None] - elbow)
    closing = -aside + (aside * first).sum(axis=-1, keepdims=True) * first
    return first, second, unit(closing)


def swivel_axes(line: Array, side: str) -> tuple[Array, Array, Array]:
    """The circle on which an elbow lies about `line`, directions [frames, 3] from shoulder to wrist.

    Returns `line`, the way down and the way outwards, all across each other. Where the line itself is
    upright, down is backwards.
    """
    outwards = np.array([1.0 if side == "left" else -1.0, 0, 0])
    hanging = np.array([0, -1.0, -0.2]) + 0.15 * outwards
    down = unit(hanging - (line @ hanging)[:, None] * line)
    across = np.cross(line, down)
    return line, down, across * np.where(across @ outwards < 0, -1.0, 1.0)[:, None]


def _turns(bent: tuple[Array, Array, Array], wanted: Wanted) -> tuple[Array, Array, Array]:
    """Turns of upper arm and forearm in the world, and of the hand against the forearm."""
    first, second, closing = bent
    rest = hand_axes(wanted.side)[0]
    back = inverse(of_axes(rest, _Z, np.cross(rest, _Z)))
    hinge = np.cross(first, closing)
    upper = multiply(of_axes(first, closing, hinge), back)
    lower = multiply(of_axes(second, np.cross(hinge, second), hinge), back)
    return upper, lower, multiply(inverse(lower), wanted.hands[:, None])


def wrist_angles(turn: Array, side: str) -> tuple[Array, Array, Array]:
    """Flexion, deviation and supination, degrees, of a hand turned by `turn` [..., 4] against its forearm."""
    axes = hand_axes(side)
    _, twist = swing_twist(turn, axes[0])
    swing = log(multiply(inverse(twist), turn))
    flexion, deviation = swing @ np.cross(axes[0], axes[1]), swing @ np.cross(axes[0], axes[2])
    supination = np.degrees(log(twist) @ axes[0]) * (-1 if side == "left" else 1)
    supination = (supination + 180) % 360 - 180
    return np.degrees(flexion), np.degrees(deviation), supination


def _allowed(turn: Array, side: str) -> tuple[Array, Array, Array]:
    """The nearest turn that a wrist can do, its twist in radians about the forearm, and what was cut off."""
    flexion, deviation, supination = wrist_angles(turn, side)
    axes = hand_axes(side)
    swing = np.radians(np.clip(flexion, *FLEXION))[:, None] * np.cross(axes[0], axes[1]) + np.radians(
        np.clip(deviation, *DEVIATION)
    )[:, None] * np.cross(axes[0], axes[2])
    angle = np.radians(np.clip(supination, *SUPINATION)) * (-1 if side == "left" else 1)
    cut = excess(flexion, FLEXION) + excess(deviation, DEVIATION) + excess(supination, SUPINATION)
    swung = about(swing, np.linalg.norm(swing, axis=-1))
    return multiply(about(np.broadcast_to(axes[0], swing.shape), angle), swung), angle, cut


def _swivels(
    wanted: Wanted,
    proportions: Proportions,
    reached: tuple[Array, Array, Array],
    on_pictures: Callable[[int], None] | None,
) -> Array:
    """The best of `SWIVELS` in each picture, radians; stretch by stretch, as trying takes much memory."""
    best = np.empty(len(wanted.palms))
    for start in range(0, len(best), _STRETCH):
        part = slice(start, start + _STRETCH)
        if on_pictures:
            on_pictures(len(best[part]))
        some = replace(wanted, palms=wanted.palms[part], hands=wanted.hands[part], elbows=wanted.elbows[part])
        joints, line, far = (array[part] for array in reached)
        best[part] = _best(some, proportions, (joints, line, far))
    return best


def _best(wanted: Wanted, proportions: Proportions, reached: tuple[Array, Array, Array]) -> Array:
    """Near what is known or usual, and good for the wrist."""
    joints, line, far = reached
    tried = np.broadcast_to(SWIVELS, (len(far), len(SWIVELS)))
    lengths = proportions.upper_arm, proportions.forearm
    bent = _bent(joints, line, far, tried, lengths, wanted.side)
    flexion, deviation, supination = wrist_angles(_turns(bent, wanted)[2], wanted.side)
    known = ~np.isnan(wanted.elbows)
    hinted = np.where(known, wanted.elbows, _usual(wanted, proportions))
    cost = ((np.degrees(tried) - hinted[:, None]) / np.where(known, *_SURENESS)[:, None]) ** 2
    cost += (flexion / 60) ** 2 + (deviation / 35) ** 2 + (supination / 75) ** 2
    for angle, allowed in ((flexion, FLEXION), (deviation, DEVIATION), (supination, SUPINATION)):
        cost += (excess(angle, allowed) / 6) ** 2
    elbows = joints[:, None] + bent[0] * proportions.upper_arm
    halfway = elbows + bent[1] * (0.5 * proportions.forearm)
    for places, radius in ((elbows, 0.05), (halfway, 0.045)):
        cost += (depth_of_points(places, proportions.solids, radius) / 0.02) ** 2
    return _parabola(cost)


def _usual(wanted: Wanted, proportions: Proportions) -> Array:
    """Degrees: elbows rise with high hands and with hands on the other side of the body."""
    sign = 1.0 if wanted.side == "left" else -1.0
    joint = proportions.shoulders[0 if wanted.side == "left" else 1]
    way = (wanted.wrists - joint) / proportions.width
    high = np.clip((way[:, 1] + 0.1) / 0.8, 0, 1)
    crossed = np.clip(-sign * way[:, 0] - 0.5, 0, 1)
    return np.asarray(HANGING + 22 * high + 25 * crossed, np.float64)


def _parabola(cost: Array) -> Array:
    """Where the least cost lies between the tried swivels, so that the elbow does not go in steps."""
    best = cost.argmin(axis=1)
    inner = np.clip(best, 1, cost.shape[1] - 2)
    rows = np.arange(len(cost))
    before, here, after = (cost[rows, inner + step] for step in (-1, 0, 1))
    curve = before - 2 * here + after
    shift = np.where(curve > 1e-9, 0.5 * (before - after) / np.maximum(curve, 1e-9), 0)
    step = SWIVELS[1] - SWIVELS[0]
    return np.asarray(np.where(best == inner, SWIVELS[inner] + np.clip(shift, -1, 1) * step, SWIVELS[best]))
