"""`WS /v1/captions`: sound in, captions out, as docs/live-protocol.md says."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from accessify.core.timeline import Note, Span, seconds
from accessify.server.live_log import LiveReader, Message, Told, spelled
from accessify.server.pace import Pace
from accessify.server.refusal import Refused
from accessify.server.session import Session
from accessify.server.sound import Ear, Sink
from accessify.server.start import Start, parse_start, read_message
from accessify.server.streams import Streams

log = logging.getLogger(__name__)

_CLIENTS_FAULT = {4400, 4413}
_SLICE = 8192
"""Bytes that are listened to before the pace is judged again: some seconds of packed speech."""
_LOOK_EVERY = 0.25
"""Seconds between two looks whether more sound can be taken."""


async def talk(socket: WebSocket, streams: Streams) -> None:
    """Serve one socket that was accepted, to its end."""
    with streams.talking():
        try:
            await _Talk(socket, streams).run()
            await socket.close(1000)
        except Refused as refused:
            await _refuse(socket, streams, refused)
        except (WebSocketDisconnect, WebSocketDisconnected, OSError):
            log.info("a live client is gone")
        except Exception as error:
            log.exception("serving a live client failed")
            text = f"the server failed ({type(error).__name__}); connect again and resume"
            await _refuse(socket, streams, Refused("failed", text))


async def _refuse(socket: WebSocket, streams: Streams, refused: Refused) -> None:
    streams.metrics.refused.labels(refused.code).inc()
    with suppress(WebSocketDisconnect, WebSocketDisconnected, OSError, TimeoutError):
        async with asyncio.timeout(streams.limits.send_seconds):
            await socket.send_text(spelled(refused.event()).text)
            await socket.close(refused.close, refused.code)


class _Talk:
    """One client's socket."""

    def __init__(self, socket: WebSocket, streams: Streams) -> None:
        self._socket, self._streams, self._limits = socket, streams, streams.limits
        self._pace = Pace(self._limits.burst_seconds, self._limits.pace)
        self._told_fast = self._told_slow = False
        self._counted = 0.0  # seconds of the stream's clock that its pace was judged by

    async def run(self) -> None:
        """From the start message to the end. Raises `Refused` and `WebSocketDisconnect`."""
        start = await self._start()
        client = self._socket.client
        session = await self._streams.open(start, client.host if client else "")
        taken = session.attach()
        reader = session.log.read(start.after)
        try:
            await self._send(spelled(self._started(session, start)))
            await self._converse(session, start, reader, taken)
        except Refused as refused:
            if refused.close in _CLIENTS_FAULT:  # it would do the same again
                self._streams.finish_soon(session)
            raise
        finally:
            reader.close()
            session.detach(taken)

    async def _start(self) -> Start:
        try:
            async with asyncio.timeout(self._limits.start_seconds):
                message = await self._receive()
        except TimeoutError:
            text = f"no start message came within {self._limits.start_seconds:g} s; send one first"
            raise Refused("no-start", text) from None
        if not isinstance(message, str):
            raise Refused("bad-start", "the first message must be the start message, as text, not sound")
        return parse_start(message)

    def _started(self, session: Session, start: Start) -> Message:
        return {
            "type": "started",
            "id": session.id,
            "seq": 0,
            "resumed": start.resume is not None,
            "clock": round(session.clock, 3),
            "missed": session.log.missed(start.after),
        }

    async def _converse(
        self, session: Session, start: Start, reader: LiveReader, taken: asyncio.Event
    ) -> None:
        """Listen and tell until the stream or the client ends."""

        def hear(sound: NDArray[np.float32]) -> None:
            if not taken.is_set():  # the client that took over sends this sound again
                session.hear(sound)

        hearing = asyncio.create_task(self._hear(session, start, hear))
        telling = asyncio.create_task(self._tell(reader))
        replaced = asyncio.create_task(taken.wait())
        tasks = {hearing, telling, replaced}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if hearing in done and hearing.exception() is None:  # finished: all is told to the end
                done, _ = await asyncio.wait({telling, replaced}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if replaced in done and telling not in done:
                raise Refused(
                    "replaced", "another client has resumed this stream; this one is no longer heard"
                )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, reader: LiveReader) -> None:
        while (message := await reader.next()) is not None:
            await self._send(message)

    async def _send(self, message: Told) -> None:
        try:
            async with asyncio.timeout(self._limits.send_seconds):
                await self._socket.send_text(message.text)
        except TimeoutError:
            raise Refused("slow-reader", "you do not read; connect again and resume") from None

    async def _hear(self, session: Session, start: Start, sink: Sink) -> None:
        """Take in sound until the client says that it is done."""
        if session.log.over:
            return
        ear = Ear(start, sink)
        self._counted = session.clock
        try:
            while (data := await self._next_sound()) is not None:
                await self._take(data, ear, session)
            notes = await ear.finish()
        finally:
            ear.close()
        for note in notes:
            session.remark(note)
        await self._streams.finish(session)

    async def _next_sound(self) -> bytes | None:
        """The next message of sound; None where the client says that it is done."""
        message = await self._next_message()
        if isinstance(message, bytes):
            return message
        kind = read_message(message, "bad-message").get("type")
        if kind != "finish":
            raise Refused("bad-message", f"unknown message type {str(kind)[:40]!r}; known is: finish")
        return None

    async def _next_message(self) -> str | bytes:
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                return await self._receive()
        except TimeoutError:
            text = f"no sound came for {self._limits.idle_seconds:g} s; connect again and resume"
            raise Refused("idle", text) from None

    async def _take(self, data: bytes, ear: Ear, session: Session) -> None:
        """One message of sound; waits where the client is too fast for what it may."""
        if len(data) > self._limits.frame_bytes:
            text = f"a message of {len(data)} bytes; send at most {self._limits.frame_bytes} at once"
            raise Refused("too-big", text)
        await ear.feed(data)
        if session.failed:
            await self._streams.finish(session)
        while session.behind > self._limits.behind_seconds:
            await asyncio.sleep(_LOOK_EVERY)
        clock = session.clock
        self._pace.add(max(0.0, clock - self._counted))
        self._counted = clock
        self._judge(session)
        while (wait := self._pace.wait()) > 0:
            await asyncio.sleep(min(wait, 1.0))

    def _judge(self, session: Session) -> None:
        if self._pace.wait() > 0 and not self._told_fast:
            self._told_fast = True
            text = (
                f"sound comes more than {self._limits.pace:g} times faster than real time and has to wait; "
                "from a microphone, the rate that was declared is wrong"
            )
            session.remark(_note(session, "too-fast", text))
        if self._pace.slow() and not self._told_slow:
            self._told_slow = True
            text = "sound comes slower than real time: it gets lost on the way, or the rate declared is wrong"
            session.remark(_note(session, "too-slow", text))

    async def _receive(self) -> str | bytes:
        message: dict[str, Any] = dict(await self._socket.receive())
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"")


def _note(session: Session, kind: str, text: str) -> Note:
    now = seconds(session.clock)
    return Note(Span(now, now), kind, text)
