"""Words on sound in which nobody speaks: music, weather, engines, animals.

invented words a minute = recognised words / minutes of non-speech, every word counts; marks in
brackets such as `[music]` are not words. Measured on each clip by itself and on all clips joined,
because a recogniser that has just heard noise behaves differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accessify.core.text import Word
from accessify.core.timeline import to_seconds
from accessify.evaluation.spoken import plain_words


@dataclass(frozen=True, slots=True)
class Invented:
    """What was recognised on one piece of non-speech."""

    name: str
    minutes: float
    text: str
    """The invented words, empty when there is none."""

    @property
    def words(self) -> int:
        """How many."""
        return len(plain_words(self.text))


def invented(name: str, duration: int, heard: Sequence[Word]) -> Invented:
    """What `heard` says on `duration` ticks of non-speech."""
    return Invented(name, to_seconds(duration) / 60, " ".join(word.text for word in heard))


def per_minute(pieces: Sequence[Invented]) -> float:
    """Invented words a minute over all pieces."""
    minutes = sum(piece.minutes for piece in pieces)
    return sum(piece.words for piece in pieces) / minutes if minutes else 0.0
