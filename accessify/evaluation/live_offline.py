"""The same sound without haste: what live captions are compared with.

- The same segments offline: utterances as the live detector cuts them, each heard once as in a file.
- Waiting for the pause: the same words, shown when an utterance has ended and was heard. Computed, not
  played: the sound that ended it has come, and nothing else is being heard; then hearing takes what it took.
- The file pipeline, which cuts utterances in its own way.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.text import Word
from accessify.core.timeline import samples, to_seconds
from accessify.engines.silero import Silero
from accessify.evaluation.live_play import PIECE
from accessify.evaluation.live_score import Shown
from accessify.hub.fetch import model_files
from accessify.pipelines.caption import SPEECH_DETECTOR, caption_film
from accessify.pipelines.hearing import hear
from accessify.pipelines.live import LiveOptions
from accessify.speech.align import stitch
from accessify.speech.detect import Detector, Utterance


@dataclass(frozen=True, slots=True)
class Offline:
    """What was heard without haste."""

    segments: tuple[str, ...]
    """Words of the live detector's utterances."""
    utterances: int
    waiting: tuple[Shown, ...]
    """The screen of a system that waits for the pause."""
    waiting_cpu_s: float
    file: tuple[str, ...]
    """Words of the file pipeline."""


def hear_offline(audio: Audio, path: Path) -> Offline:
    """All of it for `audio`, which lies as a file at `path`."""
    options = LiveOptions()
    chosen = options.choose().fetched()
    recognizer, aligner = chosen.open(), chosen.open_aligner()
    words: list[Word] = []
    screens: list[Shown] = []
    free = cpu = 0.0
    found = live_utterances(audio, options)
    for came, utterance in found:
        used, begun = time.process_time(), time.perf_counter()
        (result,) = hear(recognizer, aligner, [utterance], options.follow.transcribe)
        cpu += time.process_time() - used
        free = max(free, came) + time.perf_counter() - begun
        stitch(words, result.words)
        screens.append(Shown(free, tuple(word.text for word in words)))
    recognizer.close()
    in_file = caption_film(path).document.words.events
    return Offline(
        segments=tuple(word.text for word in words),
        utterances=len(found),
        waiting=tuple(screens),
        waiting_cpu_s=cpu,
        file=tuple(word.text for word in in_file),
    )


def live_utterances(audio: Audio, options: LiveOptions) -> list[tuple[float, Utterance]]:
    """Utterances as the live detector cuts them, and the second at which each had ended."""
    detector = Detector(Silero(model_files(SPEECH_DETECTOR)), options.follow.detect)
    found: list[tuple[float, Utterance]] = []
    for first in range(0, len(audio), PIECE):
        piece = Audio(audio.samples[first : first + PIECE], SPEECH_RATE, samples(first, SPEECH_RATE))
        found += [(to_seconds(piece.span.end), utterance) for utterance in detector.push(piece)]
    end = to_seconds(audio.span.end)
    return [*found, *((end, utterance) for utterance in detector.finish())]
