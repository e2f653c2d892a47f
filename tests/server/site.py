"""A real server on loopback, in a thread, and clients that talk to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from accessify.pipelines.live import LiveEngine
from accessify.server.app import create_app
from accessify.server.options import Limits, ServerOptions
from accessify.server.running import Server, listen
from accessify.server.session import Session
from accessify.server.streams import Streams
from tests.spoken import sound

WAIT = 60
"""Seconds that a slow machine may take for anything."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server that runs."""

    address: str
    app: Starlette
    server: Server
    thread: threading.Thread

    @property
    def socket_address(self) -> str:
        return self.address.replace("http", "ws", 1) + "/v1/captions"

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def streams(self) -> Streams:
        streams: Streams = self.app.state.streams
        return streams

    def session(self, name: str) -> Session:
        found = self.streams.find(name)
        assert found is not None
        return found

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(WAIT)
        assert not self.thread.is_alive()

    @contextmanager
    def talk(self, **options: Any) -> Iterator[ClientConnection]:
        """A socket that has sent its start message."""
        with connect(self.socket_address, open_timeout=WAIT, close_timeout=WAIT) as socket:
            socket.send(json.dumps({"type": "start", **options}))
            yield socket


@contextmanager
def serving(
    engine: LiveEngine, limits: Limits | None = None, port: int = 0, **options: Any
) -> Iterator[Site]:
    """A server that is stopped at the end."""
    ready = threading.Event()
    addresses: list[str] = []

    def on_ready(address: str) -> None:
        addresses.append(address)
        ready.set()

    app = create_app(ServerOptions(limits=limits or Limits(), **options), engine)
    server = Server(app, on_ready)
    thread = threading.Thread(target=server.run, args=([listen("127.0.0.1", port)],))
    thread.start()
    try:
        assert ready.wait(WAIT)
        site = Site(addresses[0], app, server, thread)
        yield site
    finally:
        server.should_exit = True
        thread.join(WAIT)


def hear(socket: ClientConnection) -> dict[str, Any]:
    """The next message."""
    message: dict[str, Any] = json.loads(socket.recv(WAIT))
    return message


def hear_all(socket: ClientConnection) -> list[dict[str, Any]]:
    """Every message to the end of the socket."""
    messages = []
    with suppress(ConnectionClosedError):  # closed with a code that says why
        messages.extend(json.loads(text) for text in socket)
    return messages


def hear_until(socket: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """Messages up to the first of a kind."""
    messages = [hear(socket)]
    while messages[-1]["type"] != kind:
        messages.append(hear(socket))
    return messages


def shown(messages: list[dict[str, Any]]) -> str:
    """The text that a viewer has read at the end: each line as it was last, corrections aside."""
    lines = {
        each["line"]: each["text"] for each in messages if each["type"] == "line" and not each["correction"]
    }
    return " ".join(lines[number] for number in sorted(lines))


def pcm16(samples: NDArray[np.float32]) -> bytes:
    """As a microphone gives it."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def beckett() -> NDArray[np.float32]:
    """Ten seconds of speech at 16 kHz."""
    return sound("beckett.wav").samples


def send(socket: ClientConnection, messages: Iterable[str | bytes]) -> None:
    """Send all, unless the server closes before."""
    with suppress(ConnectionClosed):
        for message in messages:
            socket.send(message)


def pieces(data: bytes, size: int = 6_400) -> Iterator[bytes]:
    """`data` in messages."""
    return (data[at : at + size] for at in range(0, len(data), size))


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something is so; fail where it does not come."""
    ends = time.monotonic() + WAIT
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.02)
