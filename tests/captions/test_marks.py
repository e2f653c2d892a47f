"""Full-width and half-width forms: what is written, and what is left as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.fix import fix
from accessify.captions.marks import spelled
from accessify.captions.retext import words_of
from accessify.core.text import Document
from accessify.core.timeline import Track
from tests.captions.checking import EN, ZH, broken, cue


@pytest.mark.parametrize(
    ("heard", "wanted"),
    [
        ("你明天来吗?", "你明天来吗？"),
        ("他说: 快跑!", "他说：快跑！"),
        ("什么?!你再说一遍", "什么？！你再说一遍"),
        ("他有１５个苹果，重３．５公斤", "他有15个苹果，重3.5公斤"),
        ("我们１０：３０在ＫＴＶ见", "我们10:30在KTV见"),
        ("你有 iPhone 15?", "你有 iPhone 15？"),
        ("开门 ?", "开门？"),
        ("好的.走吧,快点", "好的。走吧，快点"),
        ("我想...算了", "我想...算了"),
        ("网址是 http://example.org 吗", "网址是 http://example.org 吗"),
        ("10:30 到 3.5 点", "10:30 到 3.5 点"),
        ("What is it? Well, go!", "What is it? Well, go!"),
    ],
)
def test_forms_in_chinese(heard: str, wanted: str) -> None:
    assert spelled(heard, ZH) == wanted
    assert spelled(wanted, ZH) == wanted


def test_other_guides_leave_every_form() -> None:
    assert spelled("好的?　１５", EN) == "好的?　１５"
    assert spelled("好的? １５", replace(ZH, wide_marks="")) == "好的? 15"


@given(st.text(alphabet="好的吗ab15?!:,.。，？！：．Ａ５ “”…\n", max_size=24))
def test_spelling_changes_no_word_and_is_done_once(text: str) -> None:
    once = spelled(text, ZH)
    assert "".join(words_of(once)) == "".join(words_of(text))
    assert spelled(once, ZH) == once


def test_a_file_is_judged_and_repaired() -> None:
    found = cue(0, 48, "你有１５个吗?")
    assert broken(found, profile=ZH) == [("width", 1)]
    (mended,) = fix(Document(Track.of((found,))), ZH).cues
    assert mended.text == "你有15个吗？"
    assert broken(mended, profile=ZH) == []
