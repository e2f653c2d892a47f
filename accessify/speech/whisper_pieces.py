"""Whisper's tokens as pieces of a transcript: where words start, and when they were said.

Whisper takes languages without spaces apart into characters, and all others at spaces and marks. A name
such as iPhone in Chinese text, or a word such as well-known in English, would come apart as well; so here
a word starts only at a space, or beside a character of a script that is written without spaces.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accessify.core.audio import Audio
from accessify.core.timeline import Span
from accessify.speech.transcribe import Piece

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai and Lao
    (0x1000, 0x109F),  # Burmese
    (0x3000, 0x312F),  # marks, kana and Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF01, 0xFF0F),  # full-width marks; full-width letters and digits are words like others
    (0xFF1A, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF9F),
    (0x20000, 0x3FFFF),
)
"""First and last character of each block of a script without spaces (Unicode 16, Blocks.txt)."""
_STARTS = [first for first, _ in _UNSPACED]


@dataclass(frozen=True, slots=True)
class Group:
    """Tokens that Whisper holds together as one word."""

    tokens: Sequence[int]
    span: Span | None = None
    """When they were said, where that is known."""


def is_unspaced(character: str) -> bool:
    """Whether `character` belongs to a script that is written without spaces."""
    at = bisect_right(_STARTS, ord(character)) - 1
    return at >= 0 and ord(character) <= _UNSPACED[at][1]


def starts_word(before: str, text: str) -> bool:
    """Whether `text` begins a new word where `before` (empty: nothing) stands in front of it."""
    if not before or not text:
        return not before
    last, first = before[-1], text[0]
    return last.isspace() or first.isspace() or is_unspaced(last) or is_unspaced(first)


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
