"""`SignClip`: signing made comparable, whoever signs and wherever the camera stands.

Axes are a viewer's who faces the signer: x to the viewer's right, y down, z away from the camera.
Of a signer whose left hand is dominant everything is mirrored, so the dominant hand is a right hand in
every clip. The other hand is mirrored once more: as a shape it is a right hand too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Span

DOMINANT, OTHER = 0, 1
"""Index of a hand in the arrays of a clip."""
BODY_POINTS = ("NOSE", "SHOULDER", "SHOULDER_2", "ELBOW", "ELBOW_2", "WRIST", "WRIST_2")
"""Points of `SignClip.body`; those with a 2 are on the other hand's side."""


@dataclass(frozen=True, slots=True, eq=False)
class SignClip:
    """Body and hands of one signer over time, in measures of the signer's own body."""

    times: NDArray[np.int64]
    """Shape [frames], int64: tick of each picture, rising."""
    hands: NDArray[np.float32]
    """Shape [frames, 2, 21, 3], float32: dominant and other hand, both as right hands; wrist 0, palm size 1
    (mean length of wrist to the knuckles of index, middle and little finger and of index to little knuckle,
    in space); NaN where there is no hand."""
    places: NDArray[np.float32]
    """Shape [frames, 2, 3], float32: palm centre (mean of wrist and four knuckles) from the middle between
    the shoulders, in shoulder widths; the body's wrist where only that is seen; NaN where neither is."""
    body: NDArray[np.float32]
    """Shape [frames, 7, 3], float32: `BODY_POINTS` from the middle between the shoulders, in shoulder widths;
    NaN where missing."""
    mirrored: bool = False
    """Whether the signer's left hand is the dominant one."""

    def __post_init__(self) -> None:
        count = len(self.times)
        for name, shape in (("hands", (2, 21, 3)), ("places", (2, 3)), ("body", (len(BODY_POINTS), 3))):
            array = getattr(self, name)
            if array.dtype != np.float32 or array.shape != (count, *shape):
                raise ValueError(
                    f"{name} must be float32 {[count, *shape]}, not {array.dtype} {list(array.shape)}"
                )
        if self.times.dtype != np.int64 or self.times.ndim != 1 or (np.diff(self.times) <= 0).any():
            raise ValueError("times must be rising int64 ticks [frames]")

    def __len__(self) -> int:
        return len(self.times)

    @property
    def span(self) -> Span:
        """From the first picture to the last one's start, one usual step later."""
        if not len(self):
            return Span(0, 0)
        step = int(np.median(np.diff(self.times))) if len(self) > 1 else 1
        return Span(int(self.times[0]), int(self.times[-1]) + step)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Shape [frames, 2]: whether each hand is there."""
        return np.asarray(np.isfinite(self.hands).all(axis=(2, 3)), np.bool_)
