"""What is wild in landmarks is tamed: depths without a unit, depths of bodies, palms taken for backs."""

from dataclasses import replace

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import BODY, BODY_POINTS, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.rotation import about, inverse, log, multiply, rotate
from accessify.core.smoothing import unhurried
from accessify.motion.landmarks import landmarks
from accessify.motion.pose import pose
from accessify.motion.retarget import retarget
from accessify.motion.seen import MESH_PAIRS, seen
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


def test_scores_of_a_selfie_are_on_the_persons_own_side() -> None:
    still = pose(holding((-0.15, 1.25, 0.34), (0.2, 1, 0.1), (0, 0, 1), 12), plain_rig(), SIZES)
    scores = np.zeros((12, len(EXPRESSIONS)), np.float32)
    scores[:, EXPRESSIONS.index("eyeBlinkLeft")] = 0.8
    there = landmarks(replace(still, expressions=scores), SIZES, CAMERA)
    face = retarget(replace(there, mirrored=True), SIZES).face.expressions
    np.testing.assert_allclose(face[:, EXPRESSIONS.index("eyeBlinkRight")], 0.8, atol=1e-6)
    assert face[:, EXPRESSIONS.index("eyeBlinkLeft")].max() == 0


PLACES = {
    263: (0.5, 0, 0),
    362: (0.17, 0, 0.05),
    386: (0.33, 0.045, 0.05),
    374: (0.33, -0.045, 0.05),
    285: (0.13, 0.15, 0.1),
    334: (0.3, 0.265, 0.08),
    300: (0.48, 0.165, 0),
    291: (0.27, -0.7, 0.1),
    10: (0, 0.7, 0),
    152: (0, -1.2, 0),
    13: (0, -0.69, 0.15),
    14: (0, -0.7, 0.15),
}
"""A still face of round measures, in its own axes: the left half and the middle."""


def meshed(clip: PoseClip, moved: dict[int, tuple[float, float, float]], yaw: float = 0.0) -> PoseClip:
    """With a mesh in which some points move by so much from the 9th picture on, the head turned by `yaw`."""
    mesh = np.zeros((len(clip), 468, 3))
    mirror = np.array([-1.0, 1, 1])
    for number, place in PLACES.items():
        mesh[:, number] = place
    for right, left in MESH_PAIRS:
        mesh[:, right] = mesh[:, left] * mirror
    for number, way in moved.items():
        mesh[8:, number] += way
    pixels = 500 + 60 * rotate(about(np.array([0, 1.0, 0]), np.radians(yaw)), mesh) * [1, -1, -1]
    return replace(
        clip,
        skeleton=Skeleton((*clip.skeleton.components, HOLISTIC.component(FACE))),
        points=np.concatenate([clip.points, pixels.astype(np.float32)], axis=1),
        confidence=np.concatenate([clip.confidence, np.ones((len(clip), 468), np.float32)], axis=1),
        expressions=None,
    )


FACES = [
    ({}, ""),
    ({285: (0, 0.08, 0), 55: (0, 0.08, 0)}, "browInnerUp"),
    ({285: (0, -0.05, 0)}, "browDownLeft"),
    ({55: (0, -0.05, 0)}, "browDownRight"),
    ({386: (0, -0.08, 0)}, "eyeBlinkLeft"),
    ({14: (0, -0.3, 0)}, "jawOpen"),
    ({291: (-0.06, 0, 0), 61: (0.06, 0, 0)}, "mouthPucker"),
    ({61: (0, 0.07, 0)}, "mouthSmileRight"),
    ({291: (0, -0.07, 0)}, "mouthFrownLeft"),
]


@pytest.mark.parametrize(("moved", "name"), FACES)
def test_faces_are_read_off_the_mesh(clip: PoseClip, moved: dict, name: str) -> None:
    face = retarget(meshed(clip, moved, 20), SIZES).face
    strongest = face.expressions[-1].argmax()
    if name:
        assert EXPRESSIONS[strongest] == name
        assert face.expressions[-1, strongest] > 0.4
    else:
        assert face.expressions.max() < 0.1
    np.testing.assert_allclose(face.head[-1, 1], 20, atol=2)


def test_the_mesh_of_a_selfie_is_turned_round(clip: PoseClip) -> None:
    """A network does not know that a picture is a selfie: what it calls right is on the picture's left."""
    winking = meshed(clip, {386: (0, -0.08, 0)}, 20)
    face = retarget(replace(winking, mirrored=True), SIZES).face
    assert EXPRESSIONS[face.expressions[-1].argmax()] == "eyeBlinkRight"
    np.testing.assert_allclose(face.head[-1, 1], -20, atol=2)


def test_uneven_pictures_stay_at_their_times(clip: PoseClip) -> None:
    """Of a hand that rises evenly, filmed with a pause between pictures, too."""
    rising = clip.points.copy()
    times = np.array([0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14], np.int64)
    start = clip.skeleton.place(BODY).start
    for part, offset in ((LEFT_HAND, "LEFT"), (RIGHT_HAND, "RIGHT")):
        rising[:, clip.skeleton.place(part), 1] -= 8 * times[:, None].astype(np.float32)
        rising[:, start + BODY_POINTS.index(f"{offset}_WRIST"), 1] -= 8 * times
    ticks = np.array([clip.rate.at(int(time)) for time in times], np.int64)
    found = retarget(replace(clip, points=rising, times=ticks), SIZES)
    assert len(found.postures) == len(found.face) == 15
    steps = np.diff(found.postures.palms[2:-2, 1, 1])
    assert steps.min() > 0.3 * steps.max()


@pytest.mark.parametrize("broad", [0.8, 1.3])
def test_hands_that_touch_meet_on_other_figures_too(broad: float) -> None:
    there = landmarks(
        pose(holding((-0.02, 1.25, 0.3), (0, 1, 0.2), (1, 0, 0), 12), plain_rig(), SIZES), SIZES, CAMERA
    )
    wider = replace(SIZES, shoulders=SIZES.shoulders * [broad, 1, 1])
    palms = retarget(there, wider).postures.palms[-1]
    assert np.linalg.norm(palms[0] - palms[1]) < 0.08


def test_a_hand_at_the_mouth_is_at_the_mouth_of_a_figure_with_a_longer_neck() -> None:
    lips = SIZES.places["lips"]
    wanted = holding((-0.02, lips[1] - 0.02, 0.18), (0.2, 1, -0.1), (0, 0, -1), 12)
    there = landmarks(pose(wanted, plain_rig(), SIZES), SIZES, CAMERA)
    places = {
        name: place + ([0, 0.06, 0] if place[1] > 1.45 else [0, 0, 0]) for name, place in SIZES.places.items()
    }
    longer = replace(SIZES, places=places)
    moved = retarget(there, longer).postures.palms[-1, 1] - retarget(there, SIZES).postures.palms[-1, 1]
    assert moved[1] > 0.025
    low = landmarks(
        pose(holding((-0.2, 1.1, 0.3), (0, 0, 1), (0, 1, 0), 12), plain_rig(), SIZES), SIZES, CAMERA
    )
    still = retarget(low, longer).postures.palms[-1, 1] - retarget(low, SIZES).postures.palms[-1, 1]
    assert np.abs(still).max() < 0.004
