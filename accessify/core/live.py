"""Live captions as values: what has been heard so far, word by word.

A live stream is a sequence of `LiveUpdate`s. Words in `committed` never change; `tail` is what may
still change and replaces the tail before. When an utterance has ended, `final` is its reading with
all sound at hand: what a saved transcript should say, where `committed` is what was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accessify.core.text import Word
from accessify.core.timeline import Note, Span


class LiveState(StrEnum):
    """What the listener is doing."""

    SILENT = "silent"
    """Nobody speaks."""
    SPEECH = "speech"
    """Somebody speaks, and it keeps up."""
    CATCHING_UP = "catching-up"
    """It is behind the speaker and listens to whole utterances only until it is not."""
    STALLED = "stalled"
    """No sound arrives; what was said before may still be on its way to the reader."""
    ENDED = "ended"
    """The stream is over; the last update."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Words that were committed wrongly and what the final reading has in their place."""

    wrong: tuple[str, ...]
    """As committed; empty where words were missed."""
    right: tuple[str, ...]
    """As they should be; empty where words were invented."""
    confidence: float = 1.0
    """How sure the final reading is of its least sure word, 0 to 1."""
    place: int = 0
    """Number of the word of the final reading, from 0, at which `right` begins."""


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """What changed; committed words and notes are new ones only."""

    number: int
    """1, 2, 3 … without gaps."""
    clock: int
    """Tick of the stream's clock up to which sound had arrived."""
    state: LiveState
    lag: int = 0
    """Ticks of sound that had arrived and was not listened to yet, silence after speech not counted."""
    committed: tuple[Word, ...] = ()
    """Words that are shown from now on and never change. Their times are estimates."""
    tail: tuple[str, ...] = ()
    """The words behind the last committed one as they look now; replaces the tail before."""
    ended: bool = False
    """Whether an utterance ended: the next committed word comes after a pause or a cut."""
    final: tuple[Word, ...] = ()
    """The reading of the utterance that ended, with measured times; for the transcript. Of one that could not
    be heard to its end: what was committed, with estimated times."""
    corrections: tuple[Correction, ...] = ()
    """Where `final` says something else than what was committed."""
    notes: tuple[Note, ...] = ()
    """What could not be heard or was left out."""


@dataclass(frozen=True, slots=True)
class LiveLine:
    """One line of live captions; its text only ever grows, and once closed it does not."""

    number: int
    """1, 2, 3 … over the whole stream."""
    span: Span
    """From its first word's start to its last word's end."""
    text: str
    words: tuple[Word, ...] = ()
    closed: bool = False
    speaker: str | None = None
    """Who speaks, when known."""
    correction: bool = False
    """Whether it corrects what was shown before; its text begins with a dash."""
