"""The head as surfaces: whole, within its budget, on its bones, and nothing shows that should not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from accessify.avatar.head import HeadFrame, head_materials, head_places, head_surfaces
from accessify.avatar.head_chart import LOWEST, fill
from accessify.avatar.head_field import BOTTOM, EYE, EYE_RADIUS, MOUTH, MOUTH_LINE, head_field, lid_edges
from accessify.avatar.head_skin import head_skin
from accessify.avatar.look import HAIRS, SKINS, Look
from accessify.avatar.rig import figure_rig
from accessify.core.character import Surface
from accessify.core.humanoid import Rig
from accessify.core.proportions import PLACES
from tests.avatar.heads import COARSE, coarse_head, front, head_points, looked_at

pytest.importorskip("skimage")


def test_has_eyes_lids_brows_lips_teeth_tongue_and_hair_each_with_a_material() -> None:
    names = [surface.name for surface in coarse_head()]
    assert names == ["face", "leftEye", "rightEye", "brows", "lashes", "teeth", "mouth", "hair"]
    materials = {material.name for material in head_materials(Look())}
    assert {surface.material for surface in coarse_head()} == materials


def test_is_within_its_budget_at_full_fineness() -> None:
    count = sum(len(surface.triangles) for surface in head_surfaces(figure_rig(), Look()))
    coarse = sum(len(surface.triangles) for surface in coarse_head())
    assert 12_000 < count <= 24_000
    assert coarse < 0.8 * count


@pytest.mark.parametrize("number", range(8))
def test_surfaces_are_sound(number: int) -> None:
    surface = coarse_head()[number]
    count = len(surface.positions)
    assert surface.triangles.max() < count
    assert set(np.unique(surface.triangles)) == set(range(count)), "no vertex is left over"
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(surface.weights.sum(axis=1), 1, atol=1e-5)
    for array in (surface.positions, surface.colors, surface.occlusion):
        assert array is None or np.isfinite(array).all()
    assert surface.colors is not None
    assert 0 <= surface.colors.min() <= surface.colors.max() <= 1


def test_skin_has_no_holes_but_neck_eyes_and_mouth() -> None:
    net = head_skin(COARSE)
    edges = np.sort(np.concatenate([net.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])]), axis=1)
    times = Counter(map(tuple, edges.tolist()))
    assert max(times.values()) == 2
    open_ = np.unique([edge for edge, count in times.items() if count == 1])
    at_neck = net.points[open_, 1] < BOTTOM + 1
    assert set(net.loop[open_[~at_neck]].tolist()) == {-1, -3}
    assert at_neck.any()


def test_skin_lies_on_the_field_and_faces_outwards() -> None:
    net = head_skin(COARSE)
    outer = net.loop >= 0
    assert np.abs(head_field(net.points[outer].astype(np.float32))).max() < 0.05
    corners = net.points[net.triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    on = outer[net.triangles].all(axis=1)
    facing = (faces * net.normals[net.triangles].mean(axis=1)).sum(axis=1) / np.linalg.norm(faces, axis=1)
    assert (facing[on] > 0.2).mean() > 0.995


def test_is_a_mirror_image_of_itself() -> None:
    points = {tuple(point) for point in np.round(head_skin(COARSE).points, 5).tolist()}
    assert points == {(0.0 - x if x else 0.0, y, z) for x, y, z in points}


def test_is_the_same_every_time() -> None:
    again = head_surfaces(figure_rig(), Look(), COARSE)
    for first, second in zip(coarse_head(), again, strict=True):
        np.testing.assert_array_equal(first.positions, second.positions)
        np.testing.assert_array_equal(first.triangles, second.triangles)


def test_eyes_hang_on_their_bones_and_look_out_between_the_lids() -> None:
    rig = figure_rig()
    for surface in coarse_head()[1:3]:
        bone = rig.index(surface.name)
        assert (surface.joints[surface.weights > 0] == bone).all()
        away = np.linalg.norm(surface.positions - rig.heads[bone], axis=1)
        np.testing.assert_allclose(away, EYE_RADIUS * 1e-3, atol=3e-4)
    across = np.linspace(-8, 8, 9)
    upper, lower = lid_edges(across)
    middle = np.stack([EYE[0] + across, EYE[1] + (upper + lower) / 2], axis=-1)
    assert (looked_at(middle, {}) == "leftEye").all()
    above = np.stack([EYE[0] + across, EYE[1] + upper + 2.5], axis=-1)
    assert not np.isin(looked_at(above, {}), ["leftEye", "rightEye"]).any()


def test_weights_go_from_head_over_neck_to_chest() -> None:
    rig, face = figure_rig(), coarse_head()[0]
    points = head_points(face)
    share = {
        bone: np.where(face.joints == rig.index(bone), face.weights, 0).sum(axis=1)
        for bone in ("head", "neck", "upperChest")
    }
    assert share["head"][(points[:, 2] > 40) & (points[:, 1] > -107)].min() > 0.97
    assert share["upperChest"][points[:, 1] < BOTTOM + 20].min() > 0.95
    assert share["neck"].max() > 0.8


def test_no_teeth_show_through_a_closed_mouth() -> None:
    x, y = np.meshgrid(
        np.linspace(-MOUTH - 6, MOUTH + 6, 25), np.linspace(MOUTH_LINE - 16, MOUTH_LINE + 14, 25)
    )
    places = np.stack([x.reshape(-1), y.reshape(-1)], axis=-1)
    both = lambda name: {f"{name}Left": 1.0, f"{name}Right": 1.0}  # noqa: E731
    assert not np.isin(looked_at(places, {}), ["teeth", "mouth", ""]).any()
    for expressions in (both("mouthSmile"), both("mouthFrown"), both("mouthPress"), {"mouthPucker": 1.0}):
        assert not np.isin(looked_at(places, expressions), ["teeth", ""]).any(), expressions


def test_open_mouth_shows_teeth_above_and_tongue_below() -> None:
    places = np.stack([np.zeros(60), np.linspace(MOUTH_LINE - 34, MOUTH_LINE + 4, 60)], axis=-1)
    seen = looked_at(places, {"jawOpen": 1.0})
    assert (seen == "teeth").any()
    assert (seen == "mouth").any()
    assert "" not in seen, "no hole behind the mouth"


def test_brows_lie_on_the_skin_however_they_move() -> None:
    both = lambda name: {f"{name}Left": 1.0, f"{name}Right": 1.0}  # noqa: E731
    for expressions in ({}, both("browDown"), both("browOuterUp") | {"browInnerUp": 1.0}):
        places, lift = front("brows", expressions)
        assert lift.max() < 4.0, expressions
        assert (lift > -0.3).mean() > 0.9, expressions
        assert len(places) > 50


def test_hair_leaves_brows_and_eyes_free() -> None:
    x, y = np.meshgrid(np.linspace(-52, 52, 41), np.linspace(-20, 32, 21))
    assert "hair" not in looked_at(np.stack([x.reshape(-1), y.reshape(-1)], axis=-1), {})


def test_look_colours_the_materials() -> None:
    look = Look(skin=SKINS["deep"], hair=HAIRS["blond"])
    materials = {material.name: material for material in head_materials(look)}
    assert materials["skin"].color == SKINS["deep"]
    assert materials["hair"].color[0] > 10 * materials["lash"].color[0]
    assert max(materials["brow"].color) <= 0.1301


def test_places_lie_on_the_skin() -> None:
    rig = figure_rig()
    places = head_places(rig)
    assert set(places) <= set(PLACES)
    assert len(places) == 16
    frame = HeadFrame.of(rig)
    for name in ("forehead", "eye_brow", "nose", "cheek", "upper_lip", "lips", "chin", "under_chin", "neck"):
        point = (places[name] - frame.origin) / frame.scale
        assert abs(float(head_field(point[None].astype(np.float32))[0])) < 1.6, name
    assert places["head_top"][1] > places["forehead"][1] > places["nose"][1] > places["chin"][1]


def test_follows_the_eyes_of_another_rig() -> None:
    rig = figure_rig()
    larger = Rig(rig.bones, rig.heads * 1.1 + [0, 0.2, 0], rig.tails * 1.1 + [0, 0.2, 0])
    ball = head_surfaces(larger, Look(), COARSE)[1]
    middle = larger.heads[larger.index("leftEye")]
    np.testing.assert_allclose(
        np.linalg.norm(ball.positions - middle, axis=1), 1.1e-3 * EYE_RADIUS, atol=4e-4
    )


def test_wants_eyes_and_a_fineness_above_nothing() -> None:
    rig = figure_rig()
    with pytest.raises(ValueError, match="fineness must be above 0"):
        head_surfaces(rig, Look(), 0.0)
    kept = [number for number, bone in enumerate(rig.bones) if bone != "leftEye"]
    blind = Rig(tuple(rig.bones[number] for number in kept), rig.heads[kept], rig.tails[kept])
    with pytest.raises(KeyError, match="leftEye"):
        head_surfaces(blind, Look(), COARSE)


def test_filled_chart_keeps_its_fixed_points_and_leaves_holes_empty() -> None:
    square = np.array([[100.0, 0.0], [130.0, 0.0], [130.0, 30.0], [100.0, 30.0]])
    frame = np.array([[0.0, LOWEST], [290.0, LOWEST], [290.0, 130.0], [0.0, 130.0]])
    flat, triangles = fill(np.vstack([square, frame]), [square], lambda points: np.full(len(points), 12.0))
    np.testing.assert_array_equal(flat[:4], square)
    centers = flat[triangles].mean(axis=1)
    inside = ((centers > [100, 0]) & (centers < [130, 30])).all(axis=1)
    assert not inside.any()
    assert len(flat) > 100


def test_all_surfaces_but_hair_and_eyes_move() -> None:
    def moving(surface: Surface) -> bool:
        return bool(surface.morphs)

    still = [surface.name for surface in coarse_head() if not moving(surface)]
    assert still == ["leftEye", "rightEye", "hair"]
