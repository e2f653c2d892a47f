"""What a landmark tracker sees of an invented performance: body and hands in pixels, with its faults.

Landmarks tremble by a share of the shoulder width, partly from picture to picture and partly slowly;
hands are lost for some pictures in a row, and always outside the picture; the body's wrist is doubted
where it is outside. The arm is two bones of 0.71 shoulder widths; the elbow hangs down and outwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from accessify.core.holistic import BODY, BODY_POINTS, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate, to_seconds
from accessify.evaluation.sign_motion import Performance

Numbers = NDArray[np.float64]
SKELETON = HOLISTIC.only((BODY, LEFT_HAND, RIGHT_HAND))
BONE = 0.71
"""Length of upper arm and forearm in shoulder widths (0.285 m of 0.40 m)."""
PAL = Rate(Fraction(25))
PALM = 0.22
"""Wrist to middle knuckle in shoulder widths."""
_HEAD = {
    "NOSE": (0.0, -0.58),
    "LEFT_EYE_INNER": (0.05, -0.68),
    "LEFT_EYE": (0.09, -0.68),
    "LEFT_EYE_OUTER": (0.13, -0.68),
    "LEFT_EAR": (0.2, -0.62),
    "MOUTH_LEFT": (0.07, -0.46),
}
_TRUNK = {"LEFT_SHOULDER": (0.5, 0.0), "LEFT_HIP": (0.31, 1.42), "LEFT_KNEE": (0.3, 2.4)}
# knuckle: across the palm (towards the thumb), along it; bones behind it, in palm lengths
_FINGERS = (
    ((0.28, 0.2), (0.4, 0.35, 0.3)),
    ((0.24, 0.98), (0.45, 0.27, 0.22)),
    ((0.0, 1.0), (0.5, 0.31, 0.24)),
    ((-0.2, 0.93), (0.46, 0.29, 0.24)),
    ((-0.38, 0.82), (0.36, 0.21, 0.2)),
)


@dataclass(frozen=True, slots=True)
class Camera:
    """Who looks, and how badly."""

    rate: Rate = PAL
    """Pictures a second."""
    size: tuple[int, int] = (640, 480)
    """Pixels."""
    shoulders: float = 130.0
    """Width of the shoulders in pixels."""
    centre: tuple[float, float] = (0.5, 0.42)
    """Where the middle between the shoulders is, as shares of the picture."""
    jitter: float = 0.012
    """Standard deviation of the trembling in shoulder widths."""
    lost: float = 0.0
    """Share of time in which a hand is not found."""
    lost_for: float = 0.08
    """Mean seconds of one such time."""
    dropped: float = 0.0
    """Share of pictures that are missing."""
    uneven: float = 0.0
    """Standard deviation of the pictures' times in steps; at most 0.3."""
    mirrored: bool = False
    """Whether the picture is a selfie's."""
    seed: int = 0


def film(performance: Performance, camera: Camera = Camera()) -> PoseClip:
    """The landmarks of a performance as `camera` sees it: `SKELETON`, in pixels."""
    rng = np.random.default_rng(camera.seed)
    ticks = _ticks(performance, camera, rng)
    clock = np.array([to_seconds(int(tick)) for tick in ticks])
    walked = np.array(performance.walk or ((0.0, 0.0),))
    offset = np.interp(clock, walked[:, 0], walked[:, 1])
    points = np.zeros((len(clock), len(SKELETON), 3))
    body = points[:, SKELETON.place(BODY)]
    _stand(body)
    for side, (name, hand) in enumerate((("LEFT", LEFT_HAND), ("RIGHT", RIGHT_HAND))):
        places, shapes = performance.hands[side].at(clock)
        places[:, 0] *= 1 if side == 0 else -1  # outwards is the picture's right for a left hand
        shoulder = body[:, BODY_POINTS.index(f"{name}_SHOULDER")]
        elbow, wrist = _reach(shoulder, places)
        body[:, BODY_POINTS.index(f"{name}_ELBOW")] = elbow
        body[:, BODY_POINTS.index(f"{name}_WRIST")] = wrist
        points[:, SKELETON.place(hand)] = _hand(wrist, elbow, shapes, 1 if side == 0 else -1)
        for finger, knuckle in (("PINKY", 17), ("INDEX", 5), ("THUMB", 2)):
            body[:, BODY_POINTS.index(f"{name}_{finger}")] = points[:, SKELETON.place(hand)][:, knuckle]
    points += _trembling(points.shape, clock, camera.jitter, rng)
    points[:, :, 0] *= performance.turned
    points[:, :, 0] += offset[:, None]
    return _seen(points, ticks, performance, (camera, rng))


