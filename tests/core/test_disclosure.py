"""Avatars say what they are in the reader's language."""

import pytest

from accessify.core.disclosure import DISCLOSURES, disclosure


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("gsg", "de"),
        ("csl", "zh"),
        ("zh_Hans", "zh"),
        ("ASE", "en"),
        ("bfi", "en"),
    ],
)
def test_sign_languages_are_read_in_the_language_around_them(language: str, written: str) -> None:
    assert disclosure(language) == DISCLOSURES[written]


@pytest.mark.parametrize("language", [None, "", "tlh", "xx-Latn"])
def test_other_readers_get_english(language: str | None) -> None:
    assert disclosure(language) == DISCLOSURES["en"]


def test_every_language_says_it_briefly_and_in_full() -> None:
    for one in DISCLOSURES.values():
        assert 0 < len(one.label) < 32
        assert len(one.label) < len(one.comment)
        assert "accessify" in one.comment
