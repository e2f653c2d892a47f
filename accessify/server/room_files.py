"""Files of a room over HTTP: uploads in pieces that survive a lost connection, downloads that do no harm.

Uploads are looked after on the event loop only, so that no lock which a callback holds can stop it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from accessify.server.refusal import Refused
from accessify.server.rooms import Room, Rooms
from accessify.server.uploads import PART, Upload

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
_WRITTEN_AT_ONCE = 1 << 20
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What a download's name may not hold: folders, ends of lines, marks that turn the reading direction."""


def unkept(body: dict[str, Any], status: int = 200) -> Response:
    """JSON that no browser keeps."""
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


async def put_file(request: Request, room: Room) -> Response:
    """One piece of a file; `received` tells how much of it is here. Raises `Refused` and `OutputError`."""
    name, asked = request.path_params["name"], request.query_params
    room.file(name)  # raises for a bad name
    at, size = _count(asked.get("at", "0"), "at"), _count(asked.get("size"), "size")
    upload = _upload(request.app.state.rooms, room, name, at, size)
    room.titles[name] = _shown_name(asked.get("title") or name)
    with room.in_use():
        writer = upload.take_over()
        await _receive(request, upload, writer, room)
        if not upload.left:
            await asyncio.to_thread(upload.finish, writer)
            if room.uploads.get(name) is upload:
                del room.uploads[name]
            room.tell({"type": "file", "name": name})
    return unkept({"received": upload.received})


def _upload(rooms: Rooms, room: Room, name: str, at: int, size: int) -> Upload:
    """The upload that a piece belongs to; one that starts at 0 begins anew. Raises `Refused`."""
    if at:
        upload = _upload_at(room, name, at, size)
        if upload.is_forgotten:  # its place was given to others meanwhile
            rooms.require_space(room, upload.left, is_new=False)
            upload.touch()
        return upload
    rooms.require_space(room, size)
    former = room.uploads.pop(name, None)
    if former is not None:
        former.take_over()  # a connection that still brings the old one writes no more
    upload = room.uploads[name] = Upload(name, size, room.folder)
    upload.begin()
    return upload


def _upload_at(room: Room, name: str, at: int, size: int) -> Upload:
    """The upload that goes on at a place. Raises `Refused` ("behind") where it stands at another."""
    upload = room.uploads.get(name)
    if upload is not None and (upload.size, upload.received) == (size, at):
        return upload
    received = upload.received if upload and upload.size == size else 0
    whole = room.folder / name
    if upload is None and whole.is_file() and whole.stat().st_size == size:
        received = size
    raise Refused("behind", f"{received} bytes of this file are here; go on from there", received=received)


async def _receive(request: Request, upload: Upload, writer: object, room: Room) -> None:
    """Write what comes to the disk while it comes."""
    limits, taken = room.limits, 0
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


async def get_file(request: Request, room: Room) -> Response:
    """A file, or a range of it, that no browser takes for a page. Raises `Refused`."""
    path = room.existing(request.path_params["name"])
    name = _shown_name(request.query_params.get("as") or room.title(path.name))
    kind = _TYPES.get(path.suffix.lower().removeprefix("."), "application/octet-stream")
    headers = {"Cache-Control": "private, no-store", "Cross-Origin-Resource-Policy": "same-origin"}
    return FileResponse(path, headers=headers, media_type=kind, filename=name)


async def delete_file(request: Request, room: Room) -> Response:
    """A file less, or one that was on its way. Raises `Refused`."""
    path = room.file(request.path_params["name"])
    upload = room.uploads.pop(path.name, None)
    if upload is not None:
        upload.take_over()
    for each in (path, path.with_name(path.name + PART)):
        await asyncio.to_thread(each.unlink, missing_ok=True)
    room.titles.pop(path.name, None)
    return Response(status_code=204)


def _shown_name(text: str) -> str:
    """A name as people may see it and disks take it."""
    return _UNFIT.sub("_", text.encode("utf-8", "replace").decode()).strip(" .")[-120:] or "file"
