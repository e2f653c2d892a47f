"""Followed here are speakers whose words are tones; the real networks are in tests/pipelines/test_live.py."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.live import Correction, LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, samples, seconds, to_seconds
from accessify.speech.agree import AgreeOptions
from accessify.speech.follow import Follower, FollowOptions, corrected
from accessify.speech.transcribe import Transcript
from tests.fakes import WORDS, LoudSpeech, ToneAligner, ToneReader, speak


class Verifying(ToneReader):
    """Hears anew with a draft, and remembers how many drafts it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.drafts: list[Transcript] = []

    def verify(self, utterance: Audio, draft: Transcript) -> Transcript:
        self.drafts.append(draft)
        return self.recognize([utterance])[0]


def follower(options: FollowOptions | None = None, reader: ToneReader | None = None) -> Follower:
    return Follower(LoudSpeech(), reader or ToneReader(), ToneAligner(), options or FollowOptions())


def follow(sound: NDArray[np.float32], one: Follower, block: int = 512, every: int = 1) -> list[LiveUpdate]:
    """All updates for `sound` in blocks, with `step` called behind every so many of them."""
    updates: list[LiveUpdate] = []

    def listen() -> None:
        while (update := one.step()) is not None:
            updates.append(update)

    for number, at in enumerate(range(0, len(sound), block)):
        one.push(Audio(sound[at : at + block], SPEECH_RATE, samples(at, SPEECH_RATE)))
        if number % every == 0:
            listen()
    one.end()
    listen()
    return [*updates, one.last()]


def committed(updates: Sequence[LiveUpdate]) -> str:
    return " ".join(word.text for update in updates for word in update.committed)


def final(updates: Sequence[LiveUpdate]) -> str:
    return " ".join(word.text for update in updates for word in update.final)


SENTENCES = "[0.3] alpha bravo charlie delta echo foxtrot [1.2] golf hotel india [0.3] juliet alpha [1]"
SAID = "alpha bravo charlie delta echo foxtrot golf hotel india juliet alpha"


def test_words_come_while_they_are_spoken_and_once() -> None:
    updates = follow(speak(SENTENCES), follower())
    assert committed(updates) == final(updates) == SAID
    assert [update.number for update in updates] == list(range(1, len(updates) + 1))
    first = next(update for update in updates if update.committed)
    assert not first.ended
    assert to_seconds(first.clock) < 2.5  # long before the pause at 1.6 s has ended the utterance at 2.3 s


def test_each_utterance_ends_once_with_its_measured_words() -> None:
    updates = follow(speak(SENTENCES), follower())
    ends = [update for update in updates if update.ended]
    assert [" ".join(word.text for word in update.final) for update in ends] == [
        "alpha bravo charlie delta echo foxtrot",
        "golf hotel india juliet alpha",
    ]
    assert all(not update.corrections and not update.tail for update in ends)
    assert updates[-1].state is LiveState.ENDED


def test_a_short_pause_commits_what_a_long_one_would_end() -> None:
    updates = follow(speak("[0.2] alpha bravo [0.45]"), follower())
    told = [update for update in updates if update.committed]
    assert committed(told) == "alpha bravo"
    assert not any(update.ended for update in told)


def test_a_recogniser_that_verifies_gets_what_it_said_before() -> None:
    reader = Verifying()
    updates = follow(speak(SENTENCES), follower(reader=reader))
    assert committed(updates) == SAID
    lengths = [len(draft.pieces) for draft in reader.drafts]
    assert lengths[0] == 0
    assert max(lengths) >= 8
    assert lengths.count(0) == 2  # each utterance begins from nothing
    assert len(reader.drafts) == reader.batches  # the final reading has a draft too


@pytest.mark.parametrize("every", [4, 20, 1000])
def test_who_comes_late_to_listen_loses_passes_but_no_word(every: int) -> None:
    updates = follow(speak(SENTENCES), follower(), every=every)
    assert committed(updates) == final(updates) == SAID


def test_far_behind_it_says_so_and_hears_whole_utterances_only() -> None:
    reader = ToneReader()
    long = " ".join(WORDS) + " [0.3] " + " ".join(WORDS) + " [0.3] " + " ".join(WORDS)
    one = follower(reader=reader)
    sound = speak(f"[0.2] {long}")
    one.push(Audio(sound))
    assert one.lag > seconds(5)
    update = one.step()
    assert update is not None
    assert update.state is LiveState.CATCHING_UP
    assert reader.batches == 0
    one.end()
    rest = []
    while (update := one.step()) is not None:
        rest.append(update)
    assert committed(rest) == " ".join(WORDS * 3)
    assert rest[-1].state is LiveState.SILENT
    assert one.lag == 0


def test_sound_that_comes_too_fast_for_too_long_is_left_out_with_a_note() -> None:
    one = follower(FollowOptions(most_waiting=seconds(4)))
    sound = speak("[0.2] " + "alpha bravo charlie delta echo [1] " * 8)
    one.push(Audio(sound))
    updates: list[LiveUpdate] = []
    while (update := one.step()) is not None:
        updates.append(update)
    notes = [note for update in updates for note in update.notes]
    assert notes
    assert {note.kind for note in notes} == {"dropped"}
    told = len(committed(updates).split()) + 5 * len(notes)
    assert told == 40  # what is not shown is told


