"""Distances in time are those of dynamic time warping, written down plainly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.signs.encoding import BAND, Floats, SignCodes, distances, warped, warping_path
from accessify.signs.samples import MOMENTS
from tests.signs.sign_codes import again, some_codes, unit


def oracle(one: Floats, other: Floats, band: int) -> float:
    """Sakoe and Chiba's recursion, cell by cell."""
    total = np.full((len(one), len(other)), np.inf)
    for row in range(len(one)):
        for column in range(len(other)):
            if abs(row - column) > band:
                continue
            cost = float(np.linalg.norm(one[row].astype(float) - other[column]))
            before = [
                total[row - up, column - left]
                for up, left in ((1, 1), (1, 0), (0, 1))
                if row >= up and column >= left
            ]
            total[row, column] = cost + (min(before) if before else 0)
    return float(total[-1, -1] / len(one))


@given(st.integers(0, 10_000), st.integers(0, MOMENTS))
def test_warped_is_dynamic_time_warping(seed: int, band: int) -> None:
    codes = some_codes(4, seed)
    found = warped(codes.moments[0], codes.moments[1:], band)
    assert found.shape == (3,)
    for place, distance in enumerate(found, 1):
        assert distance == pytest.approx(oracle(codes.moments[0], codes.moments[place], band), abs=2e-3)


def test_a_sign_is_no_distance_from_itself_and_as_far_there_as_back() -> None:
    codes = some_codes(5)
    apart = np.stack([distances(codes[row : row + 1], codes, 0.5) for row in range(5)])
    assert apart.diagonal() == pytest.approx(np.zeros(5), abs=1e-3)
    assert apart == pytest.approx(apart.T, abs=1e-6)
    assert (apart + np.eye(5) > 0.1).all()


def test_the_whole_counts_as_much_as_it_is_told_to() -> None:
    codes = some_codes(3)
    apart = [distances(codes[:1], codes, weight) for weight in (0.0, 1.0, 2.0)]
    assert apart[0] == pytest.approx(warped(codes.moments[0], codes.moments))
    assert apart[2] - apart[1] == pytest.approx(1 - codes.wholes @ codes.wholes[0], abs=1e-6)


def shifted(codes: SignCodes, by: int) -> Floats:
    """The first sign, `by` moments late: it begins with its first moment held, and its end is cut."""
    return codes.moments[0][np.maximum(np.arange(MOMENTS) - by, 0)]


def test_a_band_forgives_what_is_a_little_late_and_no_more() -> None:
    codes = some_codes(1, seed=4)
    late = shifted(codes, 3)[None]
    straight, within, wide = (float(warped(codes.moments[0], late, band)[0]) for band in (0, BAND, MOMENTS))
    assert within < straight / 2
    assert wide <= within
    apart = np.linalg.norm(codes.moments[0] - late[0], axis=1).mean()
    assert straight == pytest.approx(apart, abs=1e-3)


def test_the_path_goes_from_start_to_end_within_the_band() -> None:
    codes = some_codes(2, seed=6)
    path = warping_path(codes.moments[0], codes.moments[1])
    assert path[0] == (0, 0)
    assert path[-1] == (MOMENTS - 1, MOMENTS - 1)
    steps = np.diff(np.array(path), axis=0)
    assert {tuple(step) for step in steps.tolist()} <= {(1, 1), (1, 0), (0, 1)}
    assert max(abs(row - column) for row, column in path) <= BAND
    costs = [np.linalg.norm(codes.moments[0][row] - codes.moments[1][column]) for row, column in path]
    total = float(np.sum(costs)) / MOMENTS
    assert total == pytest.approx(float(warped(codes.moments[0], codes.moments[1:])[0]), abs=1e-3)


def test_the_path_follows_what_is_late() -> None:
    codes = some_codes(1, seed=4)
    path = warping_path(codes.moments[0], shifted(codes, 3))
    middle = [column - row for row, column in path if 8 <= row < 24]
    assert np.median(middle) == 3


def test_codes_are_chosen_like_arrays() -> None:
    codes = some_codes(6)
    assert len(codes[np.array([4, 1])]) == 2
    assert (codes[np.array([4, 1])].wholes[1] == codes.wholes[1]).all()
    assert len(codes[2:4]) == 2
    assert len(distances(codes[:1], codes[:0], 0.5)) == 0
    near = distances(codes[:1], again(codes), 0.5)
    assert int(near.argmin()) == 0
    assert np.linalg.norm(unit(np.ones((2, 3))), axis=1) == pytest.approx([1, 1])
