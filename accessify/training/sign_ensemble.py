"""What is shipped as the sign encoder: two encoders of different training, and one that sees hand shapes.

The encoders see places, movement and both hands; the letter network adds what it learnt of the shape of the
leading hand. Each moment is one vector of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from accessify.training.letter_network import LetterNetwork
from accessify.training.sign_network import SignEncoder

SHAPE = 1.2
"""Weight of the hand shape beside that of the encoders together."""


class SignEnsemble(nn.Module):
    """Several encoders and a letter network as one encoder."""

    def __init__(self, encoders: Sequence[SignEncoder], shapes: LetterNetwork) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(encoders)
        self.shapes = shapes

    def forward(self, hands: Tensor, seen: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings of moments [n, 32, d] and of clips [n, e], all 1 long; inputs as in `SignEncoder`."""
        answers = [encoder(hands, seen, places) for encoder in self.encoders]
        leading = hands[:, :, 0]
        shape = self.shapes(leading.flatten(0, 1))[1].unflatten(0, leading.shape[:2])
        share = len(answers) ** -0.5
        moments = torch.cat([*(frames * share for frames, _ in answers), SHAPE * shape], -1)
        wholes = torch.cat([clips for _, clips in answers], -1)
        return nn.functional.normalize(moments, dim=-1), nn.functional.normalize(wholes, dim=-1)
