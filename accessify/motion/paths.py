"""Paths of HamNoSys as curves in space: straight, bulging, circling, waving, and parts of circles.

What each symbol draws is from T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and
Language Processing Contexts", LREC 2004, and the HamNoSys 4 chart. Sizes are in shoulder widths: a usual
stroke is half of one, a usual circle half of one across.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accessify.core.rotation import about, between, unit
from accessify.motion.directions import LEFT, OUT, UP, letters_vector, sides_along, way_vector
from accessify.motion.notation import Arc, Ellipse, Move, Wave

Array = NDArray[np.float64]

STROKE, RADIUS, WAVE_WIDTH, ZIGZAG_WIDTH = 0.48, 0.24, 0.13, 0.16
"""Shoulder widths: length of a straight move; radius of a circle; how far waves and zigzags go aside."""
BULGE = 0.43
"""Height of an arc as a share of the move's usual length."""
SMALL, LARGE = 0.4, 1.57
"""Of strokes and circles."""
LEAST, MOST = 0.1, 3.0
"""Of any path, however often its size is written."""
BULGES = {"small": 0.45, "large": 2.0}
WAVES = {"small": 0.6, "large": 1.5}
MOST_TURNS = 10
"""Whole turns of one circle."""
WAVE_COUNT = 3
FLATNESS = {"": 0.5, "small": 0.7, "large": 0.3}
"""Short by long radius of an ellipse."""
_CLOCK = ("u", "ur", "r", "dr", "d", "dl", "l", "ul")
_LONG = {"level": "r", "upright": "u"}
_TINY = 1e-6


def size_factor(size: Sequence[str]) -> float:
    """How many times the usual size a path is; each further `small` or `large` does half as much again."""
    factor = 1.0
    for number, one in enumerate(size):
        step = SMALL if one == "small" else LARGE
        factor *= step if number == 0 else float(np.sqrt(step))
        factor = min(max(factor, LEAST), MOST)
    return factor


def path_offsets(move: Move, share: Array) -> Array:
    """Where the hand is from its start, shape [moments, 3], in shoulder widths.

    `share` is how much of the path's length it has gone, shape [moments], 0 to 1.
    """
    size = size_factor(move.size)
    if move.kind == "circle":
        return np.asarray(size * RADIUS * _circle(move, share))
    if move.kind in ("cross", "x"):
        return np.asarray(size * STROKE * _cross(move.kind, share))
    way = way_vector(move.ways)
    offsets = share[:, None] * (STROKE * size * way)
    for arc in move.arcs:
        offsets = offsets + _bulge(arc, way, share) * (STROKE * size)
    for wave in move.waves:
        offsets = offsets + _wave(wave, move.ellipses, way, share)
    return offsets


def late_start(move: Move) -> Array:
    """Where a hand that is half a movement late begins, from where it would begin otherwise, shape [3].

    In shoulder widths: half way round a circle, or at the end of any other path, which it goes backwards.
    """
    where = 0.5 / turns(move) if move.kind == "circle" else 1.0
    return np.asarray(path_offsets(move, np.array([where]))[0])


def late_offsets(move: Move, share: Array) -> Array:
    """As `path_offsets`, of a hand that is half a movement late, from where such a hand begins."""
    if move.kind == "circle":
        return path_offsets(move, share + 0.5 / turns(move)) - late_start(move)
    return path_offsets(move, 1 - share) - late_start(move)


def path_turns(move: Move, share: Array) -> Array:
    """Turns [moments, 4] of a hand that turns along with its way, as that turns from its start."""
    if move.kind == "circle":
        return about(way_vector(move.ways), 2 * np.pi * turns(move) * share)
    step = 1e-3
    ahead = path_offsets(move, np.minimum(share + step, 1)) - path_offsets(move, np.maximum(share - step, 0))
    start = path_offsets(move, np.array([2 * step])) - path_offsets(move, np.array([0.0]))
    return between(np.broadcast_to(start, ahead.shape), ahead)


def path_length(move: Move) -> float:
    """How long a path is by the usual length of its kind."""
    return size_factor(move.size)


def turns(move: Move) -> float:
    """How many times round a circle goes."""
    marks = [mark for mark in move.clock if mark != "full"]
    full = min(len(move.clock) - len(marks), MOST_TURNS)
    if len(marks) < 2:
        return max(1.0, full)
    part = (_clock_angle(move, marks[-1]) - _clock_angle(move, marks[0])) / (2 * np.pi) % 1
    return float(part or 1.0) + full


def is_closed(move: Move) -> bool:
    """Whether it ends where it starts."""
    return move.kind == "circle" and abs(turns(move) - round(turns(move))) < _TINY


def circle_axes(move: Move) -> tuple[Array, Array]:
    """Where a circle starts from its centre, and where it goes from there; unit vectors.

    It turns by the right-hand rule about its axis. Without a clock symbol it starts to the signer's left of
    its centre, or nearest to the body where its plane has no left.
    """
    axis = way_vector(move.ways)
    level = np.cross(UP, axis)
    start = unit(level) if np.linalg.norm(level) > _TINY else LEFT
    if start[0] < -_TINY or (abs(start[0]) <= _TINY and start[2] > 0):
        start = -start
    marks = [mark for mark in move.clock if mark != "full"]
    if marks:
        start = _clock_vector(axis, marks[0])
    return start, np.cross(axis, start)


