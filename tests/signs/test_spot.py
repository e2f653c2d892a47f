"""Enrolled signs in signing that goes on, on invented performances whose truth is exact."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from accessify.core.pose import PoseClip
from accessify.core.sign import Sign
from accessify.core.timeline import Rate, Span, millis
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_idle import IDLE, idle
from accessify.evaluation.sign_motion import Manner, Performance, perform
from accessify.pipelines.signing import sign_encoder
from accessify.signs.book import SignBook
from accessify.signs.spot import SignSpotter, SpotOptions
from accessify.signs.vocabulary import Vocabulary, vocabulary
from tests.signs.performed import known, left_handed, signs

MANNERS = {
    "in a row": Manner(),
    "with pauses": Manner(pause=0.3),
    "with rests": Manner(between=0.8),
    "fast": Manner(speed=1.3),
}
FILM, LIVE = SpotOptions(), SpotOptions(live=True)


def told(
    clip: PoseClip, vocabulary: Vocabulary, options: SpotOptions = FILM
) -> list[tuple[Sign, int | None]]:
    """Signs and the tick of the picture each was told at, None at the end."""
    spotter = SignSpotter(clip.skeleton, vocabulary, options)
    found: list[tuple[Sign, int | None]] = []
    for index in range(len(clip)):
        found += [(sign, int(clip.times[index])) for sign in spotter.push(clip[index])]
    return found + [(sign, None) for sign in spotter.finish()]


def found(clip: PoseClip, vocabulary: Vocabulary, options: SpotOptions = FILM) -> list[Sign]:
    return [sign for sign, _ in told(clip, vocabulary, options)]


def hits(answers: list[Sign], performance: Performance) -> int:
    """Signs that were found under their names, about where they are."""
    return sum(
        any(sign.best and sign.best.name == name and _covers(sign.span, truth) for sign in answers)
        for name, truth in zip(performance.names, performance.signs, strict=True)
    )


def in_order(answers: list[Sign], performance: Performance) -> int:
    """Signs that were found under their names in their order; live, the way to a sign may be told as it."""
    names = [sign.best.name for sign in answers if sign.best]
    blocks = SequenceMatcher(None, names, performance.names, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks)


def _covers(span: Span, truth: Span) -> bool:
    common = span & truth
    return common is not None and 2 * common.duration > truth.duration


def in_a_row(seed: int, manner: Manner, among: int = 6) -> Performance:
    chosen = np.random.default_rng(seed).choice(among, 5, replace=False)
    return perform([signs()[index] for index in chosen], replace(manner, seed=seed + 50))


@pytest.mark.parametrize("options", [FILM, LIVE], ids=["film", "live"])
@pytest.mark.parametrize("manner", MANNERS)
def test_enrolled_signs_are_found(manner: str, options: SpotOptions) -> None:
    right = performed = 0
    for seed in range(3):
        performance = in_a_row(seed, MANNERS[manner])
        answers = found(film(performance, Camera(lost=0.05, seed=seed)), known(), options)
        right += in_order(answers, performance) if options.live else hits(answers, performance)
        performed += len(performance.signs)
    assert right >= 0.85 * performed


@pytest.mark.parametrize("rate", [15, 25, 50])
def test_live_a_sign_is_told_soon_and_in_order(rate: int) -> None:
    """Nearly every one: a single movement out of rest waits for the next, for it may be the way to a sign."""
    lateness = []
    for seed in range(2):
        clip = film(in_a_row(seed, Manner()), Camera(Rate(Fraction(rate)), seed=seed))
        answers = told(clip, known(), LIVE)
        late = [tick - sign.span.end for sign, tick in answers if sign.known and tick is not None]
        assert late
        lateness += late
        spans = [sign.span for sign, _ in answers]
        assert all(before.end <= after.start for before, after in pairwise(spans))
    assert sum(one > millis(400) for one in lateness) <= 1
    assert max(lateness) <= millis(800)


def test_one_sign_is_one_sign() -> None:
    """The ways to it and from it, and its holds, are not told as unknown signs."""
    counts = []
    for sign in signs()[:6]:
        for pause in (0.0, 0.6):
            clip = film(perform([sign], Manner(pause=pause, seed=9)), Camera(seed=2))
            counts.append([answer.best.name if answer.best else "?" for answer in found(clip, known())])
    names = [[sign.name] for sign in signs()[:6] for _ in range(2)]
    assert np.mean([count == name for count, name in zip(counts, names, strict=True)]) >= 0.8


def test_what_is_not_enrolled_is_not_dropped() -> None:
    for sign in signs()[6:]:
        clip = film(perform([sign], Manner(seed=4)), Camera(seed=4))
        assert found(clip, known()), sign.name


def test_with_nothing_enrolled_all_signing_is_unknown() -> None:
    nothing = vocabulary(SignBook(), *sign_encoder())
    performance = in_a_row(0, Manner())
    answers = found(film(performance), nothing)
    assert answers
    assert not any(sign.known or sign.candidates for sign in answers)
    covered = sum(sign.span.duration for sign in answers)
    assert covered >= 0.6 * performance.stretches[0].duration


def test_long_unknown_signing_is_told_in_pieces_while_it_goes_on() -> None:
    clip = film(perform(signs()[6:] * 2, Manner(seed=1)), Camera(seed=1))
    answers = [pair for pair in told(clip, known(1), LIVE) if not pair[0].known]
    assert sum(tick is not None and tick < clip.times[-100] for _, tick in answers) >= 2


def test_a_left_handed_signer_is_found() -> None:
    """Resting hands are below the picture, where the leading hand shows by itself; else it must be said."""
    performance = in_a_row(1, Manner())
    alone = [sign for sign in signs()[:6] if not sign.both]
    performance = perform(alone * 2, Manner(seed=51))
    low = film(left_handed(performance), Camera(centre=(0.5, 0.62), seed=1))
    assert hits(found(low, known()), performance) >= 0.6 * len(performance.signs)
    plain = film(left_handed(performance), Camera(seed=1))
    said = found(plain, known(), SpotOptions(dominant="left"))
    assert hits(said, performance) >= 0.8 * len(performance.signs)


def test_a_selfie_is_found_as_any_other_picture() -> None:
    performance = in_a_row(2, Manner())
    clip = film(performance, Camera(mirrored=True, seed=1))
    assert hits(found(clip, known(), SpotOptions(mirrored=True)), performance) >= 4


def test_hardly_a_sign_is_found_where_nobody_signs() -> None:
    """At most one in a minute, and none of those that are enrolled in two of three kinds of idleness."""
    length, false = 40.0, {}
    for kind in IDLE:
        clip = film(idle(kind, length, 1), Camera(lost=0.03, seed=1))
        false[kind] = [sign.known for sign in found(clip, known(), LIVE)]
    minutes = length * len(IDLE) / 60
    assert sum(map(len, false.values())) <= minutes
    assert not any(any(kinds) for kinds in false.values()) or sum(map(sum, false.values())) <= minutes / 3
    assert not false["nobody"]


def test_confidences_are_chances() -> None:
    for sign in found(film(in_a_row(0, Manner())), known()):
        confidences = [one.confidence for one in sign.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= one <= 1 for one in confidences)
        assert sum(confidences) <= 1 + 1e-5
        assert sign.known == (bool(confidences) and sign.best is not None)
        if sign.best:
            assert sign.best.confidence >= 0.3


def test_the_next_film_begins_anew() -> None:
    clip = film(in_a_row(0, Manner()))
    spotter = SignSpotter(clip.skeleton, known())
    first = [sign for index in range(len(clip)) for sign in spotter.push(clip[index])] + spotter.finish()
    again = [sign for index in range(len(clip)) for sign in spotter.push(clip[index])] + spotter.finish()
    assert first == again
    assert first


def test_a_film_without_signing_gives_nothing() -> None:
    clip = film(idle("hanging", 2.0))
    assert not found(clip, known())
    assert SignSpotter(clip.skeleton, known()).finish() == []
