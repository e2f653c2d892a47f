"""Points of a person on the clock: skeletons, single poses and clips of them.

Units. `x` and `y` are pixels of the picture (y down, corner of the first pixel 0, 0), `z` is in the
same pixels, smaller towards the camera; in components whose name holds `WORLD` all three are metres.
So no aspect ratio has to be known to measure an angle.

A point is missing where its confidence is 0: ask that, not its place. A NaN place always has confidence 0,
which is checked, and all readers of landmark files but accessify's own `.npz` make the places of missing
points NaN, never zeros. Beside a confidence of 0 that a network itself gave, its place may stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Note, Rate, Span

Limb = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Component:
    """A named group of points, such as a hand."""

    name: str
    """As in `.pose` files, e.g. `LEFT_HAND_LANDMARKS`; sides are the person's own."""
    points: tuple[str, ...]
    """Names of the points, e.g. `WRIST`."""
    limbs: tuple[Limb, ...] = ()
    """Pairs of points that a drawing joins, numbered within the component."""
    colors: tuple[tuple[int, int, int], ...] = ((128, 128, 128),)
    """RGB of the points or fingers, repeated where there are fewer than points; for drawings."""

    @property
    def metric(self) -> bool:
        """Whether its points are in metres, not pixels."""
        return "WORLD" in self.name


