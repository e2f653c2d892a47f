"""Rotations against SciPy's, which orders quaternions alike (x, y, z, w)."""

import numpy as np
import pytest

from accessify.core import rotation

Rotation = pytest.importorskip("scipy.spatial.transform").Rotation


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(5)


def some(chance: np.random.Generator, count: int = 200) -> np.ndarray:
    return Rotation.random(count, rng=chance).as_quat()


def same(first: np.ndarray, second: np.ndarray) -> None:
    np.testing.assert_allclose(np.abs((first * second).sum(axis=-1)), 1, atol=1e-9)


def test_products_and_turned_vectors(chance: np.random.Generator) -> None:
    a, b, v = some(chance), some(chance), chance.normal(size=(200, 3))
    same(rotation.multiply(a, b), (Rotation.from_quat(a) * Rotation.from_quat(b)).as_quat())
    np.testing.assert_allclose(rotation.rotate(a, v), Rotation.from_quat(a).apply(v), atol=1e-12)
    np.testing.assert_allclose(rotation.rotate(rotation.inverse(a), rotation.rotate(a, v)), v, atol=1e-12)


def test_matrices_both_ways(chance: np.random.Generator) -> None:
    a = np.concatenate([some(chance), np.eye(4)])  # half turns about each axis too
    np.testing.assert_allclose(rotation.to_matrix(a), Rotation.from_quat(a).as_matrix(), atol=1e-12)
    same(rotation.of_matrix(rotation.to_matrix(a)), a)
    axes = [rotation.rotate(a, np.eye(3)[number]) for number in range(3)]
    same(rotation.of_axes(*axes), a)


def test_log_and_exp(chance: np.random.Generator) -> None:
    a = some(chance)
    np.testing.assert_allclose(rotation.log(a), Rotation.from_quat(a).as_rotvec(), atol=1e-9)
    same(rotation.exp(rotation.log(a)), a)
    np.testing.assert_allclose(rotation.log(rotation.IDENTITY), 0)


def test_the_shortest_turn_between_directions(chance: np.random.Generator) -> None:
    a, b = chance.normal(size=(2, 300, 3))
    b[:100], b[100:200] = -a[:100], a[100:200]
    turn = rotation.between(a, b)
    np.testing.assert_allclose(rotation.rotate(turn, rotation.unit(a)), rotation.unit(b), atol=1e-7)
    angle = np.linalg.norm(rotation.log(turn), axis=-1)
    np.testing.assert_allclose(np.cos(angle), (rotation.unit(a) * rotation.unit(b)).sum(axis=-1), atol=1e-7)


def test_swing_and_twist_make_the_whole(chance: np.random.Generator) -> None:
    a, axis = some(chance), rotation.unit(chance.normal(size=(200, 3)))
    swing, twist = rotation.swing_twist(a, axis)
    same(rotation.multiply(swing, twist), a)
    np.testing.assert_allclose(np.cross(rotation.log(twist), axis), 0, atol=1e-7)
    np.testing.assert_allclose((rotation.log(swing) * axis).sum(axis=-1), 0, atol=1e-6)


def test_slerp_goes_the_shorter_way_at_even_speed(chance: np.random.Generator) -> None:
    a, b = some(chance), some(chance)
    same(rotation.slerp(a, b, 0.0), a)
    same(rotation.slerp(a, b, 1.0), b)
    third = rotation.multiply(rotation.inverse(a), rotation.slerp(a, b, 1 / 3))
    whole = rotation.multiply(rotation.inverse(a), b)
    np.testing.assert_allclose(rotation.log(third) * 3, rotation.log(whole), atol=1e-7)


def test_signs_are_made_continuous() -> None:
    path = rotation.about([0, 1, 0], np.linspace(0, 4 * np.pi, 100))
    jumpy = path * np.where(np.arange(100) % 3, 1, -1)[:, None]
    smooth = rotation.continuous(jumpy)
    assert (np.abs(np.diff(smooth, axis=0)).max(axis=1) < 0.1).all()
    same(smooth, path)
