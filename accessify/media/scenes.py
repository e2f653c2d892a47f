"""Six calm scenes for the sample film, drawn from formulas; the lower third stays quiet for captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi

import numpy as np

from accessify.media.layers import (
    HEIGHT,
    WIDTH,
    Color,
    Field,
    Layer,
    Point,
    canvas,
    gradient,
    layer,
    paint,
    ramp,
)

Scene = Callable[[], Sequence[Layer]]
"""Draws a scene's layers, back to front."""

WIDE = WIDTH + 320
"""Pixels across a layer that slides by at most 320 pixels."""


def dawn() -> Sequence[Layer]:
    """The sun over hills in mist."""
    x, y = canvas(WIDE, HEIGHT)
    sky = gradient(
        y + 0 * x,
        [(0, (58, 84, 140)), (230, (196, 142, 150)), (380, (252, 190, 128)), (470, (255, 222, 170))],
    )
    distance = np.hypot(x - 860, y - 345)
    paint(sky, (255, 214, 150), 0.55 * np.exp(-((distance / 210) ** 2)).astype(np.float32))
    paint(sky, (255, 246, 222), ramp(distance, 62, 59))
    hills = [
        _hill(380, (60, 410, 0.3), (24, 150, 2.0), (206, 140, 128), dx=-0.25),
        _hill(430, (52, 520, 1.9), (16, 190, 0.4), (140, 96, 112), dx=-0.5),
        _hill(500, (40, 640, 4.2), (12, 170, 1.0), (70, 58, 88), dx=-1.0),
    ]
    return [layer(sky, drift=(-0.125, 0)), *hills]


def _hill(
    top: int, broad: tuple[float, float, float], fine: tuple[float, float, float], color: Color, dx: float
) -> Layer:
    """A ridge line of two waves (height, length, phase) over mist that thickens downwards."""
    x, y = canvas(WIDE, HEIGHT - top + 100)
    ridge = 100 - sum(size * np.sin(2 * pi * x / length + phase) for size, length, phase in (broad, fine)) / 2
    dark: Color = (color[0] * 0.55, color[1] * 0.55, color[2] * 0.65)
    body = gradient(y - ridge, [(0, color), (260, dark)])
    return layer(body, ramp(y - ridge, -0.8, 0.8), at=(0, top - 100), drift=(dx, 0))


def city() -> Sequence[Layer]:
    """Towers at night, some windows lit, headlights along the quay."""
    x, y = canvas(WIDE, HEIGHT)
    sky = gradient(y + 0 * x, [(0, (10, 14, 34)), (330, (34, 38, 78)), (480, (78, 62, 96))])
    moon = np.hypot(x - 420, y - 110)
    paint(sky, (120, 130, 170), 0.5 * np.exp(-((moon / 90) ** 2)).astype(np.float32))
    paint(sky, (236, 236, 222), ramp(moon, 34, 32))
    quay = gradient(canvas(WIDE, 240)[1] + 0 * x, [(0, (30, 28, 44)), (6, (18, 18, 30)), (240, (8, 9, 18))])
    cars = [_headlight((255, 232, 190), (left, 486), 1.5) for left in (-560, -210, 90, 420, 860)] + [
        _headlight((220, 60, 50), (left, 506), -1.2) for left in (260, 640, 980, 1430)
    ]
    return [
        layer(sky, drift=(-0.1, 0)),
        _towers(3, (44, 90), (150, 300), (30, 32, 60), dx=-0.35),
        _towers(11, (70, 130), (70, 230), (14, 15, 30), dx=-0.75),
        layer(quay, at=(0, 480)),
        *cars,
    ]


