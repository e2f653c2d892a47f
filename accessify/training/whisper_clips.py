"""Clips for the small test Whisper: synthetic voices with silence, noise and pauses, all times known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.training.whisper_sentences import ALIKE, LANGUAGES, Sentence, draw_sentence, seeded
from accessify.training.whisper_voices import Spoken, draw_voice, speak

_NOISE_ONLY, _TWO, _THREE = 0.1, 0.15, 0.03
_FAR = 0.4
"""Share of the clips of several sentences, without noise, whose pause is made longer; to 20 s."""

_NOISE = 2**16
"""Samples after which noise is repeated."""
_ALIKE, _TRIES = 0.5, 8


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a clip."""

    sentence: Sentence
    spoken: Spoken
    start: float
    """Seconds from the start of the clip."""

    @property
    def end(self) -> float:
        """Seconds from the start of the clip."""
        return self.start + len(self.spoken.samples) / SPEECH_RATE


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound with what is said in it."""

    samples: NDArray[np.float32]
    """16 kHz."""
    said: tuple[Said, ...]
    """In order; nothing where there is silence or noise alone."""
    language: str
    jump: tuple[float, float] = (0.0, 0.0)
    """A second that lies in a pause, and how much longer than in `samples` the pause is to be taken for."""

    def moved(self, second: float) -> float:
        """A time in `samples` with the longer pause."""
        return second + (self.jump[1] if second >= self.jump[0] else 0.0)


def draw_clip(random: Random) -> Clip:
    """A clip to learn from."""
    language = random.choice(LANGUAGES)
    kind = random.random()
    if kind < _NOISE_ONLY:
        return Clip(_nothing(random), (), language)
    count = 2 if kind < _NOISE_ONLY + _TWO else 3 if kind < _NOISE_ONLY + _TWO + _THREE else 1
    sentences = [_sentence(random, language) for _ in range(count)]
    return make_clip(random, sentences, augmented=True)


def make_clip(
    random: Random, sentences: list[Sentence], *, augmented: bool, held_out: bool = False, gain: float = 1.0
) -> Clip:
    """`sentences` (of one language) by one voice, with pauses between, before and after.

    `augmented` changes the loudness, adds noise to half of the clips, and takes some pauses for longer
    than they are; `held_out` takes a voice that is kept from training.
    """
    language = sentences[0].language
    voice = draw_voice(random, language, held_out=held_out)
    parts = [np.zeros(int(random.uniform(0.02, 0.6) * SPEECH_RATE), np.float32)]
    said: list[Said] = []
    for sentence in sentences:
        spoken = speak(sentence.text, voice)
        said.append(Said(sentence, spoken, sum(map(len, parts)) / SPEECH_RATE))
        pause = random.uniform(0.2, 0.6)
        parts += [spoken.samples, np.zeros(int(pause * SPEECH_RATE), np.float32)]
    samples = gain * np.concatenate(parts)
    if not augmented:
        return Clip(samples, tuple(said), language)
    samples *= 10 ** random.uniform(-0.6, 0.0)
    if random.random() < 0.5:
        loudness = float(np.sqrt(np.mean(samples**2))) * 10 ** random.uniform(-2.2, -0.7)
        return Clip(samples + _noise(random, len(samples), loudness), tuple(said), language)
    jump = (0.0, 0.0)
    if len(said) > 1 and random.random() < _FAR:
        jump = ((said[0].end + said[1].start) / 2, round(random.uniform(0, 20) * 50) / 50)
    return Clip(samples, tuple(said), language, jump)


def held_out(count: int, *, seed: int = 2) -> tuple[Clip, ...]:
    """`count` clips of sentences and voices that were kept from training, of one or two sentences.

    Languages take turns. Raises `ModelNotFound` where eSpeak NG is missing.
    """
    clips = []
    for number in range(count):
        random = seeded(seed, number)
        language = LANGUAGES[number % len(LANGUAGES)]
        many = 2 if number % 5 == 4 else 1
        sentences = [draw_sentence(random, language, held_out=True) for _ in range(many)]
        clips.append(make_clip(random, sentences, augmented=False, held_out=True))
    return tuple(clips)


def _sentence(random: Random, language: str) -> Sentence:
    """A sentence to learn from, oftener than by chance one with a word that a prompt can spell."""
    tries = _TRIES if random.random() < _ALIKE else 1
    for _ in range(tries):
        sentence = draw_sentence(random, language)
        if any(usual in sentence.text for usual, _ in ALIKE[language]):
            break
    return sentence


def _nothing(random: Random) -> NDArray[np.float32]:
    length = int(random.uniform(0.5, 3.0) * SPEECH_RATE)
    if random.random() < 0.3:
        return np.zeros(length, np.float32)
    return _noise(random, length, 10 ** random.uniform(-4, -1.2))


def _noise(random: Random, length: int, loudness: float) -> NDArray[np.float32]:
    """White to brown noise: a piece of a few that are made once."""
    noise = np.roll(random.choice(_noises()), random.randrange(_NOISE))
    return np.resize(noise, length) * np.float32(loudness)


@cache
def _noises() -> tuple[NDArray[np.float32], ...]:
    """Of loudness 1, by their spectra."""
    chance = np.random.default_rng(5)
    found = []
    for tilt in np.linspace(0.0, 1.0, 12):
        white = np.fft.rfft(chance.standard_normal(_NOISE))
        coloured = np.fft.irfft(white / np.arange(1, len(white) + 1) ** tilt)
        found.append(np.asarray(coloured / coloured.std(), np.float32))
    return tuple(found)
