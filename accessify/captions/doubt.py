"""What a person should listen to first: the words the recogniser was least sure of."""

from __future__ import annotations

from accessify.captions.formats.clock import clock_text
from accessify.core.text import Word
from accessify.core.timeline import Track

UNSURE = 0.5
"""Words below this confidence are listed."""


def unsure_words(words: Track[Word], below: float = UNSURE) -> tuple[Word, ...]:
    """The words whose confidence (0 to 1) is known and less than `below`, in order of time."""
    return tuple(word for word in words if word.confidence is not None and word.confidence < below)


def unsure_remarks(words: Track[Word], below: float = UNSURE) -> tuple[str, ...]:
    """A remark for whoever edits the captions: where to listen first; empty when all is sure."""
    unsure = unsure_words(words, below)
    if not unsure:
        return ()
    lines = [f"{clock_text(word.span.start)} {word.text} ({word.confidence:.0%} sure)" for word in unsure]
    return ("\n".join(("Listen to these words first:", *lines)),)
