"""A draft as its page keeps it too, so that a program that is started anew gets it back without loss.

What lies in a room ends with the program; a page that is still open then holds the document's head, and each
caption with its row. What comes back from it is doubted like all else that comes from a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from accessify.captions.film import Film
from accessify.captions.formats.native import cues_data, document_data
from accessify.captions.formats.vtt import spell_rate
from accessify.captions.rules import profile_for
from accessify.core.text import Cue, Document
from accessify.core.timeline import Rate, Track
from accessify.delivery.files import read_captions
from accessify.pipelines.draft import Draft
from accessify.server.refusal import Refused

_MOST = 100_000
"""Shot changes of a film."""


def head_copy(draft: Draft) -> dict[str, Any]:
    """All of a draft that its captions do not hold: `document` without them, and `film` or null."""
    film, document = draft.film, draft.document
    empty = replace(document, cues=Track((), document.cues.notes))
    return {
        "document": document_data(empty),
        "film": None
        if film is None
        else {
            "rate": spell_rate(film.rate),
            "shots": list(film.shots),
            "end": film.end,
            "start": film.start,
        },
    }


def cue_copies(cues: Iterable[Cue], document: Document) -> list[dict[str, Any]]:
    """Captions of `document` as its JSON has them."""
    return cues_data(cues, document.words)


def copied_draft(path: Path, kept: Mapping[str, Any]) -> Draft:
    """The draft of the document at `path`; `kept` are its `film`, `profile` and `edited`.

    Raises `FormatError`, `UnknownName` and `Refused`.
    """
    document = read_captions(path)
    guide = profile_for(document.language or "en", str(kept.get("profile")))
    return Draft(document, _film(kept.get("film")), guide, edited=kept.get("edited") is True)


def _film(told: Any) -> Film | None:
    match told:
        case None:
            return None
        case {"rate": str(rate), "shots": list(shots), "end": end, "start": start} if (
            len(shots) <= _MOST
            and all(type(tick) is int for tick in (*shots, start))
            and (end is None or type(end) is int)
        ):
            try:
                return Film(Rate.parse(rate), tuple(shots), end, start)
            except ValueError:
                pass
    raise Refused("bad-request", "what is told of the film cannot be; load the page anew")
