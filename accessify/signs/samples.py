"""Clips of signing as networks take them: 32 moments from start to end, however long or often filmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Span
from accessify.signs.clip import DOMINANT, OTHER, SignClip

MOMENTS = 32
"""Moments a clip is sampled at, evenly in time."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """n clips of signing, sampled."""

    hands: Floats
    """Shape [n, 32, 2, 21, 3], float32: as `SignClip.hands`, but 0 where a hand is not seen."""
    seen: Floats
    """Shape [n, 32, 2], float32: 1 where the hand is seen, else 0."""
    places: Floats
    """Shape [n, 32, 2, 2], float32: x and y as in `SignClip.places`."""

    def __len__(self) -> int:
        return len(self.hands)


def sample(clip: SignClip, span: Span | None = None) -> Samples:
    """The clip, or the part of it in `span`, as one sample.

    The dominant hand is filled in between its neighbours where it is missing, the other hand is not: signs
    are made with one hand or two. Raises `ValueError` where the dominant hand is never seen.
    """
    inside = np.ones(len(clip), bool) if span is None else _inside(clip, span)
    times, hands, places = clip.times[inside], clip.hands[inside], clip.places[inside]
    seen = clip.seen[inside]
    if not seen[:, DOMINANT].any():
        raise ValueError("no dominant hand is seen in the clip")
    moments = np.linspace(times[0], times[-1], MOMENTS)
    nearest = np.abs(moments[:, None] - times[None]).argmin(axis=1)
    pair = np.stack(
        [_between(moments, times, hands[:, side], seen[:, side]) for side in (DOMINANT, OTHER)], axis=1
    )
    there = np.stack([np.ones(MOMENTS, bool), seen[nearest, OTHER]], axis=1)
    where = np.stack([_placed(moments, times, places[:, side, :2]) for side in (DOMINANT, OTHER)], axis=1)
    return Samples(
        (pair * there[..., None, None])[None].astype(np.float32),
        there[None].astype(np.float32),
        where[None].astype(np.float32),
    )


def stack(samples: Sequence[Samples]) -> Samples:
    """All of `samples`, in order."""
    if not samples:
        hands, seen, places = (np.zeros((0, MOMENTS, 2, *tail), np.float32) for tail in ((21, 3), (), (2,)))
        return Samples(hands, seen, places)
    return Samples(
        np.concatenate([one.hands for one in samples]),
        np.concatenate([one.seen for one in samples]),
        np.concatenate([one.places for one in samples]),
    )


def _inside(clip: SignClip, span: Span) -> NDArray[np.bool_]:
    return (clip.times >= span.start) & (clip.times < span.end)


def _between(
    moments: NDArray[np.float64], times: NDArray[np.int64], values: Floats, known: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Values at `moments`, on straight lines between the known ones; 0 where none is known."""
    flat = values.reshape(len(values), -1)
    if not known.any():
        return np.zeros((len(moments), *values.shape[1:]))
    columns = [np.interp(moments, times[known], flat[known, column]) for column in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(len(moments), *values.shape[1:])


_AT_REST = (0.5, 1.4)
"""Where a hand of which nothing is known is taken to be: beside the hip, x on the other hand's side."""


def _placed(moments: NDArray[np.float64], times: NDArray[np.int64], places: Floats) -> NDArray[np.float64]:
    known = np.asarray(np.isfinite(places).all(axis=1))
    if not known.any():
        return np.tile(np.array(_AT_REST), (len(moments), 1))
    return _between(moments, times, places, known)
