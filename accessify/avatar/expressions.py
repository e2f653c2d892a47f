"""What every expression does to the face, as fields of displacement: eyes, brows, cheeks and jaw.

Each is a formula of a place of the face at rest, so skin, brows, lashes and the inside of the mouth go
together. What an expression does is what Apple's ARKit documents for its name
(https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation) and which muscles that are
(P. Ekman, W. Friesen, "Facial Action Coding System", 1978); how far is ours: about a quarter more than life,
so that it is read on a small picture. Gaze is turned by the bones of the eyes; their lids follow here.

Millimetres in the axes of `head_field`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import bump, step
from accessify.avatar.head_chart import seen_from_front
from accessify.avatar.head_field import CORNERS, EYE, JAW_JOINT, MOUTH, MOUTH_LINE, lid_edges, mouth_line

Array = NDArray[np.float64]

_MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points of the head that expressions are asked about."""

    points: Array
    """Shape [n, 3]: where they are."""
    anchors: Array
    """Shape [n, 3]: the places of the skin that they move with: themselves, or what they grow from."""
    normals: Array
    """Shape [n, 3], unit length: the skin's at the anchors."""
    lip: NDArray[np.int8]
    """Shape [n]: 1 of the upper, -1 of the lower lip, 0 neither."""
    hard: bool = False
    """Whether they are teeth or tongue, which only the jaw moves."""

    @property
    def mirrored(self) -> Places:
        """The same seen in a mirror."""
        return replace(
            self,
            points=self.points * _MIRROR,
            anchors=self.anchors * _MIRROR,
            normals=self.normals * _MIRROR,
        )

    def slid(self, moves: Array) -> Array:
        """`moves` [n, 3] without most of what would lift skin off the bone or press it in."""
        lift = (moves * self.normals).sum(axis=1, keepdims=True) * self.normals
        return np.asarray(moves - 0.75 * lift)


Move = Callable[[Places], Array]
"""Displacement [n, 3], millimetres, of an expression at 1."""


def vector(x: Array | float, y: Array | float, z: Array | float) -> Array:
    """Shape [n, 3] from three coordinates, each an array or a number."""
    return np.stack(np.broadcast_arrays(x, y, z), axis=-1).astype(np.float64)


def spot(places: Places, center: tuple[float, float], size: tuple[float, float]) -> Array:
    """1 at (x, y) of the face, falling off like a bell of `size`; nothing on the back of the head."""
    x, y, z = places.anchors.T
    return np.asarray(bump(x, center[0], size[0]) * bump(y, center[1], size[1]) * step(z, 15, 60))


def left_half(places: Places, width: float = 7.0) -> Array:
    """1 on the figure's left, 0 on its right, blended over the middle."""
    return np.asarray(step(places.anchors[:, 0], -width, width))


def jaw_share(places: Places) -> Array:
    """How much each point goes with the jaw: the chin does, the upper lip does not, corners by a third.

    Where a mouth opens, upper and lower lip touch at rest: which of both a point is, decides.
    """
    if places.hard:
        return np.where(places.lip < 0, 1.0, 0.0)
    x, y, z = np.abs(places.anchors[:, 0]), places.anchors[:, 1], places.anchors[:, 2]
    below = mouth_line(x) - y
    beyond = np.maximum(x - MOUTH, 0)
    width = 9.0 + 1.0 * beyond
    slope = _slope(below / width)
    side = np.where(places.lip > 0, 0.0, np.where(places.lip < 0, 1.0, step(below, -1.0, 1.0)))
    mixed = step(x / MOUTH, 0.42, 1.0)
    share = side * (1 - mixed) + slope * mixed
    throat = step(y + 0.25 * (z - 60), -150, -112)
    return np.asarray(share * throat * step(z, 0, 46), np.float64)


def _slope(way: Array) -> Array:
    """0 well above the mouth's corner, 0.35 beside it, 1 well below."""
    return np.asarray(np.where(way < 0, 0.35 * (1 - step(-way, 0, 1)), 0.35 + 0.65 * step(way, 0, 1)))