def _towers(seed: int, widths: tuple[int, int], heights: tuple[int, int], color: Color, dx: float) -> Layer:
    random = np.random.default_rng(seed)
    picture = np.empty((320, WIDE, 3), np.float32)
    picture[:] = color
    cover = np.zeros((320, WIDE), np.float32)
    left = 0
    while left < WIDE:
        width, height = int(random.integers(*widths)), int(random.integers(*heights))
        right = min(WIDE, left + width - int(random.integers(0, 14)))
        cover[320 - height :, left:right] = 1
        lit = random.random((height // 16, max(1, (right - left) // 14))) < 0.24
        for row, column in np.argwhere(lit):
            top, start = 320 - height + 8 + 16 * row, left + 5 + 14 * column
            if start + 7 < right:
                picture[top : top + 8, start : start + 7] = (238, 196 + 20 * ((row + column) % 3), 128)
        left += width
    return layer(picture, cover, at=(0, 166), drift=(dx, 0))


def _headlight(color: Color, at: Point, dx: float) -> Layer:
    x, y = canvas(60, 20)
    glow = np.exp(-(((x - 30) / 13) ** 2) - ((y - 10) / 4) ** 2).astype(np.float32)
    picture = np.empty((20, 60, 3), np.float32)
    picture[:] = color
    return layer(picture, 0.9 * glow, at, (dx, 0))


def balloons() -> Sequence[Layer]:
    """Hot-air balloons over fields on a bright morning."""
    x, y = canvas(WIDE, HEIGHT)
    sky = gradient(y + 0 * x, [(0, (116, 176, 226)), (480, (214, 234, 242))])
    random = np.random.default_rng(5)
    for _ in range(26):
        centre, height = random.random() * WIDE, 60 + 300 * random.random()
        size = 60 + 90 * random.random()
        puff = np.exp(-(((x - centre) / size) ** 2) - ((y - height) / (size * 0.26)) ** 2)
        paint(sky, (255, 255, 255), (0.5 * puff).astype(np.float32))
    fields = [
        _hill(452, (20, 700, 0.0), (6, 210, 1.0), (150, 190, 120), dx=-0.3),
        _hill(520, (24, 560, 2.2), (8, 260, 0.0), (96, 150, 86), dx=-0.6),
    ]
    reds: tuple[Color, Color] = ((214, 72, 60), (246, 214, 150))
    blues: tuple[Color, Color] = ((50, 98, 160), (240, 240, 236))
    golds: tuple[Color, Color] = ((232, 160, 48), (150, 60, 90))
    return [
        layer(sky, drift=(-0.25, 0)),
        _balloon(52, blues, at=(960, 190), drift=(-0.18, -0.12)),
        fields[0],
        _balloon(74, golds, at=(610, 120), drift=(0.22, -0.15)),
        _balloon(110, reds, at=(180, 110), drift=(0.35, -0.2)),
        fields[1],
    ]


def _balloon(radius: int, colors: tuple[Color, Color], at: Point, drift: Point) -> Layer:
    x, y = canvas(2 * radius + 8, 3 * radius)
    across, down = (x - radius - 4) / radius, (y - radius - 4) / radius
    narrow = np.where(down > 0, 1 - 0.42 * np.clip(down, 0, 1.3) ** 1.6, 1)
    inside = np.hypot(across / narrow, np.where(down > 0, down / 1.3, down))
    stripes = np.sin(5.5 * pi * across / np.maximum(narrow * np.sqrt(np.clip(1 - down**2, 0.05, 1)), 0.2))
    picture = np.empty((3 * radius, 2 * radius + 8, 3), np.float32)
    picture[:] = colors[0]
    paint(picture, colors[1], ramp(stripes.astype(np.float32), -0.15, 0.15))
    paint(picture, (20, 20, 40), (0.4 * ramp(across + 0.3 * down + 0 * y, -0.1, 1.2)).astype(np.float32))
    cover = ramp(inside, 1.0, 1.0 - 2.5 / radius)
    basket = (np.abs(across) < 0.13) & (down > 1.5) & (down < 1.75)
    ropes = (np.abs(np.abs(across) - 0.13) < 1.2 / radius) & (down > 1.2) & (down < 1.5)
    picture[basket] = (96, 64, 40)
    picture[ropes] = (70, 60, 60)
    return layer(picture, np.maximum(cover, (basket | ropes).astype(np.float32)), at, drift)


def stage() -> Sequence[Layer]:
    """A theatre's curtain; a spotlight wanders across it."""
    x, y = canvas(WIDTH, HEIGHT)
    folds = np.sin(2 * pi * x / 74 + 0.8 * np.sin(2 * pi * x / 410)) * 0.5 + 0.5
    curtain = gradient(folds + 0 * y, [(0, (96, 10, 24)), (0.6, (176, 26, 40)), (1, (216, 60, 62))])
    floor = ramp(y + 0 * x, 508, 512)
    boards = np.abs(((x - 640) / (y - 300 + 1e-3) * 6) % 1 - 0.5) * 2
    paint(curtain, gradient(boards, [(0, (70, 42, 26)), (0.1, (122, 78, 46)), (1, (132, 86, 52))]), floor)
    x, y = canvas(WIDTH + 700, HEIGHT + 200)
    spot = np.hypot((x - 990) / 1.0, (y - 400) / 0.92)
    shade = np.zeros((HEIGHT + 200, WIDTH + 700, 3), np.float32)
    shade[:] = (8, 3, 10)
    darkness = 0.88 - 0.82 * ramp(spot, 320, 190) - 0.06 * ramp(spot, 700, 200)
    return [layer(curtain), layer(shade, darkness.astype(np.float32), at=(-600, -100), drift=(2.0, 0.1))]


def sea() -> Sequence[Layer]:
    """Waves at noon, one behind the other."""
    x, y = canvas(WIDE, HEIGHT)
    sky = gradient(y + 0 * x, [(0, (150, 214, 220)), (240, (236, 244, 226))])
    tones: list[Color] = [(126, 204, 200), (84, 176, 184), (48, 142, 164), (24, 106, 140), (14, 76, 112)]
    waves = []
    for index, tone in enumerate(tones):
        top, height = 170 + 72 * index, 14 + 5 * index
        x, y = canvas(WIDE + 320, HEIGHT - top + 60)
        length = 230 + 60 * index
        crest = (
            60 - height * np.sin(2 * pi * x / length) - 0.35 * height * np.sin(2 * pi * x / length * 2 + 1)
        )
        light: Color = (min(255, tone[0] + 50), min(255, tone[1] + 36), min(255, tone[2] + 30))
        body = gradient(
            y - crest, [(0, light), (10, tone), (200, (tone[0] * 0.7, tone[1] * 0.75, tone[2] * 0.8))]
        )
        speed = (-1) ** index * (0.5 + 0.2 * index)
        waves.append(layer(body, ramp(y - crest, -0.8, 0.8), at=(-300, top - 60), drift=(speed, 0)))
    return [layer(sky), *waves]


def night() -> Sequence[Layer]:
    """Stars over a mountain camp, a tent lit from inside."""
    x, y = canvas(WIDE, HEIGHT)
    sky = gradient(y + 0 * x, [(0, (8, 10, 30)), (420, (26, 34, 74)), (560, (52, 62, 100))])
    band = (y - 60 - 0.28 * x) / 110
    paint(sky, (120, 110, 160), (0.35 * np.exp(-(band**2))).astype(np.float32))
    random = np.random.default_rng(3)
    for _ in range(620):
        column, row = int(random.random() * (WIDE - 2)), int(random.random() * 470)
        bright = 0.25 + 0.75 * random.random() ** 3
        sky[row : row + 2, column : column + 2] += bright * np.float32(190)
    ridge = _hill(430, (90, 620, 0.6), (26, 140, 0.2), (20, 24, 46), dx=-0.4)
    return [
        layer(np.minimum(sky, 255), drift=(-0.2, 0)),
        ridge,
        _tent(at=(760, 446), drift=(-0.7, 0)),
        _meadow(),
    ]


def _tent(at: Point, drift: Point) -> Layer:
    x, y = canvas(260, 130)
    slope = np.abs(x - 130) - (y - 14) * 0.95
    inside: Field = np.exp(-(((x - 130) / 62) ** 2) - ((y - 100) / 58) ** 2).astype(np.float32)
    picture = gradient(inside, [(0, (96, 44, 20)), (1, (255, 204, 110))])
    paint(picture, (70, 34, 18), ramp(np.abs(x - 130) + 0 * y, 2.2, 1.2))
    return layer(picture, ramp(slope.astype(np.float32), 0.8, -0.8) * (y > 14), at, drift)


def _meadow() -> Layer:
    return _hill(556, (14, 800, 1.0), (4, 90, 0.0), (14, 18, 26), dx=-0.7)


SCENES: tuple[Scene, ...] = (dawn, city, balloons, stage, sea, night)
"""In the order of the film; each differs enough in brightness from its neighbours to be seen as a cut."""
