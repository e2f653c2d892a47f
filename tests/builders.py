"""Builds the values that many tests need."""

from __future__ import annotations

import re
from fractions import Fraction

from accessify.core.text import Word
from accessify.core.timeline import Span, Track, seconds


def make_words(
    text: str,
    per_second: float = 2.5,
    start: float = 0.0,
    *,
    comma: float = 0.15,
    stop: float = 0.4,
    speaker: str | None = None,
) -> Track[Word]:
    """Words as a voice would say them: long words take longer, punctuation takes a breath.

    `per_second` is the speed between the breaths (words of average length), `start` the second the
    first word begins at, `comma` and `stop` the pauses in seconds behind clause and sentence ends.
    A number in square brackets is a pause of that many seconds: `Wait. [3] Now go.`
    """
    words: list[Word] = []
    clock = Fraction(start)
    for token in text.split():
        pause = re.fullmatch(r"\[(\d+(?:\.\d+)?)\]", token)
        if pause:
            clock += Fraction(pause[1])
            continue
        length = Fraction(2 + len(token), 7) / Fraction(per_second)
        span = Span(seconds(clock), seconds(clock + length))
        words.append(Word(span, token, speaker=speaker))
        clock += length
        if token[-1] in ".!?…。！？":
            clock += Fraction(stop)
        elif token[-1] in ",;:—，；：、":
            clock += Fraction(comma)
    return Track(tuple(words))
