"""Words and cues: what their construction promises, and words as running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.text import Cue, Run, Style, Word, is_wide, join_words
from accessify.core.timeline import Span

HERE = Span(0, 10)
latin = st.text("abcdefgh,.!?'-", min_size=1, max_size=8)
chinese = st.text("我们今天去看电影，。！", min_size=1, max_size=6)


@given(st.lists(latin, max_size=10))
def test_words_of_an_alphabet_are_joined_with_spaces(words: list[str]) -> None:
    assert join_words(words) == " ".join(words)
    assert join_words(words).split() == words


@given(st.lists(chinese, max_size=10))
def test_full_width_words_are_joined_with_nothing(words: list[str]) -> None:
    assert join_words(words) == "".join(words)


@given(st.lists(latin | chinese, max_size=10))
def test_joining_changes_nothing_but_space(words: list[str]) -> None:
    text = join_words(words)
    assert text.replace(" ", "") == "".join(words)
    assert text == text.strip()
    assert "  " not in text


def test_languages_mixed() -> None:
    assert join_words(["我们", "用", "Python", "写", "程序。"]) == "我们用 Python 写程序。"


def test_korean_and_chinese_quotes_are_joined_as_they_are_written() -> None:
    assert join_words(["안녕하세요", "여러분"]) == "안녕하세요 여러분"
    assert join_words(["他说", "“", "来", "”", "了", "OK", "“yes”"]) == "他说“来”了 OK “yes”"
    assert join_words(["สวัสดี", "ครับ"]) == "สวัสดีครับ"


def test_width_is_that_of_east_asian_typesetting() -> None:
    assert all(map(is_wide, "我，。！あア한Ａ"))
    assert not any(map(is_wide, "aé,!…ｱ"))  # half-width katakana is narrow


@pytest.mark.parametrize("text", ["", " ", "two words", " led", "trailed ", "line\nfeed", "no\u00a0break"])
def test_a_word_has_no_space_in_it(text: str) -> None:
    with pytest.raises(ValueError, match="white space"):
        Word(HERE, text)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan")])
def test_a_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        Word(HERE, "word", confidence=confidence)


@given(st.lists(st.none() | st.floats(0, 1), max_size=6))
def test_a_cue_is_as_sure_as_its_least_sure_word(confidences: list[float | None]) -> None:
    cue = Cue(HERE, "text", words=tuple(Word(HERE, "w", confidence=value) for value in confidences))
    known = [value for value in confidences if value is not None]
    assert cue.confidence == (min(known) if known else None)


def test_runs_must_spell_the_text() -> None:
    runs = (Run("Hello, "), Run("you", Style(italic=True)), Run("\nthere."))
    assert Cue(HERE, "Hello, you\nthere.", runs=runs).lines == ("Hello, you", "there.")
    with pytest.raises(ValueError, match="spell"):
        Cue(HERE, "Hello, you there.", runs=runs)
