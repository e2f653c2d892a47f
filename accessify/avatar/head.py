"""The head of our figure as surfaces: skin, eyes, brows, lashes, mouth and hair, with weights and morphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.ears import grown, left_ear
from accessify.avatar.expressions import SIDED, WHOLE, Places, moves_of
from accessify.avatar.eyes import Piece, eyeball, eyebrow, highlight, lashes
from accessify.avatar.face_colors import eye_occlusion, skin_colors, skin_occlusion
from accessify.avatar.fields import slopes, step
from accessify.avatar.hair import BRIGHTEST, hair
from accessify.avatar.head_chart import seen_from_front
from accessify.avatar.head_field import EYE, MOUTH_LINE, head_field
from accessify.avatar.head_skin import FREE, Net, head_skin, net_normals
from accessify.avatar.look import Look
from accessify.avatar.mouth import bag, teeth, tongue
from accessify.avatar.mouthing import MOUTH_SIDED, MOUTH_WHOLE
from accessify.avatar.skin import packed
from accessify.core.character import Material, Morph, Surface
from accessify.core.humanoid import Rig

Array = NDArray[np.float64]

_MIRROR = np.array([-1.0, 1.0, 1.0])
_LEAST = 0.02
"""Millimetres; a vertex that an expression moves less is not in its morph."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadFrame:
    """Where the head's own axes (millimetres, see `head_field`) are in the figure."""

    origin: Array
    """Shape [3], metres."""
    scale: float
    """Metres of the figure in a millimetre of the head."""

    @classmethod
    def of(cls, rig: Rig) -> HeadFrame:
        """The frame in which the eyes are where the rig's are."""
        left, right = rig.heads[rig.index("leftEye")], rig.heads[rig.index("rightEye")]
        scale = float(left[0] - right[0]) / (2 * float(EYE[0]))
        return cls((left + right) / 2 - np.array([0, EYE[1], EYE[2]]) * scale, scale)

    def placed(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Points [..., 3] of the head as metres of the figure at rest."""
        return np.asarray(self.origin + points * self.scale, np.float32)


def head_surfaces(rig: Rig, look: Look, fineness: float = 1.0) -> tuple[Surface, ...]:
    """All surfaces of the head and neck of a figure with `rig`, which must have eyes, head and neck.

    `fineness` below 1 makes fewer triangles. Raises `MissingExtra` without scikit-image, `KeyError` where a
    bone is missing and `ValueError` for a fineness that is not above 0.
    """
    if not fineness > 0:
        raise ValueError("fineness must be above 0; 1 is the usual")
    frame = HeadFrame.of(rig)
    net = head_skin(fineness)
    on_head = {"head": 1.0}
    edge = _upper_lid(net)
    mouth, lips = bag(net)
    tooth = [_part(teeth(True), lip=1, hard=True), _part(teeth(False), lip=-1, hard=True)]
    inside = [_part(tongue(), lip=-1, hard=True), _Part(mouth, lips, False)]
    brow, lash = _part(eyebrow()), _part(lashes(edge))
    builder = _Builder(rig, frame)
    return (
        builder.skin(net, fineness),
        *builder.eyes(look),
        builder.surface("brows", "brow", [brow, brow.mirrored()], on_head),
        builder.surface("lashes", "lash", [lash, lash.mirrored()], on_head),
        builder.surface("teeth", "teeth", tooth, on_head),
        builder.surface("mouth", "mouth", inside, on_head),
        builder.hair(fineness),
    )


def head_materials(look: Look) -> tuple[Material, ...]:
    """What `head_surfaces` are made of; `skin` is that of the whole figure."""
    red, green, blue = look.hair
    bright = min(1.0, red * BRIGHTEST), min(1.0, green * BRIGHTEST), min(1.0, blue * BRIGHTEST)
    dark = min(0.60, 0.13 / max(look.hair))  # brows carry grammar: fair ones would not be seen
    return (
        Material("skin", look.skin, 0.55, "skin"),
        Material("eye", (1.0, 1.0, 1.0), 0.12, "eye"),
        Material("brow", (red * dark, green * dark, blue * dark), 0.8, "hair"),
        Material("lash", (0.012 + 0.05 * red, 0.010 + 0.05 * green, 0.010 + 0.05 * blue), 0.8, "plain"),
        Material("teeth", (1.0, 1.0, 1.0), 0.3, "plain"),
        Material("mouth", (1.0, 1.0, 1.0), 0.4, "plain"),
        Material("hair", bright, 0.6, "hair"),
    )


def head_places(rig: Rig) -> dict[str, Array]:
    """Points on the skin of the head, shape [3], metres, for those of `PLACES` that are on it."""
    across: dict[str, tuple[float, float]] = {
        "forehead": (0, 48),
        "eye_brow": (32, 25),
        "eye": (31.5, 0),
        "nose": (0, -33),
        "cheek": (42, -36),
    }
    across |= {
        "nostril": (10, -41),
        "upper_lip": (0, MOUTH_LINE + 8),
        "lips": (0, MOUTH_LINE),
        "chin": (0, -92),
    }
    flat = np.array(list(across.values()), np.float32)
    frame = HeadFrame.of(rig)
    found = dict(
        zip(across, frame.placed(seen_from_front(flat[:, 0], flat[:, 1])).astype(np.float64), strict=True)
    )
    inner = {
        "head_top": (0, 124, -6),
        "ear": (84, -10, -20),
        "ear_lobe": (76, -44, -8),
        "teeth": (0, -60, 92),
        "tongue": (0, -66, 87),
        "under_chin": (0, -103, 64),
        "neck": (0, -150, 29.2),
    }
    return found | {name: frame.placed(np.array(place)).astype(np.float64) for name, place in inner.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A piece and how it moves."""

    piece: Piece
    lip: NDArray[np.int8]
    hard: bool
    moving: bool = True

    def mirrored(self) -> _Part:
        piece = self.piece
        other = Piece(
            piece.points * _MIRROR,
            piece.triangles[:, ::-1].copy(),
            piece.normals * _MIRROR,
            piece.colors,
            piece.anchors * _MIRROR,
        )
        return _Part(other, self.lip, self.hard, self.moving)

    def morphs(self) -> dict[str, tuple[Array, Array]]:
        """Expression → how far positions (millimetres) and normals move."""
        piece = self.piece
        if not self.moving:
            return {}
        rise = slopes(head_field, piece.anchors.astype(np.float32), 0.8).astype(np.float64)
        rise /= np.maximum(np.linalg.norm(rise, axis=1, keepdims=True), 1e-9)
        places = Places(piece.points, piece.anchors, rise, self.lip, self.hard)
        return _morphed(places, piece.triangles)


def _part(piece: Piece, *, lip: int = 0, hard: bool = False, moving: bool = True) -> _Part:
    return _Part(piece, np.full(len(piece.points), lip, np.int8), hard, moving)


def _morphed(places: Places, triangles: NDArray[np.int64]) -> dict[str, tuple[Array, Array]]:
    """Expression → displacement and change of normals; `mouthClose` is for an open jaw, and so are its."""
    rest = net_normals(places.points, triangles)
    found: dict[str, tuple[Array, Array]] = {}
    for name, moves in moves_of(places, SIDED | MOUTH_SIDED, WHOLE | MOUTH_WHOLE):
        start, before = places.points, rest
        if name == "mouthClose":
            start, before = start + found["jawOpen"][0], rest + found["jawOpen"][1]
        found[name] = moves, net_normals(start + moves, triangles) - before
    return found


def _upper_lid(net: Net) -> Array:
    """Points of the left upper lid's edge, [n, 3], from the inner to the outer corner."""
    loop = np.flatnonzero((net.loop == 0) & (net.points[:, 0] > 0))
    points = net.points[loop]
    first, last = points[np.argmin(points[:, 0])], points[np.argmax(points[:, 0])]
    line = first[1] + (points[:, 0] - first[0]) / (last[0] - first[0]) * (last[1] - first[1])
    upper = points[points[:, 1] >= line - 1e-6]
    return np.asarray(upper[np.argsort(upper[:, 0])])


@dataclass(frozen=True, slots=True, eq=False)
class _Builder:
    """Puts parts together as surfaces of one figure."""

    rig: Rig
    frame: HeadFrame

    def surface(self, name: str, material: str, parts: list[_Part], shares: Mapping[str, float]) -> Surface:
        """Parts that one set of bones carries, as one surface."""
        pieces = [part.piece for part in parts]
        count = sum(len(piece.points) for piece in pieces)
        starts = np.cumsum([0] + [len(piece.points) for piece in pieces])
        joints, weights = packed(
            self.rig, {bone: np.full(count, share, np.float32) for bone, share in shares.items()}
        )
        morphs: dict[str, list[tuple[int, Array, Array]]] = {}
        for part, start in zip(parts, starts, strict=False):
            for expression, (moves, turns) in part.morphs().items():
                morphs.setdefault(expression, []).append((int(start), moves, turns))
        return Surface(
            name,
            material,
            self.frame.placed(np.vstack([piece.points for piece in pieces])),
            np.vstack([piece.normals for piece in pieces]).astype(np.float32),
            np.vstack([piece.triangles + start for piece, start in zip(pieces, starts, strict=False)]).astype(
                np.uint32
            ),
            joints,
            weights,
            np.vstack([piece.colors for piece in pieces]).astype(np.float32),
            None,
            tuple(made for key, some in morphs.items() if (made := self.morph(key, some)) is not None),
        )

    def morph(self, name: str, moved: list[tuple[int, Array, Array]]) -> Morph | None:
        """Those vertices that move; none where nothing does."""
        numbers, positions, normals = [], [], []
        for start, moves, turns in moved:
            felt = np.flatnonzero((np.abs(moves).max(axis=1) > _LEAST) | (np.abs(turns).max(axis=1) > 0.02))
            numbers.append(felt + start)
            positions.append(moves[felt] * self.frame.scale)
            normals.append(turns[felt])
        if not sum(map(len, numbers)):
            return None
        return Morph(
            name,
            np.concatenate(numbers).astype(np.uint32),
            np.vstack(positions).astype(np.float32),
            np.vstack(normals).astype(np.float32),
        )

    def skin(self, net: Net, fineness: float) -> Surface:
        """Face, neck and ears."""
        ear = left_ear(2.3 / min(1.0, fineness))
        sides = [(ear.positions, ear.normals, ear.triangles)]
        sides.append((ear.positions * _MIRROR, ear.normals * _MIRROR, ear.triangles[:, ::-1]))
        points = np.vstack([net.points, *(side[0] for side in sides)]).astype(np.float64)
        normals = np.vstack([net.normals, *(side[1] for side in sides)]).astype(np.float64)
        starts = len(net.points), len(net.points) + len(ear.positions)
        ears = [side[2].astype(np.int64) + start for side, start in zip(sides, starts, strict=True)]
        triangles = np.vstack([net.triangles, *ears])
        more = len(points) - len(net.points)
        lip = np.concatenate([net.lip, np.zeros(more, np.int8)])
        loop = np.concatenate([net.loop, np.full(more, FREE, np.int8)])
        anchors = np.vstack([net.anchors, points[len(net.points) :]])
        joints, weights = packed(self.rig, _neck_shares(points))
        places = Places(points, anchors, normals, lip)
        morphs = [self.morph(name, [(0, *pair)]) for name, pair in _morphed(places, triangles).items()]
        whole = Net(points, triangles, normals, anchors, lip, loop)
        return Surface(
            "face",
            "skin",
            self.frame.placed(points),
            normals.astype(np.float32),
            triangles.astype(np.uint32),
            joints,
            weights,
            skin_colors(whole),
            skin_occlusion(whole, grown),
            tuple(morph for morph in morphs if morph is not None),
        )

    def hair(self, fineness: float) -> Surface:
        """The haircut; it does not move with the face."""
        piece, open_ = hair(fineness)
        return replace(
            self.surface("hair", "hair", [_part(piece, moving=False)], {"head": 1.0}), occlusion=open_
        )

    def eyes(self, look: Look) -> tuple[Surface, Surface]:
        """Left and right eyeball with their highlights, each on its own bone."""
        found = []
        for side, sign in (("left", 1.0), ("right", -1.0)):
            middle = EYE * np.array([sign, 1, 1])
            parts = []
            for piece in (eyeball(look.iris), highlight()):
                moved = Piece(
                    piece.points + middle, piece.triangles, piece.normals, piece.colors, piece.points
                )
                parts.append(_part(moved, moving=False))
            surface = self.surface(f"{side}Eye", "eye", parts, {f"{side}Eye": 1.0})
            away = np.vstack([part.piece.anchors for part in parts])
            open_ = eye_occlusion(away, len(parts[0].piece.points))
            found.append(replace(surface, occlusion=open_))
        return found[0], found[1]


def _neck_shares(points: Array) -> dict[str, NDArray[np.float32]]:
    """The head ends along a slant from under the chin to the nape; the neck goes over into the chest."""
    _, y, z = points.astype(np.float32).T
    head = step(y + 88 + np.float32(0.35) * z, -42, 6)
    neck = (1 - head) * step(y, -192, -142)
    return {"head": head, "neck": neck, "upperChest": 1 - head - neck}
