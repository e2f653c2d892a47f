"""Hand shapes of HamNoSys as finger bends: base form, thumb, bending, fingers in their own way, between.

What each form means is from T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and
Language Processing Contexts", LREC 2004, and the HamNoSys 4 chart; the angles are round figures about the
usual ranges of finger joints, 90, 100 and 90 degrees (American Academy of Orthopaedic Surgeons, "Joint
Motion", 1965).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.motion.notated_hand import Finger, HandShape

Array = NDArray[np.float64]

FINGERS = ("thumb", "index", "middle", "ring", "little")
"""Order of fingers in bends and spread."""

STRAIGHT, FIST, BENT, HOOKED = (5, 0, 0), (95, 105, 75), (50, 50, 40), (5, 105, 70)
DOUBLE_BENT, DOUBLE_HOOKED, FOLDED = (95, 105, 0), (95, 80, 60), (95, 0, 0)
CEE, CEE_STRAIGHT, CEE_HOOKED, CEE_WIDE = (32, 42, 30), (65, 0, 0), (15, 70, 50), (26, 42, 32)
PINCH, PINCH_STRAIGHT, PINCH_HOOKED, LOOSE = (75, 50, 20), (90, 0, 0), (45, 85, 45), (5, 25, 10)
"""Degrees at knuckle, middle joint and end joint of a finger."""

_FIST_REST = {"ring": (95, 100, 95), "little": (95, 90, 90)}
"""The outer fingers close less at the middle joint and more at the end."""

BENDS = {
    "straight": STRAIGHT,
    "bent": BENT,
    "hooked": HOOKED,
    "double_bent": DOUBLE_BENT,
    "double_hooked": DOUBLE_HOOKED,
}
_PINCHES = {"": PINCH, "straight": PINCH_STRAIGHT, "hooked": PINCH_HOOKED}
_CEES = {"": CEE, "straight": CEE_STRAIGHT, "hooked": CEE_HOOKED}

TOGETHER, SPREAD, HALF_SPREAD = (-8, -2, 2, 4), (14, -2, -15, -32), (0, -4, -6, -14)
"""Degrees to the thumb's side, index to little finger. Straight fingers held together lean to each other."""


@dataclass(frozen=True, slots=True)
class Base:
    """One of the twelve base forms."""

    chosen: tuple[str, ...]
    """The fingers that the form is about; modifiers of bending act on them."""
    bend: tuple[int, int, int]
    """Of the chosen fingers."""
    rest: tuple[int, int, int]
    """Of the others."""
    spread: tuple[int, int, int, int]
    thumb: str
    """Row of `THUMBS` that holds where no thumb is written."""


_ALL = ("index", "middle", "ring", "little")
_TWO = ("index", "middle")
BASES = {
    "fist": Base((), FIST, FIST, TOGETHER, "along"),
    "flat": Base(_ALL, STRAIGHT, STRAIGHT, TOGETHER, "beside"),
    "index": Base(("index",), STRAIGHT, FIST, TOGETHER, "along"),
    "two": Base(_TWO, STRAIGHT, FIST, TOGETHER, "along"),
    "two_spread": Base(_TWO, STRAIGHT, FIST, (14, -16, 2, 4), "spread"),
    "four_spread": Base(_ALL, STRAIGHT, STRAIGHT, SPREAD, "spread"),
    "pinch": Base(("index",), PINCH, FIST, TOGETHER, "pinch"),
    "pinch_all": Base(_ALL, PINCH, PINCH, TOGETHER, "pinch"),
    "pinch_open": Base(("index",), PINCH, LOOSE, SPREAD, "pinch"),
    "cee": Base(("index",), CEE, FIST, TOGETHER, "cee"),
    "cee_all": Base(_ALL, CEE_WIDE, CEE_WIDE, TOGETHER, "cee"),
    "cee_open": Base(("index",), CEE, LOOSE, SPREAD, "cee"),
    "any": Base(_ALL, LOOSE, LOOSE, TOGETHER, "beside"),
}

THUMBS = {
    "along": (15, 10, 5, 15),
    "beside": (25, 30, 5, 25),
    "spread": (35, 45, 5, 35),
    "out": (45, 0, 5, 45),
    "out_wide": (55, 0, 10, 55),
    "across": (40, 40, 35, 5),
    "across_flat": (20, 40, 35, 5),
    "opposed": (50, 20, 20, -10),
    "cee": (50, 5, 5, 5),
    "cee_straight": (40, 0, 5, 0),
    "pinch": (75, 25, 45, -5),
    "pinch_straight": (45, 0, 20, 0),
}
"""Degrees of the thumb: its metacarpal's angle, its two joints, and how much of the angle is in the palm's
plane. `along` lies at the side of the fist, `across` before the fingers, `opposed` stands before the palm."""

