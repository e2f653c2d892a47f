"""Which morph targets of another's figure make which of our expressions.

First come targets, then VRM expressions, that have ARKit's names in any spelling. Where there are none, VRM's
presets and the common names of such shapes stand in, a half of the face for each side: `blink` closes both
eyes, the brows of `surprised` and `angry` are brows, the mouths of `happy` and `sad` are mouths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import SIDES
from accessify.delivery.foreign_rig import ForeignRig
from accessify.delivery.glb_parse import Glb

_ARKIT = {name.lower(): name for name in EXPRESSIONS[1:]}


def _both(name: str, region: str = "") -> tuple[tuple[str, str], ...]:
    return (f"{name}Left", f"left {region}".strip()), (f"{name}Right", f"right {region}".strip())


_BROWS_UP = (("browInnerUp", "inner above"), *_both("browOuterUp", "outer above"))
_SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "jawOpen": (("jawOpen", ""),),
    "pucker": (("mouthPucker", ""),),
    "funnel": (("mouthFunnel", ""),),
    "wide": _both("mouthStretch"),
    "blink": _both("eyeBlink"),
    "blinkleft": (("eyeBlinkLeft", ""),),
    "blinkright": (("eyeBlinkRight", ""),),
    "surprised": _BROWS_UP,
    "angry": _both("browDown", "above"),
    "happy": _both("mouthSmile", "below"),
    "sad": _both("mouthFrown", "below"),
    "lookup": _both("eyeLookUp"),
    "lookdown": _both("eyeLookDown"),
    "lookleft": (("eyeLookOutLeft", "left"), ("eyeLookInRight", "right")),
    "lookright": (("eyeLookInLeft", "left"), ("eyeLookOutRight", "right")),
}
"""Shape → expressions and the part of the face that counts for each."""
_CALLED = {
    **dict.fromkeys(("a", "aa", "mtha", "visemeaa", "vaa", "mouthopen"), "jawOpen"),
    **dict.fromkeys(("u", "ou", "mthu", "visemeu", "vou", "visemeou"), "pucker"),
    **dict.fromkeys(("o", "oh", "mtho", "visemeo", "voh", "visemeoh"), "funnel"),
    **dict.fromkeys(("i", "ih", "mthi", "visemei", "vih", "visemeih"), "wide"),
    **dict.fromkeys(("blink", "eyeclose", "eyesclosed", "blinkboth"), "blink"),
    **dict.fromkeys(("blinkl", "blinkleft", "eyeclosel"), "blinkleft"),
    **dict.fromkeys(("blinkr", "blinkright", "eyecloser"), "blinkright"),
    **dict.fromkeys(("surprised", "brwsurprised"), "surprised"),
    **dict.fromkeys(("angry", "brwangry"), "angry"),
    **dict.fromkeys(("happy", "joy", "mthjoy"), "happy"),
    **dict.fromkeys(("sad", "sorrow", "mthsorrow"), "sad"),
    **{name: name for name in ("lookup", "lookdown", "lookleft", "lookright")},
}


@dataclass(frozen=True, slots=True)
class Share:
    """What one morph target gives to an expression."""

    mesh: int
    target: int
    weight: float
    region: str
    """Words of a part of the face: `left`, `right`, `above` and `below` the eyes, `inner`, `outer`."""


Shares = dict[str, list[Share]]


def expression_shares(glb: Glb) -> Shares:
    """Expression → the morph targets that make it."""
    named = list(_targets(glb))
    told = list(_told(glb))
    found: Shares = {}
    for source in (_exact(named), _exact(told), _like(told), _like(named)):
        found = source | found
    return found


Named = tuple[str, list[tuple[int, int, float]]]
"""A name, and meshes, targets and weights."""


def _targets(glb: Glb) -> Iterable[Named]:
    for number, mesh in enumerate(glb.rows("meshes")):
        primitive = mesh["primitives"][0]
        names = mesh.get("extras", {}).get("targetNames") or primitive.get("extras", {}).get("targetNames")
        for target, name in enumerate(names or ()):
            if target < len(primitive.get("targets", ())):
                yield str(name), [(number, target, 1.0)]


def _told(glb: Glb) -> Iterable[Named]:
    """The expressions of a VRM 1.0 or 0.x."""
    extensions = glb.document.get("extensions", {})
    new = extensions.get("VRMC_vrm", {}).get("expressions", {})
    nodes = glb.rows("nodes")
    for group in (new.get("preset", {}), new.get("custom", {})):
        for name, row in group.items():
            binds = row.get("morphTargetBinds") or ()
            yield name, [(nodes[one["node"]]["mesh"], one["index"], float(one["weight"])) for one in binds]
    old = extensions.get("VRM", {}).get("blendShapeMaster", {}).get("blendShapeGroups", ())
    for row in old:
        preset = str(row.get("presetName", "unknown"))
        name = str(row.get("name", "")) if preset in {"unknown", ""} else preset
        binds = row.get("binds") or ()
        yield name, [(one["mesh"], one["index"], float(one["weight"]) / 100) for one in binds]


def _plain(name: str) -> str:
    """A name without case, marks, and what stands before its last dot or colon."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"[.:]", name)[-1].lower())


