"""`WS /rooms/KEY/camera`: pictures of a signer in, points, signs and letters out. No picture is kept.

    → text    {"type": "settings", "mode": "signs", "letters" or "both", "mirrored": false,
              "dominant": "auto", "right" or "left", "false_signs": 0.1, "alphabet": "ase"}
              the first before the first picture; with each the room's sign book is read anew
    → binary  8 bytes, float64, little-endian: milliseconds on the sender's clock; then a JPEG or WebP picture
    ← {"type": "loading", "stage", "done", "total", "unit"}      models are fetched, the first time
    ← {"type": "ready", "signs", "alphabet", "pause", "parts": [{"name", "count", "limbs", "colors"}]}
    ← {"type": "seen", "at", "points": [x, y, …]}                ten-thousandths of width and height, or null
    ← {"type": "sign", "start", "end", "known", "candidates": [{"name", "gloss", "confidence"}]}
    ← {"type": "letter", "start", "end", "known", "candidates"}  both in order of time, never changed later
    ← {"type": "within", "start"}  of a letter that is none, as it lies within a sign that was found
    ← {"type": "problem", "code", "text", "data"}                then the socket closes

Who sends waits for `seen` of the picture before (`at` or later) and has two on their way at most: then
nothing is late. What comes faster is passed over; what comes much faster is not even read for a while.
"""

from __future__ import annotations

import asyncio
import logging
import math
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from accessify.core.cores import count_cores
from accessify.core.errors import AccessifyError, MediaError
from accessify.core.progress import Progress
from accessify.core.timeline import seconds
from accessify.media.pushed import MOST_PIXELS, PushedPictures, open_pushed
from accessify.pipelines.watching import WatchOptions, watch_signing
from accessify.server.camera_messages import Teller, read_settings
from accessify.server.guard import SUBPROTOCOL
from accessify.server.live_log import spelled
from accessify.server.pace import Pace
from accessify.server.problem import problem_of
from accessify.server.refusal import CAMERA_CODES, Refused
from accessify.server.rooms import Room, Rooms

log = logging.getLogger(__name__)

_STAMP = struct.Struct("<d")
_LATEST = 1e13
"""Milliseconds: a clock that began in 1970 is far below it until 2286."""
_FAILED = 1011
_MOST_WAITING = 200
"""Messages that wait for a page to read: some seconds of pictures."""


@dataclass(frozen=True, slots=True)
class CameraLimits:
    """How much of the machine cameras may take."""

    cameras: int | None = None
    """At once; None is one for each core, at least two: each takes what there is."""
    picture_bytes: int = 1 << 20
    """Largest picture as it is sent."""
    pixels: int = MOST_PIXELS
    """Largest picture."""
    pictures_per_second: float = 40.0
    """Pictures beyond these are not read before their time."""
    idle_seconds: float = 60.0
    """A camera that sends nothing for so long gives its place to others."""
    send_seconds: float = 20.0
    """A page that does not read for so long is gone."""


class Cameras:
    """Whose cameras are looked at now."""

    def __init__(self, limits: CameraLimits = CameraLimits()) -> None:
        self.limits = limits
        self.most = limits.cameras or max(2, count_cores())
        self._open: dict[str, asyncio.Event] = {}  # key of the room → set when another one takes over

    @contextmanager
    def entered(self, room: Room) -> Iterator[asyncio.Event]:
        """A place for the camera of `room`; the event tells that another one has taken it over.

        Raises `Refused` ("cameras-full").
        """
        former = self._open.pop(room.key, None)
        if former is not None:
            former.set()
        elif len(self._open) >= self.most:
            text = (
                f"{self.most} cameras are in use, and this machine cannot follow more; wait for one to stop"
            )
            raise Refused("cameras-full", text, cameras=self.most)
        taken = self._open[room.key] = asyncio.Event()
        try:
            yield taken
        finally:
            if self._open.get(room.key) is taken:
                del self._open[room.key]


