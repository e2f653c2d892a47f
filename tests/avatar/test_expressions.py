"""Expressions: their names, mirror images, and that lids close, lips part and meet, and brows move."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from accessify.avatar.expressions import SIDED, WHOLE, Places, jaw_share, moves_of
from accessify.avatar.head_field import EYE, EYE_RADIUS, MOUTH, MOUTH_LINE
from accessify.avatar.head_skin import Net, head_skin
from accessify.avatar.mouthing import MOUTH_SIDED, MOUTH_WHOLE
from accessify.core.character import Morph
from accessify.core.expressions import EXPRESSIONS
from tests.avatar.heads import COARSE, coarse_head, head_points, looked_at

pytest.importorskip("skimage")

MIRROR = np.array([-1.0, 1.0, 1.0])


@cache
def skin() -> Net:
    return head_skin(COARSE)


@cache
def moves() -> dict[str, np.ndarray]:
    net = skin()
    places = Places(net.points, net.anchors, net.normals, net.lip)
    return dict(moves_of(places, SIDED | MOUTH_SIDED, WHOLE | MOUTH_WHOLE))


def middle_of_lips() -> tuple[int, int]:
    """Numbers of the vertices of lower and upper lip that touch in the middle of the closed mouth."""
    net = skin()
    touching = np.flatnonzero((net.loop == 20) & (net.points[:, 0] == 0))
    lower, upper = (int(touching[net.lip[touching] == side][0]) for side in (-1, 1))
    np.testing.assert_allclose(net.points[lower], net.points[upper], atol=1e-4)
    return lower, upper


def corner_of_mouth() -> int:
    net = skin()
    on = np.flatnonzero(net.loop == 20)
    return int(on[np.argmax(net.points[on, 0])])


def test_names_are_those_of_the_networks() -> None:
    names = {morph.name for surface in coarse_head() for morph in surface.morphs}
    assert names == set(moves())
    assert names < set(EXPRESSIONS)
    assert len(names) >= 40
    assert names | {f"eyeLook{way}{side}" for way in ("In", "Out") for side in ("Left", "Right")} == set(
        EXPRESSIONS
    ) - {"_neutral"}


def test_every_expression_moves_something_and_nothing_far() -> None:
    for name, move in moves().items():
        assert np.isfinite(move).all(), name
        longest = np.linalg.norm(move, axis=1).max()
        assert 2.0 < longest < 45.0, name


def test_morphs_are_finite_and_name_each_vertex_once() -> None:
    for surface in coarse_head():
        for morph in surface.morphs:
            assert np.isfinite(morph.positions).all()
            assert np.isfinite(morph.normals).all()
            assert len(np.unique(morph.vertices)) == len(morph.vertices)
            assert morph.vertices.max() < len(surface.positions)


def test_right_is_the_mirror_image_of_left() -> None:
    net = skin()
    keys = np.column_stack([np.round(net.points, 4), net.lip])
    numbers = {tuple(key): number for number, key in enumerate(keys.tolist())}
    single = [number for number, key in enumerate(keys.tolist()) if numbers[tuple(key)] == number]
    other = [numbers[(-x if x else 0.0, y, z, lip)] for x, y, z, lip in keys[single].tolist()]
    found = moves()
    sided = [name for name in found if name.endswith("Left")]
    assert len(sided) > 15
    for name in sided:
        mirrored = found[name.replace("Left", "Right")][other] * MIRROR
        np.testing.assert_allclose(found[name][single], mirrored, atol=2e-3, err_msg=name)


@pytest.mark.parametrize(
    "name", ["browInnerUp", "cheekPuff", "jawOpen", "jawForward", "mouthFunnel", "mouthClose"]
)
def test_the_others_are_mirror_images_of_themselves(name: str) -> None:
    net = skin()
    keys = np.column_stack([np.round(net.points, 4), net.lip])
    numbers = {tuple(key): number for number, key in enumerate(keys.tolist())}
    other = [numbers[(-x if x else 0.0, y, z, lip)] for x, y, z, lip in keys.tolist()]
    move = moves()[name]
    near = np.linalg.norm(move - move[other] * MIRROR, axis=1)
    assert np.quantile(near, 0.99) < 2e-3


def test_left_expressions_leave_the_right_alone() -> None:
    right = skin().points[:, 0] < -16
    for name in (*SIDED, *MOUTH_SIDED):
        assert np.abs(moves()[f"{name}Left"][right]).max() < 0.35, name


def test_blink_closes_the_lids() -> None:
    x, y = np.meshgrid(np.linspace(-16, 16, 33), np.linspace(-12, 12, 33))
    for sign, side in ((1, "Left"), (-1, "Right")):
        places = np.stack([sign * EYE[0] + x.reshape(-1), EYE[1] + y.reshape(-1)], axis=-1)
        assert np.isin(looked_at(places, {}), ["leftEye", "rightEye"]).sum() > 150
        seen = looked_at(places, {f"eyeBlink{side}": 1.0})
        assert not np.isin(seen, ["leftEye", "rightEye", ""]).any()


@pytest.mark.parametrize("strength", [0.25, 0.5, 0.75, 1.0])
def test_lids_stay_outside_the_eyeball_on_their_way(strength: float) -> None:
    net = skin()
    lids = (net.loop >= 0) & (net.loop < 6) & (net.points[:, 0] > 0)
    moved = (net.points + strength * moves()["eyeBlinkLeft"])[lids]
    assert np.linalg.norm(moved - EYE, axis=1).min() > EYE_RADIUS + 0.3


def test_wide_eyes_show_more_and_squinting_ones_less() -> None:
    x, y = np.meshgrid(np.linspace(-16, 16, 25), np.linspace(-14, 14, 25))
    places = np.stack([EYE[0] + x.reshape(-1), EYE[1] + y.reshape(-1)], axis=-1)
    wide, rest, narrow = (
        int((looked_at(places, expressions) == "leftEye").sum())
        for expressions in ({"eyeWideLeft": 1.0}, {}, {"eyeSquintLeft": 1.0})
    )
    assert wide > 1.25 * rest
    assert narrow < 0.75 * rest


def test_jaw_opens_the_lips_by_more_than_25_millimetres() -> None:
    lower, upper = middle_of_lips()
    opened = skin().points + moves()["jawOpen"]
    assert 25 < opened[upper, 1] - opened[lower, 1] < 45


def test_closing_the_mouth_of_an_open_jaw_brings_the_lips_together() -> None:
    lower, upper = middle_of_lips()
    closed = skin().points + moves()["jawOpen"] + moves()["mouthClose"]
    assert abs(closed[upper, 1] - closed[lower, 1]) < 2.5


def test_jaw_takes_chin_and_lower_teeth_but_not_nose_and_upper_teeth() -> None:
    points = np.array([[0.0, -95, 95], [0, -36, 112], [0, -58, 92], [0, -68, 90], [60, 0, 10]])
    lip = np.array([0, 0, 1, -1, 0], np.int8)
    share = jaw_share(Places(points, points, points, lip))
    np.testing.assert_allclose(share, [1, 0, 0, 1, 0], atol=0.02)
    hard = jaw_share(Places(points[2:4], points[2:4], points[2:4], lip[2:4], hard=True))
    np.testing.assert_array_equal(hard, [0, 1])


def test_teeth_move_with_the_jaw_only() -> None:
    teeth = next(surface for surface in coarse_head() if surface.name == "teeth")
    assert {morph.name for morph in teeth.morphs} == {"jawForward", "jawLeft", "jawOpen", "jawRight"}


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("mouthSmileLeft", (1, 1)),
        ("mouthFrownLeft", (0, -1)),
        ("mouthStretchLeft", (1, 0)),
        ("mouthPucker", (-1, 0)),
        ("mouthFunnel", (-1, 0)),
        ("mouthLeft", (1, 0)),
        ("mouthRight", (-1, 0)),
    ],
)
def test_corners_of_the_mouth_go_where_they_should(name: str, direction: tuple[int, int]) -> None:
    move = moves()[name][corner_of_mouth()]
    for axis, sign in enumerate(direction):
        if sign:
            assert sign * move[axis] > 4.0


@pytest.mark.parametrize(
    ("name", "place", "least"),
    [
        ("browInnerUp", (12, 22), 6.0),
        ("browOuterUpLeft", (42, 25), 6.0),
        ("browDownLeft", (14, 22), -5.0),
        ("mouthUpperUpLeft", (12, MOUTH_LINE + 4), 4.0),
        ("mouthLowerDownLeft", (12, MOUTH_LINE - 4), -4.0),
        ("noseSneerLeft", (12, -36), 3.0),
        ("mouthShrugLower", (0, -92), 3.0),
        ("cheekSquintLeft", (36, -20), 3.0),
    ],
)
def test_places_of_the_face_go_up_or_down(name: str, place: tuple[float, float], least: float) -> None:
    net = skin()
    away = np.linalg.norm(net.points[:, :2] - place, axis=1) + 1e3 * (net.points[:, 2] < 60)
    rise = moves()[name][np.argmin(away), 1]
    assert rise * np.sign(least) > abs(least)


def test_puffed_cheeks_go_out_and_rolled_lips_in() -> None:
    net = skin()
    cheek = np.argmin(np.linalg.norm(net.points - [45, -50, 66], axis=1))
    assert (moves()["cheekPuff"][cheek] * net.normals[cheek]).sum() > 7
    lower, upper = middle_of_lips()
    assert moves()["mouthRollLower"][lower, 2] < -3
    assert moves()["mouthRollUpper"][upper, 2] < -3
    assert moves()["mouthPucker"][lower, 2] > 5
    assert abs(net.points[corner_of_mouth(), 0] - MOUTH) < 0.1


def test_question_and_doubt_differ_on_a_small_picture() -> None:
    """At 240 pixels for a metre from the waist up, brows of the two lie several pixels apart."""
    brows = next(surface for surface in coarse_head() if surface.name == "brows")
    raised = head_points(brows, {"browInnerUp": 1, "browOuterUpLeft": 1, "browOuterUpRight": 1})
    lowered = head_points(brows, {"browDownLeft": 1, "browDownRight": 1})
    pixel = 1000 / 240
    assert np.median(raised[:, 1] - lowered[:, 1]) > 2.5 * pixel


def test_morph_normals_turn_with_the_skin() -> None:
    face = coarse_head()[0]
    opened = next(morph for morph in face.morphs if morph.name == "jawOpen")
    assert isinstance(opened, Morph)
    turned = np.linalg.norm(opened.normals, axis=1)
    assert turned.max() > 0.3
    assert turned.max() <= 2.001
