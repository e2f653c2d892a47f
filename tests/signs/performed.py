"""Invented signs as people perform them before cameras, and books of them, for tests of finding signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache

from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_motion import InventedSign, Manner, Performance, invent_signs, perform
from accessify.pipelines.signing import sign_encoder
from accessify.signs.book import Reference, SignBook
from accessify.signs.normalize import normalize
from accessify.signs.trim import trim, within
from accessify.signs.vocabulary import Vocabulary, vocabulary

ENROLLING = Camera(Rate(Fraction(30)), seed=100)
"""Another rate, and other trembling, than the films in which signs are looked for."""
ALONE = Manner(seed=3)


@cache
def signs(count: int = 12, seed: int = 5) -> tuple[InventedSign, ...]:
    return invent_signs(count, seed)


def shown(sign: InventedSign, camera: Camera = ENROLLING, manner: Manner = ALONE) -> PoseClip:
    """One sign from rest to rest."""
    return film(perform([sign], manner), camera)


def left_handed(performance: Performance) -> Performance:
    """The same by somebody whose left hand leads."""
    return replace(performance, hands=(performance.hands[1], performance.hands[0]))


def reference_of(clip: PoseClip, source: str) -> Reference:
    cut = within(normalize(clip), trim(clip).span)
    return Reference(cut, source, "2026-05-31", clip.rate.fps, "invented")


def book_of(enrolled: Iterable[InventedSign], seeds: Sequence[int] = (3,)) -> SignBook:
    """Each sign enrolled from one performance for each of `seeds`."""
    book = SignBook()
    for sign in enrolled:
        for seed in seeds:
            clip = shown(sign, replace(ENROLLING, seed=seed), Manner(seed=seed))
            book = book.with_reference(sign.name, reference_of(clip, f"{sign.name}-{seed}.pose"))
    return book


@cache
def known(count: int = 6) -> Vocabulary:
    """The first `count` of `signs()`, with the networks that are shipped."""
    return vocabulary(book_of(signs()[:count]), *sign_encoder())
