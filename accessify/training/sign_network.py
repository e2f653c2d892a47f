"""The sign encoder: a clip of signing to numbers in which the same sign is near, whoever signs.

Two answers from one trunk: an embedding of every picture, for comparing two clips in time, and one of the
whole clip.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from accessify.training.hand_features import HandFeatures

FRAMES = 32
"""Pictures a clip is sampled at."""


class SignEncoder(nn.Module):
    """Depthwise convolutions over time on `HandFeatures` of both hands and their places."""

    def __init__(self, *, width: int = 192, layers: int = 3, frame: int = 64, clip: int = 128) -> None:
        super().__init__()
        self.features = HandFeatures(pairs=False)
        size = 2 * self.features.size + 1 + 6
        self.entry = nn.Sequential(
            nn.Linear(size, width), nn.LayerNorm(width), nn.GELU(), nn.Dropout(0.1), nn.Linear(width, width)
        )
        self.blocks = nn.ModuleList(_Block(width) for _ in range(layers))
        self.frame = nn.Linear(width, frame)
        self.when = nn.Parameter(torch.randn(1, FRAMES, width) * 0.02)
        self.attention = nn.Linear(width, 4)
        self.clip = nn.Linear(5 * width, clip)

    def forward(self, hands: Tensor, seen: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings of pictures [n, 32, frame] and of clips [n, clip], all 1 long.

        `hands` [n, 32, 2, 21, 3], `seen` [n, 32, 2] and `places` [n, 32, 2, 2] are as
        `accessify.signs.samples` has them.
        """
        shapes = self.features(hands) * seen[..., None]
        apart = (places[:, :, 1] - places[:, :, 0]) * 0.5
        where = [places[:, :, 0], places[:, :, 1] * 0.5, apart]
        trunk = self.entry(torch.cat([shapes.flatten(2), seen[:, :, 1:], *where], -1))
        for block in self.blocks:
            trunk = block(trunk)
        timed = trunk + self.when
        weights = torch.softmax(self.attention(timed), 1)
        pooled = torch.cat([(weights.transpose(1, 2) @ timed).flatten(1), timed.mean(1)], -1)
        return _unit(self.frame(trunk)), _unit(self.clip(pooled))


class _Block(nn.Module):
    """What is near in time, then what belongs together in a picture."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.time = nn.Conv1d(width, width, 5, padding=2, groups=width)
        self.mix = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, trunk: Tensor) -> Tensor:
        mixed: Tensor = self.mix(self.time(trunk.transpose(1, 2)).transpose(1, 2))
        return trunk + mixed


def _unit(vectors: Tensor) -> Tensor:
    return nn.functional.normalize(vectors, dim=-1)
