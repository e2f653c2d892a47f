"""Files that come in pieces: what is there is kept when a connection breaks, whole ones get their name."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from accessify.core.placing import write_error
from accessify.server.refusal import Refused

PART = ".part"
"""Ending of a file that is not whole."""
_ALIVE = 300.0
"""Seconds without a byte after which an upload no longer keeps room on the disk for itself."""


@dataclass(slots=True)
class Upload:
    """One file on its way into `folder`."""

    name: str
    size: int
    """Bytes it will have."""
    folder: Path
    received: int = 0
    """Bytes that are on the disk."""
    _writer: object = None
    _touched: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def part(self) -> Path:
        """Where it lies until it is whole."""
        return self.folder / (self.name + PART)

    @property
    def left(self) -> int:
        """Bytes still to come."""
        return self.size - self.received

    @property
    def is_forgotten(self) -> bool:
        """Whether no byte came for so long that it keeps no room on the disk for itself."""
        return time.monotonic() - self._touched >= _ALIVE

    def touch(self) -> None:
        """It goes on: keep its place."""
        self._touched = time.monotonic()

    def begin(self) -> None:
        """An empty file takes the place of what came before. Raises `OutputError`."""
        try:
            self.part.write_bytes(b"")
        except OSError as error:
            raise write_error(self.folder / self.name, error) from error

    def take_over(self) -> object:
        """Who may write from now on: a connection that hangs loses the file to the one that came back."""
        with self._lock:
            self._writer = object()
            return self._writer

    def write(self, writer: object, data: bytes) -> None:
        """Append bytes. Raises `Refused` ("upload-replaced", "bad-piece") and `OutputError`.

        Where the disk is full, what was there before stays as it was.
        """
        with self._lock:
            self._require(writer)
            if len(data) > self.left:
                raise Refused("bad-piece", f"more bytes came than the {self.size} that were announced")
            try:
                with self.part.open("r+b") as stream:
                    stream.seek(self.received)
                    stream.write(data)
            except OSError as error:
                raise write_error(self.folder / self.name, error) from error
            self.received += len(data)
            self._touched = time.monotonic()

    def finish(self, writer: object) -> None:
        """Give the whole file its name. Raises `Refused` ("upload-replaced") and `OutputError`."""
        with self._lock:
            self._require(writer)
            try:
                with self.part.open("r+b") as stream:
                    stream.truncate(self.size)  # a full disk may have left bytes behind the end
                os.replace(self.part, self.folder / self.name)  # noqa: PTH105 - says that it replaces
            except OSError as error:
                raise write_error(self.folder / self.name, error) from error

    def _require(self, writer: object) -> None:
        if writer is not self._writer:
            raise Refused("upload-replaced", "another connection goes on with this file")
