"""What the non-manual tags of SiGML ask of face, head and trunk.

Tiers and codes: R. Elliott, J. Glauert, V. Jennings, R. Kennaway, "An overview of the SiGML notation and
SiGML signing software system", LREC 2004 workshop, and the non-manual coding that it follows (T. Hanke,
"Interface definitions", ViSiCAST deliverable D5-1, 2001). Codes that are not here are told as not done.
"""

from __future__ import annotations

from collections.abc import Iterable

from accessify.core.timeline import Span
from accessify.motion.face import Shape, Signal
from accessify.motion.grammar import both
from accessify.motion.visemes import mouthing, spoken_visemes

HEAD = {
    "NO": Shape(swing=(9, 0, 0), beats=1.8),
    "NU": Shape(head=(-9, 0, 0)),
    "SH": Shape(swing=(0, 13, 0), beats=1.6),
    "SR": Shape(head=(0, -28, 0)),
    "SL": Shape(head=(0, 28, 0)),
    "TR": Shape(head=(0, 0, -15)),
    "TL": Shape(head=(0, 0, 15)),
    "TS": Shape(swing=(0, 0, 10), beats=1.2),
    "NF": Shape(head=(15, 0, 0)),
    "NB": Shape(head=(-14, 0, 0)),
    "PF": Shape(head=(-5, 0, 0), trunk=(7, 0, 0)),
    "PB": Shape(head=(5, 0, 0), trunk=(-6, 0, 0)),
}
BODY = {
    "RL": Shape(trunk=(0, 18, 0)),
    "RR": Shape(trunk=(0, -18, 0)),
    "TL": Shape(trunk=(0, 0, 9)),
    "TR": Shape(trunk=(0, 0, -9)),
    "TF": Shape(trunk=(11, 0, 0)),
    "TB": Shape(trunk=(-9, 0, 0)),
    "HE": Shape(shoulders=(7, 7), trunk=(-3, 0, 0)),
    "SI": Shape((("jawOpen", 0.12),), shoulders=(-4, -4), trunk=(4, 0, 0)),
    "RD": Shape(head=(6, 0, 0), trunk=(9, 0, 0)),
    "ST": Shape(),
}
SHOULDERS = {
    "UL": Shape(shoulders=(13, 0)),
    "UR": Shape(shoulders=(0, 13)),
    "UB": Shape(shoulders=(13, 13)),
    "HB": Shape(shoulders=(7, 7), trunk=(5, 0, 0)),
    "SB": Shape(both(("mouthFrown", 0.3)), shoulders=(14, 14)),
}
GAZE = {
    "AD": Shape(),
    "FR": Shape(gaze=(0, 4)),
    "UP": Shape(gaze=(0, 16)),
    "DN": Shape(gaze=(0, -20)),
    "LE": Shape(gaze=(22, 0)),
    "RI": Shape(gaze=(-22, 0)),
    "LU": Shape(gaze=(18, 13)),
    "LD": Shape(gaze=(18, -16)),
    "RU": Shape(gaze=(-18, 13)),
    "RD": Shape(gaze=(-18, -16)),
}
BROWS = {
    "RB": Shape((("browInnerUp", 0.9), *both(("browOuterUp", 0.9)))),
    "RR": Shape((("browInnerUp", 0.4), ("browOuterUpRight", 0.95))),
    "RL": Shape((("browInnerUp", 0.4), ("browOuterUpLeft", 0.95))),
    "FU": Shape(both(("browDown", 0.95))),
}


def _lids(name: str, amount: float, tight: float = 0.0) -> dict[str, Shape]:
    """The same on both lids, on the right one, on the left one."""
    sides = {"B": ("Left", "Right"), "R": ("Right",), "L": ("Left",)}
    return {
        key: Shape(
            tuple((f"{name}{side}", amount) for side in which)
            + tuple((f"eyeSquint{side}", tight) for side in which if tight)
        )
        for key, which in sides.items()
    }


LIDS = {
    f"{letter}{side}": shape
    for letter, shapes in {
        "W": _lids("eyeWide", 0.9),
        "S": _lids("eyeSquint", 0.9),
        "C": _lids("eyeBlink", 1.0),
        "T": _lids("eyeBlink", 1.0, tight=0.9),
    }.items()
    for side, shape in shapes.items()
}
NOSE = {"WR": Shape(both(("noseSneer", 0.9))), "WI": Shape(both(("noseSneer", 0.35), ("mouthUpperUp", 0.15)))}
MOUTH = {
    "C01": Shape((("cheekPuff", 0.9),)),
    "C02": Shape((("cheekPuff", 1.0), ("mouthShrugLower", 0.3))),
    "C03": Shape((("cheekPuff", 0.8),)),
    "C07": Shape((("mouthPucker", 0.5), *both(("mouthPress", 0.5)))),
    "J01": Shape((("jawLeft", 0.8),)),
    "L02": Shape((("mouthPucker", 0.95),)),
}
TIERS = {
    "hnm_head": HEAD,
    "hnm_body": BODY,
    "hnm_shoulder": SHOULDERS,
    "hnm_eyegaze": GAZE,
    "hnm_eyebrows": BROWS,
    "hnm_eyelids": LIDS,
    "hnm_nose": NOSE,
    "hnm_mouthgesture": MOUTH,
}
"""SiGML element → code → what is done."""


def tag_signals(tags: Iterable[tuple[str, str]], span: Span) -> tuple[tuple[Signal, ...], tuple[str, ...]]:
    """Signals over `span` for `tags`, and those that are not done.

    Args:
        tags: pairs of element and code, e.g. (`hnm_head`, `SH`); of `hnm_mouthpicture` the word in SAMPA.
        span: the hands' part of the sign.

    Returns:
        Signals, and element and code of each tag that has none, e.g. `hnm_mouthgesture T08`.
    """
    signals: list[Signal] = []
    unknown = []
    for element, code in tags:
        if element == "hnm_mouthpicture":
            shapes = mouthing(spoken_visemes(code), span)
            signals += shapes
            known = bool(shapes)
        else:
            shape = TIERS.get(element, {}).get(code.upper())
            known = shape is not None
            signals += [Signal(span, shape)] if shape is not None else []
        if not known:
            unknown.append(f"{element} {code}")
    return tuple(signals), tuple(unknown)
