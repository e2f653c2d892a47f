"""Utterances through a Whisper, whatever computes it: cut, judged, heard again, and believed or not.

Source of the fallback: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision",
arXiv:2212.04356, section 4.5. What is believed is said in `speech.whisper_options`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from accessify.core.audio import Audio
from accessify.core.errors import OptionError, UnknownName
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_options import (
    Attempt,
    Verdict,
    WhisperOptions,
    judge,
    language_tag,
    least_bad,
)
from accessify.speech.whisper_windows import audible, cut_windows, join_parts, last_position, level

HeardT = TypeVar("HeardT")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text as a decoder gave it."""

    attempt: Attempt
    language: str
    """Whisper's code."""
    finished: bool
    """False where the decoder's length ended it."""
    chances: tuple[float, ...] = ()
    """Probability of each of the attempt's tokens, 0 to 1, where the decoder tells that."""


@dataclass(frozen=True, slots=True)
class Believed:
    """The text of one sound as far as it is believed."""

    sound: Audio
    decoded: Decoded
    tokens: list[int]
    """Those of text."""
    places: list[int]
    """Where each stood among the tokens of the attempt."""


class Network(Protocol[HeardT]):
    """What computes a Whisper; `HeardT` is what its encoder makes of some sounds."""

    window: int
    """Samples that it hears at once."""
    end: int
    """The token that ends a text; lower ones are text."""
    times: int
    """The token of 0.00 s."""

    def encode(self, sounds: Sequence[Audio]) -> HeardT:
        """What the decoder is to know of the sounds."""
        ...

    def attempt(self, heard: HeardT, rows: Sequence[int], temperature: float) -> list[Decoded]:
        """A text for each of `rows` of what was heard; it does not depend on the other rows."""
        ...

    def pieces(self, heard: HeardT, row: int, believed: Believed) -> tuple[Piece, ...]:
        """The words of a row, with chances, and times where they are asked for."""
        ...


def hear(
    network: Network[HeardT], utterances: Sequence[Audio], options: WhisperOptions
) -> tuple[Transcript, ...]:
    """One transcript for each utterance (16 kHz), in batches of `WhisperOptions.batch`.

    Utterances longer than the network's window are cut where they are quietest; what is as quiet as
    `WhisperOptions.silence` is not asked about.
    """
    parts = [cut_windows(utterance, network.window) for utterance in utterances]
    sounds = [part for part_list in parts for part in part_list]
    transcripts = [Transcript(())] * len(sounds)
    loud = [index for index, sound in enumerate(sounds) if level(sound) > options.silence]
    for first in range(0, len(loud), options.batch):
        batch = loud[first : first + options.batch]
        heard = network.encode([sounds[index] for index in batch])
        found = decode(network, heard, len(batch), options)
        for row, (index, decoded) in enumerate(zip(batch, found, strict=True)):
            transcripts[index] = _transcript(network, heard, row, (sounds[index], decoded), options)
        del heard  # before the next batch is encoded: it may be hundreds of megabytes
    all_of_them = iter(transcripts)
    return tuple(join_parts([next(all_of_them) for _ in part_list]) for part_list in parts)


def decode(network: Network[HeardT], heard: HeardT, count: int, options: WhisperOptions) -> list[Decoded]:
    """The text of each of `count` rows that the guards like, or the least bad one."""
    tried: list[list[Decoded]] = [[] for _ in range(count)]
    rows = list(range(count))
    for temperature in options.temperatures:
        for row, decoded in zip(rows, network.attempt(heard, rows, temperature), strict=True):
            tried[row].append(decoded)
        rows = [row for row in rows if judge(tried[row][-1].attempt, options) is Verdict.AGAIN]
        if not rows:
            break
    chosen = [attempts[-1] for attempts in tried]
    for row in rows:
        chosen[row] = tried[row][least_bad([one.attempt for one in tried[row]], options)]
    return chosen


def check_languages(options: WhisperOptions, codes: Sequence[str]) -> None:
    """Raise where a model that knows the languages `codes` (Whisper's) cannot do what the options ask.

    `UnknownName` for the language, `OptionError` for a translation by an English model.
    """
    english = len(codes) == 1
    if options.code is not None and options.code not in codes:
        hint = "this model is English only" if english else ""
        tags = tuple(map(language_tag, codes))
        raise UnknownName("language for this Whisper", options.language or "", tags, hint)
    if options.task == "translate" and english:
        raise OptionError("an English model cannot translate; use a multilingual one (without .en)")


def _transcript(
    network: Network[HeardT],
    heard: HeardT,
    row: int,
    told: tuple[Audio, Decoded],
    options: WhisperOptions,
) -> Transcript:
    """Words, their times and chances; none where nobody speaks."""
    sound, decoded = told
    tag = language_tag(decoded.language)
    if judge(decoded.attempt, options) is Verdict.SILENT:
        return Transcript((), language=tag)
    last = last_position(sound) if options.timestamps else None
    text, places, cut = audible(decoded.attempt.tokens, network.end, network.times, last)
    pieces = network.pieces(heard, row, Believed(sound, decoded, text, places)) if text else ()
    return Transcript(pieces, decoded.finished or cut, tag)
