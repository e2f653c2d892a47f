"""What was signed, as the page is told it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accessify.core.text import Document
from accessify.core.timeline import Note, to_seconds
from accessify.pipelines.performance import Performance
from accessify_app.signing_asked import Source

_MOST_NOTES = 100
"""Of one kind that are told one by one."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest signing of a room, kept so that a download need not begin from nothing."""

    version: int
    performance: Performance
    asked: dict[str, Any]
    """What the page asked for, to fill its form again."""
    source: Source
    written: str
    """Language tag by which the text was read."""
    captions: Document | None = None
    """Those it was made from."""
    film: str = ""
    """Its film in the room; empty while that is being drawn."""
    renderer: str = ""
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Downloads in the room that were made of it, by what was asked for."""


def answer_of(signed: Signed) -> dict[str, Any]:
    """The signing as JSON, times in seconds from its first picture."""
    performance, part = signed.performance, signed.source.part
    return {
        "version": signed.version,
        "film": signed.film or None,
        "duration": to_seconds(performance.motion.span.duration),
        "language": performance.language,
        "written": signed.written,
        "asked": signed.asked,
        "renderer": signed.renderer,
        "glosses": [
            {
                "start": to_seconds(gloss.span.start),
                "end": to_seconds(gloss.span.end),
                "text": gloss.text,
                "name": gloss.name,
                "origin": gloss.origin.value,
                "source": gloss.source,
            }
            for gloss in performance.glosses
        ],
        "notes": notes_of(performance.glosses.notes),
        "part": part and {"first": part.first, "last": part.last, "total": part.total},
        "made": signed.made,
    }


def notes_of(notes: Iterable[Note]) -> list[dict[str, Any]]:
    """Notes by their kinds: how many, and the first of them with their moments."""
    kinds: dict[str, list[Note]] = {}
    for note in notes:
        kinds.setdefault(note.kind, []).append(note)
    return [
        {
            "kind": kind,
            "count": len(found),
            "items": [{"start": to_seconds(n.span.start), "text": n.text} for n in found[:_MOST_NOTES]],
        }
        for kind, found in kinds.items()
    ]