def opened(places: Places, degrees: float = 20.0) -> Array:
    """The jaw turned open about its joints and, as jaws do, slid a little forward."""
    turn = np.radians(degrees)
    away = places.points - JAW_JOINT
    y = away[:, 1] * np.cos(turn) - away[:, 2] * np.sin(turn)
    z = away[:, 1] * np.sin(turn) + away[:, 2] * np.cos(turn) + 2.0
    return vector(0.0, y - away[:, 1], z - away[:, 2])


def _jaw_open(places: Places) -> Array:
    moves = opened(places) * jaw_share(places)[:, None]
    if places.hard:
        return moves
    upper = spot(places, (0, MOUTH_LINE + 8), (16, 7)) * (places.lip >= 0)
    return np.asarray(moves + vector(0.0, 1.5 * upper, 0.0) - _hollow(places))


def _hollow(places: Places) -> Array:
    """Cheeks drawn in a little beside an open mouth."""
    cheeks = spot(places, (44, -56), (10, 16)) + spot(places, (-44, -56), (10, 16))
    return np.asarray(places.normals * (2.2 * cheeks)[:, None])


def _jaw(x: float, z: float) -> Move:
    def move(places: Places) -> Array:
        return np.asarray(vector(x, 0.0, z) * jaw_share(places)[:, None])

    return move


@cache
def _lid_angles() -> tuple[Array, Array, Array]:
    """Across (from the eye's middle) and, there, the angles of the upper and lower lid's edge about it."""
    across = np.linspace(CORNERS[0][0], CORNERS[1][0], 61)
    angles = []
    for height in lid_edges(across.astype(np.float32)):
        edge = seen_from_front((EYE[0] + across).astype(np.float32), EYE[1] + height) - EYE
        angles.append(np.arctan2(edge[:, 1], edge[:, 2]).astype(np.float64))
    return across, angles[0], angles[1]


def lids(upper: float, lower: float, *, closing: bool = False) -> Move:
    """The left eye's lids turned about the eyeball, degrees up; with `closing`, until they meet and no more.

    When an eye closes, the upper lid goes most of the way (E. Bark Wong et al., 2003).
    """

    def move(places: Places) -> Array:
        away = places.anchors - EYE
        grid, above, below = _lid_angles()
        top, bottom = np.interp(away[:, 0], grid, above), np.interp(away[:, 0], grid, below)
        gap = np.maximum(top - bottom, 0)
        angle = np.arctan2(away[:, 1], away[:, 2])
        is_upper = angle > (top + bottom) / 2
        near_upper = 1 - step((angle - top) / np.radians(38), 0.0, 1)
        near_lower = 1 - step((bottom - angle) / np.radians(46), 0.0, 1)
        wide = np.sqrt(np.clip(gap / gap.max(), 0, 1)) if gap.max() > 0 else gap
        up, low = np.radians(upper) * wide, np.radians(lower) * wide
        if closing:
            up, low = -0.86 * gap - np.radians(0.8) * wide, 0.14 * gap
        turn = np.where(is_upper, up * near_upper, low * near_lower)
        turn = np.where(np.abs(away[:, 2]) > 40, 0, turn) * (away[:, 2] > -5)
        moves = _about_eye(places.points, turn)
        if closing:
            out = places.points - EYE
            out = out / np.linalg.norm(out, axis=1, keepdims=True)
            moves = moves + out * (0.45 * is_upper * near_upper * wide * (np.abs(turn) > 0))[:, None]
        return moves

    return move


def _about_eye(points: Array, turn: Array) -> Array:
    """Displacement of points turned upwards about the axis across the left eye's middle."""
    away = points - EYE
    y = away[:, 1] * np.cos(turn) + away[:, 2] * np.sin(turn)
    z = away[:, 2] * np.cos(turn) - away[:, 1] * np.sin(turn)
    return vector(0.0, y - away[:, 1], z - away[:, 2])


def _brow_height(places: Places) -> Array:
    """How much skin at each height goes with the brows: down to the fold of the lid, up over the forehead."""
    y = places.anchors[:, 1]
    lid = step(y, 9.0, 18.0)
    return np.asarray(
        np.where(y < 26, bump(y, 26, 9), bump(y, 26, 17)) * lid * step(places.anchors[:, 2], 20, 60)
    )


