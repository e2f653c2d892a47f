"""The same signing gives the same numbers: whichever hand leads, wherever the camera is, however it films."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.holistic import BODY, BODY_POINTS, HOLISTIC, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate
from accessify.evaluation.sign_film import SKELETON, Camera, film
from accessify.evaluation.sign_motion import HandPath, Performance, invent_signs, perform
from accessify.signs.clip import SignClip
from accessify.signs.normalize import PALM_BONES, normalize, palm_size, palm_sized

STILL = Camera(jitter=0.0)
"""A camera and a tracker without faults, so that what is compared can be equal."""


def one_handed(seed: int = 0) -> Performance:
    signs = [sign for sign in invent_signs(40, seed) if not sign.both]
    return perform(signs[:3])


def swapped(done: Performance) -> Performance:
    """The same by a left-handed signer."""
    left, right = done.hands
    return replace(done, hands=(right, left))


def near(one: SignClip, other: SignClip, tolerance: float = 1e-3) -> None:
    for name in ("hands", "places", "body"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tolerance, err_msg=name)


def turned_over(clip: PoseClip) -> PoseClip:
    """A selfie: the picture left for right, and the sides named as a tracker would."""
    points, confidence = clip.points.copy(), clip.confidence.copy()
    points[..., 0] = clip.size[0] - points[..., 0]
    names = [name.replace("LEFT", "*").replace("RIGHT", "LEFT").replace("*", "RIGHT") for name in BODY_POINTS]
    order = np.arange(len(clip.skeleton))
    order[clip.skeleton.place(BODY)] = [BODY_POINTS.index(name) for name in names]
    left, right = clip.skeleton.place(LEFT_HAND), clip.skeleton.place(RIGHT_HAND)
    order[left], order[right] = np.arange(right.start, right.stop), np.arange(left.start, left.stop)
    return replace(clip, points=points[:, order], confidence=confidence[:, order], mirrored=True)


@given(st.integers(0, 50))
def test_a_selfie_is_the_same_signing(seed: int) -> None:
    clip = film(one_handed(seed), Camera(seed=seed))
    plain, selfie = normalize(clip, "right"), normalize(turned_over(clip), "right")
    near(plain, selfie)
    assert not selfie.mirrored
    near(normalize(clip), normalize(turned_over(clip)))


def test_the_camera_s_own_selfie_is_the_same_signing() -> None:
    done = one_handed()
    near(normalize(film(done, STILL), "right"), normalize(film(done, replace(STILL, mirrored=True)), "right"))


def test_a_left_handed_signer_is_mirrored() -> None:
    done = one_handed()
    right, left = normalize(film(done, STILL), "right"), normalize(film(swapped(done), STILL), "left")
    assert not right.mirrored
    assert left.mirrored
    near(right, left)


def test_the_hand_that_is_seen_more_often_and_travels_further_leads() -> None:
    done = one_handed()
    for performance, side in ((done, LEFT_HAND), (swapped(done), RIGHT_HAND)):
        clip = film(performance, STILL)
        confidence = clip.confidence.copy()
        confidence[::3, clip.skeleton.place(side)] = 0  # the hand that rests is found less often
        found = normalize(replace(clip, confidence=confidence))
        assert found.mirrored == (side == RIGHT_HAND)
    # seen as often as the right hand, the left one does not lead
    assert not normalize(film(swapped(done), STILL)).mirrored
    path = HandPath(done.hands[1].keys, done.hands[1].swings)
    assert not normalize(film(replace(done, hands=(path, path)), STILL)).mirrored


def test_without_the_other_hand_the_one_that_is_there_leads() -> None:
    clip = film(one_handed(), STILL)
    only = clip.only([BODY, LEFT_HAND])
    found = normalize(only)
    assert found.mirrored
    assert found.seen[:, 0].all()
    assert not found.seen[:, 1].any()


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (480, 640), (1920, 1080)])
def test_the_shape_of_the_picture_plays_no_part(size: tuple[int, int]) -> None:
    """The same scene in pixels: only where in the picture it is differs."""
    done = one_handed()
    usual = normalize(film(done, replace(STILL, size=(2000, 2000))), "right")
    near(usual, normalize(film(done, replace(STILL, size=size, shoulders=110.0)), "right"))


@given(st.floats(40, 140), st.floats(0.35, 0.65), st.floats(0.3, 0.5))
def test_the_distance_from_the_camera_plays_no_part(width: float, across: float, down: float) -> None:
    done = one_handed()
    usual = normalize(film(done, replace(STILL, size=(2000, 2000))), "right")
    camera = replace(STILL, size=(2000, 2000), shoulders=width, centre=(across, down))
    near(usual, normalize(film(done, camera), "right"))


def test_another_frame_rate_sees_the_same_at_the_same_times() -> None:
    done = one_handed()
    slow = normalize(film(done, STILL), "right")
    fast = normalize(film(done, replace(STILL, rate=Rate(Fraction(50)))), "right")
    count = len(slow) - 1
    assert fast.times[::2][:count].tolist() == slow.times[:count].tolist()
    # medians over the clip differ by a picture
    np.testing.assert_allclose(fast.hands[::2][:count], slow.hands[:count], atol=1e-3)
    np.testing.assert_allclose(fast.places[::2][:count], slow.places[:count], atol=0.01)


def test_hands_are_wrist_centred_and_of_one_size() -> None:
    found = normalize(film(one_handed(), Camera(seed=3)))
    assert found.seen.all()
    assert np.abs(found.hands[:, :, 0]).max() == 0
    assert palm_size(found.hands) == pytest.approx(np.ones((len(found), 2)), abs=1e-4)
    bones = [np.linalg.norm(found.hands[..., a, :] - found.hands[..., b, :], axis=-1) for a, b in PALM_BONES]
    assert np.mean(bones, axis=0) == pytest.approx(np.ones((len(found), 2)), abs=1e-4)


def test_missing_hands_stay_missing_and_the_body_says_where_they_are() -> None:
    clip = film(one_handed(), STILL)
    confidence = clip.confidence.copy()
    place = clip.skeleton.place(RIGHT_HAND)
    confidence[5:9, place] = 0
    confidence[12, place.start + 7] = 0  # a hand without a finger's point is not wholly there
    found = normalize(replace(clip, confidence=confidence), "right")
    gone = np.flatnonzero(~found.seen[:, 0]).tolist()
    assert gone == [5, 6, 7, 8, 12]
    assert np.isnan(found.hands[gone, 0]).all()
    assert found.places[gone, 0] == pytest.approx(found.body[gone, 5], abs=1e-5)
    assert np.isfinite(found.hands[:, 1]).all()


def test_points_that_are_doubted_entirely_are_missing() -> None:
    clip = film(one_handed(), STILL)
    confidence = clip.confidence.copy()
    confidence[:, BODY_POINTS.index("RIGHT_ELBOW")] = 0
    found = normalize(replace(clip, confidence=confidence), "right")
    assert np.isnan(found.body[:, 3]).all()
    assert np.isfinite(found.body[:, 4]).all()


def test_a_hand_alone_before_the_camera() -> None:
    clip = film(one_handed(), STILL).only([LEFT_HAND, RIGHT_HAND])
    found, whole = normalize(clip, "right"), normalize(film(one_handed(), STILL), "right")
    assert np.isnan(found.body).all()
    assert found.hands == pytest.approx(whole.hands, abs=1e-4)
    assert np.median(found.places[:, 0], axis=0)[:2] == pytest.approx([0, 0], abs=0.3)
    scaled = replace(clip, points=clip.points * np.float32(2.5))
    near(found, normalize(scaled, "right"))


def test_nobody_and_no_hands() -> None:
    clip = film(one_handed(), STILL)
    nobody = normalize(
        replace(clip, points=np.full_like(clip.points, np.nan), confidence=np.zeros_like(clip.confidence))
    )
    assert len(nobody) == len(clip)
    assert not nobody.seen.any()
    assert np.isnan(nobody.places).all()
    with pytest.raises(ValueError, match="no hands; look for landmarks with hands"):
        normalize(clip.only([BODY]))
    none = PoseClip.of([], SKELETON, clip.rate, clip.size)
    assert len(normalize(none)) == 0


def test_components_that_are_not_needed_are_passed_over() -> None:
    clip = film(one_handed(), STILL)
    points = np.full((len(clip), len(HOLISTIC), 3), np.nan, np.float32)
    confidence = np.zeros((len(clip), len(HOLISTIC)), np.float32)
    for name in (BODY, LEFT_HAND, RIGHT_HAND):
        points[:, HOLISTIC.place(name)], confidence[:, HOLISTIC.place(name)] = clip.part(name)
    near(normalize(clip), normalize(replace(clip, skeleton=HOLISTIC, points=points, confidence=confidence)))


def test_a_hand_of_no_size_is_not_there() -> None:
    flat = np.zeros((2, 21, 3), np.float32)
    flat[1, 5:] = 1
    found = palm_sized(flat)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
