"""Arms measured by the signer's shoulders, however the camera looks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from accessify.core.holistic import BODY, BODY_POINTS, FACE, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import Component, PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Rate
from accessify.evaluation.sign_film import SKELETON, Camera, film
from accessify.evaluation.sign_motion import HANGING, Manner, Performance, invent_signs, perform
from accessify.signs.arms import ArmReader, Arms

STEADY = Camera(jitter=0)


def signing() -> Performance:
    return perform(invent_signs(3, seed=4), Manner(seed=1))


def read(clip: PoseClip) -> list[Arms]:
    reader = ArmReader(clip.skeleton)
    return [reader.push(clip[index]) for index in range(len(clip))]


def stacked(arms: list[Arms]) -> np.ndarray:
    """Shape [frames, 2, 10, 2]: hands and wrists."""
    return np.stack([np.concatenate((one.hands, one.wrists[:, None]), axis=1) for one in arms])


def moved(clip: PoseClip, scale: float, shift: tuple[float, float]) -> PoseClip:
    points = clip.points.copy()
    points[:, :, :2] = points[:, :, :2] * scale + shift
    return replace(clip, points=points)


def test_places_are_in_shoulder_widths_from_between_the_shoulders() -> None:
    arms = read(film(signing(), STEADY))[0]
    assert arms.anchored
    outwards, down, _ = HANGING
    assert np.allclose(arms.wrists, [[outwards, down], [-outwards, down]], atol=0.01)
    assert np.allclose(arms.hands[:, 0], arms.wrists, atol=1e-3)


@pytest.mark.parametrize(("scale", "shift"), [(0.3, (0, 0)), (2.5, (-400, 90)), (1, (1000, -1000))])
def test_distance_and_place_of_the_camera_do_not_matter(scale: float, shift: tuple[float, float]) -> None:
    clip = film(signing(), STEADY)
    near, far = stacked(read(clip)), stacked(read(moved(clip, scale, shift)))
    assert np.allclose(near, far, atol=2e-3, equal_nan=True)


def test_a_selfie_is_the_same_mirrored() -> None:
    seen, selfie = (stacked(read(film(signing(), replace(STEADY, mirrored=flip)))) for flip in (False, True))
    assert np.allclose(seen[:, ::-1] * (-1, 1), selfie, atol=2e-3, equal_nan=True)


def test_trembling_shoulders_are_calmed() -> None:
    rng = np.random.default_rng(1)
    clip = film(Performance(signing().hands, 8.0), STEADY)
    shoulders = [
        SKELETON.place(BODY).start + BODY_POINTS.index(f"{side}_SHOULDER") for side in ("LEFT", "RIGHT")
    ]
    trembling = clip.points.copy()
    trembling[:, shoulders, :2] += rng.normal(0, 0.03 * STEADY.shoulders, (len(clip), 2, 2))
    calm = stacked(read(clip))
    error = (stacked(read(replace(clip, points=trembling))) - calm)[40:]
    assert np.nanstd(error) < 0.012  # the middle of two points that tremble by 0.03 trembles by 0.021


def test_somebody_turned_aside_is_no_smaller() -> None:
    front = signing()
    wrists = [read(film(replace(front, turned=turned), STEADY))[0].wrists for turned in (1.0, 0.3)]
    assert np.allclose(wrists[0][:, 1], wrists[1][:, 1] * wrists[0][0, 1] / wrists[1][0, 1])
    assert wrists[1][0, 1] < 1.5 * 1.4  # by the shoulders alone it were 1.4 / 0.3


def without_body(clip: PoseClip) -> PoseClip:
    return clip.only([LEFT_HAND, RIGHT_HAND])


def test_hands_without_a_body_are_measured_by_their_palms() -> None:
    arms = read(without_body(film(signing(), STEADY)))
    assert not any(one.anchored for one in arms)
    with_body = stacked(read(film(signing(), STEADY)))[:, 1, 0]
    alone = stacked(arms)[:, 1, 0]
    ways = [np.linalg.norm(np.diff(places[20:], axis=0), axis=1).sum() for places in (with_body, alone)]
    assert ways[1] == pytest.approx(ways[0], rel=0.25)
    assert np.isnan(stacked(arms)[:, :, 9]).all()


def test_a_body_that_is_not_seen_is_as_none() -> None:
    clip = film(signing(), STEADY)
    confidence = clip.confidence.copy()
    confidence[:, clip.skeleton.place(BODY)] = 0
    unseen = stacked(read(replace(clip, confidence=confidence)))
    assert np.array_equal(unseen, stacked(read(without_body(clip))), equal_nan=True)


def test_shoulders_that_are_hidden_for_a_moment_keep_their_place() -> None:
    clip = film(signing(), STEADY)
    confidence = clip.confidence.copy()
    confidence[30:40, clip.skeleton.place(BODY)] = 0
    arms = read(replace(clip, confidence=confidence))
    assert {one.view for one in arms} == {1}
    assert np.allclose(
        stacked(arms)[30:40, :, :9], stacked(read(clip))[30:40, :, :9], atol=1e-3, equal_nan=True
    )


def test_another_picture_is_another_view() -> None:
    clip = film(signing(), STEADY)
    points = clip.points.copy()
    points[50:, :, 0] += 3 * STEADY.shoulders
    views = [one.view for one in read(replace(clip, points=points))]
    assert views[49] != views[50]
    assert len(set(views)) == 2


def test_doubtful_and_far_wrists_are_not_seen() -> None:
    clip = film(signing(), STEADY)
    wrist = SKELETON.place(BODY).start + BODY_POINTS.index("LEFT_WRIST")
    confidence, points = clip.confidence.copy(), clip.points.copy()
    confidence[3, wrist] = 0.1
    points[5, wrist, :2] = (-4661, 300)
    arms = read(replace(clip, confidence=confidence, points=points))
    assert np.isnan(arms[3].wrists[0]).all()
    assert np.isnan(arms[5].wrists[0]).all()
    assert np.isfinite(arms[4].wrists).all()


def test_a_hand_far_from_both_wrists_is_none() -> None:
    clip = film(signing(), STEADY)
    points = clip.points.copy()
    points[7, SKELETON.place(LEFT_HAND), 1] -= STEADY.shoulders
    arms = read(replace(clip, points=points))
    assert np.isnan(arms[7].hands[0]).all()
    assert np.isfinite(arms[7].hands[1]).all()
    assert np.isfinite(read(without_body(replace(clip, points=points)))[7].hands).all()


def test_a_shorter_body_is_read_by_its_names() -> None:
    clip = film(signing(), STEADY)
    kept = [
        BODY_POINTS.index(f"{side}_{name}") for name in ("SHOULDER", "WRIST") for side in ("LEFT", "RIGHT")
    ]
    part = Component(BODY, tuple(BODY_POINTS[index] for index in kept))
    points, confidence = clip.part(BODY)
    short = PoseClip(
        Skeleton((part,)), points[:, kept], confidence[:, kept], clip.times, clip.rate, clip.size
    )
    reader = ArmReader(short.skeleton)
    assert not reader.hands
    assert np.allclose(reader.push(short[0]).wrists, read(clip)[0].wrists, atol=0.01)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30, 0.0])
def test_places_that_are_none_are_missing(value: float) -> None:
    points = np.full((len(SKELETON), 3), value, np.float32)
    arms = ArmReader(SKELETON).push(PoseFrame(points, np.ones(len(SKELETON), np.float32)))
    assert not np.isinf(arms.hands).any()
    assert np.isnan(arms.wrists).all()


def test_poses_without_hands_and_body_are_refused() -> None:
    with pytest.raises(ValueError, match="look for landmarks with both"):
        ArmReader(HOLISTIC.only([FACE]))
    with pytest.raises(ValueError, match="must have 21 points"):
        ArmReader(Skeleton((Component(LEFT_HAND, ("WRIST",)),)))


def test_the_frame_rate_does_not_matter() -> None:
    slow, fast = (read(film(signing(), replace(STEADY, rate=Rate(Fraction(fps))))) for fps in (15, 60))
    assert np.allclose(stacked(slow), stacked(fast)[::4][: len(slow)], atol=0.01, equal_nan=True)
