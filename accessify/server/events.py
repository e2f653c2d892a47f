"""`GET /v1/live/{id}/events`: the captions of a stream as server-sent events (HTML, "Server-sent events")."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from accessify.server.guard import problem
from accessify.server.live_log import LiveReader, Message
from accessify.server.refusal import Refused
from accessify.server.session import Session
from accessify.server.streams import Streams

_KEEP_ALIVE = 15.0
"""Seconds after which something is sent, so that nobody on the way takes the connection for dead."""
_RETRY = 1_000
"""Milliseconds after which a browser comes back."""


async def events(request: Request) -> Response:
    """Everything said in a stream, from the beginning or behind `Last-Event-ID`, while it is said."""
    streams: Streams = request.app.state.streams
    session = streams.find(request.path_params["id"])
    if session is None:
        return problem(404, "unknown-stream", "there is no such stream (any more)")
    last = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not last.isdecimal() or len(last) > 12:
        return problem(400, "bad-event-id", "Last-Event-ID must be the seq of a message")
    after = min(int(last), session.log.last)
    if session.log.over and session.log.refusal is None and 0 < after == session.log.last:
        return Response(status_code=204)  # tells a browser not to come back
    return StreamingResponse(
        _told(session, streams, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _told(session: Session, streams: Streams, after: int) -> AsyncIterator[str]:
    log = session.log
    reader = log.read(after)
    with streams.talking():
        try:
            started = {"type": "started", "id": session.id, "seq": 0, "resumed": after > 0}
            yield f"retry: {_RETRY}\n" + _spelled({**started, "missed": log.missed(after)}, number=False)
            async for text in _messages(reader):
                yield text
        except Refused as refused:
            yield _spelled(refused.event())
        finally:
            reader.close()


async def _messages(reader: LiveReader) -> AsyncIterator[str]:
    while True:
        try:
            message = await asyncio.wait_for(reader.next(), _KEEP_ALIVE)
        except TimeoutError:
            yield ": still here\n\n"
            continue
        if message is None:
            return
        yield _spelled(message)


def _spelled(message: Message, *, number: bool = True) -> str:
    """One event; JSON has no line feeds, so that no caption can begin an event of its own."""
    data = json.dumps(message, ensure_ascii=True, separators=(",", ":"))
    name = f"id: {message['seq']}\n" if number and "seq" in message else ""
    return f"{name}event: {message['type']}\ndata: {data}\n\n"
