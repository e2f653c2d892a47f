"""Signs found while somebody is filmed: how late, how often when nobody signs, and at what cost.

The book holds invented signs, each enrolled from one performance. They are performed again, at other tempos
and before other cameras, in rows with and without rest between them; idle people are those of `sign_idle`.
Everything goes picture by picture through the `SignSpotter` that the command uses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from accessify.core.pose import PoseClip
from accessify.core.sign import Sign
from accessify.core.timeline import Span, to_seconds
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_idle import IDLE, idle
from accessify.evaluation.sign_motion import InventedSign, Manner, Performance, invent_signs, perform
from accessify.signs.book import EnrolledSign, Reference, SignBook
from accessify.signs.encoding import Cohort, SignEncoder
from accessify.signs.normalize import normalize
from accessify.signs.spot import SignSpotter, SpotOptions
from accessify.signs.trim import trim, within
from accessify.signs.vocabulary import Vocabulary, vocabulary

SIGNS = 25
"""Invented signs in the book."""
ROW = 5
"""Signs performed in a row."""
_DATE = "2026-01-01"
_COVERED = 0.5
"""Share of a performed sign that a told one must cover to be its answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sign, and when it was told."""

    sign: Sign
    at: int
    """Tick of the picture with which it was told, that of the last one where only the end told it."""


@dataclass(frozen=True, slots=True)
class Spotted:
    """What was told in one film."""

    told: tuple[Told, ...]
    each_s: tuple[float, ...]
    """Seconds of computing for each picture."""

    @property
    def known(self) -> tuple[Told, ...]:
        """Those that are an answer."""
        return tuple(one for one in self.told if one.sign.known)


def invented_book(signs: tuple[InventedSign, ...], seed: int) -> SignBook:
    """`signs` enrolled as people enrol them: one performance from rest to rest, trimmed to the sign."""
    enrolled = []
    for number, sign in enumerate(signs):
        poses = film(perform([sign], Manner(seed=seed + number)), Camera(seed=seed + number))
        clip = within(normalize(poses), trim(poses).span)
        reference = Reference(clip, f"invented-{number}.mp4", _DATE, Fraction(25), "nobody is shown")
        enrolled.append(EnrolledSign(sign.name, (reference,)))
    return SignBook.of(enrolled)


def invented_vocabulary(encoder: SignEncoder, cohort: Cohort, seed: int = 0) -> Vocabulary:
    """The book of this bench, ready to be found."""
    return vocabulary(invented_book(invent_signs(SIGNS, seed), seed), encoder, cohort)


def spot(clip: PoseClip, known: Vocabulary) -> Spotted:
    """Push `clip` through a live spotter, picture by picture."""
    spotter = SignSpotter(clip.skeleton, known, SpotOptions(live=True, mirrored=clip.mirrored))
    told: list[Told] = []
    each = []
    for index in range(len(clip)):
        pose = clip[index]
        start = time.perf_counter()
        found = spotter.push(pose)
        each.append(time.perf_counter() - start)
        told += [Told(sign, pose.start) for sign in found]
    last = int(clip.times[-1]) if len(clip) else 0
    told += [Told(sign, last) for sign in spotter.finish()]
    return Spotted(tuple(told), tuple(each))


def idle_signs(
    known: Vocabulary, length: float, seed: int = 0, on_kind: Callable[[str], None] | None = None
) -> dict[str, dict[str, float]]:
    """Kind of idleness → signs told a minute of it, `known` and `unknown`; `length` seconds of each."""
    rates = {}
    for kind in IDLE:
        if on_kind:
            on_kind(kind)
        done = spot(film(idle(kind, length, seed), Camera(seed=seed)), known)
        minutes = length / 60
        rates[kind] = {
            "known": len(done.known) / minutes,
            "unknown": (len(done.told) - len(done.known)) / minutes,
        }
    return rates


def live_figures(known: Vocabulary, rows: int, seed: int = 0) -> dict[str, Any]:
    """How late performed signs are told, how many are, and the milliseconds that a picture takes.

    The delay is from the end of the performed sign to the time of the picture with which it was told, in film
    time; signs told before they end count as 0. It is None where no sign is found.
    """
    delays, found, performed, wrong = [], 0, 0, 0
    each: list[float] = []
    for done, camera in _rows(rows, seed):
        spotted = spot(film(done, camera), known)
        each += spotted.each_s
        performed += len(done.signs)
        right = dict(_answers(done, spotted))
        delays += list(right.values())
        found += len(right)
        wrong += len(spotted.known) - len(right)
    return {
        "performed": performed,
        "found": found,
        "wrong": wrong,
        "late_p50_ms": 1000 * float(np.median(delays)) if delays else None,
        "late_p95_ms": 1000 * float(np.quantile(delays, 0.95)) if delays else None,
        "picture_ms": 1000 * float(np.mean(each)),
        "picture_p95_ms": 1000 * float(np.quantile(each, 0.95)),
    }


def _rows(count: int, seed: int) -> Iterator[tuple[Performance, Camera]]:
    """Performances of the book's signs, and who films them."""
    signs, rng = invent_signs(SIGNS, seed), np.random.default_rng(seed + 1)
    for number in range(count):
        chosen = [signs[place] for place in rng.permutation(SIGNS)[:ROW]]
        manner = Manner(
            between=float(rng.choice([0.0, 0.6])),
            pause=float(rng.uniform(0, 0.2)),
            speed=float(rng.uniform(0.8, 1.25)),
            seed=1000 + number,
        )
        yield perform(chosen, manner), Camera(seed=1000 + number, lost=0.05)


def _answers(done: Performance, spotted: Spotted) -> Iterator[tuple[int, float]]:
    """Number of each performed sign that was told rightly, and how many seconds behind its end, once each."""
    for number, (span, name) in enumerate(zip(done.signs, done.names, strict=True)):
        for told in spotted.known:
            best = told.sign.best
            if best is not None and best.name == name and _covers(told.sign.span, span):
                yield number, max(0.0, to_seconds(told.at - span.end))
                break


def _covers(told: Span, performed: Span) -> bool:
    both = min(told.end, performed.end) - max(told.start, performed.start)
    return both >= _COVERED * performed.duration
