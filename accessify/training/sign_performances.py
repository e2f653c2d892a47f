"""Performances of signs: the same sign by other people, faster or slower, larger or smaller, cut otherwise.

Each call performs every sign once, by a signer of its own. Time is a row of nodes: at rest, the key
postures (repeated as the sign repeats), at rest again; between two nodes a hold, then a movement whose
jerk is least (Flash and Hogan 1985). What is filmed begins somewhere in the preparation and ends
somewhere in the retraction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from accessify.training.chance import Chance, axes
from accessify.training.hand_model import Bones, Shapes, pose_hands
from accessify.training.sign_classes import BASE, KEYS, MIRRORED, SignClasses
from accessify.training.sign_film import Film, film

NODES = 8
"""Rest, at most six postures, rest."""
WEAK_DROP = 0.1
"""Share of signers who leave out a hand that mirrors the other."""
_REST_BENDS = (28.0, 30.0, 20.0)
_MIRROR = (-1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Performances:
    """n performances of `frames` pictures each, as `accessify.signs.samples` has them."""

    hands: Tensor
    """Shape [n, frames, 2, 21, 3]."""
    seen: Tensor
    """Shape [n, frames, 2]: 1 where the hand is seen, else 0."""
    places: Tensor
    """Shape [n, frames, 2, 2]."""
    phase: Tensor
    """Shape [n, frames]: number of the node that was passed, and what share of the way to the next."""


@dataclass(frozen=True, slots=True)
class _Timeline:
    postures: Tensor
    """Shape [n, NODES - 2], int64: key posture of each inner node."""
    times: Tensor
    """Shape [n, NODES], seconds."""
    pictures: Tensor
    """Shape [n, frames], seconds."""
    segment: Tensor
    """Shape [n, frames], int64: node before each picture."""
    share: Tensor
    """Shape [n, frames]: how far on the way to the next node."""
    inside: Tensor
    """Shape [n, frames]: 1 within the sign, 0 in preparation and retraction."""


class Performer:
    """Performs signs with the hand shapes of a library."""

    def __init__(self, shapes: Shapes, chance: Chance, frames: int = 32, liberty: float = 1.0) -> None:
        """`liberty` multiplies how much signers differ; 1 is what the numbers below say."""
        self._shapes, self._chance, self._frames, self._liberty = shapes, chance, frames, liberty

    def perform(self, classes: SignClasses) -> Performances:
        """One performance of each of the `classes`."""
        chance, count = self._chance, len(classes)
        bones = Bones.varied(count, chance)
        time = self._timeline(classes)
        hands, turns, places = self._postures(classes, bones)
        rest_hand = self._rest_hand(count, bones)
        rest_turn = axes(
            torch.tensor([0.3, 1.0, -0.3]) + chance.normal(count, 3) * 0.4,
            torch.tensor([0.8, 0.0, 0.3]) + chance.normal(count, 3) * 0.4,
        )
        rest_place = torch.stack(
            [
                -0.5 + 0.2 * chance.uniform(count),
                1.35 + 0.3 * chance.uniform(count),
                torch.full((count,), -0.2),
            ],
            -1,
        )
        size = torch.exp(chance.normal(count, 1) * 0.25 * self._liberty)
        shape = _along(time, hands, rest_hand)
        turned = _along(time, turns, rest_turn)
        turned = axes(turned[..., 1], turned[..., 2] + 1e-3)
        middle = places.mean(1, keepdim=True)
        path = _along(time, (places - middle) * size[:, None] + middle, rest_place)
        path = path + self._bow(classes, time, size) + self._circle(classes, time, size)
        leading = Film(torch.einsum("ntij,ntpj->ntpi", turned, shape), path)
        other = self._other(classes, bones, time, leading)
        phase = time.segment + time.share
        hands, seen, places = film(leading, other, classes.other, chance, self._liberty)
        return Performances(hands, seen, places, phase)

    def _postures(self, classes: SignClasses, bones: Bones) -> tuple[Tensor, Tensor, Tensor]:
        """Hands [n, k, 21, 3] in hand axes, turns [n, k, 3, 3] and places [n, k, 3] as one signer does."""
        chance, count = self._chance, len(classes)
        hands = self._hands(classes.shapes, classes.bends, bones)
        free = self._liberty
        tilt = chance.turns(count, 1, degrees=11.5 * free) @ chance.turns(count, KEYS, degrees=7.5 * free)
        shift = chance.normal(count, 1, 3) * 0.13 + chance.normal(count, KEYS, 3) * 0.05
        return hands, tilt @ classes.turns, classes.places + shift * free

    def _hands(self, shapes: Tensor, bends: Tensor, bones: Bones) -> Tensor:
        """Hands [n, k, 21, 3] of shapes numbered [n, k] with bends [n, k, 4, 3] added, one signer a row."""
        chance, (count, keys) = self._chance, shapes.shape
        chosen = self._shapes[shapes.reshape(-1)]
        habit = chance.normal(count, 1, 1, 3) * 6 + chance.normal(count, 1, 4, 3) * 5
        bent = bends + (habit + chance.normal(count, keys, 4, 3) * 3) * self._liberty
        spread = (chance.normal(count, 1, 4) * 2.5).expand(-1, keys, -1)
        varied = Shapes(
            chosen.bends + bent.reshape(-1, 4, 3),
            chosen.spread + spread.reshape(-1, 4),
            chosen.thumb_near,
            chosen.thumb_offset + chance.normal(count * keys, 3) * 0.05,
            chosen.thumb_bulge + chance.normal(count * keys, 3) * 0.2,
            chosen.vary,
        )
        return pose_hands(varied, bones.repeated(keys)).reshape(count, keys, 21, 3)

    def _rest_hand(self, count: int, bones: Bones) -> Tensor:
        chance = self._chance
        relaxed = Shapes(
            torch.tensor(_REST_BENDS) + chance.normal(count, 4, 3) * 8,
            torch.tensor([4.0, 0.0, -4.0, -8.0]).expand(count, 4),
            torch.full((count,), 5),
            torch.tensor([0.35, 0.2, 0.2]) + chance.normal(count, 3) * 0.05,
            torch.tensor([0.8, -0.2, 0.4]).expand(count, 3),
            torch.zeros(count),
        )
        return pose_hands(relaxed, bones)

    def _timeline(self, classes: SignClasses) -> _Timeline:
        chance, count = self._chance, len(classes)
        change = (chance.uniform(count) < 0.3).long() * torch.where(chance.uniform(count) < 0.5, 1, -1)
        repeats = (classes.repeats + change).clamp(1, 3)
        inner = torch.where(classes.keys == 1, 1, classes.keys * repeats).clamp(max=NODES - 2)
        nodes = torch.arange(NODES - 2)[None].expand(count, -1)
        # behind the last posture the row of nodes stands still
        postures = torch.minimum(nodes, inner[:, None] - 1) % classes.keys[:, None]
        lasting = 0.35 + 0.5 * chance.uniform(count, NODES - 1)
        lasting[:, 0] = 0.3 + 0.4 * chance.uniform(count)
        moves = torch.cat(
            [
                torch.ones(count, 1, dtype=torch.bool),
                nodes[:, 1:] < inner[:, None],
                torch.ones(count, 1, dtype=torch.bool),
            ],
            1,
        )
        lasting = torch.where(moves, lasting, 1e-4)
        times = torch.cat([torch.zeros(count, 1), torch.cumsum(lasting, 1)], 1)
        pictures = self._pictures(times, lasting)
        segment = (torch.searchsorted(times, pictures, right=True) - 1).clamp(0, NODES - 2)
        share = ((pictures - times.gather(1, segment)) / lasting.gather(1, segment)).clamp(0, 1)
        hold = torch.where(segment == 0, 0.0, 0.15 + 0.45 * chance.uniform(count, 1))
        share = ((share - hold) / (1 - hold)).clamp(0, 1)
        share = share**3 * (10 - 15 * share + 6 * share**2)
        inside = ((pictures > times[:, 1:2]) & (pictures < times[:, -2:-1] + 0.1)).float()
        return _Timeline(postures, times, pictures, segment, share, inside)

    def _pictures(self, times: Tensor, lasting: Tensor) -> Tensor:
        """When each picture is taken: evenly, or as where pictures were lost."""
        chance, count = self._chance, len(times)
        early = lasting[:, 0] * (chance.uniform(count) < 0.75) * chance.uniform(count) * 0.8
        late = lasting[:, -1] * (0.2 + (chance.uniform(count) < 0.75) * chance.uniform(count) * 0.7)
        begin, end = times[:, 1] - early, times[:, -2] + late
        steps = torch.where(chance.uniform(count, 1) < 0.5, 0.4 + chance.uniform(count, self._frames), 1.0)
        share = torch.cumsum(steps, 1)
        share = (share - share[:, :1]) / (share[:, -1:] - share[:, :1])
        share = share ** torch.exp(chance.normal(count, 1) * 0.25)
        return begin[:, None] + share * (end - begin)[:, None]

    def _bow(self, classes: SignClasses, time: _Timeline, size: Tensor) -> Tensor:
        amount = torch.sin(math.pi * time.share) * time.inside
        return (classes.bow * size)[:, None] * amount[..., None]

    def _circle(self, classes: SignClasses, time: _Timeline, size: Tensor) -> Tensor:
        begun = self._chance.uniform(len(classes), 1) * 0.6
        angle = 2 * math.pi * classes.circle[:, 2:] * (time.pictures - time.times[:, 1:2]) + begun
        flat = torch.stack([torch.cos(angle), torch.sin(angle)], -1) * (classes.circle[:, :2] * size)[:, None]
        still = torch.zeros_like(flat[..., :1])
        about = [
            torch.cat([still, flat], -1),
            torch.cat([flat[..., :1], still, flat[..., 1:]], -1),
            torch.cat([flat, still], -1),
        ]
        plane = classes.plane[None, :, None, None]
        moved = torch.gather(torch.stack(about), 0, plane.expand(1, *about[0].shape))[0]
        return moved * time.inside[..., None]

    def _other(self, classes: SignClasses, bones: Bones, time: _Timeline, leading: Film) -> Film:
        """The other hand as a right hand: mirrored, a base, or at rest."""
        chance, count = self._chance, len(classes)
        mirror = torch.tensor(_MIRROR)
        path = leading.places * mirror
        mean = path.mean(1, keepdim=True)
        path = torch.where(classes.alternating[:, None, None], 2 * mean - path, path)
        path = path + chance.normal(count, 1, 3) * 0.06 * self._liberty
        twist = chance.turns(count, degrees=8.5 * self._liberty)
        twin = torch.einsum("nij,ntpj->ntpi", twist, leading.hands)
        shape = self._hands(classes.base_shape[:, None], torch.zeros(count, 1, 4, 3), bones)[:, 0]
        tilt = chance.turns(count, degrees=11.5 * self._liberty)
        held = torch.einsum("nij,npj->npi", tilt @ classes.base_turn, shape)
        rest = torch.stack(
            [
                0.45 + 0.2 * chance.uniform(count),
                1.45 + 0.3 * chance.uniform(count),
                torch.full((count,), -0.2),
            ],
            -1,
        )[:, None]
        raised = torch.nn.functional.avg_pool1d(time.inside[:, None], 5, 1, 2)[:, 0, :, None]
        base = (classes.base_place + chance.normal(count, 3) * 0.1)[:, None] * raised + rest * (1 - raised)
        hanging = self._rest_hand(count, bones)[:, None].expand(-1, self._frames, -1, -1)
        # weak drop: some sign with one hand what is made with two alike (Padden and Perlmutter 1987)
        drops = chance.uniform(count) < WEAK_DROP * self._liberty
        is_twin = ((classes.other == MIRRORED) & (classes.alternating | ~drops))[:, None, None]
        is_base = (classes.other == BASE)[:, None, None]
        places = torch.where(is_twin, path, torch.where(is_base, base, rest))
        hands = torch.where(is_twin[..., None], twin, torch.where(is_base[..., None], held[:, None], hanging))
        return Film(hands, places)


def _along(time: _Timeline, postures: Tensor, rest: Tensor) -> Tensor:
    """What postures [n, k, …] and rest [n, …] are in every picture [n, frames, …]."""
    count, tail = len(rest), rest.shape[1:]
    blank = [1] * len(tail)
    inner = postures.gather(1, time.postures.reshape(count, -1, *blank).expand(-1, -1, *tail))
    nodes = torch.cat([rest[:, None], inner, rest[:, None]], 1)

    def at(index: Tensor) -> Tensor:
        return nodes.gather(1, index.reshape(count, -1, *blank).expand(-1, -1, *tail))

    share = time.share.reshape(count, -1, *blank)
    return at(time.segment) * (1 - share) + at(time.segment + 1) * share
