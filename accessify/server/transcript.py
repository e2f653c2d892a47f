"""What was heard in a file, in the shapes that OpenAI's transcription endpoint gives it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accessify.captions.formats import FORMATS
from accessify.core.text import Cue, Document, Word, join_words
from accessify.core.timeline import to_seconds

NAMES = {"en": "english", "zh": "chinese", "de": "german"}
"""Languages as OpenAI spells them."""
TYPES = {"text": "text/plain; charset=utf-8", "srt": "application/x-subrip", "vtt": "text/vtt; charset=utf-8"}
"""Response formats that are no JSON."""


def text_of(document: Document) -> str:
    """All words, as running text."""
    return join_words(word.text for word in document.words)


def file_of(document: Document, name: str) -> str:
    """The answer for a format that is no JSON."""
    if name == "text":
        return text_of(document) + "\n"
    bare = replace(document, title=None, source=None)  # they name a temporary file
    return FORMATS[name].writer()(bare)


def plain_json(document: Document, duration: float) -> dict[str, Any]:
    """`json`."""
    return {"text": text_of(document), "usage": _usage(duration)}


def verbose_json(
    document: Document, duration: float, parts: Sequence[str], task: str = "transcribe"
) -> dict[str, Any]:
    """`verbose_json` with `parts`: `word`, `segment` or both."""
    language = (document.language or "en").split("-")[0]
    data: dict[str, Any] = {
        "task": task,
        "language": NAMES.get(language, language),
        "duration": round(duration, 3),
        "text": text_of(document),
    }
    if "word" in parts:
        data["words"] = [_word(word) for word in document.words]
    if "segment" in parts:
        data["segments"] = [_segment(number, cue) for number, cue in enumerate(document.cues)]
    return data | {"usage": _usage(duration)}


def _word(word: Word) -> dict[str, Any]:
    return {"word": word.text, "start": _seconds(word.span.start), "end": _seconds(word.span.end)}


def _segment(number: int, cue: Cue) -> dict[str, Any]:
    """A caption; what only Whisper's decoder knows is at the value that says nothing."""
    sure = [word.confidence for word in cue.words if word.confidence]
    data = cue.text.encode()
    return {
        "id": number,
        "seek": 0,
        "start": _seconds(cue.span.start),
        "end": _seconds(cue.span.end),
        "text": " ".join(cue.lines),
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(sum(map(math.log, sure)) / len(sure), 4) if sure else 0.0,
        "compression_ratio": round(len(data) / len(zlib.compress(data)), 4),
        "no_speech_prob": 0.0,
    }


def _usage(duration: float) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(duration)}


def _seconds(ticks: int) -> float:
    return round(to_seconds(ticks), 3)
