"""The bench draws and encodes for real and names what drew."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.errors import NoOpenGL
from accessify.evaluation.render_speed import RENDERING, lively, render_speeds
from tests.render.figures import figure

pytest.importorskip("moderngl", reason="moderngl comes with the extra `avatar`")


def test_every_figure_is_measured() -> None:
    character = figure(4)
    try:
        speeds = render_speeds(character, pictures=4, rounds=1)
    except NoOpenGL as error:
        pytest.skip(f"no OpenGL here: {error.reason}")
    assert set(speeds.values) == {one.name for one in RENDERING}
    assert all(value > 0 for value in speeds.values.values())
    assert speeds.renderer
    assert speeds.triangles == sum(len(surface.triangles) for surface in character.surfaces)


def test_no_two_pictures_are_alike() -> None:
    motion = lively(figure(4), 50)
    steps = np.abs(np.diff(motion.rotations, axis=0)).max(axis=(1, 2))
    assert (steps > 1e-3).all()
    assert (np.abs(np.diff(motion.expressions, axis=0)).max(axis=1) > 1e-4).all()
