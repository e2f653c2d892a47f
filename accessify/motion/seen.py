"""A person's points of a clip in the signer's own space: metres, Y up, +Z to the front, +X to the left.

The picture's x runs to the viewer's right, which is the signer's left; its y and depth run against ours. In a
selfie's picture the sides have each other's names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.holistic import (
    BODY,
    BODY_POINTS,
    BODY_WORLD,
    FACE,
    FACE_POINTS,
    HAND_POINTS,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    RIGHT_HAND,
    RIGHT_HAND_WORLD,
)
from accessify.core.pose import PoseClip
from accessify.core.rotation import unit

Array = NDArray[np.float64]

_AXES = np.array([1.0, -1.0, -1.0])
_HANDS = ((LEFT_HAND, LEFT_HAND_WORLD), (RIGHT_HAND, RIGHT_HAND_WORLD))
_SURE = 0.3
"""Confidence from which a point of the body is taken: below, networks guess what is out of the picture."""
_FLAT = 0.02
"""Depth of a hand, as a share of its palm, below which it cannot be in the unit of its other coordinates."""
_NO_DEPTH = 1e-7
"""The same below which there is no depth at all, also not in picture widths."""
_ADULT = (0.2, 0.7)
"""Metres between shoulder joints that are believed."""
_FAR = 0.5
"""Shares of the picture's size that a point may be outside of it: further, it is a wild guess."""
_UPPER_ARM, _FOREARM = 0.27, 0.24
"""Metres: bones of an adult with shoulders as far apart as nothing says otherwise."""
_NOSE = 0.1
"""Metres that the nose is before the shoulders."""
_BEFORE = 0.27
"""Metres that a signer's wrists mostly are before the shoulders."""
_SHOULDERS = ("LEFT_SHOULDER", "RIGHT_SHOULDER")
_SWAPPED = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
_OTHER = np.array(
    [
        BODY_POINTS.index("_".join(_SWAPPED.get(part, part) for part in name.split("_")))
        for name in BODY_POINTS
    ]
)
"""For each point of the body, the number of its mirror image."""
MESH_PAIRS = ((33, 263), (133, 362), (159, 386), (145, 374), (55, 285), (105, 334), (70, 300), (61, 291))
"""Points of MediaPipe's face mesh that are each other's mirror image, the right one first: ends and lids of
the eyes, inner end, middle and outer end of the brows, corners of the mouth."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a clip shows of a person; NaN where nothing was seen."""

    body: Array
    """Shape [frames, 33, 3], metres, in the order of `BODY_POINTS`."""
    hands: Array
    """Shape [frames, 2, 21, 3], any unit, from the wrist: left, right."""
    face: Array
    """Shape [frames, 468, 3], metres; only differences within it mean something. Of a selfie, only
    `MESH_PAIRS` and the points of the middle line are on their side."""

    @property
    def handed(self) -> NDArray[np.bool_]:
        """Shape [frames, 2]: whether each hand is there."""
        return np.asarray(np.isfinite(self.hands).all(axis=(2, 3)))

    def point(self, name: str) -> Array:
        """The point of the body called `name`, [frames, 3]."""
        return self.body[:, BODY_POINTS.index(name)]


def seen(clip: PoseClip) -> Seen:
    """The points of a holistic clip in the signer's space.

    Depths of the body are the metric ones where the clip has them.

    Raises:
        FormatError: the clip has no holistic body, never shows both shoulders, has no hands at all, or its
            hands have no depth.
    """
    _require(clip)
    clip = _deep(clip)
    body = _body(clip, BODY) * _AXES
    hands = [_hand(clip, *names) for names in _HANDS]
    _wrists_of_hands(clip, body)
    face = _named(clip, FACE, FACE_POINTS, 0) * _AXES
    scale = _metres(clip, body)
    body *= scale
    if BODY_WORLD in clip.skeleton:
        depth = _body(clip, BODY_WORLD)[..., 2]
        body[..., 2] = np.where(np.isfinite(depth), -depth, body[..., 2])
    else:
        body = _arms_forward(body)
    face *= scale
    _forward_where_unknown(body)
    if clip.mirrored:
        flip = np.array([-1.0, 1.0, 1.0])
        body, hands = body[:, _OTHER] * flip, [hand * flip for hand in hands[::-1]]
        right, left = np.transpose(MESH_PAIRS)
        face[:, [*right, *left]] = face[:, [*left, *right]]
        face = face * flip
    return Seen(body, np.stack(hands, axis=1), face)


