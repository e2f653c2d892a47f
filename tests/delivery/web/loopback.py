"""A server on loopback for the browser tests: the files of the package, pages of the tests, live messages.

It plays the server's side of docs/live-protocol.md as each test tells it to, so that faults can be made to
happen at a given moment.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

import accessify.delivery

WEB = Path(accessify.delivery.__file__).parent / "web"
POLICY = "default-src 'self'; style-src 'self'; script-src 'self'"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
Message = dict[str, Any]


@dataclass
class Talk:
    """One socket of a client, as the server sees it."""

    socket: WebSocket
    loop: asyncio.AbstractEventLoop
    start: Message = field(default_factory=dict)
    sound: int = 0
    """Bytes that came."""
    head: bytes = b""
    """The first of them."""
    finished: bool = False

    def send(self, *messages: Message) -> None:
        for message in messages:
            text = json.dumps(message)
            asyncio.run_coroutine_threadsafe(self.socket.send_text(text), self.loop).result(10)

    def close(self, code: int = 1011) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the page was quicker
            asyncio.run_coroutine_threadsafe(self.socket.close(code), self.loop).result(10)


class Loopback:
    """Runs until `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, str] = {}
        self.events: list[Message] = []
        self.asked: list[str] = []
        """Query of every event stream that was asked for."""
        self.cut = False
        """Whether event streams end after what is there."""
        self.talks: list[Talk] = []
        self.token: str | None = None
        routes = [
            WebSocketRoute("/v1/captions", self._captions),
            WebSocketRoute("/relay", self._relay),
            Route("/v1/models", self._models),
            Route("/events", self._events),
            Route("/{name}", self._file),
            Route("/", self._file),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        waited(lambda: self._server.started, "the server starts")
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def address(self, name: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self.cut = self._server.force_exit = self._server.should_exit = True
        self._thread.join(10)

    def clear(self) -> None:
        self.pages, self.events, self.asked, self.talks = {}, [], [], []
        self.cut, self.token = False, None

    def talk(self, number: int = 0) -> Talk:
        """A client's socket whose start message has come."""
        waited(lambda: len(self.talks) > number, f"socket {number} comes")
        return self.talks[number]

    async def _file(self, request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        if name in self.pages:
            kind = "text/vtt" if name.endswith(".vtt") else _TYPES.get(Path(name).suffix, "text/html")
            return Response(self.pages[name], media_type=kind, headers=headers)
        for folder in (WEB, self.folder):
            if (folder / name).is_file():
                return FileResponse(folder / name, headers=headers, media_type=_TYPES.get(Path(name).suffix))
        return Response(status_code=404)

    async def _models(self, request: Request) -> Response:
        known = self.token is None or request.headers.get("authorization") == f"Bearer {self.token}"
        return JSONResponse({}, 200 if known else 401)

    async def _events(self, request: Request) -> Response:
        self.asked.append(request.url.query)
        return StreamingResponse(self._told(), media_type="text/event-stream")

    async def _told(self) -> AsyncIterator[str]:
        yield "retry: 100\n\n"
        told = 0
        while not (self.cut and told == len(self.events)):
            for message in self.events[told:]:
                told += 1
                number = f"id: {message['seq']}\n" if "seq" in message else ""
                yield f"{number}event: {message['type']}\ndata: {json.dumps(message)}\n\n"
            await asyncio.sleep(0.02)

    async def _relay(self, socket: WebSocket) -> None:
        self.asked.append(socket.url.query)
        await socket.accept()
        told = 0
        while not (self.cut and told == len(self.events)):
            for message in self.events[told:]:
                told += 1
                await socket.send_json(message)
            await asyncio.sleep(0.02)
        await socket.close()

    async def _captions(self, socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", ())
        if self.token is not None and f"bearer.{self.token}" not in offered:
            await socket.close()
            return
        await socket.accept("accessify" if "accessify" in offered else None)
        talk = Talk(socket, asyncio.get_running_loop())
        try:
            talk.start = json.loads(await socket.receive_text())
            self.talks.append(talk)
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                data = message.get("bytes") or b""
                talk.sound += len(data)
                talk.head = (talk.head + data[:4])[:4]  # the first message may be one byte
                talk.finished |= "finish" in (message.get("text") or "")
        except (WebSocketDisconnect, RuntimeError):
            return


def waited(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"in {seconds} s: {what}"
        time.sleep(0.02)


def line(seq: int, number: int, text: str, **more: object) -> Message:
    """A `line` message."""
    return {"type": "line", "seq": seq, "line": number, "text": text, "start": seq, "end": seq + 1.0} | {
        "closed": False,
        "speaker": None,
        "correction": False,
        **more,
    }


def tail(text: str, **more: object) -> Message:
    """A `tail` message."""
    return {"type": "tail", "text": text, "line": 1, "clock": 1.0, "lag": 0.2, "state": "speech", **more}
