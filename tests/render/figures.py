"""A plain figure of round cones on our rig, and postures for it: small enough to draw in a test."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.rig import figure_rig
from accessify.core.character import Character, Material, Morph, Surface
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import FINGERS, SIDES, finger_bones
from accessify.core.motion import Motion
from accessify.core.rotation import about, multiply, unit
from accessify.core.timeline import Rate

RATE = Rate(Fraction(25))
SKIN, SHIRT, HAIR, EYE = (0.60, 0.36, 0.26), (0.05, 0.11, 0.20), (0.05, 0.03, 0.02), (0.85, 0.85, 0.85)
_RADII = {"UpperArm": (0.052, 0.042), "LowerArm": (0.042, 0.028), "Hand": (0.03, 0.036)}
_FINGER_RADIUS = 0.0088

Cone = tuple[NDArray[np.float64], NDArray[np.float64], tuple[float, float], str]


def figure(detail: int = 10) -> Character:
    """A figure with about 100 × `detail`² triangles; skin, shirt, hair and eyes, and a mouth that opens."""
    rig = figure_rig()
    skin = [_cone(*cone, detail) for cone in _bare()]
    head = _ball(np.array([0, 1.60, 0.0]), (0.078, 0.115, 0.095), 3 * detail)
    hair = _ball(np.array([0, 1.625, -0.018]), (0.086, 0.108, 0.098), 2 * detail)
    eyes = [_ball(np.array([x, 1.605, 0.080]), (0.014,) * 3, detail) for x in (-0.032, 0.032)]
    cloth = [_cone(*cone, 2 * detail) for cone in _dressed()]
    surfaces = [
        *(_surface(f"skin {number}", "skin", mesh, name) for number, (mesh, name) in enumerate(skin)),
        _mouth(_surface("face", "skin", head, "head")),
        _surface("hair", "hair", hair, "head"),
        *(_surface(f"{side} eye", "eye", ball, f"{side}Eye") for side, ball in zip(SIDES, eyes, strict=True)),
        *(_surface(f"shirt {number}", "shirt", mesh, name) for number, (mesh, name) in enumerate(cloth)),
    ]
    materials = (
        Material("skin", SKIN, 0.6, "skin"),
        Material("shirt", SHIRT, 0.9, "cloth"),
        Material("hair", HAIR, 0.5, "hair"),
        Material("eye", EYE, 0.1, "eye"),
    )
    return Character("test figure", rig, tuple(surfaces), materials)


def signing(frames: int = 4, *, rate: Rate = RATE, reach: float = 0.0) -> Motion:
    """The left hand waves beside the head with spread fingers, the right one lies before the chest.

    `reach` radians raise the left arm towards the ceiling.
    """
    rig = figure_rig()
    motion = Motion.at_rest(rig, frames, rate)
    turns = motion.rotations.astype(np.float64)
    wave = 0.25 * np.sin(np.arange(frames) / 4)
    turn = {
        "leftUpperArm": about([0, 0, 1], np.full(frames, -0.9 + reach)),
        "leftLowerArm": about([0, 0, 1], 2.1 - reach + wave),
        "rightUpperArm": multiply(about([0, 1, 0], 0.35), about([0, 0, 1], 1.15)),
        "rightLowerArm": multiply(about([0, 1, 0], 2.55), about([0, 0, 1], 0.45)),
        "head": about([0, 1, 0], 0.1 * wave),
    }
    for finger in FINGERS[1:]:
        for bone in finger_bones("right", finger):
            turn[bone] = about([0, 0, 1], np.full(frames, 0.5))
    for bone, rotation in turn.items():
        turns[:, rig.index(bone)] = rotation
    expressions = np.zeros((frames, len(EXPRESSIONS)), np.float32)
    expressions[:, EXPRESSIONS.index("jawOpen")] = np.linspace(0, 1, frames)
    return replace(motion, rotations=turns.astype(np.float32), expressions=expressions)


def _bare() -> list[Cone]:
    rig = figure_rig()
    cones: list[Cone] = [(np.array([0, 1.40, -0.01]), np.array([0, 1.54, 0.0]), (0.055, 0.05), "neck")]
    for side in SIDES:
        wrist = rig.heads[rig.index(f"{side}Hand")]
        middle = (rig.heads[rig.index(f"{side}LowerArm")] + wrist) / 2
        cones.append((middle, wrist, (0.037, 0.026), f"{side}LowerArm"))
        for finger in FINGERS:
            root = rig.heads[rig.index(finger_bones(side, finger)[0])]
            if finger != "Thumb":
                cones.append((wrist, root, (0.015, 0.011), f"{side}Hand"))
            for bone in finger_bones(side, finger):
                number = rig.index(bone)
                cones.append((rig.heads[number], rig.tails[number], (_FINGER_RADIUS,) * 2, bone))
    return cones


def _dressed() -> list[Cone]:
    rig = figure_rig()
    cones: list[Cone] = []
    for x in (-0.085, 0.0, 0.085):
        cones += [
            (np.array([x, 1.22, -0.01]), np.array([0.8 * x, 1.37, -0.015]), (0.095, 0.06), "upperChest"),
            (np.array([0.9 * x, 0.90, -0.01]), np.array([x, 1.20, -0.01]), (0.10, 0.10), "spine"),
        ]
    for side in SIDES:
        shoulder, elbow, wrist = (
            rig.heads[rig.index(f"{side}{part}")] for part in ("UpperArm", "LowerArm", "Hand")
        )
        cones += [
            (shoulder, elbow, (0.060, 0.046), f"{side}UpperArm"),
            (elbow, (elbow + wrist) / 2, (0.046, 0.042), f"{side}LowerArm"),
            (np.array([0, 1.40, -0.015]), shoulder, (0.055, 0.058), f"{side}Shoulder"),
        ]
    return cones


Mesh = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]


def _cone(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    radii: tuple[float, float],
    bone: str,
    detail: int,
) -> tuple[Mesh, str]:
    """A tube with round ends."""
    axis = unit(end - start)
    side = unit(np.cross(axis, [0.3, 0.2, 0.9] if abs(axis[2]) < 0.9 else [1, 0, 0]))
    third = np.cross(axis, side)
    caps = np.linspace(0, np.pi / 2, max(3, detail // 3))
    steps = np.linspace(0, 1, 2 + int(np.linalg.norm(end - start) * 4 * detail))[1:-1]
    profile = [(-np.cos(angle), np.sin(angle), 0.0) for angle in caps]
    profile += [(0.0, 1.0, step) for step in steps]
    profile += [(np.sin(angle), np.cos(angle), 1.0) for angle in caps]
    turns = np.arange(detail) * 2 * np.pi / detail
    around = np.cos(turns)[:, None] * side + np.sin(turns)[:, None] * third
    places, normals = [], []
    for along, out, share in profile:
        normal = along * axis + out * around
        radius = radii[0] + share * (radii[1] - radii[0])
        places.append(start + share * (end - start) + radius * normal)
        normals.append(normal)
    return (np.concatenate(places), np.concatenate(normals), _rings(len(profile), detail)), bone


def _ball(center: NDArray[np.float64], radii: tuple[float, ...], detail: int) -> Mesh:
    angles = np.linspace(0, np.pi, detail)
    turns = np.arange(detail) * 2 * np.pi / detail
    normal = np.stack(
        [
            np.outer(np.sin(angles), np.cos(turns)),
            np.outer(-np.cos(angles), np.ones(detail)),
            np.outer(np.sin(angles), -np.sin(turns)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    return center + normal * radii, unit(normal / radii), _rings(detail, detail)


def _rings(rows: int, around: int) -> NDArray[np.int64]:
    """Triangles between rings of `around` points, counter-clockwise from outside."""
    row, column = np.mgrid[: rows - 1, :around].reshape(2, -1)
    a, b = row * around + column, row * around + (column + 1) % around
    return np.concatenate([np.stack([a, b, a + around], -1), np.stack([b, b + around, a + around], -1)])


def _surface(name: str, material: str, mesh: Mesh, bone: str) -> Surface:
    places, normals, triangles = mesh
    joints = np.zeros((len(places), 4), np.uint16)
    joints[:, 0] = figure_rig().index(bone)
    weights = np.tile(np.array([1, 0, 0, 0], np.float32), (len(places), 1))
    return Surface(
        name,
        material,
        places.astype(np.float32),
        normals.astype(np.float32),
        triangles.astype(np.uint32),
        joints,
        weights,
    )


def _mouth(face: Surface) -> Surface:
    """The lower face drops by 3 cm, and its mouth is dark red."""
    places = face.positions
    below = np.flatnonzero(places[:, 1] < 1.545)
    moved = np.zeros((len(below), 3), np.float32)
    moved[:, 1] = -0.03
    colors = np.ones((len(places), 3), np.float32)
    colors[np.linalg.norm((places - [0, 1.545, 0.082]) / [2, 0.8, 2], axis=1) < 0.016] = (0.5, 0.1, 0.1)
    morph = Morph("jawOpen", below.astype(np.uint32), moved, np.zeros_like(moved))
    return replace(face, morphs=(morph,), colors=colors)
