"""Distance fields: right on the skin, right about the distance, smooth where shapes join."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.avatar import fields
from accessify.avatar.fields import Points, Values

GENERATOR = np.random.default_rng(5)


def cloud(count: int = 400, reach: float = 2.0) -> Points:
    return GENERATOR.uniform(-reach, reach, (count, 3)).astype(np.float32)


def ball(points: Points) -> Values:
    return np.asarray(np.linalg.norm(points, axis=1) - 1, np.float32)


def cone_skin(radii: tuple[float, float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres and radii of many balls whose hull is the round cone from 0 to (0, 1, 0)."""
    share = np.linspace(0, 1, 4001)
    return np.stack([0 * share, share, 0 * share], axis=1), radii[0] + share * (radii[1] - radii[0])


@pytest.mark.parametrize("radii", [(0.4, 0.2), (0.2, 0.4), (0.3, 0.3)])
def test_a_round_cone_is_the_hull_of_its_balls(radii: tuple[float, float]) -> None:
    points = cloud(200)
    centers, sizes = cone_skin(radii)
    expected = (np.linalg.norm(points[:, None] - centers, axis=2) - sizes).min(axis=1)
    found = fields.round_cone(points, [0, 0, 0], [0, 1, 0], radii)
    outside = expected > 0
    np.testing.assert_allclose(found[outside], expected[outside], atol=2e-3)
    assert (found[expected < -0.01] < 0).all()


def test_an_ellipsoid_has_its_skin_where_its_formula_says() -> None:
    direction = cloud(300)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    radii = np.array([0.5, 1.0, 0.2], np.float32)
    skin = direction * radii
    np.testing.assert_allclose(fields.ellipsoid(skin, [0, 0, 0], radii), 0, atol=1e-5)
    turn = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float64)  # rows: its own axes
    np.testing.assert_allclose(
        fields.ellipsoid(skin @ turn.astype(np.float32), [0, 0, 0], radii, turn), 0, atol=1e-5
    )
    assert fields.ellipsoid(np.zeros((1, 3), np.float32) + 0.01, [0, 0, 0], radii)[0] < 0


def test_an_oval_with_equal_halves_is_a_circle() -> None:
    points = cloud(300)
    halves = np.full(len(points), 0.7, np.float32)
    found = fields.oval(points[:, 0], points[:, 2], (halves, halves))
    np.testing.assert_allclose(found, np.hypot(points[:, 0], points[:, 2]) - 0.7, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.01, 0.5))
def test_smooth_joins_differ_from_hard_ones_only_near_the_seam(a: float, b: float, width: float) -> None:
    first, second = np.array([a], np.float32), np.array([b], np.float32)
    least, most = fields.smooth_min(first, second, width)[0], fields.smooth_max(first, second, width)[0]
    assert min(a, b) - width / 4 - 1e-6 <= least <= min(a, b) + 1e-6
    assert max(a, b) - 1e-6 <= most <= max(a, b) + width / 4 + 1e-6
    if abs(a - b) > width:
        assert least == pytest.approx(min(a, b), abs=1e-6)
    assert fields.joined([first, second], width)[0] == least


def test_a_curve_goes_through_its_knots_and_is_level_beyond() -> None:
    knots, heights = (0.0, 1.0, 3.0, 4.0), (1.0, 2.0, 2.5, 0.0)
    np.testing.assert_allclose(fields.curve(np.array(knots, np.float32), knots, heights), heights, atol=1e-6)
    beyond = fields.curve(np.array([-5, 9], np.float32), knots, heights)
    np.testing.assert_allclose(beyond, [1, 0], atol=1e-6)
    fine = fields.curve(np.linspace(0, 4, 4001, dtype=np.float32), knots, heights)
    assert np.abs(np.diff(fine, 2)).max() < 2e-5  # no kink


def test_steps_and_bumps() -> None:
    values = np.array([-1, 0, 0.5, 1, 2], np.float32)
    np.testing.assert_allclose(fields.step(values, 0, 1), [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(fields.step(values, 1, 0), [1, 1, 0.5, 0, 0])
    assert fields.bump(values, 1, 0.5)[3] == 1
    assert fields.bump(values, 1, 0.5)[2] == pytest.approx(np.exp(-0.5))


def test_chunks_are_one_field_and_slopes_point_out(monkeypatch: pytest.MonkeyPatch) -> None:
    points = cloud(1000)
    monkeypatch.setattr(fields, "CHUNK", 64)
    np.testing.assert_array_equal(fields.in_chunks(ball, points), ball(points))
    rise = fields.slopes(ball, points, 0.001)
    expected = points / np.linalg.norm(points, axis=1, keepdims=True)
    far = np.linalg.norm(points, axis=1) > 0.3
    np.testing.assert_allclose(rise[far], expected[far], atol=5e-3)
