"""A camera as a value: pixels of points, parts of its picture, and the matrix that OpenGL takes."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.projection import Projection

CAMERA = Projection((640, 480), (0.1, 1.5, 2.0), 800.0, (300.0, 200.0))


def test_the_axis_meets_the_picture_at_its_center() -> None:
    assert CAMERA.project([0.1, 1.5, 0.4]).tolist() == pytest.approx([300, 200, 1.6])


def test_left_of_the_person_is_right_in_the_picture_and_up_is_up() -> None:
    x, y, distance = CAMERA.project([0.3, 1.7, 0.0])
    assert (x, y, distance) == pytest.approx((300 + 800 * 0.2 / 2, 200 - 800 * 0.2 / 2, 2))


def test_what_is_nearer_is_larger() -> None:
    assert CAMERA.scale_at([[0, 1, 0.0], [3, 1, 1.0]]).tolist() == pytest.approx([400, 800])


def test_a_point_behind_the_camera_stays_a_number() -> None:
    assert np.isfinite(CAMERA.project([[0.0, 0.0, 2.0], [1.0, 1.0, 5.0]])).all()


def test_a_window_shows_the_same_part_of_the_world() -> None:
    points = np.random.default_rng(0).normal(size=(20, 3))
    part = CAMERA.window(40, 25, (100, 90))
    np.testing.assert_allclose(part.project(points)[:, :2] + [40, 25], CAMERA.project(points)[:, :2])
    assert part.size == (100, 90)


def test_the_matrix_agrees_with_the_pixels() -> None:
    points = np.random.default_rng(1).uniform([-0.6, 0.8, -0.3], [0.6, 1.8, 0.6], size=(50, 3))
    clip = np.c_[points, np.ones(50)] @ CAMERA.matrix(0.1, 10).T
    seen = clip[:, :3] / clip[:, 3:]
    pixels = (seen[:, :2] + 1) / 2 * CAMERA.size
    np.testing.assert_allclose(pixels, CAMERA.project(points)[:, :2])
    assert (np.argsort(seen[:, 2]) == np.argsort(CAMERA.project(points)[:, 2])).all()
    ends = np.array([[0, 0, 1.9, 1], [0, 0, -8.0, 1]]) @ CAMERA.matrix(0.1, 10).T
    assert (ends[:, 2] / ends[:, 3]).tolist() == pytest.approx([-1, 1])


@pytest.mark.parametrize(("size", "focal"), [((0, 4), 1.0), ((4, 4), 0.0), ((4, 4), float("nan"))])
def test_what_is_no_camera_is_refused(size: tuple[int, int], focal: float) -> None:
    with pytest.raises(ValueError, match="a picture needs a size and a scale"):
        Projection(size, (0, 0, 1), focal, (0, 0))
