"""`/rooms`: opening a room, what goes on in it, and the files it holds.

    POST   /rooms                                        {"key"}
    GET    /rooms/KEY                                    files, jobs, captions so far
    DELETE /rooms/KEY                                    everything goes at once
    GET    /rooms/KEY/events                             the same, then every change, as server-sent events
    PUT    /rooms/KEY/files/NAME?at=0&size=100&title=…   one piece of a file; {"received"}
    GET    /rooms/KEY/files/NAME?as=…                    a file, or a range of it
    DELETE /rooms/KEY/files/NAME
    WS     /rooms/KEY/camera                             as `camera` says

The key stands in the address: nothing logs addresses, and no page is told them as a referrer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accessify.core.errors import AccessifyError, DiskFull
from accessify.server.camera import camera_routes
from accessify.server.events import KEEP_ALIVE, RETRY, STILL_HERE, EventStream, Tell
from accessify.server.jobs import Jobs
from accessify.server.live_log import Told, spelled
from accessify.server.problem import problem_of
from accessify.server.refusal import Refused
from accessify.server.room_files import delete_file, get_file, put_file, unkept
from accessify.server.room_log import COVERED
from accessify.server.rooms import Room, Rooms
from accessify.server.streams import Streams

log = logging.getLogger(__name__)

_STATUS = {
    "no-room": 404,
    "no-file": 404,
    "bad-name": 400,
    "bad-piece": 400,
    "behind": 409,
    "upload-replaced": 409,
    "stalled": 408,
    "too-big": 413,
    "room-full": 413,
    "disk-full": 413,
    "too-many": 429,
    "restarting": 503,
}
"""Code of a problem → HTTP status; 500 for others."""

_SWEEP_EVERY = 30.0

Handler = Callable[[Request, Room], Awaitable[Response]]


def room_routes() -> list[BaseRoute]:
    """Routes that read `app.state.rooms`, `.jobs` and `.streams`."""
    return [
        Route("/rooms", _open, methods=["POST"]),
        Route("/rooms/{key}", _in_room(_state), methods=["GET"]),
        Route("/rooms/{key}", _in_room(_leave), methods=["DELETE"]),
        Route("/rooms/{key}/events", _in_room(_events), methods=["GET"]),
        Route("/rooms/{key}/files/{name}", _in_room(put_file), methods=["PUT"]),
        Route("/rooms/{key}/files/{name}", _in_room(get_file), methods=["GET"]),
        Route("/rooms/{key}/files/{name}", _in_room(delete_file), methods=["DELETE"]),
        *camera_routes(),
    ]


async def sweep_rooms(rooms: Rooms, jobs: Jobs) -> None:
    """For ever: remove rooms that nobody has used for long, and what there is of their jobs."""
    while True:
        await asyncio.sleep(_SWEEP_EVERY)
        try:
            await asyncio.to_thread(rooms.sweep)
            await asyncio.to_thread(jobs.sweep, rooms.has)
        except Exception:  # one look that fails must not be the last
            log.exception("rooms could not be looked through")


def room_state(room: Room, jobs: Jobs) -> dict[str, Any]:
    """All that a page needs to go on where it, or another one, was."""
    ours = jobs.of(room)
    draft = room.values.get("draft")
    return {
        "type": "state",
        "files": room.files(),
        "jobs": [job.row() for job in ours],
        "draft": None if draft is None else {"version": draft.version},
        "cues": [{"kind": job.kind, "from": 0, "cues": list(job.cues)} for job in ours if job.cues],
    }


def _in_room(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler that is given the room, and whose errors are told as problems."""

    @wraps(handler)
    async def handle(request: Request) -> Response:
        room = None
        try:
            room = request.app.state.rooms.find(request.path_params["key"])
            return await handler(request, room)
        except (Refused, AccessifyError) as error:
            return _problem(error, room)

    return handle


def _problem(error: Refused | AccessifyError, room: Room | None = None) -> Response:
    told = problem_of(error, room)
    status = 507 if isinstance(error, DiskFull) else _STATUS.get(told["code"], 500)
    received = {"received": told["data"]["received"]} if told["code"] == "behind" else {}
    return unkept({"problem": told, **received}, status)


async def _open(request: Request) -> Response:
    rooms: Rooms = request.app.state.rooms
    try:
        return unkept({"key": rooms.open().key}, 201)
    except Refused as refused:
        return _problem(refused)


async def _state(request: Request, room: Room) -> Response:
    return unkept(room_state(room, request.app.state.jobs))


async def _leave(request: Request, room: Room) -> Response:
    await asyncio.to_thread(request.app.state.jobs.forget, room)
    await asyncio.to_thread(request.app.state.rooms.remove, room)
    return Response(status_code=204)


async def _events(request: Request, room: Room) -> Response:
    last = request.headers.get("last-event-id", "")
    seen = int(last) if last.isascii() and last.isdecimal() and len(last) <= 12 else None
    streams: Streams = request.app.state.streams

    async def told(tell: Tell) -> None:
        with room.watched():
            await _tell_room(room, request.app.state.jobs, seen, tell, streams.stopped)

    return EventStream(streams, told)


async def _tell_room(room: Room, jobs: Jobs, seen: int | None, tell: Tell, stopped: asyncio.Event) -> None:
    """The state of the room, what a page that comes back has missed, and all that happens from then on."""
    stopping = asyncio.create_task(stopped.wait())
    try:
        with room.log.listening() as news:
            await tell(RETRY)
            after = await _catch_up(room, jobs, seen, tell)
            while not (stopped.is_set() or room.log.over):
                news.clear()
                if not room.log.knows(after):  # the page was too slow
                    after = await _catch_up(room, jobs, after, tell)
                messages = room.log.after(after)
                for message in messages:
                    await tell(_event(message))
                    after = message.seq or after
                if not messages and not await _news(news, stopping):
                    await tell(STILL_HERE)
    finally:
        stopping.cancel()


async def _catch_up(room: Room, jobs: Jobs, seen: int | None, tell: Tell) -> int:
    """Tell the state, and what happened behind message `seen` that it does not say; the newest of these."""
    newest = room.log.last
    await tell(_event(spelled(room_state(room, jobs))))
    for message in room.log.after(seen) if seen is not None else ():
        if message.type not in COVERED and (message.seq or 0) <= newest:
            await tell(_event(message))
    return newest


def _event(message: Told) -> str:
    """Without a name: a page has one listener, and looks at the `type`."""
    number = f"id: {message.seq}\n" if message.seq else ""
    return f"{number}data: {message.text}\n\n"


async def _news(news: asyncio.Event, stopping: asyncio.Task[Any]) -> bool:
    """Whether there is something to tell, or to stop for, before the reader wants a sign of life."""
    waiting = asyncio.create_task(news.wait())
    try:
        done, _ = await asyncio.wait(
            (waiting, stopping), timeout=KEEP_ALIVE, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        waiting.cancel()
    return bool(done)
