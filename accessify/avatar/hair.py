"""A short, soft haircut with a side parting: a cap on the scalp and locks that lie over each other on it.

Each lock is a flattened, pointed tube along a line that follows the way the hair falls; its strands are
stripes of colour along it. Face, brows and the front of the ears stay free. Millimetres in the axes of
`head_field`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.eyes import Piece
from accessify.avatar.head_chart import SPAN, hairline, on_skin
from accessify.avatar.head_skin import net_normals

Array = NDArray[np.float64]

BRIGHTEST = 1.35
"""How much brighter than the hair's own colour its brightest strand is."""
_PART = 24.0
"""Degrees of longitude to the figure's left at which the parting meets the forehead."""


def _volume(way: Array) -> Array:
    """How far the hair stands out from the scalp, millimetres, for directions [n, 3]."""
    x, y, z = way.T
    top = np.clip(y, 0, 1) ** 1.5
    quiff = np.exp(-(((x + 0.12) / 0.42) ** 2) - ((z - 0.62) / 0.30) ** 2) * np.clip(y, 0, 1)
    back = np.clip(-z, 0, 1) * np.clip(y + 0.5, 0, 1)
    return np.asarray(4.5 + 7.0 * top + 7.0 * quiff + 5.0 * back)


def _skin_at(way: Array) -> Array:
    """The scalp in directions [n, 3] from the middle of the head."""
    flat = np.stack([np.arctan2(way[:, 0], way[:, 2]), np.arcsin(np.clip(way[:, 1], -1, 1))], axis=-1)
    return on_skin((flat * SPAN).astype(np.float32)).astype(np.float64)


def _way(longitude: Array, latitude: Array) -> Array:
    level = np.cos(latitude)
    return np.stack([level * np.sin(longitude), np.sin(latitude), level * np.cos(longitude)], axis=-1)


def _flow(way: Array) -> Array:
    """Which way the hair falls, unit vectors along the scalp, for directions [n, 3]."""
    x, _, z = way.T
    side = np.tanh((x - np.sin(np.radians(_PART)) * np.clip(z + 0.3, 0.2, 1)) * 6)
    across = np.stack(
        [side * (1.1 - x * x), -0.25 - 1.3 * x * x, 0.30 * np.clip(z, 0, 1) - 0.75 * x * x], axis=-1
    )
    down = np.stack([0.35 * x, -1.0 + 0 * x, -0.35 + 0 * x], axis=-1)
    behind = np.clip((-z - 0.05) / 0.5, 0, 1)[:, None]
    flow = across * (1 - behind) + down * behind
    flow -= way * (flow * way).sum(axis=1, keepdims=True)
    return np.asarray(flow / np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-6))


def cap(fineness: float = 1.0) -> tuple[Array, NDArray[np.int64], Array]:
    """What closes the gaps between locks: points, triangles, and how bright each point is."""
    around, up = max(24, round(60 * fineness)), max(7, round(11 * fineness))
    longitude = (np.arange(around) / around * 2 - 1) * np.pi
    edge = hairline(longitude) + 0.05  # locks, not the cap, make the hair's edge
    rows = []
    for share in np.linspace(0, 1, up) ** 1.1:
        latitude = edge + (np.radians(87) - edge) * share
        way = _way(longitude, latitude)
        thick = _volume(way) * min(1.0, 0.9 * float(share) * 5) - 0.8 + min(1.0, float(share) * 6) * 0.5
        rows.append(_skin_at(way) + way * thick[:, None])
    points = np.vstack([*rows, rows[-1].mean(axis=0)[None] + [0, 0.6, 0]])
    number = np.arange(up * around).reshape(up, around)
    after = np.roll(number, -1, axis=1)
    a, b, c, d = (part.reshape(-1) for part in (number[:-1], after[:-1], after[1:], number[1:]))
    fan = np.stack([number[-1], after[-1], np.full(around, len(points) - 1)], axis=-1)
    triangles = np.vstack([np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1), fan])
    stripes = 0.62 + 0.16 * np.sin(np.arange(around) * 2.4) * np.cos(np.arange(around) * 1.1)
    return points, triangles, np.append(np.tile(stripes, up), 0.6)


_ROWS = (
    # latitude, first and last longitude, locks, length, width
    (2, 120, 240, 13, 52, 14),
    (20, 106, 254, 14, 54, 17),
    (34, 92, 268, 16, 56, 17),
    (50, 76, 284, 16, 66, 18),
    (51, 48, 70, 4, 34, 12),
    (51, 290, 312, 4, 34, 12),
    (64, 62, 298, 15, 72, 19),
    (78, 66, 312, 10, 74, 20),
)
"""Rows of locks, the lowest first: those that start higher lie over them."""


_FRINGE: tuple[tuple[float, float], ...] = (
    *((34, 52), (36, 50), (39, 48.5), (31, 49.5), (28, 48)),
    *((19, 51), (16, 49), (12.0, 47.5), (20, 47.5), (6, 48.5), (-6, 49), (-18, 48), (-30, 49)),
)
"""(longitude, latitude) in degrees of the roots of locks that cover the edge over the forehead."""


