"""Signs that no language has, put together from what signs are made of.

The parts are those that linguists count (Stokoe 1960; Battison 1978): hand shape, orientation, place,
movement, and what the other hand does: nothing, the same as in a mirror, or hold still as a base. A network
that tells such signs apart over many ways to perform them has never seen a person, so it favours none.

Places are in shoulder widths from the middle between the shoulders, x to the viewer's right, y down, z away,
for a signer whose right hand leads.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from accessify.training.chance import Chance, axes

KEYS = 3
"""Key postures of a sign at most."""
ALONE, MIRRORED, BASE = 0, 1, 2
"""What the other hand does."""

_FINGERS = (
    *((0.0, -1.0, 0.0), (0.3, -0.8, -0.6), (1.0, -0.2, -0.1), (0.8, -0.5, -0.5)),
    *((0.1, 0.8, -0.5), (0.0, -0.2, -1.0), (0.6, -0.8, 0.0), (0.7, 0.3, -0.3)),
)
"""Where fingers point: up, up and forward, inward, down, forward."""
_PLACES = (
    *((-0.1, -0.95), (-0.05, -0.55), (-0.3, -0.7), (-0.35, -0.55), (0.0, -0.4), (-0.1, 0.1), (-0.3, 0.0)),
    *((-0.2, 0.45), (-0.5, 0.2), (-0.6, -0.3), (-0.15, 0.7), (-0.2, 0.3), (0.1, 0.3), (-0.45, 0.5)),
)
"""Forehead, nose, cheek, mouth, chin, chest, belly, before the body and beside it."""
_DEPTH = -0.4
"""How far before the shoulders hands are."""


@dataclass(frozen=True, slots=True)
class SignClasses:
    """n signs. `k` is `KEYS`."""

    shapes: Tensor
    """Shape [n, k], int64: number of the hand shape of each key posture."""
    bends: Tensor
    """Shape [n, k, 4, 3], degrees added to the shape's bends: what is special to this sign."""
    turns: Tensor
    """Shape [n, k, 3, 3]: orientation of each key posture."""
    places: Tensor
    """Shape [n, k, 3]."""
    keys: Tensor
    """Shape [n], int64: how many key postures there are."""
    repeats: Tensor
    """Shape [n], int64."""
    bow: Tensor
    """Shape [n, 3]: how far the way between two postures bows out; 0 is straight."""
    circle: Tensor
    """Shape [n, 3]: half axes of a circling (0 where there is none), and turns a second, signed."""
    plane: Tensor
    """Shape [n], int64: axis that the circle turns about."""
    other: Tensor
    """Shape [n], int64: `ALONE`, `MIRRORED` or `BASE`."""
    alternating: Tensor
    """Shape [n], bool: whether a mirrored hand goes the other way."""
    base_shape: Tensor
    """Shape [n], int64."""
    base_turn: Tensor
    """Shape [n, 3, 3]."""
    base_place: Tensor
    """Shape [n, 3]."""

    def __len__(self) -> int:
        return len(self.keys)


_THINGS = (
    ("shapes", "bends"),
    ("turns",),
    ("places",),
    ("keys", "repeats", "bow", "circle", "plane"),
    ("other", "alternating", "base_shape", "base_turn", "base_place"),
)
"""Fields that change together from a sign to its minimal pair."""


def draw_classes(count: int, shapes: int, chance: Chance) -> SignClasses:
    """`count` signs with hand shapes numbered below `shapes`."""
    lead = chance.below(shapes, count)
    same = chance.uniform(count, 1) < 0.6
    turns = _turns(count, chance)
    base_place = torch.stack(
        [0.25 + 0.2 * chance.uniform(count), 0.1 + 0.6 * chance.uniform(count), torch.full((count,), _DEPTH)],
        -1,
    )
    other = chance.pick(torch.tensor([0.42, 0.33, 0.25]), count)
    circling = (chance.uniform(count) < 0.2).float()[:, None]
    sense = torch.where(chance.uniform(count) < 0.5, 1.0, -1.0)[:, None]
    radii = 0.06 + 0.12 * chance.uniform(count, 2)
    return SignClasses(
        shapes=torch.where(same, lead[:, None], chance.below(shapes, count, KEYS)),
        bends=chance.normal(count, KEYS, 4, 3) * 5,
        turns=turns,
        places=_places(other, base_place, chance),
        keys=1 + chance.pick(torch.tensor([0.2, 0.55, 0.25]), count),
        repeats=1 + (chance.uniform(count) < 0.35).long() + (chance.uniform(count) < 0.15).long(),
        bow=(chance.uniform(count, 1) < 0.4) * chance.normal(count, 3) * 0.18,
        circle=circling * torch.cat([radii, sense * (1 + 1.5 * chance.uniform(count, 1))], -1),
        plane=chance.below(3, count),
        other=other,
        alternating=(chance.uniform(count) < 0.3) & (other == MIRRORED),
        base_shape=torch.where(chance.uniform(count) < 0.3, lead, chance.below(shapes, count)),
        base_turn=axes(_pointing(count, chance), chance.normal(count, 3)),
        base_place=base_place,
    )


def one_thing_else(classes: SignClasses, shapes: int, chance: Chance) -> SignClasses:
    """A minimal pair of each sign: one thing is another, all else the same."""
    fresh = draw_classes(len(classes), shapes, chance)
    thing = chance.below(len(_THINGS), len(classes))
    fields = {}
    for number, names in enumerate(_THINGS):
        for name in names:
            old, new = getattr(classes, name), getattr(fresh, name)
            changes = (thing == number).reshape(-1, *[1] * (old.ndim - 1))
            fields[name] = torch.where(changes, new, old)
    return SignClasses(**fields)


def joined(many: list[SignClasses]) -> SignClasses:
    """The signs of all of `many`."""
    return SignClasses(
        **{name: torch.cat([getattr(one, name) for one in many]) for name in SignClasses.__slots__}
    )


def _pointing(count: int, chance: Chance) -> Tensor:
    return torch.tensor(_FINGERS)[chance.below(len(_FINGERS), count)] + chance.normal(count, 3) * 0.25


def _turns(count: int, chance: Chance) -> Tensor:
    """Orientations [count, k, 3, 3], most of them about the same in all key postures."""
    fingers, palm = _pointing(count, chance), chance.normal(count, 3)
    bent = torch.where(chance.uniform(count, 1, 1) < 0.6, 0.12, 0.7)
    twisted = torch.where(chance.uniform(count, 1, 1) < 0.6, 0.15, 0.9)
    return axes(
        fingers[:, None] + chance.normal(count, KEYS, 3) * bent,
        palm[:, None] + chance.normal(count, KEYS, 3) * twisted,
    )


def _places(other: Tensor, base: Tensor, chance: Chance) -> Tensor:
    """Places [count, k, 3]; near the base where there is one, mostly."""
    count = len(other)
    start = torch.tensor(_PLACES)[chance.below(len(_PLACES), count)] + torch.tensor([-0.12, 0.08])
    start = torch.cat([start, torch.full((count, 1), _DEPTH)], -1) + chance.normal(count, 3) * 0.12
    near = (other == BASE) & (chance.uniform(count) < 0.8)
    beside = torch.tensor([-0.15, -0.12, -0.1]) + torch.tensor([0.15, 0.12, 0.0]) * chance.normal(count, 3)
    reach = torch.where(chance.uniform(count, 1, 1) < 0.3, 0.04, 0.28)
    steps = chance.normal(count, KEYS, 3) * reach
    from_base = steps - steps[:, :1] + (base + beside)[:, None]
    return torch.where(near[:, None, None], from_base, start[:, None] + steps)
