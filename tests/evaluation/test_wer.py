"""Error rates against answers counted by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import MissingExtra
from accessify.core.text import Word
from accessify.core.timeline import Span, seconds
from accessify.evaluation import wer
from accessify.evaluation.matching import Pair, align
from accessify.evaluation.wer import (
    Errors,
    character_errors,
    clip_errors,
    difference_interval,
    interval,
    normalize_chinese,
    normalize_english,
    text_by_clip,
    total,
    word_errors,
)

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


def edit_distance(said: list[str], heard: list[str]) -> int:
    """Levenshtein's recurrence, written out."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, start=1):
        before, row = row, [number]
        for column, other in enumerate(heard, start=1):
            row.append(min(before[column] + 1, row[-1] + 1, before[column - 1] + (word != other)))
    return row[-1]


def test_one_error_of_each_kind() -> None:
    # the | cat→bat | sat | (on deleted) | the | mat | +now
    errors = word_errors("the cat sat on the mat", "the bat sat the mat now")
    assert errors == Errors(spoken=6, substitutions=1, deletions=1, insertions=1)
    assert errors.total == 3
    assert errors.rate == 50.0


def test_case_punctuation_contractions_and_numbers_are_no_errors() -> None:
    assert word_errors("IT'S TWENTY-ONE DOGS", "It is 21 dogs.").total == 0


def test_fillers_and_marks_do_not_count() -> None:
    said = "uh so [laughter] this is <unk> the sick corpus {breath} um"
    assert normalize_english(said) == ("so", "this", "is", "the", "sick", "corpus")
    assert word_errors(said, "So this is the sick corpus.").total == 0


def test_words_where_nobody_spoke_have_no_finite_rate() -> None:
    assert word_errors("[laughter]", "ha ha") == Errors(0, insertions=2)
    assert word_errors("[laughter]", "ha ha").rate == math.inf
    assert word_errors("", "").rate == 0.0


def test_everything_lost_is_a_hundred_percent() -> None:
    assert word_errors("one two three", "") == Errors(1, deletions=1)  # "one two three" is one number: 123
    assert word_errors("we are here", "").rate == 100.0


def test_errors_add_up_before_they_are_divided() -> None:
    # 1 of 1 and 0 of 3 wrong: 25 %, not the mean of 100 % and 0 %
    assert total([Errors(1, substitutions=1), Errors(3)]).rate == 25.0


def test_clips_are_normalised_one_by_one_and_aligned_as_one_text() -> None:
    # "five five" then "eight of spades": as one text the numbers would grow into 558
    assert clip_errors(["five five", "eight of spades"], ["Five, five.", "Eight of spades."]) == (
        Errors(1),
        Errors(3),
    )
    # a word recognised a little late lands in the next clip, and still counts as right
    assert clip_errors(["go forward now", "stop it"], ["go forward", "now stop it"]) == (
        Errors(3),
        Errors(2),
    )


def test_errors_belong_to_the_clip_they_happen_in() -> None:
    found = clip_errors(["a big dog", "runs home", ""], ["a pig dog", "runs", "thank you"])
    assert found == (Errors(3, substitutions=1), Errors(2, deletions=1), Errors(0, insertions=2)) or (
        # the lost word and one of the two invented ones may be seen as one substitution: same or fewer errors
        total(found).total == 3 and found[0] == Errors(3, substitutions=1)
    )


def test_chinese_is_counted_in_characters() -> None:
    assert normalize_chinese("设定２９度，OK！") == tuple("设定29度ok")
    # 设→社, 九 lost: 2 of 6
    assert character_errors("设定二十九度", "社定二十度") == Errors(6, substitutions=1, deletions=1)
    assert character_errors("虹桥(虹桥)", "虹桥虹桥").total == 0


def test_words_go_to_the_clip_their_middle_lies_in() -> None:
    regions = (Span(0, seconds(2)), Span(seconds(2), seconds(4)))

    def word(text: str, start: float, end: float) -> Word:
        return Word(Span(seconds(start), seconds(end)), text)

    words = [word("before", 0, 1), word("mostly", 1.5, 2.4), word("after", 1.5, 2.6), word("late", 4, 5)]
    assert text_by_clip(words, regions) == ("before mostly", "after late")
    assert text_by_clip([], regions) == ("", "")


def test_interval_of_identical_clips_has_no_width() -> None:
    assert interval([Errors(10, deletions=1)] * 20) == (10.0, 10.0)


def test_interval_is_seeded_and_holds_the_rate() -> None:
    errors = [Errors(10, substitutions=count % 4) for count in range(40)]
    low, high = interval(errors)
    assert interval(errors) == (low, high)
    assert low < total(errors).rate < high
    assert 2 < high - low < 12  # by hand: sd of a clip 11.2 points, / sqrt(40) = 1.77, × 3.92 = 6.9


def test_difference_is_taken_clip_by_clip() -> None:
    hard, easy = Errors(10, substitutions=6), Errors(10, substitutions=1)
    worse_hard, worse_easy = Errors(10, substitutions=7), Errors(10, substitutions=2)
    # always exactly one word in ten worse, however uneven the clips are
    assert difference_interval([worse_hard, worse_easy] * 10, [hard, easy] * 10) == (10.0, 10.0)


@given(WORDS, WORDS)
def test_alignment_covers_both_sides_once_and_costs_least(said: list[str], heard: list[str]) -> None:
    pairs = align(said, heard)
    assert [pair.reference for pair in pairs if pair.reference is not None] == list(range(len(said)))
    assert [pair.hypothesis for pair in pairs if pair.hypothesis is not None] == list(range(len(heard)))
    for pair in pairs:
        if pair.reference is not None and pair.hypothesis is not None:
            assert pair.equal == (said[pair.reference] == heard[pair.hypothesis])
    cost = sum(not pair.equal for pair in pairs)
    assert cost == edit_distance(said, heard)


def test_alignment_names_each_step() -> None:
    assert align(["a", "b", "c"], ["a", "x", "c", "d"]) == (
        Pair(0, 0, True),
        Pair(1, 1, False),
        Pair(2, 2, True),
        Pair(None, 3),
    )


def test_a_missing_package_names_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("accessify.evaluation.matching.import_module", without)
    wer._normalizer.cache_clear()
    with pytest.raises(MissingExtra, match=r"whisper-normalizer is not installed.*accessify\[bench\]"):
        word_errors("a", "b")
    with pytest.raises(MissingExtra, match="jiwer"):
        align(["a"], ["b"])
