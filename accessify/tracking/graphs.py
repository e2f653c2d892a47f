"""The networks that are looked through: what each takes, and the protocols of what runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.video import Frame
from accessify.tracking.regions import Region


@dataclass(frozen=True, slots=True)
class Graph:
    """One network on a square crop of the picture."""

    name: str
    """Name of its file, without suffix."""
    size: int
    """Side of the crop in pixels."""
    low: float = 0.0
    """What black becomes; white becomes 1."""
    replicate: bool = True
    """Outside the picture: its edge again (landmark networks) or black (detectors). The networks were
    run so; the wrong one moves the body by 5 pixels."""


BODY_DETECTOR = Graph("pose_detection", 224, low=-1.0, replicate=False)
BODY_LANDMARKS = Graph("pose_landmark_full", 256)
PALM_DETECTOR = Graph("palm_detection_full", 192, replicate=False)
HAND_RECROP = Graph("hand_recrop", 256)
HAND_LANDMARKS = Graph("hand_landmark_full", 224)
FACE_DETECTOR = Graph("face_detection_short_range", 128, low=-1.0, replicate=False)
FACE_LANDMARKS = Graph("face_landmark", 192)
FACE_MESH = Graph("face_landmarks_detector", 256)
"""The same face with its irises: 478 points."""

Look = Callable[[Graph, NDArray[np.uint8], Region], tuple[NDArray[np.float32], ...]]
"""Run a network on a region of a picture [height, width, 3] RGB; its outputs in the file's order."""


class Landmarker(Protocol):
    """What finds a person's points in one picture after another; made anew for each video."""

    @property
    def skeleton(self) -> Skeleton:
        """The points it gives."""
        ...

    def push(self, frame: Frame) -> Sequence[PoseFrame]:
        """Look at the next picture; the poses that are ready, perhaps of earlier pictures.

        Raises `ValueError` for a picture that is no later than the one before or comes after `close`.
        """
        ...

    def finish(self) -> Sequence[PoseFrame]:
        """The poses still missing, in order; one for each picture in all. None after `close`."""
        ...

    def close(self) -> None:
        """Free the networks; closing again does nothing."""
        ...