def _deep(clip: PoseClip) -> PoseClip:
    """The clip with depths in pixels: some tools write them in picture widths, and hands come out flat."""
    flat: list[bool] = []
    flattest: list[float] = []
    for name, _ in _HANDS:
        points = _named(clip, name, HAND_POINTS, 0)
        if whole(points).any():
            palm = np.nanmedian(np.linalg.norm(points[:, 9, :2] - points[:, 0, :2], axis=-1))
            flat.append(bool(np.nanmedian(np.ptp(points[..., 2], axis=1)) < _FLAT * palm))
            flattest.append(float(np.nanmax(np.ptp(points[..., 2], axis=1)) / max(palm, 1e-9)))
    if flattest and max(flattest) < _NO_DEPTH:
        raise FormatError(
            "the hands have no depth, so nobody knows which way palms face; use landmarks in three "
            "dimensions: accessify landmarks FILM -o FILE.pose"
        )
    if not flat or not all(flat):
        return clip
    depth = np.where(clip.skeleton.metric, 1, clip.size[0]).astype(np.float32)
    scale = np.stack([np.ones_like(depth), np.ones_like(depth), depth], axis=-1)
    return replace(clip, points=clip.points * scale)


def _require(clip: PoseClip) -> None:
    names = {part.name for part in clip.skeleton.components}
    if BODY not in names or not {*_SHOULDERS} <= {*clip.skeleton.component(BODY).points}:
        raise FormatError(
            f"no holistic body among {', '.join(sorted(names)) or 'no points'}; "
            "make landmarks with a body: accessify landmarks FILM -o FILE.pose"
        )
    if not names & {LEFT_HAND, RIGHT_HAND}:
        raise FormatError("the clip has no hands; make landmarks with hands: accessify landmarks FILM")
    if not whole(_body(clip, BODY)[:, [BODY_POINTS.index(name) for name in _SHOULDERS]]).any():
        raise FormatError(
            "both shoulders are never seen together, so nothing can be measured; film more of the body"
        )


def _masked(clip: PoseClip, name: str, least: float) -> Array:
    points, confidence = clip.part(name)
    known = (confidence > 0) & (confidence >= least) & np.isfinite(points).all(axis=-1)
    return np.where(known[..., None], points.astype(np.float64), np.nan)


def _body(clip: PoseClip, name: str) -> Array:
    """Points [frames, 33, 3] of a body, NaN where the clip does not have them."""
    body = _named(clip, name, BODY_POINTS, _SURE)
    if name == BODY:
        outside = np.abs(body[..., :2] / np.array(clip.size) - 0.5) > 0.5 + _FAR
        body[outside.any(axis=-1)] = np.nan
    return body


def _named(clip: PoseClip, name: str, wanted: tuple[str, ...], least: float) -> Array:
    """The points called `wanted` of a component that may have only some of them, or not be there."""
    found = np.full((len(clip), len(wanted), 3), np.nan)
    if name in clip.skeleton:
        points, places = _masked(clip, name, least), {point: number for number, point in enumerate(wanted)}
        for number, point in enumerate(clip.skeleton.component(name).points):
            if point in places:
                found[:, places[point]] = points[:, number]
    return found


def _hand(clip: PoseClip, name: str, metric: str) -> Array:
    """A hand from its wrist, the metric one where it is there: it is less flat."""
    which = metric if metric in clip.skeleton else name
    if which not in clip.skeleton:
        return np.full((len(clip), 21, 3), np.nan)
    points = _masked(clip, which, 0)
    known = whole(points) & (np.linalg.norm(points[:, 9] - points[:, 0], axis=-1) > 1e-6)
    return np.where(known[:, None, None], (points - points[:, :1]) * _AXES, np.nan)


def _wrists_of_hands(clip: PoseClip, body: Array) -> None:
    """Put the body's wrists across the picture where the hands have theirs, which are surer.

    Where a hand is lost, the body's wrist is believed to be as wrong as before and after: nothing jumps.
    """
    for number, (name, _) in zip(_numbers("WRIST"), _HANDS, strict=True):
        sure = _named(clip, name, HAND_POINTS, 0)[:, 0, :2] * _AXES[:2]
        guessed = body[:, number, :2]
        both = whole(sure) & whole(guessed)
        if both.any():
            guessed = guessed + filled(sure - guessed, both)
        body[:, number, :2] = np.where(np.isfinite(guessed), guessed, sure)


