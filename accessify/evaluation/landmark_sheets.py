"""Contact sheets of the pictures in which only one system found a hand, for a person to judge.

Whether a hand is there cannot be said by either system; more hands are better only where one is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core import holistic as names
from accessify.core.errors import MissingExtra
from accessify.core.placing import placed
from accessify.core.pose import PoseFrame
from accessify.core.video import Frame
from accessify.evaluation.landmark_tracks import SIDES, Tracks, found
from accessify.render.skeleton2d import draw_pose

MOST = 24
"""Pictures on a sheet, evenly chosen where there are more."""
_COLUMNS = 4
_TILE = 400
"""Pixels of a tile's longer side."""
_SKELETON = names.HOLISTIC.only([names.BODY, names.LEFT_HAND, names.RIGHT_HAND])


def write_sheets(
    name: str, pictures: Sequence[Frame], ours: Tracks, theirs: Tracks, folder: Path
) -> list[Path]:
    """`NAME-only-ours.png` and `NAME-only-theirs.png` in `folder`, each where there is something to show.

    Every tile shows what the one system found, with the picture's number and the side. Raises
    `MissingExtra` without OpenCV.
    """
    written = []
    for label, has, lacks in (("ours", ours, theirs), ("theirs", theirs, ours)):
        alone = only(has, lacks)
        if not alone:
            continue
        step = max(1, -(-len(alone) // MOST))
        tiles = [
            _tile(pictures[index], pose_of(has, index), f"{index} {side}") for index, side in alone[::step]
        ]
        target = folder / f"{name}-only-{label}.png"
        _write(tiles, target)
        written.append(target)
    return written


def only(has: Tracks, lacks: Tracks) -> list[tuple[int, str]]:
    """Number of the picture and side of every hand that `has` holds and `lacks` does not, in order."""
    return sorted(
        (int(index), side)
        for side in SIDES
        for index in np.flatnonzero(found(has.hand(side)) & ~found(lacks.hand(side)))
    )


def pose_of(tracks: Tracks, index: int) -> PoseFrame:
    """One picture of `tracks` as a pose of body and hands."""
    places = np.concatenate([tracks.body[index], tracks.left[index], tracks.right[index]])
    there = np.isfinite(places).all(axis=1)
    confidence = np.where(there, 1.0, 0.0)
    confidence[:33] = np.where(there[:33], np.nan_to_num(tracks.visibility[index]), 0.0)
    points = np.column_stack([places, np.where(there, 0.0, np.nan)])
    return PoseFrame(points.astype(np.float32), confidence.astype(np.float32))


def _tile(picture: Frame, pose: PoseFrame, label: str) -> NDArray[np.uint8]:
    """BGR, as OpenCV writes."""
    cv2 = _opencv()
    height, width = picture.image.shape[:2]
    drawn = draw_pose(picture.image, pose, _SKELETON, scale=max(1, round(2 * _TILE / max(width, height))))
    scale = _TILE / max(width, height)
    tile = cv2.resize(drawn, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    tile = cv2.cvtColor(tile, cv2.COLOR_RGB2BGR)
    bottom = tile.shape[0]
    cv2.rectangle(tile, (0, bottom - 26), (12 * len(label), bottom), (0, 0, 0), cv2.FILLED)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(tile, label, (6, bottom - 8), font, 0.6, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)


def _write(tiles: Sequence[NDArray[np.uint8]], target: Path) -> None:
    columns = min(_COLUMNS, len(tiles))
    blank = np.zeros_like(tiles[0])
    padded = [*tiles, *[blank] * (-len(tiles) % columns)]
    rows = [np.hstack(padded[first : first + columns]) for first in range(0, len(padded), columns)]
    with placed(target) as temporary:
        _opencv().imwrite(str(temporary), np.vstack(rows))


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise MissingExtra("opencv-python", "signs") from error
    return cv2
