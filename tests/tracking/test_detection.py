from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.tracking.detection import STRIDES, anchors, chances, decode, detect, merge
from accessify.tracking.graphs import BODY_DETECTOR, FACE_DETECTOR, PALM_DETECTOR, Graph
from accessify.tracking.regions import Region
from tests.tracking.scene import Person, Place, Scene, person

COUNTS = {PALM_DETECTOR: 2016, BODY_DETECTOR: 2254, FACE_DETECTOR: 896}


def box(x: float, y: float, width: float, height: float, *points: tuple[float, float]) -> list[list[float]]:
    """Corners and key points."""
    low, high = [x - width / 2, y - height / 2], [x + width / 2, y + height / 2]
    return [low, high, *map(list, points)]


# Anchors


@pytest.mark.parametrize("graph", COUNTS, ids=lambda graph: graph.name)
def test_each_output_has_its_anchor(graph: Graph) -> None:
    centres = anchors(graph.size, STRIDES[graph])
    assert centres.shape == (COUNTS[graph], 2)
    assert centres.dtype == np.float32
    counts = Counter(map(tuple, centres.tolist()))
    layers = STRIDES[graph]
    for stride in set(layers):
        first = 0.5 * stride / graph.size
        assert counts[(np.float32(first), np.float32(first))] == 2 * layers.count(stride)


def test_anchors_go_through_rows_of_the_finest_grid_first() -> None:
    """24 × 24 cells of two, then 12 × 12 cells of six, as three layers of one stride share a grid."""
    centres = anchors(192, (8, 16, 16, 16))
    cell = 1 / 24
    np.testing.assert_allclose(centres[:4], [[cell / 2] * 2] * 2 + [[cell * 1.5, cell / 2]] * 2, rtol=1e-6)
    np.testing.assert_allclose(centres[48], [cell / 2, cell * 1.5], rtol=1e-6)
    np.testing.assert_allclose(centres[24 * 24 * 2 : 24 * 24 * 2 + 6], [[1 / 24] * 2] * 6, rtol=1e-6)
    np.testing.assert_allclose(centres[24 * 24 * 2 + 6], [3 / 24, 1 / 24], rtol=1e-6)
    np.testing.assert_allclose(centres[-1], [23 / 24, 23 / 24], rtol=1e-6)


def test_the_last_cell_may_hang_over_the_edge() -> None:
    assert len(anchors(20, (8,))) == 3 * 3 * 2


# From raw values to boxes


def test_values_are_pixels_off_the_anchor() -> None:
    raw = np.array([[20, -10, 40, 80, 0, 0, -100, 50]], np.float32)
    decoded = decode(raw, np.array([[0.5, 0.25]], np.float32), 200)
    expected = [[0.5, 0.0], [0.7, 0.4], [0.5, 0.25], [0.0, 0.5]]  # centre 0.6, 0.2; 0.2 wide, 0.4 high
    np.testing.assert_allclose(decoded, [expected], atol=1e-7)


def test_logits_of_any_size_become_probabilities() -> None:
    """Without a warning: what the networks say of an empty crop goes below −100."""
    logits = np.array([-1e9, -112.6, -89, -1, 0, 1, 89, 1e9], np.float32)
    sure = chances(logits)
    np.testing.assert_allclose(sure[3:6], [1 / (1 + math.e), 0.5, math.e / (1 + math.e)])
    assert ((sure >= 0) & (sure <= 1)).all()
    assert (np.diff(sure) >= 0).all()
    assert sure[2] < 1e-30


# Merging


def test_boxes_of_one_thing_are_averaged_by_their_scores() -> None:
    points = np.array(
        [box(0.30, 0.5, 0.2, 0.2, (0.3, 0.4)), box(0.34, 0.5, 0.2, 0.2, (0.38, 0.44))], np.float32
    )
    ((merged, score),) = merge(points, np.array([0.6, 0.9]))
    # 0.04 apart: (0.2 - 0.04) / (0.2 + 0.04) overlap; weights 0.4 and 0.6
    np.testing.assert_allclose(
        merged, [[0.224, 0.4], [0.424, 0.6], [0.4 * 0.3 + 0.6 * 0.38, 0.4 * 0.4 + 0.6 * 0.44]], atol=1e-6
    )
    assert score == 0.9
    assert merged.dtype == np.float32


