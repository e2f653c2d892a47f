from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.core.holistic import (
    BODY,
    BODY_POINTS,
    BODY_WORLD,
    FACE,
    FINGER_COLORS,
    HOLISTIC,
    IRISES,
    LEFT_COLOR,
    LEFT_HAND,
    RIGHT_COLOR,
    RIGHT_HAND,
)
from accessify.core.pose import Component, PoseFrame, Skeleton
from accessify.render.skeleton2d import draw_pose, preview_scale

pytest.importorskip("cv2", reason="OpenCV comes with the extra `signs`")

Image = NDArray[np.uint8]
Points = dict[tuple[str, int], tuple[float, float]]

GREY = 90
FINGERS = ("thumb", "index", "middle", "ring", "little")


def grey(width: int = 640, height: int = 480) -> Image:
    return np.full((height, width, 3), GREY, np.uint8)


def pose_of(points: Points, confidence: float = 1.0) -> PoseFrame:
    """A pose that has just these points: (component, number) → (x, y)."""
    places = np.full((len(HOLISTIC), 3), np.nan, np.float32)
    sure = np.zeros(len(HOLISTIC), np.float32)
    for (name, number), (x, y) in points.items():
        places[HOLISTIC.place(name).start + number] = (x, y, 0)
        sure[HOLISTIC.place(name).start + number] = confidence
    return PoseFrame(places, sure)


def hand(name: str = RIGHT_HAND, x: float = 400, y: float = 400, size: float = 40) -> Points:
    """A hand with its fingers straight up, side by side: knuckles 2, tips 5 sizes above the wrist."""
    points: Points = {(name, 0): (x, y)}
    for finger in range(5):
        for joint in range(4):
            column = x + (finger - 2) * size
            points[name, 1 + 4 * finger + joint] = (column, y - (2 + joint) * size)
    return points


def body(number_of: dict[str, tuple[float, float]]) -> Points:
    return {(BODY, BODY_POINTS.index(name)): place for name, place in number_of.items()}


def at(image: Image, x: float, y: float) -> NDArray[np.int_]:
    """The colour of the pixel that holds this place."""
    return image[int(y), int(x)].astype(int)


def contrast(image: Image, x: float, y: float) -> int:
    return int(np.abs(at(image, x, y) - GREY).max())


def below_legend(image: Image) -> Image:
    return image[120:]


@pytest.mark.parametrize("finger", range(5), ids=FINGERS)
@pytest.mark.parametrize("name", [LEFT_HAND, RIGHT_HAND])
def test_each_finger_is_drawn_at_its_place_in_its_colour(name: str, finger: int) -> None:
    drawn = draw_pose(grey(), pose_of(hand(name)), HOLISTIC)
    x = 400 + (finger - 2) * 40
    np.testing.assert_array_equal(at(drawn, x, 260), FINGER_COLORS[finger])  # between two joints
    assert (at(drawn, x + 20, 260) == GREY).all()  # between two fingers
    row = drawn[260, x - 15 : x + 16].astype(int)
    dark = (row < GREY - 30).all(axis=1)
    assert dark[:15].any()  # the outline, on both sides
    assert dark[16:].any()


def test_left_and_right_hands_differ_in_tint_and_letter() -> None:
    pictures = [draw_pose(grey(), pose_of(hand(name)), HOLISTIC) for name in (LEFT_HAND, RIGHT_HAND)]
    for picture, color in zip(pictures, (LEFT_COLOR, RIGHT_COLOR), strict=True):
        np.testing.assert_array_equal(at(picture, 420, 320), color)  # the palm, between two knuckles
    letters = [picture[400:440, 380:421].astype(int) for picture in pictures]
    assert not np.array_equal(*(letter.mean(axis=2) > 128 for letter in letters))


def test_a_place_is_drawn_where_its_pixel_is() -> None:
    """The corner of the first pixel is 0, 0, so that the middle of pixel 300 is 300.5."""
    points: Points = {(LEFT_HAND, 5): (300.5, 200.5), (LEFT_HAND, 6): (300.5, 300.5)}
    row = draw_pose(grey(), pose_of(points), HOLISTIC)[250].astype(int)
    strength = np.abs(row - GREY).sum(axis=1)
    assert strength.any()
    np.testing.assert_allclose(strength[280:300], strength[320:300:-1], atol=15)  # OpenCV's own unevenness


def test_half_sure_is_half_seen() -> None:
    sure, half, unsure = (
        contrast(draw_pose(grey(), pose_of(hand(), confidence), HOLISTIC), 400, 260)
        for confidence in (1.0, 0.5, 0.09)
    )
    assert half == pytest.approx(sure / 2, abs=2)
    assert 0 < unsure < 0.05 * sure


