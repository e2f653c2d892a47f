"""Small real models of speech made of tones, so that everything runs without weights.

A word is a tone of its own pitch, `speak` says it, `ToneReader` understands it and `ToneAligner`
knows when it was said. `LoudSpeech` takes every sound above a level for speech.
"""

from __future__ import annotations

import os
import re
import signal
import wave
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import Span, samples
from accessify.engines.registry import Engine
from accessify.pipelines.choosing import Chosen
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_options import WhisperOptions

WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet")
_LOWEST, _STEP = 400, 200  # Hz
_TONE, _GAP = 3072, 512  # samples: 192 and 32 ms
_FRAME = 160  # samples: 10 ms
_SHORTEST = 5
"""Frames; a tone that was cut shorter is not understood."""


def speak(text: str, level: float = 0.3) -> NDArray[np.float32]:
    """The sound of `text` at 16 kHz: words of `WORDS`, and `[1.5]` for a pause of so many seconds."""
    parts = [_spoken(token, level) for token in text.split()]
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _spoken(token: str, level: float) -> NDArray[np.float32]:
    pause = re.fullmatch(r"\[(\d+(?:\.\d+)?)\]", token)
    if pause:
        return np.zeros(round(float(pause[1]) * SPEECH_RATE), np.float32)
    pitch = _LOWEST + _STEP * WORDS.index(token)
    tone = level * np.sin(2 * np.pi * pitch * np.arange(_TONE) / SPEECH_RATE)
    return np.pad(tone, (0, _GAP)).astype(np.float32)


def write_wav(path: Path, sound: NDArray[np.float32]) -> Path:
    """Write 16 kHz mono PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SPEECH_RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


class LoudSpeech:
    """A `SpeechModel`: the louder the likelier, with half a memory of the chunk before."""

    chunk = 512

    def __init__(self, files: Mapping[str, Path] | None = None) -> None:
        self.reset()

    def reset(self) -> None:
        self._before = 0.0

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        chances = []
        for chunk in samples.reshape(-1, self.chunk):
            level = min(10 * float(np.sqrt(np.mean(np.square(chunk)))), 1.0)
            chances.append(max(level, self._before / 2))
            self._before = level
        return np.array(chances, np.float32)


class ToneReader:
    """A `Recognizer`: names the pitch of each tone, each name in two pieces."""

    languages = ("en",)

    def __init__(self, files: Mapping[str, Path] | None = None) -> None:
        self.batches = 0
        """How often it was asked."""

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        self.batches += 1
        return tuple(
            Transcript(tuple(piece for tone in _tones(audio) for piece in _understood(audio, tone)))
            for audio in utterances
        )

    def close(self) -> None:
        """Nothing to free."""


class ToneAligner:
    """An `Aligner`: the n-th word is the n-th tone; a word it does not know has no time."""

    def align(self, audio: Audio, words: Sequence[str]) -> list[Span | None]:
        tones = _tones(audio)
        if len(tones) != len(words):
            return [None] * len(words)
        ticks = samples(_FRAME, audio.rate)
        return [
            Span(audio.start + first * ticks, audio.start + last * ticks) if word in WORDS else None
            for word, (first, last) in zip(words, tones, strict=True)
        ]


class DyingReader(ToneReader):
    """Kills its own process as the system does when memory runs out, once for each file it is given."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        super().__init__(files)
        self._files = files

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        for path in self._files.values():
            if path.exists():
                path.unlink(missing_ok=True)  # another worker may be as quick
                os.kill(os.getpid(), signal.SIGKILL)
        return super().recognize(utterances)


class BilingualReader(ToneReader):
    """Takes low pitches for English and high ones for Chinese, unless it is told the language.

    It tells when each word was said, writes names as they stand in the prompt, and translates to English.
    """

    def __init__(self, files: Mapping[str, Path], options: WhisperOptions) -> None:
        super().__init__(files)
        self._options = options

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        return tuple(map(self._read, utterances))

    def _read(self, audio: Audio) -> Transcript:
        ticks = samples(_FRAME, audio.rate)
        words = [
            (WORDS.index(name), Span(audio.start + first * ticks, audio.start + last * ticks))
            for first, last in _tones(audio)
            if (name := b"".join(piece.raw for piece in _understood(audio, (first, last))).decode().strip())
        ]
        high = sum(at >= len(HANZI) for at, _ in words) > len(words) / 2
        language = self._options.language or ("zh" if high else "en")
        chinese = language.startswith("zh") and self._options.task == "transcribe"
        pieces = tuple(Piece(self._written(at, chinese).encode(), 0.9, True, span=span) for at, span in words)
        return Transcript(pieces, language=language)

    def _written(self, at: int, chinese: bool) -> str:
        if chinese:
            return HANZI[at % len(HANZI)]
        known = {name.lower(): name for name in re.findall(r"\w+", self._options.prompt)}
        return " " + known.get(WORDS[at], WORDS[at])


HANZI = ("头", "发", "很", "长", "吗")
"""What `BilingualReader` writes for the five low pitches, and again for the five high ones."""
TONES = Engine("tones", "tests.fakes:ToneReader", "tests.fakes:ToneAligner", ("tones",), ("en",))
DYING = Engine("dying", "tests.fakes:DyingReader", "tests.fakes:ToneAligner", ("tones",), ("en",))
BILINGUAL = Engine(
    "bilingual",
    "tests.fakes:BilingualReader",
    "",
    ("tones",),
    ("en", "zh"),
    honours=("language", "task", "prompt"),
    own_models="file",
)
HEARS_TONES = Chosen(TONES, "tones", (), WhisperOptions(), "0" * 64)
"""All that opens a `ToneReader`."""


def _tones(audio: Audio) -> list[tuple[int, int]]:
    """First and last frame (exclusive) of each tone."""
    frames = audio.samples[: len(audio) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.sqrt(np.mean(np.square(frames), axis=1)) if len(frames) else np.zeros(0)
    loud = power > max(0.3 * power.max(initial=0.0), 1e-3)
    runs, at = [], 0
    for is_loud, group in groupby(loud):
        length = len(list(group))
        if is_loud and length >= _SHORTEST:
            runs.append((at, at + length))
        at += length
    return runs


def _understood(audio: Audio, tone: tuple[int, int]) -> tuple[Piece, Piece]:
    heard = audio.samples[tone[0] * _FRAME : tone[1] * _FRAME]
    power = np.square(np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 1 << 14)))
    peak = int(power.argmax())
    pitch = peak * audio.rate / (1 << 14)
    word = WORDS[min(max(round((pitch - _LOWEST) / _STEP), 0), len(WORDS) - 1)]
    purity = float(power[max(0, peak - 40) : peak + 40].sum() / power.sum())
    return Piece(word[:1].encode(), purity, True), Piece(word[1:].encode(), 1.0, False)
