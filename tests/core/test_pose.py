from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.pose import Component, PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Note, Rate, Span, millis, seconds

BODY = Component("BODY", ("HEAD", "HAND"), ((0, 1),))
WORLD = Component("BODY_WORLD", ("HEAD", "HAND"))
FACE = Component("FACE", ("NOSE", "CHIN", "BROW"))
SKELETON = Skeleton((BODY, FACE, WORLD))
RATE = Rate.parse("25")
NAN = float("nan")


def pose(start: int = 0, value: float = 1.0, skeleton: Skeleton = SKELETON) -> PoseFrame:
    count = len(skeleton)
    points = np.full((count, 3), value, np.float32) + np.arange(count, dtype=np.float32)[:, None]
    return PoseFrame(points, np.full(count, 0.5, np.float32), start)


def clip(count: int = 3, step: int = millis(40)) -> PoseClip:
    return PoseClip.of([pose(index * step, index) for index in range(count)], SKELETON, RATE, (64, 48))


# Skeletons


def test_points_are_placed_one_component_behind_the_other() -> None:
    assert len(SKELETON) == 7
    assert [SKELETON.place(name) for name in ("BODY", "FACE", "BODY_WORLD")] == [
        slice(0, 2),
        slice(2, 5),
        slice(5, 7),
    ]
    assert "FACE" in SKELETON
    assert "LEFT_HAND" not in SKELETON
    assert SKELETON.component("FACE") is FACE


def test_what_is_in_metres_is_told_by_the_name() -> None:
    assert (BODY.metric, WORLD.metric) == (False, True)
    assert SKELETON.metric.tolist() == [False] * 5 + [True] * 2
    assert SKELETON.metric.dtype == np.bool_


def test_a_part_that_is_not_there_is_named_with_those_that_are() -> None:
    for call in (SKELETON.place, SKELETON.component, lambda name: SKELETON.only([name]), clip().part):
        with pytest.raises(KeyError, match=r"no component 'HAIR'; there are BODY, FACE, BODY_WORLD"):
            call("HAIR")


def test_only_keeps_the_order_of_the_skeleton() -> None:
    assert SKELETON.only(["BODY_WORLD", "BODY"]).components == (BODY, WORLD)
    assert SKELETON.only(iter(["FACE", "FACE"])).components == (FACE,)
    assert replace(SKELETON, expressions=("smile",)).only(["FACE"]).expressions == ("smile",)


def test_equal_skeletons_are_equal_and_travel() -> None:
    assert len(SKELETON) == 7  # its places are cached now
    other = Skeleton((BODY, FACE, WORLD))
    assert (other, hash(other)) == (SKELETON, hash(SKELETON))
    assert pickle.loads(pickle.dumps(SKELETON)) == SKELETON  # noqa: S301 - our own bytes
    assert Skeleton((FACE, BODY, WORLD)) != SKELETON


# Poses


def test_a_pose_says_what_does_not_fit() -> None:
    points, sure = np.zeros((7, 3), np.float32), np.ones(7, np.float32)
    with pytest.raises(ValueError, match=r"must be float32, not float64 and float32"):
        PoseFrame(points.astype(np.float64), sure)
    with pytest.raises(ValueError, match=r"must be float32, not float32 and float64"):
        PoseFrame(points, sure.astype(np.float64))
    with pytest.raises(ValueError, match=r"points \[7, 3\] and confidence \[6\] do not match"):
        PoseFrame(points, sure[:6])
    with pytest.raises(ValueError, match=r"points \[7, 2\] and confidence \[7\] do not match"):
        PoseFrame(points[:, :2], sure)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_missing_point_cannot_be_sure(axis: int) -> None:
    points, sure = np.zeros((7, 3), np.float32), np.ones(7, np.float32)
    points[4, axis] = np.nan
    with pytest.raises(ValueError, match="a point without a place must have confidence 0"):
        PoseFrame(points, sure)
    sure[4] = 0
    assert PoseFrame(points, sure).confidence[4] == 0


@pytest.mark.parametrize("value", [NAN, -0.1, 1.1, float("inf")])
def test_confidence_is_from_0_to_1(value: float) -> None:
    film, sure = clip(), np.ones((3, 7), np.float32)
    sure[1, 4] = value
    with pytest.raises(ValueError, match="confidence must be 0 to 1"):
        PoseFrame(film.points[1], sure[1])
    with pytest.raises(ValueError, match="confidence must be 0 to 1"):
        replace(film, confidence=sure)


def test_a_place_that_is_not_believed_may_stand() -> None:
    place = PoseFrame(np.ones((7, 3), np.float32), np.zeros(7, np.float32))
    assert (place.points == 1).all()


def test_expressions_are_float32() -> None:
    with pytest.raises(ValueError, match="expressions must be float32, not float64"):
        replace(pose(), expressions=np.zeros(2))
    skeleton = replace(SKELETON, expressions=("smile",))
    with pytest.raises(ValueError, match="expressions must be float32, not float64"):
        replace(clip(), skeleton=skeleton, expressions=np.zeros((3, 1)))


# Clips


