"""Choosing windows that are signs, and what is left between them."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from accessify.core.sign import Candidate, Signing
from accessify.core.timeline import Span, millis
from accessify.signs.cover import Between, Window, best_cover, strangers

ANSWER = (Candidate("house", 0.0, 0.9),)


def window(first: int, behind: int, gain: float) -> Window:
    return Window(first, behind, Span(first, behind), ANSWER, gain)


windows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 4), st.floats(-1, 1)).map(
        lambda item: window(item[0], min(item[0] + item[1], 8), item[2])
    ),
    max_size=7,
)


@given(windows)
def test_no_other_choice_gains_more(found: list[Window]) -> None:
    cover = best_cover(found, 0, 8)
    assert all(before.behind <= after.first for before, after in pairwise(cover))
    best = max(
        sum(one.gain for one in chosen)
        for size in range(len(found) + 1)
        for chosen in combinations(found, size)
        if all(a.behind <= b.first or b.behind <= a.first for a, b in combinations(chosen, 2))
    )
    assert abs(sum(one.gain for one in cover) - max(best, 0)) < 1e-9


def test_windows_outside_do_not_count() -> None:
    assert best_cover([window(0, 3, 1.0), window(4, 6, 1.0)], 2, 5) == []


def part(start: int, lasting: int, *, held: bool = False, cut: bool = False) -> Signing:
    span = Span(millis(start), millis(start + lasting))
    return Signing(span, cut_start=cut, part=True, held=held)


WAY, HOLD, BACK = part(0, 300), part(300, 400, held=True), part(700, 300)


def test_ways_are_no_signs() -> None:
    assert strangers([WAY], Between()) == []
    assert strangers([WAY], Between(after_sign=True, before_sign=True)) == []
    assert strangers([WAY, BACK], Between()) == []


def test_a_hold_between_ways_is_a_sign_but_not_one_that_touches_a_known_sign() -> None:
    assert strangers([WAY, HOLD, BACK], Between()) == [HOLD]
    assert strangers([WAY, HOLD, BACK], Between(after_sign=True, before_sign=True)) == [HOLD]
    assert strangers([HOLD, BACK], Between(after_sign=True)) == []
    assert strangers([WAY, HOLD], Between(before_sign=True)) == []


def test_what_goes_on_is_not_trimmed_there() -> None:
    assert strangers([WAY, HOLD], Between(goes_on_behind=True)) == [HOLD]
    assert strangers([HOLD, BACK], Between(goes_on_before=True)) == [HOLD]


def test_a_film_that_begins_inside_a_sign_has_no_way_to_it() -> None:
    cut = part(0, 300, cut=True)
    assert strangers([cut, BACK], Between()) == [cut]
