"""Cues of a file in the order of time, with a note on each that its file has elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from accessify.core.text import Cue
from accessify.core.timeline import Note, Track


def in_order(cues: Iterable[Cue], notes: Iterable[Note]) -> Track[Cue]:
    """The track of a file's cues, and a note of the kind `order` on each that starts before one above it.

    For formats whose cues should stand in the order of time (WebVTT §4.1, and SubRip by custom).
    """
    latest, found, kept = 0, [], []
    for number, cue in enumerate(cues, 1):
        kept.append(cue)
        if cue.span.start < latest:
            found.append(Note(cue.span, "order", f"cue {number} of the file stands behind a later one"))
        latest = max(latest, cue.span.start)
    return Track.of(kept, [*notes, *found])
