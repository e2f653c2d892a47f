"""Clips of any length and rate as 32 moments; what is not seen is filled in for the leading hand only."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.timeline import Span, millis
from accessify.signs.clip import DOMINANT, OTHER, SignClip
from accessify.signs.samples import MOMENTS, Samples, sample, stack

STEP = millis(40)


def clip(frames: int = 33, *, lost: tuple[int, ...] = (), other: bool = True) -> SignClip:
    """A hand whose every number is the frame's; the leading hand is `lost` in some frames."""
    hands = np.full((frames, 2, 21, 3), np.nan, np.float32)
    places = np.full((frames, 2, 3), np.nan, np.float32)
    ramp = np.arange(frames, dtype=np.float32)
    hands[:, DOMINANT], places[:, DOMINANT] = ramp[:, None, None], ramp[:, None]
    if other:
        hands[:, OTHER], places[:, OTHER] = -ramp[:, None, None], -ramp[:, None]
    hands[list(lost), DOMINANT] = np.nan
    places[list(lost), DOMINANT] = np.nan
    body = np.zeros((frames, 7, 3), np.float32)
    return SignClip(np.arange(frames, dtype=np.int64) * STEP, hands, places, body)


def test_moments_are_even_in_time_from_the_first_picture_to_the_last() -> None:
    found = sample(clip(63))
    assert found.hands.shape == (1, MOMENTS, 2, 21, 3)
    assert found.hands[0, :, DOMINANT, 0, 0] == pytest.approx(np.linspace(0, 62, MOMENTS), abs=1e-4)
    assert found.places[0, :, OTHER, 1] == pytest.approx(-np.linspace(0, 62, MOMENTS), abs=1e-4)
    assert (found.seen == 1).all()
    assert {found.hands.dtype, found.seen.dtype, found.places.dtype} == {np.dtype(np.float32)}


def test_another_frame_rate_gives_the_same_moments() -> None:
    whole = clip(65)
    half = SignClip(*(getattr(whole, name)[::2] for name in ("times", "hands", "places", "body")))
    assert sample(half).hands == pytest.approx(sample(whole).hands, abs=1e-4)
    assert sample(half).places == pytest.approx(sample(whole).places, abs=1e-4)


def test_the_leading_hand_is_filled_in_between_its_neighbours() -> None:
    found = sample(clip(33, lost=(5, 6, 7, 20)))
    assert found.hands[0, :, DOMINANT, 20, 2] == pytest.approx(np.linspace(0, 32, MOMENTS), abs=1e-4)
    assert (found.seen[0, :, DOMINANT] == 1).all()
    ends = sample(clip(33, lost=(0, 1, 32)))
    assert ends.hands[0, [0, -1], DOMINANT, 0, 0].tolist() == [2, 31]


def test_the_other_hand_is_zero_where_it_is_not_seen() -> None:
    one = clip(32)
    one.hands[10:20, OTHER] = np.nan
    found = sample(one)
    gone = found.seen[0, :, OTHER] == 0
    assert np.flatnonzero(gone).tolist() == list(range(10, 20))
    assert (found.hands[0, gone, OTHER] == 0).all()
    assert np.isfinite(found.places).all()
    alone = sample(clip(32, other=False))
    assert (alone.seen[0, :, OTHER] == 0).all()
    assert (alone.hands[0, :, OTHER] == 0).all()
    assert np.ptp(alone.places[0, :, OTHER], axis=0).tolist() == [0, 0]  # at rest


def test_a_part_of_a_clip() -> None:
    found = sample(clip(100), Span(10 * STEP, 42 * STEP))
    assert found.hands[0, [0, -1], DOMINANT, 0, 0].tolist() == pytest.approx([10, 41])
    short = sample(clip(100), Span(50 * STEP, 51 * STEP))
    assert (short.hands[0, :, DOMINANT] == 50).all()


def test_without_a_leading_hand_there_is_no_sample() -> None:
    with pytest.raises(ValueError, match="no dominant hand"):
        sample(clip(20, lost=tuple(range(20))))
    with pytest.raises(ValueError, match="no dominant hand"):
        sample(clip(20, lost=(4, 5)), Span(4 * STEP, 6 * STEP))
    with pytest.raises(ValueError, match="no dominant hand"):
        sample(clip(20), Span(1000 * STEP, 1001 * STEP))


def test_stacked_in_order() -> None:
    both = stack([sample(clip(40)), sample(clip(20))])
    assert len(both) == 2
    assert both.hands[:, -1, DOMINANT, 0, 0].tolist() == pytest.approx([39, 19])
    none = stack([])
    assert len(none) == 0
    assert isinstance(none, Samples)
    assert none.places.shape == (0, MOMENTS, 2, 2)
