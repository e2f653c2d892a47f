"""Inside the mouth: two rows of teeth, the tongue, and the dark bag behind the lips.

Millimetres in the axes of `head_field`, the whole mouth, left and right.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.eyes import Piece
from accessify.avatar.fields import step
from accessify.avatar.head_field import MOUTH_LINE
from accessify.avatar.head_skin import Net, net_normals

Array = NDArray[np.float64]

TOOTH = np.array([0.82, 0.78, 0.68])
GUM = np.array([0.48, 0.17, 0.15])
TONGUE = np.array([0.50, 0.16, 0.15])
INSIDE = np.array([0.23, 0.055, 0.05])
_WIDTHS = (8.6, 6.8, 7.6, 7.0, 6.9)
"""Millimetres of each upper tooth from the middle outwards: incisors, canine, premolars (means of
J. D. Wheeler's "Dental anatomy"); lower ones are a little narrower."""


def teeth(upper: bool) -> Piece:
    """One row of teeth with its gum, both halves."""
    widths = np.array(_WIDTHS) * (1.0 if upper else 0.86)
    ends = np.concatenate([[0.0], np.cumsum(widths)])
    along, bulge = [], []
    for start, end in itertools.pairwise(ends):
        share = np.array([0.03, 0.25, 0.5, 0.75, 0.97])
        along.append(start + (end - start) * share)
        bulge.append(1 - (2 * share - 1) ** 4)
    half, round_ = np.concatenate(along), np.concatenate(bulge)
    s, round_ = np.concatenate([-half[::-1], half]), np.concatenate([round_[::-1], round_])
    front, down = (92.0, -1.0) if upper else (89.5, 1.0)
    angle = s / 24.0
    x, z = 20.5 * np.sin(angle), front - 25.0 * (1 - np.cos(angle))
    out = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=-1)
    start = -56.5 if upper else -71.5
    points, normals, colors = [], [], []
    profile = (
        (-4.0, -1.0, 0.0),
        (0.0, 0.2, 0.0),
        (0.2, 0.1, 1.0),
        (4.5, 0.75, 1.0),
        (8.0, 0.35, 1.0),
        (8.2, -1.6, 1.0),
    )
    for height, forward, enamel in profile:
        reach = height * (1 - 0.05 * (1 - round_)) if height > 4 else height
        y = start + down * (reach - 0.0) + 0.006 * s * s * (1 if upper else 0.4)
        points.append(np.column_stack([x, y, z]) + out * (forward + 0.55 * round_ - 0.55)[:, None])
        tilt = out + np.array([0.0, down, 0.0]) * (0.9 if height > 8 else 0.1)
        normals.append(tilt / np.linalg.norm(tilt, axis=1, keepdims=True))
        tone = (
            np.where(round_ < 0.4, 0.72, 1.0)[:, None] * TOOTH * (1 - 0.62 * step(np.abs(x), 7, 19))[:, None]
        )
        colors.append(tone if enamel else np.tile(GUM, (len(s), 1)))
    triangles = _grid(len(profile), len(s), flip=upper)
    every = np.vstack(points)
    return Piece(every, triangles, np.vstack(normals), np.vstack(colors), every)


def _grid(rows: int, count: int, *, flip: bool) -> NDArray[np.int64]:
    here = np.arange(count - 1)
    found = []
    for row in range(rows - 1):
        a, b = row * count + here, (row + 1) * count + here
        found += [np.stack([a, a + 1, b + 1], axis=-1), np.stack([a, b + 1, b], axis=-1)]
    triangles = np.vstack(found)
    return triangles[:, ::-1].copy() if flip else triangles


def tongue() -> Piece:
    """Lying on the floor of the mouth behind the lower teeth, a shallow furrow along it."""
    rows, count = 10, 14
    v = np.linspace(0.0, np.pi, rows)[:, None]
    u = (np.arange(count) / count * 2 * np.pi)[None]
    x = 17.5 * np.sin(v) ** 0.8 * np.cos(u)
    y = 6.0 * np.sin(v) ** 0.7 * np.sin(u) * (1 - 0.25 * np.exp(-((x / 4.0) ** 2)) * (np.sin(u) > 0))
    z = 24.0 * np.cos(v) + 0 * u
    points = np.stack([x, y - 69.0 + 0.004 * (z - 20) ** 2 * 0.5, z + 64.0], axis=-1).reshape(-1, 3)
    number = np.arange(rows * count).reshape(rows, count)
    after = np.roll(number, -1, axis=1)
    a, b, c, d = (part.reshape(-1) for part in (number[:-1], number[1:], after[1:], after[:-1]))
    triangles = np.vstack([np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)])
    shade = np.clip(1 - 0.25 * (1 - np.cos(v)) + 0 * u, 0.4, 1).reshape(-1, 1)
    return Piece(points, triangles, net_normals(points, triangles), TONGUE * shade, points)


def bag(skin: Net) -> tuple[Piece, NDArray[np.int8]]:
    """The inside of the cheeks and throat, from the innermost loop of the lips back; and which lip each
    point goes with, as in `Net.lip`.
    """
    loop = np.flatnonzero(skin.loop == -3)
    order = _around(skin, loop)
    rim = skin.points[order] + np.array([0.0, 0.0, 1.2])
    up = skin.lip[order].astype(np.float64)
    count = len(order)
    rows = [rim]
    taper = np.sqrt(np.clip(1 - (rim[:, 0] / 25.5) ** 2, 0, 1))
    for back, high, wide in (
        (2.0, 6.0, 0.98),
        (10.0, 13.0, 1.05),
        (28.0, 15.0, 1.05),
        (52.0, 11.0, 0.8),
        (84.0, 1.0, 0.1),
    ):
        x = rim[:, 0] * wide
        y = MOUTH_LINE - 1 + up * high * taper
        z = 93.0 - back - 0.012 * x * x
        rows.append(np.column_stack([x, y, z]))
    points = np.vstack([*rows, rows[-1].mean(axis=0)[None]])
    number = np.arange(len(points) - 1).reshape(-1, count)
    after = np.roll(number, -1, axis=1)
    a, b, c, d = (part.reshape(-1) for part in (number[:-1], number[1:], after[1:], after[:-1]))
    triangles = np.vstack([np.stack([a, c, b], axis=-1), np.stack([a, d, c], axis=-1)])
    end = np.stack([number[-1], np.full(count, len(points) - 1), after[-1]], axis=-1)
    triangles = np.vstack([triangles, end])
    depth = np.append(np.repeat([1.0, 0.85, 0.55, 0.25, 0.1, 0.05], count), 0.05)[:, None]
    anchors = np.vstack([skin.anchors[order], skin.anchors[order], points[2 * count :]])
    normals = -net_normals(points, triangles[:, ::-1])
    piece = Piece(points, triangles, normals, INSIDE * depth, anchors)
    return piece, np.append(np.tile(skin.lip[order], len(rows)), 0).astype(np.int8)


def _around(skin: Net, loop: NDArray[np.int64]) -> NDArray[np.int64]:
    """The loop's points in order: lower lip from right to left, then upper from left to right."""
    lower, upper = loop[skin.lip[loop] < 0], loop[skin.lip[loop] > 0]
    ends = loop[skin.lip[loop] == 0]
    x = skin.points[:, 0]
    left, right = ends[np.argmax(x[ends])], ends[np.argmin(x[ends])]
    lower, upper = lower[np.argsort(x[lower])], upper[np.argsort(-x[upper])]
    return np.concatenate([[right], lower, [left], upper])
