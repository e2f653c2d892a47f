"""The sizes of any figure, measured on its bones and its skin.

Where the skin cannot be met (a figure without a head's mesh, say), places follow from the bones by the
proportions of an adult's head: eyes half-way up, the nose a third and the mouth two thirds of the way to the
chin (L. G. Farkas, "Anthropometry of the Head and Face", 1994).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character
from accessify.core.humanoid import SIDES, Rig
from accessify.core.proportions import HandSizes, Proportions
from accessify.motion.figure_solids import solids
from accessify.motion.fingers import hand_sizes, has_fingers
from accessify.motion.head_measures import HeadMeasures, measured
from accessify.motion.surface_rays import Skin

Array = NDArray[np.float64]

TRUNK = ("hips", "spine", "chest", "upperChest", "leftShoulder", "rightShoulder")
HEAD = ("head", "jaw", "leftEye", "rightEye", "neck")
_FAR = 2.0
"""Metres from which rays come."""
_ACROSS = 0.0315
"""Metres from the middle to an eye of that head."""

_FACE: dict[str, tuple[float, float]] = {
    "eye_brow": (0.0320, 0.0250),
    "eye": (0.0315, 0.0),
    "nostril": (0.0100, -0.0410),
    "cheek": (0.0420, -0.0360),
    "upper_lip": (0.0, -0.0540),
    "lips": (0.0, -0.0620),
    "chin": (0.0, -0.0920),
}
"""Place → left of the middle and above the eyes, metres, on a head of 0.103 from eyes to chin."""


def proportions_of(character: Character) -> Proportions:
    """What signing needs to know of a figure; raises `KeyError` naming a bone of the arms that it lacks."""
    rig = character.rig
    heads = {bone: rig.heads[rig.index(bone)] for bone in rig.bones}
    shoulders = np.stack([heads[f"{side}UpperArm"] for side in SIDES])
    elbow, wrist = heads["rightLowerArm"], heads["rightHand"]
    face = Skin.of(character, HEAD, hair=False)
    whole = Skin.of(character, HEAD)
    trunk = Skin.of(character, TRUNK)
    measures = measured(rig, face, whole)
    forearm = float(np.linalg.norm(wrist - elbow))
    places = _on_head(measures, face, rig) | _on_trunk(trunk, rig, shoulders)
    places["neck"] = _neck(measures, rig, whole)
    return Proportions(
        shoulders=shoulders,
        upper_arm=float(np.linalg.norm(elbow - shoulders[1])),
        forearm=forearm,
        hand=hand_sizes(rig) if has_fingers(rig, "right") else usual_hand(forearm),
        places=places,
        solids=solids(rig, measures, (face, whole, trunk)),
    )


def usual_hand(forearm: float) -> HandSizes:
    """An adult's hand in proportion to the forearm, for figures without finger bones.

    Lengths: A. Buryanov, V. Kotiuk, "Proportions of hand segments", 2010, for a forearm of 0.25 m.
    """
    knuckles = np.array(
        [
            [0.021, 0.008, 0.017],
            [0.089, 0.001, 0.021],
            [0.091, 0, 0],
            [0.085, 0.001, -0.021],
            [0.078, 0.003, -0.039],
        ]
    )
    bones = np.array(
        [
            [0.046, 0.032, 0.025],
            [0.040, 0.022, 0.020],
            [0.044, 0.026, 0.021],
            [0.041, 0.025, 0.021],
            [0.033, 0.018, 0.019],
        ]
    )
    scale = forearm / 0.25
    palm = np.array([0.053, 0.013, 0.001])
    return HandSizes(scale * knuckles, scale * bones, scale * palm, np.full((5, 3), 0.0088 * scale))


def _on_head(head: HeadMeasures, face: Skin, rig: Rig) -> dict[str, Array]:
    neck = rig.heads[rig.index("head")]
    front = face.near([0, head.eyes + 0.3 * (head.top - head.eyes), _FAR], [0, 0, -1])
    level = float(front[2]) if front is not None else float(neck[2]) + 0.090 * head.scale
    sideways = head.across / _ACROSS

    def seen(x: float, y: float) -> Array:
        """The skin there, from the front."""
        met = face.near([x, y, _FAR], [0, 0, -1])
        return np.array([x, y, level]) if met is None else met

    places = {name: seen(x * sideways, head.eyes + y * head.scale) for name, (x, y) in _FACE.items()}
    places["forehead"] = seen(0, head.eyes + 0.39 * (head.top - head.eyes))
    places["nose"] = _nose(head, seen)
    places["head_top"] = np.array([0, head.top, neck[2]])
    ear = np.array([_FAR, head.eyes - 0.010 * head.scale, neck[2] - 0.016 * head.scale])
    met = face.near(ear, [-1, 0, 0])
    places["ear"] = np.array([head.half_width, ear[1], ear[2]]) if met is None else met
    lobe = head.scale * np.array([0, -0.034, 0.010])
    places["ear_lobe"] = places["ear"] * np.array([0.92, 1, 1]) + lobe
    lips = places["lips"]
    places["teeth"] = lips + head.scale * np.array([0, 0.002, -0.008])
    places["tongue"] = lips + head.scale * np.array([0, -0.004, -0.013])
    places["under_chin"] = np.array([0, head.chin, places["chin"][2] - 0.033 * head.scale])
    return places


def _nose(head: HeadMeasures, seen: Callable[[float, float], Array]) -> Array:
    """The foremost point between eyes and mouth."""
    heights = head.eyes - head.scale * np.linspace(0.018, 0.048, 16)
    points = np.stack([seen(0.0, float(height)) for height in heights])
    tip: Array = points[int(points[:, 2].argmax())]
    return tip


def _neck(head: HeadMeasures, rig: Rig, skin: Skin) -> Array:
    """Half-way from chin to shoulders, in front."""
    base = float(rig.heads[rig.index("neck")][1]) if "neck" in rig else head.chin - 0.06 * head.scale
    height = base + 0.15 * (head.chin - base)
    met = skin.near([0, height, _FAR], [0, 0, -1])
    depth = float(rig.heads[rig.index("head")][2]) + 0.033 * head.scale
    return np.array([0, height, depth]) if met is None else met


def _on_trunk(skin: Skin, rig: Rig, shoulders: Array) -> dict[str, Array]:
    """Places below the neck, by rays from the front at an adult's shares of the trunk."""
    shoulder = shoulders[0]
    hips = rig.heads[rig.index("hips")]
    long = float(shoulder[1] - hips[1])

    def seen(x: float, y: float) -> Array:
        met = skin.near([x, y, _FAR], [0, 0, -1])
        return np.array([x, y, hips[2] + 0.25 * long]) if met is None else met

    above = skin.near([0.69 * shoulder[0], shoulder[1] + _FAR, shoulder[2]], [0, -1, 0])
    top = np.array([0.69 * shoulder[0], shoulder[1] + 0.05, shoulder[2]]) if above is None else above
    return {
        "shoulder_top": top,
        "shoulder": seen(0.833 * float(shoulder[0]), float(shoulder[1])),
        "chest": seen(0, float(hips[1]) + 0.80 * long),
        "stomach": seen(0, float(hips[1]) + 0.43 * long),
        "below_stomach": seen(0, float(hips[1]) + 0.127 * long),
    }
