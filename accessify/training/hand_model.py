"""A hand that can be posed: bones and joints to the 21 points that landmark networks give.

Hand axes: x towards the thumb's side, y towards the fingertips, z out of the palm; the middle knuckle is 1
from the wrist. Bone lengths are means of published landmark results for adults' hands, varied per hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from accessify.signs.hand_shapes import HandShape
from accessify.training.chance import Chance

KNUCKLES = ((0.27, 0.95, 0.0), (0.0, 1.0, -0.03), (-0.22, 0.93, 0.0), (-0.41, 0.80, 0.05))
"""Index to little finger."""
PHALANGES = ((0.46, 0.28, 0.22), (0.51, 0.32, 0.23), (0.47, 0.30, 0.23), (0.37, 0.22, 0.20))
"""Index to little finger, from the knuckle outwards."""
THUMB_ROOT = (0.20, 0.24, 0.10)
THUMB_BONES = (0.40, 0.36, 0.28)
LOWEST, HIGHEST = (-12.0, -5.0, -5.0), (98.0, 115.0, 85.0)
"""Limits of knuckle, middle and end joint in degrees."""
_FIST = 110.0
"""Bend of a knuckle at which nothing is left of its spread: fingers of a fist lie side by side."""
_THUMB_TURN = math.radians(95)
"""The most that the thumb's middle joint turns; its end joint turns 0.8 times as much."""
_HALVINGS = 14


@dataclass(frozen=True, slots=True)
class Shapes:
    """Hand shapes stacked for computing; what `HandShape` says, n of them."""

    bends: Tensor
    """Shape [n, 4, 3], degrees."""
    spread: Tensor
    """Shape [n, 4], degrees."""
    thumb_near: Tensor
    """Shape [n], int64."""
    thumb_offset: Tensor
    """Shape [n, 3]."""
    thumb_bulge: Tensor
    """Shape [n, 3]."""
    vary: Tensor
    """Shape [n], degrees."""

    @classmethod
    def of(cls, shapes: Sequence[HandShape]) -> Shapes:
        """Stack `shapes`."""
        return cls(
            torch.tensor([shape.bends for shape in shapes]),
            torch.tensor([shape.spread for shape in shapes]),
            torch.tensor([shape.thumb_near for shape in shapes]),
            torch.tensor([shape.thumb_offset for shape in shapes]),
            torch.tensor([shape.thumb_bulge for shape in shapes]),
            torch.tensor([shape.vary for shape in shapes]),
        )

    def __len__(self) -> int:
        return len(self.bends)

    def __getitem__(self, index: Tensor) -> Shapes:
        return Shapes(*(getattr(self, name)[index] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Bones:
    """The build of n hands."""

    knuckles: Tensor
    """Shape [n, 4, 3]."""
    phalanges: Tensor
    """Shape [n, 4, 3]."""
    thumb_root: Tensor
    """Shape [n, 3]."""
    thumb: Tensor
    """Shape [n, 3]."""

    @classmethod
    def varied(cls, count: int, chance: Chance) -> Bones:
        """Hands of `count` people: longer and shorter fingers, narrow and broad palms."""
        normal = chance.normal
        knuckles = torch.tensor(KNUCKLES) + normal(count, 4, 3) * 0.02
        broad = torch.exp(normal(count, 1) * 0.08)
        lengths = normal(count, 1, 1) * 0.07 + normal(count, 4, 1) * 0.03 + normal(count, 4, 3) * 0.04
        thumb = normal(count, 1) * 0.06 + normal(count, 3) * 0.04
        return cls(
            torch.cat([knuckles[..., :1] * broad[..., None], knuckles[..., 1:]], -1),
            torch.tensor(PHALANGES) * torch.exp(lengths),
            torch.tensor(THUMB_ROOT) + normal(count, 3) * 0.03,
            torch.tensor(THUMB_BONES) * torch.exp(thumb),
        )

    def repeated(self, times: int) -> Bones:
        """Each hand `times` times in a row."""
        return Bones(*(getattr(self, name).repeat_interleave(times, 0) for name in self.__slots__))


def pose_hands(shapes: Shapes, bones: Bones) -> Tensor:
    """Points [n, 21, 3] in hand axes of n hands in n shapes; bends beyond a joint's limits stop there."""
    count = len(shapes)
    bends = torch.maximum(torch.minimum(shapes.bends, torch.tensor(HIGHEST)), torch.tensor(LOWEST))
    angles = torch.deg2rad(torch.cumsum(bends, -1))
    spread = torch.deg2rad(shapes.spread * (1 - bends[..., 0] / _FIST).clamp(0.2, 1))
    joints = [bones.knuckles]
    for bone in range(3):
        flat, out = torch.cos(angles[..., bone]), torch.sin(angles[..., bone])
        direction = torch.stack([torch.sin(spread) * flat, torch.cos(spread) * flat, out], -1)
        joints.append(joints[-1] + direction * bones.phalanges[..., bone, None])
    fingers = torch.stack(joints, 2).reshape(count, 16, 3)
    zeros = torch.zeros(count, 1, 3)
    hand = torch.cat([zeros, bones.thumb_root[:, None], zeros.expand(-1, 3, -1), fingers], 1)
    near = hand[torch.arange(count), shapes.thumb_near]
    thumb = _reach(bones, near + shapes.thumb_offset, shapes.thumb_bulge)
    return torch.cat([hand[:, :2], thumb, hand[:, 5:]], 1)


def _reach(bones: Bones, target: Tensor, bulge: Tensor) -> Tensor:
    """Thumb joints [n, 3, 3] (MCP, IP, tip) from the root to `target`, straight where it is too far.

    The three bones lie in one plane that holds the direction `bulge`; how much they turn is found by
    halving, since the reach falls as the turn grows.
    """
    towards = target - bones.thumb_root
    distance = towards.norm(dim=-1)
    along = unit(towards)
    low, high = torch.zeros_like(distance), torch.full_like(distance, _THUMB_TURN)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        far = _arc(bones.thumb, middle)[:, -1].norm(dim=-1) > distance
        low, high = torch.where(far, middle, low), torch.where(far, high, middle)
    points = _arc(bones.thumb, (low + high) / 2)
    tip = torch.atan2(points[:, -1, 1], points[:, -1, 0])
    flat, out = torch.cos(-tip)[:, None], torch.sin(-tip)[:, None]
    x = points[..., 0] * flat - points[..., 1] * out
    y = points[..., 0] * out + points[..., 1] * flat
    aside = unit(bulge - along * (bulge * along).sum(-1, keepdim=True))
    return bones.thumb_root[:, None] + along[:, None] * x[..., None] - aside[:, None] * y[..., None]


def _arc(bones: Tensor, turn: Tensor) -> Tensor:
    """Joints [n, 3, 2] of bones [n, 3] in their plane, the first along x."""
    second, third = turn, turn * 1.8
    steps = torch.stack(
        [
            torch.stack([bones[:, 0], torch.zeros_like(turn)], -1),
            torch.stack([torch.cos(second), torch.sin(second)], -1) * bones[:, 1, None],
            torch.stack([torch.cos(third), torch.sin(third)], -1) * bones[:, 2, None],
        ],
        1,
    )
    return torch.cumsum(steps, 1)


def unit(vectors: Tensor) -> Tensor:
    """The same directions, 1 long; 0 stays 0."""
    lengths: Tensor = vectors.norm(dim=-1, keepdim=True)
    return vectors / (lengths + 1e-6)
