from __future__ import annotations

import pytest

from accessify.captions.scripts import is_right_to_left, is_traditional, script_of


@pytest.mark.parametrize("language", ["ar", "ar-EG", "he", "fa-IR", "ur", "az-Arab", "ks-Arab-IN", "ff-Adlm"])
def test_languages_from_right_to_left(language: str) -> None:
    assert is_right_to_left(language)


@pytest.mark.parametrize(
    "language", ["en", "zh-Hant", "az", "ku-Latn", "ar-Latn", "ks-Deva", "", "und", "en-Arab-x"]
)
def test_languages_from_left_to_right(language: str) -> None:
    assert is_right_to_left(language) is (language == "en-Arab-x")


@pytest.mark.parametrize(
    ("language", "expected"), [("zh-TW", True), ("zh-Hans-TW", False), ("yue", True), ("ja", False)]
)
def test_traditional_chinese(language: str, expected: bool) -> None:
    assert is_traditional(language) is expected


@pytest.mark.parametrize(
    ("language", "script"),
    [
        ("zh-Hant", "hant"),
        ("zh-TW", "hant"),
        ("yue", "hant"),
        ("zh-CN", "hans"),
        ("zh", None),
        ("ja", None),
        ("en", None),
    ],
)
def test_the_script_that_a_tag_asks_for(language: str, script: str | None) -> None:
    assert script_of(language) == script
