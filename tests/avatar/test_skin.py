"""Skins on bones: whole weights, bent joints that keep their flesh, poses undone exactly."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.avatar.clothes import signing_turns
from accessify.avatar.clothes_skin import shirt_shares
from accessify.avatar.hand_skin import hand_shares
from accessify.avatar.rig import FOREARM, KNUCKLES, figure_rig
from accessify.avatar.skin import packed, unposed
from accessify.core.character import Surface
from accessify.core.humanoid import finger_bones, twist
from accessify.core.rotation import about
from tests.avatar.figures import bent, coarse_figure, fist, surface
from tests.avatar.skins import volume

RIG = figure_rig()
CLOUD = np.random.default_rng(3).uniform([-0.2, -0.04, -0.07], [0.2, 0.05, 0.1], (500, 3)).astype(np.float32)


def hand() -> Surface:
    return surface(coarse_figure(), "right_hand")


def moved(positions: NDArray[np.float64]) -> Surface:
    return replace(hand(), positions=positions.astype(np.float32))


def test_shares_are_whole_wherever_a_point_lies() -> None:
    for shares in (hand_shares(CLOUD, "right"), shirt_shares(CLOUD + np.array([0.2, 1.2, 0], np.float32))):
        total = np.sum(list(shares.values()), axis=0)
        np.testing.assert_allclose(total, 1, atol=1e-5)
        assert min(share.min() for share in shares.values()) >= -1e-6


def test_middles_of_bones_are_carried_by_them_alone() -> None:
    starts = np.cumsum([0, 0.0422, 0.0238, 0.0213])
    middles = np.array(
        [[KNUCKLES[1, 0] + (a + b) / 2, 0.001, KNUCKLES[1, 2]] for a, b in itertools.pairwise(starts)]
    )
    shares = hand_shares(middles.astype(np.float32), "right")
    for number, bone in enumerate(finger_bones("right", "Index")):
        assert shares[bone][number] > 0.97


def test_the_turn_of_the_hand_comes_in_along_the_forearm() -> None:
    along = np.linspace(-FOREARM, 0.03, 60)
    shares = hand_shares(np.stack([along, 0 * along, 0 * along], axis=1).astype(np.float32), "left")
    turn = 0.5 * shares[twist("left")] + shares["leftHand"]
    assert turn[0] == pytest.approx(0, abs=0.01)
    assert turn[-1] == pytest.approx(1, abs=0.01)
    assert (np.diff(turn) > -1e-6).all()
    assert np.diff(turn).max() < 0.12  # nowhere is it wrung


def test_at_most_four_bones_carry_a_vertex() -> None:
    shares = {bone: np.full(3, 0.2, np.float32) for bone in ("hips", "spine", "chest", "neck", "head")}
    joints, weights = packed(RIG, shares)
    assert joints.shape == weights.shape == (3, 4)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    joints, weights = packed(RIG, {"hips": np.ones(2, np.float32), "head": np.zeros(2, np.float32)})
    assert (joints == RIG.index("hips"))[weights > 0].all()


def test_a_pose_that_was_meshed_comes_back() -> None:
    figure = coarse_figure()
    shirt = surface(figure, "shirt")
    posed = bent(figure, shirt, signing_turns())
    shares = {bone: np.zeros(len(posed), np.float32) for bone in figure.rig.bones}
    for column in range(4):
        for number, bone in enumerate(figure.rig.bones):
            here = shirt.joints[:, column] == number
            shares[bone][here] += shirt.weights[here, column]
    found, normals = unposed(figure.rig, signing_turns(), shares, (posed.astype(np.float32), shirt.normals))
    np.testing.assert_allclose(found, shirt.positions, atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_a_fist_keeps_its_flesh() -> None:
    rest, closed_hand = hand(), moved(bent(coarse_figure(), hand(), fist("right")))
    assert volume(closed_hand) == pytest.approx(volume(rest), rel=0.12)


def test_a_bent_knuckle_stands_out() -> None:
    """Its corner is that of the bone before it: not cut off as far as plain blending would."""
    figure, rig = coarse_figure(), coarse_figure().rig
    knuckle = rig.heads[rig.index("rightMiddleProximal")]
    closed_hand = bent(figure, hand(), fist("right"))
    near = np.abs(closed_hand[:, 2] - knuckle[2]) < 0.004
    corner = np.array([-1, 1, 0]) / np.sqrt(2)  # between along and back of the right hand
    reach = ((closed_hand[near] - knuckle) @ corner).max()
    radius = (
        (hand().positions[near & (np.abs(hand().positions[:, 0] - knuckle[0]) < 0.01), 1]).max() - knuckle[1]
    )
    assert reach > 0.76 * radius  # plain blending leaves 0.71


def test_bent_fingers_stay_apart_from_the_back_of_the_hand() -> None:
    figure = coarse_figure()
    closed_hand = bent(figure, hand(), fist("right"))
    tips = hand().joints[:, 0] == figure.rig.index("rightIndexDistal")
    palm = hand().joints[:, 0] == figure.rig.index("rightHand")
    assert closed_hand[tips, 1].max() < closed_hand[palm, 1].max() - 0.01  # under it, on the palm's side


def test_a_turned_wrist_is_not_wrung() -> None:
    figure = coarse_figure()
    turns = {"rightHand": about([1, 0, 0], np.radians(90)), twist("right"): about([1, 0, 0], np.radians(45))}
    turned = bent(figure, hand(), turns)
    for start in np.arange(-0.045, 0.01, 0.01):
        wrist = figure.rig.heads[figure.rig.index("rightHand")]
        along = -(hand().positions[:, 0] - wrist[0])
        ring = (along > start) & (along < start + 0.01)
        before = np.linalg.norm((hand().positions[ring] - wrist)[:, 1:], axis=1).mean()
        after = np.linalg.norm((turned[ring] - wrist)[:, 1:], axis=1).mean()
        assert after > 0.85 * before