def _brow_down(places: Places) -> Array:
    x = places.anchors[:, 0]
    side = left_half(places, 4)
    inner, middle = bump(x, 14, 12) * side, bump(x, 34, 13) * side
    height = _brow_height(places)
    moves = vector(-3.0 * inner, -7.0 * inner - 4.2 * middle, 0.0) * height[:, None]
    frown = spot(places, (8, 22), (5, 7)) * side
    return np.asarray(places.slid(moves) + vector(0.0, 0.0, 1.6 * frown))


def _brow_inner_up(places: Places) -> Array:
    x = np.abs(places.anchors[:, 0])
    rise = (10.0 * bump(x, 10, 13)) * _brow_height(places)
    inwards = -1.2 * np.sign(places.anchors[:, 0]) * bump(x, 14, 7) * _brow_height(places)
    return places.slid(vector(inwards, rise, 0.0))


def _brow_outer_up(places: Places) -> Array:
    x = places.anchors[:, 0]
    rise = 10.0 * bump(x, 41, 15) * _brow_height(places) * left_half(places)
    return places.slid(vector(0.0, rise, 0.0))


def _cheek_puff(places: Places) -> Array:
    x, y, z = places.anchors.T
    cheeks = spot(places, (42, -50), (15, 14)) + spot(places, (-42, -50), (15, 14))
    lips = spot(places, (0, MOUTH_LINE), (20, 10))
    out = vector(x, 0.3 * (y + 54), z - 30)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    return np.asarray(out * (12.5 * cheeks + 2.0 * lips)[:, None])


def _cheek_squint(places: Places) -> Array:
    cheek = spot(places, (36, -20), (14, 9)) * left_half(places)
    below = step(-places.anchors[:, 1], 7, 14)
    return np.asarray(vector(0.0, 5.5 * cheek * below, 2.2 * cheek * below) + lids(0, 7)(places))


def _eye_squint(places: Places) -> Array:
    cheek = spot(places, (33, -17), (16, 6)) * left_half(places) * step(-places.anchors[:, 1], 6, 11)
    return np.asarray(lids(-8, 11)(places) + vector(0.0, 2.6 * cheek, 1.0 * cheek))


def _nose_sneer(places: Places) -> Array:
    side = left_half(places, 5)
    wing = spot(places, (12, -36), (6, 7)) * side
    crease = spot(places, (20, -31), (9, 12)) * side
    lip = spot(places, (14, -53), (8, 6)) * side * (places.lip >= 0)
    bridge = spot(places, (7, 6), (7, 10)) * side
    rise = 4.5 * wing + 2.8 * crease + 2.6 * lip + 1.2 * bridge
    return vector(0.8 * wing, rise, 1.4 * crease + 0.8 * bridge)


SIDED: dict[str, Move] = {
    "browDown": _brow_down,
    "browOuterUp": _brow_outer_up,
    "cheekSquint": _cheek_squint,
    "eyeBlink": lids(0, 0, closing=True),
    "eyeLookDown": lids(-15, -4),
    "eyeLookUp": lids(8, 3),
    "eyeSquint": _eye_squint,
    "eyeWide": lids(12, -4),
    "noseSneer": _nose_sneer,
}
"""Name without its side → what it does on the left; the right is the mirror image."""

WHOLE: dict[str, Move] = {
    "browInnerUp": _brow_inner_up,
    "cheekPuff": _cheek_puff,
    "jawForward": _jaw(0.0, 7.0),
    "jawLeft": _jaw(8.0, 0.0),
    "jawOpen": _jaw_open,
    "jawRight": _jaw(-8.0, 0.0),
}


def moves_of(places: Places, sided: dict[str, Move], whole: dict[str, Move]) -> Iterator[tuple[str, Array]]:
    """Every expression's name and displacement of `places`, [n, 3] in millimetres."""
    for name, move in whole.items():
        if not places.hard or name.startswith("jaw"):
            yield name, move(places)
    if places.hard:
        return
    for name, move in sided.items():
        yield f"{name}Left", move(places)
        yield f"{name}Right", move(places.mirrored) * _MIRROR
