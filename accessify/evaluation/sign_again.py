"""The same signer again: one clip of a sign as it would look on another day, to be found by the first one.

What changes is made up, and told in full by `Change`: tempo, the camera's side and distance, trembling
landmarks, hands that are not found. It is one performance still, so this is the easiest case there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.holistic import BODY, BODY_POINTS, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.delivery.word_sets import WordClip
from accessify.evaluation.word_distances import word_codes
from accessify.signs.encoding import Cohort, SignEncoder
from accessify.signs.match import Enrolled, Matcher
from accessify.signs.normalize import normalize
from accessify.signs.samples import sample, stack

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """How a clip is made another; what follows it is drawn by `seed`."""

    speed: float = 1.0
    turn: float = 0.0
    """Degrees by which the camera goes round the signer."""
    scale: float = 1.0
    """How many times as large the signer is in the picture."""
    noise: float = 0.01
    """Standard deviation of each point in shoulder widths."""
    dropped: float = 0.15
    """Share of pictures in which a hand that was found no longer is."""
    seed: int = 0

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Change:
        """One that might happen."""
        return cls(
            speed=float(rng.uniform(0.7, 1.4)),
            turn=float(rng.uniform(-15, 15)),
            scale=float(rng.uniform(0.7, 1.4)),
            seed=int(rng.integers(1 << 31)),
        )


def change_clip(clip: PoseClip, change: Change) -> PoseClip:
    """The performance in `clip`, body and hands in pixels, filmed another time."""
    rng = np.random.default_rng(change.seed)
    points, confidence = _resampled(clip, change.speed)
    width = _shoulders(clip, points)
    centre = np.array([clip.size[0] / 2, clip.size[1] / 2, 0.0])
    _stand_hands(clip, points, 1)
    angle = np.radians(change.turn)
    turn = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    points = change.scale * ((points - centre) @ turn) + centre
    points += rng.normal(0, change.noise * width * change.scale, points.shape)
    _stand_hands(clip, points, -1)
    for name in (LEFT_HAND, RIGHT_HAND):
        place = clip.skeleton.place(name)
        confidence[rng.random(len(points)) < change.dropped, place] = 0
    points[confidence == 0] = np.nan
    times = np.array([clip.rate.at(index) for index in range(len(points))], np.int64)
    return replace(
        clip,
        points=points.astype(np.float32),
        confidence=confidence.astype(np.float32),
        times=times,
        notes=(),
    )


def found_again(
    clips: Sequence[WordClip], encoder: SignEncoder, cohort: Cohort, *, rounds: int, seed: int
) -> dict[str, float]:
    """Share of changed clips for which the clip they were made from comes first among all clips enrolled.

    A clip of the same take is as good an answer. `told` is the share that is not only first but near enough
    to be told; clips in which no hand is left count as not found.
    """
    codes, kept = word_codes(clips, encoder)
    takes = [clips[index].take for index in kept]
    enrolled = [Enrolled(str(place), codes[place : place + 1]) for place in range(len(kept))]
    matcher, rng = Matcher(enrolled, cohort), np.random.default_rng(seed)
    first, told = [], []
    for _ in range(rounds):
        changed = [normalize(change_clip(clips[index].clip, Change.drawn(rng))) for index in kept]
        seen = [place for place, one in enumerate(changed) if one.seen[:, 0].any()]
        queries = encoder(stack([sample(changed[place]) for place in seen]))
        for row, place in enumerate(seen):
            match = matcher.match(queries[row : row + 1])
            right = takes[int(match.candidates[0].name)] == takes[place]
            first.append(right)
            told.append(right and match.known)
    asked = max(rounds * len(kept), 1)
    return {"top1": sum(first) / asked, "told": sum(told) / asked, "queries": asked}


def _resampled(clip: PoseClip, speed: float) -> tuple[Points, Points]:
    """Points and confidence at the clip's rate of a performance `speed` times as fast.

    Between two pictures a point is on the line; missing in one of them, it is missing.
    """
    count = max(2, round((len(clip) - 1) / speed) + 1)
    at = np.linspace(0, len(clip) - 1, count)
    before = np.floor(at).astype(int)
    after = np.minimum(before + 1, len(clip) - 1)
    share = (at - before)[:, None]
    confidence = np.minimum(clip.confidence[before], np.where(share > 0, clip.confidence[after], 1))
    points = clip.points[before] * (1 - share[..., None]) + np.where(
        share[..., None] > 0, clip.points[after] * share[..., None], 0
    )
    return points.astype(np.float64), confidence.astype(np.float64)


def _shoulders(clip: PoseClip, points: Points) -> float:
    """Their width in pixels; a tenth of the picture where they are not seen."""
    body = points[:, clip.skeleton.place(BODY)]
    apart = body[:, BODY_POINTS.index("LEFT_SHOULDER"), :2] - body[:, BODY_POINTS.index("RIGHT_SHOULDER"), :2]
    widths = np.linalg.norm(apart, axis=1)
    there = widths[np.isfinite(widths)]
    return float(np.median(there)) if len(there) else clip.size[0] / 10


def _stand_hands(clip: PoseClip, points: Points, sign: int) -> None:
    """Count the hands' depth from where the body's wrist is (`sign` 1), or from the wrist again (-1)."""
    for name, wrist in ((LEFT_HAND, "LEFT_WRIST"), (RIGHT_HAND, "RIGHT_WRIST")):
        depth = points[:, clip.skeleton.place(BODY)][:, BODY_POINTS.index(wrist), 2]
        points[:, clip.skeleton.place(name), 2] += sign * np.nan_to_num(depth)[:, None]
