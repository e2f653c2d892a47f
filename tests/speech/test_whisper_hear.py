"""The fallback of both Whisper engines, over a network that says what it is told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import OptionError, UnknownName
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_hear import Believed, Decoded, check_languages, decode, hear
from accessify.speech.whisper_options import Attempt, WhisperOptions

GOOD, BAD, WORSE, SILENT = (-0.1, 0.0), (-1.5, 0.0), (-2.0, 0.0), (-1.5, 0.9)
"""Mean log-probability, and probability of no speech."""


class Parrot:
    """Says of each sound (its row is its first sample), at each temperature, what stands in its table."""

    window, end, times = 16_000, 100, 200

    def __init__(self, table: Mapping[tuple[int, float], tuple[float, float]]) -> None:
        self.table = table
        self.asked: list[tuple[tuple[int, ...], float]] = []

    def encode(self, sounds: Sequence[Audio]) -> list[int]:
        return [round(float(sound.samples[0])) for sound in sounds]

    def attempt(self, heard: list[int], rows: Sequence[int], temperature: float) -> list[Decoded]:
        self.asked.append((tuple(heard[row] for row in rows), temperature))
        found = [self.table[heard[row], temperature] for row in rows]
        token = round(10 * temperature)
        return [
            Decoded(Attempt("a", (200, token, 200 + 40), chance, silent), "zh", True, (1, 0.5, 1))
            for chance, silent in found
        ]

    def pieces(self, heard: list[int], row: int, believed: Believed) -> tuple[Piece, ...]:
        assert believed.places == [1]
        return tuple(Piece(b"a", 0.5, True, token) for token in believed.tokens)


def sound(row: int, length: int = 1000) -> Audio:
    return Audio(np.full(length, row, np.float32))


def tokens_of(transcript: Transcript) -> list[int | None]:
    return [piece.token for piece in transcript.pieces]


def test_only_what_is_not_believed_is_heard_again() -> None:
    table = {(1, 0.0): GOOD, (2, 0.0): BAD, (3, 0.0): BAD, (4, 0.0): SILENT}
    table |= {(2, 0.5): GOOD, (3, 0.5): WORSE, (3, 1.0): WORSE}
    parrot = Parrot(table)
    options = WhisperOptions(temperatures=(0.0, 0.5, 1.0), batch=3)
    found = hear(parrot, [sound(row) for row in (1, 2, 3, 4)], options)
    assert [tokens_of(transcript) for transcript in found] == [[0], [5], [0], []]
    assert [transcript.language for transcript in found] == ["zh"] * 4
    assert parrot.asked == [((1, 2, 3), 0.0), ((2, 3), 0.5), ((3,), 1.0), ((4,), 0.0)]


def test_the_least_bad_attempt_is_taken() -> None:
    table = {(1, 0.0): WORSE, (1, 0.5): BAD, (1, 1.0): WORSE}
    (chosen,) = decode(Parrot(table), [1], 1, WhisperOptions(temperatures=(0.0, 0.5, 1.0)))
    assert chosen.attempt.chance == BAD[0]


def test_silence_is_not_asked_about_and_long_sound_is_cut() -> None:
    parrot = Parrot({(1, 0.0): GOOD})
    found = hear(parrot, [sound(0), sound(1, 20_000), sound(0, 0)], WhisperOptions(temperatures=(0.0,)))
    assert [tokens_of(transcript) for transcript in found] == [[], [0, 0], []]
    assert parrot.asked == [((1, 1), 0.0)]
    assert hear(parrot, [], WhisperOptions()) == ()


def test_what_is_timed_behind_the_sound_is_dropped_if_there_are_times() -> None:
    class Late(Parrot):
        def attempt(self, heard: list[int], rows: Sequence[int], temperature: float) -> list[Decoded]:
            attempt = Attempt("ab", (200, 1, 230, 290, 2), -0.1, 0)
            return [Decoded(attempt, "en", False) for _ in rows]

        def pieces(self, heard: list[int], row: int, believed: Believed) -> tuple[Piece, ...]:
            return tuple(Piece(b"a", 0.5, True, token) for token in believed.tokens)

    (found,) = hear(Late({}), [sound(1)], WhisperOptions())
    assert (tokens_of(found), found.finished) == ([1], True)
    (found,) = hear(Late({}), [sound(1)], WhisperOptions(timestamps=False))
    assert (tokens_of(found), found.finished) == ([1, 2], False)


def test_what_a_model_cannot_do_is_told() -> None:
    check_languages(WhisperOptions(language="de-AT", task="translate"), ("en", "de"))
    with pytest.raises(UnknownName, match=r"'tlh'.*known: en, jv"):
        check_languages(WhisperOptions(language="tlh"), ("en", "jw"))
    with pytest.raises(UnknownName, match="English only"):
        check_languages(WhisperOptions(language="de"), ("en",))
    with pytest.raises(OptionError, match="cannot translate"):
        check_languages(WhisperOptions(task="translate"), ("en",))
