"""Plain text (.txt): what is said, as a transcript to read; written only, since it has no times.

Sentences flow into paragraphs. A new one begins where the speaker changes or nothing is shown for two
seconds; inside it, what a dash leads (one of several speakers) or a note (song) has lines of its own.
In scripts without spaces a caption that ends in no mark ends its line: spaces and ends of captions stand for
marks there that style guides leave out.
"""

from __future__ import annotations

import re
from functools import reduce

from accessify.core.text import Cue, Document, is_unspaced, join_words, joint
from accessify.core.timeline import seconds

_PAUSE = seconds(2)
_MARKED = re.compile(r"\s*(?:[-–♪♫]|—\s)")
_ENDED = re.compile(r".*[.!?…。！？♪♫)\]][\"'”’»」』]*\s*", re.DOTALL)


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
    lines: list[list[str]] = []
    for cue in cues:
        for number, line in enumerate(cue.lines):
            if not lines or _MARKED.match(line) or (number == 0 and _is_over(lines[-1])):
                lines.append([])
            lines[-1] += line.split()
    text = "\n".join(join_words(words) for words in lines if words)
    letters = [letter for letter in text if letter.isalnum()]
    if 2 * sum(map(is_unspaced, letters)) > len(letters):
        text = "".join(_ended(reduce(_joined, cue.lines)) for cue in cues).rstrip("\n")
    speaker = cues[0].speaker
    return f"{speaker}: {text}" if speaker and text else text


def _joined(above: str, below: str) -> str:
    """Two lines of a caption as one."""
    return f"{above}{joint(above, below)}{below}" if above and below else above + below


def _ended(text: str) -> str:
    """What stands for a mark at its end, where it has none."""
    return f"{text}\n" if text[-1:].isalnum() else text


def _is_over(words: list[str]) -> bool:
    """Whether a marked line is complete, so that the next caption is no part of it."""
    return bool(words and _MARKED.match(words[0]) and _ENDED.fullmatch(words[-1]))