def test_the_surer_the_plainer() -> None:
    seen = [
        contrast(draw_pose(grey(), pose_of(hand(), confidence), HOLISTIC), 400, 260)
        for confidence in np.linspace(0.05, 1, 20).tolist()
    ]
    assert seen == sorted(seen)
    assert len(set(seen)) > 15  # smoothly, not in a few steps


def test_a_limb_is_as_sure_as_its_weaker_end() -> None:
    pose = pose_of(hand())
    pose.confidence[HOLISTIC.place(RIGHT_HAND).start + 12] = 0.5  # the tip of the middle finger
    drawn = draw_pose(grey(), pose, HOLISTIC)
    assert contrast(drawn, 400, 220) == pytest.approx(contrast(drawn, 400, 260) / 2, abs=2)


def test_a_missing_hand_is_marked_at_the_wrist() -> None:
    arm = body({"LEFT_ELBOW": (400, 440), "LEFT_WRIST": (400, 300)})
    missing = draw_pose(grey(), pose_of(arm), HOLISTIC)
    found = draw_pose(grey(), pose_of(arm | hand(LEFT_HAND, 400, 300)), HOLISTIC)

    def ring(image: Image) -> tuple[int, int]:
        """Light and other places on the circle about the wrist, below and left of it."""
        turns = np.linspace(0.6 * np.pi, 0.98 * np.pi, 200)
        light = [at(image, 400 + 19 * np.cos(turn), 300 + 19 * np.sin(turn)).min() > 140 for turn in turns]
        return sum(light), len(light) - sum(light)

    dashes, gaps = ring(missing)
    assert dashes > 40
    assert gaps > 40
    assert ring(found)[0] == 0


def test_no_ring_where_the_wrist_is_unknown_or_outside() -> None:
    nothing = draw_pose(grey(), pose_of({}), HOLISTIC)
    for wrist, confidence in (((700, 300), 1.0), ((400, 300), 0.2)):
        drawn = draw_pose(grey(), pose_of(body({"LEFT_WRIST": wrist}), confidence), HOLISTIC)
        np.testing.assert_array_equal(below_legend(drawn), below_legend(nothing))


def test_the_legend_says_what_is_missing() -> None:
    """By the light pixels of each row: a figure has more than a dash, and a missing part is greyed."""
    drawn = draw_pose(grey(), pose_of(hand(RIGHT_HAND), 0.93), HOLISTIC)
    rows = [drawn[12 + row * 17 : 12 + (row + 1) * 17, 88:145].astype(int) for row in range(4)]
    bright = [int((row.min(axis=2) > 180).sum()) for row in rows]
    assert bright[:3] == [0, 0, 0]  # body, face, left hand
    assert bright[3] > 20
    dashes = [int((row.min(axis=2) > 120).sum()) for row in rows[:3]]
    assert all(2 <= dash <= 15 for dash in dashes)


def test_the_legend_tells_one_confidence_from_another() -> None:
    one, other = (
        draw_pose(grey(), pose_of(hand(RIGHT_HAND), confidence), HOLISTIC)[:100, :140]
        for confidence in (0.93, 0.94)
    )
    assert not np.array_equal(one, other)


def test_the_picture_itself_stays_as_it_was() -> None:
    image = grey()
    image.setflags(write=False)
    for scale in (1, 2):
        drawn = draw_pose(image, pose_of(hand()), HOLISTIC, scale=scale)
        assert not np.shares_memory(drawn, image)
    assert (image == GREY).all()


def test_nothing_but_the_pose_and_its_legend_is_changed() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    drawn = draw_pose(noise, pose_of(hand(RIGHT_HAND, 500, 400, 20)), HOLISTIC)
    np.testing.assert_array_equal(drawn[120:, :400], noise[120:, :400])


def test_a_larger_preview_has_the_same_things_at_the_same_places() -> None:
    drawn = draw_pose(grey(320, 240), pose_of(hand(RIGHT_HAND, 200, 200, 20)), HOLISTIC, scale=2)
    assert drawn.shape == (480, 640, 3)
    for finger, color in enumerate(FINGER_COLORS):
        np.testing.assert_array_equal(at(drawn, 400 + (finger - 2) * 40, 260), color)


@pytest.mark.parametrize(
    ("size", "scale"),
    [((320, 240), 2), ((640, 480), 1), ((540, 720), 1), ((1920, 1080), 1), ((176, 144), 4), ((16, 16), 4)],
)
def test_small_pictures_are_enlarged(size: tuple[int, int], scale: int) -> None:
    assert preview_scale(size) == scale


