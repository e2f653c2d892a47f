from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.timeline import Span, seconds
from accessify.speech.doubt import collapse_loop, count_words, evidence, loops
from accessify.speech.transcribe import Piece, Said, TranscribeOptions, Transcript

ENOUGH = TranscribeOptions().evidence


def said(text: str, confidence: float = 0.9) -> tuple[Said, ...]:
    return tuple(Said(word, confidence) for word in text.split())


def some(count: int) -> tuple[Said, ...]:
    return said("word " * count)


def texts(words: tuple[Said, ...]) -> str:
    return " ".join(word.text for word in words)


LOOPS = {
    "one word": ("you " * 7, "you"),
    "one word behind others": ("I said no " + "no " * 8 + "to him", "I said no to him"),
    "two words": ("thank you " * 5, "thank you"),
    "three words": ("three two one " * 4, "three two one"),
    "a sentence": ("and so it goes on and on " * 3, "and so it goes on and on"),
    "eight words": ("a b c d e f g h " * 3, "a b c d e f g h"),
    "marks and capitals aside": ("Go, go. GO go! go go? go", "Go,"),
    "half begun again": ("we have to go now " * 3 + "we have", "we have to go now we have"),
}
SPEECH = {
    "nothing": "",
    "four times one word": "No, no, no, no, he is mine",
    "a refrain": "row row row your boat gently down the stream row row row your boat",
    "a line of a song twice": "you can do it if you really want you can do it if you really want",
    "digits": "five five five one two one two",
}


@pytest.mark.parametrize(("text", "once"), LOOPS.values(), ids=LOOPS)
def test_loops_are_found_and_said_once(text: str, once: str) -> None:
    assert loops(said(text))
    assert texts(collapse_loop(said(text))) == once


@pytest.mark.parametrize("text", SPEECH.values(), ids=SPEECH)
def test_what_people_say_is_no_loop(text: str) -> None:
    assert not loops(said(text))


@pytest.mark.parametrize("text", ["", "hello", "the quick brown fox"])
def test_what_had_to_be_stopped_is_a_loop(text: str) -> None:
    assert loops(said(text), finished=False)


HAN = {
    "a syllable": ("对" * 12, "对"),
    "a word": ("谢谢你" * 7, "谢谢你"),
    "a sentence": ("我们今天去学校看书吧" * 3, "我们今天去学校看书吧"),
}


def characters(text: str) -> tuple[Said, ...]:
    """As Whisper cuts Chinese."""
    return tuple(Said(character, 0.9) for character in text)


@pytest.mark.parametrize(("text", "once"), HAN.values(), ids=HAN)
def test_loops_are_found_in_scripts_without_spaces(text: str, once: str) -> None:
    assert loops(characters(text))
    assert "".join(word.text for word in collapse_loop(characters(text))) == once


@pytest.mark.parametrize("text", ["对" * 8, "好好学习天天向上", "谢谢谢谢", "我们今天去学校" * 2])
def test_what_people_say_in_chinese_is_no_loop(text: str) -> None:
    assert not loops(characters(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("yes no", 2), ("对", 1), ("我们今天去", 2), ("我有一部 iPhone 手机 。", 4), ("ไทย", 1)],
)
def test_three_characters_without_spaces_are_a_word(text: str, words: int) -> None:
    parts = [part for part in text.split() for part in (part if part[0] > "\u0e00" else [part])]
    assert count_words(tuple(Said(part, 1.0) for part in parts)) == words


@pytest.mark.parametrize("text", ["我" * 30, "ไ" * 39])
def test_fast_speech_in_scripts_without_spaces_is_believed(text: str) -> None:
    """Ten characters of Chinese a second, and thirteen of Thai."""
    assert evidence(0.9, -0.2, characters(text), Span(0, seconds(3))) > ENOUGH


def test_repeats_that_stop_short_of_a_loop_stay() -> None:
    assert texts(collapse_loop(said("no no he never never came"))) == "no no he never never came"


words = st.lists(st.sampled_from("abc"), max_size=40).map(lambda letters: said(" ".join(letters)))


@given(words)
def test_collapsed_words_never_loop_and_stay_so(words: tuple[Said, ...]) -> None:
    once = collapse_loop(words)
    assert not loops(once)
    assert collapse_loop(once) == once


@given(words)
def test_collapsing_takes_words_away_and_changes_none(words: tuple[Said, ...]) -> None:
    rest = iter(words)
    assert all(any(word is other for other in rest) for word in collapse_loop(words))


@given(st.lists(st.integers(), unique=True, max_size=30))
def test_words_that_differ_stay(numbers: list[int]) -> None:
    words = tuple(Said(f"w{number}", 0.5) for number in numbers)
    assert collapse_loop(words) == words


def test_evidence_by_hand() -> None:
    found = evidence(0.75, math.log(0.5), some(2), Span(0, seconds(2)))
    assert found == pytest.approx(4 * 0.75 + 2 * math.log(0.5) + 0.3 * 2)


def test_a_hopeless_word_counts_no_less_than_the_floor() -> None:
    assert evidence(1.0, -50.0, some(1), Span(0, seconds(1))) == pytest.approx(4 - 6 + 0.3)


def test_more_than_six_words_say_no_more() -> None:
    span = Span(0, seconds(10))
    assert evidence(0.5, -1.0, some(6), span) == evidence(0.5, -1.0, some(20), span)


@pytest.mark.parametrize(
    ("chance", "text", "confidence", "believed"),
    [
        (0.25, "you", 0.4, False),
        (0.15, "Thank you.", 0.5, False),
        (0.3, "hm", 0.2, False),
        (0.95, "Yes.", 0.9, True),
        (0.3, "I could hardly hear what he said", 0.6, True),
        (0.9, "Halt!", 0.3, True),
    ],
    ids=["creak", "hiss", "hum", "an answer", "a whisper", "a shout"],
)
def test_noise_is_doubted_and_speech_believed(
    chance: float, text: str, confidence: float, believed: bool
) -> None:
    found = evidence(chance, math.log(confidence), said(text), Span(0, seconds(3)))
    assert (found >= ENOUGH) is believed


def test_nobody_speaks_so_fast() -> None:
    assert evidence(1.0, 0.0, some(15), Span(0, seconds(2))) == -math.inf
    assert evidence(1.0, 0.0, some(14), Span(0, seconds(2))) > ENOUGH
    assert evidence(1.0, 0.0, some(2), Span(0, 0)) > ENOUGH  # the shortest sound holds two words


@given(st.floats(0, 1), st.floats(-9, 0), st.floats(-9, 0), st.integers(1, 8))
def test_a_surer_detector_or_recogniser_is_more_evidence(
    chance: float, less: float, more: float, count: int
) -> None:
    less, more = sorted((less, more))
    span = Span(0, seconds(5))
    assert evidence(chance, less, some(count), span) <= evidence(chance, more, some(count), span)
    assert evidence(chance / 2, less, some(count), span) <= evidence(chance, less, some(count), span)


def test_certainty_is_the_mean_log_probability_of_the_tokens() -> None:
    pieces = (Piece(b"So", 0.5, True), Piece(b"-", 0.125, False))
    assert Transcript(pieces).certainty == pytest.approx(math.log(0.25))
    assert Transcript(()).certainty == 0