def _forward_where_unknown(body: Array) -> None:
    """Depths of wrists that only their hands show: where hands mostly are, before the shoulders."""
    shoulders = body[:, _numbers("SHOULDER"), 2].mean(axis=1, keepdims=True)
    wrists = body[:, _numbers("WRIST"), 2]
    body[:, _numbers("WRIST"), 2] = np.where(np.isfinite(wrists), wrists, shoulders + _BEFORE)


def _arms_forward(body: Array) -> Array:
    """The body facing the camera, its arms as deep as the lengths of their bones say, where nothing metric is
    known.

    Depths that networks give bodies in pixels are wild. An arm that looks short points to the viewer or away;
    in signing it is to the viewer, from shoulder to elbow and from elbow to wrist.
    """
    found = body.copy()
    found[..., 2] -= found[:, _numbers("SHOULDER"), 2].mean(axis=1, keepdims=True)
    head = slice(0, BODY_POINTS.index("LEFT_SHOULDER"))
    found[:, head, 2] += _NOSE - found[:, :1, 2]
    trunk = found[:, _numbers("SHOULDER") + _numbers("HIP"), 2]
    found[:, _numbers("SHOULDER") + _numbers("HIP"), 2] = np.where(np.isnan(trunk), np.nan, 0.0)
    for near, far, least in (("SHOULDER", "ELBOW", _UPPER_ARM), ("ELBOW", "WRIST", _FOREARM)):
        start, end = found[:, _numbers(near)], found[:, _numbers(far)]
        flat = np.linalg.norm(end[..., :2] - start[..., :2], axis=-1)
        known = np.isfinite(flat).any()
        length = max(least, float(np.nanpercentile(flat, 90)) if known else least)
        deep = np.sqrt(np.maximum(0, length**2 - flat**2))
        found[:, _numbers(far), 2] = start[..., 2] + deep
    return found


def _numbers(joint: str) -> list[int]:
    return [BODY_POINTS.index(f"{side}_{joint}") for side in ("LEFT", "RIGHT")]


def _metres(clip: PoseClip, body: Array) -> float:
    """Metres of a unit of the picture at the signer: shoulders are 0.36 m apart where nothing says more."""
    left, right = (body[:, BODY_POINTS.index(name), :2] for name in _SHOULDERS)
    width = float(np.nanmedian(np.linalg.norm(left - right, axis=-1)))
    real = 0.36
    if BODY_WORLD in clip.skeleton:
        world = _body(clip, BODY_WORLD)
        sides = [world[:, BODY_POINTS.index(name)] for name in _SHOULDERS]
        apart = np.linalg.norm(sides[0] - sides[1], axis=-1)
        found = float(np.nanmedian(apart)) if np.isfinite(apart).any() else 0.0
        real = found if _ADULT[0] < found < _ADULT[1] else real
    if not width > 0:
        raise FormatError("both shoulders are at one place in the clip; film the signer from the front")
    return real / width


def whole(points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Shape [frames]: where all of `points` [frames, …] is known."""
    return np.asarray(np.isfinite(points).reshape(len(points), -1).all(axis=1))


def filled(values: Array, known: NDArray[np.bool_]) -> Array:
    """[frames, …] with unknown frames between known ones interpolated, and the ends held.

    Raises `ValueError` where nothing is known.
    """
    there = np.flatnonzero(known)
    if not len(there):
        raise ValueError("nothing is known to fill from")
    frames = np.arange(len(values))
    flat = np.where(known.reshape(-1, *(1,) * (values.ndim - 1)), values, 0).reshape(len(values), -1)
    columns = [np.interp(frames, there, flat[there, column]) for column in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(values.shape)


def upright(left: Array, right: Array, low: Array) -> Array:
    """Axes of a trunk as rows [frames, 3, 3]: to its left, up, to its front (Gram and Schmidt).

    `left` and `right` shoulders are [frames, 3]; `low` is the middle of the hips, NaN where it is not seen:
    the trunk is then upright.
    """
    across = unit(left - right)
    up = np.where(np.isfinite(low), (left + right) / 2 - low, np.array([0.0, 1.0, 0.0]))
    up = unit(up - (up * across).sum(axis=-1, keepdims=True) * across)
    return np.stack([across, up, np.cross(across, up)], axis=1)
