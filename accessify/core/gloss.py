"""Glosses: names of signs with a place on the clock and where their movement comes from.

A gloss is a label, no translation: the plain glosser keeps the order of the spoken language, which no sign
language has.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from accessify.core.timeline import Span


class Origin(StrEnum):
    """Where the movement of a gloss comes from."""

    LEXICON = "lexicon"
    """The user's own lexicon."""
    NOTATION = "notation"
    """A published sign in HamNoSys."""
    SPELLED = "spelled"
    """Spelled letter by letter on the hand."""
    MISSING = "missing"
    """Nothing was found: the word is shown on the screen instead."""


class Mood(StrEnum):
    """What a sentence does."""

    STATEMENT = "statement"
    POLAR = "polar question"
    """Answered by yes or no."""
    CONTENT = "content question"
    """Asks who, what, where …"""
    EXCLAMATION = "exclamation"


@dataclass(frozen=True, slots=True)
class Gloss:
    """One sign to be signed, or the word for which there is none."""

    span: Span
    """When it should be signed; empty at 0 where nothing asks for a time."""
    text: str
    """As it was written, e.g. `houses`; shown on the screen."""
    name: str
    """The entry or letters that stand for it, e.g. `HOUSE` or `A-N-N-A`."""
    origin: Origin
    source: str = ""
    """Which lexicon, data set or alphabet it is from, for people."""
    candidates: tuple[str, ...] = field(default=(), repr=False)
    """Further entries of the same name that were not taken."""
    sentence: int = 0
    """Number of the sentence or cue it belongs to."""
    mouthing: str = ""
    """The word that the mouth shapes, when it is mouthed."""

    def at(self, span: Span) -> Gloss:
        """The same gloss at another time."""
        return replace(self, span=span)
