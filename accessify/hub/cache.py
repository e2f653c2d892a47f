"""The cache: where fetched files lie, whether they are whole, and how they get there.

::

    models/NAME/FILE    whole files only, verified when placed
    graphs/NAME/FILE    made of them on this machine, see `graphs`
    downloads/          what is on its way; a `.part` is resumed by the next run
    engines/            what devices compiled of networks, see `accessify.engines.providers`
    locks/              one per source, held while something is fetched from it

All in `accessify.core.cache_folder.cache_folder`.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import ChecksumMismatch, DiskFull, DownloadFailed, OutputError
from accessify.core.placing import placed
from accessify.core.progress import OnProgress, Progress
from accessify.hub.catalog import ModelFile, Pinned

logger = logging.getLogger(__name__)

CHUNK = 1 << 20
VERIFIED = 946_684_800
"""Modification time (2000-01-01 UTC) of a file whose sha256 was right. Whoever writes to the file
changes it, so that a file that was touched is hashed again and any other is not."""


def path_of(file: ModelFile) -> Path:
    """Where `file` lies once it is here."""
    return cache_folder() / "models" / file.model / file.name


def downloads_folder() -> Path:
    """What is on its way lies here: on the same disk as the models, so that it can be moved over."""
    return cache_folder() / "downloads"


def part_of(wanted: Pinned) -> Path:
    """Where a partial download of exactly these bytes is kept."""
    return downloads_folder() / f"{_file_name(wanted.label)}.{wanted.sha256[:8]}.part"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def is_whole(path: Path, wanted: Pinned, *, thorough: bool = False) -> bool:
    """Whether `path` holds exactly the bytes wanted.

    A file that nobody wrote to since it was verified is judged by its size alone, unless `thorough`.
    """
    try:
        status = path.stat()
        if status.st_size != wanted.size:
            return False
        if status.st_mtime == VERIFIED and not thorough:
            return True
        whole = sha256_of(path) == wanted.sha256
    except OSError:  # absent, or a disk that cannot read it back
        return False
    if whole != (status.st_mtime == VERIFIED):
        _mark(path, whole)
    return whole


def place(file: ModelFile, content: IO[bytes], origin: str, on_progress: OnProgress | None = None) -> None:
    """Copy `content` to where `file` belongs, verified and whole; `origin` names it for people.

    Raises `ChecksumMismatch`, `DownloadFailed` where `content` cannot be read, `DiskFull`, `OutputError`.
    """
    digest = hashlib.sha256()
    with writing_cache(), placed(path_of(file)) as temporary:
        with temporary.open("wb") as written:
            for chunk in _chunks(content, file.size + 1, origin):  # one byte more than right is wrong
                digest.update(chunk)
                written.write(chunk)
                if on_progress:
                    on_progress(Progress(f"fetch {file.label}", written.tell(), file.size, "B"))
        if digest.hexdigest() != file.sha256:
            raise ChecksumMismatch(
                origin,
                file.sha256,
                digest.hexdigest(),
                f"nothing was placed; replace that file by the pinned {file.label}",
            )
        _mark(temporary, True)


def move_in(file: ModelFile, part: Path) -> None:
    """Move a verified download to where `file` belongs. Raises `DiskFull`, `OutputError`."""
    with writing_cache(), placed(path_of(file)) as temporary:
        _mark(part, True)
        part.replace(temporary)


def require_space(needed: int) -> None:
    """Raise `DiskFull` unless `needed` more bytes fit on the cache's disk."""
    folder = cache_folder()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if shutil.disk_usage(existing).free < needed:
        raise DiskFull(folder, needed)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time fetch from the source called `name`; others wait here."""
    path = cache_folder() / "locks" / f"{_file_name(name)}.lock"
    lock = FileLock(path)
    with writing_cache():
        path.parent.mkdir(parents=True, exist_ok=True)
        downloads_folder().mkdir(exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            logger.warning("waiting for another process that fetches from %s", name)
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing_cache() -> Iterator[None]:
    """Turn what goes wrong while the cache is written into an error that names the fix."""
    try:
        yield
    except (DiskFull, ConnectionError):  # a source's or a callback's trouble, not the cache's
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(cache_folder()) from error
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        raise OutputError(
            f"{cache_folder()}: the model cache cannot be written ({cause.strerror or cause}); "
            "set ACCESSIFY_CACHE to a folder that can",
            path=str(cache_folder()),
        ) from error


def _chunks(content: IO[bytes], limit: int, origin: str) -> Iterator[bytes]:
    try:
        while limit and (chunk := content.read(min(CHUNK, limit))):
            yield chunk
            limit -= len(chunk)
    except OSError as error:
        raise DownloadFailed(f"{origin}: cannot be read ({error.strerror or error})") from error


def _mark(path: Path, verified: bool) -> None:
    with suppress(OSError):  # another user's file cannot be marked: it is hashed each time
        os.utime(path, (VERIFIED, VERIFIED) if verified else None)


def _file_name(label: str) -> str:
    return re.sub(r"[^\w.-]+", "_", label)[-120:]
