"""What every expression of the mouth does to the face, as fields of displacement (see `expressions`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.expressions import Move, Places, jaw_share, left_half, opened, spot, vector
from accessify.avatar.fields import bump, step
from accessify.avatar.head_field import MOUTH, MOUTH_LINE, lip_borders, mouth_line

Array = NDArray[np.float64]


_MEET = 0.2
"""Where the lips of an open jaw meet when they close: this share of its way down."""


def _upper(places: Places) -> Array:
    """1 on and above the upper lip, 0 on and below the lower one."""
    x, y = np.abs(places.anchors[:, 0]), places.anchors[:, 1]
    side = step(y - mouth_line(x), -1.5, 1.5)
    return np.asarray(np.where(places.lip > 0, 1.0, np.where(places.lip < 0, 0.0, side)))


def _height(places: Places) -> Array:
    """Where a point lies between the line of the mouth (0) and the border of its lip (1), or beyond."""
    x, y = np.abs(places.anchors[:, 0]), places.anchors[:, 1]
    line = mouth_line(x)
    upper, lower = lip_borders(x)
    return np.asarray(
        np.where(
            y > line, (y - line) / np.maximum(upper - line, 1.5), (line - y) / np.maximum(line - lower, 1.5)
        )
    )


def _lips(places: Places) -> Array:
    """1 on the lips, falling to 0 some way around them."""
    x, y, z = np.abs(places.anchors[:, 0]), places.anchors[:, 1], places.anchors[:, 2]
    away = np.hypot(np.maximum(x - 0.7 * MOUTH, 0) / 1.3, np.maximum(np.abs(y - MOUTH_LINE) - 7, 0))
    return np.asarray((1 - step(away, 0, 15)) * step(z, 20, 62))


def _corner(places: Places, size: tuple[float, float] = (15.0, 14.0)) -> Array:
    """1 at the left corner of the mouth; along the lips it fades towards their middle."""
    x = places.anchors[:, 0]
    return np.asarray(spot(places, (MOUTH + 1, MOUTH_LINE + 1), size) * step(x, -4, MOUTH * 0.95))


def _smile(places: Places) -> Array:
    corner = _corner(places, (13.0, 13.0)) * step(places.anchors[:, 0], 1, MOUTH)
    cheek = spot(places, (39, -35), (14, 12)) * left_half(places)
    eye = spot(places, (33, -17), (16, 5)) * left_half(places) * step(-places.anchors[:, 1], 7, 12)
    fold = spot(places, (33, -49), (4, 11)) * left_half(places)
    middle = spot(places, (8, MOUTH_LINE), (12, 8)) * left_half(places)
    return np.asarray(
        vector(
            9.0 * corner, 9.0 * corner + 4.5 * cheek + 1.6 * eye + 2.2 * middle, -6.0 * corner - 0.8 * middle
        )
        + places.normals * (3.6 * cheek - 1.2 * fold)[:, None]
    )


def _frown(places: Places) -> Array:
    corner = _corner(places)
    chin = spot(places, (10, -85), (14, 8)) * left_half(places)
    fold = spot(places, (29, -73), (4, 8)) * left_half(places)
    return np.asarray(
        vector(0.8 * corner, -9.5 * corner + 2.2 * chin, -2.0 * corner + 1.0 * chin)
        - places.normals * fold[:, None]
    )


def _dimple(places: Places) -> Array:
    corner = _corner(places, (9.0, 9.0))
    return vector(4.5 * corner, 1.0 * corner, -6.0 * corner)


def _stretch(places: Places) -> Array:
    corner = _corner(places, (17.0, 13.0))
    neck = spot(places, (30, -89), (14, 14)) * left_half(places)
    return vector(10.5 * corner + 1.5 * neck, -2.5 * corner - 2.0 * neck, -5.5 * corner)


def _press(places: Places) -> Array:
    """Lips pressed on each other: thinner, flatter, their corners firm."""
    half = left_half(places) * _lips(places)
    toward = mouth_line(np.abs(places.anchors[:, 0])) - places.anchors[:, 1]
    inside = 1 - step(_height(places), 0.9, 2.4)
    corner = _corner(places, (7.0, 7.0))
    return vector(1.5 * corner, 0.42 * toward * half * inside, -2.4 * half * inside - 2.0 * corner)


def _upper_up(places: Places) -> Array:
    lip = _lips(places) * bump(places.anchors[:, 0], 12, 10) * left_half(places, 9) * _upper(places)
    fold = spot(places, (24, -44), (8, 9)) * left_half(places)
    return vector(0.5 * lip, 6.5 * lip + 2.0 * fold, 0.6 * lip + 1.2 * fold)


def _lower_down(places: Places) -> Array:
    lip = _lips(places) * bump(places.anchors[:, 0], 12, 10) * left_half(places, 9) * (1 - _upper(places))
    return vector(1.0 * lip, -7.0 * lip, 0.4 * lip)


def _close(places: Places) -> Array:
    """Closes the lips of an open jaw: at equal strength of both they meet between."""
    away = np.maximum(np.abs(places.anchors[:, 1] - MOUTH_LINE) - 5, 0)
    near = (
        (1 - step(away, 0, 17))
        * step(places.anchors[:, 2], 20, 62)
        * (1 - step(np.abs(places.anchors[:, 0]), 20, 40))
    )
    share = jaw_share(places)
    return np.asarray(opened(places) * ((_MEET - share) * near)[:, None])


def _rounded(inwards: float, forward: float, apart: float, thick: float) -> Move:
    """Corners drawn in, lips pushed forward, apart or swollen."""

    def move(places: Places) -> Array:
        x, y = places.anchors[:, 0], places.anchors[:, 1]
        lips = _lips(places)
        middle = bump(x, 0, 19)
        up = 2 * _upper(places) - 1
        out = np.minimum(_height(places), 1.5)
        parting = up * middle * (apart + thick * out)
        forth = forward * (0.45 + 0.55 * middle) * (1 - 0.25 * np.maximum(out - 0.6, 0))
        wide = np.sign(x) * np.minimum(np.abs(x), MOUTH + 8)
        return np.asarray(vector(-inwards * wide, parting + 0.05 * (MOUTH_LINE - y), forth) * lips[:, None])

    return move


def _roll(upper: bool) -> Move:
    """A lip turned inwards over the teeth: its border comes to the line, its line goes in."""

    def move(places: Places) -> Array:
        share = _upper(places) if upper else 1 - _upper(places)
        lips = _lips(places) * share * (1 - step(np.abs(places.anchors[:, 0]), 14, MOUTH + 3))
        inside = 1 - step(_height(places), 1.0, 2.2)
        towards = -1.0 if upper else 1.0
        reach = 2.6 + 2.2 * np.minimum(_height(places), 1)
        return vector(0.0, towards * (reach - 2.2) * lips * inside * 1.5, -5.2 * lips * inside)

    return move


def _shrug_lower(places: Places) -> Array:
    lip = _lips(places) * (1 - _upper(places)) * bump(places.anchors[:, 0], 0, 15)
    upper = _lips(places) * _upper(places) * bump(places.anchors[:, 0], 0, 15)
    chin = spot(places, (0, -90), (17, 10))
    return vector(0.0, 4.4 * lip + 3.6 * upper + 5.0 * chin, 3.2 * lip + 0.8 * upper + 1.6 * chin)


def _shrug_upper(places: Places) -> Array:
    upper = _lips(places) * bump(places.anchors[:, 0], 0, 14)
    return vector(0.0, 3.4 * upper * (0.4 + 0.6 * _upper(places)), 2.6 * upper * _upper(places))


def _aside(distance: float) -> Move:
    """The whole mouth to one side, over the round of the teeth."""

    def move(places: Places) -> Array:
        whole = spot(places, (0, MOUTH_LINE - 2), (30, 17))
        back = 0.15 * distance * places.anchors[:, 0] / 30
        return vector(distance * whole, 0.0, -back * whole)

    return move


MOUTH_SIDED: dict[str, Move] = {
    "mouthDimple": _dimple,
    "mouthFrown": _frown,
    "mouthLowerDown": _lower_down,
    "mouthPress": _press,
    "mouthSmile": _smile,
    "mouthStretch": _stretch,
    "mouthUpperUp": _upper_up,
}
"""Name without its side → what it does on the left; the right is the mirror image."""

MOUTH_WHOLE: dict[str, Move] = {
    "mouthClose": _close,
    "mouthFunnel": _rounded(0.44, 7.0, 3.6, 1.2),
    "mouthLeft": _aside(9.0),
    "mouthPucker": _rounded(0.46, 9.0, 0.0, 1.0),
    "mouthRight": _aside(-9.0),
    "mouthRollLower": _roll(upper=False),
    "mouthRollUpper": _roll(upper=True),
    "mouthShrugLower": _shrug_lower,
    "mouthShrugUpper": _shrug_upper,
}
