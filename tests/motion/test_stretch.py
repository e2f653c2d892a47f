"""Postures between pictures, faster, slower, at another rate."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from accessify.core.rotation import rotate
from accessify.core.timeline import Rate
from accessify.motion.stretch import FINGERTIPS, PALM, at_rate, eased, held, mixed, sampled, stretched
from tests.motion.postures import some_postures


def test_minimum_jerk_starts_and_stops_gently() -> None:
    share = np.linspace(0, 1, 1001)
    way = eased(share)
    speed, jump = np.gradient(way, share), np.gradient(np.gradient(way, share), share)
    assert (np.diff(way) >= 0).all()
    assert (way[0], way[500], way[-1]) == (0, pytest.approx(0.5), 1)
    assert speed[[0, -1]] == pytest.approx(0, abs=1e-3)
    assert speed.max() == pytest.approx(1.875, abs=1e-3)
    assert jump[[1, -2]] == pytest.approx(0, abs=0.2)
    assert eased([-1, 2]).tolist() == [0, 1]


def test_a_held_hand_points_and_faces_where_it_should() -> None:
    some = some_postures()
    turn = held(some.directions, some.normals)
    np.testing.assert_allclose(rotate(turn, FINGERTIPS), some.directions, atol=1e-9)
    np.testing.assert_allclose(rotate(turn, PALM), some.normals, atol=1e-9)


def test_the_ends_stay_exact_when_it_is_stretched() -> None:
    some = some_postures(9)
    for count in (5, 9, 23):
        other = stretched(some, count)
        assert len(other) == count
        for name in ("palms", "directions", "normals", "bends", "spread", "active"):
            np.testing.assert_allclose(getattr(other, name)[[0, -1]], getattr(some, name)[[0, -1]], atol=1e-9)
    np.testing.assert_allclose(sampled(some, np.array([2.5])).palms[0], some.palms[2:4].mean(axis=0))


def test_another_rate_takes_as_long() -> None:
    some = some_postures(26)
    other = at_rate(some, Rate(Fraction(50)))
    assert (len(other), other.rate.fps) == (51, 50)
    np.testing.assert_allclose(other.palms[::2], some.palms, atol=1e-9)


def test_a_resting_hand_takes_the_others_posture_and_comes_up_slowly() -> None:
    rests, works = some_postures(4, hands=(0, 1)), some_postures(4, seed=3)
    half = mixed(rests, works, np.full(4, 0.5))
    np.testing.assert_allclose(half.palms[:, 0], works.palms[:, 0])
    np.testing.assert_allclose(half.palms[:, 1], (rests.palms[:, 1] + works.palms[:, 1]) / 2)
    assert (half.active[:, 0] == 0.5).all()
    hinted = replace(works, elbows=np.full((4, 2), 30.0))
    assert (mixed(rests, hinted, np.full(4, 0.5)).elbows == 30).all()
