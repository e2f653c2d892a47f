"""Captions in other languages than English, from words as recognisers give them."""

from __future__ import annotations

from accessify.captions.check import check
from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.rules import load_profile
from accessify.core.text import Document, Word
from accessify.core.timeline import Rate, Span, Track, seconds

FILM = Film(Rate.parse("24"))


def captions(guide: str, text: str, pace: float = 0.35) -> list[str]:
    """Captions of words `pace` seconds long; none of them breaks a rule of the guide's."""
    length, profile = seconds(pace), load_profile(guide)
    words = [Word(Span(at * length, (at + 1) * length), word) for at, word in enumerate(text.split())]
    cues = compose(Track(tuple(words)), profile, FILM)
    assert check(Document(cues, profile.language), profile, FILM) == ()
    return [cue.text for cue in cues]


def test_chinese_with_names_and_figures() -> None:
    said = "你 有 iPhone 15 Pro 吗? 我 要 上 3.5 GHz 的 Wi-Fi 网络, 他 说: 好 的!"
    assert captions("netflix-zh-hans", said) == [
        "你有 iPhone 15 Pro 吗？",
        "我要上 3.5 GHz 的 Wi-Fi 网络\n他说：好的！",
    ]


def test_chinese_character_by_character_with_marks_apart() -> None:
    said = " ".join("我们的人工智能系统可以识别手语，并且转换成文字。这真是太好了!")
    assert captions("netflix-zh-hans", said, 0.25) == [
        "我们的人工智能系统可以识别手语\n并且转换成文字",
        "这真是太好了！",
    ]


def test_no_chinese_word_is_broken() -> None:
    said = " ".join("因为图书馆今天下午有一个关于人工智能的讲座所以我们决定晚一点再去电影院")
    lines = [line for text in captions("netflix-zh-hans", said, 0.2) for line in text.split("\n")]
    for word in ("图书馆", "今天", "下午", "人工智能", "讲座", "所以", "决定", "电影院"):
        assert any(word in line for line in lines)


def test_chinese_in_traditional_characters() -> None:
    said = "今天 天氣 很 好， 我們 一起 去 公園 散步 吧。 你 要 來 嗎?"
    assert captions("netflix-zh-hant", said) == ["今天天氣很好\n我們一起去公園散步吧", "你要來嗎？"]


def test_japanese_breaks_between_phrases() -> None:
    said = "今日 は とても いい 天気 です ね。 公園 を 散歩 し ましょう か?"
    assert captions("netflix-ja-sdh", said, 0.5) == [
        "今日はとてもいい\n天気ですね。",
        "公園を散歩しましょうか？",
    ]


def test_korean_breaks_at_spaces() -> None:
    said = "우리 같이 공원에 산책하러 갈까요? 저는 아이폰 15를 샀어요."
    assert captions("netflix-ko", said, 0.5) == [
        "우리 같이 공원에\n산책하러 갈까요?",
        "저는 아이폰 15를 샀어요.",
    ]


def test_arabic_and_hebrew_end_where_their_sentences_do() -> None:
    said = "مرحبا، كيف حالك اليوم؟ أريد أن أتحدث عن الطقس الجميل في هذه المدينة القديمة؛ لأنه مهم جدا."
    assert captions("netflix-ar", said)[0] == "مرحبا، كيف حالك اليوم؟"
    said = "שלום, מה שלומך היום? אני רוצה לדבר על מזג האוויר היפה בעיר העתיקה הזאת, כי זה חשוב מאוד."
    assert captions("netflix-he", said)[0] == "שלום, מה שלומך היום?"


def test_german_keeps_abbreviations_and_dates_together() -> None:
    said = (
        "Wir brauchen z. B. am 3. Oktober eine neue Genehmigung der Stadt, weil das Amt nicht früher öffnet."
    )
    assert captions("netflix-de", said) == [
        "Wir brauchen z. B. am 3. Oktober\neine neue Genehmigung der Stadt,",
        "weil das Amt nicht früher öffnet.",
    ]
