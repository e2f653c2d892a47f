"""Poses of uneven times at an even frame rate, for files that hold no times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from accessify.core.pose import PoseFrame
from accessify.core.timeline import Rate, millis

BRIDGE = millis(250)
"""Nothing is interpolated between poses further apart. Signing runs at somewhat over two signs a second
(Bellugi and Fischer 1972), so in a quarter of one a hand does about half a sign: it gets somewhere, but
not there and back unseen."""


class EvenRate:
    """A stage that takes poses in order of time and gives one for each frame of a rate.

    Frame 0 is the first pose. A pose within a twentieth of a frame of its place is passed on as it
    is, so an even clip stays what it was. Any other frame lies on the straight line between the poses
    before and behind it. A point that only one of the two has is taken as it is from the nearer one
    and else missing. Across a gap of more than `BRIDGE` (of one and a half frames, where that is more)
    nothing is interpolated: a frame takes a pose at most half a frame away, or everything is missing.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._frame = rate.at(1)
        self._slack = self._frame // 20
        self._bridge = max(BRIDGE, self._frame * 3 // 2)
        self._last: PoseFrame | None = None
        self._origin = 0
        self.taken = 0
        """Poses pushed so far."""
        self.given = 0
        """Frames given so far."""
        self.empty = 0
        """Of these, frames in gaps that are too long to bridge: everything is missing."""
        self._unmoved = 0

    @property
    def changed(self) -> bool:
        """Whether any pose was moved, left out or made."""
        return not self.taken == self.given == self._unmoved

    def push(self, pose: PoseFrame) -> Iterator[PoseFrame]:
        """The frames that `pose` completes; run the iterator to its end before the next push.

        Missing points must be NaN. Raises `ValueError` for a pose that is not later than the last.
        """
        before, self._last = self._last, pose
        self.taken += 1
        if before is None:
            self._origin = pose.start
            yield self._give(pose)
            return
        if pose.start <= before.start:
            raise ValueError(f"poses must rise in time: {pose.start} behind {before.start}")
        while self._due <= pose.start + self._slack:
            if abs(pose.start - self._due) <= self._slack:
                yield self._give(pose)
            else:
                self.given += 1
                yield self._between(before, pose, self._origin + self._rate.at(self.given - 1))

    def finish(self) -> Iterator[PoseFrame]:
        """The frame behind the last one where the last pose is nearer to it."""
        if self._last is not None and self._due - self._last.start <= self._frame // 2:
            self.given += 1
            yield self._last

    @property
    def _due(self) -> int:
        """Tick of the next frame."""
        return self._origin + self._rate.at(self.given)

    def _give(self, pose: PoseFrame) -> PoseFrame:
        self.given += 1
        self._unmoved += 1
        return pose

    def _between(self, before: PoseFrame, after: PoseFrame, due: int) -> PoseFrame:
        gap = after.start - before.start
        nearer, away = before, due - before.start
        if after.start - due < away:
            nearer, away = after, after.start - due
        if gap > self._bridge + self._slack:
            if away <= self._frame // 2:
                return replace(nearer, start=due)
            self.empty += 1
            return _nobody(nearer, due)
        weight = np.float32((due - before.start) / gap)
        points = (1 - weight) * before.points + weight * after.points
        confidence = np.minimum((1 - weight) * before.confidence + weight * after.confidence, 1)
        lone = np.isnan(points).any(axis=-1)
        points[lone] = nearer.points[lone]
        confidence[lone] = nearer.confidence[lone]
        return PoseFrame(points, confidence, due)


def _nobody(like: PoseFrame, start: int) -> PoseFrame:
    return PoseFrame(np.full_like(like.points, np.nan), np.zeros_like(like.confidence), start)
