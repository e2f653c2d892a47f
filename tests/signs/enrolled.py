"""Small clips of signing, references and books, for the tests of sign books."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from accessify.core.timeline import millis
from accessify.signs.book import EnrolledSign, Reference, SignBook
from accessify.signs.clip import SignClip


def sign_clip(seed: int = 0, frames: int = 5, *, mirrored: bool = False, start: int = 0) -> SignClip:
    """A hand that is always there, another that comes and goes, and a body that is partly seen."""
    random = np.random.default_rng(seed)
    hands = random.normal(0, 1, (frames, 2, 21, 3)).astype(np.float32)
    places = random.normal(0, 1, (frames, 2, 3)).astype(np.float32)
    body = random.normal(0, 1, (frames, 7, 3)).astype(np.float32)
    gone = random.uniform(size=frames) < 1 / 2
    hands[gone, 1] = np.nan
    places[gone, 1] = np.nan
    body[random.uniform(size=(frames, 7)) < 1 / 3] = np.nan
    times = np.cumsum(random.integers(1, millis(40), frames)) + start
    return SignClip(times.astype(np.int64), hands, places, body, mirrored)


def reference(seed: int = 0, **other: Any) -> Reference:
    """A reference of its own film; `other` are further fields."""
    fields = {
        "clip": sign_clip(seed),
        "source": f"film-{seed}.mp4",
        "enrolled": "2026-05-31",
        "fps": Fraction(30000, 1001),
        "consent": "shown to us by the signer, for this book",
    }
    return Reference(**{**fields, **other})


def small_book() -> SignBook:
    """Three signs, one of them with two clips."""
    return SignBook.of(
        [
            EnrolledSign("house", (reference(1), reference(2, mirrored=True)), "HOUSE", "ase"),
            EnrolledSign("房子", (reference(3, consent="", sha256="3" * 64),), "", "csl"),
            EnrolledSign("Straße", (reference(4, clip=sign_clip(4, 1, mirrored=True)),)),
        ],
        "Signs of our school",
    )