def test_boxes_of_two_things_stay_two_the_surest_first() -> None:
    apart = 0.2 * (1 - 0.25) / (1 + 0.25)  # a quarter of what both cover is shared
    points = np.array([box(0.3, 0.5, 0.2, 0.2), box(0.3 + apart, 0.5, 0.2, 0.2)], np.float32)
    merged = merge(points, np.array([0.7, 0.8]))
    assert [score for _, score in merged] == [0.8, 0.7]
    np.testing.assert_array_equal(merged[0][0], points[1])
    np.testing.assert_array_equal(merged[1][0], points[0])


def test_overlap_counts_from_the_surest_box_not_from_the_average() -> None:
    """Three in a row, each over its neighbour: the middle one takes both."""
    points = np.array([box(0.3 + 0.08 * place, 0.5, 0.2, 0.2) for place in range(3)], np.float32)
    assert len(merge(points, np.array([0.6, 0.9, 0.7]))) == 1
    assert len(merge(points, np.array([0.9, 0.6, 0.7]))) == 2


def test_what_is_unlikely_is_left_out_and_does_not_weigh() -> None:
    points = np.array([box(0.3, 0.5, 0.2, 0.2), box(0.32, 0.5, 0.2, 0.2)], np.float32)
    assert merge(points, np.array([0.49, 0.2])) == []
    ((merged, _),) = merge(points, np.array([0.49, 0.9]))
    np.testing.assert_array_equal(merged, points[1])


def test_boxes_without_area_do_not_hold_it_up() -> None:
    points = np.array([box(0.3, 0.5, 0, 0), box(0.3, 0.5, 0, 0), box(0.3, 0.5, -0.1, 0.1)], np.float32)
    assert len(merge(points, np.array([0.9, 0.8, 0.7]))) == 3
    assert merge(points[:0], np.zeros(0)) == []


@given(data=st.data())
def test_merged_boxes_lie_among_those_they_are_made_of(data: st.DataObject) -> None:
    part = st.floats(0.2, 0.8)
    raw = data.draw(st.lists(st.tuples(part, part, st.floats(0.05, 0.4), part), min_size=1, max_size=12))
    points = np.array([box(x, y, side, side) for x, y, side, _ in raw], np.float32)
    scores = np.array([score for *_, score in raw])
    merged = merge(points, scores)
    assert bool(merged) == bool((scores >= 0.5).any())
    assert [score for _, score in merged] == sorted((score for _, score in merged), reverse=True)
    likely = points[scores >= 0.5]
    for corners, score in merged:
        assert score in scores
        assert (corners >= likely.min(axis=0) - 1e-6).all()
        assert (corners <= likely.max(axis=0) + 1e-6).all()


# Detectors in a picture


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (200, 200)])
def test_a_detection_is_where_the_thing_is_in_the_picture(size: tuple[int, int]) -> None:
    one = person(Place(size[0] / 2, size[1] * 0.6, min(size) / 7, 0.3))
    scene = Scene([[one]], size)
    assert one.body is not None
    (body,) = detect(BODY_DETECTOR, scene.image(0), Region.whole(size), scene)
    np.testing.assert_allclose(body.keypoints, one.body[[33, 34, 11, 12], :2], atol=1e-3)
    palms = detect(PALM_DETECTOR, scene.image(0), Region.whole(size), scene)
    wrists = sorted(hand.points[0, 0] for hand in one.hands if hand)
    np.testing.assert_allclose(sorted(palm.keypoints[0, 0] for palm in palms), wrists, atol=1e-3)
    assert body.score == pytest.approx(1 / (1 + math.exp(-3)))


@pytest.mark.parametrize("angle", [-2.5, -0.6, 0.0, 1.0, 3.0])
def test_a_turned_region_turns_its_boxes(angle: float) -> None:
    """Key points come back to the picture, the box keeps the region's angle."""
    one = person(Place(320, 300, 60, angle))
    scene = Scene([[one]])
    assert one.marks is not None
    x, y = one.marks.mean(axis=0)
    (face,) = detect(FACE_DETECTOR, scene.image(0), Region(x + 5, y - 3, 90, 90, angle), scene)
    np.testing.assert_allclose(face.keypoints, one.marks, atol=1e-3)
    assert face.box.angle == angle
    corners = face.box.from_picture(one.marks)
    np.testing.assert_allclose([corners.min(axis=0), corners.max(axis=0)], [[0, 0], [1, 1]], atol=1e-3)


@pytest.mark.parametrize("graph", COUNTS, ids=lambda graph: graph.name)
def test_nothing_is_found_where_nothing_is(graph: Graph) -> None:
    scene = Scene([[Person()]])
    assert detect(graph, scene.image(0), Region.whole((640, 480)), scene) == []
