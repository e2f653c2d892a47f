"""Hyphens in words that are longer than a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.hyphens import hyphen_place
from accessify.captions.layout import break_lines, text_width
from accessify.captions.rules import load_profile

DE = load_profile("netflix-de")
NARROW = load_profile("vertical-9x16")


@pytest.mark.parametrize(
    ("word", "most", "first"),
    [
        ("Donaudampfschifffahrtsgesellschaftskapitän", 41, "Donaudampfschifffahrtsgesellschafts"),
        ("Überwachungsaufgabenübertragungsgesetz", 24, "Überwachungsaufgabenüber"),
        ("Arbeitsunfähigkeitsbescheinigung,", 20, "Arbeitsunfähigkeits"),
        ("Hochgeschwindigkeitsnetzwerk", 24, "Hochgeschwindigkeits"),
        ("Lebensmittelgeschäft", 14, "Lebensmittelge"),
    ],
)
def test_places(word: str, most: int, first: str) -> None:
    assert word[: hyphen_place(word, most, "de")] == first


@pytest.mark.parametrize("word", ["", "Taschen", "1234567890" * 5, "ab", "مستشفيات" * 6])
def test_no_place(word: str) -> None:
    assert hyphen_place(word, 20, "de-AT") is None


def test_only_a_word_that_fits_no_line_takes_a_hyphen() -> None:
    text = "das Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    assert break_lines(text, DE).split("\n") == [
        "das Rindfleischetikettierungsüberwachungs-",
        "aufgabenübertragungsgesetz",
    ]
    fits = "Die Donaudampfschifffahrtsgesellschaft ist eine Aktiengesellschaft gewesen"
    assert "-" not in break_lines(fits, DE)


@given(st.text(alphabet="abdeghilnorstuüschß", min_size=26, max_size=90))
def test_every_line_fits_and_no_letter_is_lost(word: str) -> None:
    lines = break_lines(word, NARROW).split("\n")
    assert all(text_width(line, NARROW) <= NARROW.line_length for line in lines)
    assert "".join(line.removesuffix("-") for line in lines) == word


@pytest.mark.parametrize(
    ("language", "word", "first"),
    [
        ("en", "internationalization", "internationaliza"),
        ("en-GB", "internationalization", "internationaliza"),
        ("fr", "anticonstitutionnellement", "anticonstitution"),
        ("nl", "arbeidsongeschiktheid", "arbeidsonge"),
    ],
)
def test_other_languages_have_their_own_places(language: str, word: str, first: str) -> None:
    assert word[: hyphen_place(word, 16, language)] == first


@pytest.mark.parametrize("language", ["zh-Hans", "ar", "und", "*"])
def test_a_language_without_patterns_has_none(language: str) -> None:
    assert hyphen_place("internationalization", 16, language) is None