def _roots(generator: np.random.Generator) -> list[tuple[Array, float, float, float]]:
    """Direction of the root, length, width in millimetres and lift (0 to 1) of each lock."""
    found = []
    for latitude, first, last, count, length, width in _ROWS:
        for longitude in np.linspace(first, last, count):
            shake = generator.uniform(-1, 1, 4)
            way = _way(np.radians(longitude + 3 * shake[0]), np.radians(latitude + 3 * shake[1]))
            found.append((way, length * (1 + 0.15 * shake[2]), width * (1 + 0.1 * shake[3]), 0.0))
    for around, height in _FRINGE:
        way = _way(np.radians(np.array(around)), np.radians(np.array(height)))
        found.append((way, 58 + 8 * generator.uniform(-1, 1), 15.0, 0.8))
    for share in np.linspace(0, 1, 8):  # the short side of the parting
        shake = generator.uniform(-1, 1, 2)
        way = _way(np.radians(_PART + 8 + 16 * share**2), np.radians(88 - 38 * share))
        found.append((way, 56 - 18 * share + 4 * shake[0], 15.0, 0.4))
    for share in np.linspace(0, 1, 10):  # from the parting to the other side, forehead last
        for lane in range(3):
            shake = generator.uniform(-1, 1, 3)
            latitude = 88 - 38 * share + 2 * shake[0]
            longitude = _PART - 7 - 20 * lane * share**0.5 + 3 * shake[1]
            way = _way(np.radians(longitude), np.radians(latitude))
            found.append((way, 64 - 8 * lane + 6 * shake[2], 14.0, 1.0))
    return found


_STEPS = 8
_SECTION = ((-1.0, -0.3), (-0.5, 0.8), (0.5, 0.8), (1.0, -0.3))
"""(across, out) of a lock's section, in shares of half its width and of its height."""
_HIGH = 3.0
"""Millimetres: height of a lock where it is widest."""


def _lock(root: Array, length: float, width: float, lift: float) -> tuple[Array, NDArray[np.int64]]:
    """Points [steps * section, 3] and triangles of one lock from `root` along the flow."""
    step = length / (_STEPS - 1)
    ways, way = [], root[None]
    for _ in range(_STEPS):
        ways.append(way)
        way = way + _flow(way) * (step / 100)
        way = way / np.linalg.norm(way)
    line = np.vstack(ways)
    share = np.linspace(0, 1, _STEPS)
    risen = np.clip(share / 0.3, 0, 1)
    out = _volume(line) * (1 - 0.40 * share**2) - 3.4 + 2.8 * risen * (2 - risen)
    out += lift * 3.0 * np.sin(np.pi * share**0.7)
    spine = _skin_at(line) + line * out[:, None]
    along = np.gradient(spine, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, line)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(across, along)
    swell = np.sin(np.pi * (0.10 + 0.90 * share)) ** 0.7
    half = np.maximum(width / 2 * swell, 0.25)
    section = np.array(_SECTION)
    points = spine[:, None] + across[:, None] * (half[:, None] * section[:, 0])[..., None]
    points = points + up[:, None] * ((_HIGH * swell**0.6)[:, None] * section[:, 1])[..., None]
    count = len(section)
    number = np.arange(_STEPS * count).reshape(_STEPS, count)
    after = np.roll(number, -1, axis=1)
    a, b, c, d = (part.reshape(-1) for part in (number[:-1], number[1:], after[1:], after[:-1]))
    triangles = np.vstack([np.stack([a, c, b], axis=-1), np.stack([a, d, c], axis=-1)])
    return points.reshape(-1, 3), triangles


def hair(fineness: float = 1.0) -> tuple[Piece, NDArray[np.float32]]:
    """The whole haircut, always the same, in shares of the material's colour; and how open to light each
    point is, shape [n], 0 to 1: between locks and at their roots it is darker.
    """
    generator = np.random.default_rng(7)
    points, triangles, bright = cap(fineness)
    every, nets, shades, start = [points], [triangles], [bright], len(points)
    open_ = [np.full(len(points), 0.6)]
    normals = [net_normals(points, triangles)]
    for root, length, width, lift in _roots(generator):
        points, triangles = _lock(root, length, width, lift)
        stripes = generator.uniform(0.72, 1.28, len(_SECTION))
        stripes[[0, -1]] *= 0.62
        share = np.repeat(np.linspace(0, 1, _STEPS), len(_SECTION))
        shades.append(np.tile(stripes, _STEPS) * (0.66 + 0.44 * share) * generator.uniform(0.72, 1.14))
        rim = np.tile([0.5, 1.0, 1.0, 0.5], _STEPS)
        open_.append(rim * (0.62 + 0.38 * np.clip(share / 0.35, 0, 1)))
        every.append(points)
        normals.append(net_normals(points, triangles))
        nets.append(triangles + start)
        start += len(points)
    whole = np.vstack(every)
    colors = np.repeat(np.clip(np.concatenate(shades) / BRIGHTEST, 0, 1)[:, None], 3, axis=1)
    piece = Piece(whole, np.vstack(nets), np.vstack(normals), colors, whole)
    return piece, np.concatenate(open_).astype(np.float32)