def camera_routes(limits: CameraLimits = CameraLimits()) -> list[WebSocketRoute]:
    """The route of cameras, for an application with `app.state.rooms`."""
    cameras = Cameras(limits)

    async def camera(socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", ())
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        await _serve(socket, cameras)

    return [WebSocketRoute("/rooms/{key}/camera", camera)]


async def _serve(socket: WebSocket, cameras: Cameras) -> None:
    """One socket that was accepted, to its end."""
    room: Room | None = None
    rooms: Rooms = socket.app.state.rooms
    try:
        room = rooms.find(socket.path_params["key"])
        with cameras.entered(room) as taken, room.in_use():
            await _Camera(socket, room, cameras.limits).run(taken)
        await socket.close(1000)
    except (WebSocketDisconnect, WebSocketDisconnected, TimeoutError, OSError) as error:
        if isinstance(error, AccessifyError):
            await _refuse(socket, error, room)
    except (Refused, AccessifyError) as error:
        await _refuse(socket, error, room)
    except Exception as error:  # the edge: the page is told in any case
        log.exception("serving a camera failed")
        await _refuse(socket, error, room)


async def _refuse(socket: WebSocket, error: Exception, room: Room | None) -> None:
    problem = problem_of(error, room)
    with suppress(WebSocketDisconnect, WebSocketDisconnected, OSError, TimeoutError):
        async with asyncio.timeout(5):
            await socket.send_text(spelled({"type": "problem", **problem}).text)
            await socket.close(CAMERA_CODES.get(problem["code"], _FAILED), problem["code"])


class _Gone(Exception):
    """Nobody waits for what is being fetched any more."""


class _Camera:
    """One camera: a task that takes pictures in, a thread that looks, a task that tells."""

    def __init__(self, socket: WebSocket, room: Room, limits: CameraLimits) -> None:
        self._socket, self._room, self._limits = socket, room, limits
        self._pictures = PushedPictures("the camera", limits.pixels)
        self._pace = Pace(burst=2.0, rate=1.0)
        self._options: WatchOptions | None = None  # until the page says
        self._offline: bool = socket.app.state.options.live.offline
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._closing = Event()

    async def run(self, taken: asyncio.Event) -> None:
        """Until the page goes; raises `Refused`, `AccessifyError` and `WebSocketDisconnect`."""
        with ThreadPoolExecutor(1, "camera") as thread:
            looking = self._loop.run_in_executor(thread, self._look)
            hearing = asyncio.create_task(self._hear())
            telling = asyncio.create_task(self._tell())
            replaced = asyncio.create_task(taken.wait())
            others = (hearing, telling, replaced)
            try:
                done, _ = await asyncio.wait((looking, *others), return_when=asyncio.FIRST_COMPLETED)
                if replaced in done:
                    raise Refused(
                        "camera-replaced", "the camera goes on in another page of yours; this one has stopped"
                    )
                for task in done:
                    task.result()
            finally:
                self._closing.set()
                self._pictures.end()
                for task in others:
                    task.cancel()
                await asyncio.gather(looking, *others, return_exceptions=True)

    # what the page sends

    async def _hear(self) -> None:
        while True:
            message = await self._receive()
            if isinstance(message, str):
                self._options = await asyncio.to_thread(
                    read_settings, message, self._room, offline=self._offline
                )
                continue
            self._take(message)
            while (wait := self._pace.wait()) > 0:
                await asyncio.sleep(wait)

    def _take(self, message: bytes) -> None:
        if self._options is None:
            raise Refused("bad-message", "settings come before the first picture; send them")
        if len(message) > self._limits.picture_bytes:
            text = f"a picture of {len(message)} bytes; send at most {self._limits.picture_bytes}"
            raise Refused("too-big", text, limit=self._limits.picture_bytes)
        if len(message) <= _STAMP.size:
            raise Refused("bad-picture", "a message holds 8 bytes of time and a picture; send both")
        (moment,) = _STAMP.unpack_from(message)
        if not (math.isfinite(moment) and 0 <= moment < _LATEST):
            raise Refused("bad-picture", "the time of a picture is milliseconds, 0 or more; send such")
        self._pace.add(1 / self._limits.pictures_per_second)
        self._pictures.push(message[_STAMP.size :], round(moment * 1e6))

    async def _receive(self) -> str | bytes:
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                message: dict[str, Any] = dict(await self._socket.receive())
        except TimeoutError:
            text = f"no picture came for {self._limits.idle_seconds:g} s; start the camera again"
            raise Refused("idle", text) from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        said: str | None = message.get("text")
        return said if said is not None else bytes(message.get("bytes") or b"")

    # what it is told

    async def _tell(self) -> None:
        while True:
            message = await self._told.get()
            async with asyncio.timeout(self._limits.send_seconds):
                await self._socket.send_text(spelled(message).text)

    def _say(self, message: dict[str, Any]) -> None:
        """Tell the page; called by the thread that looks. Raises `Refused` where it does not read."""
        if self._told.qsize() > _MOST_WAITING:
            raise Refused("slow-reader", "you do not read what is told; start the camera again")
        self._loop.call_soon_threadsafe(self._told.put_nowait, message)

    def _look(self) -> None:
        """What the thread does, to the end of the pictures."""
        patience = seconds(2 * self._limits.idle_seconds)  # the socket's own limit comes first
        try:
            with open_pushed(self._pictures, patience) as reader:
                teller = Teller(reader, self._say)
                for seen in watch_signing(reader, self._wanted, on_progress=self._loading):
                    teller.tell(seen, self._wanted())
                lost = next((note for note in reader.notes if note.kind == "camera-lost"), None)
        except _Gone:
            return
        except MediaError:
            if self._closing.is_set():  # it went before its first picture
                return
            raise
        if self._pictures.turned:
            raise Refused(
                "camera-turned", f"{lost.text if lost else 'it was turned'}; start the camera again"
            )
        if lost is not None and not self._closing.is_set():
            raise MediaError(lost.text, path="the camera")

    def _wanted(self) -> WatchOptions:
        assert self._options is not None  # noqa: S101 - no picture is taken before
        return self._options

    def _loading(self, progress: Progress) -> None:
        if self._closing.is_set():
            raise _Gone
        self._say(
            {
                "type": "loading",
                "stage": progress.stage,
                "done": progress.done,
                "total": progress.total,
                "unit": progress.unit,
            }
        )
