"""The letter network: landmarks of a hand to a letter, and to an embedding of the hand's shape."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from accessify.training.hand_features import HandFeatures

EMBEDDING = 128


class LetterNetwork(nn.Module):
    """A small fully connected network over `HandFeatures`; one more answer than letters: no letter."""

    def __init__(self, letters: int, *, width: int = 256, dropout: float = 0.35) -> None:
        super().__init__()
        self.features = HandFeatures()
        size = self.features.size
        self.body = nn.Sequential(
            nn.BatchNorm1d(size, affine=False),
            nn.Dropout(0.1),
            nn.Linear(size, width),
            nn.BatchNorm1d(width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, EMBEDDING),
            nn.BatchNorm1d(EMBEDDING),
            nn.GELU(),
            nn.Dropout(dropout),
        )
        self.head = nn.Linear(EMBEDDING, letters + 1)

    def forward(self, hands: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities [n, letters + 1] and embeddings [n, 128], 1 long, of hands [n, 21, 3]."""
        hidden = self.body(self.features(hands))
        return torch.log_softmax(self.head(hidden), -1), nn.functional.normalize(hidden, dim=-1)
