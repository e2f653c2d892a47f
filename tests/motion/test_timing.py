"""Curves and how long actions take."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.evaluation.reference_timing import COMING, REFERENCE_SPACE, REFERENCE_TIMING
from accessify.motion.places import SPACE
from accessify.motion.timing import EASED, EVEN, NATURAL, SUDDEN, along, manner_factor


@pytest.mark.parametrize(
    "curve",
    [
        EVEN,
        EASED,
        SUDDEN,
        COMING,
        REFERENCE_TIMING.path,
        REFERENCE_TIMING.forming,
        REFERENCE_TIMING.returning,
    ],
)
def test_curves_go_from_start_to_end_without_turning_back(curve: tuple[float, ...]) -> None:
    values = along(curve, np.linspace(0, 1, 201))
    assert values[0] == pytest.approx(0)
    assert values[-1] == pytest.approx(1)
    assert np.diff(values).min() >= 0


def test_natural_paths_start_and_stop_gently_and_hard_stops_do_not() -> None:
    share = np.linspace(0, 1, 101)
    natural, sudden = np.diff(along(NATURAL.path, share)), np.diff(along(NATURAL.halting, share))
    assert natural[0] < 0.1 * natural.max()
    assert natural[-1] < 0.1 * natural.max()
    assert sudden[-1] > 0.9 * sudden.max()


def test_manner_changes_the_time() -> None:
    assert manner_factor((), NATURAL) == 1
    assert manner_factor(("fast",), NATURAL) < 1 < manner_factor(("slow",), NATURAL)
    assert manner_factor(("fast", "fast"), NATURAL) < manner_factor(("fast",), NATURAL)


def test_space_by_how_near() -> None:
    for space in (SPACE, REFERENCE_SPACE):
        assert space.depth("close") < space.depth("") < space.depth("arm_extended")
        assert space.depth("touch") == space.depth("close")
