"""From landmarks to bones and back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import BODY, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.humanoid import SIDES, Rig
from accessify.core.motion import placed_bones
from accessify.core.pose import Component, PoseClip, Skeleton
from accessify.core.projection import Projection
from accessify.core.rotation import rotate, unit
from accessify.delivery.poses import read_poses
from accessify.motion.face import Shape, Signal, drawn, with_face
from accessify.motion.fingers import hand_axes
from accessify.motion.landmarks import landmarks
from accessify.motion.limits import BENDS, SPREAD
from accessify.motion.pose import pose
from accessify.motion.retarget import RetargetOptions, retarget
from accessify.motion.seen import seen
from tests.motion.people import plain_proportions, plain_rig
from tests.motion.test_pose import holding

SIZES = plain_proportions()
CAMERA = Projection((1000, 1000), (0.0, 1.3, 3.0), 1600.0, (500.0, 500.0))
DATA = Path(__file__).parents[3] / "shared" / "data" / "sign"


@pytest.fixture(scope="module")
def rig() -> Rig:
    return plain_rig()


@pytest.fixture(scope="module")
def clip(rig: Rig) -> PoseClip:
    """Hands up, palms out, fingers half bent, for one second."""
    wanted = holding((-0.18, 1.3, 0.34), (0, 1, 0.1), (0, 0, 1), 25)
    bends = np.tile(
        np.array([[40, 20, 15], [10, 20, 15], [40, 50, 30], [60, 70, 40], [80, 90, 50]], float), (25, 2, 1, 1)
    )
    wanted = replace(wanted, bends=bends, spread=np.tile([25.0, 8, 0, -4, -8], (25, 2, 1)))
    return landmarks(pose(wanted, rig, SIZES), SIZES, CAMERA)


def degrees(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip((first * second).sum(axis=-1), -1, 1)))


def test_a_figures_landmarks_are_where_its_camera_sees_its_joints(rig: Rig, clip: PoseClip) -> None:
    points, confidence = clip.part(RIGHT_HAND)
    assert (confidence == 1).all()
    body, known = clip.part(BODY)
    names = HOLISTIC.component(BODY).points
    assert {name for name, sure in zip(names, known[0], strict=True) if not sure} == set()
    np.testing.assert_allclose(body[:, names.index("RIGHT_WRIST"), :2], points[:, 0, :2], atol=1e-3)
    assert (body[:, names.index("RIGHT_WRIST"), 0] < 500).all()  # the signer's right is the viewer's left
    assert (points[:, 12, 1] < points[:, 0, 1]).all()  # fingers up, y down
    assert (body[:, names.index("NOSE"), 2] < body[:, names.index("LEFT_EAR"), 2]).all()  # nearer


def test_there_and_back_is_the_same(rig: Rig, clip: PoseClip) -> None:
    found = retarget(clip, SIZES)
    motion = pose(found.postures, rig, SIZES)
    again = landmarks(motion, SIZES, CAMERA)
    assert not [note for note in motion.notes if note.kind == "wrist"]
    for name in (LEFT_HAND, RIGHT_HAND, BODY):
        apart = np.linalg.norm(again.part(name)[0][12:, :, :2] - clip.part(name)[0][12:, :, :2], axis=-1)
        if name == BODY:
            apart = apart[:, 11:17]
        assert np.median(apart) < 16  # of 1,000 pixels: the camera is taken to be far away
    np.testing.assert_allclose(
        found.postures.bends[20, 1, 1:], [[10, 20, 15], [40, 50, 30], [60, 70, 40], [80, 90, 50]], atol=4
    )
    assert (found.postures.active == 1).all()


def test_a_selfie_is_turned_round(clip: PoseClip) -> None:
    points = clip.points.copy()
    points[..., 0] = np.where(clip.skeleton.metric, -points[..., 0], clip.size[0] - points[..., 0])
    order = np.arange(len(clip.skeleton))
    names = [part.name for part in clip.skeleton.components]
    for left, right in ((LEFT_HAND, RIGHT_HAND), ("LEFT_HAND_WORLD_LANDMARKS", "RIGHT_HAND_WORLD_LANDMARKS")):
        one, other = (clip.skeleton.place(name) for name in (left, right))
        order[one], order[other] = np.r_[other], np.r_[one]
    body = list(HOLISTIC.component(BODY).points)
    swap = [
        body.index("_".join({"LEFT": "RIGHT", "RIGHT": "LEFT"}.get(part, part) for part in name.split("_")))
        for name in body
    ]
    for name in (BODY, "POSE_WORLD_LANDMARKS"):
        order[clip.skeleton.place(name)] = clip.skeleton.place(name).start + np.array(swap)
    assert names
    selfie = replace(clip, points=points[:, order], confidence=clip.confidence[:, order], mirrored=True)
    one, other = retarget(clip, SIZES).postures, retarget(selfie, SIZES).postures
    for name in ("palms", "directions", "normals", "bends"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-3)


def test_a_lost_hand_is_bridged_or_rests_and_never_jumps(clip: PoseClip) -> None:
    def without(first: int, end: int) -> PoseClip:
        confidence = clip.confidence.copy()
        confidence[first:end, clip.skeleton.place(RIGHT_HAND)] = 0
        confidence[first:end, clip.skeleton.place("RIGHT_HAND_WORLD_LANDMARKS")] = 0
        return replace(clip, confidence=confidence)

    short = retarget(without(10, 15), SIZES)
    assert (short.postures.active == 1).all()
    assert not short.postures.notes
    long = retarget(without(5, 25), SIZES)
    active = long.postures.active[:, 1]
    held = int(RetargetOptions().held * 25)
    assert (active[: 5 + held] == 1).all()
    assert active[-1] == 0
    assert np.abs(np.diff(active)).max() < 0.35
    assert (np.diff(active) <= 0).all()
    assert [note.kind for note in long.postures.notes] == ["no-hand"]
    never = retarget(without(0, 25), SIZES)
    assert (never.postures.active[:, 1] == 0).all()
    assert "right hand is never seen" in never.postures.notes[0].text


def test_depths_in_picture_widths_are_told_by_flat_hands(clip: PoseClip) -> None:
    flat = clip.points.copy()
    flat[..., 2] /= np.where(clip.skeleton.metric, 1, clip.size[0])
    plain = clip.only((BODY, LEFT_HAND, RIGHT_HAND))
    thin = replace(clip, points=flat).only((BODY, LEFT_HAND, RIGHT_HAND))
    np.testing.assert_allclose(
        retarget(thin, SIZES).postures.normals, retarget(plain, SIZES).postures.normals, atol=1e-3
    )


def test_head_turns_and_scores_of_the_face_come_along(rig: Rig) -> None:
    still = pose(holding((-0.18, 1.3, 0.34), (0, 1, 0), (0, 0, 1), 40), rig, SIZES)
    turned = with_face(still, drawn([Signal(still.span, Shape((), (0, 25, 0)))], 40, still.rate))
    seen_turn = landmarks(turned, SIZES, CAMERA)
    assert retarget(seen_turn, SIZES).face.head[30, 1] == pytest.approx(25, abs=4)
    scores = np.zeros((40, len(EXPRESSIONS)), np.float32)
    scores[:, EXPRESSIONS.index("jawOpen")] = 0.7
    scores[5] = np.nan
    scored = replace(
        seen_turn, skeleton=replace(seen_turn.skeleton, expressions=EXPRESSIONS), expressions=scores
    )
    jaw = retarget(scored, SIZES).face.expressions[:, EXPRESSIONS.index("jawOpen")]
    np.testing.assert_allclose(jaw, 0.7, atol=1e-6)


def bare(*components: str) -> PoseClip:
    skeleton = Skeleton(tuple(Component(name, ("A",)) for name in components))
    count = len(skeleton)
    return PoseClip(
        skeleton,
        np.zeros((2, count, 3), np.float32),
        np.ones((2, count), np.float32),
        np.array([0, 100]),
        holding((0, 0, 0), (0, 1, 0), (0, 0, 1)).rate,
        (10, 10),
    )


def first(clip: PoseClip, count: int) -> PoseClip:
    """Its first pictures."""
    assert clip.expressions is not None
    return replace(
        clip,
        points=clip.points[:count],
        confidence=clip.confidence[:count],
        times=clip.times[:count],
        expressions=clip.expressions[:count],
    )


def test_clips_that_cannot_be_retargeted_say_why(clip: PoseClip) -> None:
    with pytest.raises(FormatError, match="no holistic body among pose_keypoints_2d"):
        retarget(bare("pose_keypoints_2d"), SIZES)
    with pytest.raises(FormatError, match="no hands"):
        retarget(clip.only((BODY,)), SIZES)
    blind = replace(clip, confidence=np.zeros_like(clip.confidence))
    with pytest.raises(FormatError, match="both shoulders are never seen"):
        retarget(blind, SIZES)
    empty = first(clip, 0)
    with pytest.raises(FormatError, match="no pictures"):
        retarget(empty, SIZES)
    assert len(retarget(first(clip, 1), SIZES).postures) == 1


REAL = [
    "poses/dummy_lexicon/sgg/essen.pose",
    "poses/signwriting-animation/whatsthatsign-524.pose",
    "reference/sentence_320x240.holistic.npz",
]


def found(name: str) -> Path:
    hits = sorted(DATA.rglob(Path(name).name))
    if not hits:
        pytest.skip(f"needs {name} of the sign data beside the checkout")
    return hits[0]


@pytest.mark.parametrize("name", REAL)
def test_real_signing_keeps_its_palms_and_fingers(name: str, rig: Rig) -> None:
    clip = read_poses(found(name))
    result = retarget(clip, SIZES)
    motion = with_face(pose(result.postures, rig, SIZES), result.face)
    _, turns = placed_bones(rig, motion.rotations)
    person = seen(clip)
    across, along = [], []
    for number, side in enumerate(SIDES):
        there = person.handed[:, number]
        hand = person.hands[there, number]
        direction = unit(hand[:, 9] - hand[:, 0])
        normal = np.cross(hand[:, 5] - hand[:, 0], hand[:, 17] - hand[:, 0]) * (1 if number else -1)
        normal = unit(normal - (normal * direction).sum(axis=-1, keepdims=True) * direction)
        now, axes = turns[there, rig.index(f"{side}Hand")], hand_axes(side)
        along.append(degrees(rotate(now, axes[0]), direction))
        across.append(degrees(rotate(now, axes[1]), normal))
    assert np.concatenate(along).mean() < 12
    assert np.concatenate(across).mean() < 10
    bends, spread = result.postures.bends, result.postures.spread
    assert ((bends >= BENDS[..., 0]) & (bends <= BENDS[..., 1])).all()
    assert ((spread >= SPREAD[:, 0]) & (spread <= SPREAD[:, 1])).all()
    if FACE in clip.skeleton and len(clip) > 60:  # a longer stretch of signing moves the face
        assert result.face.expressions.max() > 0.2
