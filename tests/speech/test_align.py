from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.text import Timing, Word
from accessify.core.timeline import Span, millis, seconds, to_samples
from accessify.speech.align import Unaligned, align, stitch, unwritten
from accessify.speech.detect import Utterance
from accessify.speech.transcribe import Said


class Told:
    """An `Aligner` that was told the answer."""

    def __init__(self, *spans: Span | None) -> None:
        self._spans = list(spans)

    def align(self, audio: Audio, words: Sequence[str]) -> list[Span | None]:
        return self._spans


def ms(start: int, end: int) -> Span:
    return Span(millis(start), millis(end))


SOUND = ms(1000, 3000)


def utterance(span: Span, keep: Span | None = None) -> Utterance:
    silence = np.zeros(to_samples(span.duration, SPEECH_RATE), np.float32)
    return Utterance(Audio(silence, start=span.start), keep or span, 0.9)


def said(*texts: str, confidence: float = 0.9) -> list[Said]:
    return [Said(text, confidence) for text in texts]


def aligned(*spans: Span | None, texts: Sequence[str] = ()) -> list[Word]:
    texts = texts or [f"w{number}" for number in range(len(spans))]
    return align(Told(*spans), utterance(SOUND), said(*texts))


def spans(words: Sequence[Word]) -> list[tuple[int, int]]:
    return [(word.span.start // millis(1), word.span.end // millis(1)) for word in words]


class TestAlign:
    def test_nothing_said_asks_nobody(self) -> None:
        assert align(Told(None), utterance(ms(0, 100)), []) == []

    def test_known_times_are_taken_as_they_are(self) -> None:
        words = align(Told(ms(1100, 1400), ms(1500, 2000)), utterance(SOUND), said("Hello,", "you"))
        assert words == [
            Word(ms(1100, 1400), "Hello,", 0.9, Timing.ALIGNED),
            Word(ms(1500, 2000), "you", 0.9, Timing.ALIGNED),
        ]

    def test_a_word_between_known_ones_gets_the_room_between(self) -> None:
        words = aligned(ms(1100, 1400), None, ms(1700, 2000))
        assert spans(words) == [(1100, 1400), (1400, 1700), (1700, 2000)]
        assert [word.timing for word in words] == [Timing.ALIGNED, Timing.ESTIMATED, Timing.ALIGNED]

    def test_missing_words_share_room_by_their_letters(self) -> None:
        words = aligned(ms(1000, 1100), None, None, ms(1500, 2000), texts=("so", "a", "big", "cat"))
        assert spans(words) == [(1000, 1100), (1100, 1200), (1200, 1500), (1500, 2000)]

    def test_missing_words_at_the_ends_reach_to_the_ends_of_the_sound(self) -> None:
        assert spans(aligned(None, ms(2000, 2500), None)) == [(1000, 2000), (2000, 2500), (2500, 3000)]

    def test_where_nothing_fits_all_share_the_sound(self) -> None:
        words = aligned(None, None, texts=("a", "and"))
        assert spans(words) == [(1000, 1500), (1500, 3000)]
        assert {word.timing for word in words} == {Timing.ESTIMATED}

    def test_no_room_is_no_time(self) -> None:
        words = aligned(ms(1000, 2000), None, ms(2000, 3000))
        assert spans(words) == [(1000, 2000), (2000, 2000), (2000, 3000)]

    def test_times_are_clipped_to_the_sound(self) -> None:
        assert spans(aligned(ms(900, 1200), ms(2900, 3300))) == [(1000, 1200), (2900, 3000)]

    def test_a_time_that_steps_back_is_not_believed(self) -> None:
        words = aligned(ms(1500, 1800), ms(1200, 1400), ms(2000, 2200))
        assert spans(words) == [(1500, 1800), (1800, 2000), (2000, 2200)]
        assert words[1].timing is Timing.ESTIMATED

    def test_words_beyond_the_keep_are_left_to_the_neighbour(self) -> None:
        told = Told(ms(0, 300), ms(600, 1000), ms(1000, 1300))
        words = align(told, utterance(ms(0, 2000), ms(0, 700)), said("a", "b", "c"))
        assert [word.text for word in words] == ["a"]

    def test_words_right_at_the_cut_are_kept_by_both(self) -> None:
        told, texts = Told(ms(600, 800)), said("a")
        assert align(told, utterance(ms(0, 2000), ms(0, 650)), texts)
        assert align(told, utterance(ms(0, 2000), ms(750, 2000)), texts)


pieces = st.lists(
    st.none() | st.tuples(st.integers(0, 2500), st.integers(0, 900)).map(lambda at: ms(at[0], sum(at))),
    max_size=12,
)


@given(pieces)
def test_whatever_the_aligner_says_words_keep_their_order_and_number(found: list[Span | None]) -> None:
    words = aligned(*found)
    assert [word.text for word in words] == [f"w{number}" for number in range(len(found))]
    for word, told in zip(words, found, strict=True):
        assert word.span | SOUND == SOUND
        if word.timing is Timing.ALIGNED:
            assert word.span == told & SOUND
    for before, after in pairwise(words):
        assert before.span.end <= after.span.start


def word(start: int, end: int, text: str = "w", confidence: float = 0.9) -> Word:
    return Word(ms(start, end), text, confidence, Timing.ALIGNED)


class TestStitch:
    def test_what_follows_is_appended(self) -> None:
        words = [word(0, 100, "a")]
        stitch(words, [word(100, 200, "b"), word(300, 400, "c")])
        assert words == [word(0, 100, "a"), word(100, 200, "b"), word(300, 400, "c")]

    def test_of_two_readings_the_surer_stays(self) -> None:
        words = [word(0, 200, "their", 0.5)]
        stitch(words, [word(20, 220, "there", 0.8)])
        assert words == [word(0, 200, "there", 0.8)]
        stitch(words, [word(20, 220, "they're", 0.6)])
        assert words == [word(0, 200, "there", 0.8)]

    def test_a_small_overlap_is_trimmed(self) -> None:
        words = [word(0, 200, "a")]
        stitch(words, [word(150, 400, "b")])
        assert spans(words) == [(0, 200), (200, 400)]

    def test_the_surer_reading_never_overlaps_the_word_before_it(self) -> None:
        words = [word(0, 200, "a"), word(200, 400, "b", 0.2)]
        stitch(words, [word(150, 390, "b", 0.9)])
        assert [each.text for each in words] == ["a", "b"]
        assert spans(words) == [(0, 200), (200, 400)]

    def test_two_short_words_at_the_cut_are_each_there_once(self) -> None:
        words = [word(0, 60, "to"), word(60, 120, "a", 0.5)]
        stitch(words, [word(10, 70, "to"), word(70, 130, "a", 0.8), word(130, 500, "friend")])
        assert [each.text for each in words] == ["to", "a", "friend"]

    def test_a_word_said_twice_stays_twice(self) -> None:
        words = [word(0, 150, "no")]
        stitch(words, [word(160, 300, "no")])
        assert spans(words) == [(0, 150), (160, 300)]

    def test_a_reading_without_confidence_gives_way(self) -> None:
        words = [Word(ms(0, 200), "a", None, Timing.ALIGNED)]
        stitch(words, [word(0, 200, "b", 0.1)])
        assert words == [word(0, 200, "b", 0.1)]


@st.composite
def speech(draw: st.DrawFn) -> list[Word]:
    """Words, all different, of 85 ms or more."""
    words, at = [], 0
    for length, pause in draw(st.lists(st.tuples(st.integers(85, 600), st.integers(0, 300)), min_size=5)):
        at += max(0, pause - 150)  # half of the words follow each other without a pause
        words.append(word(at, at + length, f"w{len(words)}"))
        at += length
    return words


lateness = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@given(speech(), st.floats(0, 1), lateness, st.tuples(*[st.sampled_from([0.4, 0.9])] * 2))
def test_around_a_cut_every_word_is_heard_once(
    words: list[Word], part: float, lateness: tuple[int, int], sure: tuple[float, float]
) -> None:
    """Both sides hear the sound around the cut; the times they find differ a little."""
    end = words[-1].span.end
    cut = round(part * end / millis(1))
    joined: list[Word] = []
    sides = [
        (ms(0, cut + 960), ms(0, cut)),
        (Span(millis(max(0, cut - 960)), end + millis(100)), Span(millis(cut), end + millis(100))),
    ]
    for (sound, keep), late, confidence in zip(sides, lateness, sure, strict=True):
        whole = [each for each in words if each.span | sound == sound]  # half words are not understood
        told = Told(*(each.span.shift(millis(late)) for each in whole))
        heard = said(*(each.text for each in whole), confidence=confidence)
        stitch(joined, align(told, utterance(sound, keep), heard))
    assert [each.text for each in joined] == [each.text for each in words]
    for before, after in pairwise(joined):
        assert before.span.end <= after.span.start


@pytest.mark.parametrize("later", [[], [word(0, 100)]])
def test_stitching_to_nothing(later: list[Word]) -> None:
    words: list[Word] = []
    stitch(words, later)
    assert words == later


def timed(*spans: tuple[float, float]) -> list[Said]:
    return [
        Said(f"w{at}", 0.9, Span(seconds(first), seconds(last))) for at, (first, last) in enumerate(spans)
    ]


def test_a_word_that_is_given_seconds_of_other_speech_is_cut() -> None:
    utterance = Utterance(Audio(np.zeros(16_000 * 12, np.float32)), Span(0, seconds(12)), 0.9)
    words = align(Unaligned(), utterance, timed((0, 3.5), (3.5, 4), (4, 11)))
    assert [(word.span.start, word.span.end) for word in words] == [
        (seconds(1.5), seconds(3.5)),
        (seconds(3.5), seconds(4)),
        (seconds(4), seconds(6)),
    ]
    assert unwritten(utterance, words) == [Span(seconds(6), seconds(12))]
    assert unwritten(utterance, []) == [utterance.keep]


def test_pauses_of_a_speaker_are_not_unwritten() -> None:
    utterance = Utterance(Audio(np.zeros(16_000 * 8, np.float32)), Span(0, seconds(8)), 0.9)
    words = align(Unaligned(), utterance, timed((0.2, 1), (3, 4), (6.5, 7)))
    assert unwritten(utterance, words) == []