def _ticks(performance: Performance, camera: Camera, rng: np.random.Generator) -> NDArray[np.int64]:
    count = max(1, round(performance.length * float(camera.rate.fps)))
    ticks = np.array([camera.rate.at(index) for index in range(count)], np.int64)
    shift = np.clip(rng.normal(0, 1, count) * camera.uneven, -0.3, 0.3) * camera.rate.at(1)
    shift[0] = 0
    kept = rng.random(count) >= camera.dropped
    kept[0] = True
    return np.asarray((ticks + shift.astype(np.int64))[kept], np.int64)


def _stand(body: Numbers) -> None:
    for name, (across, down) in (_HEAD | _TRUNK).items():
        body[:, BODY_POINTS.index(name), :2] = across, down
        other = name.replace("LEFT", "RIGHT")
        if other != name:
            body[:, BODY_POINTS.index(other), :2] = -across, down


def _reach(shoulder: Numbers, target: Numbers) -> tuple[Numbers, Numbers]:
    """Elbow and wrist [n, 3] of an arm that reaches for `target` as far as its bones let it."""
    line = target - shoulder
    length = np.linalg.norm(line, axis=1, keepdims=True)
    along = line / np.maximum(length, 1e-9)
    length = np.clip(length, 0.1, 2 * BONE * 0.995)
    outwards = np.stack((np.sign(shoulder[:, 0]) * 0.5, np.ones(len(line)), np.full(len(line), 0.4)), 1)
    aside = outwards - (outwards * along).sum(1, keepdims=True) * along
    aside /= np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-9)
    height = np.sqrt(np.maximum(BONE**2 - (length / 2) ** 2, 0))
    return shoulder + along * length / 2 + aside * height, shoulder + along * length


def _hand(wrist: Numbers, elbow: Numbers, shapes: Numbers, side: int) -> Numbers:
    """21 points [n, 21, 3] of a hand that goes on from the forearm, turned in the picture."""
    forearm = wrist - elbow
    angle = np.arctan2(forearm[:, 1], forearm[:, 0]) + side * shapes[:, 5]
    along = np.stack((np.cos(angle), np.sin(angle), np.zeros(len(angle))), 1)
    across = side * np.stack((np.sin(angle), -np.cos(angle), np.zeros(len(angle))), 1)
    palm = np.array((0.0, 0.0, -1.0))  # towards the camera
    points = np.repeat(wrist[:, None], 21, axis=1)
    for finger, ((aside, ahead), bones) in enumerate(_FINGERS):
        at = wrist + PALM * (aside * across + ahead * along)
        points[:, 1 + 4 * finger] = at
        bend = np.zeros(len(angle))
        for joint, bone in enumerate(bones):
            bend = bend + shapes[:, finger] * (1.45, 1.6, 1.1)[joint]
            step = np.cos(bend)[:, None] * along + np.sin(bend)[:, None] * palm
            at = at + PALM * bone * step
            points[:, 2 + 4 * finger + joint] = at
    return points


