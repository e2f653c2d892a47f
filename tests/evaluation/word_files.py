"""Small files of words: invented signs by invented people, in the layout of published sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from accessify.core.holistic import BODY, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_motion import Manner, invent_signs, perform

UPPER_BODY = [0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26]
FRAMES = 40
PICTURE = (960, 720)


def write_words(path: Path, words: int = 5, takes: int = 4) -> Path:
    """`words` invented signs, each performed `takes` times at another speed; the last take stands twice."""
    x, names, counts, groups = [], [], [], []
    for number, sign in enumerate(invent_signs(words, seed=3)):
        for take in (*range(takes), takes - 1):
            seed = 100 * number + take
            done = perform([sign], Manner(before=0.2, after=0.2, speed=0.8 + 0.15 * take, seed=seed))
            rows = _rows(film(done, Camera(size=PICTURE, shoulders=180, seed=seed)))[:FRAMES]
            x.append(np.pad(rows, ((0, FRAMES - len(rows)), (0, 0))))
            names.append(sign.name)
            counts.append(len(rows))
            groups.append(seed)
    np.savez(
        path,
        x=np.array(x, np.float32),
        word=np.array(names),
        n_valid=np.array(counts, np.int16),
        take_group=np.array(groups, np.int32),
    )
    return path


def _rows(clip: PoseClip) -> np.ndarray:
    fractions = np.array([PICTURE[0], PICTURE[1], PICTURE[0]])
    points, confidence = clip.part(BODY)
    body = np.concatenate([points / fractions, confidence[..., None]], axis=-1)[:, UPPER_BODY]
    hands = [(clip.part(name)[0] / fractions).reshape(len(clip), -1) for name in (LEFT_HAND, RIGHT_HAND)]
    return np.nan_to_num(np.concatenate([body.reshape(len(clip), -1), *hands], axis=1))
