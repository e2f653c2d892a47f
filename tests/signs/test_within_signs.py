"""Letters that a hand only passed through while it made a sign."""

from __future__ import annotations

import pytest

from accessify.core.sign import Candidate, Letter, Sign
from accessify.core.timeline import Span, seconds
from accessify.signs.within_signs import KEPT, LiveWithinSigns, within_signs

LIKELY = (Candidate("A", 0.1, 0.9),)


def letter(start: float, end: float) -> Letter:
    return Letter(Span(seconds(start), seconds(end)), LIKELY, known=True)


def sign(start: float, end: float, *, known: bool = True) -> Sign:
    return Sign(Span(seconds(start), seconds(end)), LIKELY, known=known)


@pytest.mark.parametrize(
    ("one", "signs", "within"),
    [
        (letter(1.2, 1.4), [sign(1, 2)], True),
        (letter(0.9, 1.1), [sign(1, 2)], True),  # half of it
        (letter(0.8, 1.1), [sign(1, 2)], False),
        (letter(0.9, 1.3), [sign(0, 1), sign(1.2, 2)], True),  # half of it lies in the two
        (letter(1.2, 1.4), [sign(1, 2, known=False)], False),  # spelling is unknown signing
        (letter(2.0, 2.2), [sign(1, 2)], False),
        (letter(1.2, 1.4), [], False),
    ],
)
def test_a_letter_lies_within_what_was_found(one: Letter, signs: list[Sign], within: bool) -> None:
    assert within_signs([one], signs) == ((one,) if within else ())


def test_while_it_is_filmed_each_is_told_once_whichever_comes_first() -> None:
    early, late, spelled = letter(1.2, 1.3), letter(1.8, 1.95), letter(2.5, 2.7)
    live = LiveWithinSigns()
    assert live.push([early], []) == ()
    assert live.push([], [sign(1, 2)]) == (early,)
    assert live.push([late], []) == (late,)
    assert live.push([spelled], [sign(0.2, 0.9)]) == ()


def test_what_is_long_past_is_forgotten() -> None:
    live, far = LiveWithinSigns(), 2 * KEPT / seconds(1)
    live.push([letter(1, 1.2)], [])
    live.push([letter(far, far + 0.2)], [])
    assert live.push([], [sign(0.9, 2)]) == ()
