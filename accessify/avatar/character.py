"""Our figure, built from its fields: hands, clothes and head on one rig."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.clothes import HEM, collar, shirt, signing_turns, trousers
from accessify.avatar.clothes_skin import shirt_shares, trousers_shares
from accessify.avatar.coloring import hand_colors, hand_marks
from accessify.avatar.fields import Field, Points, Values, round_cone, step
from accessify.avatar.hand_skin import hand_shares
from accessify.avatar.hands import hand, thumb_turn
from accessify.avatar.head import head_materials, head_surfaces
from accessify.avatar.look import Look
from accessify.avatar.mesh import Mesh, fitted, mesh, mirrored, occlusion
from accessify.avatar.rig import figure_rig, hand_to_world
from accessify.avatar.simplify import Fineness, simplified, wanted_lengths
from accessify.avatar.skin import Shares, packed, unposed
from accessify.core.character import Character, Color, Material, Surface
from accessify.core.humanoid import Rig, finger_bones

Box = tuple[NDArray[np.float64], NDArray[np.float64]]

NAME = "accessify"
_HAND_BOX = np.array([-0.060, -0.050, -0.075]), np.array([0.225, 0.085, 0.110])
_SHIRT_BOX = np.array([-0.560, 0.840, -0.200]), np.array([0.560, 1.500, 0.320])
_COLLAR_BOX = np.array([-0.090, 1.350, -0.120]), np.array([0.090, 1.490, 0.080])
_TROUSERS_BOX = np.array([-0.210, 0.530, -0.160]), np.array([0.210, 1.010, 0.160])
_BLOCKED = 0.02, 0.07
"""Metres within which other parts of hand and body keep light away."""


_HAND_EDGES = Fineness(error=0.00008, shortest=0.0017, longest=0.0060)
_CLOTH_EDGES = Fineness(error=0.0005, shortest=0.0090, longest=0.0260)
_COLLAR_EDGES = Fineness(error=0.0002, shortest=0.0038, longest=0.0070)


@dataclass(frozen=True, slots=True)
class Detail:
    """How finely parts are meshed."""

    hands: float = 0.0018
    """Side of a cell, metres. The mesh is then simplified, so that cells much smaller than the edges which
    are left cost time and give nothing.
    """
    clothes: float = 0.0085
    """Side of a cell, metres, likewise."""
    head: float = 1.0
    """1 is the usual; less makes fewer triangles."""


def build_figure(look: Look = Look(), detail: Detail = Detail()) -> Character:  # noqa: B008 - values
    """Our figure in the T-pose of VRM 1.0, the same every time.

    Raises `MissingExtra` without scikit-image.
    """
    rig = figure_rig()
    palm, hands = _hands(rig, look, detail)
    materials = (
        *head_materials(look),
        Material("hand", palm, 0.55, "skin"),
        Material("shirt", look.cloth, 0.90, "cloth"),
        Material("trousers", look.trousers, 0.90, "cloth"),
    )
    surfaces = (*head_surfaces(rig, look, detail.head), *hands, *_clothes(rig, detail))
    return Character(NAME, rig, surfaces, materials)


def _hands(rig: Rig, look: Look, detail: Detail) -> tuple[Color, tuple[Surface, Surface]]:
    """The colour of the palms, which is the material's, and the left and right hand."""
    fine = mesh(hand, *_HAND_BOX, detail.hands)
    wanted = wanted_lengths(fine, _HAND_EDGES, hand_marks(fine.positions))
    meshed = fitted(hand, simplified(fine, wanted), detail.hands)
    shares = hand_shares(meshed.positions, "right")
    colors = hand_colors(meshed.positions, meshed.normals, look.skin)
    brightest = colors.max(axis=0)
    turned_over = np.array([-1, -1, 1], np.float32)  # the right hand's axes in the world
    placed = hand_to_world("right", meshed.positions).astype(np.float32), meshed.normals * turned_over
    thumb = np.append(thumb_turn()[:3] * turned_over, thumb_turn()[3])
    positions, normals = unposed(rig, {finger_bones("right", "Thumb")[0]: thumb}, shares, placed)
    right = _surface(rig, "right_hand", "hand", Mesh(positions, normals, meshed.triangles), shares)
    open_ = occlusion(hand, meshed, _BLOCKED[0])
    right = replace(right, colors=np.asarray(colors / brightest, np.float32), occlusion=open_)
    other = mirrored(Mesh(right.positions, right.normals, right.triangles))
    renamed = {bone.replace("right", "left"): share for bone, share in shares.items()}
    left = _surface(rig, "left_hand", "hand", other, renamed)
    red, green, blue = (float(part) for part in brightest)
    return (red, green, blue), (replace(left, colors=right.colors, occlusion=open_), right)


def _clothes(rig: Rig, detail: Detail) -> tuple[Surface, ...]:
    cell = detail.clothes
    above = _cloth(rig, "shirt", _lean(shirt, _SHIRT_BOX, cell, _CLOTH_EDGES, _at_borders))
    ring = _cloth(rig, "collar", _lean(collar, _COLLAR_BOX, 0.4 * cell, _COLLAR_EDGES))
    below = _lean(trousers, _TROUSERS_BOX, 1.3 * cell, _CLOTH_EDGES)
    legs = _surface(rig, "trousers", "trousers", below, trousers_shares(below.positions))
    return above, ring, replace(legs, occlusion=occlusion(_dressed, below, _BLOCKED[1]))


def _lean(field: Field, box: Box, cell: float, edges: Fineness, marks: Field | None = None) -> Mesh:
    fine = mesh(field, *box, cell)
    wanted = wanted_lengths(fine, edges, None if marks is None else marks(fine.positions))
    return fitted(field, simplified(fine, wanted), cell)


def _at_borders(points: Points) -> Values:
    """1 under the collar and at the hem, 0 a little beside them: where edges must be short."""
    under_collar = 1 - step(collar(points), 0.0, 0.020)
    at_hem = 1 - step(np.abs(points[:, 1] - np.float32(HEM)), 0.004, 0.024)
    return np.asarray(np.maximum(under_collar, at_hem), np.float32)


def _cloth(rig: Rig, name: str, meshed: Mesh) -> Surface:
    """A part of the shirt, meshed with the arms let down, at rest."""
    shares = shirt_shares(meshed.positions)
    positions, normals = unposed(rig, signing_turns(), shares, (meshed.positions, meshed.normals))
    at_rest = _surface(rig, name, "shirt", Mesh(positions, normals, meshed.triangles), shares)
    open_ = np.maximum(occlusion(_dressed, meshed, _BLOCKED[1]), np.float32(0.4))
    return replace(at_rest, occlusion=open_)


def _dressed(points: Points) -> Values:
    """All that keeps light from the clothes; the collar lies too near to them."""
    neck = round_cone(points, [0.0, 1.520, -0.014], [0.0, 1.400, -0.022], (0.050, 0.052))
    return np.asarray(np.minimum.reduce([shirt(points), trousers(points), neck]), np.float32)


def _surface(rig: Rig, name: str, material: str, skin: Mesh, shares: Shares) -> Surface:
    joints, weights = packed(rig, shares)
    return Surface(name, material, skin.positions, skin.normals, skin.triangles, joints, weights)
