"""What was signed, as a value: the movement, who moves, and which sign is when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from accessify.core.character import Character
from accessify.core.errors import UnknownName
from accessify.core.gloss import Gloss, Origin
from accessify.core.motion import Motion
from accessify.core.proportions import Proportions
from accessify.core.text import Cue
from accessify.core.timeline import Note, Span, Track


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Somebody who signs."""

    character: Character
    proportions: Proportions
    notes: tuple[Note, ...] = ()
    """What could not be read of a figure of the user's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """Signing, ready to be drawn or written down."""

    motion: Motion
    figure: Figure
    glosses: Track[Gloss]
    """Each sign with its time and where it comes from; notes of what is not done, late or missing."""
    language: str = ""
    """ISO 639-3 code of the sign language; empty where nobody said."""
    spans: tuple[Span, ...] = ()
    """When each sentence or cue is signed."""

    @property
    def missing(self) -> tuple[Gloss, ...]:
        """The words for which there was no sign and no way to spell them."""
        return tuple(gloss for gloss in self.glosses if gloss.origin is Origin.MISSING)

    def words(self, which: str) -> Track[Cue]:
        """Words for the screen: those of `missing` signs, of `all`, or of `none`; else `UnknownName`."""
        choices: dict[str, tuple[Gloss, ...]] = {"all": self.glosses[:], "missing": self.missing, "none": ()}
        if which not in choices:
            raise UnknownName("choice of words", which, choices)
        shown = choices[which]
        return Track.of(Cue(gloss.span, gloss.text) for gloss in shown)

    def shift(self, ticks: int) -> Performance:
        """The same, later by `ticks`."""
        motion = replace(self.motion, start=self.motion.start + ticks)
        spans = tuple(span.shift(ticks) for span in self.spans)
        return replace(self, motion=motion, glosses=self.glosses.shift(ticks), spans=spans)

    def with_notes(self, notes: Iterable[Note]) -> Performance:
        """The same with further notes."""
        return replace(self, glosses=self.glosses.with_notes(notes))


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a performance."""

    files: tuple[Path, ...]
    notes: tuple[Note, ...] = ()
    """What could not be drawn as asked."""
    renderer: str = ""
    """What drew the pictures; empty where there are none."""
