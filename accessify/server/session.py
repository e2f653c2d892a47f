"""One live stream as the server keeps it: its log, its HLS captions, and who sends it sound.

Everything here happens on the event loop, save `hear`, which any thread may call.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.captions.reading import Pacer
from accessify.captions.roll import RollOptions
from accessify.core.live import LiveState, LiveUpdate
from accessify.core.timeline import Note, seconds, to_seconds
from accessify.pipelines.live import LiveEngine, LiveStream
from accessify.server.hls import CaptionTimeline
from accessify.server.live_log import LiveLog
from accessify.server.messages import Messenger, note_message
from accessify.server.metrics import Metrics
from accessify.server.refusal import Refused
from accessify.server.start import Start

_TURN = 0.1
"""Seconds between two looks whether the turn of a waiting word has come."""


class Session:
    """A live stream; `Session.open` makes it."""

    def __init__(self, start: Start, log_events: int, metrics: Metrics) -> None:
        self.id = secrets.token_urlsafe(12)
        self.log = LiveLog(log_events)
        self.captions = CaptionTimeline(start.width)
        self.address = ""
        """Of the client that opened it."""
        self.failed = False
        """Whether the listener has stopped by itself."""
        self.began = time.time()
        """Seconds since 1970 at which it was opened."""
        self.left_at: float | None = None
        """Monotonic seconds since which no client sends it sound; None while one does."""
        self._key = start.key
        self._messenger = Messenger(RollOptions(width=start.width))
        self._pacer = Pacer(start.pace) if start.pace else None
        self._latest: LiveUpdate | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._metrics = metrics
        self._stream: LiveStream | None = None  # let go once it is over: its networks take memory
        self._length = 0.0  # seconds of sound that had come when it was let go
        self._client: asyncio.Event | None = None
        self._finishing: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, engine: LiveEngine, start: Start, log_events: int, metrics: Metrics) -> Session:
        """A new stream of `engine`."""
        session = cls(start, log_events, metrics)
        loop = asyncio.get_running_loop()

        def on_update(update: LiveUpdate) -> None:
            loop.call_soon_threadsafe(session.take, update)

        session._stream = await asyncio.to_thread(engine.open, on_update)
        return session

    @property
    def clock(self) -> float:
        """Seconds of sound that have come."""
        return to_seconds(self._stream.clock) if self._stream else self._length

    @property
    def finishing(self) -> bool:
        """Whether it is being heard out, or was."""
        return self._finishing is not None

    @property
    def behind(self) -> float:
        """Seconds of sound that were not listened to yet."""
        return to_seconds(self._stream.behind) if self._stream and not self.log.over else 0.0

    def knows(self, key: str | None) -> bool:
        """Whether who presents `key` may go on with it."""
        return self._key is None or hmac.compare_digest(self._key.encode(), (key or "").encode())

    def attach(self) -> asyncio.Event:
        """Take the stream over as the client that sends sound; the event tells that another has."""
        if self._client is not None:
            self._client.set()
        self._client, self.left_at = asyncio.Event(), None
        return self._client

    def detach(self, client: asyncio.Event) -> None:
        """The client is gone; nothing happens where another has taken over."""
        if self._client is client:
            self._client, self.left_at = None, time.monotonic()

    def hear(self, sound: NDArray[np.float32]) -> None:
        """Take in 16 kHz sound [n]; what comes behind the end is not heard."""
        stream = self._stream  # another thread may let go of it
        if stream is None or self._finishing is not None:
            return
        try:
            stream.push(sound)
        except RuntimeError:  # the listener has failed, or was finished just now
            self.failed = self._finishing is None
            return
        self._metrics.hear(len(sound) / 16_000)

    def remark(self, note: Note) -> None:
        """Tell readers something about the sound."""
        if not self.log.over:
            self.log.append(note_message(note))

    def take(self, update: LiveUpdate) -> None:
        """Hand an update of the listener on to everybody."""
        if self.log.over:
            return
        self._metrics.count(update)
        self.captions.push(update)
        if self._pacer is None:
            self._tell(update)
            self._told_for_now(update)
            return
        for note in update.notes:  # they take no time to read
            self.remark(note)
        self._pacer.push(replace(update, notes=()), self._now())
        self._latest = update
        self._let_through()

    def _tell(self, update: LiveUpdate) -> None:
        for message in self._messenger.numbered(update):
            self.log.append(message)

    def _told_for_now(self, update: LiveUpdate) -> None:
        if update.state is LiveState.ENDED:
            for message in self._messenger.finish():
                self.log.append(message)
        else:
            self.log.tell(self._messenger.tail(update))

    def _let_through(self) -> None:
        """Words whose turn has come; again soon, while others wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        latest, pacer, now = self._latest, self._pacer, self._now()
        if latest is None or pacer is None or self.log.over:
            return
        pieces = pacer.rest() if latest.state is LiveState.ENDED else pacer.take(now)
        for piece in pieces:
            self._tell(piece)
        waiting = pacer.waiting > 0  # the tail would jump ahead of words that wait
        lag = latest.lag + pacer.lag(now)
        self._told_for_now(replace(latest, tail=() if waiting else latest.tail, lag=lag))
        if waiting:
            self._timer = asyncio.get_running_loop().call_later(_TURN, self._let_through)

    @staticmethod
    def _now() -> int:
        return seconds(asyncio.get_running_loop().time())

    async def finish(self, threads: Executor, refusal: Refused | None = None) -> None:
        """Hear out what is there and end; for `refusal`, where the stream is broken off from here."""
        if self._stream is None:
            return
        if self._finishing is None:
            loop = asyncio.get_running_loop()
            self._finishing = asyncio.ensure_future(loop.run_in_executor(threads, self._stream.finish))
        try:
            await asyncio.shield(self._finishing)
        except Exception as error:
            refusal = Refused("failed", f"listening failed ({type(error).__name__}); start a new stream")
        if self.failed:
            refusal = refusal or Refused("failed", "listening has failed; start a new stream")
        if self.log.over:
            return
        self.captions.end()
        if refusal is None:
            self.log.append({"type": "ended"})
        self.left_at = self.left_at or time.monotonic()
        self.log.end(refusal)
        self._length, self._stream = self.clock, None

    def drop(self) -> None:
        """End at once, without hearing out."""
        if self._stream is not None:
            self._stream.close()
        self.log.end(Refused("restarting", "the server stops; connect again in a moment"))
