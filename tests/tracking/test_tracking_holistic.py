from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from accessify.core.holistic import (
    BODY,
    BODY_WORLD,
    FACE,
    HANDS,
    HOLISTIC,
    IRISES,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    RIGHT_HAND,
    RIGHT_HAND_WORLD,
)
from accessify.core.pose import PoseFrame
from accessify.core.smoothing import STEP, OneEuro, OneEuroFilter
from accessify.core.timeline import millis, seconds
from accessify.tracking.body import Body
from accessify.tracking.face import Face
from accessify.tracking.hands import Hand
from accessify.tracking.holistic import CALM, Seen, Smoother, Smoothing, skeleton_of, to_pose
from tests.tracking.scene import Person, Place, mesh, person

ALL = Smoothing(hands=OneEuro(1.0, 10.0), face=OneEuro(1.0, 10.0))


def seen(one: Person) -> Seen:
    def hand(side: int) -> Hand | None:
        true = one.hands[side]
        if true is None:
            return None
        return Hand(true.points.astype(np.float32), true.world.astype(np.float32), 0.9 + 0.05 * side, 0.5)

    face = None if one.face is None else Face(one.face.astype(np.float32), 0.75)
    return Seen(one.seen() if one.body is not None else None, (hand(0), hand(1)), face)


WHOLE = seen(person(Place()))


