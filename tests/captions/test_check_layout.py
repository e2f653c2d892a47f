from __future__ import annotations

from dataclasses import replace

from accessify.captions.findings import Severity
from accessify.core.text import Run, Style
from tests.captions.checking import EN, ZH, broken, cue, findings, the

LONG = "She told me that he would never come back."


def test_forty_two_characters_in_a_line() -> None:
    assert len(LONG) == 42
    assert broken(cue(0, 96, LONG)) == []
    found = the("line-length", findings(cue(0, 96, LONG + "!")))
    assert (found.measured, found.allowed) == ("43 characters", "at most 42 in a line")
    assert found.fixable


def test_a_chinese_line_counts_latin_letters_half() -> None:
    assert broken(cue(0, 72, "一二三四五六七八九十一二三四五六"), profile=ZH) == []
    assert ("line-length", 1) in broken(cue(0, 72, "一二三四五六七八九十一二三四五六七"), profile=ZH)
    assert broken(cue(0, 72, "一二三四五六七八九十一二 abcdefg"), profile=ZH) == []  # 12 + 8 halves


def test_a_word_longer_than_a_line_is_left_to_a_person() -> None:
    found = the("line-length", findings(cue(0, 96, "x" * 50)))
    assert not found.fixable


def test_two_lines() -> None:
    text = "One line of words stands here for you,\nanother one below it,\nand a third."
    found = the("line-count", findings(cue(0, 144, text)))
    assert (found.measured, found.allowed, found.fixable) == ("3 lines", "at most 2 lines", True)


def test_one_line_where_it_fits() -> None:
    assert broken(cue(0, 72, "Hello there,\nmy friend.")) == [("one-line", 1)]
    assert broken(cue(0, 72, "Hello there, my friend.")) == []
    assert broken(cue(0, 72, "-Hello.\n-Good day.")) == []
    assert broken(cue(0, 72, "♪ Hello ♪\n♪ my friend ♪")) == []
    voices = Run("Hello.\n", Style(voice="Ann")), Run("Good day.", Style(voice="Bob"))
    assert broken(replace(cue(0, 72, "Hello.\nGood day."), runs=voices)) == []


def test_a_break_inside_a_phrase_is_advice_where_a_better_one_exists() -> None:
    text = "She went down to look at the old harbour of the\ncity."
    found = the(
        "split-phrase", findings(cue(0, 144, "We have never before been to the\nharbour of that city."))
    )
    assert found.severity == Severity.ADVICE
    assert found.measured == "“the | harbour”"
    assert found.fixable
    assert ("line-length", 1) in broken(cue(0, 144, text))


def test_a_good_break_is_not_reported() -> None:
    assert broken(cue(0, 144, "We walked along the shore\nto the harbour of that city.")) == []


def test_the_heavier_line_stands_below() -> None:
    text = "When all of them had come home again,\nshe was glad."
    found = findings(cue(0, 144, text))
    assert {finding.rule for finding in found} <= {"line-balance"}
    profile = replace(EN, heavy_line="top")
    assert findings(cue(0, 144, text), profile=profile) == ()
