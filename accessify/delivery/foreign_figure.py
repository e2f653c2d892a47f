"""Figures of other people's: any VRM or humanoid glTF becomes one of ours, with notes of what it lost.

Textures become colours of vertices, for which coarse triangles are parted. Skin is bent into the T-pose, so
that no bone is turned at rest. Of what moves each vertex, the four largest shares stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character, Morph, Surface
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import SIDES, Rig
from accessify.core.rotation import unit
from accessify.delivery.foreign_colors import Paint, free_name, paints
from accessify.delivery.foreign_expressions import Face, Share, Shares, expression_shares
from accessify.delivery.foreign_mesh import Floats, Part, parts_of
from accessify.delivery.foreign_rig import ForeignRig, foreign_rig
from accessify.delivery.foreign_rights import rights_of
from accessify.delivery.foreign_tails import tails_of
from accessify.delivery.glb_parse import Glb
from accessify.delivery.humanoid_names import without_fingers
from accessify.delivery.parted import Parting, parted

_SMALL = 1e-6
"""Metres below which nothing counts as moved."""
_LEVEL = 10.0
"""Degrees off level that are not worth a note."""
_ALL_FINGERS = 30
_MANY = 25
"""Expressions beyond which those are told that are there."""
_GAZE = "eyeLook"
"""Beginning of expressions that eyes with bones do without morph targets."""
_SEEN = 0.35
"""Mean alpha of a triangle below which it is not there."""


@dataclass(frozen=True, slots=True, eq=False)
class _Bent:
    """A part in the T-pose."""

    part: Part
    parting: Parting
    before: Floats
    """Shape [vertices, 3]: the file's own pose."""
    turns: Floats
    """Shape [vertices, 3, 3]: from there into the T-pose."""
    surface: Surface
    copies: int
    """How often each vertex is there: twice where both sides are seen."""


def foreign_figure(glb: Glb) -> tuple[Character, list[tuple[str, str]]]:
    """The figure, and kinds and texts of notes."""
    rig = foreign_rig(glb)
    painted, lost = paints(glb)
    parts, left_out = parts_of(glb, rig)
    bent = [_bent(glb, rig, part, painted[_material(part, len(painted))]) for part in parts]
    shares = expression_shares(glb)
    top = max((float(one.before[:, 1].max(initial=0)) for one in bent), default=0.0)
    surfaces = tuple(_with_morphs(glb, one, shares, Face.of(rig, top)) for one in bent)
    surfaces = _named_apart(tuple(one for one in surfaces if len(one.triangles)))
    used = {surface.material for surface in surfaces}
    name, author, licence, notes = rights_of(glb, Path(glb.source).stem)
    character = Character(
        name,
        Rig(rig.bones, rig.heads, tails_of(rig, surfaces)),
        surfaces,
        tuple(paint.material for paint in painted if paint.material.name in used),
        licence,
        author,
    )
    notes += [("texture", line) for line in lost] + [("left-out", f"{line}: left out") for line in left_out]
    if any(paint.pixels is not None and paint.material.name in used for paint in painted):
        notes.append(("texture", "pictures on its skin and clothes are shown as colours of vertices"))
    if any(paint.alpha is not None and paint.material.name in used for paint in painted):
        notes.append(("transparent", "what is half transparent is shown whole, or not at all"))
    return character, notes + _of_bones(rig) + _of_face(character)


def _material(part: Part, count: int) -> int:
    number = part.primitive.get("material", count - 1)
    if not isinstance(number, int) or not 0 <= number < count:
        raise IndexError("a material that is not there")
    return number


def _bent(glb: Glb, rig: ForeignRig, part: Part, paint: Paint) -> _Bent:
    """A part with its colours, in the T-pose."""
    attributes = part.primitive["attributes"]
    before = part.placed(glb.numbers(attributes["POSITION"])[part.rows])
    slot = f"TEXCOORD_{paint.coordinates}"
    places = glb.numbers(attributes[slot])[part.rows] if slot in attributes else None
    parting = parted(part.triangles, _pixels(paint, places), len(part.rows))
    normals = _normals(glb, part, before)
    shares = parting.between(part.shares)
    before, normals = parting.between(before), unit(parting.between(normals))
    joints, weights = _largest(shares)
    corrections = np.einsum("vk,vkij->vij", weights, rig.corrections[joints][:, :, :3])
    turns = corrections[:, :, :3]
    positions = np.einsum("vij,vj->vi", turns, before) + corrections[:, :, 3]
    colors, triangles = _colored(glb, part, paint, parting)
    surface = Surface(
        part.name,
        paint.material.name,
        positions.astype(np.float32),
        unit(np.einsum("vij,vj->vi", turns, normals)).astype(np.float32),
        triangles.astype(np.uint32),
        joints.astype(np.uint16),
        weights.astype(np.float32),
        colors,
    )
    whole = _both_sides(surface) if paint.double else surface
    return _Bent(part, parting, before, turns, whole, 2 if paint.double else 1)


def _pixels(paint: Paint, places: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    """Where vertices are on the texture, in pixels; None where it has none."""
    if paint.pixels is None or places is None:
        return None
    return places * np.array([paint.pixels.shape[1], paint.pixels.shape[0]], np.float32)


def _normals(glb: Glb, part: Part, before: Floats) -> Floats:
    """Shape [vertices, 3], in the file's own pose, of unit length."""
    attributes = part.primitive["attributes"]
    if "NORMAL" not in attributes:
        return surface_normals(before, part.triangles)
    a, b, c = (part.matrices[:, :, axis] for axis in range(3))
    across = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=-1)  # of a matrix, for normals
    sign = np.sign((a * np.cross(b, c)).sum(axis=1))[:, None]
    return unit(sign * np.einsum("vij,vj->vi", across, glb.numbers(attributes["NORMAL"])[part.rows]))


