"""Eyeballs with iris, pupil and highlight, lashes along the lids, and eyebrows.

All in millimetres in the axes of `head_field`, of the left side; the right one is the mirror image, but for
the highlight, which both eyes have on the side that the light comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import step
from accessify.avatar.head_chart import seen_from_front
from accessify.avatar.head_field import EYE, EYE_RADIUS
from accessify.core.character import Color

Array = NDArray[np.float64]

IRIS = 7.7
"""Millimetres: radius of the iris, a little larger than life so that the gaze is read."""
PUPIL = 3.2
WHITE: Color = (0.90, 0.88, 0.86)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A small mesh with colours."""

    points: Array
    """Shape [n, 3]."""
    triangles: NDArray[np.int64]
    """Shape [m, 3], counter-clockwise as seen from outside."""
    normals: Array
    """Shape [n, 3]."""
    colors: Array
    """Shape [n, 3], linear."""
    anchors: Array
    """Shape [n, 3]: the place of the skin that each point moves with."""


_RINGS = (0.0, 2.3, 3.1, 3.35, 4.8, 6.4, 7.25, 7.7, 8.05, 9.8, 11.8, 13.4, 14.3)
"""Millimetres from the middle of the pupil, as seen from the front."""


def eyeball(iris: Color, sectors: int = 28) -> Piece:
    """The front half of an eyeball and a little more, about the origin; +z is where it looks."""
    angles = [float(np.arcsin(min(1.0, ring / EYE_RADIUS))) for ring in _RINGS] + [2.0]
    turn = np.arange(sectors) / sectors * 2 * np.pi
    points = [np.array([[0.0, 0.0, 1.0]])]
    for angle in angles[1:]:
        ring = np.stack([np.cos(turn) * np.sin(angle), np.sin(turn) * np.sin(angle)], axis=-1)
        points.append(np.column_stack([ring, np.full(sectors, np.cos(angle))]))
    unit = np.vstack(points)
    number = 1 + np.arange((len(angles) - 1) * sectors).reshape(-1, sectors)
    after = np.roll(number, -1, axis=1)
    quads = [part.reshape(-1) for part in (number[:-1], number[1:], after[1:], after[:-1])]
    a, b, c, d = quads
    cap = np.stack([np.zeros(sectors, np.int64), number[0], after[0]], axis=-1)
    triangles = np.vstack([cap, np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)])
    sides = np.concatenate([[0.0], np.tile(turn, len(angles) - 1)])
    radii = np.concatenate([[0.0], np.repeat([*_RINGS[1:], 16.0], sectors)])
    return Piece(unit * EYE_RADIUS, triangles, unit, _eye_colors(radii, sides, iris), unit * EYE_RADIUS)


def _eye_colors(radii: Array, sides: Array, iris: Color) -> Array:
    """Pupil, iris with rays, a brighter lower half and a dark rim; the white a little warm at its ends."""
    color = np.array(iris)
    rays = 0.88 + 0.12 * np.cos(sides * 14) * np.cos(sides * 9 + 1)
    glow = 1.0 - 0.55 * np.sin(sides)
    inner = np.clip((radii - PUPIL) / (IRIS - PUPIL), 0, 1)
    shades = color * (rays * glow * (1.25 - 0.55 * inner))[:, None]
    shades[radii < PUPIL] = (0.004, 0.004, 0.005)
    shades[(radii >= IRIS - 0.5) & (radii <= IRIS + 0.1)] = color * 0.22
    white = radii > IRIS + 0.1
    ends = np.clip((radii[white] - 10) / 4.3, 0, 1)[:, None]
    shades[white] = np.array(WHITE) * (1 - ends * np.array([0.14, 0.32, 0.34]))
    return np.asarray(shades)


def highlight() -> Piece:
    """A small bright disc on the eyeball, up and to the figure's right, where the light comes from."""
    turn = np.arange(12) / 12 * 2 * np.pi
    flat = np.vstack([[0.0, 0.0], np.stack([np.cos(turn), np.sin(turn)], axis=-1) * 1.35])
    flat += (-2.6, 2.7)
    out = np.sqrt((EYE_RADIUS + 0.18) ** 2 - (flat**2).sum(axis=1))
    points = np.column_stack([flat, out])
    rim = 1 + np.arange(12)
    triangles = np.stack([np.zeros(12, np.int64), rim, np.roll(rim, -1)], axis=-1)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    return Piece(points, triangles, unit, np.ones_like(points), points)


