"""Lines: their width, their breaks, and that no text is ever lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.layout import Ruler, break_lines, text_width
from accessify.captions.pieces import cut
from accessify.captions.rules import Profile, load_profile, profile_names

EN = load_profile("netflix-en")
ZH = load_profile("netflix-zh-hans")
BBC = load_profile("bbc")

english = st.lists(st.text("abcdefghij'", min_size=1, max_size=12), min_size=1, max_size=40)
chinese = st.text("我们今天去看电影好吗他说的是这个家ABC ，。！？“”", min_size=1, max_size=60)


def test_width_of_characters_and_half_widths() -> None:
    assert text_width("Hello, you.", EN) == 11
    assert text_width("naïve", EN) == text_width("nai\u0308ve", EN) == 5
    assert text_width("你好", ZH) == 2
    assert text_width("OK 你好！", ZH) == 4.5
    assert text_width("", ZH) == 0


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("He left.", "He left."),
        ("She told me that the old lighthouse keeper never left the island.",
         "She told me that the old lighthouse\nkeeper never left the island."),
        ("I don't think he would have been able to find the house without a map.",
         "I don't think he would have been able\nto find the house without a map."),
        ("If you give up now, you will never know what could have happened.",
         "If you give up now, you will never know\nwhat could have happened."),
        ("My father sat down at the table and put his hat on his knee.",
         "My father sat down at the table\nand put his hat on his knee."),
        ("You know I never wanted any of this to happen to you or your family.",
         "You know I never wanted any of this\nto happen to you or your family."),
        ("There are about two hundred kilometers between here and the next town.",
         "There are about two hundred kilometers\nbetween here and the next town."),
    ],
)  # fmt: skip
def test_english_lines_as_a_subtitler_breaks_them(text: str, lines: str) -> None:
    assert break_lines(text, EN) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("我不知道，我只是觉得很累。", "我不知道 我只是觉得很累"),
        (
            "如果你真的关心这个家，就应该多花一点时间陪陪孩子。",
            "如果你真的关心这个家\n就应该多花一点时间陪陪孩子",
        ),
        ("他说：“你好，世界。”然后就走了。", "他说：“你好 世界”然后就走了"),
        (
            "我们用Python写了一个可以自动生成字幕的程序给大家用",
            "我们用Python写了一个\n可以自动生成字幕的程序给大家用",
        ),
    ],
)
def test_chinese_lines_end_with_phrases_and_show_no_comma_or_full_stop(text: str, lines: str) -> None:
    assert break_lines(text, ZH) == lines


def test_japanese_and_thai_break_between_phrases() -> None:
    web = replace(ZH, language="*", no_break_punctuation="")
    assert break_lines("明日の朝は早いので今日はもう寝ることにします", web).split("\n") == [
        "明日の朝は早いので",
        "今日はもう寝ることにします",
    ]
    thai = break_lines(
        "วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะ", replace(web, line_length=20, count="characters")
    )
    assert "\n" in thai
    assert thai.replace("\n", "") == "วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะ"


def test_a_dialogue_keeps_one_line_per_speaker() -> None:
    assert break_lines("-Are you coming? -In a minute.", EN) == "-Are you coming?\n-In a minute."
    assert break_lines("-Yes.\n-No.", EN) == "-Yes.\n-No."
    assert break_lines("A well-known man", EN) == "A well-known man"


def test_text_that_does_not_fit_takes_more_lines_rather_than_longer_ones() -> None:
    text = "This is far more text than two lines of forty-two characters can ever hold, so a third is needed."
    lines = break_lines(text, EN).split("\n")
    assert len(lines) == 3
    assert all(text_width(line, EN) <= 42 for line in lines)
    assert " ".join(lines) == text


def test_a_word_longer_than_a_line_is_broken_and_kept() -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    lines = break_lines(word, EN).split("\n")
    assert lines == [
        "Donaudampfschifffahrtselektrizitätenhaupt-",
        "betriebswerkbauunterbeamtengesellschaft",
    ]
    address = "https://example.org/a/very/long/path/to/some/page"
    assert break_lines(address, EN).split("\n")[0].endswith("/")


@pytest.mark.parametrize("name", profile_names())
@given(words=english)
def test_no_line_is_too_long_and_no_text_is_lost(name: str, words: list[str]) -> None:
    profile = load_profile(name)
    lines = break_lines(" ".join(words), profile).split("\n")
    assert " ".join(lines).split() == words
    assert all(text_width(line, profile) <= profile.line_length for line in lines)
    assert len(lines) <= max(profile.max_lines, fewest_lines(words, profile))


def fewest_lines(words: list[str], profile: Profile) -> int:
    """An oracle: filling each line in turn needs the fewest."""
    count, width = 1, -1
    for word in words:
        if width + 1 + len(word) > profile.line_length and width >= 0:
            count, width = count + 1, -1
        width += 1 + len(word)
    return count


@given(text=chinese)
def test_chinese_text_keeps_its_characters_and_its_line_edges(text: str) -> None:
    lines = break_lines(text, ZH).split("\n")
    shown = "".join(lines).replace(" ", "")
    kept = [char for char in text if char not in " ，。"]
    assert list(shown) == kept or not kept
    if kept:
        assert not any(mark in shown for mark in "，。")
        assert all(text_width(line, ZH) <= 16 or len(set(line) - set("！？“”")) < 2 for line in lines)


@given(
    words=st.lists(
        st.sampled_from(["我们", "今天", "去", "看", "电影", "（好）", "“走”", "吧！", "吗？"]),
        min_size=9,
        max_size=18,
    )
)
def test_no_line_begins_with_a_closing_or_ends_with_an_opening_mark(words: list[str]) -> None:
    for line in break_lines("".join(words), ZH).split("\n"):
        assert line[0] not in "！？”）"
        assert line[-1] not in "“（"


@given(words=english)
def test_breaking_again_changes_nothing(words: list[str]) -> None:
    once = break_lines(" ".join(words), BBC)
    if max(map(len, words)) <= BBC.line_length:
        assert break_lines(once, BBC) == once


@given(words=st.lists(st.text("abcde", min_size=1, max_size=9), min_size=2, max_size=9), data=st.data())
def test_two_lines_are_the_best_two_lines(words: list[str], data: st.DataObject) -> None:
    """Against trying every place."""
    profile = replace(EN, line_length=data.draw(st.integers(9, 30)))
    pieces = cut(words, [" "] * len(words), profile)
    ruler = Ruler.of(pieces, profile)
    count = len(words)
    if ruler.width(0, count) <= profile.line_length:
        return
    fits = [
        end
        for end in range(1, count)
        if max(len(" ".join(words[:end])), len(" ".join(words[end:]))) <= profile.line_length
    ]
    found = ruler.cost(0, count)
    assert (found is None) == (not fits)
    if found is not None:
        share = ruler.width(0, count) / 2

        def cost(end: int) -> float:
            ends = (len(" ".join(words[:end])), share * 0.95), (len(" ".join(words[end:])), share * 1.05)
            shape = sum(22 * ((width - ideal) / profile.line_length) ** 2 for width, ideal in ends)
            return shape + sum(4.0 for width, _ in ends if width < share / 3) + pieces[end - 1].cost

        assert found == pytest.approx(min(map(cost, fits)))
