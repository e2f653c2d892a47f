"""Every glosser keeps one contract; then what each language does in its own way."""

from __future__ import annotations

import sys
import unicodedata
from importlib.util import find_spec

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accessify.core.errors import MissingExtra, OptionError
from accessify.core.gloss import Mood
from accessify.glossing import tokens
from accessify.glossing.chinese import ChineseGlosser
from accessify.glossing.gloss import Glosser, Kind, Sentence, Token
from accessify.glossing.languages import TEXT_LANGUAGES, glosser_for, text_language, written_language

pytestmark = pytest.mark.skipif(find_spec("simplemma") is None, reason="needs the extra `avatar`")

LANGUAGES = ("en", "de", "zh", "fr", "ko")
GLOSSERS = pytest.mark.parametrize("glosser", [glosser_for(code) for code in LANGUAGES], ids=LANGUAGES)


def bare(text: str) -> str:
    """What of a text must be in some token: all but white space, punctuation and characters nobody sees."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(char for char in apart if unicodedata.category(char)[0] not in "PZC")


def words(sentence: Sentence) -> list[str]:
    return [token.text for token in sentence.tokens]


def moods(text: str, language: str = "en") -> list[Mood]:
    return [sentence.mood for sentence in glosser_for(language).gloss(text)]


def token(word: str, language: str = "en") -> Token:
    (sentence,) = glosser_for(language).gloss(word)
    return sentence.tokens[0]


# The contract


@GLOSSERS
@settings(max_examples=40)
@given(
    text=st.text(
        alphabet=st.sampled_from("aZé ß’'-.,!?。？5%€\n你不是नि\u0308\u200d👩🚀\U0001f3fd🇩🇪\ue001"),
        max_size=24,
    )
)
@example("x² ½ ①②③ Ⅳ")
@example("…?!")
@example("e\u0301te\u0301")
@example("\ufe0f a")
def test_nothing_is_dropped(glosser: Glosser, text: str) -> None:
    found = glosser.gloss(text)
    assert bare("".join(token.text for part in found for token in part.tokens)) == bare(text)
    assert bare("".join(part.text for part in found)) == bare(text)
    for part in found:
        assert part.text.strip() == part.text != ""
        assert all(token.candidates[0] == token.text for token in part.tokens)
        position = 0
        for one in part.tokens:  # in the order of the text
            position = part.text.index(one.text, position) + len(one.text)


@GLOSSERS
@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b"])
def test_no_text_is_no_sentence(glosser: Glosser, text: str) -> None:
    assert glosser.gloss(text) == ()


@GLOSSERS
def test_numbers_symbols_and_other_scripts_are_tokens(glosser: Glosser) -> None:
    (sentence,) = glosser.gloss("1,000.50 € 10:30 👩🏽‍🚀 🇩🇪 Привет")
    kinds = {one.text: one.kind for one in sentence.tokens}
    assert kinds == {
        "1,000.50": Kind.NUMBER,
        "€": Kind.SYMBOL,
        "10:30": Kind.NUMBER,
        "👩🏽‍🚀": Kind.SYMBOL,
        "🇩🇪": Kind.SYMBOL,
        "Привет": Kind.WORD,
    }
    assert sentence.tokens[1].candidates == ("€", "euro sign")


@GLOSSERS
def test_punctuation_tells_the_mood(glosser: Glosser) -> None:
    found = glosser.gloss("Aa, bb. Cc! Dd? Ee")
    assert [(part.text, part.mood) for part in found] == [
        ("Aa, bb.", Mood.STATEMENT),
        ("Cc!", Mood.EXCLAMATION),
        ("Dd?", Mood.POLAR),
        ("Ee", Mood.STATEMENT),
    ]


# Sentences


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Mr. Bean went to the U.S. and came. He left.", 2),
        ("en", "Say no. Go!", 2),
        ("en", "It is 3.5 m … or so. See example.com now.", 2),
        ("en", '"Who?" she said. (Nobody.) Really', 4),
        ("en", "One\n\nTwo\nlines", 2),
        ("de", "Am 3. Mai fliegt z.B. ein Flugzeug. Es ist laut.", 2),
        ("en", "There were 3. They left.", 2),
        ("zh", "你好。他来了！真的？", 3),
    ],
)
def test_sentences_end_where_they_end(language: str, text: str, expected: int) -> None:
    assert len(glosser_for(language).gloss(text)) == expected


@pytest.mark.parametrize(
    ("language", "text", "mood"),
    [
        ("en", "Where is it?", Mood.CONTENT),
        ("en", "And with whom?", Mood.CONTENT),
        ("en", "You went where?", Mood.CONTENT),
        ("en", "Do you know what it is?", Mood.POLAR),
        ("en", "What a day!", Mood.EXCLAMATION),
        ("en", "What's this?!", Mood.CONTENT),
        ("de", "Warum nicht?", Mood.CONTENT),
        ("de", "Weißt du, was das ist?", Mood.POLAR),
        ("de", "Und wozu?", Mood.CONTENT),
        ("zh", "他为什么没来？", Mood.CONTENT),
        ("zh", "你好吗", Mood.POLAR),
        ("zh", "你知道什么是爱吗？", Mood.POLAR),
        ("zh", "你是不是学生？", Mood.POLAR),
        ("fr", "Où est-elle ?", Mood.CONTENT),
        ("es", "¿Dónde está?", Mood.CONTENT),
        ("ko", "어디?", Mood.POLAR),
    ],
)
def test_questions_are_told_apart(language: str, text: str, mood: Mood) -> None:
    assert moods(text, language) == [mood]


# Words


@pytest.mark.parametrize(
    ("language", "word", "candidates"),
    [
        ("en", "houses", ("houses", "house")),
        ("en", "Went", ("Went", "go")),
        ("en", "I", ("I",)),
        ("de", "Flugzeuge", ("Flugzeuge", "Flugzeug")),
        ("de", "gehütet", ("gehütet", "hüten")),
        ("de", "Haus", ("Haus",)),
        ("de", "Ging", ("Ging", "gehen")),
        ("fr", "chevaux", ("chevaux", "cheval")),
        ("ko", "어디", ("어디",)),
        ("en", "don’t", ("don’t", "not")),
        ("en", "can't", ("can't", "cannot")),
    ],
)
def test_dictionary_forms(language: str, word: str, candidates: tuple[str, ...]) -> None:
    assert token(word, language).candidates == candidates


def test_english_contractions() -> None:
    (sentence,) = glosser_for("en").gloss("I'm sure they’ll stop John's")
    assert words(sentence) == ["I", "'m", "sure", "they", "’ll", "stop", "John", "'s"]
    assert sentence.tokens[4].candidates == ("’ll", "will")


@pytest.mark.parametrize(
    ("language", "text", "negating"),
    [
        ("en", "I don’t know nothing", ["don’t", "nothing"]),
        ("en", "a knot", []),
        ("de", "Das ist kein Haus", ["kein"]),
        ("zh", "他没有来", ["没有"]),
        ("zh", "你是不是学生", []),
        ("zh", "有没有水", []),
        ("zh", "来没来", []),
        ("zh", "我不来", ["不"]),
        ("fr", "Elle n'est pas là", ["pas"]),
    ],
)
def test_negating_words(language: str, text: str, negating: list[str]) -> None:
    (sentence,) = glosser_for(language).gloss(text)
    assert [one.text for one in sentence.tokens if one.negates] == negating
    assert sentence.negated == bool(negating)


def test_chinese_takes_the_longest_known_word() -> None:
    glosser = ChineseGlosser.of(["学生", "学生会", "手机"])
    (sentence,) = glosser.gloss("学生会有iPhone手机")
    assert words(sentence) == ["学生会", "有", "iPhone", "手机"]


@pytest.mark.skipif(find_spec("pypinyin") is None, reason="needs the extra `avatar`")
@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("我去银行", ["wo", "qu", "yin", "hang"]),
        ("不行", ["bu", "xing"]),
        ("重庆", ["chong", "qing"]),
        ("我很重", ["wo", "hen", "zhong"]),
        ("学OK女儿", ["xue", "", "nü", "er"]),
        ("学生会唱", ["xue sheng", "hui", "chang"]),
        ("㐂㐃好", ["㐂", "㐃", "hao"]),  # the first two have no reading
    ],
)
def test_chinese_characters_are_read_as_those_beside_them_tell(text: str, readings: list[str]) -> None:
    (sentence,) = ChineseGlosser.of(["学生"]).gloss(text)
    assert [one.reading for one in sentence.tokens] == readings


def test_chinese_without_pinyin_is_cut_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    (sentence,) = ChineseGlosser.of(["学生"]).gloss("学生好")
    assert [(one.text, one.reading) for one in sentence.tokens] == [("学生", ""), ("好", "")]


def test_known_chinese_words_are_found_in_any_case() -> None:
    (sentence,) = ChineseGlosser.of(["卡拉ok"]).gloss("去卡拉OK")
    assert words(sentence) == ["去", "卡拉OK"]


# Numbers


@pytest.mark.parametrize(
    ("language", "number", "spoken"),
    [
        ("en", "0", ("zero",)),
        ("en", "19", ("nineteen",)),
        ("en", "40", ("forty",)),
        ("en", "21", ("twenty-one",)),
        ("en", "100", ("hundred", "one hundred")),
        ("en", "101", ()),
        ("en", "2024", ()),
        ("en", "007", ()),
        ("en", "00", ()),
        ("en", "3.5", ()),
        ("en", "²", ()),
        ("en", "٣", ("three",)),
        ("de", "1", ("eins",)),
        ("de", "16", ("sechzehn",)),
        ("de", "21", ("einundzwanzig",)),
        ("de", "37", ("siebenunddreißig",)),
        ("de", "90", ("neunzig",)),
        ("de", "1000", ("tausend", "eintausend")),
        ("zh", "0", ("零",)),
        ("zh", "10", ("十",)),
        ("zh", "12", ("十二",)),
        ("zh", "30", ("三十",)),
        ("zh", "99", ("九十九",)),
        ("zh", "100", ("一百", "百")),
        ("fr", "3", ()),
    ],
)
def test_small_numbers_have_words(language: str, number: str, spoken: tuple[str, ...]) -> None:
    found = token(number, language)
    assert (found.kind, found.candidates) == (Kind.NUMBER, (number, *spoken))


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_number_words_are_all_different(language: str) -> None:
    spoken = [token(str(number), language).candidates[1] for number in range(101)]
    assert len(set(spoken)) == len(spoken)


def test_digits_against_chinese_characters_are_numbers() -> None:
    (sentence,) = ChineseGlosser().gloss("等3年4.5天")
    assert [(one.text, one.kind) for one in sentence.tokens] == [
        ("等", Kind.WORD),
        ("3", Kind.NUMBER),
        ("年", Kind.WORD),
        ("4.5", Kind.NUMBER),
        ("天", Kind.WORD),
    ]
    assert sentence.tokens[1].candidates == ("3", "三")


# Which glosser


def test_every_sign_language_has_a_glosser_for_its_text() -> None:
    for code, text_code in TEXT_LANGUAGES.items():
        assert glosser_for(text_language(code.upper())).language == text_code
    assert text_language("xxx") == "en"
    assert glosser_for("zh-Hans-CN").language == "zh"


@pytest.mark.parametrize("tag", ["", "english", "12", "deutsch!"])
def test_what_is_no_language_tag_is_told(tag: str) -> None:
    with pytest.raises(OptionError, match="no language tag"):
        glosser_for(tag)


def test_a_missing_dictionary_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens.lemma_languages.cache_clear()
    monkeypatch.setitem(sys.modules, "simplemma.strategies.dictionaries.dictionary_factory", None)
    with pytest.raises(MissingExtra, match="avatar"):
        glosser_for("en").gloss("word")
    tokens.lemma_languages.cache_clear()


@pytest.mark.parametrize(
    ("text", "signed", "written"),
    [
        ("Hello", "ase", "en"),
        ("Guten Tag", "gsg", "de"),
        ("你好", "csl", "zh"),
        ("Hello", "csl", "en"),
        ("你好", "ase", "zh"),
        ("東京です", "ase", "ja"),
        ("東京", "jsl", "ja"),
    ],
)
def test_the_language_of_a_text_is_taken_from_its_script_and_from_who_signs(
    text: str, signed: str, written: str
) -> None:
    assert written_language(text, signed) == written
