"""Meshes of fields: on the skin, closed, facing outwards, without slivers; simplified where they are flat."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from accessify.avatar.fields import Points, Values, round_cone, smooth_min
from accessify.avatar.mesh import Mesh, fitted, mesh, mirrored, occlusion
from accessify.avatar.simplify import Fineness, simplified, wanted_lengths
from accessify.core.errors import MissingExtra
from tests.avatar.skins import closed, shares_of_regular, volume

LOW, HIGH = np.array([-1.3, -1.3, -1.3]), np.array([1.3, 1.3, 1.3])


def ball(points: Points) -> Values:
    return np.asarray(np.linalg.norm(points, axis=1) - 1, np.float32)


def club(points: Points) -> Values:
    """A large ball with a thin arm."""
    arm = round_cone(points, [0, 0, 0], [0, 1.0, 0], (0.16, 0.12))
    return smooth_min(np.asarray(np.linalg.norm(points, axis=1) - 0.6, np.float32), arm, 0.1)


@pytest.fixture(scope="module")
def sphere() -> Mesh:
    return mesh(ball, LOW, HIGH, 0.1)


def test_a_ball_is_a_ball(sphere: Mesh) -> None:
    np.testing.assert_allclose(np.linalg.norm(sphere.positions, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(sphere.normals, sphere.positions, atol=4e-3)
    assert volume(sphere) == pytest.approx(4 / 3 * np.pi, rel=0.01)
    assert closed(sphere)
    assert shares_of_regular(sphere).min() > 0.15


def test_a_mesh_is_the_same_every_time(sphere: Mesh) -> None:
    again = mesh(ball, LOW, HIGH, 0.1)
    np.testing.assert_array_equal(sphere.positions, again.positions)
    np.testing.assert_array_equal(sphere.triangles, again.triangles)


def test_a_thin_arm_far_from_the_middle_is_found() -> None:
    found = mesh(club, LOW, HIGH, 0.06)
    assert closed(found)
    assert found.positions[:, 1].max() == pytest.approx(1.12, abs=0.01)
    np.testing.assert_allclose(club(found.positions), 0, atol=1e-4)


def test_a_box_without_skin_says_so() -> None:
    with pytest.raises(ValueError, match="no skin in the box"):
        mesh(ball, np.full(3, 2.0), np.full(3, 3.0), 0.1)


def test_without_scikit_image_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.measure", None)
    with pytest.raises(MissingExtra, match=r"accessify\[avatar\]"):
        mesh(ball, LOW, HIGH, 0.2)


def test_a_mirrored_skin_still_faces_outwards() -> None:
    one = mesh(lambda points: ball(points - np.float32(0.2)), LOW, HIGH, 0.1)
    other = mirrored(one)
    assert volume(other) == pytest.approx(volume(one))
    assert other.positions[:, 0].mean() == pytest.approx(-one.positions[:, 0].mean())
    corners = other.positions[other.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((across * other.normals[other.triangles[:, 0]]).sum(axis=1) > 0).all()


def test_a_hollow_is_darker_than_a_bump() -> None:
    def two(points: Points) -> Values:
        shift = np.array([0.55, 0, 0], np.float32)
        return np.minimum(ball((points - shift) * 2) / 2, ball((points + shift) * 2) / 2)

    skin = mesh(two, LOW, HIGH, 0.07)
    light = occlusion(two, skin, 0.4)
    between = np.abs(skin.positions[:, 0]) < 0.12
    outside = np.abs(skin.positions[:, 0]) > 0.9
    assert light[between].mean() < 0.75
    assert light[outside].min() > 0.97
    assert light.min() >= 0
    assert light.max() <= 1


def test_simplifying_keeps_what_is_curved_and_closes() -> None:
    fine = mesh(club, LOW, HIGH, 0.04)
    wanted = wanted_lengths(fine, Fineness(error=0.004, shortest=0.03, longest=0.3))
    lean = fitted(club, simplified(fine, wanted), 0.04)
    assert closed(lean)
    assert len(lean.triangles) < 0.6 * len(fine.triangles)
    assert volume(lean) == pytest.approx(volume(fine), rel=0.03)
    np.testing.assert_allclose(club(lean.positions), 0, atol=1e-3)
    arm = wanted[fine.positions[:, 1] > 0.8]
    assert np.median(arm) < 0.6 * np.median(wanted[fine.positions[:, 1] < 0])


def test_edges_stay_short_where_something_is_drawn(sphere: Mesh) -> None:
    marks = (sphere.positions[:, 0] > 0.3).astype(np.float32)
    fineness = Fineness(error=0.1, shortest=0.05, longest=0.5)
    wanted = wanted_lengths(sphere, fineness, marks)
    border = np.abs(sphere.positions[:, 0] - 0.3) < 0.04
    assert wanted[border].max() < 0.2
    assert wanted[sphere.positions[:, 0] < -0.2].min() == pytest.approx(0.5)
