"""Single-shot detectors: from their raw outputs to boxes with key points.

Sources: Liu et al., "SSD: Single Shot MultiBox Detector" (anchors); Bazarevsky et al., "BlazeFace",
arXiv:1907.05047 (one anchor size, boxes that are averaged instead of suppressed).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.tracking.graphs import BODY_DETECTOR, FACE_DETECTOR, PALM_DETECTOR, Graph, Look
from accessify.tracking.regions import Points, Region

STRIDES = {
    BODY_DETECTOR: (8, 16, 32, 32, 32),
    PALM_DETECTOR: (8, 16, 16, 16),
    FACE_DETECTOR: (8, 16, 16, 16),
}
"""Pixels between the cells of each layer; each cell has two anchors a layer."""
LEAST_SCORE = 0.5
SAME_BOX = 0.3
"""Intersection over union above which two boxes are of one thing."""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """Something found in a picture."""

    score: float
    """0 to 1."""
    box: Region
    """In pixels."""
    keypoints: Points
    """Shape [n, 2], pixels; what they are depends on the detector."""


def detect(graph: Graph, image: NDArray[np.uint8], region: Region, look: Look) -> list[Detection]:
    """Everything the detector `graph` finds inside `region`, the likeliest first."""
    boxes, scores = look(graph, image, region)
    raw = decode(boxes.reshape(-1, boxes.shape[-1]), anchors(graph.size, STRIDES[graph]), graph.size)
    merged = merge(raw, chances(scores.reshape(-1)))
    return [_placed(points, score, region) for points, score in merged]


@cache
def anchors(size: int, strides: tuple[int, ...]) -> NDArray[np.float32]:
    """Centres [n, 2] of all anchors in units of the picture's side, in the order of the outputs.

    Neighbouring layers of equal stride are one grid with more anchors in each cell.
    """
    grids = []
    for stride in dict.fromkeys(strides):
        cells = -(-size // stride)
        ys, xs = np.mgrid[:cells, :cells]
        centres = (np.stack([xs, ys], axis=-1).reshape(-1, 2) + 0.5) / cells
        grids.append(np.repeat(centres, 2 * strides.count(stride), axis=0))
    return np.concatenate(grids).astype(np.float32)


def decode(boxes: NDArray[np.float32], centres: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Raw boxes [n, 4 + 2k] (centre, size, key points) in pixels off their anchors → [n, 2 + k, 2] in
    units of the crop's side: two corners, then the key points.
    """
    values = boxes.reshape(len(boxes), -1, 2) / np.float32(size)
    points = np.concatenate([values[:, :1] + centres[:, None], values[:, 2:] + centres[:, None]], axis=1)
    half = values[:, 1] / 2
    corners = np.stack([points[:, 0] - half, points[:, 0] + half], axis=1)
    return np.concatenate([corners, points[:, 1:]], axis=1)


def merge(points: NDArray[np.float32], scores: NDArray[np.float64]) -> list[tuple[Points, float]]:
    """Non-maximum suppression by averaging: points [n, 2 + k, 2] of one thing become one, weighted by
    their scores; those under `LEAST_SCORE` are left out, and those that are not numbers.
    """
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= LEAST_SCORE]
    order = order[np.isfinite(points[order]).all(axis=(1, 2))]
    points, scores = points[order], scores[order]
    merged: list[tuple[Points, float]] = []
    while len(points):
        same = _overlaps(points[0, :2], points[:, :2]) > SAME_BOX
        same[0] = True  # a box without area overlaps nothing, not even itself
        weights = scores[same] / scores[same].sum()
        merged.append((np.einsum("n,nkd->kd", weights, points[same]).astype(np.float32), float(scores[0])))
        points, scores = points[~same], scores[~same]
    return merged


def _overlaps(box: Points, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box [2, 2] (corners) with each of [n, 2, 2]."""
    sides = np.minimum(box[1], boxes[:, 1]) - np.maximum(box[0], boxes[:, 0])
    shared = np.clip(sides, 0, None).prod(axis=1)
    areas = np.clip(boxes[:, 1] - boxes[:, 0], 0, None).prod(axis=1)
    union = areas + np.clip(box[1] - box[0], 0, None).prod() - shared
    quotient: NDArray[np.float32] = shared / np.maximum(union, np.float32(1e-12))
    return quotient


def chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits of any size as probabilities; float32 overflows below −88, which the networks do give."""
    sure: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -100, 100)))
    return sure


def _placed(points: Points, score: float, region: Region) -> Detection:
    """In the picture; the box is turned as `region` is."""
    width, height = (points[1] - points[0]).astype(float)
    placed = region.to_picture(np.concatenate([points[:2].mean(axis=0, keepdims=True), points[2:]]))
    x, y = placed[0].astype(float)
    return Detection(
        score, Region(x, y, width * region.width, height * region.height, region.angle), placed[1:]
    )
