from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from accessify.tracking.regions import Limits, Region, around, direction, overlap, wrap

angles = st.floats(-20, 20)
regions = st.builds(
    Region, st.floats(-500, 1500), st.floats(-500, 1500), st.floats(5, 900), st.floats(5, 900), angles
)
units = arrays(np.float32, (6, 2), elements=st.floats(-1, 2, width=32))
QUARTER = math.pi / 2


def close(a: object, b: object, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(a, b, atol=tolerance, rtol=0)


# Angles


@pytest.mark.parametrize(
    ("angle", "same"),
    [(0, 0), (math.pi, -math.pi), (-math.pi, -math.pi), (3, 3), (4, 4 - 2 * math.pi), (-4, 2 * math.pi - 4)],
)
def test_angles_are_wrapped_into_one_turn(angle: float, same: float) -> None:
    assert wrap(angle) == pytest.approx(same, abs=1e-12)


@given(angle=st.floats(-1e4, 1e4))
def test_a_wrapped_angle_is_the_same_angle(angle: float) -> None:
    wrapped = wrap(angle)
    assert -math.pi <= wrapped <= math.pi  # its end only by rounding
    assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-9)
    assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-9)


@pytest.mark.parametrize(
    ("end", "turn"),
    [((0, -5), 0), ((5, 0), QUARTER), ((0, 5), -math.pi), ((-5, 0), -QUARTER), ((5, -5), QUARTER / 2)],
)
def test_a_box_is_turned_as_far_as_its_line_leans_from_upright(end: tuple[int, int], turn: float) -> None:
    """Pointing up is straight, pointing right is a quarter turn clockwise."""
    start = np.array([100.0, 100.0])
    assert direction(start, start + end, QUARTER) == pytest.approx(turn)


@given(turn=st.floats(-3.1, 3.1), target=st.floats(-math.pi, math.pi), data=st.data())
def test_a_line_drawn_in_a_box_tells_how_the_box_is_turned(
    turn: float, target: float, data: st.DataObject
) -> None:
    box = data.draw(regions.map(lambda region: replace(region, height=region.width, angle=turn)))
    line = np.array([[0.5, 0.5], [0.5 + 0.3 * math.cos(target), 0.5 - 0.3 * math.sin(target)]], np.float32)
    start, end = box.to_picture(line).astype(float)
    assert wrap(direction(start, end, target) - turn) == pytest.approx(0, abs=1e-2 * 100 / box.width + 1e-3)


# Regions


def test_a_picture_is_taken_whole_with_bars() -> None:
    assert Region.whole((640, 480)) == Region(320, 240, 640, 640)
    assert Region.whole((240, 320)) == Region(120, 160, 320, 320)


def test_a_region_is_shifted_before_it_is_made_square_and_scaled() -> None:
    assert Region(100, 200, 40, 20).changed(2.0, shift=-0.5) == Region(100, 190, 80, 80)
    right = Region(100, 200, 20, 40, QUARTER).changed(1.5, shift=-0.25)  # its up is the picture's right
    close([right.x, right.y, right.width, right.height, right.angle], [110, 200, 60, 60, QUARTER])


@given(region=regions, scale=st.floats(0.2, 4), shift=st.floats(-2, 2))
def test_a_change_moves_along_the_regions_own_axis(region: Region, scale: float, shift: float) -> None:
    changed = region.changed(scale, shift)
    assert changed.width == changed.height == max(region.width, region.height) * scale
    assert changed.angle == region.angle
    place = region.to_picture(np.array([[0.5, 0.5 + shift]], np.float32))[0]
    close([changed.x, changed.y], place, 2e-3)


@given(region=regions, size=st.integers(8, 512))
def test_a_crops_pixels_are_where_an_independent_formula_puts_them(region: Region, size: int) -> None:
    """Complex numbers, and no half pixel: the crop's pixel 0, 0 lies on the region's corner."""
    matrix = region.affine(size)
    for column, row in ((0, 0), (size, size), (size, 0), (size / 2, size / 2), (3, 5)):
        own = complex((column / size - 0.5) * region.width, (row / size - 0.5) * region.height)
        turned = own * complex(math.cos(region.angle), math.sin(region.angle)) + complex(region.x, region.y)
        close(matrix @ [column, row, 1], [turned.real, turned.imag], 1e-6)


