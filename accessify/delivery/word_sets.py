"""Files of clips that each show a word, as published data sets have them: `.npz` of MediaPipe landmarks.

============  ==================  ==================================================================
array         shape               what
============  ==================  ==================================================================
`x`           [n, frames, 170]    rows as `mediapipe_npy` tells: 11 body points, left, right hand
`word`        [n]                 what each clip shows
`n_valid`     [n]                 frames that are real; those behind them are filled up
`take_group`  [n]                 clips of one number show the same performance
============  ==================  ==================================================================

Points are fractions of a picture whose shape is not told, zeros are missing. datasets/words.md tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.pose import PoseClip
from accessify.delivery.arrays import read_arrays
from accessify.delivery.mediapipe_npy import clip_of_rows
from accessify.delivery.numbered_frames import pictures

ASPECT = 4 / 3
"""Width of the picture by its height where nobody tells it: a webcam's."""
SHORTEST = 8
"""Real frames that a clip must have to be used."""
_HEIGHT = 720
_NUMBERS = 170
_ARRAYS = ("x", "word", "n_valid", "take_group")


@dataclass(frozen=True, slots=True, eq=False)
class WordClip:
    """One performance of a word, or part of one."""

    word: str
    take: int
    """Clips of one number show the same performance."""
    clip: PoseClip
    """Body and hands, in pixels; of the body only 11 points are ever there. Frames without hands were left
    out by who made the file, so times are as assumed as its notes say."""


@dataclass(frozen=True, slots=True, eq=False)
class WordSet:
    """Clips with the words they show."""

    name: str
    """Of the file, without its ending."""
    clips: tuple[WordClip, ...]
    """In the file's order."""
    short: int = 0
    """Clips of the file that are left out, having fewer than `SHORTEST` real frames."""


def read_words(path: str | Path, *, aspect: float = ASPECT) -> WordSet:
    """The clips of the file at `path` that have at least `SHORTEST` real frames.

    `aspect` is the picture's width by its height; 30 frames a second and a picture that is not a selfie's
    are assumed, which each clip notes. Raises `FormatError` for another layout or damage.
    """
    arrays = read_arrays(Path(path))
    _check(arrays, str(path))
    known = pictures((round(_HEIGHT * aspect), _HEIGHT), None, None)
    counts = arrays["n_valid"].tolist()
    clips = []
    for row, count in enumerate(counts):
        if count >= SHORTEST:
            rows = arrays["x"][row, :count].astype(np.float32)
            clip = clip_of_rows(np.arange(count), rows, known)
            clips.append(WordClip(str(arrays["word"][row]), int(arrays["take_group"][row]), clip))
    if not clips:
        raise FormatError(
            f"no clip in it has {SHORTEST} frames; give a file with longer ones", source=str(path)
        )
    return WordSet(Path(path).stem, tuple(clips), len(counts) - len(clips))


def _check(arrays: Mapping[str, NDArray[Any]], source: str) -> None:
    """Raise `FormatError` unless the arrays have the layout that the module tells."""
    for name in _ARRAYS:
        if name not in arrays:
            raise FormatError(
                f"no file of words: it has no array '{name}'; datasets/words.md tells the layout",
                source=source,
            )
    x, count = arrays["x"], len(arrays["x"]) if arrays["x"].ndim else 0
    if x.ndim != 3 or x.shape[2] != _NUMBERS or x.dtype.kind != "f":
        raise FormatError(
            f"x must be floats [n, frames, {_NUMBERS}], not {x.dtype} {list(x.shape)}; "
            "datasets/words.md tells the layout",
            source=source,
        )
    for name, kinds in (("word", "U"), ("n_valid", "iu"), ("take_group", "iu")):
        array = arrays[name]
        if array.shape != (count,) or array.dtype.kind not in kinds:
            raise FormatError(
                f"{name} must be {'text' if kinds == 'U' else 'whole numbers'} [{count}], one for each clip "
                f"of x, not {array.dtype} {list(array.shape)}",
                source=source,
            )
    if count and not 0 <= int(arrays["n_valid"].min()) <= int(arrays["n_valid"].max()) <= x.shape[1]:
        raise FormatError(
            f"n_valid must lie between 0 and the {x.shape[1]} frames of x; get a whole copy", source=source
        )
