"""What live captions are measured on: a recording and when each of its words is spoken.

Clips are joined as in a conversation, with 0.15 to 0.9 s of low noise between them, and every clip is
aligned with its published text by PocketSphinx (`spoken`). Parts of the recording can be played from
another clip on, so that many streams at once do not all hear the same words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.audio import Audio
from accessify.core.errors import OptionError
from accessify.core.placing import placed
from accessify.core.timeline import Span, to_seconds
from accessify.engines.pronounce import phones_of
from accessify.evaluation.dataset import SPEECH_EN, Clip, Dataset, load_dataset
from accessify.evaluation.recording import Recording, join_clips, load_clip
from accessify.evaluation.spoken import Spoken, spoken_words

PAUSE = (0.15, 0.9)
"""Shortest and longest pause between clips in seconds, beside the silence that clips have themselves."""
SEED = 20266
CORPUS = "LibriSpeech dev-clean"
"""Taken alone where a data set has it: clean read speech, on which the targets were set."""
MINUTES = 6.2
"""Clips that are taken, pauses not counted."""


@dataclass(frozen=True, slots=True)
class LiveMaterial:
    """A recording, what is said in it and when."""

    recording: Recording
    spoken: tuple[Spoken, ...]
    """Every word in order, fillers left out."""

    @property
    def key(self) -> str:
        """Fingerprint of the sound and what is said in it."""
        return _key(self.recording)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is said, clip by clip."""
        return tuple(clip.text for clip in self.recording.clips)

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return to_seconds(self.recording.audio.span.duration)

    def order(self, first: int, longest: int | None = None) -> tuple[int, ...]:
        """Numbers of the clips from `first` on and around to the one before it.

        With `longest` (ticks), only as many whole clips as fit with their pauses, at least one.
        """
        count = len(self.recording.clips)
        order = [(first + step) % count for step in range(count)]
        if longest is not None:
            regions = self.recording.regions
            ends = np.cumsum([regions[number].duration for number in order])
            order = order[: max(1, int(np.searchsorted(ends, longest, side="right")))]
        return tuple(order)

    def turned(self, first: int, longest: int | None = None) -> LiveMaterial:
        """The recording of these clips in this order (`order`)."""
        regions = self.recording.regions
        shifts: dict[int, int] = {}
        sounds: list[Audio] = []
        at = 0
        for number in self.order(first, longest):
            sounds.append(self.recording.audio.cut(regions[number]))
            shifts[number] = at - regions[number].start
            at += sounds[-1].span.duration
        return _turned(self, shifts, Audio(np.concatenate([sound.samples for sound in sounds])))


def _turned(material: LiveMaterial, shifts: dict[int, int], audio: Audio) -> LiveMaterial:
    """`shifts`: ticks by which each clip that is kept moves, in its new order."""
    recording, spoken = material.recording, []
    for place, (number, shift) in enumerate(shifts.items()):
        spoken += [
            replace(word, span=word.span.shift(shift), clip=place)
            for word in material.spoken
            if word.clip == number
        ]
    spans = tuple(recording.spans[number].shift(shift) for number, shift in shifts.items())
    clips = tuple(recording.clips[number] for number in shifts)
    return LiveMaterial(Recording(audio, clips, spans), tuple(spoken))


def dataset_material(
    folder: Path, minutes: float = MINUTES, *, tuning: bool = False, cache: Path | None = None
) -> LiveMaterial:
    """About `minutes` of the English speech in `folder`, evenly from all over it, joined.

    `tuning` takes the clips that are otherwise left out: settings are not to be chosen on what they
    are measured on. Word times are kept in the folder `cache` for the next time. Raises `OptionError`
    and `FormatError` where there is nothing to take.
    """
    return clips_material(choose_clips(load_dataset(folder), minutes, tuning=tuning), cache)


def choose_clips(dataset: Dataset, minutes: float, *, tuning: bool = False) -> list[tuple[Clip, Audio]]:
    """The clips of `dataset` with their sound, those of `CORPUS` alone where it has some."""
    clips = dataset.of(SPEECH_EN)
    clips = tuple(clip for clip in clips if clip.corpus == CORPUS) or clips
    pairs = [(clip, load_clip(clip)) for clip in clips]
    total = to_seconds(sum(sound.span.duration for _, sound in pairs))
    count = min(len(pairs), max(1, round(len(pairs) * 60 * minutes / total))) if pairs else 0
    taken = {place * len(pairs) // count for place in range(count)}
    chosen = [pair for place, pair in enumerate(pairs) if (place in taken) != tuning]
    if not chosen:
        left = "no clips are left for tuning; ask for fewer minutes"
        raise OptionError(f"{dataset.name}: {left if pairs else 'it has no English speech to play'}")
    return chosen


def clips_material(pairs: Sequence[tuple[Clip, Audio]], cache: Path | None = None) -> LiveMaterial:
    """`pairs` joined, with the time of every word."""
    recording = join_clips([clip for clip, _ in pairs], [sound for _, sound in pairs], SEED, PAUSE)
    return aligned(recording, cache)


def aligned(recording: Recording, cache: Path | None = None) -> LiveMaterial:
    """`recording` with the time of every word, from the folder `cache` where it has been found before."""
    kept = cache / f"spoken-{_key(recording)}.json" if cache else None
    if kept and kept.is_file():
        return LiveMaterial(recording, tuple(map(_from_json, json.loads(kept.read_text("utf-8")))))
    spoken = spoken_words(recording, phones_of)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with placed(kept) as temporary:
            temporary.write_text(json.dumps([*map(_to_json, spoken)]), "utf-8")
    return LiveMaterial(recording, spoken)


def _key(recording: Recording) -> str:
    digest = hashlib.sha256(recording.audio.samples.tobytes())
    told = [[clip.text, span.start, span.end] for clip, span in _placed(recording)]
    digest.update(json.dumps(told).encode())
    return digest.hexdigest()[:24]


def _placed(recording: Recording) -> list[tuple[Clip, Span]]:
    return list(zip(recording.clips, recording.spans, strict=True))


def _to_json(word: Spoken) -> list[Any]:
    return [word.word, word.span.start, word.span.end, word.clip, word.measured]


def _from_json(row: list[Any]) -> Spoken:
    word, start, end, clip, measured = row
    return Spoken(word, Span(start, end), clip, measured)