_CURL = {"bent": (20, 20), "hooked": (0, 35), "double_bent": (45, 0), "double_hooked": (45, 60)}
"""Degrees that a bending modifier adds at the thumb's two joints where the thumb is told to bend."""


def shape_angles(shapes: Sequence[HandShape]) -> tuple[Array, Array]:
    """Bends [5, 3] and spread [5] of a hand shape, or of the middle of those that `between` joins.

    Without any shape, a loose hand.
    """
    ends = [_angles(shape) for shape in shapes] or [_angles(_LOOSE_HAND)]
    return (
        np.mean([bends for bends, _ in ends], axis=0),
        np.mean([spread for _, spread in ends], axis=0),
    )


def chosen_fingers(shape: HandShape) -> tuple[str, ...]:
    """The fingers that a hand shape is about: those named without a bend, else those of the base form."""
    named = tuple(finger.name for finger in shape.fingers if not finger.bend and finger.name != "thumb")
    return named or BASES[shape.base].chosen


def is_pinched(shape: HandShape) -> bool:
    """Whether fingers and thumb form a pinch or a C."""
    return shape.base.startswith(("pinch", "cee"))


def _angles(shape: HandShape) -> tuple[Array, Array]:
    base = BASES[shape.base]
    bends, spread = np.zeros((5, 3)), np.zeros(5)
    chosen = chosen_fingers(shape)
    for number, name in enumerate(FINGERS[1:], 1):
        bends[number] = _finger(name, name in chosen, shape, base)
        spread[number] = base.spread[number - 1]
    _narrow(shape, bends, spread)
    bends[0], spread[0] = _thumb(shape)
    for finger in shape.fingers:
        if finger.bend:
            _single(finger, shape, bends, spread)
    return bends, spread


def _finger(name: str, chosen: bool, shape: HandShape, base: Base) -> tuple[int, int, int]:
    if shape.base == "fist" and not chosen:
        return _fist_bend(name, shape.bend)
    if not chosen:
        return _folded(name) if base.rest in (FIST, STRAIGHT) or base.rest == base.bend else base.rest
    if shape.base.startswith("pinch"):
        return _PINCHES.get(shape.bend) or BENDS[shape.bend]
    if shape.base.startswith("cee"):
        usual = base.bend if not shape.bend else None
        return usual or _CEES.get(shape.bend) or BENDS[shape.bend]
    return BENDS[shape.bend or "straight"] if shape.base != "any" or shape.bend else base.bend


def _fist_bend(name: str, bend: str) -> tuple[int, int, int]:
    """A fist with a bend is one whose fingers are bent so at the middle joints, the knuckles staying."""
    changed = {"straight": FOLDED, "bent": DOUBLE_HOOKED, "double_bent": DOUBLE_BENT}
    if bend == "double_hooked":
        return DOUBLE_HOOKED
    return changed.get(bend) or _folded(name)


def _folded(name: str) -> tuple[int, int, int]:
    return _FIST_REST.get(name, FIST)


def _single(finger: Finger, shape: HandShape, bends: Array, spread: Array) -> None:
    number = FINGERS.index(finger.name)
    if number == 0:
        _curl(bends[0], finger.bend)
    elif finger.bend == "straight" and bends[number][0] >= 60:
        bends[number] = FOLDED
    else:
        bends[number] = BENDS[finger.bend]


def _narrow(shape: HandShape, bends: Array, spread: Array) -> None:
    """Spread fingers come together as they bend at the knuckles, and folded ones lie beside each other."""
    if shape.bend in ("bent", "double_bent", "double_hooked") and shape.base in ("four_spread",):
        spread[1:] = HALF_SPREAD
    folded = (bends[1:, 0] > 80) & (bends[1:, 1] > 60)
    spread[1:][folded] = np.array(TOGETHER)[folded] / 2


def _thumb(shape: HandShape) -> tuple[Array, float]:
    flat = shape.base in ("flat", "four_spread", "any")
    row = shape.thumb or BASES[shape.base].thumb
    if row in ("pinch", "cee") and shape.bend == "straight":
        row += "_straight"
    elif row == "out" and flat:
        row = "out_wide"
    elif row == "across" and (flat or shape.base == "two_spread"):
        row = "across_flat"
    *bends, spread = THUMBS[row]
    return np.array(bends, np.float64), float(spread)


def _curl(bends: Array, bend: str) -> None:
    if bend == "straight":
        bends[1:] = 0
    else:
        bends[1:] += _CURL[bend]


_LOOSE_HAND = HandShape("any", "", "", (), (), (), None)  # type: ignore[arg-type]
