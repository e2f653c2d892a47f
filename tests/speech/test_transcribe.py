from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import Span, millis, samples, seconds, to_samples
from accessify.speech.detect import Utterance
from accessify.speech.transcribe import (
    Heard,
    Piece,
    Said,
    TranscribeOptions,
    Transcript,
    plan_batches,
    prepare,
    transcribe,
)
from tests.fakes import ToneAligner, ToneReader, speak


def utterance(sound: NDArray[np.float32], chance: float = 0.9, start: int = seconds(60)) -> Utterance:
    audio = Audio(sound, start=start)
    return Utterance(audio, audio.span, chance)


def texts(heard: Heard) -> list[str]:
    return [word.text for word in heard.words]


def transcript(*pieces: str, chance: float = 0.5) -> Transcript:
    """A piece that begins with a space begins a word."""
    return Transcript(
        tuple(Piece(piece.removeprefix(" ").encode(), chance, piece.startswith(" ")) for piece in pieces)
    )


class TestTranscript:
    def test_a_word_is_as_sure_as_its_pieces_together(self) -> None:
        assert transcript(" Mon", "tre", "al", " is").words == (Said("Montreal", 0.125), Said("is", 0.5))

    def test_a_character_may_be_split_between_pieces(self) -> None:
        head, tail = "é".encode()[:1], "é".encode()[1:]
        pieces = (Piece(b"caf", 1.0, True), Piece(head, 1.0, False), Piece(tail, 1.0, False))
        assert Transcript(pieces).words == (Said("café", 1.0),)

    def test_half_a_character_is_shown_as_such(self) -> None:
        assert Transcript((Piece(b"caf\xc3", 1.0, True),)).words == (Said("caf\ufffd", 1.0),)

    def test_marks_that_stand_alone_join_the_word_before(self) -> None:
        assert [word.text for word in transcript(" Well", " —", " yes", " ?", " !").words] == [
            "Well—",
            "yes?!",
        ]

    def test_leading_marks_and_music_are_no_words(self) -> None:
        assert transcript(" —", " ♪", " ♪♪").words == ()
        assert [word.text for word in transcript(" la", " ♪").words] == ["la"]

    def test_a_piece_of_two_words_is_two_words(self) -> None:
        assert [word.text for word in transcript(" New York", " City").words] == ["New", "York", "City"]

    def test_the_first_piece_begins_a_word_whatever_it_says(self) -> None:
        assert [word.text for word in transcript("ing", " on").words] == ["ing", "on"]

    def test_probabilities_above_one_by_rounding_are_one(self) -> None:
        assert Transcript((Piece(b"so", 1.0000001, True),)).words == (Said("so", 1.0),)


lengths = st.lists(st.integers(millis(32), millis(20_000)), max_size=40)
options = st.builds(
    TranscribeOptions,
    batch=st.integers(1, 8),
    ratio=st.floats(1, 3),
    most=st.integers(millis(20_000), millis(80_000)),
)


