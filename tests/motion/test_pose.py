"""From postures to bones: hands are where and as they should be, joints within their limits, bodies solid."""

from dataclasses import replace

import numpy as np
import pytest

from accessify.core.humanoid import BONES, SIDES, Rig, twist
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import inverse, log, multiply, rotate, unit
from accessify.motion.arms import wrist_angles
from accessify.motion.clearance import TOUCHING, cleared, hand_balls, penetration
from accessify.motion.fingers import hand_axes
from accessify.motion.hand_model import hand_points
from accessify.motion.limits import DEVIATION, FLEXION, SUPINATION, excess
from accessify.motion.pose import PoseOptions, pose, rested
from accessify.motion.posture import Postures
from tests.motion.people import plain_proportions, plain_rig
from tests.motion.postures import some_postures

SIZES = plain_proportions()
MIRROR = np.array([-1.0, 1, 1])


def holding(place: tuple, direction: tuple, normal: tuple, frames: int = 3) -> Postures:
    """Both hands, mirrored; given for the right one."""
    along = unit(np.array(direction, float))
    across = np.array(normal, float)
    across = unit(across - (across @ along) * along)
    some = some_postures(1)
    right = {"palms": np.array(place, float), "directions": along, "normals": across}
    both = {name: np.tile(np.stack([value * MIRROR, value]), (frames, 1, 1)) for name, value in right.items()}
    wide = {
        name: np.repeat(getattr(some, name)[:, [1, 1]], frames, axis=0)
        for name in ("active", "bends", "spread", "elbows")
    }
    return replace(some, **both, **wide)


NATURAL = [
    ((-0.18, 1.3, 0.34), (0, 1, 0), (0, 0, 1)),
    ((-0.05, 1.25, 0.3), (1, 0, 0.3), (0, -1, 0)),
    ((-0.16, 1.2, 0.35), (0, 0, 1), (0, -1, 0)),
    ((-0.2, 1.2, 0.3), (0, 0.3, 1), (0, 1, 0)),
    ((-0.2, 1.35, 0.3), (0.3, 1, 0.5), (1, 0, 0)),
    ((-0.1, 1.5, 0.2), (0.2, 1, 0), (0, 0, -1)),
    ((-0.3, 1.6, 0.2), (0, 1, 0), (0, 0, 1)),
]


@pytest.fixture(scope="module")
def rig() -> Rig:
    return plain_rig()


