"""Small clips of poses, and pose-format as the oracle, for the tests of landmark files."""

from __future__ import annotations

import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from accessify.core.holistic import HOLISTIC, exchanged
from accessify.core.pose import Component, PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Rate

SMALL = Skeleton(
    (
        Component("LEFT_HAND_LANDMARKS", ("WRIST", "TIP"), ((0, 1),), ((255, 0, 0), (0, 0, 255))),
        Component("POSE_WORLD_LANDMARKS", ("NÄSE",)),
    )
)
FOREIGN = Skeleton(tuple(replace(part, colors=((1, 2, 3),)) for part in exchanged(HOLISTIC).components))
"""MediaPipe's points as another tool writes them: in its own colours."""
PAL = Rate(Fraction(25))
NTSC = Rate(Fraction(30000, 1001))


def clip(
    frames: int = 4, skeleton: Skeleton = SMALL, rate: Rate = PAL, *, seed: int = 7, **other: Any
) -> PoseClip:
    """Points all over a 640x480 picture and around it, a third of them missing."""
    random = np.random.default_rng(seed)
    confidence = random.uniform(0, 1, (frames, len(skeleton))).astype(np.float32)
    confidence[random.uniform(0, 1, confidence.shape) < 1 / 3] = 0
    points = random.normal(300, 500, (frames, len(skeleton), 3)).astype(np.float32)
    points[confidence == 0] = np.nan
    times = np.array([rate.at(index) for index in range(frames)], np.int64)
    return PoseClip(skeleton, points, confidence, times, rate, (640, 480), **other)


def pose(x: float | None, start: int, confidence: float = 1.0) -> PoseFrame:
    """A pose of one point at (x, 2x, -x); None is missing."""
    place = [np.nan] * 3 if x is None else [x, 2 * x, -x]
    sure = 0.0 if x is None else confidence
    return PoseFrame(np.array([place], np.float32), np.array([sure], np.float32), start)


def same(left: PoseClip, right: PoseClip) -> bool:
    """Whether both hold the same poses at the same times."""
    return (
        left.skeleton == right.skeleton
        and left.size == right.size
        and left.rate.fps == right.rate.fps
        and np.array_equal(left.times, right.times)
        and np.array_equal(left.points, right.points, equal_nan=True)
        and np.array_equal(left.confidence, right.confidence)
    )


def pose_format() -> ModuleType:
    """The package that defines the format; its own warnings are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pose_format  # noqa: PLC0415
        import pose_format.utils.openpose  # noqa: PLC0415
    return pose_format


def read_elsewhere(path: Path) -> Any:
    """A file as pose-format reads it."""
    oracle = pose_format()
    oracle.pose_header.PoseHeaderCache.clear_cache()  # it takes one header for another of equal length
    return oracle.Pose.read(path.read_bytes())
