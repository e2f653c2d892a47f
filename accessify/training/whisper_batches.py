"""Batches for the small test Whisper: clips of like length as tensors, and what is to be learnt of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from accessify.core.audio import SPEECH_RATE
from accessify.training.whisper_clips import Clip, draw_clip
from accessify.training.whisper_lines import POSITIONS, Line, Writer, draw_manner
from accessify.training.whisper_network import EDGE, SOUNDS
from accessify.training.whisper_sentences import seeded

_HOP = SPEECH_RATE // POSITIONS
ROUND = 4
"""Batches that are drawn together."""
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips with their lines."""

    mel: Tensor
    """[B, 80, 2 * (clip + 4)]"""
    positions: Tensor
    """[B, clip + silent]: where in the context each position stands."""
    sounds: Tensor
    """[B, clip]: class of the sound, 0 for none."""
    tokens: Tensor
    """[B, n]: places among the used tokens."""
    targets: Tensor
    """[B, n]: what comes next, or -100 where that is not to be learnt."""
    spans: Tensor
    """[B, n, 2]: positions where what comes next is heard; -1 if nowhere."""
    rows: Tensor
    """[B, clip]: which token looks at each position, -100 if that is not to be learnt."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large batches are."""

    clips: int = 16
    silent: int = 12
    """Positions that are drawn of the silence around each clip."""
    context: int = 1500
    """Positions of the encoder."""


class Batches:
    """The same batches for the same seed: each is drawn from its number."""

    def __init__(self, writer: Writer, used: Sequence[int], shape: Shape, seed: int) -> None:
        """Batches of `shape` with the lines of `writer`, in places among the tokens `used`."""
        self._writer, self._shape, self._seed = writer, shape, seed
        self._places = {token: place for place, token in enumerate(used)}

    def round(self, number: int, batches: int = ROUND) -> list[Batch]:
        """`batches` batches, each of clips of like length."""
        random = seeded(self._seed, number)
        clips = sorted(
            (draw_clip(random) for _ in range(batches * self._shape.clips)), key=lambda one: len(one.samples)
        )
        made = [
            self.make(random, clips[first : first + self._shape.clips])
            for first in range(0, len(clips), self._shape.clips)
        ]
        random.shuffle(made)
        return made

    def make(self, random: Random, clips: Sequence[Clip]) -> Batch:
        """A batch of these clips."""
        length = min(max(len(clip.samples) for clip in clips) // _HOP + 3, self._shape.context - EDGE)
        lines = [self._writer.write(clip, draw_manner(random, clip)) for clip in clips]
        tokens, targets, spans = self._lines(random, clips, lines)
        return Batch(
            torch.stack([_mel(clip, length + EDGE) for clip in clips]),
            torch.stack([self._positions(random, clip, length) for clip in clips]),
            torch.stack([_sounds(clip, length) for clip in clips]),
            tokens,
            targets,
            spans,
            torch.stack([self._rows(line, length) for line in lines]),
        )

    def _lines(
        self, random: Random, clips: Sequence[Clip], lines: Sequence[Line]
    ) -> tuple[Tensor, Tensor, Tensor]:
        longest = max(len(line.tokens) for line in lines)
        tokens = torch.full((len(lines), longest), self._places[self._writer.end])
        targets = torch.full((len(lines), longest), _IGNORED)
        spans = torch.full((len(lines), longest, 2), -1.0)
        for row, (clip, line) in enumerate(zip(clips, lines, strict=True)):
            places = torch.tensor([self._places[token] for token in line.tokens])
            tokens[row, : len(places)] = places
            after = places[line.first + 1 :]
            targets[row, line.first : len(places) - 1] = after
            targets[row, line.first + 1] = _IGNORED  # the task is given, not heard
            if line.tokens[line.first + 3] == self._writer.untimed:
                targets[row, line.first + 2] = _IGNORED
            if not clip.said:
                targets[row, line.first] = self._places[self._writer.nothing()]
            spans[row, : len(places) - 1] = torch.tensor(line.heard[1:])
        return tokens, targets, spans

    def _rows(self, line: Line, length: int) -> Tensor:
        """Of lines without times, which word times are found by: silence belongs to its neighbours."""
        rows = torch.full((length,), _IGNORED)
        known = [row for row, span in enumerate(line.heard[1:]) if span[1] >= 0]
        if line.tokens[line.first + 3] == self._writer.untimed and len(known) > 1:
            for row in known:
                start, end = line.heard[row + 1]
                rows[round(start) : round(end)] = row
            rows[: round(line.heard[known[0] + 1][0])] = known[0]
            rows[round(line.heard[known[-1] + 1][0]) :] = known[-1]
        return rows

    def _positions(self, random: Random, clip: Clip, length: int) -> Tensor:
        places = np.arange(length)
        places[places >= clip.jump[0] * POSITIONS] += round(clip.jump[1] * POSITIONS)
        places = np.minimum(places, self._shape.context - 1)
        last = self._shape.context - 1
        free = np.setdiff1d(np.arange(last), places)
        chance = np.random.default_rng(random.getrandbits(32))
        return torch.from_numpy(
            np.concatenate((places, chance.choice(free, self._shape.silent - 1, replace=False), [last]))
        )


def mel_of(samples: Any, positions: int) -> Tensor:
    """[80, 2 * positions] of sound with silence after it, as openai-whisper hears it in its 30 s."""
    from whisper.audio import log_mel_spectrogram  # noqa: PLC0415 - heavy

    held = np.zeros(positions * _HOP, np.float32)
    kept = samples[: len(held)]
    held[: len(kept)] = kept
    return log_mel_spectrogram(held)  # type: ignore[no-any-return]


def _mel(clip: Clip, positions: int) -> Tensor:
    return mel_of(clip.samples, positions)


def _sounds(clip: Clip, length: int) -> Tensor:
    classes = torch.zeros(length, dtype=torch.long)
    for said in clip.said:
        for name, second in said.spoken.sounds:
            silent = name.startswith("_")
            first = round((said.start + second) * POSITIONS)
            classes[first : round(said.end * POSITIONS)] = (
                0 if silent else 1 + crc32(name.encode()) % (SOUNDS - 1)
            )
    return classes
