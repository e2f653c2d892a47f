"""The camera takes in the signing space and every hand; windows take in the figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accessify.avatar.rig import figure_rig
from accessify.core.humanoid import BONES, Rig, finger_bones
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import about, rotate
from accessify.render.camera import framing
from accessify.render.extent import Flesh, window
from tests.render.figures import RATE, figure, signing

SIZES = [(640, 640), (1280, 720), (720, 1280), (320, 1000), (240, 240)]
FIGURE = figure(6)


def tips(motion: Motion) -> np.ndarray:
    rig = motion.rig
    numbers = [rig.index(finger_bones(side, "Middle")[2]) for side in ("left", "right")]
    places, turns = placed_bones(rig, motion.rotations, motion.hips)
    return places[:, numbers] + rotate(turns[:, numbers], rig.tails[numbers] - rig.heads[numbers])


@pytest.mark.parametrize("size", SIZES)
def test_waist_elbows_and_head_are_in_the_picture(size: tuple[int, int]) -> None:
    camera = framing(FIGURE, signing(), size)
    top = max(surface.positions[:, 1].max() for surface in FIGURE.surfaces if surface.name == "hair")
    crown = camera.project([0, top, 0])
    waist = camera.project([0, 1.0, 0])
    elbow = camera.project([0.18 + 0.8 * 0.288, 1.2, 0])
    scale = camera.scale_at([0, 1.4, 0])
    assert 0.05 * scale < crown[1]
    assert waist[1] < size[1] - 0.1 * scale
    assert 0 < elbow[0] < size[0]
    assert camera.project([0, 1.4, 0])[0] == pytest.approx(size[0] / 2)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reach", [0.0, 1.2, 2.4])
def test_no_hand_is_ever_cut_off(size: tuple[int, int], reach: float) -> None:
    motion = signing(40, reach=reach)
    camera = framing(FIGURE, motion, size)
    seen = camera.project(tips(motion))
    air = 0.02 * camera.scale_at(tips(motion))
    for axis in range(2):
        assert (seen[..., axis] - air >= 0).all()
        assert (seen[..., axis] + air <= size[axis]).all()


def test_arms_spread_wide_make_the_picture_wider() -> None:
    wide = Motion.at_rest(figure_rig(), 1, RATE)
    near, far = framing(FIGURE, signing(), (640, 640)), framing(FIGURE, wide, (640, 640))
    assert far.focal < 0.8 * near.focal
    assert (np.abs(far.project(tips(wide))[..., 0] - 320) < 320).all()


def test_quiet_clips_look_alike() -> None:
    """Clips whose hands stay in the signing space are framed alike, so that they can follow each other."""
    rig, rotations = figure_rig(), signing(2).rotations.copy()
    rotations[:, rig.index("leftUpperArm")] = about([0, 0, 1], -1.4)
    rotations[:, rig.index("leftLowerArm")] = about([0, 1, 0], -1.2)
    one = replace(signing(2), rotations=rotations)
    rotations = rotations.copy()
    rotations[:, rig.index("rightLowerArm")] = about([0, 1, 0], 1.6)
    other = replace(one, rotations=rotations)
    assert framing(FIGURE, one, (640, 640)) == framing(FIGURE, other, (640, 640))


def test_a_tall_picture_shows_no_more_than_there_is() -> None:
    camera = framing(FIGURE, signing(), (200, 1000))
    lowest = min(surface.positions[:, 1].min() for surface in FIGURE.surfaces)
    assert camera.project([0, lowest, -0.004])[1] == pytest.approx(1000, abs=3)


def test_a_figure_without_fingers_is_framed_by_its_hands() -> None:
    bones = tuple(bone for bone in BONES if "Proximal" not in bone and "Distal" not in bone)
    bones = tuple(bone for bone in bones if "Intermediate" not in bone and "Metacarpal" not in bone)
    whole = figure_rig()
    keep = [whole.index(bone) for bone in bones]
    rig = Rig(bones, whole.heads[keep], whole.tails[keep])
    surfaces = [
        replace(one, joints=np.full_like(one.joints, rig.index("hips")))
        for one in FIGURE.surfaces
        if one.name == "hair"
    ]
    bare = replace(FIGURE, rig=rig, surfaces=tuple(surfaces))
    camera = framing(bare, Motion.at_rest(rig, 2, RATE), (640, 640))
    seen = camera.project(rig.tails[rig.index("leftHand")])
    assert 0 < seen[0] < 640


def test_flesh_is_measured_around_the_bones() -> None:
    flesh = Flesh.of(FIGURE)
    rig = FIGURE.rig
    assert flesh.thickness[rig.index("leftIndexDistal")] == pytest.approx(0.0088, abs=1e-4)
    assert flesh.reach[rig.index("leftIndexDistal")] == pytest.approx(0.0088, abs=1e-4)
    assert flesh.reach[rig.index("leftUpperLeg")] < 0
    assert 0.05 < flesh.thickness[rig.index("leftUpperArm")] < 0.06


@pytest.mark.parametrize("size", SIZES)
def test_the_window_holds_every_vertex(size: tuple[int, int]) -> None:
    motion = signing(12)
    camera = framing(FIGURE, motion, size)
    places, turns = placed_bones(FIGURE.rig, motion.rotations, motion.hips)
    tails = places + rotate(turns, FIGURE.rig.tails - FIGURE.rig.heads)
    left, top, width, height = window(camera, places, tails, Flesh.of(FIGURE))
    for surface in FIGURE.surfaces:
        bone = int(surface.joints[0, 0])
        carried = places[:, bone, None] + rotate(
            turns[:, bone, None], surface.positions - FIGURE.rig.heads[bone]
        )
        seen = camera.project(carried)[..., :2].reshape(-1, 2)
        seen = seen[(seen >= 0).all(axis=1) & (seen < size).all(axis=1)]
        assert (seen >= [left, top]).all()
        assert (seen <= [left + width, top + height]).all()
    assert 0 <= left < left + width <= size[0]
    assert 0 <= top < top + height <= size[1]


def test_a_window_saves_pixels_beside_the_figure() -> None:
    motion = signing(12)
    camera = framing(FIGURE, motion, (1280, 720))
    places, turns = placed_bones(FIGURE.rig, motion.rotations, motion.hips)
    tails = places + rotate(turns, FIGURE.rig.tails - FIGURE.rig.heads)
    assert window(camera, places, tails, Flesh.of(FIGURE))[2] < 900
    aside = np.array([9.0, 0, 0])
    away = window(camera, places + aside, tails + aside, Flesh.of(FIGURE))
    assert min(away[2:]) > 0
    assert away[0] + away[2] <= 1280
