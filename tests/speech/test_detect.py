from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import Span, millis, samples, seconds
from accessify.speech.detect import DetectOptions, Detector, Utterance
from tests.fakes import LoudSpeech, speak

CHUNK = 512
TICKS = samples(CHUNK, SPEECH_RATE)
"""Ticks of one chunk: 32 ms."""
BRIEF = DetectOptions(
    on=0.2,
    off=0.1,
    before=3 * TICKS,
    after=2 * TICKS,
    pause=8 * TICKS,
    short_pause=2 * TICKS,
    short=20 * TICKS,
    long=40 * TICKS,
    longest=60 * TICKS,
    overlap=5 * TICKS,
)
"""Everything in few chunks, so that examples stay small."""


class Shown:
    """A `SpeechModel` that reads the probability off the sound: every chunk's first sample says it."""

    chunk = CHUNK

    def __init__(self) -> None:
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return samples.reshape(-1, CHUNK)[:, 0].copy()


chances = st.lists(
    st.tuples(st.sampled_from([0.0, 0.05, 0.15, 0.3, 0.9]), st.integers(1, 70)), max_size=12
).map(lambda runs: [chance for chance, count in runs for _ in range(count)])


def sound_of(chances: list[float]) -> NDArray[np.float32]:
    """Sound whose chunks are all different, each showing its probability."""
    sound = np.arange(len(chances) * CHUNK, dtype=np.float32).reshape(-1, CHUNK)
    sound[:, 0] = chances
    return sound.reshape(-1)


def detect(
    sound: NDArray[np.float32], options: DetectOptions = BRIEF, blocks: tuple[int, ...] = (), start: int = 0
) -> list[Utterance]:
    """Utterances of `sound` pushed in blocks of these sizes, the rest at once."""
    detector = Detector(Shown(), options)
    found: list[Utterance] = []
    at = 0
    for size in (*blocks, len(sound)):
        block = sound[at : at + size]
        found += detector.push(Audio(block, start=start + samples(at, SPEECH_RATE)))
        at += len(block)
    return found + detector.finish()


def told(utterances: list[Utterance]) -> list[tuple[Span, Span, float, bytes]]:
    return [(item.audio.span, item.keep, item.chance, item.audio.samples.tobytes()) for item in utterances]


def chunks(span: Span) -> tuple[int, int]:
    first, last = span.start / TICKS, span.end / TICKS
    assert first == int(first)
    assert last == int(last)
    return int(first), int(last)


@given(chances)
def test_keeps_follow_each_other_and_lie_in_their_sound(shown: list[float]) -> None:
    utterances = detect(sound_of(shown))
    for utterance in utterances:
        assert utterance.span == utterance.keep
        assert utterance.audio.span | utterance.keep == utterance.audio.span
    for before, after in pairwise(utterances):
        assert before.keep.end <= after.keep.start


@given(chances)
def test_every_chunk_that_sounds_like_speech_is_kept(shown: list[float]) -> None:
    utterances = detect(sound_of(shown))
    kept = {at for utterance in utterances for at in range(*chunks(utterance.keep))}
    speech = {at for at, chance in enumerate(shown) if chance >= BRIEF.on}
    assert speech <= kept


@given(chances)
def test_every_utterance_has_speech_in_it(shown: list[float]) -> None:
    for utterance in detect(sound_of(shown)):
        first, last = chunks(utterance.audio.span)
        assert max(shown[first:last]) >= BRIEF.off
        assert BRIEF.off <= utterance.chance <= max(shown) + 1e-6


@given(chances)
def test_the_sound_is_the_sound_of_its_place(shown: list[float]) -> None:
    sound = sound_of(shown)
    for utterance in detect(sound):
        first, last = chunks(utterance.audio.span)
        assert (utterance.audio.samples == sound[first * CHUNK : last * CHUNK]).all()


@given(chances)
def test_no_utterance_is_longer_than_the_longest(shown: list[float]) -> None:
    for utterance in detect(sound_of(shown)):
        assert utterance.audio.span.duration <= BRIEF.longest


@given(chances, st.lists(st.integers(1, 9000), max_size=20), st.integers(0, CHUNK - 1))
def test_the_size_of_blocks_changes_nothing(shown: list[float], sizes: list[int], cut: int) -> None:
    sound = sound_of(shown)[cut:]  # the last chunk is filled up with silence
    assert told(detect(sound, blocks=tuple(sizes))) == told(detect(sound))