def test_an_utterance_left_out_after_some_of_it_was_committed_ends_with_what_was() -> None:
    one = follower(FollowOptions(most_waiting=seconds(4)))
    first = speak("[0.2] " + "alpha bravo charlie delta echo foxtrot " * 2)
    updates: list[LiveUpdate] = []

    def listen() -> None:
        while (update := one.step()) is not None:
            updates.append(update)

    for at in range(0, len(first), 512):
        one.push(Audio(first[at : at + 512], SPEECH_RATE, samples(at, SPEECH_RATE)))
        listen()
    begun = committed(updates)
    assert len(begun.split()) >= 8
    assert not any(update.ended for update in updates)
    rest = speak("golf hotel india juliet " * 4 + "[1] " + "alpha bravo charlie delta echo [1] " * 4)
    one.push(Audio(rest, SPEECH_RATE, samples(len(first), SPEECH_RATE)))
    listen()
    end = next(update for update in updates if update.ended)
    assert " ".join(word.text for word in end.final) == begun
    assert not end.committed
    assert not end.tail
    note = end.notes[0]
    assert note.kind == "dropped"
    assert note.span.start == end.final[-1].span.end  # what was committed is not said to be missing
    assert committed(updates) == final(updates)
    assert final(updates).startswith(f"{begun} alpha bravo")


def test_when_sound_stops_coming_what_was_said_is_committed() -> None:
    one = follower()
    sound = speak("[0.2] alpha bravo charlie")
    one.push(Audio(sound))
    updates = [one.step(), one.stall()]
    assert all(updates)
    assert committed([update for update in updates if update]) == "alpha bravo charlie"
    assert updates[-1] is not None
    assert updates[-1].state is LiveState.STALLED
    more = Audio(speak("delta echo [1]"), SPEECH_RATE, samples(len(sound), SPEECH_RATE))
    one.push(more)
    rest: list[LiveUpdate] = []
    while (update := one.step()) is not None:
        rest.append(update)
    assert committed(rest) == "delta echo"
    assert final(rest) == "alpha bravo charlie delta echo"


def test_speech_without_a_breath_is_cut_and_each_word_comes_once() -> None:
    text = " ".join(WORDS) + " "
    doubting = FollowOptions(agree=AgreeOptions(certain=2))  # tones cut in two are misread with certainty
    updates = follow(speak("[0.2] " + text * 10 + "[1]"), follower(doubting))
    assert sum(update.ended for update in updates) >= 2
    assert final(updates) == (text * 10).strip()
    assert committed(updates) == (text * 10).strip()
    assert not any(update.corrections for update in updates)


def test_silence_gives_nothing() -> None:
    updates = follow(np.zeros(3 * SPEECH_RATE, np.float32), follower())
    assert [update.state for update in updates] == [LiveState.ENDED]


def test_memory_does_not_grow() -> None:
    one = follower()
    follow(speak((SENTENCES + " ") * 20), one)
    assert len(one._detector._sound) < SPEECH_RATE
    assert not one._ended
    assert len(one._finals) <= 12


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from([*WORDS, "[0.1]", "[0.25]", "[0.5]", "[0.9]"]), max_size=25),
    st.integers(100, 4000),
    st.integers(1, 30),
)
def test_however_sound_comes_the_transcript_is_what_was_said(
    tokens: list[str], block: int, every: int
) -> None:
    updates = follow(speak(" ".join(["[0.2]", *tokens, "[1]"])), follower(), block, every)
    said = " ".join(token for token in tokens if token in WORDS)
    assert final(updates) == said
    assert all(update.clock <= later.clock for update, later in pairwise(updates))
    words = [word for update in updates for word in update.final]
    assert all(one.span.end <= other.span.start for one, other in pairwise(words))


def words(text: str) -> list[Word]:
    return [Word(Span(seconds(at), seconds(at + 1)), word, 0.8) for at, word in enumerate(text.split())]


def test_corrections_are_where_the_final_reading_says_something_else() -> None:
    found = corrected(words("Your survey was not unfavorable"), words("The survey, was unfavorable. Then"))
    assert found == (
        Correction(("Your",), ("The",), 0.8, 0),
        Correction(("not",), (), 1.0, 3),
        Correction((), ("Then",), 0.8, 4),
    )


def test_at_a_cut_words_on_the_other_side_are_no_errors() -> None:
    assert not corrected(words("become a knight errant a calling"), words("become a knight"), cut=True)
    assert not corrected(words("so many"), words("errant a calling so many"), carried=True)


def test_passes_wait_for_new_sound_the_longer_the_utterance() -> None:
    reader = Verifying()
    follow(speak("[0.2] " + " ".join(WORDS * 4)), follower(reader=reader))
    frequent = Verifying()
    options = FollowOptions(every=millis(64), share=1000)
    follow(speak("[0.2] " + " ".join(WORDS * 4)), follower(options, frequent))
    assert 10 < len(reader.drafts) < len(frequent.drafts) / 2
