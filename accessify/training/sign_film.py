"""From hands in space to what landmarks of a film say: camera, stretched pictures, noise, hands not seen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from accessify.training.chance import Chance, turn
from accessify.training.hand_features import palm_sized
from accessify.training.sign_classes import ALONE

_LOW = 1.0
"""Shoulder widths below the shoulders from which a hand is often out of the picture."""


@dataclass(frozen=True, slots=True)
class Film:
    """One hand of n signers over time, as a right hand."""

    hands: Tensor
    """Shape [n, frames, 21, 3], in a viewer's axes."""
    places: Tensor
    """Shape [n, frames, 3], shoulder widths."""


def film(
    leading: Film, other: Film, kind: Tensor, chance: Chance, liberty: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Hands [n, frames, 2, 21, 3], whether they are seen [n, frames, 2], places [n, frames, 2, 2].

    `kind` [n] says what the other hand does (`sign_classes`); one that does nothing is often not seen.
    `liberty` multiplies how freely the camera stands.
    """
    count = len(kind)
    angles = torch.stack([chance.normal(count) * sd for sd in (9.0, 12.5, 4.0)], -1)
    angles = angles * liberty
    camera = turn(torch.deg2rad(angles))
    mirror = torch.diag(torch.tensor([-1.0, 1.0, 1.0]))
    stretch = torch.exp(chance.normal(count, 1, 1) * 0.12)
    depth = torch.exp(chance.normal(count, 1, 1) * 0.3 - 0.1)
    hands, places = [], []
    # the other hand's points are mirrored, its places are not
    for one, seen_by in ((leading, camera), (other, mirror @ camera @ mirror)):
        points = torch.einsum("nij,ntpj->ntpi", seen_by, one.hands)
        scale = torch.cat([stretch, torch.ones_like(stretch), stretch * depth], -1)
        hands.append(palm_sized(_noisy(points * scale[:, None], chance)))
        place = torch.einsum("nij,ntj->nti", camera, one.places)[..., :2]
        # shoulder widths are stretched as well, so it is heights that look different
        place = place / torch.cat([torch.ones_like(stretch), stretch], -1)
        places.append(place + chance.normal(*place.shape) * 0.012)
    missing = _missing(places[1], kind, chance)
    seen = torch.stack([torch.ones_like(missing), ~missing], -1).float()
    pair = torch.stack(hands, 2) * seen[..., None, None]
    return pair, seen, torch.stack(places, 2)


def _noisy(points: Tensor, chance: Chance) -> Tensor:
    """Landmarks that tremble from picture to picture and drift for some pictures; depth the most."""
    count, frames = points.shape[:2]
    strength = 0.03 * torch.exp(chance.normal(count, 1, 1, 1) * 0.5)
    drift = torch.nn.functional.avg_pool1d(chance.normal(count, 63, frames), 5, 1, 2) * 2.2
    drift = drift.reshape(count, 21, 3, frames).permute(0, 3, 1, 2)
    noise = (chance.normal(*points.shape) * 0.5 + drift * 0.9) * strength
    return points + noise * torch.tensor([1.0, 1.0, 1.6])


def _missing(places: Tensor, kind: Tensor, chance: Chance) -> Tensor:
    """Where the other hand is not seen [n, frames]: for runs of pictures, or low down, or always."""
    count, frames = places.shape[:2]
    runs = torch.nn.functional.avg_pool1d(chance.uniform(count, 1, frames), 5, 1, 2)[:, 0]
    share = torch.where(chance.uniform(count, 1) < 0.4, 0.25 * chance.uniform(count, 1), 0.0)
    dropped = runs < runs.median(1, keepdim=True).values * 2 * share
    low = (places[..., 1] > _LOW) & (chance.uniform(count, 1) < 0.6)
    never = (kind == ALONE)[:, None] & (chance.uniform(count, 1) < 0.55)
    return dropped | low | never
