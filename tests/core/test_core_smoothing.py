from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.rotation import about, log
from accessify.core.smoothing import STEP, LowPass, OneEuro, OneEuroFilter, OneEuroTurns, gaussian

settings = st.builds(OneEuro, st.floats(0.01, 20), st.floats(0, 100), st.floats(0.1, 10))
tracks = st.lists(st.floats(-1000, 1000), min_size=1, max_size=20)


class TextbookFilter:
    """One number at a time, written from the paper's algorithm 1, speeds of raw values."""

    def __init__(self, least: float, beta: float, speed_cutoff: float) -> None:
        self.least, self.beta, self.speed_cutoff = least, beta, speed_cutoff
        self.first = True

    @staticmethod
    def alpha(cutoff: float, period: float) -> float:
        tau = 1.0 / (2.0 * math.pi * cutoff)
        return 1.0 / (1.0 + tau / period)

    def filter(self, x: float, scale: float, period: float) -> float:
        if self.first:
            self.first, self.raw, self.x, self.dx = False, x, x, 0.0
            return x
        a = self.alpha(self.speed_cutoff, period)
        self.dx = a * ((x - self.raw) * scale / period) + (1 - a) * self.dx
        a = self.alpha(self.least + self.beta * abs(self.dx), period)
        self.raw, self.x = x, a * x + (1 - a) * self.x
        return self.x


@given(one_euro=settings, track=tracks, scale=st.floats(0.001, 2), period=st.floats(0.001, 0.2))
def test_it_is_the_filter_of_the_paper(
    one_euro: OneEuro, track: list[float], scale: float, period: float
) -> None:
    ours = OneEuroFilter(one_euro)
    theirs = TextbookFilter(one_euro.least_cutoff, one_euro.beta, one_euro.speed_cutoff)
    for value in track:
        expected = theirs.filter(value, scale, period)
        assert ours.push(np.array([value]), scale, period)[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(one_euro=settings, rows=st.lists(st.tuples(*[st.floats(-99, 99)] * 3), min_size=2, max_size=8))
def test_each_number_is_smoothed_by_itself(one_euro: OneEuro, rows: list[tuple[float, ...]]) -> None:
    whole, alone = OneEuroFilter(one_euro), [OneEuroFilter(one_euro) for _ in range(3)]
    for row in rows:
        together = whole.push(np.array(row, np.float32).reshape(3, 1))
        assert together.shape == (3, 1)
        apart = [own.push(np.array([value], np.float32)) for own, value in zip(alone, row, strict=True)]
        np.testing.assert_allclose(together, apart)


@given(one_euro=settings, track=tracks)
def test_smoothed_values_stay_among_those_seen(one_euro: OneEuro, track: list[float]) -> None:
    own = OneEuroFilter(one_euro)
    smooth = [own.push(np.array([value]))[0] for value in track]
    assert min(track) - 1e-9 <= min(smooth) <= max(smooth) <= max(track) + 1e-9


def test_after_a_reset_nothing_is_left() -> None:
    used, fresh = OneEuroFilter(OneEuro(1, 1)), OneEuroFilter(OneEuro(1, 1))
    for value in (3.0, 900.0, -5.0):
        used.push(np.array([value]))
    used.reset()
    for value in (1.0, 2.0, 4.0):
        np.testing.assert_array_equal(used.push(np.array([value])), fresh.push(np.array([value])))


def test_what_is_pushed_may_be_used_again() -> None:
    own = OneEuroFilter(OneEuro(1, 1))
    values = np.array([1.0, 2.0])
    own.push(values)
    values[:] = 7
    assert own.push(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_a_trembling_point_calms_down_and_a_moving_one_is_followed() -> None:
    """The bargain of the filter: less noise at rest, bounded lag in motion."""
    random = np.random.default_rng(3)
    still = 100 + random.normal(0, 1, 300)
    own = OneEuroFilter(OneEuro(1.0, 10.0))
    smooth = np.array([own.push(np.array([value]), 1 / 200)[0] for value in still])
    assert smooth[50:].std() < 0.5 * still[50:].std()

    moving = 8.0 * np.arange(100)  # 240 pixels a second, 1.2 hands
    own.reset()
    lag = moving - [own.push(np.array([value]), 1 / 200)[0] for value in moving]
    cutoff = 1.0 + 10.0 * 8.0 / 200 / STEP
    bound = 8.0 / (2 * math.pi * cutoff * STEP)  # of a low-pass on a ramp: speed times its time constant
    assert lag[-1] == pytest.approx(bound, rel=0.01)
    assert (lag >= 0).all()


def test_a_low_pass_takes_its_share() -> None:
    own = LowPass(0.25)
    assert [own.push(np.array([value]))[0] for value in (8.0, 0.0, 0.0, 4.0)] == [8.0, 6.0, 4.5, 4.375]


def test_a_gaussian_keeps_means_and_ends_and_takes_peaks_down() -> None:
    values = np.zeros((21, 2))
    values[10, 0] = 1
    smooth = gaussian(values, 2.0)
    assert smooth[:, 0].sum() == pytest.approx(1)
    assert smooth[10, 0] == pytest.approx(0.2, abs=0.01)
    assert (smooth[:, 1] == 0).all()
    np.testing.assert_array_equal(gaussian(values, 0), values)
    np.testing.assert_allclose(gaussian(np.ones((3, 1)), 5), 1)


def test_turns_about_one_axis_are_smoothed_like_their_angle() -> None:
    """With the same step, an angle and the rotation by it must go through the same filter."""
    angles = 0.4 * np.sin(np.linspace(0, 5, 40)) + np.random.default_rng(2).normal(0, 0.05, 40)
    shape = OneEuro(1.5, 0.7)
    plain, turns = OneEuroFilter(shape), OneEuroTurns(shape)
    axis = np.array([0.6, 0.0, 0.8])
    for angle in angles:
        smooth = plain.push(np.array([angle]), step=0.04)[0]
        turn = turns.push(about(axis, angle), step=0.04)
        assert log(turn) @ axis == pytest.approx(smooth, abs=0.02)
