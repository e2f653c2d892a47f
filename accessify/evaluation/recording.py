"""Clips joined into one long recording, the way a film has many utterances.

Between two clips lies a pause of 0.3 to 2 s filled with noise at -80 dBFS (a quiet room; digital
silence would be too easy to detect). Length and noise come from a seeded generator: the same clips
and seed give the same samples on every machine.
"""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.placing import placed
from accessify.core.timeline import Span, samples, to_samples
from accessify.evaluation.dataset import Clip
from accessify.media.read import open_audio

PAUSE = (0.3, 2.0)
"""Shortest and longest pause in seconds; uniform between them."""
PAUSE_RMS = 1e-4
"""Noise level in the pauses: -80 dBFS."""
SEED = 20261


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound and what is said in it, clip by clip."""

    audio: Audio
    clips: tuple[Clip, ...]
    spans: tuple[Span, ...]
    """Where each clip lies, in order, without touching the next."""

    def __post_init__(self) -> None:
        if len(self.clips) != len(self.spans):
            raise ValueError(f"one span a clip, not {len(self.spans)} for {len(self.clips)}")

    @property
    def regions(self) -> tuple[Span, ...]:
        """The recording cut at the middle of every pause: each moment belongs to one clip."""
        cuts = [(before.end + after.start) // 2 for before, after in pairwise(self.spans)]
        return tuple(map(Span, [self.audio.span.start, *cuts], [*cuts, self.audio.span.end]))


def load_clip(clip: Clip) -> Audio:
    """The sound of `clip`, 16 kHz mono, through the same reader that captioning uses."""
    with open_audio(clip.path) as reader:
        blocks = [block.samples for block in reader]
    return Audio(np.concatenate(blocks) if blocks else np.zeros(0, np.float32))


def join_clips(
    clips: Sequence[Clip],
    sounds: Sequence[Audio],
    seed: int = SEED,
    pause: tuple[float, float] = PAUSE,
) -> Recording:
    """`sounds` (16 kHz, one a clip) behind each other, with a pause before, between and after.

    `pause`: its shortest and longest length in seconds.
    """
    random = np.random.default_rng(seed)
    parts = [_pause(random, pause)]
    spans: list[Span] = []
    at = len(parts[0])
    for sound in sounds:
        if sound.rate != SPEECH_RATE:
            raise ValueError(f"clips must be at {SPEECH_RATE} Hz, not {sound.rate}")
        spans.append(Span(samples(at, SPEECH_RATE), samples(at + len(sound), SPEECH_RATE)))
        parts += [sound.samples, _pause(random, pause)]
        at += len(parts[-2]) + len(parts[-1])
    return Recording(Audio(np.concatenate(parts)), tuple(clips), tuple(spans))


def _pause(random: np.random.Generator, between: tuple[float, float]) -> NDArray[np.float32]:
    length = round(random.uniform(*between) * SPEECH_RATE)
    return (random.standard_normal(length) * PAUSE_RMS).astype(np.float32)


def write_wav(audio: Audio, target: Path, duration: int | None = None) -> None:
    """Write 16-bit PCM; with `duration` (ticks), cut there or repeat the sound until there."""
    pcm = np.clip(np.round(audio.samples * 32768), -32768, 32767).astype("<i2").tobytes()
    left = len(pcm) if duration is None else 2 * to_samples(duration, audio.rate)
    if not pcm:
        raise ValueError("there is no sound to write")
    with placed(target) as temporary, wave.open(str(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.rate)
        while left > 0:
            file.writeframes(pcm[:left])
            left -= len(pcm)