def lashes(edge: Array) -> Piece:
    """A dark band on the edge of the left upper lid, `edge` [n, 3] from its inner to its outer corner;
    longest towards the outer one. Its colours are shares of the material's.
    """
    count = len(edge)
    share = np.linspace(0, 1, count)
    away = edge - EYE
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    fade = np.clip(share * 2.6, 0.12, 1)
    long = (0.9 + 2.0 * share**2) * fade * (1 - 0.35 * step(share, 0.88, 1.0))
    flick = np.stack([0.15 + 0.9 * share**4, 0.75 + 0 * share, 0.55 + 0 * share], axis=-1)
    flick /= np.linalg.norm(flick, axis=1, keepdims=True)
    under = edge - away * 0.75 + np.array([0.0, -0.10, 0.0])
    root = edge + away * 0.22 - np.array([0.0, 0.22, 0.0]) * fade[:, None]
    tip = root + flick * long[:, None]
    above = edge + away * 0.16 + np.array([0.0, 1.4, 0.0]) * fade[:, None]
    points = np.vstack([under, root, tip, above])
    triangles = np.vstack([_strip(row, following, count) for row, following in ((0, 1), (1, 2), (2, 3))])
    normals = np.vstack([away, away, flick, away])
    return Piece(points, triangles, normals, np.ones_like(points), np.vstack([edge] * 4))


def _strip(first: int, second: int, count: int) -> NDArray[np.int64]:
    """Between two rows of `count` points."""
    here = np.arange(count - 1)
    a, b = first * count + here, second * count + here
    return np.vstack([np.stack([a, a + 1, b + 1], axis=-1), np.stack([a, b + 1, b], axis=-1)])


_BROW = (
    (12.0, 21.6, 1.6),
    (16.0, 22.4, 3.5),
    (25.0, 24.4, 3.9),
    (34.0, 26.2, 3.4),
    (43.0, 25.6, 2.5),
    (51.5, 21.4, 0.7),
)
"""(across, height, half of its thickness) along the left eyebrow, inner end first."""


def eyebrow(count: int = 26) -> Piece:
    """The left eyebrow: a soft ridge on the skin with hairs along it, as shares of the material's colour."""
    line = np.array(_BROW)
    share = np.linspace(0, 1, count)
    across, height, half = (
        np.interp(share, np.linspace(0, 1, len(line)), line[:, axis]) for axis in range(3)
    )
    tuft = 0.28 * np.sin(np.arange(count) * 2.4) * np.clip(half / 3.5, 0.2, 1)
    rows = []
    for part, lift in ((-1.0, 0.1), (-0.45, 1.2), (0.35, 1.35), (1.0, 0.1)):
        edge = np.abs(part) == 1
        y = height + part * half + (tuft if edge else 0)
        x = across + part * half * 0.35 + (0.5 * tuft if edge else 0)
        skin = seen_from_front(x.astype(np.float32), y.astype(np.float32)).astype(np.float64)
        rows.append((skin, lift * np.clip(half / 2.5, 0.35, 1)))
    anchors = np.vstack([skin for skin, _ in rows])
    out = np.array([0.25, 0.12, 0.96])
    points = np.vstack([skin + lift[:, None] * out for skin, lift in rows])
    triangles = np.vstack([_strip(row, row + 1, count) for row in range(3)])
    lean = np.repeat([-0.75, -0.25, 0.2, 0.75], count)
    normals = np.column_stack([0.35 + 0 * lean, lean, np.full_like(lean, 0.8)])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    hairs = 0.72 + 0.28 * (np.sin(np.arange(count * 4) * 12.9898) * 43758.5453 % 1.0)
    return Piece(points, triangles, normals, np.repeat(hairs[:, None], 3, axis=1), anchors)
