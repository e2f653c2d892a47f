"""From landmarks of a person to what hands, face and trunk do: any clip on any figure.

Hands: the basis of a palm is wrist to middle knuckle and the normal of wrist, index and little knuckle;
fingers are angles in it. Arms: the wrist from its shoulder in lengths of the person's own arm, so that
figures of other size reach likewise, and how far the elbow is turned out. Trembling is taken out of rotations
by One-Euro filters on their logarithms; a hand that is lost is held, then goes to rest, never snaps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.humanoid import SIDES
from accessify.core.pose import PoseClip
from accessify.core.proportions import Proportions
from accessify.core.rotation import inverse, multiply, of_matrix, rotate, slerp, unit
from accessify.core.smoothing import OneEuro, OneEuroFilter, OneEuroTurns, unhurried
from accessify.core.timeline import Note, Span
from accessify.motion.face import Face, angles_of, turned
from accessify.motion.hand_model import joint_angles
from accessify.motion.limits import passed_on, within_bends, within_spread
from accessify.motion.pose import stretches
from accessify.motion.posture import Postures
from accessify.motion.seen import Seen, filled, seen, upright, whole
from accessify.motion.seen_arms import seen_arm
from accessify.motion.seen_face import face_at, face_of
from accessify.motion.stretch import FIELDS, FINGERTIPS, PALM, eased, held, sampled

Array = NDArray[np.float64]

_LEAN = np.array([25.0, 35.0, 20.0])
"""Degrees: how far a trunk turns at most, pitch, yaw, roll."""
_SLOW = OneEuro(0.5, 0.3)


@dataclass(frozen=True, slots=True)
class RetargetOptions:
    """How calm it becomes and how long a lost hand is waited for."""

    rotations: OneEuro = field(default_factory=lambda: OneEuro(3.0, 1.5))
    """Of hands, in radians."""
    angles: OneEuro = field(default_factory=lambda: OneEuro(3.0, 0.02))
    """Of finger joints, in degrees."""
    places: OneEuro = field(default_factory=lambda: OneEuro(3.0, 8.0))
    """Of palms, in metres."""
    fastest: float = 2400.0
    """Degrees a second that a hand turns at most: about what people can do."""
    bridged: float = 0.4
    """Seconds: a hand lost for less goes straight on to where it is found again."""
    held: float = 0.25
    """Seconds that a hand lost for longer is held before it goes to rest."""
    fading: float = 0.4
    """Seconds it takes to rest and back."""


@dataclass(frozen=True, slots=True, eq=False)
class Retargeted:
    """What a clip shows, for any figure of the proportions asked for."""

    postures: Postures
    face: Face


def retarget(
    clip: PoseClip,
    proportions: Proportions,
    options: RetargetOptions = RetargetOptions(),
) -> Retargeted:
    """The movement in `clip`, at the clip's own rate.

    Even in time, also where the clip is not; it begins with the clip's first picture, at tick 0. Notes of
    kind `no-hand` tell when a hand is not seen.

    Raises:
        FormatError: the clip has no frames, no holistic body, no hands, or never shows both shoulders.
    """
    if not len(clip):
        raise FormatError("the clip has no pictures; make landmarks of a film that has some")
    person = seen(clip)
    step = float(1 / clip.rate.fps)
    lean = _lean(person, step)
    scene = _Scene(person, turned(lean), proportions, options, step)
    parts = [_one_hand(number, scene) for number in (0, 1)]

    arrays: dict[str, Any] = {
        name: np.stack([getattr(part, name) for part in parts], axis=1) for name in FIELDS
    }
    notes = (*clip.notes, *_lost(clip, person, options))
    postures = Postures(**arrays, rate=clip.rate, notes=notes)
    return _evened(Retargeted(postures, face_of(clip, person, lean)), clip)


def _evened(found: Retargeted, clip: PoseClip) -> Retargeted:
    """The same at even times, where the clip's are not."""
    if clip.even:
        return found
    times = (clip.times - clip.times[0]).astype(np.float64)
    count = clip.rate.nearest(int(times[-1])) + 1
    even = np.array([clip.rate.at(index) for index in range(count)], np.float64)
    places = np.interp(even, times, np.arange(len(times)))
    return Retargeted(sampled(found.postures, places), face_at(found.face, places))


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    person: Seen
    trunk: Array
    """Shape [frames, 4]: the turn of the trunk."""
    proportions: Proportions
    options: RetargetOptions
    step: float

    @property
    def resting(self) -> Array:
        """Shape [frames, 2, 3]: somewhere before the belly, for hands that are never seen."""
        place = self.proportions.places["stomach"] + np.array([0, 0, 0.15])
        return np.tile(place, (len(self.trunk), 2, 1))


@dataclass(frozen=True, slots=True, eq=False)
class _Hand:
    active: Array
    palms: Array
    directions: Array
    normals: Array
    bends: Array
    spread: Array
    elbows: Array