def test_a_clip_of_poses_gives_the_poses_back() -> None:
    poses = [pose(index * millis(40), index) for index in range(3)]
    poses[1] = replace(
        poses[1],
        points=np.full((7, 3), np.nan, np.float32),
        confidence=np.zeros(7, np.float32),
    )
    film = PoseClip.of(iter(poses), SKELETON, RATE, (64, 48))
    assert len(film) == 3
    for index, expected in enumerate(poses):
        np.testing.assert_array_equal(film[index].points, expected.points)
        np.testing.assert_array_equal(film[index].confidence, expected.confidence)
        assert (film[index].start, film[index].expressions) == (expected.start, None)
        assert type(film[index].start) is int
    assert film[-1].start == millis(80)
    with pytest.raises(IndexError):
        film[3]


def test_a_clip_may_be_empty() -> None:
    film = PoseClip.of([], SKELETON, RATE, (64, 48))
    assert (len(film), film.points.shape, film.span, film.even) == (0, (0, 7, 3), Span(0, 0), True)
    assert film.only(["FACE"]).points.shape == (0, 3, 3)
    smiling = PoseClip.of([], replace(SKELETON, expressions=("smile",)), RATE, (64, 48))
    assert smiling.expressions is not None
    assert smiling.expressions.shape == (0, 1)


def test_expressions_are_kept_and_missing_ones_stay_missing() -> None:
    skeleton = replace(SKELETON, expressions=("smile", "frown"))
    scores = np.array([0.25, 0.5], np.float32)
    film = PoseClip.of([replace(pose(0), expressions=scores), pose(millis(40))], skeleton, RATE, (64, 48))
    np.testing.assert_array_equal(film.expressions, [[0.25, 0.5], [NAN, NAN]])
    np.testing.assert_array_equal(film[0].expressions, scores)
    assert film[1].expressions is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"points": np.zeros((3, 6, 3), np.float32)}, r"points \[3, 6, 3\] and confidence \[3, 7\] do not"),
        ({"times": np.array([0, 1], np.int64)}, r"points must be \[2, 7, 3\], not \[3, 7, 3\]"),
        ({"skeleton": Skeleton((BODY,))}, r"points must be \[3, 2, 3\], not \[3, 7, 3\]"),
        ({"times": np.array([0, 1, 1], np.int64)}, "times must be rising int64"),
        ({"times": np.array([0, 2, 1], np.int64)}, "times must be rising int64"),
        ({"times": np.array([0.0, 1.0, 2.0])}, "times must be rising int64"),
        ({"times": np.array([[0], [1], [2]], np.int64)}, "times must be rising int64"),
        ({"size": (0, 48)}, "size must be positive, not 0x48"),
        ({"size": (64, -1)}, "size must be positive, not 64x-1"),
        ({"expressions": np.zeros((3, 1), np.float32)}, r"expressions must be \[3, 0\], one for each name"),
    ],
)
def test_a_clip_says_what_does_not_fit(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(clip(), **change)


@pytest.mark.parametrize("scores", [None, np.zeros((3, 2), np.float32), np.zeros((2, 1), np.float32)])
def test_expressions_must_have_their_names(scores: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match=r"expressions must be \[3, 1\], one for each name"):
        replace(clip(), skeleton=replace(SKELETON, expressions=("smile",)), expressions=scores)


def test_a_part_is_a_view_of_its_points() -> None:
    film = clip()
    points, sure = film.part("FACE")
    assert (points.shape, sure.shape) == ((3, 3, 3), (3, 3))
    assert np.shares_memory(points, film.points)
    np.testing.assert_array_equal(points, film.points[:, 2:5])


def test_only_takes_points_and_skeleton_together() -> None:
    film = clip().with_notes([Note(Span(0, 1), "blur", "the picture is blurred")])
    part = film.only(["BODY_WORLD", "BODY"])
    assert part.skeleton.components == (BODY, WORLD)
    np.testing.assert_array_equal(part.points, film.points[:, [0, 1, 5, 6]])
    np.testing.assert_array_equal(part.confidence, film.confidence[:, [0, 1, 5, 6]])
    assert (part.rate, part.size, part.notes) == (film.rate, film.size, film.notes)


def test_notes_stand_in_order_of_time() -> None:
    late, early = Note(Span(9, 12), "blur", "b"), Note(Span(0, 3), "blur", "a")
    assert clip().with_notes([late]).with_notes([early]).notes == (early, late)
    assert clip().notes == ()


def test_the_span_ends_one_frame_behind_the_last_start() -> None:
    film = PoseClip.of([pose(seconds(2)), pose(seconds(3))], SKELETON, RATE, (64, 48))
    assert film.span == Span(seconds(2), seconds(3) + millis(40))


@given(
    rate=st.sampled_from(["24", "23.976", "25", "29.97", "30", "59.94", "60", "120"]).map(Rate.parse),
    first=st.integers(0, 10**12),
    count=st.integers(2, 40),
    data=st.data(),
)
def test_evenness_is_judged_by_the_rate_without_drift(
    rate: Rate, first: int, count: int, data: st.DataObject
) -> None:
    """Every rounding of frame times is even, any shift of one by a tenth of a frame is not."""
    times = [first + rate.at(index) for index in range(count)]
    jitter = [0, *(data.draw(st.integers(-rate.at(1) // 25, rate.at(1) // 25)) for _ in times[1:])]

    def film(starts: list[int]) -> PoseClip:
        return PoseClip.of([pose(start) for start in starts], SKELETON, rate, (64, 48))

    assert film([time + off for time, off in zip(times, jitter, strict=True)]).even
    late = data.draw(st.integers(1, count - 1))
    times[late] += rate.at(1) // 10
    assert not film(times).even
