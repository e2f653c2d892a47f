"""Our figure as a whole: drawable, closed, the same every time, with hands that stand out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from accessify.avatar.character import build_figure
from accessify.avatar.coloring import hand_colors
from accessify.avatar.hands import hand
from accessify.avatar.look import CLOTHES, SKINS, Look, contrast, contrasting
from accessify.avatar.mesh import mesh
from tests.avatar.figures import COARSE, coarse_figure, surface
from tests.avatar.skins import closed, shares_of_regular, volume

BODY = ("left_hand", "right_hand", "shirt", "collar", "trousers")


def test_every_surface_can_be_drawn() -> None:
    figure = coarse_figure()
    names = [one.name for one in figure.surfaces]
    assert set(BODY) <= set(names)
    assert len(names) == len(set(names))
    for one in figure.surfaces:
        count = len(one.positions)
        assert one.triangles.max() < count
        assert one.joints.shape == one.weights.shape == (count, 4)
        assert one.joints.max() < len(figure.rig.bones)
        np.testing.assert_allclose(one.weights.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(one.normals, axis=1), 1, atol=1e-4)
        assert one.positions.dtype == one.normals.dtype == one.weights.dtype == np.float32
        assert np.isfinite(one.positions).all()
        figure.material(one.material)


@pytest.mark.parametrize("name", BODY)
def test_hands_and_clothes_are_closed_and_face_outwards(name: str) -> None:
    one = surface(coarse_figure(), name)
    assert closed(one)
    assert volume(one) > 0
    assert shares_of_regular(one).min() > 1e-3
    assert one.occlusion is not None
    assert 0 <= one.occlusion.min() <= one.occlusion.max() <= 1


def test_hands_are_mirror_images() -> None:
    left, right = (surface(coarse_figure(), f"{side}_hand") for side in ("left", "right"))
    np.testing.assert_array_equal(left.positions * np.array([-1, 1, 1], np.float32), right.positions)
    np.testing.assert_array_equal(left.weights, right.weights)
    bones = coarse_figure().rig.bones
    names = [bones[number].replace("left", "right") for number in left.joints[:50, 0]]
    assert names == [bones[number] for number in right.joints[:50, 0]]


def test_fingers_reach_their_tips_and_do_not_touch() -> None:
    figure = coarse_figure()
    one = surface(figure, "left_hand")
    rig = figure.rig
    for finger in ("Thumb", "Index", "Middle", "Ring", "Little"):
        tip = rig.tails[rig.index(f"left{finger}Distal")]
        assert np.linalg.norm(one.positions - tip, axis=1).min() < 0.0025
    across = np.linspace(-0.06, 0.04, 1001, dtype=np.float32)
    for along in (0.125, 0.140, 0.150):
        line = np.stack([np.full_like(across, along), np.zeros_like(across), across], axis=1)
        inside = hand(line) < 0
        starts = np.flatnonzero(~inside[:-1] & inside[1:])
        ends = np.flatnonzero(inside[:-1] & ~inside[1:])
        assert len(starts) == 4
        assert (across[starts[1:]] - across[ends[:-1]]).min() > 0.0015


def test_every_bone_of_the_hands_carries_skin() -> None:
    figure = coarse_figure()
    carried = {
        figure.rig.bones[number]
        for one in figure.surfaces
        for number in np.unique(one.joints[one.weights > 0.5])
    }
    needed = {
        bone
        for bone in figure.rig.bones
        if bone.endswith(("Proximal", "Intermediate", "Distal", "Metacarpal"))
    }
    assert (
        needed | {"leftHand", "rightHand", "leftUpperArm", "leftLowerArm", "leftLowerArmTwist", "chest"}
        <= carried
    )


@pytest.mark.parametrize(("name", "skin"), SKINS.items())
def test_hands_stand_out_from_the_shirt(name: str, skin: tuple[float, float, float]) -> None:
    assert contrast(Look(skin=skin).cloth, skin) >= 2.4
    assert contrasting(skin) in CLOTHES.values()
    assert Look(skin=skin, shirt=CLOTHES["teal"]).cloth == CLOTHES["teal"]


def test_skins_go_from_light_to_dark() -> None:
    assert len(SKINS) >= 6
    brightness = [sum(skin) for skin in SKINS.values()]
    assert all(first > second for first, second in itertools.pairwise(brightness))


def test_palms_of_dark_skin_are_lighter_and_nails_differ() -> None:
    skin = mesh(hand, np.array([-0.06, -0.05, -0.075]), np.array([0.225, 0.085, 0.11]), 0.004)
    colors = hand_colors(skin.positions, skin.normals, SKINS["deep"])
    here = (
        (skin.positions[:, 0] > 0.03) & (skin.positions[:, 0] < 0.08) & (np.abs(skin.positions[:, 2]) < 0.03)
    )
    palm, back = colors[here & (skin.normals[:, 1] > 0.7)], colors[here & (skin.normals[:, 1] < -0.7)]
    assert np.median(palm) > 1.5 * np.median(back)
    light = hand_colors(skin.positions, skin.normals, SKINS["porcelain"])
    assert light.min() > 0
    assert light.max() <= 1


def test_a_figure_is_the_same_every_time_whatever_its_colours() -> None:
    again = build_figure(Look(skin=SKINS["brown"]), COARSE)
    for one, other in zip(coarse_figure().surfaces, again.surfaces, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
        np.testing.assert_array_equal(one.triangles, other.triangles)
        np.testing.assert_array_equal(one.weights, other.weights)
