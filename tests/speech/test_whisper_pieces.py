from __future__ import annotations

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.timeline import Span, millis, seconds
from accessify.speech.transcribe import Transcript
from accessify.speech.whisper_pieces import Group, spell, starts_word, within


def words_of(*groups: str) -> list[str]:
    """What a reader sees of groups of characters, each of which is one token."""
    known = dict(enumerate(character for group in groups for character in group))
    numbers = iter(known)
    pieces = spell(
        [Group([next(numbers) for _ in group]) for group in groups],
        [0.5] * len(known),
        lambda token: known[token].encode(),
    )
    return [word.text for word in Transcript(pieces).words]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (("我", "用", "i", "Phone", "手", "机"), ["我", "用", "iPhone", "手", "机"]),
        (("用", "，", "i", "Phone"), ["用，", "iPhone"]),
        (("3", "0", "0", "元"), ["300", "元"]),
        (("我", "们", " OK", "吗", "？"), ["我", "们", "OK", "吗？"]),
        (("今", "日", "は", "J", "-", "POP", "を"), ["今", "日", "は", "J-POP", "を"]),
        ((" well", "-known", " fact", "."), ["well-known", "fact."]),
        ((" U", ".", "S", ".", " army"), ["U.S.", "army"]),
        ((" it", "'s", " 3", ".5"), ["it's", "3.5"]),
        (("Hello", ",", " world"), ["Hello,", "world"]),
        (("ｉ", "Ｐ"), ["ｉＰ"]),
    ],
)
def test_a_word_starts_at_a_space_or_beside_a_script_without_spaces(
    groups: tuple[str, ...], words: list[str]
) -> None:
    assert words_of(*groups) == words


def test_words_start_beside_scripts_without_spaces() -> None:
    assert all(starts_word("a", character) for character in "我々はカナㄅไทยລາວမြန်မာខ្មែរ，。？！、「𠮷")
    assert not any(starts_word("a", character) for character in "aZ9é한글Я-.,?Ａ９\u0639\u05d0")


def test_the_first_group_starts_a_word_whatever_it_is() -> None:
    assert starts_word("", ".")
    assert not starts_word("a", "")
    (piece,) = spell([Group([65])], [1.25], lambda token: bytes([token]))
    assert (piece.raw, piece.chance, piece.starts_word, piece.token) == (b"A", 1.0, True, 65)


def test_a_character_in_two_tokens_is_one_word() -> None:
    raw = {1: b"\xe6\x88", 2: b"\x91", 3: b"a"}
    pieces = spell([Group([1, 2], Span(0, 5)), Group([3])], [0.5, 0.25, 1], raw.__getitem__)
    assert [piece.starts_word for piece in pieces] == [True, False, True]
    assert [piece.span for piece in pieces] == [Span(0, 5), Span(0, 5), None]


def test_times_stay_within_the_sound() -> None:
    sound = Audio(np.zeros(16_000, np.float32), start=seconds(2))
    assert within(sound, Span(0, millis(20))) == Span(seconds(2), seconds(2) + millis(20))
    assert within(sound, Span(millis(900), seconds(9))) == Span(seconds(2) + millis(900), seconds(3))
    assert within(sound, Span(seconds(5), seconds(9))) == Span(seconds(3), seconds(3))
