"""What is told to the pages of one room: numbered, kept for pages that come back, from any thread."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from accessify.server.live_log import Told, spelled

COVERED = frozenset({"job", "cues", "draft"})
"""Messages that say nothing which the state of the room does not say."""


class RoomLog:
    """Messages 1, 2, 3 … of a room: the newest `most` of those that its state says, and as many others."""

    def __init__(self, most: int) -> None:
        self._kept: deque[Told] = deque()
        self._covered: deque[Told] = deque()
        self._most = most
        self._lost = 0  # number of the newest message that is not kept any more
        self._lock = threading.Lock()
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.last = 0
        """Number of the newest message."""
        self.over = False
        """Whether the room is gone."""

    def tell(self, message: Mapping[str, Any]) -> None:
        """Number a message (it has a `type`) and hand it to all pages."""
        with self._lock:
            self.last += 1
            told = spelled(dict(message))
            kept = self._covered if told.type in COVERED else self._kept
            kept.append(Told(told.type, told.text, self.last))
            if len(kept) > self._most:
                self._lost = max(self._lost, kept.popleft().seq or 0)
        self._wake()

    def end(self) -> None:
        """Nothing more comes."""
        self.over = True
        self._wake()

    def after(self, number: int) -> list[Told]:
        """The messages behind message `number`, as far as they are kept."""
        with self._lock:
            found = [told for told in (*self._kept, *self._covered) if (told.seq or 0) > number]
        return sorted(found, key=lambda told: told.seq or 0)

    def knows(self, number: int) -> bool:
        """Whether all messages behind message `number` are kept."""
        with self._lock:
            return self._lost <= number <= self.last

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set with every message."""
        listener = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._listeners.add(listener)
        try:
            yield listener[1]
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _wake(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for loop, news in listeners:
            with suppress(RuntimeError):  # the loop is closed: the server has stopped
                loop.call_soon_threadsafe(news.set)
