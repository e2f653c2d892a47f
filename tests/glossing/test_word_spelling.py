"""Words to letters: longest match, accents, pinyin, doubled letters, and what no alphabet has."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import MissingExtra, OptionError
from accessify.glossing.alphabet import load_alphabet
from accessify.glossing.spelling import FASTEST, SLOWEST, spell

PINYIN = pytest.mark.skipif(find_spec("pypinyin") is None, reason="needs the extra `avatar`")


@pytest.mark.parametrize(
    ("code", "word", "name", "unsigned", "folded"),
    [
        ("ase", "Anna", "A-N-N-A", "", ""),
        ("ase", "don't-know", "D-O-N-T-K-N-O-W", "", ""),
        ("ase", "Größe", "G-R-O-S-S-E", "", "öß"),
        ("ase", "Zoë", "Z-O-E", "", "ë"),
        ("ase", "Łódź", "L-O-D-Z", "", "Łóź"),
        ("ase", "ﬁn", "F-I-N", "", "ﬁ"),
        ("ase", "A4", "A-4", "", ""),
        ("ase", "Æon", "A-E-O-N", "", "Æ"),
        ("ase", "xпy", "X-Y", "п", ""),
        ("ase", "٣", "3", "", "٣"),
        ("ase", "नमस्ते", "", "नमस्त\u094d\u0947", ""),
        ("gsg", "Größe", "G-R-Ö-ß-E", "", ""),
        ("gsg", "STRAẞE", "S-T-R-A-ß-E", "", ""),
        ("gsg", "Tasche", "T-A-SCH-E", "", ""),
        ("gsg", "Dachs", "D-A-C-H-S", "", ""),
        ("csl", "shang", "SH-A-NG", "", ""),
        ("csl", "cafe\u0301", "C-A-F-E", "", "é"),
    ],
)
def test_a_word_is_spelled(code: str, word: str, name: str, unsigned: str, folded: str) -> None:
    spelled = spell(word, load_alphabet(code))
    assert spelled.name == name
    assert sorted(spelled.unsigned) == sorted(set(unsigned))
    assert spelled.folded == tuple(dict.fromkeys(folded))
    assert spelled.pinyin == ""


@PINYIN
@pytest.mark.parametrize(
    ("word", "name", "pinyin"),
    [
        ("北京", "B-E-I-J-I-NG", "bei jing"),
        ("女儿", "N-Ü-E-R", "nü er"),
        ("西安", "X-I-A-N", "xi an"),
        ("吃鱼", "CH-I-Y-U", "chi yu"),
        ("中国ok", "ZH-O-NG-G-U-O-O-K", "zhong guo"),
        ("银行", "Y-I-N-H-A-NG", "yin hang"),
        ("平安", "P-I-NG-A-N", "ping an"),
        ("堪狗", "K-A-N-G-O-U", "kan gou"),
    ],
)
def test_chinese_is_spelled_as_pinyin(word: str, name: str, pinyin: str) -> None:
    spelled = spell(word, load_alphabet("csl"))
    assert (spelled.name, spelled.pinyin) == (name, pinyin)
    assert spelled.unsigned == spelled.folded == ()


@PINYIN
def test_pinyin_is_folded_where_the_alphabet_lacks_letters() -> None:
    spelled = spell("女", load_alphabet("ase"))
    assert (spelled.name, spelled.folded, spelled.pinyin) == ("N-U", ("ü",), "nü")


def test_a_reading_that_is_told_goes_before_the_word_alone() -> None:
    spelled = spell("行", load_alphabet("csl"), reading="hang")
    assert (spelled.name, spelled.pinyin, spelled.unsigned) == ("H-A-NG", "hang", ())
    rare = spell("𠀀", load_alphabet("csl"), reading="𠀀")
    assert (rare.letters, rare.pinyin, rare.unsigned) == ((), "", ("𠀀",))


def test_pinyin_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    with pytest.raises(MissingExtra, match="pypinyin"):
        spell("中", load_alphabet("csl"))


def test_doubled_letters_slide_and_the_last_is_held() -> None:
    spelled = spell("ballll", load_alphabet("ase"), rate=4)
    assert [letter.doubled for letter in spelled.letters] == [False, False, False, True, True, True]
    holds = [letter.hold for letter in spelled.letters]
    assert holds[0] == holds[-2] < holds[-1] < 1
    assert spelled.step == 0.25


def test_faster_spelling_holds_less() -> None:
    slow, fast = (spell("it", load_alphabet("ase"), rate) for rate in (SLOWEST, FASTEST))
    assert slow.letters[0].hold / fast.letters[0].hold == pytest.approx(FASTEST / SLOWEST)


@pytest.mark.parametrize("rate", [0.0, 0.4, 9.0, float("nan"), -3.0])
def test_a_rate_nobody_can_follow_is_told(rate: float) -> None:
    with pytest.raises(OptionError, match=r"choose 0\.5 to 8"):
        spell("a", load_alphabet("ase"), rate)


def test_punctuation_counts_in_numbers_only() -> None:
    alphabet = load_alphabet("ase")
    assert spell("3.50", alphabet, number=True).unsigned == (".",)
    assert spell("U.S.A.", alphabet).unsigned == ()


@given(st.text(st.characters(categories=["L", "N", "S"], max_codepoint=0x2FFF), min_size=1, max_size=6))
def test_every_character_is_signed_or_named(word: str) -> None:
    spelled = spell(word, load_alphabet("gsg"))
    letters = sum(len(one.letter.name) for one in spelled.letters)
    assert letters >= sum(char.isascii() and char.isalnum() for char in word)
    assert spelled.letters or spelled.unsigned
    assert all(char.isascii() is False or not char.isalnum() for char in spelled.unsigned)
