"""Plain text (.txt): what is said, as a transcript to read; written only, since it has no times.

A paragraph ends where the speaker changes or nothing is shown for two seconds.
"""

from __future__ import annotations

from accessify.core.text import Cue, Document, join_words
from accessify.core.timeline import seconds

_PAUSE = seconds(2)


def write_txt(document: Document) -> str:
    """The document's text, paragraph by paragraph; title and origin stand above it."""
    head = [text for text in (document.title, document.origin) if text]
    return "".join(f"{part}\n\n" for part in [*head, *_paragraphs(document)]).removesuffix("\n")


def _paragraphs(document: Document) -> list[str]:
    groups: list[list[Cue]] = []
    for cue in document.cues:
        last = groups[-1][-1] if groups else None
        if last and last.speaker == cue.speaker and cue.span.start - last.span.end < _PAUSE:
            groups[-1].append(cue)
        else:
            groups.append([cue])
    return [text for group in groups if (text := _paragraph(group))]


def _paragraph(cues: list[Cue]) -> str:
    text = join_words(word for cue in cues for word in cue.text.split())
    speaker = cues[0].speaker
    return f"{speaker}: {text}" if speaker and text else text
