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
_EYES, _EYE_ENDS = ((386, 374), (159, 145)), ((263, 362), (33, 133))
"""Left and right: upper and lower lid; outer and inner corner."""
_BROWS = ((285, 334, 300), (55, 105, 70))
"""Left and right: the inner end, the middle and the outer end of a brow."""
_RESTING = {"inner": 0.15, "arch": 0.215, "lids": 0.09, "mouth": 0.54, "corners": -0.005}
"""Of a face at rest, in widths between the outer corners of the eyes: how high brows stand over the line of
the eye's corners, how far lids and corners of the mouth are apart, how high those are over the lips; means
over some signers, as MediaPipe's mesh sees them."""
_CORNERS, _LIPS, _MOUTH = (263, 33), (13, 14), (291, 61)
"""Outer corners of the eyes, inner lips, corners of the mouth; points of MediaPipe's face mesh."""
_FAR = np.array([40.0, 60.0, 35.0])
"""Degrees: how far a head turns at most, pitch, yaw, roll."""
_NEEDED = [
    *(number for group in (*_EYES, *_EYE_ENDS, *_BROWS) for number in group),
    *(*_CORNERS, *_LIPS, *_MOUTH, 10, 152),
]


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


def face_at(face: Face, places: Array) -> Face:
    """The face at `places` [n], in pictures, between two of them mixed."""
    pictures = np.arange(len(face))

    def mixed(values: NDArray[np.floating]) -> Array:
        return np.stack([np.interp(places, pictures, column) for column in values.T], axis=1)

    return Face(
        mixed(face.expressions).astype(np.float32),
        mixed(face.head),
        mixed(face.trunk),
        mixed(face.gaze),
        mixed(face.shoulders),
        rate=face.rate,
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
            there = [name for name in clip.skeleton.expressions if name in EXPRESSIONS]
            wanted = [clip.skeleton.expressions.index(name) for name in there]
            into = [EXPRESSIONS.index(_own_side(name, clip.mirrored)) for name in there]
            scores[:, into] = filled(clip.expressions[:, wanted].astype(np.float64), known)
        scores[:, 0] = 0
        return np.clip(scores, 0, 1).astype(np.float32)
    known = whole(person.face[:, _NEEDED])
    if known.any():
        for name, score in _measured(filled(person.face, known)).items():
            scores[:, EXPRESSIONS.index(name)] = score
        scores = _calm(scores, _CALM_SCORES, step)
    return np.clip(scores, 0, 1).astype(np.float32)


def _own_side(name: str, mirrored: bool) -> str:
    """The expression on the person's own side; in a selfie the sides have each other's names."""
    if mirrored and name.endswith("Left"):
        return name.removesuffix("Left") + "Right"
    if mirrored and name.endswith("Right"):
        return name.removesuffix("Right") + "Left"
    return name


def _measured(face: Array) -> dict[str, Array]:
    """Expressions that distances between points tell, [frames] each."""
    across = face[:, _CORNERS[0]] - face[:, _CORNERS[1]]
    width = np.linalg.norm(across, axis=-1)
    up = face[:, 10] - face[:, 152]
    up = unit(up - (up * unit(across)).sum(axis=-1, keepdims=True) * unit(across))
    heights = (face * up[:, None]).sum(axis=-1) / width[:, None]

    def apart(pair: tuple[int, int]) -> Array:
        return np.asarray(np.linalg.norm(face[:, pair[0]] - face[:, pair[1]], axis=-1) / width)

    found = _brows(heights)
    for side, lids in zip(("Left", "Right"), _EYES, strict=True):
        eye = apart(lids)
        usual = _usual(eye, "lids")
        found[f"eyeBlink{side}"] = np.clip((0.75 * usual - eye) / (0.45 * usual), 0, 1)
        found[f"eyeWide{side}"] = np.clip((eye - 1.2 * usual) / (0.4 * usual), 0, 1)
    gap, wide = apart(_LIPS), apart(_MOUTH)
    change = wide / _usual(wide, "mouth") - 1
    found["jawOpen"] = np.clip(gap / 0.42, 0, 1)
    found["mouthPucker"] = np.clip(-(change + 0.04) / 0.25, 0, 1)
    found["mouthFunnel"] = found["mouthPucker"] * np.clip(gap / 0.15, 0, 1)
    lips = heights[:, _LIPS].mean(axis=1)
    corners = np.stack([heights[:, corner] - lips for corner in _MOUTH], axis=1)
    raised = corners - _usual(corners, "corners")
    for number, side in enumerate(("Left", "Right")):
        found[f"mouthSmile{side}"] = np.clip((raised[:, number] - 0.015) / 0.06, 0, 1) * (gap < 0.25)
        found[f"mouthFrown{side}"] = np.clip((-raised[:, number] - 0.015) / 0.05, 0, 1)
        found[f"mouthStretch{side}"] = np.clip((change - 0.04) / 0.25, 0, 1)
    return found


def _brows(heights: Array) -> dict[str, Array]:
    """Raised and lowered: action units 1, 2 and 4 (P. Ekman, W. Friesen, Facial Action Coding System, 1978).

    The inner ends move most; they rise with surprise and yes-no questions, and sink with doubt and questions
    that ask who or what.
    """
    found: dict[str, Array] = {}
    rising = []
    for side, eye, (inner, middle, outer) in zip(("Left", "Right"), _EYE_ENDS, _BROWS, strict=True):
        level = heights[:, eye].mean(axis=1)
        ends, arch = heights[:, inner] - level, heights[:, (middle, outer)].mean(axis=1) - level
        ends, arch = ends - _usual(ends, "inner"), arch - _usual(arch, "arch")
        found[f"browOuterUp{side}"] = np.clip((arch - 0.01) / 0.06, 0, 1)
        found[f"browDown{side}"] = np.clip((-ends - 0.008) / 0.03, 0, 1)
        rising.append(np.clip((ends - 0.012) / 0.06, 0, 1))
    found["browInnerUp"] = np.mean(rising, axis=0)
    return found


def _usual(values: Array, name: str) -> float:
    """What is measured of this face at rest: mostly its median, a little what is usual for people.

    So a face that asks through most of a short clip still asks, and low brows are no frown.
    """
    return float(0.65 * np.median(values) + 0.35 * _RESTING[name])


def _calm(values: Array, settings: OneEuro, step: float) -> Array:
    filtered = OneEuroFilter(settings)
    return np.stack([filtered.push(value, step=step) for value in values])
