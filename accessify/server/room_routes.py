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
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accessify.core.errors import AccessifyError, DiskFull
from accessify.server.camera import camera_routes
from accessify.server.events import KEEP_ALIVE, RETRY, STILL_HERE, EventStream, Tell
from accessify.server.jobs import Jobs
from accessify.server.live_log import Told, spelled
from accessify.server.problem import problem_of
from accessify.server.refusal import Refused
from accessify.server.rooms import Room, Rooms
from accessify.server.streams import Streams
from accessify.server.uploads import Upload

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

_TYPES = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "json": "application/json",
    "vtt": "text/vtt; charset=utf-8",
    "srt": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "png": "image/png",
    "jpg": "image/jpeg",
    "glb": "model/gltf-binary",
}
"""What a browser may show by itself; all else is bytes to keep. HTML, SVG and XML can hold scripts."""
_COVERED = frozenset({"job", "cues", "draft"})
"""Messages that say nothing which the state of the room does not say."""
_WRITTEN_AT_ONCE = 1 << 20
_SWEEP_EVERY = 30.0
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What a download's name may not hold: folders, ends of lines, marks that turn the reading direction."""

Handler = Callable[[Request, Room], Awaitable[Response]]


def room_routes() -> list[BaseRoute]:
    """Routes that read `app.state.rooms`, `.jobs` and `.streams`."""
    return [
        Route("/rooms", _open, methods=["POST"]),
        Route("/rooms/{key}", _in_room(_state), methods=["GET"]),
        Route("/rooms/{key}", _in_room(_leave), methods=["DELETE"]),
        Route("/rooms/{key}/events", _in_room(_events), methods=["GET"]),
        Route("/rooms/{key}/files/{name}", _in_room(_put), methods=["PUT"]),
        Route("/rooms/{key}/files/{name}", _in_room(_get), methods=["GET"]),
        Route("/rooms/{key}/files/{name}", _in_room(_delete), methods=["DELETE"]),
        *camera_routes(),
    ]


async def sweep_rooms(rooms: Rooms, jobs: Jobs) -> None:
    """For ever: remove rooms that nobody has used for long, and what there is of their jobs."""
    while True:
        await asyncio.sleep(_SWEEP_EVERY)
        await asyncio.to_thread(rooms.sweep)
        jobs.sweep(rooms.has)


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


def _problem(error: Refused | AccessifyError, room: Room | None = None, **more: Any) -> Response:
    told = problem_of(error, room)
    status = _STATUS.get(told["code"], 500)
    return _json({"problem": told, **more}, 507 if isinstance(error, DiskFull) else status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


async def _open(request: Request) -> Response:
    rooms: Rooms = request.app.state.rooms
    try:
        return _json({"key": rooms.open().key}, 201)
    except Refused as refused:
        return _problem(refused)


async def _state(request: Request, room: Room) -> Response:
    return _json(room_state(room, request.app.state.jobs))


async def _leave(request: Request, room: Room) -> Response:
    request.app.state.jobs.forget(room)
    request.app.state.rooms.remove(room)
    return Response(status_code=204)


async def _events(request: Request, room: Room) -> Response:
    last = request.headers.get("last-event-id", "")
    seen = int(last) if last.isascii() and last.isdecimal() and len(last) <= 12 else None
    streams: Streams = request.app.state.streams

    async def told(tell: Tell) -> None:
        with room.in_use():
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
        if message.type not in _COVERED and (message.seq or 0) <= newest:
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


async def _put(request: Request, room: Room) -> Response:
    name, asked = request.path_params["name"], request.query_params
    room.file(name)  # raises for a bad name
    at, size = _count(asked.get("at", "0"), "at"), _count(asked.get("size"), "size")
    rooms: Rooms = request.app.state.rooms
    try:
        upload = _upload(rooms, room, name, at, size)
    except Refused as refused:
        if refused.code != "behind":
            raise
        return _problem(refused, room, received=refused.data["received"])
    room.titles[name] = _shown_name(asked.get("title") or name)
    with room.in_use():
        await _receive(request, upload, room)
        if not upload.left:
            await asyncio.to_thread(upload.finish)
            with room.lock:
                room.uploads.pop(name, None)
            room.tell({"type": "file", "name": name})
    return _json({"received": upload.received})


def _upload(rooms: Rooms, room: Room, name: str, at: int, size: int) -> Upload:
    """The upload that a piece belongs to; one that starts at 0 begins anew. Raises `Refused`."""
    with room.lock:
        upload = room.uploads.get(name)
        if at:
            received = upload.received if upload and upload.size == size else 0
            whole = room.folder / name
            if upload is None and whole.is_file() and whole.stat().st_size == size:
                received = size
            if upload is None or at != received:
                text = f"{received} bytes of this file are here; go on from there"
                raise Refused("behind", text, received=received)
            return upload
        room.uploads.pop(name, None)
        rooms.require_space(room, size)
        upload = Upload(name, size, room.folder)
        upload.begin()
        room.uploads[name] = upload
        return upload


async def _receive(request: Request, upload: Upload, room: Room) -> None:
    """Write what comes to the disk while it comes."""
    limits = room.limits
    writer, taken = upload.take_over(), 0
    if int(request.headers.get("content-length") or 0) > limits.piece_bytes:
        raise Refused("bad-piece", f"a piece has at most {limits.piece_bytes} bytes")
    async for data in _gathered(request, limits.piece_seconds):
        taken += len(data)
        if taken > limits.piece_bytes:
            raise Refused("bad-piece", f"a piece has at most {limits.piece_bytes} bytes")
        await asyncio.to_thread(upload.write, writer, data)


async def _gathered(request: Request, seconds: float) -> AsyncIterator[bytes]:
    """The body in parts of a megabyte; what came before a connection broke, too."""
    held = bytearray()
    stream, stalled = request.stream(), None
    try:
        while True:
            data = await asyncio.wait_for(anext(stream, None), seconds)
            if data is None:
                break
            held += data
            if len(held) >= _WRITTEN_AT_ONCE:
                yield bytes(held)
                held.clear()
    except TimeoutError:
        stalled = Refused("stalled", "nothing came for a while; go on from where it was")
    except ClientDisconnect:
        stalled = Refused("stalled", "the connection was lost; go on from where it was")
    if held:
        yield bytes(held)
    if stalled is not None:
        raise stalled


def _count(text: str | None, name: str) -> int:
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise Refused("bad-piece", f"{name} must be a number of bytes")
    return int(text)


async def _get(request: Request, room: Room) -> Response:
    path = room.existing(request.path_params["name"])
    name = _shown_name(request.query_params.get("as") or room.title(path.name))
    kind = _TYPES.get(path.suffix.lower().removeprefix("."), "application/octet-stream")
    headers = {"Cache-Control": "private, no-store", "Cross-Origin-Resource-Policy": "same-origin"}
    return FileResponse(path, headers=headers, media_type=kind, filename=name)


async def _delete(request: Request, room: Room) -> Response:
    path = room.file(request.path_params["name"])
    with room.lock:
        upload = room.uploads.pop(path.name, None)
    if upload is not None:
        upload.take_over()
        upload.part.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    room.titles.pop(path.name, None)
    return Response(status_code=204)


def _shown_name(text: str) -> str:
    """A name as people may see it and disks take it."""
    return _UNFIT.sub("_", text.encode("utf-8", "replace").decode()).strip(" .")[-120:] or "file"
