"""Poses to `SignClip`: the same sign gives the same numbers whoever signs it, and from where it is filmed.

- Angles and distances are measured in pixels, so the picture's aspect plays no part.
- The body is centred between the shoulders and measured in shoulder widths, both by their median over the
  clip: a shoulder that moves is part of the sign, a camera that shakes is not looked at twice.
- Every hand is centred on its wrist and measured by its palm, frame by frame.
- A signer whose left hand leads is mirrored, and so is the film of a selfie.
- Nothing is filled in: a missing hand stays NaN.

Without a body in the picture (a hand alone before the camera) places count from where the leading hand is
most of the time, in `PALMS` palm sizes.
"""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from accessify.core.holistic import BODY, BODY_POINTS, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.signs.clip import SignClip

Floats = NDArray[np.float32]

PALM_BONES = ((0, 5), (0, 9), (0, 17), (5, 17))
"""Pairs of hand points whose mean distance in space is the palm size."""
PALM = (0, 5, 9, 13, 17)
"""Hand points whose mean is the palm's centre."""
PALMS = 4.0
"""Palm sizes to a shoulder width, for clips without a body (shoulders of 0.36 m, palms of 0.09 m)."""
LEADS_BY = 1.15
"""How many times as often the left hand must be seen as the right to lead."""

Hand = Literal["right", "left", "auto"]


def normalize(clip: PoseClip, dominant: Hand = "auto") -> SignClip:
    """The signing in `clip`, in measures of the signer's body.

    `dominant` says which hand leads, as the signer would say it; `auto` takes the left where it is seen more
    often than the right and travels further. Raises `ValueError` where the clip has neither hand among its
    components.
    """
    hands = {side: _hand(clip, name) for side, name in (("right", RIGHT_HAND), ("left", LEFT_HAND))}
    body = _body(clip)
    flip = clip.mirrored  # in a selfie's picture the sides have each other's names
    if flip:
        hands = {"right": _mirror(hands["left"]), "left": _mirror(hands["right"])}
        body = _other_side(_mirror(body))
    leads_left = dominant == "left" or (dominant == "auto" and _left_leads(hands["right"], hands["left"]))
    if leads_left:
        hands = {"right": _mirror(hands["left"]), "left": _mirror(hands["right"])}
        body = _other_side(_mirror(body))
    pair = np.stack([hands["right"], hands["left"]], axis=1)
    centre, width = _frame(body, pair)
    places = _places(pair, body, centre, width)
    shapes = pair.copy()
    shapes[:, 1] = _mirror(shapes[:, 1])
    return SignClip(
        clip.times,
        palm_sized(shapes),
        places,
        ((body - centre) / width).astype(np.float32),
        mirrored=leads_left,
    )


def palm_sized(hands: Floats) -> Floats:
    """Hands [..., 21, 3] with the wrist at 0 and the palm size 1 (`PALM_BONES`); NaN where that is 0."""
    centred = hands - hands[..., :1, :]
    size = palm_size(hands)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (centred / np.where(size > 0, size, np.nan)[..., None, None]).astype(np.float32)


def palm_size(hands: Floats) -> Floats:
    """Mean length of the `PALM_BONES` of hands [..., 21, 3]."""
    bones = [np.linalg.norm(hands[..., a, :] - hands[..., b, :], axis=-1) for a, b in PALM_BONES]
    return np.asarray(np.mean(bones, axis=0), np.float32)


def _hand(clip: PoseClip, name: str) -> Floats:
    """Points [frames, 21, 3] in pixels, NaN where the hand is not wholly there."""
    if name not in clip.skeleton:
        if not {LEFT_HAND, RIGHT_HAND} & {part.name for part in clip.skeleton.components}:
            raise ValueError("the clip has no hands; look for landmarks with hands")
        return np.full((len(clip), 21, 3), np.nan, np.float32)
    points, confidence = clip.part(name)
    missing = (confidence == 0).any(axis=1) | ~np.isfinite(points).all(axis=(1, 2))
    return np.where(missing[:, None, None], np.float32(np.nan), points)


_WANTED = (
    "NOSE",
    "RIGHT_SHOULDER",
    "LEFT_SHOULDER",
    "RIGHT_ELBOW",
    "LEFT_ELBOW",
    "RIGHT_WRIST",
    "LEFT_WRIST",
)


def _body(clip: PoseClip) -> Floats:
    """Points [frames, 7, 3] in pixels as `clip.BODY_POINTS` has them for a right-handed signer."""
    if BODY not in clip.skeleton:
        return np.full((len(clip), len(_WANTED), 3), np.nan, np.float32)
    points, confidence = clip.part(BODY)
    names = clip.skeleton.component(BODY).points
    index = [names.index(name) if name in names else BODY_POINTS.index(name) for name in _WANTED]
    return np.where(confidence[:, index, None] > 0, points[:, index], np.float32(np.nan))


def _mirror(points: Floats) -> Floats:
    return points * np.array([-1, 1, 1], np.float32)


def _other_side(body: Floats) -> Floats:
    """The body with its sides exchanged."""
    return body[:, [0, 2, 1, 4, 3, 6, 5]]


def _left_leads(right: Floats, left: Floats) -> bool:
    counts = [int(np.isfinite(hand).all(axis=(1, 2)).sum()) for hand in (right, left)]
    if not counts[0] or not counts[1]:
        return counts[1] > counts[0]
    return counts[1] > LEADS_BY * counts[0] and _travel(left) > _travel(right)


def _travel(hand: Floats) -> float:
    """How far a wrist moves, in palm sizes."""
    wrist = hand[np.isfinite(hand).all(axis=(1, 2))]
    steps = np.linalg.norm(np.diff(wrist[:, 0, :2], axis=0), axis=1)
    return float(steps.sum() / max(float(np.median(palm_size(wrist))), 1e-6))


def _frame(body: Floats, hands: Floats) -> tuple[Floats, np.float32]:
    """Where places count from [3], and what they are measured in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a median of nothing is NaN, which is meant
        shoulders = np.nanmedian(body[:, 1:3], axis=0) if len(body) else np.full((2, 3), np.nan)
        width = np.linalg.norm(shoulders[0, :2] - shoulders[1, :2])
        if np.isfinite(width) and width > 0:
            return shoulders.mean(axis=0).astype(np.float32), np.float32(width)
        wrist = np.nanmedian(hands[:, 0, 0], axis=0) if len(hands) else np.full(3, np.nan)
        size = np.nanmedian(palm_size(hands)) if len(hands) else np.nan
    return wrist.astype(np.float32), np.float32(PALMS * size if size > 0 else np.nan)


def _places(hands: Floats, body: Floats, centre: Floats, width: np.float32) -> Floats:
    """Palm centres [frames, 2, 3], or the body's wrists; depth is the body's where there is one.

    A hand's own depth counts from its wrist, so where the hand is comes from the body.
    """
    palms = hands[:, :, list(PALM)].mean(axis=2)
    wrists = body[:, 5:7]
    palms[..., 2] = (
        palms[..., 2] - hands[:, :, 0, 2] + np.where(np.isfinite(wrists[..., 2]), wrists[..., 2], 0)
    )
    places = np.where(np.isfinite(palms), palms, wrists)
    return ((places - centre) / width).astype(np.float32)