def test_a_crop_is_what_opencv_cuts_out() -> None:
    """A quarter turn and a doubling, checked pixel by pixel."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV comes with the extra `signs`")
    picture = np.random.default_rng(1).integers(0, 256, (60, 80), np.uint8)
    region = Region(40, 30, 16, 16, QUARTER)
    crop = cv2.warpAffine(
        picture, region.affine(16), (16, 16), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    expected = np.rot90(picture[22:38, 33:49], 1)  # the box's up is the picture's right
    np.testing.assert_array_equal(crop, expected)


@given(region=regions, points=units)
def test_there_and_back_is_the_same_place(region: Region, points: np.ndarray) -> None:
    there = region.to_picture(points)
    assert there.dtype == np.float32
    close(
        region.from_picture(there.astype(float)),
        points,
        2e-3 * max(1, 100 / min(region.width, region.height)),
    )
    matrix = region.affine(1)
    close(there, points.astype(float) @ matrix[:, :2].T + matrix[:, 2], 1e-3)


@given(region=regions, points=arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=32)))
def test_depth_grows_with_the_width(region: Region, points: np.ndarray) -> None:
    before = points.copy()
    placed = region.to_picture(points)
    close(placed[:, 2], points[:, 2] * region.width, 1e-3)
    np.testing.assert_array_equal(points, before)
    np.testing.assert_array_equal(placed[:, :2], region.to_picture(points[:, :2]))


@given(region=regions, points=arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=32)))
def test_metres_turn_as_the_region_does(region: Region, points: np.ndarray) -> None:
    """The same turn as of pixels in a square region, without moving or scaling; depth stays."""
    before = points.copy()
    turned = region.turned(points)
    square = Region(0, 0, 1, 1, region.angle)
    close(turned[:, :2], square.to_picture(points[:, :2] + np.float32(0.5)), 1e-5)
    np.testing.assert_array_equal(turned[:, 2], points[:, 2])
    np.testing.assert_array_equal(points, before)


def test_a_region_contains_what_keeps_away_from_its_edges() -> None:
    region = Region(100, 100, 40, 20, QUARTER)  # 20 wide and 40 high in the picture
    corners = np.array([[91, 81], [109, 119]], np.float32)
    assert region.contains(corners)
    assert not region.contains(corners, 0.1)  # 0.1 of 20 is 2 pixels
    assert not region.contains(np.array([[91, 81], [111, 100]], np.float32))
    assert region.contains(np.array([[91, 81], [111, 100]], np.float32), -0.1)


LIMITS = Limits(angle=0.5, shift=0.2, size=0.4)


@pytest.mark.parametrize(
    ("other", "agrees"),
    [
        (Region(100, 100, 40, 20, 3.0), True),
        (Region(100, 100, 40, 20, 3.45), True),
        (Region(100, 100, 40, 20, 3.55), False),
        (Region(100, 100, 40, 20, -3.0), True),  # 0.28 beyond the half turn
        (Region(100, 100, 40, 20, -2.7), False),
        (Region(107, 100, 40, 20, 3.0), True),  # 0.2 of its width is 8
        (Region(109, 100, 40, 20, 3.0), False),
        (Region(100, 103, 40, 20, 3.0), True),  # 0.2 of its height is 4, its axes lean a little
        (Region(100, 105.5, 40, 20, 3.0), False),
        (Region(100, 100, 55, 20, 3.0), True),
        (Region(100, 100, 57, 20, 3.0), False),
        (Region(100, 100, 23, 20, 3.0), False),
        (Region(100, 100, 40, 27, 3.0), True),
        (Region(100, 100, 40, 29, 3.0), False),
    ],
)
def test_regions_of_one_thing_agree(other: Region, agrees: bool) -> None:
    assert Region(100, 100, 40, 20, 3.0).agrees(other, LIMITS) is agrees


def test_shift_counts_along_the_first_regions_axes() -> None:
    region = Region(100, 100, 100, 10, QUARTER)  # long in the picture's y
    assert region.agrees(replace(region, y=115), LIMITS)
    assert not region.agrees(replace(region, x=115), LIMITS)


# Boxes around points


@given(
    points=arrays(np.float64, (8, 2), elements=st.floats(-300, 900)),
    angle=st.floats(-math.pi, math.pi),
)
def test_the_box_around_points_touches_them_on_all_sides(points: np.ndarray, angle: float) -> None:
    box = around(points, angle)
    assume(min(box.width, box.height) > 1)
    inside = box.from_picture(points)
    close(inside.min(axis=0), [0, 0], 1e-3)
    close(inside.max(axis=0), [1, 1], 1e-3)
    assert box.angle == angle


@given(angle=st.floats(-math.pi, math.pi), turn=st.floats(-math.pi, math.pi))
def test_a_box_turns_with_its_points(angle: float, turn: float) -> None:
    points = np.array([[10, 0], [40, 5], [22, 17], [35, 30.0]])
    cos, sin = math.cos(turn), math.sin(turn)
    spun = points @ np.array([[cos, sin], [-sin, cos]])
    box, after = around(points, angle), around(spun, angle + turn)
    close([after.width, after.height], [box.width, box.height], 1e-9)
    close([after.x, after.y], [box.x * cos - box.y * sin, box.x * sin + box.y * cos], 1e-9)


# Overlap


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        (Region(0, 0, 2, 2), Region(0, 0, 2, 2), 1),
        (Region(0, 0, 2, 2), Region(1, 0, 2, 2), 1 / 3),
        (Region(0, 0, 4, 4), Region(1, 1, 2, 2), 1 / 4),
        (Region(0, 0, 2, 2), Region(2, 0, 2, 2), 0),
        (Region(0, 0, 2, 2), Region(9, 9, 2, 2), 0),
        (Region(0, 0, 0, 0), Region(0, 0, 0, 0), 0),
        (Region(0, 0, 2, 2, 1.0), Region(1, 0, 2, 2, -1.0), 1 / 3),
    ],
)
def test_overlap_is_intersection_over_union(a: Region, b: Region, share: float) -> None:
    assert overlap(a, b) == overlap(b, a) == pytest.approx(share)


@given(a=regions, b=regions)
def test_overlap_is_a_share_that_both_agree_on(a: Region, b: Region) -> None:
    assert 0 <= overlap(a, b) <= 1 + 1e-12
    assert overlap(a, b) == pytest.approx(overlap(b, a))
    assert overlap(a, a) == pytest.approx(1)
