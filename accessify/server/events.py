"""`GET /v1/live/{id}/events`: the captions of a stream as server-sent events (HTML, "Server-sent events")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from accessify.server.guard import problem
from accessify.server.live_log import Told, spelled
from accessify.server.refusal import Refused
from accessify.server.session import Session
from accessify.server.streams import Streams

KEEP_ALIVE = 15.0
"""Seconds after which something is sent, so that nobody on the way takes the connection for dead."""
STILL_HERE = ": still here\n\n"
"""What is sent then."""
RETRY = "retry: 1000\n"
"""A browser comes back after a second."""

Tell = Callable[[str], Coroutine[Any, Any, None]]
"""Sends events; raises `TimeoutError` or `OSError` where the reader does not read or is gone."""


async def events(request: Request) -> Response:
    """Everything said in a stream, from the beginning or behind `Last-Event-ID`, while it is said."""
    streams: Streams = request.app.state.streams
    session = streams.find(request.path_params["id"])
    if session is None:
        return problem(404, "unknown-stream", "there is no such stream (any more)")
    last = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not (last.isascii() and last.isdecimal()) or len(last) > 12:
        return problem(400, "bad-event-id", "Last-Event-ID must be the seq of a message")
    after = min(int(last), session.log.last)
    if session.log.over and 0 < after == session.log.last:
        return Response(status_code=204)  # tells a browser not to come back
    return EventStream(streams, lambda tell: _told(session, after, tell))


class EventStream(Response):
    """An answer that goes on until `work` has sent all, the reader goes, or it stops reading."""

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, work: Callable[[Tell], Coroutine[Any, Any, None]]) -> None:
        self.status_code, self.background, self.body = 200, None, b""
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams, self._work = streams, work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        with self._streams.talking():
            tasks = {asyncio.create_task(self._send_all(send)), asyncio.create_task(_gone(receive))}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            except (TimeoutError, OSError):  # it does not read, or is gone
                pass
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_all(self, send: Send) -> None:
        async def tell(text: str) -> None:
            async with asyncio.timeout(self._streams.limits.send_seconds):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

        await self._work(tell)
        await send({"type": "http.response.body", "body": b""})


async def _told(session: Session, after: int, tell: Tell) -> None:
    """Tell a stream's messages to its end."""
    reader = session.log.read(after)
    try:
        started = {"type": "started", "id": session.id, "seq": 0, "resumed": after > 0}
        await tell(RETRY + event(spelled({**started, "missed": session.log.missed(after)})))
        while True:
            try:
                message = await asyncio.wait_for(reader.next(), KEEP_ALIVE)
            except TimeoutError:
                await tell(STILL_HERE)
                continue
            if message is None:
                return
            await tell(event(message))
    except Refused as refused:
        await tell(event(spelled(refused.event())))
    finally:
        reader.close()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(message: Told) -> str:
    """One event; JSON has no line feeds, so that no caption can begin an event of its own."""
    number = f"id: {message.seq}\n" if message.seq else ""
    return f"{number}event: {message.type}\ndata: {message.text}\n\n"
