"""Acts put together: in a row, at once, backwards, bent to an end."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.rotation import rotate
from accessify.motion.act import (
    Act,
    Curves,
    Pair,
    at_once,
    baked,
    bent_to,
    change,
    drifting,
    fused,
    in_a_row,
    of_hands,
    passing,
    resized,
    shifted,
    still,
)
from accessify.motion.directions import turn_of
from accessify.motion.stance import Stance
from accessify.motion.timing import EASED, EVEN

SHARE = np.linspace(0, 1, 21)
CURVES = Curves(EVEN, EVEN, EVEN)
UP, LEFT, OUT = np.eye(3)[1], np.eye(3)[0], np.eye(3)[2]


def hand(palm: np.ndarray, fingers: np.ndarray = UP, bend: float = 0.0) -> Stance:
    return Stance(palm, turn_of(fingers, OUT), np.full((5, 3), bend), np.zeros(5))


def pair(palm: np.ndarray, **more: object) -> Pair:
    return hand(-palm, **more), hand(palm, **more)  # type: ignore[arg-type]


START = pair(np.zeros(3))


def go(end: np.ndarray, seconds: float = 1.0, **more: object) -> Act:
    return change(START, pair(end, **more), seconds, CURVES)


def test_a_change_goes_straight_and_ends_there() -> None:
    act = go(UP, fingers=LEFT, bend=40.0)
    right = act.sample(SHARE)[1]
    assert np.allclose(right.palm, SHARE[:, None] * UP)
    assert np.allclose(right.direction[-1], LEFT, atol=1e-9)
    assert right.bends[10, 1, 1] == pytest.approx(20)
    assert np.allclose(act.end[0].palm, -UP)


def test_in_a_row_each_has_its_time() -> None:
    first = go(UP, 1.0)
    row = in_a_row([first, shifted(go(LEFT, 3.0), START, first.end)])
    assert row.seconds == 4
    right = row.sample(np.array([0.25, 0.625, 1.0]))[1]
    assert np.allclose(right.palm, [UP, UP + LEFT / 2, UP + LEFT])


def test_at_once_changes_add_up() -> None:
    act = at_once(START, [go(UP), go(LEFT), go(np.zeros(3), bend=30.0, fingers=LEFT)], 2.0)
    right = act.end[1]
    assert act.seconds == 2
    assert np.allclose(right.palm, UP + LEFT)
    assert np.allclose(right.bends, 30)
    assert np.allclose(rotate(right.turn, [1.0, 0, 0]), LEFT, atol=1e-9)


def test_hands_of_two_acts() -> None:
    act = of_hands(go(UP), still(START, 1.0), 1.0)
    assert np.allclose(act.end[0].palm, -UP)
    assert np.allclose(act.end[1].palm, 0)


def test_backwards_resized_and_shifted() -> None:
    assert np.allclose(go(UP).backwards().start[1].palm, UP)
    assert np.allclose(resized(go(UP), START, 1.5).end[1].palm, 1.5 * UP)
    assert np.allclose(shifted(go(UP), START, pair(LEFT)).start[1].palm, LEFT)


def test_ends_are_reached_by_drifting_and_by_bending() -> None:
    ends = (-2 * LEFT, 2 * LEFT)
    for act in (drifting(go(UP), ends, EASED), bent_to(go(UP), ends)):
        assert np.allclose(act.start[1].palm, 0)
        assert np.allclose(act.end[1].palm, ends[1])
        assert np.allclose(act.end[0].palm, ends[0])


def test_a_bent_path_turns_its_bulge_along() -> None:
    def sample(share: np.ndarray) -> Pair:
        palm = share[:, None] * UP + np.sin(np.pi * share)[:, None] * LEFT
        stance = hand(np.zeros(3)).many(len(share)).moved(palm)
        return stance, stance

    middle = bent_to(Act(1.0, sample), (2 * LEFT, 2 * LEFT)).sample(np.array([0.5]))[1]
    assert np.allclose(middle.palm[0], LEFT - 2 * UP, atol=1e-9)


def test_a_path_that_does_not_move_still_gets_there() -> None:
    assert np.allclose(bent_to(still(START, 1.0), (UP, UP)).end[1].palm, UP)


def test_passing_keeps_the_ends() -> None:
    act = passing(go(UP), (LEFT, LEFT))
    assert np.allclose(act.sample(np.array([0.5]))[1].palm[0], LEFT)
    assert np.allclose(act.end[1].palm, UP)


def test_fused_acts_round_the_corner() -> None:
    acts = [go(UP), shifted(go(LEFT), START, go(UP).end)]
    corner = fused(acts, EVEN).sample(np.array([0.5]))[1].palm[0]
    assert 0.02 < np.linalg.norm(corner - UP) < 0.3
    assert np.allclose(fused(acts, EVEN).end[1].palm, UP + LEFT)


def test_baking_changes_nothing_that_can_be_seen() -> None:
    act = change(START, pair(UP, fingers=LEFT, bend=50.0), 0.5, Curves(EASED, EASED, EASED))
    plain, done = act.sample(SHARE)[1], baked(act).sample(SHARE)[1]
    assert np.abs(plain.palm - done.palm).max() < 1e-3
    assert np.abs(plain.bends - done.bends).max() < 0.1
    assert np.allclose(done.palm[-1], UP)
