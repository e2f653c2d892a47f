"""What networks see of a hand: part of every network, so that an ONNX file takes plain landmarks.

Of points [..., 21, 3] (any unit, x right, y down, z away from the camera): the points from the wrist in palm
sizes, directions of bones, the points in axes of the palm, those axes, the bending of every joint and the
distances of all pairs. Depth is the least sure of a camera, so it counts less wherever it is not turned
into palm axes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from accessify.signs.normalize import PALM_BONES
from accessify.training.hand_model import unit

PARENTS = (0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19)
"""Where the bone to each of the points 1 to 20 begins."""
JOINTS = tuple(
    (before, at, after)
    for finger in range(5)
    for before, at, after in zip(
        (0, 4 * finger + 1, 4 * finger + 2),
        range(4 * finger + 1, 4 * finger + 4),
        range(4 * finger + 2, 4 * finger + 5),
        strict=True,
    )
)
"""Three points around each of the 15 joints."""


class HandFeatures(nn.Module):
    """Points of hands to numbers."""

    starts: Tensor
    joints: Tensor
    first: Tensor
    second: Tensor

    def __init__(self, *, pairs: bool = True) -> None:
        """`pairs` adds the 210 distances of all pairs of points."""
        super().__init__()
        first, second = torch.triu_indices(21, 21, 1)
        for name, value in (
            ("starts", torch.tensor(PARENTS)),
            ("joints", torch.tensor(JOINTS).T),
            ("first", first),
            ("second", second),
        ):
            self.register_buffer(name, value, persistent=False)
        self.pairs = pairs
        self.size = 60 + 60 + 40 + 60 + 9 + 15 + (210 if pairs else 0)
        """Numbers of a hand."""

    def forward(self, points: Tensor) -> Tensor:
        """Numbers [..., size] of hands [..., 21, 3]."""
        hand = palm_sized(points)
        bones = hand[..., 1:, :] - hand[..., self.starts, :]
        palm = palm_axes(hand)
        local = hand[..., 1:, :] @ palm.transpose(-1, -2)
        before, at, after = self.joints
        inward, outward = (
            unit(hand[..., at, :] - hand[..., before, :]),
            unit(hand[..., after, :] - hand[..., at, :]),
        )
        parts = [
            (hand[..., 1:, :] * torch.tensor([1.0, 1.0, 0.5])).flatten(-2),
            unit(bones * torch.tensor([1.0, 1.0, 0.6])).flatten(-2),
            unit(bones[..., :2]).flatten(-2),
            local.flatten(-2),
            palm.flatten(-2),
            (inward * outward).sum(-1),
        ]
        if self.pairs:
            parts.append((hand[..., self.first, :] - hand[..., self.second, :]).norm(dim=-1))
        return torch.cat(parts, -1)


def palm_sized(points: Tensor) -> Tensor:
    """Hands [..., 21, 3] from the wrist, in palm sizes (`accessify.signs.normalize.palm_size`)."""
    hand = points - points[..., :1, :]
    lengths = [(hand[..., a, :] - hand[..., b, :]).norm(dim=-1) for a, b in PALM_BONES]
    size = torch.stack(lengths).mean(0)
    return hand / (size[..., None, None] + 1e-6)


def palm_axes(hand: Tensor) -> Tensor:
    """Axes [..., 3, 3] of the palm as rows: along the middle finger, out of the back of a
    right hand, across to the little finger's side.
    """
    along = unit(hand[..., 9, :])
    out = unit(torch.linalg.cross(hand[..., 17, :] - hand[..., 5, :], along))
    return torch.stack([along, out, torch.linalg.cross(along, out)], -2)
