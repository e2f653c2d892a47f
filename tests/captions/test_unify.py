"""One script for Chinese words; the tables are another package's, tested where that is installed."""

from __future__ import annotations

import sys

import pytest

from accessify.captions.unify import _converter, unify
from accessify.core.errors import MissingExtra, UnknownName
from accessify.core.text import Word
from accessify.core.timeline import Note, Span, Track

SIMPLIFIED = "她 的 头 发 很 长 ， 出 发 以 后 在 皇 后 饭 店 吃 面 ， OK ？"
TRADITIONAL = "她 的 頭 髮 很 長 ， 出 發 以 後 在 皇 后 飯 店 喫 麪 ， OK ？"


def track(text: str) -> Track[Word]:
    words = (Word(Span(at * 100, at * 100 + 90), word) for at, word in enumerate(text.split()))
    return Track(tuple(words), (Note(Span(0, 9), "kind", "kept"),))


def text(words: Track[Word]) -> str:
    return " ".join(word.text for word in words)


def test_both_scripts() -> None:
    pytest.importorskip("opencc")
    simplified = track(SIMPLIFIED)
    traditional = unify(simplified, "hant")
    assert text(traditional) == TRADITIONAL
    assert [word.span for word in traditional] == [word.span for word in simplified]
    assert traditional.notes == simplified.notes
    assert unify(traditional, "hans") == simplified == unify(simplified, "hans")


def test_words_in_both_scripts_at_once() -> None:
    pytest.importorskip("opencc")
    assert text(unify(track("這是 一个 测试 Wi-Fi 測試"), "hans")) == "这是 一个 测试 Wi-Fi 测试"


def test_nothing_stays_nothing() -> None:
    pytest.importorskip("opencc")
    assert unify(Track(()), "hans") == Track(())


def test_an_unknown_script_is_told() -> None:
    with pytest.raises(UnknownName, match="hans, hant"):
        unify(track("好"), "latin")


def test_the_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opencc", None)
    _converter.cache_clear()
    with pytest.raises(MissingExtra, match=r"accessify\[chinese\]"):
        unify(track("好"), "hans")
    _converter.cache_clear()


def test_a_phrase_that_grows_does_not_change_its_neighbours() -> None:
    pytest.importorskip("opencc")
    around = unify(track("她 的 头 发 很 长 ， OK 头 发"), "hant")
    assert text(around) == "她 的 頭 髮 很 長 ， OK 頭 髮"
