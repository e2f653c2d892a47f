"""A running mpv, spoken to over its JSON IPC socket (https://mpv.io/manual/stable/#json-ipc)."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from accessify.core.errors import MediaError
from accessify.core.timeline import seconds
from accessify.delivery.mpv.overlay import HEIGHT

_WATCHED = ("path", "working-directory", "time-pos", "pause", "aid")
_OVERLAY = 7_001
"""Number of our overlay among those of other programs."""
_PATIENCE = 5.0
"""Seconds to wait for an answer, and for mpv to take what it is sent."""
_READABLE = 8_000
"""Milliseconds that a message to the viewer stays."""
_LONGEST = 1 << 22
"""Bytes of one message; more is not mpv speaking."""


class MpvPlayer:
    """What mpv plays and where it is; draws over the picture. A context manager, safe from any thread."""

    def __init__(self, address: str | Path) -> None:
        """Connect to mpv's `--input-ipc-server`. Raises `MediaError` which says what to check."""
        self.name = f"mpv at {address}"
        if not hasattr(socket, "AF_UNIX"):
            raise MediaError(f"{self.name}: needs a system with Unix sockets, as Linux and macOS", path="mpv")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_PATIENCE)
            self._socket.connect(str(address))
        except OSError as error:
            self._socket.close()
            hint = f"start it with: mpv --input-ipc-server={address} FILM"
            raise MediaError(
                f"{self.name}: nothing answers there ({error.strerror or error}); {hint}", path=str(address)
            ) from error
        self._known: dict[str, Any] = {}
        self._answers: dict[int, Any] = {}
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._asked = self._answered = 0
        self._gone = False
        threading.Thread(target=self._read, name="accessify-mpv", daemon=True).start()
        for number, name in enumerate(_WATCHED, 1):
            self._send("observe_property", number, name)

    @property
    def gone(self) -> bool:
        """Whether mpv has ended, or hangs."""
        return self._gone

    @property
    def film(self) -> str | None:
        """Path or address of what is played; None while nothing is."""
        path = self._known.get("path")
        if not isinstance(path, str) or not path:
            return None
        if "://" in path:
            return path
        return str(Path(str(self._known.get("working-directory") or "."), path))

    @property
    def position(self) -> int | None:
        """Ticks into the film; None while nothing is shown."""
        value = self._known.get("time-pos")
        return seconds(value) if isinstance(value, int | float) else None

    @property
    def track(self) -> int | None:
        """0-based number of the sound track that is heard; None without one."""
        value = self._known.get("aid")
        return value - 1 if isinstance(value, int) and not isinstance(value, bool) else None

    def show(self, events: str) -> None:
        """Draw `events` in place of what was drawn before; an empty text takes it away."""
        kind = "ass-events" if events else "none"
        self._send("osd-overlay", _OVERLAY, kind, events, 0, HEIGHT, 0)

    def tell(self, text: str) -> None:
        """Say something to the viewer: mpv shows `text` in a corner for a while."""
        self._send("show-text", text, _READABLE)

    def ask(self, *command: Any) -> Any:
        """What mpv answers to `command`; None where it does not within five seconds."""
        number = self._send(*command)
        with self._changed:
            self._changed.wait_for(lambda: self._answered >= number or self._gone, _PATIENCE)
            return self._answers.pop(number, None)

    def close(self) -> None:
        """Take away what is drawn and hang up."""
        self.show("")
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, *command: Any) -> int:
        """Give mpv an order, and give mpv up where it does not take it; the order's number."""
        with self._sending:  # whole messages, in the order of their numbers
            self._asked += 1
            message = json.dumps({"command": command, "request_id": self._asked}) + "\n"
            try:
                if not self._gone:
                    self._socket.sendall(message.encode())
            except OSError:  # it has ended, or hangs and leaves what it was sent unread
                self._lose()
            return self._asked

    def _read(self) -> None:
        """What the thread does."""
        buffer = b""
        with suppress(OSError):
            while (data := self._received()) and len(buffer) < _LONGEST:
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    self._note(line)
        self._lose()

    def _received(self) -> bytes:
        """What mpv says next; nothing once it is gone."""
        while not self._gone:
            try:
                return self._socket.recv(65_536)
            except TimeoutError:  # the patience is for sending: a paused mpv has nothing to say
                continue
        return b""

    def _lose(self) -> None:
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def _note(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        with self._changed:
            if message.get("event") == "property-change":
                self._known[str(message.get("name"))] = message.get("data")
            elif isinstance(number := message.get("request_id"), int):
                self._answered = max(self._answered, number)  # mpv answers in order
                if message.get("data") is not None:
                    self._answers[number] = message["data"]
            self._changed.notify_all()
