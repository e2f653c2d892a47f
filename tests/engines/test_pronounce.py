from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.engines.pronounce import phones_of, spoken_words

SPOKEN = {
    "Hello,": "hello",
    "“Don't!”": "don't",
    "'tis": "tis",
    "rock'n'roll": "rock'n'roll",
    "well-known": "well known",
    "Montréal": "montreal",
    "naïve": "naive",
    "42": "forty two",
    "3.5": "three point five",
    "1,234": "one thousand two hundred and thirty four",
    "1,999": "one thousand nine hundred and ninety nine",
    "2,000,000": "two million",
    "1,2": "one two",
    "007": "zero zero seven",
    "1999": "nineteen ninety nine",
    "1905": "nineteen oh five",
    "1900": "nineteen hundred",
    "2000": "two thousand",
    "2026": "twenty twenty six",
    "2100": "two thousand one hundred",
    "21st": "twenty first",
    "5th": "fifth",
    "$25,": "twenty five dollars",
    "£5": "five pounds",
    "€1.50": "one point five zero euros",
    "50%": "fifty percent",
    "AT&T": "at and t",
    "C++": "c plus plus",
    "#1": "number one",
    "me@home.org": "me at home org",
    "1234567890123": "one two three four five six seven eight nine zero one two three",
    "…": "",
    "''": "",
    "日本": "",
    "": "",
}


@pytest.mark.parametrize(("written", "spoken"), SPOKEN.items())
def test_written_words_as_they_are_spoken(written: str, spoken: str) -> None:
    assert " ".join(spoken_words(written)) == spoken


PHONES = {
    "montrealer": "M AA N T R IY L ER",
    "knight": "N AY T",
    "phone": "F AA N",
    "church": "CH ER CH",
    "batter": "B AE T ER",
    "queen": "K W IY N",
    "nation": "N AE SH AH N",
    "the": "TH EH",
    "see": "S IY",
    "x": "K S",
    "Zyzzyva!": "Z IY Z IY V AE",
    "123": "",
    "": "",
}


@pytest.mark.parametrize(("word", "phones"), PHONES.items())
def test_phones_by_the_letters(word: str, phones: str) -> None:
    assert phones_of(word) == phones


VOWELS = {"AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}
CONSONANTS = {"CH", "DH", "HH", "JH", "NG", "SH", "TH", "ZH", *"BDFGKLMNPRSTVWYZ"}
CMU = VOWELS | CONSONANTS
"""The 39 phones of the CMU Pronouncing Dictionary."""


@given(st.text())
def test_every_word_is_spoken_in_plain_letters(text: str) -> None:
    for word in spoken_words(text):
        assert word
        assert set(word) <= set("abcdefghijklmnopqrstuvwxyz'")
        assert word.strip("'") == word
        assert set(phones_of(word).split()) <= CMU


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_every_written_word_has_a_sound(word: str) -> None:
    assert phones_of(word)
