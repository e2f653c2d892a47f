from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.training.whisper_sentences import (
    ALIKE,
    LANGUAGES,
    draw_sentence,
    english_number,
    mandarin_number,
    plain_words,
    seeded,
    spelled,
)


@pytest.mark.parametrize(
    ("number", "english", "mandarin"),
    [
        (3, "three", "三"),
        (10, "ten", "十"),
        (13, "thirteen", "十三"),
        (20, "twenty", "二十"),
        (99, "ninety-nine", "九十九"),
    ],
)
def test_numbers_are_counted_in_both_languages(number: int, english: str, mandarin: str) -> None:
    assert (english_number(number), mandarin_number(number)) == (english, mandarin)


def test_every_number_has_a_name_of_its_own() -> None:
    numbers = range(1, 100)
    assert len({english_number(number) for number in numbers}) == len({*map(mandarin_number, numbers)}) == 99


@given(st.integers(0, 10**6), st.sampled_from(LANGUAGES))
def test_sentences_have_no_slot_left_and_what_is_kept_is_never_learnt(seed: int, language: str) -> None:
    random = seeded(seed)
    learnt = draw_sentence(random, language)
    kept = draw_sentence(random, language, held_out=True)
    assert kept.held_out
    assert not learnt.held_out
    assert learnt.text != kept.text
    for sentence in (learnt, kept):
        assert "{" not in sentence.text + sentence.english
        assert sentence.english[0].isupper()
        assert sentence.english.isascii()
        assert (sentence.text == sentence.english) == (language == "en")


def test_a_prompt_chooses_among_words_that_sound_alike() -> None:
    assert spelled("Catherine has a grey cat.", "en", "Kathryn, Erik.") == "Kathryn has a grey cat."
    assert spelled("Catherine has a grey cat.", "en", "") == "Catherine has a grey cat."
    assert spelled("小明在学校。", "zh", "晓明在公园。") == "晓明在学校。"
    assert spelled("Anne is here.", "en", "Ann.") == "Ann is here."
    assert all(len(pair) == 2 for pairs in ALIKE.values() for pair in pairs)


def test_errors_are_counted_over_words_or_characters() -> None:
    assert plain_words("It's five o'clock.", "en") == ["it's", "five", "o'clock"]
    assert plain_words("小明，早上好。", "zh") == list("小明早上好")
