"""All live streams of a server: opening, finding, taking up again, and letting go."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from accessify.engines.registry import AUTO
from accessify.pipelines.live import LiveEngine
from accessify.server.metrics import Metrics, most
from accessify.server.options import ServerOptions
from accessify.server.refusal import Refused
from accessify.server.session import Session
from accessify.server.start import Start

log = logging.getLogger(__name__)

_SWEEP_EVERY = 1.0
_STOPPING = "the server stops; connect again in a moment and start a new stream"


class Streams:
    """The live streams of one server, on one event loop."""

    def __init__(self, engine: LiveEngine, options: ServerOptions, metrics: Metrics) -> None:
        self.limits, self.metrics = options.limits, metrics
        self.stopped = asyncio.Event()
        """Set when nothing new is begun any more."""
        self._engine, self._language = engine, options.live.language
        self._sessions: dict[str, Session] = {}
        self._opening = 0
        self._talks = 0
        self._finishing: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="accessify-finish")
        metrics.watch("accessify_streams", "Live streams that are open", lambda: len(self._live()))
        metrics.watch("accessify_readers", "Sockets and event streams that read", self._readers)
        metrics.watch("accessify_queue_seconds", "Sound waiting to be listened to, of all", self._queue)
        metrics.watch("accessify_worst_lag_seconds", "The same, of the worst stream", self.lag)
        factor = "Processor seconds for a second of live sound, over the last seconds of it"
        metrics.watch("accessify_real_time_factor", factor, lambda: metrics.real_time_factor)

    @property
    def stopping(self) -> bool:
        """Whether nothing new is begun any more."""
        return self.stopped.is_set()

    async def open(self, start: Start, address: str) -> Session:
        """The stream that a client at `address` asks for, new or taken up again. Raises `Refused`."""
        if self.stopping:
            raise Refused("restarting", _STOPPING)
        self._check_language(start.language)
        if start.resume is not None:
            return self._resumed(start)
        if len(self._live()) + self._opening >= self.limits.streams:
            raise Refused("too-many", f"all {self.limits.streams} streams are taken; try again later")
        if sum(session.address == address for session in self._live()) >= self.limits.per_address:
            text = f"{self.limits.per_address} streams from your address are open; finish one"
            raise Refused("too-many", text)
        self._opening += 1
        try:
            session = await Session.open(self._engine, start, self.limits.log_events, self.metrics)
        finally:
            self._opening -= 1
        session.address = address
        self._sessions[session.id] = session
        self.metrics.streams.inc()
        return session

    def find(self, name: str) -> Session | None:
        """The stream with this id, while it can be read."""
        return self._sessions.get(name)

    def lag(self) -> float:
        """Seconds that the worst stream is behind."""
        return most(session.behind for session in self._live())

    @property
    def open_count(self) -> int:
        """Streams that are not over."""
        return len(self._live())

    @contextmanager
    def talking(self) -> Iterator[None]:
        """While a socket or an event stream is served; `drain` waits for them."""
        self._talks += 1
        try:
            yield
        finally:
            self._talks -= 1

    async def finish(self, session: Session) -> None:
        """Hear a stream out and end it."""
        await session.finish(self._threads)

    def finish_soon(self, session: Session) -> None:
        """The same, without waiting for it."""
        task = asyncio.create_task(self.finish(session))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def sweep(self) -> None:
        """For ever: finish streams whose client did not come back, forget those that ended long ago."""
        while True:
            await asyncio.sleep(_SWEEP_EVERY)
            now = time.monotonic()
            for session in tuple(self._sessions.values()):
                away = 0.0 if session.left_at is None else now - session.left_at
                if session.log.over:
                    if away > self.limits.kept_seconds:
                        del self._sessions[session.id]
                elif away > self.limits.linger_seconds and not session.finishing:
                    self.finish_soon(session)

    async def drain(self, most_seconds: float = 15.0) -> None:
        """Stop: hear out every open utterance, tell every client, wait until they were told."""
        self.stopped.set()
        live = self._live()
        finishing = [session.finish(self._threads, Refused("restarting", _STOPPING)) for session in live]
        ends = time.monotonic() + most_seconds
        try:
            async with asyncio.timeout(most_seconds):
                await asyncio.gather(*finishing)
        except TimeoutError:
            log.warning("some streams could not be heard out in %.0f s", most_seconds)
        for session in live:
            if not session.log.over:
                session.drop()
        while self._talks and time.monotonic() < ends + 2:
            await asyncio.sleep(0.05)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _resumed(self, start: Start) -> Session:
        session = self._sessions.get(start.resume or "")
        if session is None or not session.knows(start.key):
            raise Refused("unknown-stream", "there is no such stream (any more); start a new one")
        if start.after > session.log.last:
            text = (
                f"the stream has no message {start.after} yet, the last is {session.log.last}; resume from it"
            )
            raise Refused("bad-start", text)
        return session

    def _check_language(self, language: str | None) -> None:
        wanted = (language or self._language).lower().split("-")[0]
        heard = self._language.lower().split("-")[0]
        if heard not in (wanted, AUTO):
            raise Refused("bad-start", f"this server listens to {self._language!r}, not to {language!r}")

    def _live(self) -> list[Session]:
        return [session for session in self._sessions.values() if not session.log.over]

    def _readers(self) -> float:
        return float(sum(session.log.readers for session in self._sessions.values()))

    def _queue(self) -> float:
        return sum(session.behind for session in self._live())
