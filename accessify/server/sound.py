"""Sound as one socket's client sends it, to 16 kHz mono; what is wrong with it, in the client's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MediaError
from accessify.core.timeline import Note
from accessify.media.live_sound import CONTAINER, SoundFeed
from accessify.server.refusal import Refused
from accessify.server.start import Start

Sink = Callable[[NDArray[np.float32]], None]
"""Takes 16 kHz mono sound [n], full scale -1 to 1; from any thread."""


class Ear:
    """Takes in a client's bytes and hands on sound."""

    def __init__(self, start: Start, sink: Sink) -> None:
        self._feed = SoundFeed(start.format, start.rate, start.channels)
        self._slow = start.format == CONTAINER  # decoding must not hold up other clients
        self._sink = sink
        self._lock = Lock()  # a feed that was given up may still be at work when `finish` comes

    async def feed(self, data: bytes) -> None:
        """The next bytes. Raises `Refused` where what came is no sound as declared."""
        if self._slow:
            await asyncio.to_thread(self._hand_on, lambda: self._feed.push(data))
        else:
            self._hand_on(lambda: self._feed.push(data))

    async def finish(self) -> tuple[Note, ...]:
        """No more bytes come; what could not be heard. Raises `Refused` as `feed` does."""
        await asyncio.to_thread(self._hand_on, self._feed.finish)
        return self._feed.notes

    def close(self) -> None:
        """Let go of what `finish` was not called for."""
        self._feed.close()

    def _hand_on(self, sounds: Callable[[], Iterable[NDArray[np.float32]]]) -> None:
        try:
            with self._lock:
                for sound in sounds():
                    self._sink(sound)
        except MediaError as error:
            raise Refused("bad-sound", error.message) from None
