"""What was read from signing: stretches, signs and letters, each with how sure we are.

A name or gloss stands for a sign; it is no translation. What was seen and not recognised is a `Sign` or
`Letter` too, with `known` false, so that nothing signed is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

from accessify.core.timeline import Span


@dataclass(frozen=True, slots=True)
class Signing:
    """A stretch of one sign or more that nothing interrupts, or a part of one."""

    span: Span
    """From the first movement out of rest to the last before it."""
    cut_start: bool = False
    """Whether the picture began inside it."""
    cut_end: bool = False
    """Whether the picture ended inside it."""
    part: bool = False
    """Whether it is one movement or hold: a sign is one part, or several that touch."""
    held: bool = False
    """Whether it is a part in which the hands are held still."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer among several."""

    name: str
    """As enrolled, or the letter."""
    distance: float
    """How unlike the nearest reference is; comparable within one book only."""
    confidence: float
    """Probability that this answer is right, 0 to 1."""
    gloss: str = ""
    """Conventional notation, e.g. `HOUSE`."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign that was seen."""

    span: Span
    candidates: tuple[Candidate, ...]
    """The likeliest first; empty where nothing is enrolled."""
    known: bool
    """Whether the first candidate is near enough to be the answer."""

    @property
    def best(self) -> Candidate | None:
        """The answer, or None where the sign is unknown."""
        return self.candidates[0] if self.known and self.candidates else None


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a manual alphabet that was spelled."""

    span: Span
    candidates: tuple[Candidate, ...]
    """The likeliest first."""
    known: bool
    """Whether the first candidate is sure enough to be the answer."""

    @property
    def text(self) -> str | None:
        """The letter, or None where it is unknown."""
        return self.candidates[0].name if self.known and self.candidates else None