def test_the_fingers_of_a_tiny_hand_stay_apart() -> None:
    """A palm of 13 pixels, in the doubled preview."""
    drawn = draw_pose(grey(320, 240), pose_of(hand(RIGHT_HAND, 200, 200, 6.5)), HOLISTIC, scale=2)
    for finger, color in enumerate(FINGER_COLORS):
        np.testing.assert_array_equal(at(drawn, 400 + (finger - 2) * 13, 400 - 3.5 * 13), color)


def test_legs_outside_the_picture_are_not_drawn() -> None:
    legs = {
        "LEFT_HIP": (300, 500),
        "LEFT_KNEE": (340, 640),
        "LEFT_ANKLE": (-20, 200),
        "LEFT_HEEL": (700, 210),
    }
    drawn = draw_pose(grey(), pose_of(body(legs)), HOLISTIC)
    np.testing.assert_array_equal(below_legend(drawn), below_legend(grey()))


def test_an_arm_that_leaves_the_picture_is_drawn_to_its_border() -> None:
    arm = body({"LEFT_SHOULDER": (500.5, 240.5), "LEFT_ELBOW": (800.5, 240.5)})
    drawn = draw_pose(grey(), pose_of(arm), HOLISTIC)
    np.testing.assert_array_equal(at(drawn, 639, 240), LEFT_COLOR)


@pytest.mark.parametrize("far", [-4661.0, 1e5, -999_999.0, 3e38, -np.inf, np.inf])
def test_broken_and_far_places_do_no_harm(far: float) -> None:
    arm = {"LEFT_SHOULDER": (500.5, 240.5), "LEFT_ELBOW": (far, 240.5), "LEFT_WRIST": (far, far)}
    for scale in (1, 3):
        drawn = draw_pose(grey(), pose_of(body(arm) | {(LEFT_HAND, 0): (far, 0)}), HOLISTIC, scale=scale)
        color = at(drawn, 639 * scale if far > 0 else 2, 240.5 * scale)
        assert (color == (LEFT_COLOR if abs(far) < 1e6 else (GREY,) * 3)).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (64, 48)])
def test_any_picture_can_be_drawn_on(size: tuple[int, int]) -> None:
    pose = pose_of(hand(RIGHT_HAND, size[0] / 2, size[1] / 2, 2) | body({"LEFT_WRIST": (0, 0)}))
    assert draw_pose(grey(*size), pose, HOLISTIC).shape == (size[1], size[0], 3)


def test_random_poses_do_no_harm() -> None:
    random = np.random.default_rng(3)
    for _ in range(30):
        points = random.normal(300, 600, (len(HOLISTIC), 3)).astype(np.float32)
        sure = random.uniform(-0.2, 1.2, len(HOLISTIC)).clip(0, 1).astype(np.float32)
        points[random.random(len(HOLISTIC)) < 0.2] = np.nan
        sure[np.isnan(points).any(axis=1)] = 0
        assert draw_pose(grey(), PoseFrame(points, sure), HOLISTIC).shape == (480, 640, 3)


def test_metric_points_are_not_drawn() -> None:
    metric = {(BODY_WORLD, number): (0.1 * number, 200.0 + number) for number in range(33)}
    drawn = draw_pose(grey(), pose_of(metric), HOLISTIC)
    np.testing.assert_array_equal(drawn, draw_pose(grey(), pose_of({}), HOLISTIC))


def test_what_hand_and_face_show_better_is_left_out_of_the_body() -> None:
    stub = body({"LEFT_WRIST": (400, 400), "LEFT_INDEX": (460, 400), "LEFT_PINKY": (460, 420)})
    nose = body({"NOSE": (200.5, 200.5), "LEFT_SHOULDER": (500, 450), "RIGHT_SHOULDER": (100, 450)})
    face: Points = {(FACE, 61): (200, 300), (FACE, 146): (240, 300)}
    alone = draw_pose(grey(), pose_of(stub | nose), HOLISTIC)
    both = draw_pose(grey(), pose_of(stub | nose | face | hand(LEFT_HAND, 400, 380)), HOLISTIC)
    for x, y in ((450, 400), (200, 200)):
        assert contrast(alone, x, y) > 50
        assert contrast(both, x, y) == 0


