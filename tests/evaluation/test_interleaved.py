from __future__ import annotations

import pytest

from accessify.evaluation.interleaved import LEAST, Timed, gain, interleave


def test_each_way_is_done_once_untimed_and_then_in_turns() -> None:
    done: list[str] = []
    times = interleave({name: (lambda name=name: done.append(name)) for name in "abc"}, 0)
    assert done[:9] == [*"abc", *"abc", *"cba"]
    assert len(done) == 3 * (LEAST + 1)
    assert {len(one.seconds) for one in times.values()} == {LEAST}


def test_it_goes_on_for_as_long_as_was_asked_for() -> None:
    assert len(interleave({"a": lambda: None}, 0.05)["a"].seconds) > LEAST


def test_median_and_best_are_told() -> None:
    timed = Timed((3.0, 1.0, 2.0))
    assert (timed.median, timed.best) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("after", "ratio", "sure"),
    [
        ((1.0,) * 8, 2.0, True),
        ((2.0,) * 8, 1.0, False),
        ((4.0,) * 8, 0.5, False),
        ((1.0,) * 5 + (4.0,) * 3, 2.0, False),  # faster mostly, but not in three rounds of four
    ],
)
def test_a_gain_is_sure_where_most_rounds_agree(after: tuple[float, ...], ratio: float, sure: bool) -> None:
    found = gain(Timed((2.0,) * 8), Timed(after), 1.05)
    assert (found.ratio, found.sure) == (ratio, sure)
