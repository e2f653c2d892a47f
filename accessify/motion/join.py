"""Signs one behind the other: without the ways from and to rest, joined as a signer joins them.

Between two signs a hand takes the straight way from where it is to where it must be, starts and stops gently
and turns the shorter way; the time depends on how far it is, turns and re-forms. Ends of signs stay exact, so
what touched still touches. Fingers re-form early in a transition, as signers prepare the next hand shape
(W. Sandler, D. Lillo-Martin, Sign Language and Linguistic Universals, 2006, on transitional movement).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from accessify.core.rotation import inverse, log, multiply
from accessify.motion.posture import Postures
from accessify.motion.stretch import FIELDS, eased, held, mixed, picked


@dataclass(frozen=True, slots=True)
class JoinOptions:
    """How hands get from sign to sign."""

    speed: float = 1.1
    """Metres a second a hand moves on the way, on average; the peak of minimum jerk is 1.875 times that."""
    turn: float = 420.0
    """Degrees a second a hand turns."""
    form: float = 500.0
    """Degrees a second a finger joint moves."""
    least: float = 0.16
    """Seconds that a transition takes at least."""
    most: float = 0.6
    """Seconds that it takes at most."""
    raising: float = 0.45
    """Seconds from rest to the first sign, and from the last to rest."""


def core(postures: Postures) -> Postures:
    """The sign itself: from the first to the last picture in which a hand fully does what is asked.

    Pictures before and after are the ways from and to rest. All of it where no hand ever fully does.
    """
    busy = np.flatnonzero(postures.active.max(axis=1, initial=0) >= 1 - 1e-6)
    if not len(busy):
        return postures
    return picked(postures, np.arange(busy[0], busy[-1] + 1))


def transition(before: Postures, after: Postures, options: JoinOptions) -> float:
    """Seconds that it takes from the last posture of `before` to the first of `after`."""
    end, start = picked(before, np.array([-1])), picked(after, np.array([0]))
    both = (end.active[0] > 0) & (start.active[0] > 0)
    if not both.any():
        return options.raising
    far = np.linalg.norm(end.palms - start.palms, axis=-1)[0] / options.speed
    turn = multiply(inverse(held(end.directions, end.normals)), held(start.directions, start.normals))
    turned = np.degrees(np.linalg.norm(log(turn), axis=-1))[0] / options.turn
    formed = np.abs(end.bends - start.bends).max(axis=(2, 3))[0] / options.form
    needed = float(np.max(np.where(both, np.maximum(np.maximum(far, turned), formed), 0)))
    return float(np.clip(needed, options.least, options.most))


def between(before: Postures, after: Postures, count: int) -> Postures:
    """`count` pictures from the last posture of `before` to the first of `after`, both ends left out."""
    share = np.arange(1, count + 1) / (count + 1)
    end = picked(before, np.full(count, len(before) - 1))
    start = picked(after, np.zeros(count, np.intp))
    moved = mixed(end, start, eased(share))
    early = mixed(end, start, eased(np.minimum(1, share * 1.35)))
    return replace(moved, bends=early.bends, spread=early.spread)


def rest_like(postures: Postures, count: int, picture: int) -> Postures:
    """`count` pictures of rest, holding what `picture` shows, for a smooth way there or back."""
    still = picked(postures, np.full(count, picture))
    return replace(still, active=np.zeros((count, 2)), notes=())


def concatenated(parts: Sequence[Postures]) -> Postures:
    """One behind the other; the notes of all, each once."""
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS
    }
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return replace(parts[0], **joined, notes=tuple(notes))
