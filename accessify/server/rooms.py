"""Rooms: a private folder for each page that works with files, behind a key that cannot be guessed.

Nothing lists them, and nothing of one room leads to another. A room lives for some hours after it was last
used; all are removed when the application stops, and what a killed one left behind when the next starts.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from accessify.core.cache_folder import cache_folder
from accessify.server.refusal import Refused
from accessify.server.room_log import RoomLog
from accessify.server.uploads import PART, Upload

log = logging.getLogger(__name__)

_NAME = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,80}")
_FORGOTTEN = 60.0
"""Seconds after which an empty room without a page gives way to a new one where there are too many."""


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """How much one room, and all of them, may hold."""

    file_bytes: int = 8 << 30
    """Largest file."""
    room_bytes: int = 20 << 30
    """All files of one room."""
    spare_bytes: int = 256 << 20
    """What uploads leave free on the disk."""
    piece_bytes: int = 8 << 20
    """Largest piece of an upload."""
    piece_seconds: float = 30.0
    """A connection that brings no byte of its piece for so long is given up."""
    files: int = 200
    """Files in one room."""
    rooms: int = 500
    """Rooms at once."""
    kept_seconds: float = 6 * 3600.0
    """A room that nobody uses is kept so long."""
    job_seconds: float = 24 * 3600.0
    """A job may run so long."""
    events: int = 2_000
    """Messages of a room that can be sent again."""


def usual_root() -> Path:
    """Where rooms are made unless told otherwise: the user's own cache folder, not the shared /tmp."""
    return cache_folder() / "rooms"


