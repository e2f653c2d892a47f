"""Notes of a track as remarks in a caption file, where its editor meets them, and back."""

from __future__ import annotations

import re

from accessify.captions.formats.clock import TIME, clock_text, ticks_of
from accessify.core.text import Document
from accessify.core.timeline import Note, Span

_NOTE = re.compile(rf"([A-Za-z0-9_-]+), {TIME} to {TIME}: (.*)")
_OF_READING = frozenset({"ignored", "order", "encoding"})
"""Kinds of notes that readers make: they speak of the file that was read, not of the captions."""


def lasting_notes(document: Document) -> tuple[Note, ...]:
    """The notes that belong to the captions rather than to the file they were read from, each once."""
    notes = dict.fromkeys([*document.cues.notes, *document.words.notes])
    return tuple(sorted((note for note in notes if note.kind not in _OF_READING), key=lambda note: note.span))


def spell_note(note: Note) -> str:
    """A note as one line, e.g. `unheard, 00:00:01.000 to 00:00:02.000: maybe speech`."""
    start, end = (clock_text(max(0, ticks)) for ticks in (note.span.start, note.span.end))
    return f"{note.kind}, {start} to {end}: {' '.join(note.text.split())}"


def parse_note(text: str) -> Note | None:
    """The note that a remark spells, or None where it is a remark of another kind."""
    match = _NOTE.fullmatch(text)
    if not match:
        return None
    try:
        start, end = ticks_of(*match.groups()[1:5]), ticks_of(*match.groups()[5:9])
        return Note(Span(start, end), match[1], match[10])
    except ValueError:
        return None
