"""What is wild in landmarks is tamed: depths without a unit, depths of bodies, palms taken for backs."""

from dataclasses import replace

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import BODY, BODY_POINTS, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.rotation import about, inverse, log, multiply
from accessify.core.smoothing import unhurried
from accessify.motion.landmarks import landmarks
from accessify.motion.pose import pose
from accessify.motion.retarget import retarget
from accessify.motion.seen import seen
from tests.motion.people import plain_proportions, plain_rig
from tests.motion.test_pose import holding
from tests.motion.test_retarget import CAMERA

SIZES = plain_proportions()
JOINTS = ("ELBOW", "WRIST", "SHOULDER", "HIP")
BODY_JOINTS = [BODY_POINTS.index(f"{side}_{joint}") for joint in JOINTS for side in ("LEFT", "RIGHT")]


@pytest.fixture(scope="module")
def clip() -> PoseClip:
    """Hands before the chest, for half a second, in pixels alone."""
    wanted = holding((-0.15, 1.25, 0.34), (0.2, 1, 0.1), (0, 0, 1), 12)
    return landmarks(pose(wanted, plain_rig(), SIZES), SIZES, CAMERA).only((BODY, LEFT_HAND, RIGHT_HAND))


def test_arms_reach_forward_by_their_lengths_where_depths_of_the_body_are_wild(clip: PoseClip) -> None:
    wild = clip.points.copy()
    chance = np.random.default_rng(4)
    start = clip.skeleton.place(BODY).start
    wild[:, [start + number for number in BODY_JOINTS], 2] = chance.normal(
        0, 900, (len(clip), len(BODY_JOINTS))
    )
    person = seen(replace(clip, points=wild))
    wrists = person.body[:, BODY_JOINTS[2:4]]
    assert (wrists[..., 2] > 0.1).all()  # before the shoulders, whatever the network guessed
    assert np.ptp(wrists[..., 2], axis=0).max() < 1e-6  # still, as in the picture
    tame, other = (retarget(part, SIZES) for part in (clip, replace(clip, points=wild)))
    np.testing.assert_allclose(tame.postures.palms, other.postures.palms, atol=1e-6)
    np.testing.assert_allclose(other.face.trunk, 0, atol=1e-6)  # it does not sway
    assert np.median(np.abs(tame.postures.palms[-1, 1] - [-0.15, 1.25, 0.34])) < 0.08


def test_hands_without_any_depth_are_refused(clip: PoseClip) -> None:
    flat = clip.points.copy()
    flat[..., 2] = 0
    with pytest.raises(FormatError, match=r"no depth.*accessify landmarks"):
        retarget(replace(clip, points=flat), SIZES)


def test_a_palm_taken_for_its_back_does_not_make_the_hand_snap() -> None:
    turns = about(np.array([0, 1.0, 0]), np.linspace(0, 0.6, 40))
    wrong = turns.copy()
    wrong[20:22] = multiply(wrong[20:22], about(np.array([1.0, 0, 0]), np.full(2, 2.9)))
    calm = unhurried(wrong, 1.0)
    steps = np.linalg.norm(log(multiply(inverse(calm[:-1]), calm[1:])), axis=-1)
    assert steps.max() <= 1.0
    np.testing.assert_array_equal(calm[:14], turns[:14])  # what is far away stays as it was
    np.testing.assert_array_equal(calm[-10:], turns[-10:])
    np.testing.assert_array_equal(unhurried(turns, 1.0), turns)
    assert len(unhurried(turns[:1], 1.0)) == 1


def test_expressions_of_a_figure_come_along_with_its_landmarks() -> None:
    still = pose(holding((-0.15, 1.25, 0.34), (0.2, 1, 0.1), (0, 0, 1), 12), plain_rig(), SIZES)
    scores = np.zeros((12, len(EXPRESSIONS)), np.float32)
    scores[:, EXPRESSIONS.index("browInnerUp")] = np.linspace(0, 1, 12)
    there = landmarks(replace(still, expressions=scores), SIZES, CAMERA)
    np.testing.assert_allclose(retarget(there, SIZES).face.expressions, scores, atol=1e-6)


def test_a_wrist_takes_its_time_from_one_limit_to_the_other() -> None:
    one, other = (holding((-0.15, 1.25, 0.34), way, (0, 0, 1), 10) for way in ((0, 1, 0), (0, -1, 0)))
    names = ("palms", "directions", "normals")
    both = {name: np.concatenate([getattr(one, name)[:5], getattr(other, name)[:5]]) for name in names}
    motion = pose(replace(one, **both), plain_rig(), SIZES)
    assert "wrist" in {note.kind for note in motion.notes}
    turns = motion.rotations[:, motion.rig.index("rightHand")].astype(float)
    steps = np.linalg.norm(log(multiply(inverse(turns[:-1]), turns[1:])), axis=-1)
    assert np.degrees(steps.max()) < 1600 / 25