@given(chances, st.integers(-(10**12), 10**12))
def test_a_later_start_moves_everything(shown: list[float], start: int) -> None:
    sound = sound_of(shown)
    moved = detect(sound, start=start)
    assert [(item.audio.span.shift(-start), item.keep.shift(-start), item.chance) for item in moved] == [
        (item.audio.span, item.keep, item.chance) for item in detect(sound)
    ]


@given(chances)
def test_the_sound_before_never_reaches_into_the_utterance_before(shown: list[float]) -> None:
    utterances = detect(sound_of(shown))
    for before, after in pairwise(utterances):
        is_cut = before.keep.end < before.audio.span.end
        assert is_cut or before.keep.end <= after.audio.span.start


def test_endless_speech_is_cut_with_both_sides_heard_around_each_cut() -> None:
    utterances = detect(sound_of([0.9] * 400))
    assert len(utterances) >= 400 / 60
    for before, after in pairwise(utterances):
        assert before.keep.end == after.keep.start
        assert before.audio.span.end == before.keep.end + BRIEF.overlap
        assert after.audio.span.start == after.keep.start - BRIEF.overlap
    assert utterances[0].keep.start == 0
    assert utterances[-1].keep.end == 400 * TICKS


def test_the_cut_is_where_it_sounds_least_like_speech() -> None:
    shown = [0.9] * 100
    shown[43:46] = [0.3, 0.25, 0.3]
    utterances = detect(sound_of(shown))
    assert utterances[0].keep.end == 44 * TICKS


def test_a_pause_ends_short_speech_only_where_it_is_long() -> None:
    def count(spoken: int, pause: int) -> int:
        return len(detect(sound_of([0.9] * spoken + [0.0] * pause + [0.9] * 4)))

    assert count(5, 7) == 1
    assert count(5, 8) == 2
    assert count(45, 1) == 1
    assert count(45, 2) == 2


def test_a_short_pause_is_enough_behind_long_speech_at_the_usual_options() -> None:
    usual = DetectOptions()

    def keeps(spoken: float) -> int:
        shown = [0.9] * round(spoken / 0.032) + [0.0] * 8 + [0.9] * 30  # a pause of 256 ms
        return len(detect(sound_of(shown), usual))

    assert keeps(5) == 1
    assert keeps(15) == 2


def test_sound_is_kept_before_and_after_speech() -> None:
    (utterance,) = detect(sound_of([0.0] * 10 + [0.9] * 5 + [0.0] * 30))
    assert chunks(utterance.audio.span) == (10 - 3, 15 + 2)
    assert utterance.chance == pytest.approx(0.9)


def test_the_chance_is_that_of_the_voiced_part() -> None:
    (utterance,) = detect(sound_of([0.0, 0.3, 0.5, 0.05, 0.7, *[0.0] * 20]))
    assert utterance.chance == pytest.approx(0.5)


def test_silence_and_nothing_give_no_utterance() -> None:
    assert detect(sound_of([0.05] * 200)) == []
    assert detect(np.zeros(0, np.float32)) == []
    assert Detector(Shown()).finish() == []


def test_speech_at_the_very_end_is_kept() -> None:
    sound = sound_of([0.0] * 5 + [0.9] * 3)[:-100]
    (utterance,) = detect(sound)
    assert utterance.keep.end == 8 * TICKS
    assert len(utterance.audio) == 6 * CHUNK
    assert not utterance.audio.samples[-100:].any()


@pytest.mark.parametrize("chance", [0.0, 0.15, 0.9])
def test_memory_stays_bounded(chance: float) -> None:
    detector = Detector(Shown(), BRIEF)
    block = sound_of([chance] * 31)  # about a second
    for number in range(60):
        detector.push(Audio(block, start=seconds(number)))
        assert len(detector._sound) <= 60 * CHUNK + len(block)
        assert len(detector._chances) <= 60 + 31


def test_a_new_detector_makes_the_model_forget() -> None:
    model = Shown()
    Detector(model)
    assert model.resets == 1


def test_only_16_khz_sound_is_taken() -> None:
    with pytest.raises(ValueError, match="speech is detected at 16000 Hz, not 48000 Hz"):
        Detector(Shown()).push(Audio(np.zeros(48_000, np.float32), 48_000))


def test_spoken_tones_are_found_where_they_are() -> None:
    sound = speak("[2] alpha bravo charlie [1.5] delta [3]")
    detector = Detector(LoudSpeech())
    first, second = [*detector.push(Audio(sound)), *detector.finish()]
    assert first.keep.start <= seconds(2) <= first.keep.start + millis(320)
    assert first.keep.end < second.keep.start
    assert second.keep.start <= seconds(4.172) < second.keep.end