class Room:
    """One page's files, values and messages; usable from any thread."""

    def __init__(self, key: str, folder: Path, limits: RoomLimits) -> None:
        self.key, self.folder, self.limits = key, folder, limits
        self.values: dict[str, Any] = {}
        """What callbacks keep between two calls; guarded by `lock`."""
        self.lock = threading.RLock()
        self.log = RoomLog(limits.events)
        self.uploads: dict[str, Upload] = {}
        """Files that are on their way, by name."""
        self.titles: dict[str, str] = {}
        """File → what its user calls it."""
        self._users = self._pages = 0
        self._counting = threading.Lock()
        self._used_at = self._seen_at = time.monotonic()

    def file(self, name: str) -> Path:
        """Where the file `name` of this room lies or will lie. Raises `Refused` ("bad-name")."""
        if not _NAME.fullmatch(name) or name.endswith(PART):
            text = "a file's name is made of letters, digits, dots, - and _, at most 80 of them"
            raise Refused("bad-name", text)
        self.touch()
        return self.folder / name

    def existing(self, name: str) -> Path:
        """The same for a file that is there and whole. Raises `Refused` ("no-file") where it is not."""
        path = self.file(name)
        if not path.is_file():
            raise Refused("no-file", "this file is not here (any more); give it again", file=name)
        return path

    def title(self, name: str) -> str:
        """What the user calls the file `name`."""
        return self.titles.get(name, name)

    def files(self) -> dict[str, dict[str, Any]]:
        """Name → `size` and `received` in bytes and `title`, of whole files and of those on their way."""
        whole = {name: size for name, size in sorted(_sizes(self.folder)) if _shown(name)}
        found = {name: {"size": size, "received": size} for name, size in whole.items()}
        coming = tuple(self.uploads.values())
        found |= {each.name: {"size": each.size, "received": each.received} for each in coming}
        return {name: {**entry, "title": self.title(name)} for name, entry in found.items()}

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message, which has a `type`, to every page of this room."""
        self.log.tell(message)

    def touch(self) -> None:
        """Remember that it was used now."""
        self._used_at = time.monotonic()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While a page or a job needs it: it is not swept."""
        with self._counting:
            self._users += 1
        try:
            yield
        finally:
            with self._counting:
                self._users -= 1
            self.touch()

    def see(self) -> None:
        """A page asked for something."""
        self._seen_at = time.monotonic()
        self.touch()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While a page is open here."""
        with self.in_use():
            with self._counting:
                self._pages += 1
            try:
                yield
            finally:
                with self._counting:
                    self._pages -= 1
                self.see()

    @property
    def away(self) -> float:
        """Seconds since a page was here; 0 while one is."""
        return 0.0 if self._pages else time.monotonic() - self._seen_at

    @property
    def idle(self) -> float:
        """Seconds since it was last used; 0 while it is."""
        return 0.0 if self._users else time.monotonic() - self._used_at

    @property
    def size(self) -> int:
        """Bytes of all its files, with what is still to come of those on their way."""
        return sum(size for _, size in _sizes(self.folder)) + self.awaited

    @property
    def awaited(self) -> int:
        """Bytes that are still to come."""
        return sum(each.left for each in tuple(self.uploads.values()) if not each.is_forgotten)


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Name and bytes of each file that is there; others come and go meanwhile."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    if entry.is_file():
                        yield entry.name, entry.stat().st_size
    except FileNotFoundError:  # the room is gone
        return


def _shown(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not name.endswith(PART)


class Rooms:
    """All rooms of one application, in a folder of its own below `root`."""

    def __init__(self, root: Path, limits: RoomLimits = RoomLimits()) -> None:
        """Raises `OSError` where `root` cannot be written."""
        self.limits = limits
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_left_behind(root)
        self._folder = root / f"app-{secrets.token_hex(8)}"
        self._held = FileLock(self._folder.with_suffix(".lock"), thread_local=False)
        self._held.acquire(timeout=0)
        self._folder.mkdir(mode=0o700)

    def open(self) -> Room:
        """A new, empty room. Raises `Refused` ("too-many")."""
        with self._lock:
            if len(self._rooms) >= self.limits.rooms and not self._give_way():
                raise Refused("too-many", "everybody is working here just now; try again in a while")
            folder = self._folder / secrets.token_hex(8)  # not the key: paths get into messages
            folder.mkdir(mode=0o700)
            room = Room(secrets.token_urlsafe(32), folder, self.limits)
            self._rooms[room.key] = room
            return room

    def find(self, key: str) -> Room:
        """The room with this key. Raises `Refused` ("no-room")."""
        room = self._rooms.get(key)
        if room is None:
            raise Refused("no-room", "your room is gone, with its files; reload the page and give them again")
        room.see()
        return room

    def has(self, room: Room) -> bool:
        """Whether a room is one of these still."""
        return room.key in self._rooms

    def require_space(self, room: Room, size: int, *, is_new: bool = True) -> None:
        """Raise `Refused` where so many bytes, of a new file or one that goes on, have no place."""
        limits = self.limits
        if size > limits.file_bytes:
            most = _size(limits.file_bytes)
            text = f"the file has {_size(size)}, at most {most} are taken; give a shorter or smaller one"
            raise Refused("too-big", text, size=size, limit=limits.file_bytes)
        if room.size + size > limits.room_bytes or (is_new and len(room.files()) >= limits.files):
            raise Refused("room-full", "your files here take too much room; remove some and try again")
        awaited = sum(each.awaited for each in tuple(self._rooms.values()))
        if shutil.disk_usage(self._folder).free - awaited - size < limits.spare_bytes:
            text = (
                f"the server's disk has no room for {_size(size)}; free some space on it, or try again later"
            )
            raise Refused("disk-full", text, size=size)

    def sweep(self) -> None:
        """Remove the rooms that nobody has used for long."""
        for room in tuple(self._rooms.values()):
            if room.idle > self.limits.kept_seconds:
                self.remove(room)

    def remove(self, room: Room) -> None:
        """Remove a room with all its files."""
        self._rooms.pop(room.key, None)
        room.log.end()
        shutil.rmtree(room.folder, ignore_errors=True)

    def close(self) -> None:
        """Remove all of them."""
        for room in tuple(self._rooms.values()):
            self.remove(room)
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._folder.exists():
            log.warning("%s could not be removed; the next start tries again", self._folder)
        self._held.release()
        Path(self._held.lock_file).unlink(missing_ok=True)

    def _give_way(self) -> bool:
        """Remove the emptiest room that was left the longest ago, if there is one."""
        left = [room for room in tuple(self._rooms.values()) if room.idle > _FORGOTTEN and not room.size]
        if not left:
            return False
        self.remove(max(left, key=lambda room: room.idle))
        return True


def _remove_left_behind(root: Path) -> None:
    """Remove folders whose application is gone: nobody holds their lock any more."""
    for folder in tuple(root.glob("app-*")):
        if folder.suffix == ".lock":
            continue
        lock = FileLock(folder.with_suffix(".lock"), thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
