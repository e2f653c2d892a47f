"""Files in the layout of reference signs, of signs that are made here."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from accessify.core.proportions import Proportions
from accessify.core.rotation import rotate
from accessify.evaluation.reference_timing import REFERENCE_SPACE, REFERENCE_TIMING
from accessify.motion.hamnosys import parse
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.hand_model import hand_points
from accessify.motion.posture import Postures
from accessify.motion.stretch import held
from accessify.motion.synthesize import synthesize

COMING = 8
BODY = ("neck_base", "eye_L", "eye_R", "shoulder_L", "shoulder_R", "elbow_L", "elbow_R", "wrist_L", "wrist_R")


def reference_files(folder: Path, signs: Mapping[str, str], person: Proportions) -> tuple[Path, Path]:
    """The .npz and .csv of signs (gloss → symbols) that `person` makes just as the bench would."""
    made = {
        gloss: synthesize(parse(tags), person, REFERENCE_TIMING, space=REFERENCE_SPACE)
        for gloss, tags in signs.items()
    }
    parts = [_rows(postures, person) for postures in made.values()]
    counts = [len(part["hand"]) for part in parts]
    arrays = {name: np.concatenate([part[name] for part in parts]).astype(np.float32) for name in parts[0]}
    arrays["offset"] = np.cumsum([0, *counts]).astype(np.int32)
    arrays["gloss"] = np.array(list(signs))
    arrays["body_name"] = np.array(BODY)
    path = folder / "signs.npz"
    np.savez(path, **arrays)
    table = folder / "signs.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["gloss", "tags", "two_handed", "first_posture_frame", "static_sign", "glitch"])
        for (gloss, tags), postures in zip(signs.items(), made.values(), strict=True):
            rows.writerow([gloss, tags, int(postures.active[0].min()), COMING, 0, 0])
    return path, table


def _rows(postures: Postures, person: Proportions) -> dict[str, np.ndarray]:
    """The arrays of one sign, with its first posture standing in for the way from rest."""
    order = np.r_[np.zeros(COMING, int), np.arange(len(postures))]
    turn = held(postures.directions, postures.normals)[order]
    joints = hand_points(person.hand, postures.bends, postures.spread)[order] - person.hand.palm
    hands = [
        postures.palms[order, side, None]
        + rotate(turn[:, side, None], sided(joints[:, side], THUMB_SIDES[side]))
        for side in (0, 1)
    ]
    still = np.ones((len(order), 1))
    places = person.places
    eye = places["eye"]
    elbows = [person.shoulders[side] + [0, -person.upper_arm, 0] for side in (0, 1)]
    lower = [elbow - np.array([0, person.forearm, 0]) for elbow in elbows]
    body = [places["neck"], eye, eye * [-1, 1, 1], *person.shoulders, *elbows, *lower]
    return {
        "hand": np.stack(hands, axis=1),
        "body": still[..., None] * np.stack(body)[None],
        "finger_dir": postures.directions[order],
        "palm_normal": postures.normals[order],
        "flex_deg": postures.bends[order],
    }
