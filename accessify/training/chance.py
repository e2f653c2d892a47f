"""Random numbers that are the same for the same seed, and turns in space made of them."""

from __future__ import annotations

import torch
from torch import Tensor


class Chance:
    """A seeded source of random tensors, whose state can be kept and set."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(*shape, generator=self.generator)

    def uniform(self, *shape: int) -> Tensor:
        """Numbers from 0 to 1."""
        return torch.rand(*shape, generator=self.generator)

    def below(self, limit: int, *shape: int) -> Tensor:
        """Whole numbers from 0 to `limit` - 1."""
        return torch.randint(limit, shape, generator=self.generator)

    def pick(self, weights: Tensor, count: int) -> Tensor:
        """Indices [count], each as likely as its weight."""
        return torch.multinomial(weights, count, replacement=True, generator=self.generator)

    def turns(self, *shape: int, degrees: float) -> Tensor:
        """Small turns [..., 3, 3] about any axis, `degrees` the standard deviation about each."""
        return turn(torch.deg2rad(self.normal(*shape, 3) * degrees))


def turn(vector: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] of rotation vectors [..., 3] in radians (Rodrigues' formula)."""
    angle = vector.norm(dim=-1, keepdim=True) + 1e-9
    x, y, z = (vector / angle).unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*vector.shape[:-1], 3, 3)
    angle = angle[..., None]
    return torch.eye(3) + torch.sin(angle) * cross + (1 - torch.cos(angle)) * (cross @ cross)


def axes(fingers: Tensor, palm: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] from hand axes to a viewer's, for a hand that points and faces so.

    `palm` need not be square to `fingers`: what of it is, counts.
    """
    y = fingers / (fingers.norm(dim=-1, keepdim=True) + 1e-6)
    z = palm - y * (palm * y).sum(-1, keepdim=True)
    z = z / (z.norm(dim=-1, keepdim=True) + 1e-6)
    return torch.stack([torch.linalg.cross(y, z), y, z], -1)
