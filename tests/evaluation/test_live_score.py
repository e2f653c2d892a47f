"""Scores of live captions against answers worked out by hand."""

from __future__ import annotations

import pytest

from accessify.core.timeline import Span, seconds
from accessify.evaluation.live_score import (
    Shown,
    changed_words,
    recommitted,
    score,
    summary,
    text_errors,
    word_delays,
)
from accessify.evaluation.spoken import Spoken
from accessify.evaluation.wer import Errors


def said(*words: str, clip: int = 0, guessed: tuple[str, ...] = ()) -> list[Spoken]:
    """Words that end at second 1, 2, 3 …"""
    return [
        Spoken(word, Span(seconds(end - 0.5), seconds(end)), clip, word not in guessed)
        for end, word in enumerate(words, start=1)
    ]


def screen(wall: float, committed: str, tail: str = "") -> Shown:
    return Shown(wall, tuple(committed.split()), tuple(tail.split()))


THE_CAT_SAT = said("the", "cat", "sat")


def test_a_word_is_as_late_as_it_is_committed_and_shown_since_it_stays() -> None:
    events = [
        screen(1.25, "", "The"),
        screen(2.25, "", "The cap"),
        screen(2.5, "The", "cat."),
        screen(3.5, "The cat", "sat"),
        screen(4.0, "The cat sat."),
    ]
    delays = word_delays(events, THE_CAT_SAT)
    assert [one.committed for one in delays] == [1.5, 1.5, 1.0]
    assert [one.shown for one in delays] == [0.25, 0.5, 0.5]


def test_a_word_that_goes_away_and_comes_back_is_shown_when_it_is_back() -> None:
    events = [
        screen(1.2, "", "the cat"),
        screen(2.2, "", "the"),  # shorter again
        screen(2.4, "", "the cat"),
        screen(3.0, "the cat", ""),
    ]
    delays = word_delays(events, THE_CAT_SAT[:2])
    assert [one.shown for one in delays] == pytest.approx([0.2, 0.4])


def test_a_word_at_another_place_is_not_shown_yet() -> None:
    events = [screen(1.0, "", "cat sat"), screen(2.0, "", "the cat sat"), screen(3.0, "the cat sat")]
    delays = word_delays(events, THE_CAT_SAT)
    assert [one.shown for one in delays] == [1.0, 0.0, -1.0]
    assert [one.seen for one in delays] == [1.0, -1.0, -2.0]  # though it has been on the screen


def test_a_word_that_another_replaced_is_not_seen_before_it_is_back() -> None:
    events = [
        screen(1.0, "", "the cat"),
        screen(1.5, "", "a the cap"),
        screen(2.5, "", "the cat"),
        screen(3.0, "the", "cat sat"),
        screen(3.5, "the cat sat"),
    ]
    delays = word_delays(events, THE_CAT_SAT)
    assert [one.seen for one in delays] == [0.0, 0.5, 0.0]
    assert [one.shown for one in delays] == [1.5, 0.5, 0.0]


def test_a_word_never_seen_before_it_is_committed_is_shown_then() -> None:
    delays = word_delays([screen(5.0, "the cat sat")], THE_CAT_SAT)
    assert [one.shown for one in delays] == [one.committed for one in delays] == [4.0, 3.0, 2.0]


def test_substituted_words_count_and_lost_invented_or_guessed_ones_do_not() -> None:
    spoken = said("one", "fine", "xyzzy", "day", guessed=("xyzzy",))
    events = [screen(5.0, "oh one fined xyzzy")]  # oh is invented, day is lost
    delays = word_delays(events, spoken)
    assert [(one.spoken, one.committed) for one in delays] == [(0, 4.0), (1, 3.0)]


def test_a_hyphen_makes_two_words_of_one() -> None:
    events = [screen(2.5, "a", "well"), screen(3.5, "a well-known")]
    delays = word_delays(events, said("a", "well", "known"))
    assert [one.committed for one in delays] == [1.5, 1.5, 0.5]
    assert [one.shown for one in delays] == [1.5, 0.5, 0.5]


def test_changed_are_words_that_the_next_screen_has_not() -> None:
    events = [
        screen(1, "", "you pointed"),
        screen(2, "", "it pointed at"),  # 1 substituted
        screen(3, "", "and it pointed at"),  # none: one came in between
        screen(4, "and it", "pointed"),  # 1 deleted
        screen(5, "and it", "Pointed, to them"),  # none: case and marks
        screen(6, "and it pointed", "two"),  # to → two, them deleted: 2
        screen(7, "and it pointed to", ""),  # 1
    ]
    assert changed_words(events) == 5
    assert score(events, said("and", "it", "pointed", "to")).changed == 5 / 4


def test_what_only_grows_never_changes() -> None:
    events = [screen(1, "", "a"), screen(2, "a", "b c"), screen(3, "a b", "c"), screen(4, "a b c")]
    assert changed_words(events) == 0
    assert recommitted(events) == 0


def test_committed_words_that_change_are_found() -> None:
    events = [screen(1, "a b c"), screen(2, "a x c"), screen(3, "a x c d"), screen(4, "a x")]
    assert recommitted(events) == 2 + 2  # b and what stood behind it; then c and d
    assert changed_words(events) == 1 + 2
    assert [one.committed for one in word_delays(events, said("a", "x"))] == [0.0, -1.0]


def test_score_of_a_run() -> None:
    events = [screen(1.5, "the", "cab"), screen(3.0, "the cat"), screen(4.0, "the cat sat")]
    found = score(events, THE_CAT_SAT, ["The cat sat!"])
    assert found.committed is not None
    assert found.shown is not None
    assert (found.committed.p50, found.committed.words) == (1.0, 3)
    assert found.committed.p95 == pytest.approx(1.0)  # 0.5, 1.0, 1.0
    assert found.committed.mean == pytest.approx(2.5 / 3)
    assert found.changed == pytest.approx(1 / 3)
    assert found.recommitted == 0
    assert found.words == 3
    assert found.errors == Errors(3)


def test_percentiles_lie_between_their_neighbours() -> None:
    found = summary([float(value) for value in range(101)])
    assert found is not None
    assert (found.p50, found.p95, found.mean, found.words) == (50.0, 95.0, 50.0, 101)
    assert summary([]) is None


def test_nothing_shown_is_everything_lost() -> None:
    found = score([], THE_CAT_SAT)
    assert found.committed is None
    assert found.shown is None
    assert found.words == 0
    assert found.errors == Errors(3, deletions=3)


def test_words_without_times_are_counted_clip_by_clip() -> None:
    spoken = [*said("five", "five"), *said("eight", "of", "spades", clip=1)]
    texts = ("Five, five!", "Eight of spades.")
    assert text_errors(["five", "five", "eight", "of", "spades"], spoken, texts) == Errors(4)
    assert text_errors(["five", "five", "well", "eight", "of", "space"], spoken) == Errors(
        4, substitutions=1, insertions=1
    )
    assert text_errors([], [], ()) == Errors()
