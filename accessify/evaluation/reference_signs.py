"""Signs that another engine has moved: joints by picture beside the symbols they were made from.

Layout: an .npz with `gloss` [signs], `offset` [signs + 1], `body` [pictures, joints, 3] with `body_name`,
`hand` [pictures, 2, 21, 3], `finger_dir`, `palm_normal` [pictures, 2, 3], `flex_deg` [pictures, 2, 5, 3],
metres and degrees, left hand first; and a .csv with a row for each sign in the same order: `gloss`, `tags`
(names of symbols), `two_handed`, `first_posture_frame`, `static_sign`, `glitch`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.proportions import HandSizes, Proportions

Array = NDArray[np.float64]

PALM_ALONG, PALM_OUT = 0.61, 0.16
"""Where the palm point is: shares of the length from wrist to middle knuckle, along the hand and out."""

RADII = 0.13, 0.12, 0.07
"""Radii of fingers at their three bones, as shares of the same length."""

_FROM_EYES = {
    "head_top": (0.0, 0.33, -0.29),
    "forehead": (0.0, 0.1, 0.05),
    "eye_brow": (0.1, 0.06, 0.06),
    "eye": (0.08, 0.0, 0.08),
    "nose": (0.0, -0.14, 0.17),
    "nostril": (0.03, -0.1, 0.13),
    "cheek": (0.13, -0.11, 0.03),
    "ear": (0.19, -0.08, -0.22),
    "ear_lobe": (0.18, -0.16, -0.2),
    "upper_lip": (0.0, -0.16, 0.08),
    "lips": (0.0, -0.18, 0.08),
    "teeth": (0.0, -0.18, 0.07),
    "tongue": (0.0, -0.19, 0.06),
    "chin": (0.0, -0.27, 0.04),
    "under_chin": (0.0, -0.3, -0.01),
}
_FROM_NECK = {"neck": (0.0, 0.1, 0.2)}
_FROM_SHOULDERS = {
    "shoulder_top": (0.5, 0.0, 0.0),
    "shoulder": (0.47, 0.0, 0.33),
    "chest": (0.0, -0.35, 0.4),
    "stomach": (0.0, -0.7, 0.4),
    "below_stomach": (0.0, -0.93, 0.37),
}
"""Usual ratios of a grown-up's body, in shoulder widths: to the left, up and out from the middle of the
eyes, the root of the neck, the middle of the shoulders."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceSign:
    """One sign, from rest on."""

    gloss: str
    tags: str
    """Names of its symbols."""
    palms: Array
    """Shape [pictures, 2, 3], metres: palm points; left, right."""
    directions: Array
    """Shape [pictures, 2, 3]: finger directions."""
    normals: Array
    """Shape [pictures, 2, 3]: palm normals."""
    bends: Array
    """Shape [pictures, 2, 5, 3], degrees."""
    first: int
    """The picture with the first posture; before it the hands come from rest."""
    two_handed: bool
    glitch: bool
    """Whether the file says that it jumps."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceSet:
    """All signs of a file and the body that signs them."""

    signs: tuple[ReferenceSign, ...]
    proportions: Proportions


def read_reference(arrays: Path, table: Path) -> ReferenceSet:
    """Read a pair of files.

    Raises `FormatError` where they are not of this layout or do not belong together.
    """
    data, rows = _arrays(arrays), _rows(table)
    if [row["gloss"] for row in rows] != [str(gloss) for gloss in data["gloss"]]:
        raise FormatError(f"{table} does not list the signs of {arrays}; give the table of the same signs")
    palms = _palm_points(data)
    signs = []
    for number, row in enumerate(rows):
        start, end = int(data["offset"][number]), int(data["offset"][number + 1])
        count = end - start
        first = count - 1 if row["static_sign"] == "1" else min(int(row["first_posture_frame"]), count - 1)
        part = slice(start, end)
        signs.append(
            ReferenceSign(
                row["gloss"],
                row["tags"],
                palms[part],
                np.asarray(data["finger_dir"][part], np.float64),
                np.asarray(data["palm_normal"][part], np.float64),
                np.asarray(data["flex_deg"][part], np.float64),
                first,
                row["two_handed"] == "1",
                row.get("glitch") == "1",
            )
        )
    return ReferenceSet(tuple(signs), _proportions(data))


_KEYS = ("gloss", "offset", "body", "body_name", "hand", "finger_dir", "palm_normal", "flex_deg")
_COLUMNS = ("gloss", "tags", "two_handed", "first_posture_frame", "static_sign")


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with np.load(path, allow_pickle=False) as found:
            data = {name: found[name] for name in _KEYS if name in found}
    except (OSError, ValueError, EOFError) as error:
        raise FormatError(f"{path}: not an .npz file ({error}); give signs as joints by picture") from None
    missing = [name for name in _KEYS if name not in data]
    if missing:
        raise FormatError(f"{path}: lacks {', '.join(missing)}; give a file in the layout of reference signs")
    return data


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path}: not a table ({error}); give the signs' .csv") from None
    missing = [name for name in _COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise FormatError(
            f"{path}: lacks {', '.join(missing)}; give a table in the layout of reference signs"
        )
    return rows


def _axes(data: dict[str, NDArray[np.generic]]) -> Array:
    """Shape [pictures, 2, 3, 3]: rows are finger direction, palm normal, towards the thumb."""
    along = np.asarray(data["finger_dir"], np.float64)
    normal = np.asarray(data["palm_normal"], np.float64)
    thumb = np.cross(along, normal) * np.array([-1.0, 1.0])[None, :, None]
    return np.stack([along, normal, thumb], axis=2)


def _palm_points(data: dict[str, NDArray[np.generic]]) -> Array:
    hand = np.asarray(data["hand"], np.float64)
    axes = _axes(data)
    length = np.median(np.linalg.norm(hand[:, :, 9] - hand[:, :, 0], axis=-1))
    return np.asarray(hand[:, :, 0] + length * (PALM_ALONG * axes[:, :, 0] + PALM_OUT * axes[:, :, 1]))


def _proportions(data: dict[str, NDArray[np.generic]]) -> Proportions:
    names = [str(name) for name in data["body_name"]]
    middle = np.median(np.asarray(data["body"], np.float64), axis=0)
    joints = {name: middle[number] for number, name in enumerate(names)}
    shoulders = np.stack([joints["shoulder_L"], joints["shoulder_R"]])
    width = float(np.linalg.norm(shoulders[0] - shoulders[1]))
    eyes = (joints["eye_L"] + joints["eye_R"]) / 2
    places = {}
    for start, table in (
        (eyes, _FROM_EYES),
        (joints["neck_base"], _FROM_NECK),
        (shoulders.mean(axis=0), _FROM_SHOULDERS),
    ):
        places.update({name: start + width * np.array(ratio) for name, ratio in table.items()})
    return Proportions(
        shoulders,
        float(np.linalg.norm(_between(data, names, "shoulder_R", "elbow_R"))),
        float(np.linalg.norm(_between(data, names, "elbow_R", "wrist_R"))),
        _hand_sizes(data),
        places,
    )


def _between(data: dict[str, NDArray[np.generic]], names: list[str], first: str, second: str) -> Array:
    body = np.asarray(data["body"][0], np.float64)
    return np.asarray(body[names.index(second)] - body[names.index(first)])


def _hand_sizes(data: dict[str, NDArray[np.generic]]) -> HandSizes:
    hand = np.asarray(data["hand"], np.float64)
    local = np.einsum("fsij,fskj->fski", _axes(data), hand - hand[:, :, :1])
    middle = np.median(local.reshape(-1, 21, 3), axis=0)
    starts = [1, 5, 9, 13, 17]
    lengths = np.median(np.linalg.norm(np.diff(hand, axis=2), axis=-1).reshape(-1, 20), axis=0)
    bones = np.array([lengths[start : start + 3] for start in starts])
    length = float(np.linalg.norm(middle[9]))
    palm = length * np.array([PALM_ALONG, PALM_OUT, 0.0])
    return HandSizes(middle[starts], bones, palm, np.tile(length * np.array(RADII), (5, 1)))