def _trembling(shape: tuple[int, ...], clock: Numbers, size: float, rng: np.random.Generator) -> Numbers:
    """Half of the variance from picture to picture, half with a memory of 0.15 s."""
    quick = rng.normal(0, size * 0.7, shape)
    slow = rng.normal(0, size * 0.7, shape)
    for index in range(1, len(clock)):
        kept = np.exp(-(clock[index] - clock[index - 1]) / 0.15)
        slow[index] = kept * slow[index - 1] + np.sqrt(1 - kept**2) * slow[index]
    return quick + slow


def _seen(
    points: Numbers,
    ticks: NDArray[np.int64],
    performance: Performance,
    by: tuple[Camera, np.random.Generator],
) -> PoseClip:
    camera, rng = by
    width, height = camera.size
    pixels = points * camera.shoulders
    pixels[:, :, :2] += np.array(camera.centre) * camera.size
    within = (pixels[:, :, :2] >= 0) & (pixels[:, :, :2] < np.array(camera.size))
    inside: NDArray[np.bool_] = np.asarray(within.all(axis=2), np.bool_)
    confidence = np.where(inside, 0.97, 0.15)
    present = inside[:, SKELETON.place(BODY)][:, :13].mean(axis=1) > 0.5
    present &= performance.seen
    for name in (LEFT_HAND, RIGHT_HAND):
        place = SKELETON.place(name)
        found = (inside[:, place].mean(axis=1) > 0.7) & ~_lost(ticks, camera, rng) & present
        flicker = rng.random(len(ticks)) < performance.flicker
        ghost = flicker & ~found
        shift = rng.normal(0, 1, (len(ticks), 1, 3)) * camera.shoulders * (1, 0.8, 0)
        middle = np.array((0.5 * width, 0.5 * height, 0))
        pixels[:, place][ghost] += (middle + shift - pixels[:, place].mean(axis=1, keepdims=True))[ghost]
        confidence[:, place] = ((found & ~flicker) | ghost)[:, None]
    body = SKELETON.place(BODY)
    confidence[:, body] *= present[:, None]
    for number, point in enumerate(BODY_POINTS):
        if any(part in point for part in ("ANKLE", "HEEL", "FOOT")):
            confidence[:, body][:, number] = 0
    pixels[confidence == 0] = np.nan
    if camera.mirrored:
        pixels[:, :, 0] = width - pixels[:, :, 0]
    clip = PoseClip(
        SKELETON, pixels.astype(np.float32), confidence.astype(np.float32), ticks, camera.rate, camera.size
    )
    return _renamed(clip) if camera.mirrored else clip


def _lost(ticks: NDArray[np.int64], camera: Camera, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Pictures [n] in which a hand is lost: times of exponential length."""
    lost = np.zeros(len(ticks), np.bool_)
    if not camera.lost:
        return lost
    clock = ticks / 705_600_000
    at = float(rng.exponential(camera.lost_for / camera.lost))
    while at < clock[-1]:
        lasting = float(rng.exponential(camera.lost_for))
        lost |= (clock >= at) & (clock < at + lasting)
        at += lasting + float(rng.exponential(camera.lost_for * (1 / camera.lost - 1)))
    return lost


def _renamed(clip: PoseClip) -> PoseClip:
    """A selfie as trackers name it: what looks like a right hand is called right."""
    order = np.arange(len(SKELETON))
    names = [
        point.replace("LEFT", "*").replace("RIGHT", "LEFT").replace("*", "RIGHT") for point in BODY_POINTS
    ]
    order[SKELETON.place(BODY)] = [BODY_POINTS.index(name) for name in names]
    left, right = SKELETON.place(LEFT_HAND), SKELETON.place(RIGHT_HAND)
    order[left], order[right] = np.arange(len(SKELETON))[right], np.arange(len(SKELETON))[left]
    return PoseClip(
        SKELETON,
        clip.points[:, order],
        clip.confidence[:, order],
        clip.times,
        clip.rate,
        clip.size,
        mirrored=True,
    )
