"""Hands that nobody showed: letters of an alphabet from its table, and hands that are no letter.

Seen from all sides that the table names, turned a little more, and from anywhere for some; by people of
different build. They stand in for the signers that no free data set holds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import torch
from torch import Tensor

from accessify.signs.alphabet import Alphabet
from accessify.signs.hand_shapes import HandShape, View
from accessify.training.chance import Chance, axes, turn
from accessify.training.hand_model import Bones, Shapes, pose_hands

FAR = 0.12
"""Share of hands seen by a camera that stands anywhere around the signer."""
TURN = 14.0
"""Degrees (standard deviation about each axis) that a hand is turned from the views of its table."""
NEAR = 0.15
"""Perspective: how much smaller a point one palm farther away may look."""

STATES = (
    *((5.0, 6.0, 4.0), (70.0, 10.0, 5.0), (35.0, 45.0, 25.0), (15.0, 85.0, 50.0)),
    *((82.0, 100.0, 60.0), (28.0, 30.0, 20.0), (50.0, 65.0, 35.0), (55.0, 20.0, 10.0)),
)
"""Bends of a finger: straight, bent flat, curved, hooked, fist, at rest, round, slanted."""
PATTERNS = ("1111", "1000", "1100", "0001", "1001", "0111", "1110", "0100", "0110", "0011")
"""Which fingers, index to little, are in the first of two states."""
SPREADS = ((4.0, 0.0, -4.0, -8.0), (12.0, 2.0, -8.0, -18.0), (1.0, 0.0, -1.0, -2.0))
THUMBS = (
    *((6, (0.20, 0.02, 0.0)), (9, (-0.05, -0.15, 0.18)), (1, (0.85, 0.45, 0.1)), (8, (0.03, -0.03, 0.05))),
    *((12, (0.02, -0.02, 0.05)), (10, (0.02, -0.1, 0.17)), (5, (0.25, 0.1, 0.05)), (5, (0.4, 0.25, 0.35))),
    *((1, (0.6, 0.8, 0.1)), (8, (0.1, -0.4, 0.2)), (16, (0.02, -0.02, 0.05))),
)
"""Hand point and offset of the thumb tip: beside, across, out, touching a fingertip, under the fingers."""
_OUT = (0.5, -0.5, 0.2)
_BULGE = (0.8, -0.2, 0.6)
_UPRIGHT = (View((0.0, -1.0, 0.0), (0.0, 0.0, -1.0)),)


class LetterHands:
    """Draws hands of the letters of an alphabet."""

    def __init__(self, alphabet: Alphabet, chance: Chance) -> None:
        """Raises `ValueError` where a still letter of the alphabet has no hands in its table."""
        self.letters = alphabet.still
        by_name = {letter.name: letter.hands for letter in alphabet.letters}
        missing = [name for name in self.letters if not by_name[name]]
        if missing:
            raise ValueError(
                f"{alphabet.name}: no hands for {', '.join(missing)}; write hands = […] for each"
            )
        rows = [(number, shape) for number, name in enumerate(self.letters) for shape in by_name[name]]
        self._shapes = tuple(shape for _, shape in rows)
        owner = torch.tensor([number for number, _ in rows])
        # one row a letter, each of its shapes as likely
        self._weights = (owner[None] == torch.arange(len(self.letters))[:, None]).float()
        self._chance = chance

    @cached_property
    def _stacked(self) -> Shapes:
        return Shapes.of(self._shapes)

    def draw(self, letters: Tensor) -> Tensor:
        """Hands [n, 21, 3] in a viewer's axes for the letters [n] numbered as in `letters`."""
        choice = torch.multinomial(self._weights[letters], 1, generator=self._chance.generator)[:, 0]
        hands = pose_hands(
            vary(self._stacked[choice], self._chance), Bones.varied(len(letters), self._chance)
        )
        return see(hands, self._views(choice), self._chance)

    def _views(self, choice: Tensor) -> Tensor:
        most = max(len(shape.views) for shape in self._shapes)
        fingers, palm, weight = (torch.zeros(len(self._shapes), most, size) for size in (3, 3, 1))
        for row, shape in enumerate(self._shapes):
            for column, view in enumerate(shape.views):
                fingers[row, column], palm[row, column] = torch.tensor(view.fingers), torch.tensor(view.palm)
                weight[row, column] = view.weight
        drawn = torch.multinomial(weight[choice, :, 0], 1, generator=self._chance.generator)[:, 0]
        return axes(fingers[choice, drawn], palm[choice, drawn])


def draw_other(count: int, letters: LetterHands, chance: Chance) -> Tensor:
    """Hands [count, 21, 3] that show no letter: other shapes, and hands on their way between two letters."""
    shapes = Shapes.of(other_shapes(count - count // 2, chance))
    hands = pose_hands(vary(shapes, chance), Bones.varied(len(shapes), chance))
    views = axes(
        chance.normal(len(shapes), 3) + torch.tensor([0.0, -0.8, 0.0]), chance.normal(len(shapes), 3)
    )
    pairs = [letters.draw(chance.below(len(letters.letters), count // 2)) for _ in range(2)]
    share = 0.35 + 0.3 * chance.uniform(count // 2, 1, 1)
    return torch.cat([see(hands, views, chance), pairs[0] * share + pairs[1] * (1 - share)])


def other_shapes(count: int, chance: Chance) -> list[HandShape]:
    """Shapes put together by chance: two finger states, which fingers are in which, a spread, a thumb."""
    found = []
    for first, second, pattern, spread, thumb in zip(
        chance.below(len(STATES), count).tolist(),
        chance.below(len(STATES), count).tolist(),
        chance.below(len(PATTERNS), count).tolist(),
        chance.below(len(SPREADS), count).tolist(),
        chance.below(len(THUMBS), count).tolist(),
        strict=True,
    ):
        index, middle, ring, little = (STATES[first if one == "1" else second] for one in PATTERNS[pattern])
        near, offset = THUMBS[thumb]
        bulge = _OUT if near == 1 else _BULGE
        found.append(HandShape((index, middle, ring, little), SPREADS[spread], near, offset, bulge, _UPRIGHT))
    return found


def vary(shapes: Shapes, chance: Chance) -> Shapes:
    """The same shapes as different people form them."""
    count = len(shapes)
    sd = shapes.vary[:, None, None]
    bends = chance.normal(count, 1, 3) * sd * 0.8 + chance.normal(count, 4, 3) * sd * 0.6
    return replace(
        shapes,
        bends=shapes.bends + bends,
        spread=shapes.spread + chance.normal(count, 4) * 2.5,
        thumb_offset=shapes.thumb_offset + chance.normal(count, 3) * 0.05,
        thumb_bulge=shapes.thumb_bulge + chance.normal(count, 3) * 0.25,
    )


def see(hands: Tensor, views: Tensor, chance: Chance) -> Tensor:
    """Hands [n, 21, 3] in hand axes as a camera sees them from about `views` [n, 3, 3]."""
    count = len(hands)
    yaw = torch.where(chance.uniform(count) < FAR, (2 * chance.uniform(count) - 1) * torch.pi, 0.0)
    around = turn(torch.stack([torch.zeros(count), yaw, torch.zeros(count)], -1))
    rotation = around @ views @ chance.turns(count, degrees=TURN)
    seen = torch.einsum("nij,npj->npi", rotation, hands)
    size = 1 / (1 + seen[..., 2:] * NEAR * chance.uniform(count, 1, 1))
    return torch.cat([seen[..., :2] * size, seen[..., 2:]], -1)