def part(pose: PoseFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    place = HOLISTIC.place(name)
    return pose.points[place], pose.confidence[place]


# Skeletons


def test_the_holistic_skeleton_has_its_points() -> None:
    assert [(one.name, len(one.points)) for one in HOLISTIC.components] == [
        (BODY, 33),
        (FACE, 468),
        (LEFT_HAND, 21),
        (RIGHT_HAND, 21),
        (BODY_WORLD, 33),
        (LEFT_HAND_WORLD, 21),
        (RIGHT_HAND_WORLD, 21),
    ]
    for one in HOLISTIC.components:
        assert len(set(one.points)) == len(one.points)
        assert all(0 <= point < len(one.points) for limb in one.limbs for point in limb)


def test_names_are_those_of_pose_format() -> None:
    """A file that pose-format's own estimator wrote is the oracle; the hands' metres are ours alone."""
    pose_format = pytest.importorskip("pose_format", reason="comes with the development tools")
    path = Path(__file__).parents[3] / "shared" / "data" / "sign" / "poses" / "segmentation" / "example.pose"
    if not path.is_file():
        pytest.skip("needs example.pose in the data beside the checkout")
    theirs = pose_format.Pose.read(path.read_bytes()).header.components
    for ours, component in zip(HOLISTIC.components, theirs, strict=False):
        assert ours.name == component.name
        assert list(ours.points) == list(component.points)
    assert [one.name for one in HOLISTIC.components[len(theirs) :]] == [LEFT_HAND_WORLD, RIGHT_HAND_WORLD]
    for place in (0, 2, 3):  # body and hands: the same lines are drawn
        drawn = {frozenset(map(int, limb)) for limb in theirs[place].limbs}
        assert {frozenset(limb) for limb in HOLISTIC.components[place].limbs} == drawn


def test_a_skeleton_holds_what_is_looked_for() -> None:
    assert skeleton_of() is HOLISTIC
    assert skeleton_of(hands_only=True) == skeleton_of(hands_only=True, face=False) == HANDS
    names = [one.name for one in skeleton_of(face=False).components]
    assert names == [BODY, LEFT_HAND, RIGHT_HAND, BODY_WORLD, LEFT_HAND_WORLD, RIGHT_HAND_WORLD]
    assert [one.name for one in HANDS.components] == [
        LEFT_HAND,
        RIGHT_HAND,
        LEFT_HAND_WORLD,
        RIGHT_HAND_WORLD,
    ]


def test_expressions_come_with_the_irises() -> None:
    skeleton = skeleton_of(expressions=("smile", "frown"))
    assert skeleton.components == (*HOLISTIC.components, IRISES)
    assert skeleton.expressions == ("smile", "frown")
    assert IRISES.points == tuple(map(str, range(468, 478)))
    assert all(0 <= point < 10 for limb in IRISES.limbs for point in limb)
    assert skeleton_of(hands_only=True, expressions=("smile",)) == HANDS


# Poses


def test_every_part_has_its_place() -> None:
    pose = to_pose(WHOLE, HOLISTIC, 7)
    assert pose.start == 7
    assert WHOLE.body is not None
    assert WHOLE.face is not None
    left, right = WHOLE.hands
    assert left is not None
    assert right is not None
    for name, points, sure in (
        (BODY, WHOLE.body.points, WHOLE.body.visibility),
        (BODY_WORLD, WHOLE.body.world, WHOLE.body.visibility),
        (FACE, WHOLE.face.points, 0.75),
        (LEFT_HAND, left.points, 0.9),
        (LEFT_HAND_WORLD, left.world, 0.9),
        (RIGHT_HAND, right.points, 0.95),
        (RIGHT_HAND_WORLD, right.world, 0.95),
    ):
        np.testing.assert_array_equal(part(pose, name)[0], points)
        np.testing.assert_allclose(part(pose, name)[1], np.broadcast_to(sure, len(points)))


@pytest.mark.parametrize(
    ("missing", "names"),
    [
        ({"body": None}, {BODY, BODY_WORLD}),
        ({"hands": (None, WHOLE.hands[1])}, {LEFT_HAND, LEFT_HAND_WORLD}),
        ({"hands": (WHOLE.hands[0], None)}, {RIGHT_HAND, RIGHT_HAND_WORLD}),
        ({"face": None}, {FACE}),
    ],
    ids=["body", "left", "right", "face"],
)
def test_what_is_missing_is_nowhere_and_never_zero(missing: dict[str, object], names: set[str]) -> None:
    pose = to_pose(replace(WHOLE, **missing), HOLISTIC, 0)
    for one in HOLISTIC.components:
        points, sure = part(pose, one.name)
        assert np.isnan(points).all() == np.isnan(points).any() == (one.name in names)
        assert (sure == 0).all() == (one.name in names)


def test_nothing_seen_is_a_pose_of_nothing() -> None:
    pose = to_pose(Seen(), HOLISTIC, 3)
    assert np.isnan(pose.points).all()
    assert not pose.confidence.any()


def test_a_smaller_skeleton_leaves_parts_out() -> None:
    pose = to_pose(WHOLE, HANDS, 0)
    assert pose.points.shape == (84, 3)
    assert WHOLE.hands[1] is not None
    np.testing.assert_array_equal(pose.points[HANDS.place(RIGHT_HAND)], WHOLE.hands[1].points)


def test_a_face_with_irises_fills_both_parts() -> None:
    one = person(Place())
    assert one.face is not None
    scores = np.array([0.25, 0.75], np.float32)
    face = Face(mesh(one.face).astype(np.float32), 0.75, scores)
    skeleton = skeleton_of(expressions=("smile", "frown"))
    pose = to_pose(replace(WHOLE, face=face), skeleton, 0)
    np.testing.assert_array_equal(pose.points[skeleton.place(FACE)], face.points[:468])
    np.testing.assert_array_equal(pose.points[skeleton.place(IRISES.name)], face.points[468:])
    assert (pose.confidence[skeleton.place(IRISES.name)] == 0.75).all()
    assert pose.expressions is scores
    gone = to_pose(replace(WHOLE, face=None), skeleton, 0)
    assert gone.expressions is None
    assert np.isnan(gone.points[skeleton.place(IRISES.name)]).all()
    calm = run([replace(WHOLE, face=face)] * 2, Smoothing(face=CALM))[1].face
    assert calm is not None
    assert calm.expressions is scores
    assert calm.points.shape == (478, 3)


# Smoothing


def trembling(count: int, step: float = 0.0) -> list[Seen]:
    """A person at rest or moving, seen with noise."""
    random = np.random.default_rng(5)

    def noisy(points: np.ndarray, index: int) -> np.ndarray:
        moved = points + np.array([step * index, 0, 0]) + random.normal(0, 0.5, points.shape)
        return moved.astype(np.float32)

    poses = []
    for index in range(count):
        hands = [replace(hand, points=noisy(hand.points, index)) for hand in WHOLE.hands if hand]
        assert WHOLE.face is not None
        face = replace(WHOLE.face, points=noisy(WHOLE.face.points, index))
        poses.append(Seen(WHOLE.body, (hands[0], hands[1]), face))
    return poses


def run(poses: list[Seen], smoothing: Smoothing, step: int = millis(40)) -> list[Seen]:
    smoother = Smoother(smoothing)
    return [smoother.push(pose, index * step) for index, pose in enumerate(poses)]


def track(poses: list[Seen], name: str) -> np.ndarray:
    return np.array([part(to_pose(pose, HOLISTIC, 0), name)[0] for pose in poses])


def jitter(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, 2, axis=0)[10:], axis=-1).mean())