def _circle(move: Move, share: Array) -> Array:
    start, onward = circle_axes(move)
    angle = 2 * np.pi * turns(move) * share[:, None]
    ring = np.cos(angle) * start + np.sin(angle) * onward
    for ellipse in move.ellipses:
        ring = _pressed(ring, ellipse, way_vector(move.ways))
        start = _pressed(start[None], ellipse, way_vector(move.ways))[0]
    offsets = ring - start
    for wave in move.waves:
        width = _wave_width(wave) / RADIUS
        offsets = offsets + width * _swing(wave, share)[:, None] * ring
    return offsets


def _pressed(points: Array, ellipse: Ellipse, axis: Array) -> Array:
    """Points of a circle pressed flat across the ellipse's long way."""
    along = _clock_vector(axis, _LONG.get(ellipse.way, ellipse.way))
    short = np.cross(axis, along)
    flat = FLATNESS[ellipse.size[0] if ellipse.size else ""]
    return np.asarray(points - (1 - flat) * (points @ short)[:, None] * short)


def _clock_vector(axis: Array, mark: str) -> Array:
    """Where a mark of a clock is from the centre, the clock lying in the plane across `axis`.

    Twelve is up, or out on a level clock; three is the signer's right, or out on a clock seen from the side.
    """
    twelve = UP if abs(axis[1]) < 0.9 else OUT
    twelve = unit(twelve - (twelve @ axis) * axis)
    three = -LEFT + (LEFT @ axis) * axis
    three = three - (three @ twelve) * twelve
    three = unit(three) if np.linalg.norm(three) > 0.3 else unit(OUT - (OUT @ axis) * axis)
    angle = _CLOCK.index(mark) * np.pi / 4
    return np.asarray(np.cos(angle) * twelve + np.sin(angle) * three)


def _clock_angle(move: Move, mark: str) -> float:
    """Radians of a mark in the circle's sense, from any fixed line."""
    axis = way_vector(move.ways)
    first = _clock_vector(axis, "u")
    place = _clock_vector(axis, mark)
    return float(np.arctan2(place @ np.cross(axis, first), place @ first))


def _cross(kind: str, share: Array) -> Array:
    """Two strokes that cross: down and across, or both diagonals; the way between them is off the plane."""
    points = {
        "cross": [(0, 0.5, 0), (0, -0.5, 0), (0.5, 0, -0.15), (-0.5, 0, 0)],
        "x": [(0.35, 0.35, 0), (-0.35, -0.35, 0), (-0.35, 0.35, -0.15), (0.35, -0.35, 0)],
    }[kind]
    times = [0.0, 0.38, 0.62, 1.0]
    values = np.array(points)
    ways = [np.interp(share, times, values[:, axis]) for axis in range(3)]
    return np.asarray(np.stack(ways, axis=-1) - values[0])


def bulge_way(arc: Arc, way: Array) -> Array:
    """To where an arc bulges, across the move: told as palms are, from behind what moves.

    Of a move inwards left and right are the signer's.
    """
    up, left = sides_along(way)
    left = -left if way[2] < -0.1 else left
    return {"u": up, "d": -up, "l": left, "r": -left}[arc.way]


def _bulge(arc: Arc, way: Array, share: Array) -> Array:
    """Half an ellipse over the move."""
    height = BULGE
    for size in arc.size[:2]:
        height *= BULGES[size]
    across = bulge_way(arc, way)
    along = (1 - np.cos(np.pi * share)) / 2 - share
    return np.sin(np.pi * share)[:, None] * height * across + along[:, None] * way


def _wave(wave: Wave, planes: Sequence[Ellipse], way: Array, share: Array) -> Array:
    side = np.cross(way, UP)
    side = unit(side) if np.linalg.norm(side) > _TINY else LEFT
    for plane in planes:
        wanted = letters_vector(_LONG.get(plane.way, plane.way))
        rest = wanted - (wanted @ way) * way
        side = unit(rest) if np.linalg.norm(rest) > 0.1 else side
    return _wave_width(wave) * _swing(wave, share)[:, None] * side


def _wave_width(wave: Wave) -> float:
    width = WAVE_WIDTH if wave.kind == "wavy" else ZIGZAG_WIDTH
    for size in wave.size[:2]:
        width *= WAVES[size]
    return width


def _swing(wave: Wave, share: Array) -> Array:
    """-1 to 1: to which side, at `share` of the way; a sine, or straight lines."""
    phase = WAVE_COUNT * share
    if wave.kind == "wavy":
        return np.asarray(np.sin(2 * np.pi * phase))
    return np.asarray(np.interp(phase % 1, [0, 0.25, 0.75, 1], [0, 1, -1, 0]))
