"""Running the application under uvicorn, and stopping it without losing a word."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from accessify.core.errors import OptionError
from accessify.server.streams import Streams

_GRACE = 30
"""Seconds that requests under way may take once the server stops."""

_MOST_CONNECTIONS = 1_000
_TICKS_PER_LOOK = 100
"""Tenths of a second between two looks at connections that do not close."""
_TICKS_PER_SECOND = 10


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises `OptionError` where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OptionError(
            f"cannot listen on {host}, port {port}: {reason}; choose another --host or --port"
        ) from None


def _means_something(record: logging.LogRecord) -> bool:
    """Whether an error is one: uvicorn reports refused sockets, and readers that were cut off, as faults."""
    return not record.getMessage().startswith("ASGI callable returned without completing")


class Server(uvicorn.Server):
    """A server that hears all streams out before it closes their sockets."""

    def __init__(self, app: Starlette, on_ready: Callable[[str], None]) -> None:
        """`on_ready` gets the server's address once it is up; `run` takes the socket to listen on."""
        self._streams: Streams = app.state.streams
        self._on_ready = on_ready
        self._waiting: dict[int, int] = {}  # bytes each connection had not taken at the last look
        self._silent: dict[H11Protocol, tuple[Any, float]] = {}  # last request, and since when none came
        largest = 4 * self._streams.limits.frame_bytes  # one that is a little too big gets a clear error
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="websockets-sansio",
            ws_max_size=largest,
            ws_ping_timeout=None,  # a client that has to wait cannot answer; silence has a limit of its own
            ws_per_message_deflate=False,
            log_config=None,
            log_level="warning",  # below it, uvicorn writes the addresses of sockets too
            access_log=False,  # addresses may hold tokens
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE,
        )
        logging.getLogger("uvicorn.error").addFilter(_means_something)
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say where."""
        await super().startup(sockets)
        for server in self.servers:
            for listener in server.sockets:
                host, port = listener.getsockname()[:2]
                self._on_ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
                return

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections now and then, besides what uvicorn does."""
        if counter % _TICKS_PER_LOOK == 0:
            self._cut_off(closing=True)
        if counter % _TICKS_PER_SECOND == 0:
            self._hang_up()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish open utterances and tell the clients, then close."""
        await self._streams.drain()
        for _ in range(2):
            self._cut_off(closing=False)
            await asyncio.sleep(0.5)
        await super().shutdown(sockets)

    def _cut_off(self, *, closing: bool) -> None:
        """Abort connections that, between two looks, did not take anything of what they were sent.

        With `closing`, only those that are to be closed anyway: for others there is a time limit.
        """
        waiting: dict[int, int] = {}
        for connection in tuple(self.server_state.connections):
            transport = connection.transport
            size = transport.get_write_buffer_size()
            if size == 0 or (closing and not transport.is_closing()):
                continue
            if self._waiting.get(id(connection)) == size:
                transport.abort()
            waiting[id(connection)] = size
        self._waiting = waiting

    def _hang_up(self) -> None:
        """Abort connections that did not bring a whole request, sockets' upgrades included, in time.

        uvicorn only limits the time between requests, and that only until the first byte of the next.
        """
        now, silent = time.monotonic(), {}
        for connection in tuple(self.server_state.connections):
            if not isinstance(connection, H11Protocol):
                continue
            request = connection.cycle
            if request is not None and not request.response_complete:
                continue
            last, since = self._silent.get(connection, (None, now))
            since = since if last is request else now
            if now - since > self._streams.limits.start_seconds:
                connection.transport.abort()
            silent[connection] = (request, since)
        self._silent = silent
