"""Whisper's tokens as pieces of a transcript: where words start, and when they were said.

Whisper takes languages without spaces apart into characters, and all others at spaces and marks. A name
such as iPhone in Chinese text, or a word such as well-known in English, would come apart as well; so here
a word starts only at a space, or beside a character of a script that is written without spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accessify.core.audio import Audio
from accessify.core.text import is_unspaced
from accessify.core.timeline import Span
from accessify.speech.transcribe import Piece

_WIDE_WORDS = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
"""Full-width figures and letters: of words like others."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tokens that Whisper holds together as one word."""

    tokens: Sequence[int]
    span: Span | None = None
    """When they were said, where that is known."""


def starts_word(before: str, text: str) -> bool:
    """Whether `text` begins a new word where `before` (empty: nothing) stands in front of it."""
    if not before or not text:
        return not before
    last, first = before[-1], text[0]
    return last.isspace() or first.isspace() or _stands_alone(last) or _stands_alone(first)


def _stands_alone(character: str) -> bool:
    return is_unspaced(character) and not _WIDE_WORDS.match(character)


def spell(
    groups: Sequence[Group], chances: Sequence[float], raw: Callable[[int], bytes]
) -> tuple[Piece, ...]:
    """The tokens of `groups` as pieces, each with its chance (0 to 1); `raw` gives a token's bytes."""
    pieces: list[Piece] = []
    before, at = "", 0
    for group in groups:
        text = b"".join(map(raw, group.tokens)).decode("utf-8", "replace")
        starts = starts_word(before, text)
        for place, token in enumerate(group.tokens):
            chance = min(float(chances[at]), 1.0)
            pieces.append(Piece(raw(token), chance, starts and place == 0, token, group.span))
            at += 1
        before = text or before
    return tuple(pieces)


def within(sound: Audio, span: Span) -> Span:
    """`span`, counted from the start of `sound`, on the clock and no longer than the sound."""
    last = sound.span.end
    start = min(sound.start + span.start, last)
    return Span(start, max(start, min(sound.start + span.end, last)))
