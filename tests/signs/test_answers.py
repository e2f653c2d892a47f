"""What shares of answers mean: ties count against us, and errors are those of a brute-force count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.signs.answers import accuracy, answered, equal_error_rate, letter_figures

DISTANCES = st.lists(st.integers(-6, 6).map(lambda whole: whole / 2), min_size=1, max_size=12)


def test_accuracy() -> None:
    assert accuracy(np.array([True, False, True, True])) == 0.75
    assert np.isnan(accuracy(np.array([], np.bool_)))


def test_the_surest_are_answered() -> None:
    right = np.array([True, False, True, False])
    sure = np.array([0.9, 0.2, 0.8, 0.1])
    assert answered(right, sure, 0.5) == 1
    assert answered(right, sure, 0.75) == pytest.approx(2 / 3)
    assert answered(right, -sure, 0.5) == 0
    assert answered(right, sure, 1.0) == accuracy(right)
    assert np.isnan(answered(right, sure, 0.1))  # of four, that is none


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=20), st.floats(0.1, 1))
def test_equal_confidences_count_against_us(rows: list[tuple[bool, int]], share: float) -> None:
    right = np.array([one for one, _ in rows])
    sure = np.array([float(other) for _, other in rows])
    count = round(share * len(rows))
    if not count:
        return
    worst = sorted(rows, key=lambda row: (-row[1], row[0]))[:count]
    assert answered(right, sure, share) == pytest.approx(sum(one for one, _ in worst) / count)


def brute_force(known: list[float], unknown: list[float]) -> list[float]:
    """The mean of both errors at each threshold where they are nearest to each other."""
    errors = []
    for level in sorted({*known, *unknown}):
        refused = sum(one > level for one in known) / len(known)
        accepted = sum(one <= level for one in unknown) / len(unknown)
        errors.append((round(abs(refused - accepted), 9), (refused + accepted) / 2))
    least = min(gap for gap, _ in errors)
    return [rate for gap, rate in errors if gap == least]


@given(DISTANCES, DISTANCES)
def test_the_equal_error_rate_is_that_of_a_count(known: list[float], unknown: list[float]) -> None:
    rate = equal_error_rate(np.array(known), np.array(unknown))
    assert any(rate == pytest.approx(one) for one in brute_force(known, unknown))


def test_equal_error_rates_that_are_known() -> None:
    near, far = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0])
    assert equal_error_rate(near, far) == 0
    assert equal_error_rate(np.arange(100.0), np.arange(100.0)) == pytest.approx(0.5, abs=0.01)
    assert np.isnan(equal_error_rate(near, np.array([])))
    assert np.isnan(equal_error_rate(np.array([]), far))


def test_letters_and_what_they_are_taken_for() -> None:
    logs = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.1, 0.3], [0.2, 0.7, 0.1]], np.float32))
    figures = letter_figures(logs, ("A", "A", "A", "B"), ("A", "B", "C"))
    assert figures["accuracy"] == 0.75
    assert figures["by_letter"] == pytest.approx((2 / 3 + 1) / 2)
    assert figures["confused"] == {"A taken for B": 1}
    assert figures["answered_70"] == pytest.approx(2 / 3)  # the surest of all is wrong
    with pytest.raises(ValueError, match="not in tuple"):
        letter_figures(logs, ("A", "A", "A", "J"), ("A", "B", "C"))