def test_no_lines_cross_the_eyes_of_a_body_without_a_face() -> None:
    head = {"NOSE": (300.5, 300.5), "LEFT_EYE_INNER": (360.5, 240.5), "LEFT_EYE": (420.5, 240.5)}
    rest = {"LEFT_EYE_OUTER": (460.5, 240.5), "LEFT_SHOULDER": (500, 450), "RIGHT_SHOULDER": (100, 450)}
    drawn = draw_pose(grey(), pose_of(body(head | rest)), HOLISTIC)
    for x, y in ((300, 300), (420, 240)):  # nose and eye are dots
        assert contrast(drawn, x, y) > 50
    for x, y in ((330, 270), (390, 240), (440, 240), (360, 240)):
        assert contrast(drawn, x, y) == 0


def test_irises_are_drawn_with_the_face_and_not_told_by_themselves() -> None:
    eyed = Skeleton((*HOLISTIC.components, IRISES))
    plain = pose_of({(FACE, 61): (300, 300), (FACE, 146): (340, 300)})
    rim = np.array([(320, 250, 0), (330, 250, 0), (320, 240, 0), (310, 250, 0), (320, 260, 0)], np.float32)
    places = np.concatenate([plain.points, rim, rim + np.float32(40)])
    pose = PoseFrame(places, np.concatenate([plain.confidence, np.ones(10, np.float32)]))
    drawn = draw_pose(grey(), pose, eyed)
    assert contrast(drawn, 325, 245) > 20
    np.testing.assert_array_equal(drawn[:120], draw_pose(grey(), plain, HOLISTIC)[:120])


@pytest.mark.parametrize(("width", "there"), [(240, False), (640, True)])
def test_the_legend_is_left_out_where_it_would_cover_the_person(width: int, there: bool) -> None:
    drawn = draw_pose(grey(width, 240), pose_of({}), HOLISTIC)
    assert bool((drawn != GREY).any()) == there


def test_the_nearer_finger_is_drawn_over_the_farther() -> None:
    crossed = hand()
    for number, place in zip(range(5, 9), ((300, 300), (350, 250), (400, 200), (450, 150)), strict=True):
        crossed[RIGHT_HAND, number] = place  # the index finger over the middle one
    for nearer in ("index", "middle"):
        pose = pose_of(crossed)
        start = HOLISTIC.place(RIGHT_HAND).start
        first = 5 if nearer == "index" else 9
        pose.points[start + first : start + first + 4, 2] = -50
        crossing = at(draw_pose(grey(), pose, HOLISTIC), 402, 199)
        color = FINGER_COLORS[FINGERS.index(nearer)]
        others = [other for other in FINGER_COLORS if other != color]
        assert np.abs(crossing - color).sum() < min(np.abs(crossing - other).sum() for other in others)


def test_other_skeletons_are_drawn_too() -> None:
    triangle = Component("pose_keypoints_2d", ("A", "B", "C"), ((0, 1), (1, 2)), ((200, 40, 40),))
    points = np.array([(100.5, 300.5, 0), (300.5, 300.5, 0), (300.5, 400.5, 0)], np.float32)
    drawn = draw_pose(grey(), PoseFrame(points, np.ones(3, np.float32)), Skeleton((triangle,)))
    np.testing.assert_array_equal(at(drawn, 200, 300), (200, 40, 40))
    empty = PoseFrame(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    np.testing.assert_array_equal(draw_pose(grey(), empty, Skeleton(())), grey())


def test_without_opencv_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[signs\]'"):
        draw_pose(grey(), pose_of({}), HOLISTIC)


COLOR_VISION = {
    "full": np.eye(3),
    "no red": [
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ],
    "no green": [
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ],
    "no blue": [
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ],
}
"""Linear RGB as seen with each kind of colour-blindness, in full: Machado, Oliveira, Fernandes,
"A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, table 1."""


@pytest.mark.parametrize("vision", COLOR_VISION)
@pytest.mark.parametrize("palm", [LEFT_COLOR, RIGHT_COLOR], ids=["left", "right"])
def test_fingers_can_be_told_apart_by_everybody(vision: str, palm: tuple[int, int, int]) -> None:
    seen = [_lab(color, np.array(COLOR_VISION[vision])) for color in (palm, *FINGER_COLORS)]
    least = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
    assert least > 25  # 2.3 is just noticeable side by side


def test_sides_can_be_told_apart_by_those_without_red_or_green() -> None:
    for vision in ("full", "no red", "no green"):
        left, right = (_lab(color, np.array(COLOR_VISION[vision])) for color in (LEFT_COLOR, RIGHT_COLOR))
        assert np.linalg.norm(left - right) > 25


def _lab(color: Iterable[int], vision: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB (D65) of an sRGB colour (IEC 61966-2-1)."""
    encoded = np.array(list(color)) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear = np.clip(vision @ linear, 0, 1)
    to_xyz = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])
    x, y, z = np.cbrt(np.maximum(to_xyz @ linear / (0.9505, 1, 1.089), 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