class TestPlanBatches:
    @given(lengths, options)
    def test_each_utterance_is_in_one_batch(self, lengths: list[int], options: TranscribeOptions) -> None:
        planned = plan_batches(lengths, options)
        assert sorted(index for batch in planned for index in batch) == list(range(len(lengths)))
        assert all(planned)

    @given(lengths, options)
    def test_batches_are_as_small_and_as_even_as_asked(
        self, lengths: list[int], options: TranscribeOptions
    ) -> None:
        for batch in plan_batches(lengths, options):
            sizes = [lengths[index] for index in batch]
            assert len(batch) <= options.batch
            assert max(sizes) <= options.ratio * min(sizes)
            assert len(batch) == 1 or max(sizes) * len(batch) <= options.most

    @given(lengths, options)
    def test_no_two_neighbouring_batches_would_fit_into_one(
        self, lengths: list[int], options: TranscribeOptions
    ) -> None:
        planned = plan_batches(lengths, options)
        for first, second in pairwise(planned):
            joined = [lengths[index] for index in (*first, second[0])]
            assert (
                len(joined) > options.batch
                or max(joined) > options.ratio * min(joined)
                or max(joined) * len(joined) > options.most
            )

    @given(lengths)
    def test_the_same_lengths_give_the_same_batches(self, lengths: list[int]) -> None:
        assert plan_batches(lengths) == plan_batches(list(lengths))

    def test_equal_lengths_stay_in_order(self) -> None:
        assert plan_batches([5] * 10, TranscribeOptions(batch=4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


class Listener(ToneReader):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Audio] = []

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        self.given += utterances
        return super().recognize(utterances)


class Looping(ToneReader):
    """Runs in circles on sound longer than `limit` seconds, or never comes to an end there."""

    def __init__(self, limit: float, finished: bool = True) -> None:
        super().__init__()
        self._limit, self._finished = limit, finished

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        return tuple(
            transcript(*[" golf"] * 9) if len(audio) > self._limit * audio.rate and self._finished
            else Transcript(heard.pieces, self._finished or len(audio) <= self._limit * audio.rate)
            for audio, heard in zip(utterances, super().recognize(utterances), strict=True)
        )  # fmt: skip


class TestTranscribe:
    def test_every_utterance_gets_its_own_words(self) -> None:
        sounds = [speak("alpha bravo"), speak("[0.1] hotel"), speak("delta echo golf")]
        heard = transcribe(ToneReader(), [utterance(sound) for sound in sounds])
        assert [texts(each) for each in heard] == [["alpha", "bravo"], ["hotel"], ["delta", "echo", "golf"]]
        assert all(each.notes == () for each in heard)

    @pytest.mark.parametrize("level", [0.001, 0.02, 0.1, 0.7])
    def test_whispers_and_shouts_are_heard_alike(self, level: float) -> None:
        listener, options = Listener(), TranscribeOptions()
        (heard,) = transcribe(listener, [utterance(speak("alpha bravo", level))], options)
        assert texts(heard) == ["alpha", "bravo"]
        edge = to_samples(options.edge, SPEECH_RATE)
        (given,) = listener.given
        power = np.sqrt(np.mean(np.square(given.samples[edge : len(given) - edge])))
        assert power == pytest.approx(min(options.level, options.most_gain * level * 0.655), rel=0.02)
        assert given.samples.dtype == np.float32

    def test_silence_is_put_at_both_edges(self) -> None:
        listener, options = Listener(), TranscribeOptions(edge=millis(50))
        transcribe(listener, [utterance(speak("alpha"))], options)
        assert len(listener.given[0]) == len(speak("alpha")) + 2 * 800
        assert not listener.given[0].samples[:800].any()
        assert not listener.given[0].samples[-800:].any()

    def test_digital_silence_is_no_division_by_zero(self) -> None:
        silence = utterance(np.zeros(8000, np.float32))
        assert transcribe(ToneReader(), [replace(silence, chance=0.2)]) == [Heard()]

    def test_speech_without_a_word_is_noted(self) -> None:
        silence = utterance(np.zeros(SPEECH_RATE, np.float32), chance=0.9)
        (heard,) = transcribe(ToneReader(), [silence])
        (note,) = heard.notes
        assert not heard.words
        assert note.kind == "unheard"
        assert note.span == silence.span

    def test_what_nobody_is_sure_of_is_left_out_with_a_note(self) -> None:
        noise = np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
        unsure = utterance(noise, chance=0.2)
        (heard,) = transcribe(ToneReader(), [unsure])
        assert heard.words == ()
        (note,) = heard.notes
        assert (note.span, note.kind) == (unsure.keep, "unheard")
        assert note.text.startswith("maybe speech, too unsure to show: ")

    def test_the_same_noise_is_believed_where_the_limit_is_low(self) -> None:
        noise = np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
        (heard,) = transcribe(ToneReader(), [utterance(noise, 0.2)], TranscribeOptions(evidence=-9))
        assert heard.words
        assert heard.notes == ()

    @pytest.mark.parametrize("finished", [True, False], ids=["circles", "no end"])
    def test_a_loop_is_heard_again_in_halves(self, finished: bool) -> None:
        sound = speak("alpha bravo charlie delta [0.3] echo foxtrot golf hotel")
        (heard,) = transcribe(Looping(1.7, finished), [utterance(sound)])
        assert texts(heard) == ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
        assert heard.notes == ()

    def test_a_loop_spoils_only_its_own_utterance(self) -> None:
        long, short = speak("alpha bravo charlie delta [0.3] echo foxtrot golf hotel"), speak("india")
        heard = transcribe(Looping(1.7), [utterance(short), utterance(long), utterance(short)])
        assert [len(each.words) for each in heard] == [1, 8, 1]

    def test_a_loop_that_halving_does_not_end_is_said_once_with_a_note(self) -> None:
        spoken = utterance(speak("alpha bravo charlie delta echo"))
        (heard,) = transcribe(Looping(0.1), [spoken])
        assert set(texts(heard)) == {"golf"}
        assert len(heard.words) <= 2
        (note,) = heard.notes
        assert (note.span, note.kind) == (spoken.keep, "repetition")

    def test_a_loop_over_noise_says_nothing_but_is_noted(self) -> None:
        (heard,) = transcribe(Looping(0.1), [utterance(speak("alpha bravo charlie delta"), chance=0.3)])
        assert heard.words == ()
        assert [note.kind for note in heard.notes] == ["repetition"]

    def test_a_loop_over_very_short_sound_ends(self) -> None:
        (heard,) = transcribe(Looping(0.1), [utterance(speak("alpha"))])
        assert texts(heard) == ["golf"]
        assert [note.kind for note in heard.notes] == ["repetition"]

    def test_words_mended_in_halves_are_doubted_like_any(self) -> None:
        quiet = utterance(speak("alpha bravo charlie delta [0.3] echo foxtrot golf hotel"), chance=0.0)
        options = TranscribeOptions(evidence=50)
        (heard,) = transcribe(Looping(1.7), [quiet], options)
        assert heard.words == ()
        assert [note.kind for note in heard.notes] == ["unheard"]

    def test_notes_name_the_part_of_the_film_that_is_kept(self) -> None:
        audio = Audio(speak("alpha bravo charlie delta echo"), start=seconds(100))
        keep = Span(seconds(100) + samples(1600, SPEECH_RATE), audio.span.end)
        (heard,) = transcribe(Looping(0.1), [Utterance(audio, keep, 0.9)])
        assert [note.span for note in heard.notes] == [keep]


def test_chances_that_a_recogniser_does_not_tell_are_no_confidence() -> None:
    pieces = (Piece(b" yes", 1.0, starts_word=True), Piece(b" no", 1.0, starts_word=True))
    told, untold = Transcript(pieces), Transcript(pieces, tells_chances=False)
    assert [word.confidence for word in told.words] == [1.0, 1.0]
    assert [word.confidence for word in untold.words] == [None, None]
    assert untold.certainty == 0.0


def test_what_a_prepared_sound_holds_keeps_its_time() -> None:
    audio = Audio(np.linspace(0.1, 0.2, 4000, dtype=np.float32), SPEECH_RATE, seconds(60))
    heard = prepare(audio, TranscribeOptions())
    inside = heard.cut(audio.span)
    assert len(inside) == len(audio)
    assert inside.samples == pytest.approx(audio.samples * (inside.samples[0] / audio.samples[0]))


class TimedReader(ToneReader):
    """Tells when each word was said, and goes in circles where it hears more than four words at once."""

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        return tuple(self._timed(audio) for audio in utterances)

    def _timed(self, audio: Audio) -> Transcript:
        (heard,) = super().recognize([audio])
        spans = ToneAligner().align(audio, [word.text for word in heard.words])
        pieces = [
            Piece(f" {word.text}".encode(), 0.9, True, span=span)
            for word, span in zip(heard.words, spans, strict=True)
        ]
        return Transcript(tuple(pieces) * (9 if len(pieces) > 4 else 1), language="en" if pieces else "xx")


def test_times_of_words_are_kept_where_an_utterance_is_heard_in_halves() -> None:
    text = "[0.4] alpha bravo charlie [0.6] delta echo foxtrot [0.4]"
    start = seconds(60)
    audio = Audio(speak(text), SPEECH_RATE, start)
    (heard,) = transcribe(TimedReader(), [Utterance(audio, audio.span, 0.9)])
    expected = ToneAligner().align(audio, text_of(text))
    assert [word.text for word in heard.words] == text_of(text)
    assert heard.language == "en"
    for word, span in zip(heard.words, expected, strict=True):
        assert word.span is not None
        assert span is not None
        assert abs(word.span.start - span.start) <= millis(20)


def text_of(script: str) -> list[str]:
    return [word for word in script.split() if not word.startswith("[")]


class BrokenReader(ToneReader):
    """Writes half a character."""

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        return tuple(Transcript((Piece("图书馆".encode()[:-1], 0.9, True),)) for _ in utterances)


def test_a_character_that_was_not_written_to_its_end_is_noted() -> None:
    audio = Audio(speak("alpha bravo"))
    (heard,) = transcribe(BrokenReader(), [Utterance(audio, audio.span, 0.9)])
    assert [word.text for word in heard.words] == ["图书�"]
    assert [(note.kind, note.span) for note in heard.notes] == [("unheard", audio.span)]
