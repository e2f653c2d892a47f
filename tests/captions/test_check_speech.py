from __future__ import annotations

from dataclasses import replace

import pytest

from accessify.captions.check import check
from accessify.core.text import Document, Word
from accessify.core.timeline import Rate, Span, Track
from tests.captions.checking import BBC, EN, F24, broken, cue, findings, spoken, the


@pytest.mark.parametrize("rate", ["24", "25", "60"])
def test_three_frames_early_or_late_are_allowed(rate: str) -> None:
    fps = Rate.parse(rate)
    for off in (-3, 0, 3):
        assert broken(spoken(100 + off, 160, 100, 155, fps), rate=fps) == []
    assert broken(spoken(104, 164, 100, 155, fps), rate=fps) == [("late-start", 1)]
    assert broken(spoken(96, 160, 100, 155, fps), rate=fps) == [("early-start", 1)]


def test_what_it_says() -> None:
    late = the("late-start", findings(spoken(108, 164, 100, 155)))
    assert (late.measured, late.allowed) == (
        "8 frames (0.33 s) after the first word",
        "at most 3 frames (0.12 s) after it",
    )
    assert late.fix == "start at 00:00:04.166"


def test_the_bbc_allows_more() -> None:
    assert broken(spoken(136, 190, 100, 170), profile=BBC) == []
    assert broken(spoken(149, 209, 100, 190), profile=BBC) == [("late-start", 1)]
    assert broken(spoken(63, 170, 100, 155), profile=BBC) == [("early-start", 1)]


def test_half_a_second_after_the_last_word() -> None:
    assert broken(spoken(100, 162, 100, 150)) == []
    found = the("lingers", findings(spoken(100, 163, 100, 150)))
    assert found.measured == "13 frames (0.54 s) after the last word"
    assert found.fixable


def test_it_lingers_as_long_as_it_must_be_shown() -> None:
    assert broken(spoken(100, 120, 100, 104)) == []
    assert broken(spoken(100, 121, 100, 104)) == [("lingers", 1)]
    slow = replace(spoken(100, 148, 100, 110), text="The quick brown fox jumped over two dogs")
    assert broken(slow) == []


def test_it_lingers_to_close_a_gap() -> None:
    assert broken(spoken(100, 170, 100, 150), spoken(172, 230, 172, 225)) == []
    assert broken(spoken(100, 180, 100, 150), spoken(182, 240, 182, 235)) == [("lingers", 1)]


def test_it_stays_until_the_last_word_is_said() -> None:
    assert broken(spoken(100, 147, 100, 150)) == []
    assert broken(spoken(100, 146, 100, 150)) == [("early-end", 1)]
    assert broken(spoken(100, 145, 100, 150), spoken(147, 200, 147, 195)) == []


def test_shot_changes_excuse_what_they_cause() -> None:
    on_cut = spoken(100, 160, 93, 155)  # first word 7 frames before the cut
    assert broken(on_cut, shots=(100,)) == []
    early = spoken(100, 160, 110, 155)  # first word 10 frames after it
    assert broken(early, shots=(100,)) == []
    pulled = spoken(88, 160, 92, 155)  # first word 8 frames before it: 12 frames clear of it
    assert broken(pulled, shots=(100,)) == []


def test_words_of_the_document_are_given_to_the_cue_that_shows_them() -> None:
    words = [Word(Span(F24.at(a), F24.at(b)), "so") for a, b in ((40, 50), (50, 58), (70, 80), (100, 125))]
    document = Document(Track.of([cue(48, 60), cue(70, 130)]), rate=F24, words=Track.of(words))
    found = {finding.rule: finding for finding in check(document, EN)}
    assert set(found) == {"min-duration", "late-start", "gap"}
    assert found["late-start"].measured == "8 frames (0.33 s) after the first word"


def test_nothing_is_said_of_speech_that_is_not_known() -> None:
    assert broken(cue(100, 160)) == []
