"""The numbered messages of one live stream, and readers that each stand somewhere in them.

Readers share the log and hold no queue of their own, so a slow one costs nothing but its place; one that
is so slow that messages it lacks have been forgotten is told so. Used from the event loop only.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from accessify.server.refusal import Refused

Message = dict[str, Any]

_LINE_ENDS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "\x85\u2028\u2029"}
"""What ends a line for some readers, but stands as it is in JSON; it does so within strings only."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it is sent: kept as text, it takes a tenth of the memory."""

    type: str
    text: str
    """JSON, one line."""
    seq: int | None = None
    """Its number, where it has one."""


def spelled(message: Message) -> Told:
    """A message as text."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).translate(_LINE_ENDS)
    return Told(message["type"], text, message.get("seq"))


class LiveLog:
    """Messages 1, 2, 3 … of a stream, the newest `most` of them, and one that replaces itself."""

    def __init__(self, most: int) -> None:
        self._kept: deque[Told] = deque(maxlen=most)
        self._volatile: Told | None = None
        self._version = 0  # counts volatile messages
        self._readers: set[LiveReader] = set()
        self.last = 0
        """Number of the newest message."""
        self.over = False
        """Whether no message comes any more."""
        self.refusal: Refused | None = None
        """Why the stream was broken off, where it was."""

    @property
    def readers(self) -> int:
        """How many read it now."""
        return len(self._readers)

    def append(self, message: Message) -> None:
        """Number a message and hand it to all readers."""
        self.last += 1
        self._kept.append(spelled({"type": message["type"], "seq": self.last, **message}))
        self._wake()

    def tell(self, message: Message) -> None:
        """A message without a number; readers that have not seen the one before never will."""
        self._volatile, self._version = spelled(message), self._version + 1
        self._wake()

    def end(self, refusal: Refused | None = None) -> None:
        """Nothing more comes; readers get what is there and, where it was broken off, `refusal`."""
        self.over, self.refusal = True, self.refusal or refusal
        self._wake()

    def read(self, after: int = 0) -> LiveReader:
        """A reader behind message `after`; close it when done."""
        reader = LiveReader(self, after)
        self._readers.add(reader)
        return reader

    def forget(self, reader: LiveReader) -> None:
        """Serve `reader` no more."""
        self._readers.discard(reader)

    def first_behind(self, after: int) -> Told | None:
        """The oldest message kept whose number is greater than `after`."""
        index = max(0, after - (self.last - len(self._kept)))
        return self._kept[index] if index < len(self._kept) else None

    def volatile(self, seen: int) -> tuple[Told | None, int]:
        """The message without a number where it is newer than `seen`, and its version."""
        return (self._volatile if self._version > seen else None), self._version

    def missed(self, after: int) -> int:
        """How many messages behind `after` have been forgotten."""
        return max(0, self.last - len(self._kept) - after)

    def _wake(self) -> None:
        for reader in self._readers:
            reader.news.set()


class LiveReader:
    """One reader's place in a log."""

    def __init__(self, log: LiveLog, after: int) -> None:
        self._log = log
        self._after = min(after + log.missed(after), log.last)
        self._seen = 0
        self.news = asyncio.Event()

    async def next(self) -> Told | None:
        """The next message, waiting for it; None at the end of the stream.

        Raises `Refused` where messages were forgotten before they could be read, or where the stream was
        broken off.
        """
        while True:
            self.news.clear()
            if self._log.missed(self._after):
                raise Refused("slow-reader", "captions came faster than you read them; connect again")
            if (message := self._log.first_behind(self._after)) is not None:
                self._after += 1
                return message
            if self._log.over:
                if self._log.refusal is not None:
                    raise self._log.refusal
                return None
            message, self._seen = self._log.volatile(self._seen)
            if message is not None:
                return message
            await self.news.wait()

    def close(self) -> None:
        """Read no more."""
        self._log.forget(self)
