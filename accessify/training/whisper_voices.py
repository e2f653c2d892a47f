"""Synthetic speech with the times of its words and sounds, by the system's own eSpeak NG.

libespeak-ng (GPL-3.0, which Apache-2.0 agrees with) is loaded where it is installed, and only to train and
test; nothing of it comes with accessify. Its sound carries no licence of its own.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import ModelNotFound

_VARIANTS = {
    False: (
        *(
            "",
            "m1",
            "m2",
            "m4",
            "m5",
            "m7",
            "m8",
            "f1",
            "f2",
            "f4",
            "Andy",
            "Annie",
            "Alicia",
            "Michael",
            "Lee",
        ),
        *(
            "john",
            "linda",
            "steph",
            "steph2",
            "rob",
            "belinda",
            "caleb",
            "david",
            "ed",
            "max",
            "paul",
            "pablo",
        ),
        *("quincy", "robert", "victor", "zac", "sandro", "travis", "marcelo", "adam", "benjamin", "grandma"),
    ),
    True: ("m3", "m6", "f3", "f5", "Alex", "anika"),
}
"""Of eSpeak NG, kept from training or not."""
_ACCENTS = {
    "en": ("gmw/en", "gmw/en-US", "gmw/en-GB-x-rp"),
    "zh": ("sit/cmn-Latn-pinyin",),
}
_SPEEDS = {False: (160, 175, 190, 205, 220, 240), True: (168, 183, 198, 213, 228)}
_PITCHES = {False: (30, 40, 50, 60, 70), True: (35, 45, 55, 65)}
_UTF8, _SYNCHRONOUS, _PHONEME_EVENTS = 1, 2, 1
_SPEED, _PITCH = 1, 3
_LAST, _WORD, _PHONEME = 0, 1, 7
_NUMERATOR, _DENOMINATOR = 320, 441
"""16000 of 22050 samples."""
_QUIET = 0.01
"""Of the loudest sample: what is quieter at either end is no speech."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How something is said."""

    name: str
    """eSpeak NG's voice file and variant."""
    speed: int
    """Words a minute."""
    pitch: int
    """0 to 99."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech without silence at its ends."""

    samples: NDArray[np.float32]
    """16 kHz, at most 1."""
    words: tuple[tuple[int, float], ...]
    """First character in the text, and seconds from the first sample, of each word (Mandarin: character)."""
    sounds: tuple[tuple[str, float], ...]
    """eSpeak NG's mnemonic and start in seconds of each sound."""


def draw_voice(random: Random, language: str, *, held_out: bool = False) -> Voice:
    """A voice of a language (en, zh): of those kept from training, or of the others."""
    variant = random.choice(_VARIANTS[held_out])
    accent = random.choice(_ACCENTS[language])
    return Voice(
        f"{accent}+{variant}" if variant else accent,
        random.choice(_SPEEDS[held_out]),
        random.choice(_PITCHES[held_out]),
    )


def speak(text: str, voice: Voice) -> Spoken:
    """`text` as sound. Raises `ModelNotFound` where eSpeak NG or the voice is not installed."""
    sound, events = _synthesizer().run(text, voice)
    samples = _resampled(sound)
    loud = np.flatnonzero(np.abs(samples) > _QUIET * max(float(np.abs(samples).max()), 1e-6))
    start, end = (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(samples))
    offset = start / SPEECH_RATE
    timed = [(kind, place, max(0.0, second - offset), name) for kind, place, second, name in events]
    return Spoken(
        samples[start:end],
        tuple((place - 1, second) for kind, place, second, _ in timed if kind == _WORD and place > 0),
        tuple((name, second) for kind, _, second, name in timed if kind == _PHONEME),
    )


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h, version 1.51."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("place", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _Id),
    )


_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_Found = list[tuple[int, int, float, str]]


class _Synthesizer:
    """The library, which has one state for the whole process."""

    def __init__(self) -> None:
        try:
            self._library: Any = ctypes.CDLL("libespeak-ng.so.1")
        except OSError as error:
            raise ModelNotFound(
                "synthetic speech needs eSpeak NG 1.51 or newer; install the system's package espeak-ng"
            ) from error
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS)
        if self._rate <= 0:
            raise ModelNotFound("eSpeak NG finds no data; install the system's package espeak-ng-data")
        self._sound: list[NDArray[np.int16]] = []
        self._events: _Found = []
        self._callback = _Heard(self._heard)
        self._library.espeak_SetSynthCallback(self._callback)

    def run(self, text: str, voice: Voice) -> tuple[NDArray[np.float32], _Found]:
        self._sound, self._events = [], []
        if self._library.espeak_SetVoiceByName(voice.name.encode()):
            raise ModelNotFound(f"eSpeak NG has no voice {voice.name}; install espeak-ng 1.51 or newer")
        self._library.espeak_SetParameter(_SPEED, voice.speed, 0)
        self._library.espeak_SetParameter(_PITCH, voice.pitch, 0)
        data = text.encode() + b"\0"
        self._library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8, None, None)
        joined = np.concatenate([*self._sound, np.zeros(0, np.int16)])
        return joined.astype(np.float32) / np.float32(32768), self._events

    def _heard(self, sound: Any, count: int, events: Any) -> int:
        if sound and count:
            self._sound.append(np.ctypeslib.as_array(sound, (count,)).copy())
        index = 0
        while events[index].type != _LAST:
            event = events[index]
            name = bytes(event.id.string).decode("utf-8", "replace") if event.type == _PHONEME else ""
            self._events.append((event.type, event.place, event.sample / self._rate, name))
            index += 1
        return 0


@cache
def _synthesizer() -> _Synthesizer:
    return _Synthesizer()


def _resampled(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """16 kHz of 22.05 kHz, by leaving out of the spectrum what is too high."""
    blocks = _smooth(len(sound) // _DENOMINATOR + 2)
    padded = np.pad(sound, (0, blocks * _DENOMINATOR - len(sound)))
    spectrum = np.fft.rfft(padded)[: blocks * _NUMERATOR // 2 + 1]
    low = np.fft.irfft(spectrum, blocks * _NUMERATOR) * (_NUMERATOR / _DENOMINATOR)
    return np.asarray(low, np.float32)


def _smooth(least: int) -> int:
    """The next even number without prime factors above 5, of which Fourier transforms are fast."""
    number = least + least % 2
    while True:
        rest = number
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return number
        number += 2
