"""Files of hands that each show a letter, as published data sets have them: `.npz` in three layouts.

=========  ==========================  ====================================================
hands      units                       beside it
=========  ==========================  ====================================================
`x`        fractions of the picture    `label`, `aspect` (width / height), `mirrored`
`hand`     pixels, z in widths         `label`, `width_height`, `mirrored`
`lm`       fractions of the picture    `label`, `mp_label` (MediaPipe's word for the side)
=========  ==========================  ====================================================

All are [n, 21, 3] with z in picture widths; rows with NaN had no hand. datasets/letters.md tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.delivery.arrays import read_arrays
from accessify.signs.normalize import palm_sized


@dataclass(frozen=True, slots=True, eq=False)
class LetterSet:
    """Hands with the letters they show."""

    name: str
    """Of the file, without its ending."""
    hands: NDArray[np.float32]
    """Shape [n, 21, 3], float32: as in `SignClip.hands`; only rows in which a hand was found."""
    labels: tuple[str, ...]
    """The letter of each row."""
    missed: int = 0
    """Rows in which no hand was found."""

    def only(self, letters: tuple[str, ...]) -> LetterSet:
        """The rows that show one of `letters`; `missed` stays that of the whole file."""
        kept = np.isin(self.labels, letters)
        labels = tuple(label for label, is_kept in zip(self.labels, kept, strict=True) if is_kept)
        return LetterSet(self.name, self.hands[kept], labels, self.missed)


def read_letters(path: str | Path, *, aspect: float | None = None, mirrored: bool | None = None) -> LetterSet:
    """The hands of the file at `path` as right hands that a viewer sees, and their letters.

    `aspect` (width / height) and `mirrored` (a selfie's picture, or a left hand) go before what the file
    says. Raises `FormatError` for another layout or damage.
    """
    arrays = read_arrays(Path(path))
    try:
        _check_shape(arrays, str(path))
        hands, sides = _hands(arrays, aspect, mirrored)
        labels = tuple(str(label).strip().upper() for label in arrays["label"].tolist())
    except KeyError as error:
        raise FormatError(
            f"no file of letters: it has no array {error}; datasets/letters.md tells the layouts",
            source=str(path),
        ) from None
    except FormatError:
        raise
    except (ValueError, TypeError, IndexError) as error:
        raise FormatError(f"damaged ({error}); get a whole copy", source=str(path)) from None
    if len(labels) != len(hands):
        raise FormatError(f"{len(hands)} hands and {len(labels)} labels; give each its own", source=str(path))
    rights = palm_sized((hands * sides).astype(np.float32))
    found = np.asarray(np.isfinite(rights).all(axis=(1, 2)))
    kept = tuple(label for label, is_found in zip(labels, found, strict=True) if is_found)
    return LetterSet(Path(path).stem, rights[found], kept, int((~found).sum()))


def _check_shape(arrays: Mapping[str, NDArray[Any]], source: str) -> None:
    if "lm" in arrays and "mp_label" in arrays and len(arrays["mp_label"]) != len(arrays["lm"]):
        raise FormatError("each hand needs its mp_label; give as many of both", source=source)
    shape = list(arrays[next((name for name in ("x", "hand", "lm") if name in arrays), "lm")].shape)
    if shape[1:] != [21, 3]:
        raise FormatError(
            f"no file of letters: hands must be [n, 21, 3], not {shape}; "
            "datasets/letters.md tells the layouts",
            source=source,
        )


def _hands(
    arrays: Mapping[str, NDArray[Any]], aspect: float | None, mirrored: bool | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hands in pixels of some size, and what x, y and z are multiplied by to be a right hand's."""
    flip = mirrored if mirrored is not None else bool(arrays.get("mirrored", np.False_))
    side = np.array([-1.0 if flip else 1.0, 1.0, 1.0])
    if "x" in arrays:
        ratio = aspect or float(arrays.get("aspect", np.float64(1)))
        return arrays["x"] * np.array([ratio, 1.0, ratio]), side
    if "hand" in arrays:
        width, height = (float(part) for part in arrays["width_height"])
        stretch = aspect * height / width if aspect else 1.0
        return arrays["hand"] * np.array([stretch, 1.0, width * stretch]), side
    hands = arrays["lm"] * np.array([aspect or 1.0, 1.0, aspect or 1.0])
    if mirrored is not None or "mp_label" not in arrays:
        return hands, side
    # MediaPipe takes every picture for a selfie's, so its "Left" is a right hand in a plain picture
    is_right = np.asarray(arrays["mp_label"]) == "Left"
    return hands, np.where(is_right, 1.0, -1.0)[:, None, None] ** np.array([1, 0, 0])
