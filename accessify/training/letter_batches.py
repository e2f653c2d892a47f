"""Batches of hands for the letter network: real sets and synthetic hands, balanced, never twice the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from accessify.delivery.letter_sets import LetterSet
from accessify.training.chance import Chance, turn
from accessify.training.hand_features import palm_sized
from accessify.training.synthetic_hands import LetterHands, draw_other


@dataclass(frozen=True, slots=True)
class Shaking:
    """How hands are changed before they are learnt from; standard deviations."""

    depth: float = 0.35
    """Of the logarithm of a factor on depth, which landmark networks see worst."""
    roll: float = 15.0
    """Degrees in the picture's plane."""
    yaw: float = 30.0
    pitch: float = 25.0
    aspect: float = 0.18
    """Of the logarithm of a factor on width: pictures come stretched."""
    shear: float = 0.08
    noise: float = 0.025
    """Of each point, in palm sizes; its own logarithm varies by 0.5 from hand to hand."""


def shake(hands: Tensor, chance: Chance, by: Shaking = Shaking()) -> Tensor:
    """Hands [n, 21, 3] from other places, by other cameras, seen by shakier networks."""
    count = len(hands)
    flat, depth = hands[..., :2], hands[..., 2:] * torch.exp(chance.normal(count, 1, 1) * by.depth)
    angles = torch.stack([chance.normal(count) * degrees for degrees in (by.pitch, by.yaw, by.roll)], -1) * (
        torch.pi / 180
    )
    zero = torch.zeros(count, 2)
    about = [torch.cat([zero[:, :axis], angles[:, axis, None], zero[:, axis:]], -1) for axis in range(3)]
    turned = torch.cat([flat, depth], -1) @ (turn(about[2]) @ turn(about[0]) @ turn(about[1])).transpose(1, 2)
    stretch = torch.exp(chance.normal(count, 1) * by.aspect)
    x, y, z = turned.unbind(-1)
    x = x * stretch + chance.normal(count, 1) * by.shear * y
    noise = chance.normal(count, 21, 3) * by.noise * torch.exp(chance.normal(count, 1, 1) * 0.5)
    seen = torch.stack([x, y, z * stretch], -1) + noise * torch.tensor([1.0, 1.0, 1.5])
    return palm_sized(seen)


@dataclass(frozen=True, slots=True)
class Mixture:
    """How much of what a batch holds."""

    synthetic: float = 1.5
    """Synthetic hands, in parts; every real set is one part, one of many people (photographs) two."""
    other: float = 0.1
    """Share of the batch that shows no letter."""


class LetterBatches:
    """Draws batches, each letter equally often, each source by its weight."""

    def __init__(
        self,
        sets: Sequence[tuple[LetterSet, float]],
        synthetic: LetterHands,
        chance: Chance,
        mixture: Mixture = Mixture(),
    ) -> None:
        """`sets` with their weights."""
        self._synthetic, self._chance, self._mixture = synthetic, chance, mixture
        self._hands = [torch.from_numpy(one.hands) for one, _ in sets]
        letters = synthetic.letters
        self._rows = [
            [
                torch.tensor(
                    [row for row, label in enumerate(one.labels) if label == letter], dtype=torch.int64
                )
                for letter in letters
            ]
            for one, _ in sets
        ]
        self._weights = torch.tensor([*(weight for _, weight in sets), mixture.synthetic])

    def draw(self, size: int) -> tuple[Tensor, Tensor]:
        """Hands [size, 21, 3] and the numbers of their letters [size]; the highest number is no letter."""
        others = round(size * self._mixture.other)
        source = self._chance.pick(self._weights, size - others)
        letter = self._chance.below(len(self._synthetic.letters), size - others)
        hands = torch.empty(size - others, 21, 3)
        made = source == len(self._hands)
        for number, rows in enumerate(self._rows):
            for name, places in enumerate(rows):
                here = (source == number) & (letter == name)
                if len(places):
                    hands[here] = self._hands[number][
                        places[self._chance.below(len(places), int(here.sum()))]
                    ]
                else:
                    made |= here
        hands[made] = palm_sized(self._synthetic.draw(letter[made]))
        none = palm_sized(draw_other(others, self._synthetic, self._chance))
        labels = torch.cat([letter, torch.full((others,), len(self._synthetic.letters))])
        return shake(torch.cat([hands, none]), self._chance), labels
