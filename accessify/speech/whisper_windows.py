"""Utterances cut to what Whisper hears at once, and what it said of them cut to what was there to hear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import samples
from accessify.speech.transcribe import Transcript

FRAME = SPEECH_RATE // 100
"""Samples of a frame of the spectrogram; two frames are one position of the encoder."""
_BEHIND = 25
"""Positions behind the sound's end (0.5 s) from which text is invented: the model's times are not exact."""


def level(sound: Audio) -> float:
    """Root mean square; 0 for no sound."""
    return float(np.sqrt(np.mean(np.square(sound.samples, dtype=np.float64)))) if len(sound) else 0.0


def cut_windows(audio: Audio, window: int) -> list[Audio]:
    """`audio` in parts of at most `window` samples, cut at the quietest 20 ms of the last sixth."""
    parts, step = [], 2 * FRAME
    while len(audio) > window:
        late = audio.samples[window * 5 // 6 : window]
        power = np.square(late[: len(late) // step * step]).reshape(-1, step).mean(axis=1)
        at = window * 5 // 6 + int(np.argmin(power)) * step
        parts.append(Audio(audio.samples[:at], audio.rate, audio.start))
        audio = Audio(audio.samples[at:], audio.rate, audio.start + samples(at, audio.rate))
    return [*parts, audio]


def last_position(sound: Audio) -> int:
    """The latest position (20 ms) of which a text about `sound` is believed."""
    return -(-len(sound) // (2 * FRAME)) + _BEHIND


def audible(
    tokens: Sequence[int], end: int, times: int, last: int | None = None
) -> tuple[list[int], list[int], bool]:
    """The text among `tokens`, where each stood, and whether a time after position `last` ended it.

    Numbers below `end` are text; `times` is 0.00 s, and each further number 20 ms later. Without `last`
    all of the text is believed.
    """
    text: list[int] = []
    places: list[int] = []
    for place, token in enumerate(tokens):
        if last is not None and token - times > last:
            return text, places, True
        if token < end:
            text.append(token)
            places.append(place)
    return text, places, False


def join_parts(parts: Sequence[Transcript]) -> Transcript:
    """The transcript of an utterance heard in parts; its language is that of the first with words."""
    if len(parts) == 1:
        return parts[0]
    spoken = next((part for part in parts if part.pieces), parts[0])
    pieces = tuple(piece for part in parts for piece in part.pieces)
    finished, told = (all(part.finished for part in parts), all(part.tells_chances for part in parts))
    return Transcript(pieces, finished, spoken.language, told)
