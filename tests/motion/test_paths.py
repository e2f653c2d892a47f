"""Paths as curves."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.motion.notation import Move
from accessify.motion.paths import RADIUS, STROKE, is_closed, late_offsets, late_start, path_offsets, turns
from tests.motion.written_trees import read

SHARE = np.linspace(0, 1, 81)


def move(names: str) -> Move:
    (part,) = read(f"fist extfingeru palml {names}").sign.parts
    action = part.steps[0].action
    assert isinstance(action, Move)
    return action


def offsets(names: str) -> np.ndarray:
    return path_offsets(move(names), SHARE)


@pytest.mark.parametrize(("names", "end"), [("moveu", (0, 1, 0)), ("movel", (1, 0, 0)), ("moveo", (0, 0, 1))])
def test_a_straight_move_goes_its_way(names: str, end: tuple[float, ...]) -> None:
    assert np.allclose(offsets(names)[-1], STROKE * np.array(end))
    assert np.allclose(offsets(names)[0], 0)


def test_sizes() -> None:
    usual, small, large = (
        np.linalg.norm(offsets(f"mover{size}")[-1]) for size in ("", " smallmod", " largemod")
    )
    assert small < 0.6 * usual < usual < 0.8 * large


@pytest.mark.parametrize(
    ("names", "bulge"),
    [
        ("movel arcu", (0, 1, 0)),
        ("moveu arcr", (-1, 0, 0)),
        ("moved arcl", (1, 0, 0)),
        ("moveo arcd", (0, -1, 0)),
    ],
)
def test_an_arc_bulges_to_its_letter_and_ends_where_the_move_ends(
    names: str, bulge: tuple[float, ...]
) -> None:
    path = offsets(names)
    straight = offsets(names.split(maxsplit=1)[0])
    assert np.allclose(path[-1], straight[-1], atol=1e-9)
    away = (path - straight) @ np.array(bulge)
    assert away.max() > 0.15
    assert away.min() > -1e-9
    assert np.linalg.norm(offsets(f"{names} smallmod")[40]) < np.linalg.norm(path[40])


@pytest.mark.parametrize(("way", "axis"), [("o", 2), ("i", 2), ("u", 1), ("l", 0), ("r", 0)])
def test_a_circle_lies_across_its_axis_and_returns(way: str, axis: int) -> None:
    path = offsets(f"circle{way}")
    assert np.ptp(path[:, axis]) < 1e-9
    others = [number for number in range(3) if number != axis]
    assert np.ptp(path, axis=0)[others] == pytest.approx([2 * RADIUS] * 2, abs=0.01)
    assert np.allclose(path[-1], 0, atol=1e-9)
    assert is_closed(move(f"circle{way}"))


def test_a_circle_turns_by_the_right_hand_rule() -> None:
    for way, sign in (("o", 1), ("i", -1)):
        path = offsets(f"circle{way}")
        centre = path.mean(axis=0)
        turn = np.cross(path[0] - centre, path[5] - centre)
        assert np.sign(turn[2]) == sign


def test_clocks_tell_where_a_circle_starts_and_ends() -> None:
    path = offsets("circleo clocku clockd")
    assert turns(move("circleo clocku clockd")) == pytest.approx(0.5)
    assert np.allclose(path[-1], [0, -2 * RADIUS, 0], atol=1e-9)
    assert not is_closed(move("circleo clocku clockd"))
    assert turns(move("circleo clocku clockfull clocku")) == pytest.approx(2)


def test_ellipses_are_flat() -> None:
    level, upright = np.ptp(offsets("circleo ellipseh"), axis=0), np.ptp(offsets("circleo ellipsev"), axis=0)
    assert level[0] > 1.5 * level[1]
    assert upright[1] > 1.5 * upright[0]


def test_waves_swing_to_both_sides_and_zigzags_have_corners() -> None:
    wavy, zigzag = offsets("moved wavy"), offsets("moved zigzag")
    for path in (wavy, zigzag):
        assert np.allclose(path[-1], [0, -STROKE, 0], atol=1e-9)
        assert path[:, 0].max() == pytest.approx(-path[:, 0].min(), rel=0.1)
        assert len(np.flatnonzero(np.diff(np.sign(np.diff(path[:, 0]))))) >= 6
    assert np.abs(np.diff(zigzag[:, 0], 2)).max() > 3 * np.abs(np.diff(wavy[:, 0], 2)).max() / 2
    assert np.ptp(offsets("movel wavy ellipsev")[:, 1]) > 0.2


def test_crossing_strokes_end_off_their_start() -> None:
    for kind in ("movecross", "moveX"):
        path = offsets(kind)
        assert np.ptp(path[:, 0]) > 0.25
        assert np.ptp(path[:, 1]) > 0.25


def test_half_a_movement_late() -> None:
    circle = move("circleo")
    assert np.allclose(late_start(circle), [-2 * RADIUS, 0, 0], atol=1e-9)
    late = late_offsets(circle, SHARE) + late_start(circle)
    assert np.allclose(late[0], path_offsets(circle, SHARE)[40], atol=1e-9)
    stroke = move("moveu")
    assert np.allclose(late_offsets(stroke, SHARE)[-1], [0, -STROKE, 0])
