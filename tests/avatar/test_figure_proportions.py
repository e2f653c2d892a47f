"""The figure's sizes: places on its own skin, solids that fill it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.avatar.clothes import shirt
from accessify.avatar.fields import round_cone
from accessify.avatar.hands import hand
from accessify.avatar.head import HeadFrame
from accessify.avatar.head_field import head_field
from accessify.avatar.proportions import figure_proportions
from accessify.avatar.rig import figure_rig
from accessify.core.proportions import PLACES

SIZES = figure_proportions()
FRAME = HeadFrame.of(figure_rig())
NOT_ON_THE_FIELD = {"head_top", "ear", "ear_lobe", "teeth", "tongue"}
"""On hair and ears, which the head's field has not, and within the mouth."""


def depth(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Metres outside the figure's head and shirt."""
    places = np.atleast_2d(points)
    of_head = head_field(((places - FRAME.origin) / FRAME.scale).astype(np.float32)) * FRAME.scale
    return np.minimum(of_head, shirt(places.astype(np.float32)))


def solid(points: NDArray[np.floating]) -> NDArray[np.floating]:
    cones = [round_cone(np.float32(points), one.start, one.end, one.radii) for one in SIZES.solids]
    return np.minimum.reduce(cones)


def test_every_place_is_there_and_on_the_right_side() -> None:
    assert set(SIZES.places) == set(PLACES)
    beside = {"eye_brow", "eye", "nostril", "cheek", "ear", "ear_lobe", "shoulder_top", "shoulder"}
    for name, point in SIZES.places.items():
        assert (point[0] > 0.005) if name in beside else (abs(point[0]) < 1e-6), name


@pytest.mark.parametrize("name", [name for name in PLACES if name not in NOT_ON_THE_FIELD])
def test_places_lie_on_the_skin(name: str) -> None:
    assert depth(SIZES.places[name])[0] == pytest.approx(0, abs=0.006)


def test_places_of_the_face_are_in_order() -> None:
    order = (
        "head_top",
        "forehead",
        "eye_brow",
        "eye",
        "nose",
        "nostril",
        "upper_lip",
        "lips",
        "chin",
        "neck",
    )
    heights = [SIZES.places[name][1] for name in order]
    assert heights == sorted(heights, reverse=True)
    trunk = [SIZES.places[name][1] for name in ("shoulder_top", "chest", "stomach", "below_stomach")]
    assert trunk == sorted(trunk, reverse=True)


def test_solids_are_the_body_that_hands_cannot_pass() -> None:
    """On the skin where hands touch it, and nowhere far out of it above the hips."""
    for name in ("forehead", "cheek", "chin", "nose", "chest", "stomach", "below_stomach"):
        assert abs(solid(SIZES.places[name][None])[0]) < 0.015
    directions = np.random.default_rng(1).normal(size=(2000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for one in SIZES.solids:
        share = np.linspace(0, 1, 2000)[:, None]
        radius = one.radii[0] + share * (one.radii[1] - one.radii[0])
        points = one.start + share * (one.end - one.start) + directions * radius
        points = points[(points[:, 1] > 0.95) & (points[:, 1] < 1.70)]
        assert depth(points).max() < 0.018, one.bone
        assert one.bone in figure_rig()


def test_the_hand_is_as_thick_as_it_is_modelled() -> None:
    sizes = SIZES.hand
    assert (np.diff(sizes.thickness, axis=1) < 0).all()
    for finger in range(1, 5):
        middle = sizes.knuckles[finger] + [sizes.bones[finger, 0] + sizes.bones[finger, 1] / 2, 0, 0]
        side = middle + np.array([0, 0, sizes.thickness[finger, 1]])
        assert hand(np.float32(side[None]))[0] == pytest.approx(0, abs=0.001)
    assert hand(np.float32(sizes.palm[None]))[0] == pytest.approx(0, abs=0.002)