def _lean(person: Seen, step: float) -> Array:
    """Pitch, yaw and roll of the trunk [frames, 3], degrees, much calmed: shoulders tremble in depth.

    Its pitch is against the clip's median, for cameras look up or down.
    """
    left, right = person.point("LEFT_SHOULDER"), person.point("RIGHT_SHOULDER")
    known = whole(left) & whole(right)
    hips = (person.point("LEFT_HIP") + person.point("RIGHT_HIP")) / 2
    axes = upright(filled(left, known), filled(right, known), hips)
    angles = angles_of(calmed(of_matrix(np.swapaxes(axes, -1, -2)), _SLOW, step))
    return np.clip(angles - [np.median(angles[:, 0]), 0, 0], -_LEAN, _LEAN)


def calmed(turns: Array, settings: OneEuro, step: float) -> Array:
    """Rotations [frames, 4] without trembling, filtered to and fro so that nothing lags behind."""
    ways = []
    for way in (turns, turns[::-1]):
        filtered = OneEuroTurns(settings)
        ways.append(np.stack([filtered.push(turn, step) for turn in way]))
    return slerp(ways[0], ways[1][::-1], 0.5)


def _steady(values: Array, settings: OneEuro, step: float) -> Array:
    """Values [frames, …] likewise."""
    ways = []
    for way in (values, values[::-1]):
        filtered = OneEuroFilter(settings)
        ways.append(np.stack([filtered.push(value, step=step) for value in way]))
    return np.asarray((ways[0] + ways[1][::-1]) / 2)


def _one_hand(number: int, scene: _Scene) -> _Hand:
    """One hand of the person, in the figure's space."""
    person, options, step = scene.person, scene.options, scene.step
    known = person.handed[:, number]
    if not known.any():
        return _never(len(known), number, scene)
    points = filled(person.hands[:, number], known)
    turns, bends, spread = _held(points, number, scene)
    arm = seen_arm(person, number, scene.trunk, scene.proportions)
    wrists, elbows = (scene.resting[:, number], np.full(len(known), np.nan)) if arm is None else arm
    offset = scene.proportions.hand.palm * np.array([1, 1, 1 if number else -1])
    palms = _steady(wrists + rotate(turns, offset), options.places, step)
    return _Hand(
        _activity(known, options, step),
        palms,
        rotate(turns, FINGERTIPS),
        rotate(turns, PALM),
        within_bends(_steady(passed_on(bends), options.angles, step)),
        within_spread(_steady(spread, options.angles, step)),
        elbows,
    )


def _held(points: Array, number: int, scene: _Scene) -> tuple[Array, Array, Array]:
    """How a hand is held against the trunk [frames, 4], and the angles of its fingers."""
    along = unit(points[:, 9] - points[:, 0])
    out = np.cross(points[:, 5] - points[:, 0], points[:, 17] - points[:, 0]) * (1 if number else -1)
    out = unit(out - (out * along).sum(axis=-1, keepdims=True) * along)
    thumbwards = np.cross(along, out) * (1 if number else -1)
    axes = np.stack([along, out, thumbwards], axis=1)
    bends, spread = joint_angles(points @ np.swapaxes(axes, -1, -2))
    turns = multiply(inverse(scene.trunk), held(along, out))
    turns = unhurried(turns, np.radians(scene.options.fastest) * scene.step)
    return calmed(turns, scene.options.rotations, scene.step), bends, spread


def _never(frames: int, number: int, scene: _Scene) -> _Hand:
    """A hand that is never seen: at rest."""
    still = np.tile(FINGERTIPS, (frames, 1))
    return _Hand(
        np.zeros(frames),
        scene.resting[:, number],
        still,
        np.tile(PALM, (frames, 1)),
        np.zeros((frames, 5, 3)),
        np.zeros((frames, 5)),
        np.full(frames, np.nan),
    )


def _activity(known: NDArray[np.bool_], options: RetargetOptions, step: float) -> Array:
    """1 where a hand is seen or only briefly lost; else it is held, goes to rest and comes back in time."""
    frames = np.arange(len(known))
    there = np.flatnonzero(known)
    after = np.searchsorted(there, frames, side="right")
    last = np.where(after > 0, there[np.maximum(after, 1) - 1], -np.inf)
    ahead = np.searchsorted(there, frames, side="left")
    following = np.where(ahead < len(there), there[np.minimum(ahead, len(there) - 1)], np.inf)
    short = (following - last) * step <= options.bridged
    since, until = (frames - last) * step - options.held, (following - frames) * step
    fading = np.maximum(1 - eased(since / options.fading), 1 - eased(until / options.fading))
    return np.where(known | short, 1.0, fading)


def _lost(clip: PoseClip, person: Seen, options: RetargetOptions) -> list[Note]:
    """Notes where a hand goes to rest for not being seen."""
    notes = []
    for number, side in enumerate(SIDES):
        known = person.handed[:, number]
        if not known.any():
            notes.append(Note(clip.span, "no-hand", f"the {side} hand is never seen; it rests"))
            continue
        for first, end in stretches(_activity(known, options, float(1 / clip.rate.fps)) < 1):
            span = Span(clip.rate.at(first), clip.rate.at(end))
            notes.append(Note(span, "no-hand", f"the {side} hand is not seen; it goes to rest"))
    return notes
