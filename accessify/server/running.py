"""Running the application under uvicorn, and stopping it without losing a word."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from accessify.server.streams import Streams

_GRACE = 30
"""Seconds that requests under way may take once the server stops."""


class Server(uvicorn.Server):
    """A server that hears all streams out before it closes their sockets."""

    def __init__(self, app: Starlette, host: str, port: int, on_ready: Callable[[str], None]) -> None:
        """`on_ready` gets the server's address once it can be reached."""
        self._streams: Streams = app.state.streams
        self._on_ready = on_ready
        largest = 4 * self._streams.limits.frame_bytes  # one that is a little too big gets a clear error
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="asyncio",
            http="h11",
            ws="websockets-sansio",
            ws_max_size=largest,
            ws_ping_timeout=None,  # a client that has to wait cannot answer; silence has a limit of its own
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,  # addresses may hold tokens
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say where."""
        await super().startup(sockets)
        for server in self.servers:
            for listener in server.sockets:
                host, port = listener.getsockname()[:2]
                self._on_ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
                return

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish open utterances and tell the clients, then close."""
        await self._streams.drain()
        await super().shutdown(sockets)
