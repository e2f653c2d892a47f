"""Word times by PocketSphinx as a forced aligner (English; its model comes in its wheel).

Source: Huggins-Daines et al., "PocketSphinx: A Free, Real-Time Continuous Speech Recognition
System for Hand-Held Devices", ICASSP 2006. Frames are 10 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from accessify.core.audio import Audio
from accessify.core.timeline import Span, millis
from accessify.engines.pronounce import phones_of, spoken_words

_FRAME = millis(10)


class PocketSphinxAligner:
    """An `Aligner` of English words; the same sound and words always give the same times."""

    languages = ("en",)

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        # Every second frame and two mixtures: twice as fast, median difference 0, p95 30 ms.
        self._decoder: Any = Decoder(lm=None, loglevel="FATAL", ds=2, topn=2)

    def align(self, audio: Audio, words: Sequence[str]) -> list[Span | None]:
        """The span of each word on the clock, None for all where the words do not fit the sound."""
        spoken = [self._known(word) for word in words]
        text = " ".join(part for parts in spoken for part in parts)
        segments = self._segments(audio, text) if text and len(audio) else []
        heard = [segment for segment in segments if not segment[0].startswith(("<", "["))]
        if len(heard) != sum(map(len, spoken)):
            return [None] * len(words)
        return list(_spans(heard, [len(parts) for parts in spoken], audio.start))

    def _segments(self, audio: Audio, text: str) -> list[tuple[str, int, int]]:
        decoder = self._decoder
        loud = np.clip(audio.samples * 32767, -32768, 32767).astype(np.int16)
        decoder.reinit_feat()  # forget the noise estimate of the sound before
        decoder.set_align_text(text)
        decoder.start_utt()
        try:
            decoder.process_raw(loud.tobytes(), full_utt=True)
        finally:  # an utterance left open, by Ctrl-C say, would be the decoder's last
            decoder.end_utt()
        return [(item.word, item.start_frame, item.end_frame) for item in decoder.seg() or ()]

    def _known(self, word: str) -> list[str]:
        """The word's spoken parts, each one taught to the dictionary if it was not there."""
        parts = spoken_words(word)
        for part in parts:
            if self._decoder.lookup_word(part) is None:
                self._decoder.add_word(part, phones_of(part) or "AH", True)
        return parts


def _spans(heard: Sequence[tuple[str, int, int]], counts: Sequence[int], start: int) -> list[Span | None]:
    spans: list[Span | None] = []
    at = 0
    for count in counts:
        if count:
            first, last = heard[at][1], heard[at + count - 1][2] + 1
            spans.append(Span(start + first * _FRAME, start + last * _FRAME))
        else:
            spans.append(None)
        at += count
    return spans
