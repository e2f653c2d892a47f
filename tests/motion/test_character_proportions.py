"""Sizes measured on a figure's skin are those that it was built with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accessify.avatar.proportions import figure_proportions
from accessify.core.character import Character
from accessify.core.humanoid import FINGERS, SIDES, Rig, finger_bones
from accessify.core.proportions import PLACES, RoundCone
from accessify.motion.character_proportions import TRUNK, proportions_of
from accessify.motion.surface_rays import Skin
from tests.avatar.figures import coarse_figure


def without(figure: Character, bones: set[str]) -> Character:
    """The same, with skin of `bones` hanging on their parents."""
    old = figure.rig
    kept = [number for number, bone in enumerate(old.bones) if bone not in bones]
    rig = Rig(tuple(old.bones[number] for number in kept), old.heads[kept], old.tails[kept])
    new = np.zeros(len(old.bones), np.uint16)
    for number in range(len(old.bones)):
        above = number
        while above not in kept:
            above = old.parents[above]
        new[number] = kept.index(above)
    surfaces = tuple(replace(surface, joints=new[surface.joints]) for surface in figure.surfaces)
    return replace(figure, rig=rig, surfaces=surfaces)


def test_our_figure_measures_what_it_was_built_with() -> None:
    found, built = proportions_of(coarse_figure()), figure_proportions()
    assert set(found.places) == set(PLACES)
    for name, place in built.places.items():
        assert np.linalg.norm(found.places[name] - place) < 0.02, name
    assert np.allclose(found.shoulders, built.shoulders)
    assert found.upper_arm == pytest.approx(built.upper_arm)
    assert found.forearm == pytest.approx(built.forearm)
    assert np.allclose(found.hand.bones, built.hand.bones)
    assert np.allclose(found.hand.knuckles, built.hand.knuckles)
    assert np.linalg.norm(found.hand.palm - built.hand.palm) < 0.005


def test_another_size_scales_everything() -> None:
    figure, size = coarse_figure(), 0.8
    small = replace(
        figure,
        rig=Rig(figure.rig.bones, size * figure.rig.heads, size * figure.rig.tails),
        surfaces=tuple(
            replace(one, positions=np.asarray(size * one.positions, np.float32)) for one in figure.surfaces
        ),
    )
    whole, found = proportions_of(figure), proportions_of(small)
    for name in PLACES:
        assert np.allclose(found.places[name], size * whole.places[name], atol=0.004), name
    assert found.width == pytest.approx(size * whole.width)


def ball_depth(cones: tuple[RoundCone, ...], points: np.ndarray) -> np.ndarray:
    """How far points [n, 3] are outside of the nearest cone; cones of balls at 33 places."""
    share = np.linspace(0, 1, 33)[:, None]
    depth = [
        np.linalg.norm(points[:, None] - (cone.start + share * (cone.end - cone.start)), axis=2)
        - (cone.radii[0] + share[:, 0] * (cone.radii[1] - cone.radii[0]))
        for cone in cones
    ]
    return np.concatenate(depth, axis=1).min(axis=1)


def test_solids_fill_the_trunk_to_about_two_centimetres() -> None:
    figure = coarse_figure()
    skin = Skin.of(figure, TRUNK)
    trunk = tuple(cone for cone in proportions_of(figure).solids if cone.bone in {"hips", "chest"})
    points = []
    for height in np.linspace(0.98, 1.26, 8):
        for angle in np.radians(np.arange(-60, 61, 20)):
            way = np.array([np.sin(angle), 0, np.cos(angle)])
            met = skin.near(np.array([0, height, 0]) + 2 * way, -way)
            assert met is not None
            points.append(met)
    away = ball_depth(trunk, np.array(points))
    assert np.abs(away).max() < 0.02
    assert away.mean() > -0.005


def test_head_solids_lie_between_the_places_of_the_head() -> None:
    person = proportions_of(coarse_figure())
    head = tuple(cone for cone in person.solids if cone.bone == "head")
    on_skin = np.stack(
        [person.places[name] for name in ("nose", "chin", "forehead", "under_chin", "head_top")]
    )
    away = ball_depth(head, on_skin)
    assert away.min() > -0.015
    assert away.max() < 0.02


@pytest.mark.parametrize(
    "bones", [{"leftEye", "rightEye"}, {"jaw", "upperChest"}], ids=["no eyes", "few bones"]
)
def test_fewer_bones_give_nearly_the_same_places(bones: set[str]) -> None:
    found, built = proportions_of(without(coarse_figure(), bones)), figure_proportions()
    for name, place in built.places.items():
        assert np.linalg.norm(found.places[name] - place) < 0.03, name


def test_a_hand_without_fingers_has_usual_sizes() -> None:
    bones = {bone for side in SIDES for finger in FINGERS for bone in finger_bones(side, finger)}
    found, built = proportions_of(without(coarse_figure(), bones)), figure_proportions()
    assert np.abs(found.hand.knuckles - built.hand.knuckles).max() < 0.01
    assert np.abs(found.hand.bones - built.hand.bones).max() < 0.01


def test_bones_alone_give_places_near_an_adults() -> None:
    found, built = proportions_of(replace(coarse_figure(), surfaces=())), figure_proportions()
    for name, place in built.places.items():
        assert np.isfinite(found.places[name]).all()
        assert np.linalg.norm(found.places[name] - place) < 0.07, name