def _exact(rows: Iterable[Named]) -> Shares:
    found: Shares = {}
    for name, binds in rows:
        plain = _plain(name)
        sided = {"l": plain[:-1] + "left", "r": plain[:-1] + "right"}.get(plain[-1:], plain)
        expression = _ARKIT.get(plain) or _ARKIT.get(sided)
        if expression is not None and binds:
            found.setdefault(expression, []).extend(Share(*bind, "") for bind in binds)
    return found


def _like(rows: Iterable[Named]) -> Shares:
    found: Shares = {}
    kept: dict[str, str] = {}
    for name, binds in rows:
        plain = _plain(name)
        plain = plain[plain.index("fcl") + 3 :] if "fcl" in plain else plain
        shape = _CALLED.get(plain)
        if shape is None or not binds:
            continue
        for expression, region in _SHAPES[shape]:
            if kept.setdefault(expression, shape) == shape or not region:
                if kept[expression] != shape:  # one lid of its own is better than half of both
                    found[expression] = []
                    kept[expression] = shape
                found.setdefault(expression, []).extend(Share(*bind, region) for bind in binds)
    return found


@dataclass(frozen=True, slots=True)
class Face:
    """Where the eyes are, in the file's own pose."""

    height: float
    across: float
    """Half the distance between them."""

    @classmethod
    def of(cls, rig: ForeignRig, top: float) -> Face:
        """By the bones of the eyes, else by the height of the head, whose `top` is known."""
        if all(f"{side}Eye" in rig.bones for side in SIDES):
            left, right = (rig.before[rig.index(f"{side}Eye")] for side in SIDES)
            return cls(float(left[1] + right[1]) / 2, max(abs(float(left[0] - right[0])) / 2, 1e-3))
        joint = rig.before[rig.index("head")]
        size = max(top - float(joint[1]), 0.05)
        return cls(float(joint[1]) + 0.386 * size, 0.155 * size)

    def share(self, region: str, points: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """How much of each point [n, 3] belongs to a region, 0 to 1, without steps."""
        x, y = points[:, 0] / self.across, (points[:, 1] - self.height) / self.across
        inner = 1 - _step((np.abs(x) - 0.5) / 0.7)
        shares = {
            "left": _step(0.5 + 2 * x),
            "right": _step(0.5 - 2 * x),
            "above": _step((y - 0.15) / 0.3),
            "below": _step((-0.35 - y) / 0.4),
            "inner": inner,
            "outer": 1 - inner,
        }
        whole = np.ones(len(points))
        for word in region.split():
            whole = whole * shares[word]
        return np.asarray(whole, np.float32)


def _step(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    clipped = np.clip(values, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped))
