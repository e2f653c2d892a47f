"""Trembling and lag against answers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.evaluation.landmark_jitter import Jitter, calming, jitter, second_differences
from accessify.evaluation.landmark_tracks import Places


def path(*xs: float, points: int = 1) -> Places:
    """Points that move along x together."""
    return np.array([[(x, 0.0)] * points for x in xs])


def test_a_second_difference_is_how_far_the_middle_is_from_even_motion() -> None:
    # 0 → 1 → 5: 5 - 2 + 0 = 3; 1 → 5 → 9: 9 - 10 + 1 = 0
    assert second_differences(path(0, 1, 5, 9)).tolist() == [[3.0], [0.0]]
    assert np.isnan(second_differences(path(0, 1, np.nan, 9))).all()


def test_jitter_is_over_pictures_that_both_have() -> None:
    ours = path(0, 2, 0, 2, 0, 2)  # 4 everywhere
    theirs = path(0, 1, 0, 1, 0, 1)  # 2 everywhere
    assert jitter(ours, theirs) == Jitter(4.0, 2.0)
    assert Jitter(4.0, 2.0).ratio == 2.0
    theirs[5] = np.nan
    ours[5] = 50  # nobody to compare it with
    assert jitter(ours, theirs) == Jitter(4.0, 2.0)
    ours[2] = np.nan
    assert jitter(ours, theirs) is None  # nowhere three in a row


def test_points_that_do_not_count_are_left_out() -> None:
    ours, theirs = path(0, 1, 0, 1, points=2), path(0, 1, 0, 1, points=2)
    ours[:, 1, 0] *= 9
    counts = np.array([[True, False]] * 4)
    assert jitter(ours, theirs, counts) == Jitter(2.0, 2.0)
    assert jitter(ours, theirs, counts & np.array([[True], [False], [True], [True]])) is None


def test_what_rests_has_no_ratio() -> None:
    assert jitter(path(0, 1, 0), path(0, 0, 0)) is None


def test_lag_is_measured_where_it_is_fast_and_calm_where_it_is_slow() -> None:
    # trembles by ±1 for 41 pictures, then runs at 10 px a picture for 20
    slow = [float(index % 2) for index in range(41)]
    run = [10.0 * step for step in range(1, 21)]
    seen = path(*slow, *run)
    calmed = path(*(0.5 + (value - 0.5) / 4 for value in slow), *(value - 2 for value in run))
    found = calming([seen], [calmed])
    assert found is not None
    assert found.jitter_ratio == pytest.approx(0.25)
    assert found.speed_px == pytest.approx(10)
    assert found.lag_px == pytest.approx(2)
    assert found.lag_frames == pytest.approx(0.2)


def lag(seen: Places, offset: tuple[float, float]) -> float:
    found = calming([seen], [seen + np.array(offset)])
    assert found is not None
    return found.lag_px


def test_lag_follows_the_direction_of_motion() -> None:
    away = path(*(10.0 * step for step in range(20)))
    assert lag(away, (-3, 0)) == pytest.approx(3)
    assert lag(-away, (3, 0)) == pytest.approx(3)
    assert lag(-away, (-3, 0)) == pytest.approx(-3)  # ahead of the hand
    assert lag(away, (0, 3)) == pytest.approx(0)  # beside it


def test_both_hands_are_looked_at_together() -> None:
    left, right = path(*(10.0 * step for step in range(12))), path(*(20.0 * step for step in range(12)))
    found = calming([left, right], [left - (1, 0), right - (4, 0)])
    assert found is not None
    assert (found.lag_px, found.speed_px) == (pytest.approx(4), pytest.approx(20))  # the right is the faster
    gone = np.full_like(left, np.nan)
    assert calming([gone], [gone]) is None


@given(st.integers(0, 2**32 - 1))
def test_no_smoothing_changes_nothing(seed: int) -> None:
    places = np.random.default_rng(seed).uniform(0, 100, (30, 21, 2))
    found = calming([places], [places])
    assert found is not None
    assert (found.jitter_ratio, found.lag_px) == (1.0, 0.0)