def test_without_smoothing_nothing_changes() -> None:
    poses = trembling(4)
    for before, after in zip(poses, run(poses, Smoothing()), strict=True):
        assert (after.body, after.face, after.hands) == (before.body, before.face, before.hands)


@pytest.mark.parametrize("name", [LEFT_HAND, RIGHT_HAND, FACE])
def test_smoothing_takes_the_trembling_out(name: str) -> None:
    poses = trembling(60)
    raw, calm = track(poses, name), track(run(poses, Smoothing(hands=CALM, face=CALM)), name)
    assert jitter(calm) < 0.6 * jitter(raw)
    np.testing.assert_allclose(calm[10:].mean(axis=0), raw[10:].mean(axis=0), atol=0.6)


@pytest.mark.parametrize("name", [LEFT_HAND, RIGHT_HAND, FACE])
def test_smoothing_lags_little_behind_a_moving_part(name: str) -> None:
    """Less than a quarter of a picture's way at two hand lengths a second."""
    step = 4.0
    poses = trembling(60, step)
    lag = (track(poses, name) - track(run(poses, Smoothing(hands=CALM, face=CALM)), name))[20:, :, 0]
    assert 0 < lag.mean() < step


def test_a_part_that_was_lost_is_smoothed_afresh() -> None:
    first, second = WHOLE, seen(person(Place(400, 200)))
    gone = replace(WHOLE, hands=(None, WHOLE.hands[1]), face=None)
    after = run([first, gone, second], ALL)[-1]
    assert after.hands[0] is not None
    assert second.hands[0] is not None
    np.testing.assert_array_equal(after.hands[0].points, second.hands[0].points)
    assert after.face is not None
    assert second.face is not None
    np.testing.assert_array_equal(after.face.points, second.face.points)
    assert after.hands[1] is not None
    assert second.hands[1] is not None
    assert np.abs(after.hands[1].points - second.hands[1].points).max() > 1  # this one was not lost


def test_only_what_is_asked_for_is_smoothed() -> None:
    poses = trembling(5)
    hands = run(poses, Smoothing(hands=CALM))
    face = run(poses, Smoothing(face=CALM))
    for index in range(1, 5):
        assert hands[index].face is poses[index].face
        assert face[index].hands == poses[index].hands
    assert not np.array_equal(track(hands, LEFT_HAND), track(poses, LEFT_HAND))
    assert not np.array_equal(track(face, FACE), track(poses, FACE))


def test_speed_is_in_hand_sizes_and_true_seconds() -> None:
    """The paper's filter on true, uneven times; a hand's size is twice its palm."""
    hand = WHOLE.hands[1]
    assert hand is not None
    smoother, own = Smoother(Smoothing(hands=OneEuro(1.0, 10.0))), OneEuroFilter(OneEuro(1.0, 10.0))
    before: int | None = None
    for index, start in enumerate((0, millis(40), millis(60), seconds(1))):
        now = replace(hand, points=hand.points + np.float32(3 * index))
        palm = float(np.linalg.norm(now.points[9] - now.points[0]))
        step = STEP if before is None else (start - before) / seconds(1)
        expected = own.push(now.points, 1 / (2 * palm), step)
        result = smoother.push(Seen(hands=(None, now)), start).hands[1]
        assert result is not None
        np.testing.assert_allclose(result.points, expected, rtol=1e-6)
        assert (result.presence, result.world is hand.world) == (hand.presence, True)
        before = start


def test_the_bodys_own_smoothing_can_be_left_out() -> None:
    body: Body | None = WHOLE.body
    assert body is not None
    raw = Body(body.points + np.float32(2), body.visibility / 2, body.world + np.float32(0.1))
    pose = Seen(replace(body, raw=raw))
    (kept,), (shown,) = run([pose], Smoothing()), run([pose], Smoothing(body=False))
    assert kept.body is pose.body
    assert shown.body is raw
    for name, points in ((BODY, raw.points), (BODY_WORLD, raw.world)):
        np.testing.assert_array_equal(part(to_pose(shown, HOLISTIC, 0), name)[0], points)
        np.testing.assert_array_equal(part(to_pose(shown, HOLISTIC, 0), name)[1], raw.visibility)
    assert run([Seen()], Smoothing(body=False))[0].body is None