@dataclass(frozen=True)
class Skeleton:
    """Which points there are, in the order of the arrays."""

    components: tuple[Component, ...]
    expressions: tuple[str, ...] = ()
    """Names of facial expression scores (blendshapes), if there are any."""

    def __len__(self) -> int:
        return sum(len(component.points) for component in self.components)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    @cached_property
    def _places(self) -> dict[str, slice]:
        places, start = {}, 0
        for component in self.components:
            places[component.name] = slice(start, start + len(component.points))
            start += len(component.points)
        return places

    def place(self, name: str) -> slice:
        """Where the points of the component `name` are; raises `KeyError` naming those there are."""
        if name not in self._places:
            raise KeyError(f"no component {name!r}; there are {', '.join(self._places)}")
        return self._places[name]

    def component(self, name: str) -> Component:
        """The component called `name`."""
        self.place(name)
        return next(component for component in self.components if component.name == name)

    def only(self, names: Iterable[str]) -> Skeleton:
        """The components called `names`, in this skeleton's order."""
        wanted = set(names)
        for name in wanted:
            self.place(name)
        return replace(self, components=tuple(part for part in self.components if part.name in wanted))

    @cached_property
    def metric(self) -> NDArray[np.bool_]:
        """Shape [points]: which points are in metres."""
        return np.repeat(
            [part.metric for part in self.components], [len(part.points) for part in self.components]
        ).astype(np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class PoseFrame:
    """One person in one picture."""

    points: NDArray[np.float32]
    """Shape [points, 3], float32; pixels or metres as the module says, NaN where there is no place."""
    confidence: NDArray[np.float32]
    """Shape [points], float32, 0 to 1; 0 is missing."""
    start: int = 0
    """Tick of the picture."""
    expressions: NDArray[np.float32] | None = None
    """Shape [expressions], float32, 0 to 1; None where there was no face or no such scores."""

    def __post_init__(self) -> None:
        _check_points(self.points, self.confidence)
        _check_scores(self.expressions)


@dataclass(frozen=True, slots=True, eq=False)
class PoseClip:
    """One person over time."""

    skeleton: Skeleton
    points: NDArray[np.float32]
    """Shape [frames, points, 3], float32; pixels or metres as the module says, NaN without a place."""
    confidence: NDArray[np.float32]
    """Shape [frames, points], float32, 0 to 1; 0 is missing."""
    times: NDArray[np.int64]
    """Shape [frames], int64: tick of each picture, rising; uneven where the frame rate varies."""
    rate: Rate
    """Frames per second; the average where it varies."""
    size: tuple[int, int]
    """Width and height of the picture in pixels."""
    mirrored: bool = False
    """Whether the picture is a selfie's: the person's left hand is then called right."""
    expressions: NDArray[np.float32] | None = None
    """Shape [frames, expressions], float32, NaN where there was no face; None without such scores."""
    notes: tuple[Note, ...] = ()
    """What could not be seen or read."""

    def __post_init__(self) -> None:
        _check_points(self.points, self.confidence)
        _check_scores(self.expressions)
        expected = (len(self.times), len(self.skeleton), 3)
        if self.points.shape != expected:
            raise ValueError(f"points must be {list(expected)}, not {list(self.points.shape)}")
        if self.times.dtype != np.int64 or self.times.ndim != 1 or (np.diff(self.times) <= 0).any():
            raise ValueError("times must be rising int64 ticks [frames]")
        if min(self.size) <= 0:
            raise ValueError(f"a picture's size must be positive, not {self.size[0]}x{self.size[1]}")
        names = self.skeleton.expressions
        if (self.expressions is not None) != bool(names) or (
            self.expressions is not None and self.expressions.shape != (len(self.times), len(names))
        ):
            raise ValueError(f"expressions must be [{len(self.times)}, {len(names)}], one for each name")

    @classmethod
    def of(
        cls, frames: Iterable[PoseFrame], skeleton: Skeleton, rate: Rate, size: tuple[int, int]
    ) -> PoseClip:
        """A clip of single poses in order of time."""
        poses = list(frames)
        scores = [
            np.full(len(skeleton.expressions), np.nan, np.float32)
            if pose.expressions is None
            else pose.expressions
            for pose in poses
        ]
        count = len(skeleton)
        return cls(
            skeleton,
            np.array([pose.points for pose in poses], np.float32).reshape(-1, count, 3),
            np.array([pose.confidence for pose in poses], np.float32).reshape(-1, count),
            np.array([pose.start for pose in poses], np.int64),
            rate,
            size,
            expressions=np.array(scores, np.float32).reshape(-1, len(skeleton.expressions))
            if skeleton.expressions
            else None,
        )

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, index: int) -> PoseFrame:
        scores = None
        if self.expressions is not None and not np.isnan(self.expressions[index]).any():
            scores = self.expressions[index]
        return PoseFrame(self.points[index], self.confidence[index], int(self.times[index]), scores)

    @property
    def span(self) -> Span:
        """From the first picture to one frame behind the start of the last."""
        if not len(self):
            return Span(0, 0)
        return Span(int(self.times[0]), int(self.times[-1]) + self.rate.at(1))

    @property
    def even(self) -> bool:
        """Whether every picture is where the rate puts it, to a twentieth of a frame."""
        ideal = np.array([self.rate.at(index) for index in range(len(self))], np.int64)
        return len(self) < 2 or bool(
            (np.abs(self.times - self.times[0] - ideal) <= self.rate.at(1) // 20).all()
        )

    def part(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Points [frames, n, 3] and confidence [frames, n] of the component `name` (views)."""
        place = self.skeleton.place(name)
        return self.points[:, place], self.confidence[:, place]

    def only(self, names: Iterable[str]) -> PoseClip:
        """The components called `names`."""
        skeleton = self.skeleton.only(names)
        chosen = np.r_[tuple(self.skeleton.place(part.name) for part in skeleton.components)]
        return replace(
            self, skeleton=skeleton, points=self.points[:, chosen], confidence=self.confidence[:, chosen]
        )

    def with_notes(self, notes: Iterable[Note]) -> PoseClip:
        """The same poses with further notes, in order of time."""
        return replace(self, notes=tuple(sorted((*self.notes, *notes), key=lambda note: note.span)))


def _check_points(points: NDArray[np.float32], confidence: NDArray[np.float32]) -> None:
    if points.dtype != np.float32 or confidence.dtype != np.float32:
        raise ValueError(f"points and confidence must be float32, not {points.dtype} and {confidence.dtype}")
    if points.shape != (*confidence.shape, 3):
        raise ValueError(f"points {list(points.shape)} and confidence {list(confidence.shape)} do not match")
    if confidence.size and not (confidence.min() >= 0 and confidence.max() <= 1):  # NaN is neither
        raise ValueError(f"confidence must be 0 to 1, not {confidence.min()} to {confidence.max()}")
    if (np.isnan(points).any(axis=-1) & (confidence > 0)).any():
        raise ValueError("a point without a place must have confidence 0")


def _check_scores(expressions: NDArray[np.float32] | None) -> None:
    if expressions is not None and expressions.dtype != np.float32:
        raise ValueError(f"expressions must be float32, not {expressions.dtype}")
