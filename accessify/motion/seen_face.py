"""What face, head and trunk do in a clip: from scores of expressions where it has them, else from its points.

Distances of the face are shares of its width between the outer corners of the eyes, measured against what the
face does at most times in the clip, so that nobody's resting face counts as an expression.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.core.expressions import EXPRESSIONS
from accessify.core.pose import PoseClip
from accessify.core.rotation import inverse, multiply, of_matrix, unit
from accessify.core.smoothing import OneEuro, OneEuroFilter
from accessify.motion.face import Face, angles_of, turned
from accessify.motion.seen import Seen, filled, whole

Array = NDArray[np.float64]

_CALM = OneEuro(2.0, 0.02)
_CALM_SCORES = OneEuro(4.0, 2.0)
_EYES, _BROWS = ((386, 374), (159, 145)), ((282, 263), (52, 33))
"""Left and right: upper and lower lid; brow and the outer corner of its eye."""
_CORNERS, _LIPS, _MOUTH = (263, 33), (13, 14), (291, 61)
"""Outer corners of the eyes, inner lips, corners of the mouth; points of MediaPipe's face mesh."""
_FAR = np.array([40.0, 60.0, 35.0])
"""Degrees: how far a head turns at most, pitch, yaw, roll."""
_NEEDED = [*(number for pair in (*_EYES, *_BROWS) for number in pair), *_CORNERS, *_LIPS, *_MOUTH, 10, 152]


def face_of(clip: PoseClip, person: Seen, lean: Array) -> Face:
    """The face in `clip` of `person`, whose trunk is turned by `lean` [frames, 3], as `Face.trunk`."""
    step = float(1 / clip.rate.fps)
    frames = len(clip)
    head = _head(person, turned(lean))
    return Face(
        _expressions(clip, person, step),
        _calm(np.clip(head, -_FAR, _FAR), _CALM, step),
        lean,
        np.zeros((frames, 2)),
        np.zeros((frames, 2)),
        rate=clip.rate,
    )


def _head(person: Seen, trunk: Array) -> Array:
    """Degrees [frames, 3] that the head is turned against the trunk, its pitch against the clip's median."""
    if whole(person.face[:, _NEEDED]).any():
        left, right = person.face[:, _CORNERS[0]], person.face[:, _CORNERS[1]]
        up = person.face[:, 10] - person.face[:, 152]
    else:
        left, right = person.point("LEFT_EAR"), person.point("RIGHT_EAR")
        front = person.point("NOSE") - (left + right) / 2
        up = np.cross(front, left - right)
    across = unit(left - right)
    up = unit(up - (up * across).sum(axis=-1, keepdims=True) * across)
    axes = np.stack([across, up, np.cross(across, up)], axis=-1)
    known = whole(axes)
    if not known.any():
        return np.zeros((len(trunk), 3))
    found = np.zeros((len(trunk), 3))
    found[known] = angles_of(multiply(inverse(trunk[known]), of_matrix(axes[known])))
    found[:, 0] -= np.median(found[known, 0])
    return filled(found, known)


def _expressions(clip: PoseClip, person: Seen, step: float) -> NDArray[np.float32]:
    """Scores [frames, 52]; where there is no face they go on from before."""
    scores = np.zeros((len(clip), len(EXPRESSIONS)))
    if clip.expressions is not None:
        known = whole(clip.expressions)
        if known.any():
            wanted = [
                clip.skeleton.expressions.index(name)
                for name in EXPRESSIONS
                if name in clip.skeleton.expressions
            ]
            into = [number for number, name in enumerate(EXPRESSIONS) if name in clip.skeleton.expressions]
            scores[:, into] = filled(clip.expressions[:, wanted].astype(np.float64), known)
        scores[:, 0] = 0
        return np.clip(scores, 0, 1).astype(np.float32)
    known = whole(person.face[:, _NEEDED])
    if known.any():
        for name, score in _measured(filled(person.face, known)).items():
            scores[:, EXPRESSIONS.index(name)] = score
        scores = _calm(scores, _CALM_SCORES, step)
    return np.clip(scores, 0, 1).astype(np.float32)


def _measured(face: Array) -> dict[str, Array]:
    """Expressions that distances between points tell, [frames] each."""
    width = np.linalg.norm(face[:, _CORNERS[0]] - face[:, _CORNERS[1]], axis=-1)

    def apart(pair: tuple[int, int]) -> Array:
        return np.asarray(np.linalg.norm(face[:, pair[0]] - face[:, pair[1]], axis=-1) / width)

    found: dict[str, Array] = {}
    for side, lids, brow in zip(("Left", "Right"), _EYES, _BROWS, strict=True):
        eye, height = apart(lids), apart(brow)
        usual, level = np.median(eye), np.median(height)
        found[f"eyeBlink{side}"] = np.clip((0.75 * usual - eye) / (0.45 * usual), 0, 1)
        found[f"eyeWide{side}"] = np.clip((eye - 1.2 * usual) / (0.4 * usual), 0, 1)
        found[f"browOuterUp{side}"] = np.clip((height - level - 0.02) / 0.07, 0, 1)
        found[f"browDown{side}"] = np.clip((level - height - 0.015) / 0.05, 0, 1)
    found["browInnerUp"] = (found["browOuterUpLeft"] + found["browOuterUpRight"]) / 2
    wide = apart(_MOUTH)
    change = wide / np.median(wide) - 1
    found["jawOpen"] = np.clip(apart(_LIPS) / 0.42, 0, 1)
    found["mouthPucker"] = np.clip(-change / 0.3, 0, 1)
    for side in ("Left", "Right"):
        found[f"mouthStretch{side}"] = np.clip(change / 0.3, 0, 1)
    return found


def _calm(values: Array, settings: OneEuro, step: float) -> Array:
    filtered = OneEuroFilter(settings)
    return np.stack([filtered.push(value, step=step) for value in values])
