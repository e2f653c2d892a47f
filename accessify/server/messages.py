"""Live captions as the JSON messages of the live protocol (docs/live-protocol.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from accessify.captions.roll import Roll, RollOptions
from accessify.core.live import LiveLine, LiveUpdate
from accessify.core.text import Word, join_words
from accessify.core.timeline import Note, to_seconds
from accessify.server.live_log import Message


class Messenger:
    """Turns the updates of one stream into messages."""

    def __init__(self, options: RollOptions) -> None:
        self._roll = Roll(options)
        self._shown: dict[int, str] = {}  # the open line's text so far
        self._next_line = 1

    def finish(self) -> Iterator[Message]:
        """The line that is open is complete."""
        return map(self._line, self._roll.finish())

    def numbered(self, update: LiveUpdate) -> Iterator[Message]:
        """What an update says for good."""
        for line in self._roll.push(update):
            yield self._line(line)
        for note in update.notes:
            yield note_message(note)
        if update.final:
            text = join_words(word.text for word in update.final)
            yield {"type": "final", "text": text, "words": words_json(update.final)}

    def tail(self, update: LiveUpdate) -> Message:
        """What an update says for now."""
        return {
            "type": "tail",
            "text": join_words(update.tail),
            "line": self._next_line,
            "clock": seconds_json(update.clock),
            "lag": seconds_json(update.lag),
            "state": update.state.value,
        }

    def _line(self, line: LiveLine) -> Message:
        before = self._shown.pop(line.number, "")
        if not line.closed:
            self._shown[line.number] = line.text
        self._next_line = line.number + 1 if line.closed else line.number
        return {
            "type": "line",
            "line": line.number,
            "text": line.text,
            "new": line.text[len(before) :].strip(),
            "start": seconds_json(line.span.start),
            "end": seconds_json(line.span.end),
            "closed": line.closed,
            "speaker": line.speaker,
            "correction": line.correction,
            "words": words_json(line.words),
        }


def note_message(note: Note) -> Message:
    """A remark on the sound."""
    start, end = seconds_json(note.span.start), seconds_json(note.span.end)
    return {"type": "note", "kind": note.kind, "text": note.text, "start": start, "end": end}


def words_json(words: Sequence[Word]) -> list[dict[str, Any]]:
    """Words with their times in seconds."""
    return [
        {
            "text": word.text,
            "start": seconds_json(word.span.start),
            "end": seconds_json(word.span.end),
            "confidence": None if word.confidence is None else round(word.confidence, 3),
        }
        for word in words
    ]


def seconds_json(ticks: int) -> float:
    """Seconds, to the millisecond."""
    return round(to_seconds(ticks), 3)
