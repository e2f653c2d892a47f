"""How far a long job has come: what every `on_progress` callback receives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a long job."""

    stage: str
    """What is being done, e.g. `fetch moonshine-tiny-en` or `transcribe`."""
    done: float
    """How much, in `unit`."""
    total: float | None
    """Of how much, or None when unknown."""
    unit: str = "s"
    """`s` of media or `B` (bytes)."""
    heard: tuple[str, ...] = ()
    """Words that were heard since the step before, where it listens."""


OnProgress = Callable[[Progress], None]
