"""When each reference word is spoken: what word times and missed speech are measured against.

A recording is aligned clip by clip with its published text by PocketSphinx in its default settings
(US English acoustic model, 10 ms frames). That is an alignment by machine, not a person's marks: it
says how far captions are from a careful forced alignment of the true text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from accessify.core.audio import Audio
from accessify.core.text import Word
from accessify.core.timeline import Span, millis
from accessify.evaluation.recording import Recording
from accessify.evaluation.wer import without_marks

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_FRAME_MS = 10

FILLERS = frozenset({"hmm", "mm", "mhm", "mmm", "uh", "um"})
"""Not expected in captions: the fillers that Whisper's normaliser also drops."""

Pronounce = Callable[[str], str]
"""A word's phones in ARPAbet, for words that the dictionary lacks."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One word of the reference with its place on the clock."""

    word: str
    """A plain word, as `plain_words` gives it."""
    span: Span
    clip: int
    """Number of its clip in the recording."""
    measured: bool
    """False where the span is a guess: not in the dictionary, or the clip could not be aligned."""


def plain_words(text: str) -> tuple[str, ...]:
    """Lower-case words without punctuation; a hyphen parts words, an apostrophe does not.

    >>> plain_words("It's a well-known [cough] fact.")
    ("it's", 'a', 'well', 'known', 'fact')
    """
    return tuple(_WORD.findall(without_marks(text).replace("’", "'").casefold()))


def spread(words: Sequence[str], span: Span) -> list[Span]:
    """Spans that share `span` among `words` in proportion to their letters."""
    weights = np.cumsum([0, *(len(word) + 1 for word in words)])
    edges = [span.start + int(span.duration * weight) // int(weights[-1]) for weight in weights.tolist()]
    return [Span(start, end) for start, end in pairwise(edges)]


def spoken_words(recording: Recording, pronounce: Pronounce) -> tuple[Spoken, ...]:
    """Every reference word of `recording`, in order, fillers left out."""
    aligner = Aligner(pronounce)
    found: list[Spoken] = []
    for number, (clip, span) in enumerate(zip(recording.clips, recording.spans, strict=True)):
        words = plain_words(clip.text)
        times = aligner.align(recording.audio.cut(span), words)
        if times is None:
            times = [(place, False) for place in spread(words, span)]
        found += [
            Spoken(word, place, number, measured)
            for word, (place, measured) in zip(words, times, strict=True)
            if word not in FILLERS
        ]
    return tuple(found)


class Aligner:
    """PocketSphinx as a forced aligner, default settings."""

    def __init__(self, pronounce: Pronounce) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(lm=None, samprate=16_000, loglevel="FATAL")
        self._pronounce = pronounce
        self._added: set[str] = set()

    def align(self, audio: Audio, words: Sequence[str]) -> list[tuple[Span, bool]] | None:
        """Span of each word and whether the dictionary knew it; None where there is no alignment.

        Words written in digits or other scripts have no agreed pronunciation: their clip gives None.
        """
        if not words or not all(re.fullmatch(r"[a-z']+", word) for word in words):
            return None
        self._learn(words)
        self._decoder.reinit_feat()  # forget the noise of the clip before
        self._decoder.set_align_text(" ".join(words))
        pcm = np.clip(np.round(audio.samples * 32768), -32768, 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        found = [part for part in self._decoder.seg() or () if part.word.split("(")[0] in words]
        if [part.word.split("(")[0] for part in found] != list(words):
            return None
        return [(_span(part, audio.start), part.word.split("(")[0] not in self._added) for part in found]

    def _learn(self, words: Sequence[str]) -> None:
        for word in words:
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, self._pronounce(word), True)
                self._added.add(word)


def _span(part: Any, start: int) -> Span:
    """An end frame is the last one that still belongs to the word."""
    first, behind = part.start_frame, part.end_frame + 1
    return Span(start + millis(first * _FRAME_MS), start + millis(behind * _FRAME_MS))


def plain_heard(words: Sequence[Word]) -> tuple[tuple[str, Word, bool], ...]:
    """Recognised words as plain words: the word, what it was written in, and whether it is all of it.

    `well-known` gives two plain words, neither of which has times of its own.
    """
    found: list[tuple[str, Word, bool]] = []
    for word in words:
        parts = plain_words(word.text)
        found += [(part, word, len(parts) == 1) for part in parts if part not in FILLERS]
    return tuple(found)
