"""Moving pictures from layers that slide past each other: drawn once, then only shifted and blended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720

Plane: TypeAlias = NDArray[np.uint8]
Field: TypeAlias = NDArray[np.floating[Any]]
"""A value per pixel, [height, width]."""
Color: TypeAlias = tuple[float, float, float]
"""Red, green, blue, 0 to 255."""
Point: TypeAlias = tuple[float, float]
OPAQUE = 128
"""Coverage of a pixel that hides what is behind it; so small that blending fits 16 bits."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawn picture that moves in a straight line; planes in BT.709 video range, 4:2:0."""

    y: Plane
    """[h, w] luma; h and w are even."""
    u: Plane
    """[h/2, w/2] blue difference."""
    v: Plane
    """[h/2, w/2] red difference."""
    cover: NDArray[np.int16] | None
    """[h, w] 0 to OPAQUE, or None where it hides everything behind."""
    solid: int
    """Even row from which everything is opaque."""
    at: Point = (0.0, 0.0)
    """Where its corner stands at frame 0: pixels from the frame's left and top edge."""
    drift: Point = (0.0, 0.0)
    """How far it moves with each frame: pixels to the right and downwards."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One finished picture, 4:2:0."""

    y: Plane
    u: Plane
    v: Plane


def canvas(width: int, height: int) -> tuple[Field, Field]:
    """Column and row of every pixel: x [1, width] and y [height, 1]."""
    return np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]


def ramp(value: Field, start: float, end: float) -> Field:
    """0 before `start`, 1 behind `end`, smooth between (also falling, when `end` is before `start`)."""
    t = np.clip((value - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def paint(picture: NDArray[np.float32], color: Color | NDArray[np.float32], cover: Field) -> None:
    """Lay `color` over `picture` [h, w, 3] where `cover` [h, w] (0 to 1) says so, in place."""
    picture += (np.asarray(color, np.float32) - picture) * cover[..., None]


def gradient(value: Field, stops: Sequence[tuple[float, Color]]) -> NDArray[np.float32]:
    """Colours [h, w, 3] along `value`, between the stops (position, colour)."""
    places = [place for place, _ in stops]
    channels = [np.interp(value, places, [color[c] for _, color in stops]) for c in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def layer(
    picture: NDArray[np.float32],
    cover: Field | None = None,
    at: Point = (0.0, 0.0),
    drift: Point = (0.0, 0.0),
) -> Layer:
    """A layer of a drawn RGB `picture` [h, w, 3] in 0..255 (ITU-R BT.709, video range)."""
    red, green, blue = (picture[..., channel] for channel in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    grain = np.random.default_rng(7).random(luma.shape, np.float32)  # dither: no steps in the skies
    y = _stored(16 + luma * (219 / 255) + grain - 0.5)
    u = _stored(128 + _halved(blue - luma) * (224 / 255 / 1.8556))
    v = _stored(128 + _halved(red - luma) * (224 / 255 / 1.5748))
    if cover is None:
        return Layer(y, u, v, None, 0, at, drift)
    opacity = np.rint(cover * OPAQUE).astype(np.int16)
    thin = np.flatnonzero((opacity < OPAQUE).any(axis=1))
    solid = int(thin[-1]) // 2 * 2 + 2 if len(thin) else 0
    return Layer(y, u, v, opacity, solid, at, drift)


def _stored(plane: Field) -> Plane:
    return np.rint(np.clip(plane, 16, 240)).astype(np.uint8)


def _halved(plane: Field) -> Field:
    return 0.25 * (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2])


def compose(layers: Sequence[Layer], index: int) -> Frame:
    """Frame `index` of a scene, its `layers` from back to front."""
    half = HEIGHT // 2, WIDTH // 2
    frame = Frame(np.empty((HEIGHT, WIDTH), np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8))
    for one in layers:
        _lay(frame, one, index)
    return frame


def _lay(frame: Frame, one: Layer, index: int) -> None:
    """Blend a layer in; it moves by whole chroma samples (two pixels) in chroma, by one in luma."""
    left, top = (int(start + speed * index) for start, speed in zip(one.at, one.drift, strict=True))
    _blend(frame.y, one.y, one.cover, one.solid, (top, left))
    chroma_cover = None if one.cover is None else one.cover[::2, ::2]
    place = top // 2, left // 2
    _blend(frame.u, one.u, chroma_cover, one.solid // 2, place)
    _blend(frame.v, one.v, chroma_cover, one.solid // 2, place)


def _blend(
    below: Plane, above: Plane, cover: NDArray[np.int16] | None, solid: int, place: tuple[int, int]
) -> None:
    """Put `above` onto `below` with its corner at `place` (row, column), cut at the edges."""
    rows = _overlap(place[0], above.shape[0], below.shape[0])
    columns = slice(*_overlap(place[1], above.shape[1], below.shape[1]))
    source_columns = slice(columns.start - place[1], columns.stop - place[1])
    split = min(max(rows[0], place[0] + solid), rows[1]) if cover is not None else rows[0]
    below[split : rows[1], columns] = above[split - place[0] : rows[1] - place[0], source_columns]
    if cover is not None and split > rows[0]:
        source = slice(rows[0] - place[0], split - place[0]), source_columns
        target = below[rows[0] : split, columns]
        change = above[source].astype(np.int16)
        change -= target
        change *= cover[source]
        change >>= 7
        change += target
        target[...] = change


def _overlap(start: int, length: int, limit: int) -> tuple[int, int]:
    return min(max(0, start), limit), max(0, min(limit, start + length))