def seen(motion: Motion, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Palm points, finger directions and palm normals of the posed rig."""
    places, turns = placed_bones(motion.rig, motion.rotations)
    hand, axes = motion.rig.index(f"{side}Hand"), hand_axes(side)
    palms = places[:, hand] + rotate(turns[:, hand], SIZES.hand.palm @ axes)
    return palms, rotate(turns[:, hand], axes[0]), rotate(turns[:, hand], axes[1])


@pytest.mark.parametrize("case", NATURAL)
def test_hands_are_where_and_as_they_are_wanted(case: tuple, rig: Rig) -> None:
    wanted = holding(*case)
    motion = pose(wanted, rig, SIZES, PoseOptions(clear=False))
    assert not motion.notes
    for number, side in enumerate(SIDES):
        palms, along, across = seen(motion, side)
        np.testing.assert_allclose(palms, wanted.palms[:, number], atol=2e-4)
        np.testing.assert_allclose(along, wanted.directions[:, number], atol=1e-3)
        np.testing.assert_allclose(across, wanted.normals[:, number], atol=1e-3)


def test_both_sides_are_mirror_images_and_bones_keep_their_lengths(rig: Rig) -> None:
    motion = pose(holding(*NATURAL[0]), rig, SIZES)
    places, _ = placed_bones(rig, motion.rotations)
    for name in ("UpperArm", "LowerArm", "Hand", "IndexDistal", "ThumbDistal"):
        left, right = (places[:, rig.index(f"{side}{name}")] for side in SIDES)
        np.testing.assert_allclose(left * MIRROR, right, atol=1e-6)
    elbows = places[:, rig.index("rightLowerArm")]
    assert (elbows[:, 1] < 1.38).all()  # they hang
    assert (elbows[:, 0] < -0.18).all()  # outwards


@pytest.mark.parametrize("seed", range(6))
def test_wrists_stay_within_their_limits_whatever_is_asked(seed: int, rig: Rig) -> None:
    motion = pose(some_postures(30, seed=seed), rig, SIZES)
    for side in SIDES:
        turn = motion.rotations[:, rig.index(f"{side}Hand")].astype(float)
        for angle, allowed in zip(wrist_angles(turn, side), (FLEXION, DEVIATION, SUPINATION), strict=True):
            assert excess(angle, allowed).max() < 0.1
    kinds = {note.kind for note in motion.notes}
    assert "wrist" in kinds  # chance hands are no people's hands, and that is told


def test_half_of_the_turn_of_a_forearm_shows_before_the_wrist(rig: Rig) -> None:
    motion = pose(holding(*NATURAL[0]), rig, SIZES)
    turn = motion.rotations[0, rig.index("rightHand")].astype(float)
    share = log(motion.rotations[0, rig.index(twist("right"))].astype(float))
    supination = np.radians(wrist_angles(turn, "right")[2])
    np.testing.assert_allclose(share @ hand_axes("right")[0], supination / 2, atol=1e-3)
    bare = plain_rig(tuple(bone for bone in BONES if "Twist" not in bone))
    other = pose(holding(*NATURAL[0]), bare, SIZES)
    np.testing.assert_allclose(seen(other, "right")[1], seen(motion, "right")[1], atol=1e-4)
    forearm = multiply(
        inverse(motion.rotations[0, rig.index("rightLowerArm")]),
        other.rotations[0, bare.index("rightLowerArm")],
    )
    assert abs(np.linalg.norm(log(forearm)) - abs(supination) / 2) < 1e-3


def test_a_hand_too_far_away_is_told(rig: Rig) -> None:
    motion = pose(holding((-0.2, 1.3, 0.9), (0, 0, 1), (0, -1, 0)), rig, SIZES)
    (left, right) = [note for note in motion.notes if note.kind == "out-of-reach"]
    assert "cm short" in left.text
    assert {left.text.split()[1], right.text.split()[1]} == set(SIDES)
    short = np.linalg.norm(seen(motion, "right")[0][0] - [-0.2, 1.3, 0.9])
    assert f"{short * 100:.0f} cm" in right.text


def test_a_rig_without_fingers_moves_its_arms_and_says_so() -> None:
    bones = tuple(
        bone for bone in BONES if not bone.endswith(("Proximal", "Intermediate", "Distal", "Metacarpal"))
    )
    motion = pose(holding(*NATURAL[0]), plain_rig(bones), SIZES)
    assert [note.kind for note in motion.notes] == ["no-fingers", "no-fingers"]
    np.testing.assert_allclose(seen(motion, "left")[1][0], [0, 1, 0], atol=1e-3)


def test_hands_at_rest_lie_calmly_before_the_belly(rig: Rig) -> None:
    rest = replace(some_postures(5), active=np.zeros((5, 2)))
    motion = pose(rest, rig, SIZES)
    assert not motion.notes
    for side in SIDES:
        palms, _, _ = seen(motion, side)
        assert (palms[:, 1] < SIZES.places["stomach"][1]).all()
        assert (palms[:, 2] > 0.1).all()
        assert np.ptp(palms, axis=0).max() < 1e-6
    half = rested(replace(rest, active=np.full((5, 2), 0.5)), SIZES)
    full = rested(rest, SIZES).palms
    np.testing.assert_allclose(half.palms, (full + rest.palms) / 2, atol=1e-9)


def test_hands_are_kept_out_of_the_body(rig: Rig) -> None:
    inside = holding((-0.05, 1.2, 0.06), (1, 0.2, 0), (0, 0, -1))
    assert penetration(inside, SIZES).min() > 0.05
    out = cleared(inside, SIZES)
    assert penetration(out, SIZES).max() <= TOUCHING + 1e-3
    moved = np.linalg.norm(out.palms - inside.palms, axis=-1).max()
    assert moved < penetration(inside, SIZES).max() + 0.04  # by the shortest way
    far = holding(*NATURAL[0])
    np.testing.assert_array_equal(cleared(far, SIZES).palms, far.palms)


def test_hands_are_kept_out_of_each_other_but_may_touch() -> None:
    crossed = holding((0.02, 1.25, 0.35), (0, 1, 0), (1, 0, 0))
    out = cleared(crossed, SIZES)
    balls = hand_balls(out, SIZES.hand)
    gaps = np.linalg.norm(balls.centers[:, 0, :, None] - balls.centers[:, 1, None], axis=-1)
    assert (balls.radii[:, None] + balls.radii - gaps).max() < 0.012
    pressed = holding((-0.001, 1.25, 0.35), (0, 1, 0), (1, 0, 0))
    pressed = replace(pressed, bends=np.zeros_like(pressed.bends), spread=np.zeros_like(pressed.spread))
    assert np.abs(cleared(pressed, SIZES).palms - pressed.palms).max() < 0.01


def test_balls_are_where_the_posed_joints_are(rig: Rig) -> None:
    wanted = holding(*NATURAL[3])
    motion = pose(wanted, rig, SIZES, PoseOptions(clear=False))
    places, _ = placed_bones(rig, motion.rotations)
    balls = hand_balls(rested(wanted, SIZES), SIZES.hand)
    for number, side in enumerate(SIDES):
        knuckle = places[:, rig.index(f"{side}LittleProximal")]
        np.testing.assert_allclose(balls.centers[:, number, 16], knuckle, atol=1e-3)
    assert hand_points(SIZES.hand, wanted.bends, wanted.spread).shape == (3, 2, 21, 3)


def test_a_hand_swerves_smoothly_about_the_body(rig: Rig) -> None:
    """It passes from side to side where the chest is; without a swerve it would leap to the surface."""
    through = holding((0, 1.2, 0.1), (1, 0.2, 0), (0, 0, -1), 40)
    palms = through.palms.copy()
    palms[:, 1, 0] = np.linspace(-0.35, 0.1, 40)
    palms[:, 0] = [0.4, 1.1, 0.3]
    out = cleared(replace(through, palms=palms), SIZES)
    assert penetration(out, SIZES).max() <= TOUCHING + 1e-3
    steps = np.linalg.norm(np.diff(out.palms[:, 1], axis=0), axis=-1)
    assert steps.max() < 0.04
    np.testing.assert_array_equal(out.palms[:, 0], palms[:, 0])