def surface_normals(points: Floats, triangles: NDArray[Any]) -> Floats:
    """Unit normals [vertices, 3]: means of the triangles around, by area."""
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    area = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], area)
    return unit(normals)


def _largest(shares: NDArray[np.float32]) -> tuple[NDArray[np.int64], Floats]:
    """The four bones [vertices, 4] with the largest shares, and these made to sum to 1."""
    joints = np.argsort(-shares, axis=1, kind="stable")[:, :4]
    weights = np.take_along_axis(shares, joints, axis=1).astype(np.float64)
    return joints, weights / weights.sum(axis=1, keepdims=True)


def _colored(
    glb: Glb, part: Part, paint: Paint, parting: Parting
) -> tuple[NDArray[np.float32] | None, NDArray[np.int64]]:
    """Colours of the vertices, None where all are white, and the triangles that are not transparent."""
    attributes, triangles = part.primitive["attributes"], parting.triangles
    colors = np.ones((parting.vertices, 4), np.float32)
    if "COLOR_0" in attributes:
        told = parting.between(glb.numbers(attributes["COLOR_0"])[part.rows])
        colors[:, : told.shape[1]] = told
    slot = f"TEXCOORD_{paint.coordinates}"
    if paint.pixels is not None and slot in attributes:
        colors *= paint.sampled(parting.between(glb.numbers(attributes[slot])[part.rows]))
    if paint.alpha is not None:
        triangles = triangles[paint.alpha * colors[triangles, 3].mean(axis=1) > _SEEN]
    shown = np.clip(colors[:, :3], 0, 1)
    return (None if (shown == 1).all() else np.ascontiguousarray(shown)), triangles


def _both_sides(surface: Surface) -> Surface:
    """The same with every triangle once more, seen from behind."""
    count = np.uint32(len(surface.positions))
    colors = surface.colors
    return Surface(
        surface.name,
        surface.material,
        np.tile(surface.positions, (2, 1)),
        np.concatenate([surface.normals, -surface.normals]),
        np.concatenate([surface.triangles, surface.triangles[:, ::-1] + count]),
        np.tile(surface.joints, (2, 1)),
        np.tile(surface.weights, (2, 1)),
        None if colors is None else np.tile(colors, (2, 1)),
    )


def _with_morphs(glb: Glb, bent: _Bent, shares: Shares, face: Face) -> Surface:
    """The surface with the expressions that its mesh has a part in."""
    wanted = {
        name: [share for share in found if share.mesh == bent.part.mesh] for name, found in shares.items()
    }
    morphs = [_morph(glb, bent, (name, found), face) for name, found in sorted(wanted.items()) if found]
    return replace(bent.surface, morphs=tuple(morph for morph in morphs if len(morph.vertices)))


def _morph(glb: Glb, bent: _Bent, wanted: tuple[str, list[Share]], face: Face) -> Morph:
    name, shares = wanted
    ways = np.zeros_like(bent.before)
    for share in shares:
        target = bent.part.primitive["targets"][share.target]
        if "POSITION" in target:
            moved = bent.part.moved(glb.numbers(target["POSITION"])[bent.part.rows])
            how_much = share.weight * face.share(share.region, bent.before)
            ways += how_much[:, None] * bent.parting.between(moved)
    triangles = bent.parting.triangles
    normals = surface_normals(bent.before + ways, triangles) - surface_normals(bent.before, triangles)
    ways, normals = (np.einsum("vij,vj->vi", bent.turns, vectors) for vectors in (ways, normals))
    vertices = np.flatnonzero(np.abs(ways).max(axis=1, initial=0) > _SMALL)
    count = len(bent.before)
    everywhere = np.concatenate([vertices + copy * count for copy in range(bent.copies)])
    flipped = np.concatenate([normals[vertices] * (1 - 2 * copy) for copy in range(bent.copies)])
    return Morph(
        name,
        everywhere.astype(np.uint32),
        np.tile(ways[vertices], (bent.copies, 1)).astype(np.float32),
        flipped.astype(np.float32),
    )


def _named_apart(surfaces: tuple[Surface, ...]) -> tuple[Surface, ...]:
    """The same with names that differ."""
    taken: set[str] = set()
    apart = []
    for surface in surfaces:
        name = free_name(surface.name, taken)
        taken.add(name)
        apart.append(replace(surface, name=name))
    return tuple(apart)


def _of_bones(rig: ForeignRig) -> list[tuple[str, str]]:
    notes = []
    if rig.lowered > _LEVEL:
        notes.append(("pose", f"its arms were {rig.lowered:.0f}° off level and were brought into the T-pose"))
    if rig.scaled != 1:
        notes.append(("size", f"one unit of the file was taken as {100 * rig.scaled:.3g} cm"))
    missing = without_fingers(rig.bones)
    if missing:
        some = ", ".join(missing) if len(missing) < _ALL_FINGERS else "all 30"
        text = f"finger bones are missing ({some}): hand shapes do not show; take a figure with all of them"
        notes.append(("no-fingers", text))
    return notes


def _of_face(character: Character) -> list[tuple[str, str]]:
    gaze = all(f"{side}Eye" in character.rig for side in SIDES)
    wanted = [name for name in EXPRESSIONS[1:] if not (gaze and name.startswith(_GAZE))]
    missing = [name for name in wanted if name not in character.expressions]
    if not character.expressions:
        return [("no-face", "it has no morph targets with names of expressions: its face stays still")]
    if missing:
        shown = ", ".join(character.expressions)
        few = f"the face can show only: {shown}" if len(missing) > _MANY else ""
        return [("expressions", few or f"the face cannot show: {', '.join(missing)}")]
    return []
