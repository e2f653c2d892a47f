"""Sign books as one file, `*.signs`: a zip of `book.json` and plain numpy arrays.

`datasets/sign-books.md` tells people the layout, and so does the `readme` in every book. Members are
stored, not compressed, and bear no times, so that equal books are equal bytes everywhere. Nothing is
pickled or unpacked to disk. A book with anything in it that would be lost on the way is not read at all.
"""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.lib import format as npy
from numpy.typing import NDArray

from accessify.core.errors import AccessifyError, FormatError
from accessify.core.placing import placed, require_writable, write_error
from accessify.delivery.arrays import member_array, unzipping
from accessify.delivery.sign_book_json import (
    BookData,
    ReferenceData,
    book_json,
    folder_of,
    read_book_json,
)
from accessify.signs.book import EnrolledSign, Reference, SignBook
from accessify.signs.clip import BODY_POINTS, SignClip

logger = logging.getLogger(__name__)

MOST_BYTES = 1 << 30
"""Of all arrays of a book together: about 40,000 clips of a second."""
_MOST_JSON = 1 << 26
_MOST_HEADER = 4096
"""Bytes of a `.npy` file in front of its numbers."""
_LISTING = "book.json"
_ARRAYS: dict[str, tuple[type[np.generic], str, tuple[int, ...]]] = {
    "times": (np.int64, "<i8", ()),
    "hands": (np.float32, "<f4", (2, 21, 3)),
    "places": (np.float32, "<f4", (2, 3)),
    "body": (np.float32, "<f4", (len(BODY_POINTS), 3)),
}
"""Name → type, type in the file, and shape of a frame."""


def write_book(book: SignBook, path: str | Path) -> None:
    """Write a book over whatever is at `path`; use `update_book` to change one that others may change too.

    Raises `FormatError` where the book is too large, and as `placed` does.
    """
    clips = [reference.clip for sign in book for reference in sign.references]
    needed = sum(getattr(clip, name).nbytes for clip in clips for name in _ARRAYS)
    listing = book_json(book).encode()
    if needed > MOST_BYTES or len(listing) > _MOST_JSON:
        raise FormatError(f"too large for one sign book ({needed >> 20} MiB); make two", source=str(path))
    with placed(Path(path)) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        _store(archive, _LISTING, listing)
        for number, clip in enumerate(clips, 1):
            for name, (_, kind, _) in _ARRAYS.items():
                stream = BytesIO()
                values = np.ascontiguousarray(getattr(clip, name), kind)
                npy.write_array(stream, values, (1, 0), allow_pickle=False)
                _store(archive, f"{folder_of(number)}/{name}.npy", stream.getvalue())


def read_book(path: str | Path) -> SignBook:
    """The book at `path`.

    Raises `FormatError` where there is none, it is damaged, another kind of file, of a newer accessify, or
    holds anything that does not belong in a book.
    """
    path = Path(path)
    with unzipping(path, "sign book (.signs)") as archive:
        entries = _entries(archive)
        data = read_book_json(_listing(archive, entries))
        _check_entries(entries, data)
        signs = []
        for sign in data.signs:
            with _told(f"sign {sign.name!r}"):
                references = tuple(_reference(archive, entries, one) for one in sign.references)
                signs.append(EnrolledSign(sign.name, references, sign.gloss, sign.language))
        with _told(_LISTING):
            return SignBook.of(signs, data.title)


def update_book(path: str | Path, change: Callable[[SignBook], SignBook], *, create: bool = True) -> SignBook:
    """Replace the book at `path` by what `change` makes of it, and return that.

    One process at a time: others wait while `change` runs, and each gets what the one before left, so do slow
    work first. Where there is no file, `change` gets an empty book if `create`. The file stays as it was
    where anything fails, whoever is killed, and where the book cannot be read. Raises as `read_book`,
    `write_book` and `change` do.
    """
    path = Path(path)
    with _locked(path):
        new_file = not os.path.exists(path)  # noqa: PTH110 - does not raise where it cannot look
        old = SignBook() if new_file and create else read_book(path)
        new = change(old)
        if new_file or new != old:
            write_book(new, path)
        return new


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time edit the file at `path`."""
    target = Path(os.path.realpath(path))  # who come by a link wait for each other too
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        require_writable(Path(lock.lock_file))  # one that cannot be made would be waited for without end
        try:
            lock.acquire(blocking=False)
        except Timeout:
            logger.warning("waiting for another process that changes %s", path)
            lock.acquire()
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps it while it is open
            Path(lock.lock_file).unlink()  # while it is locked: behind the release it may be another's
        lock.release()


def _store(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # of 1980, the earliest that a zip can say
    entry.create_system = 3  # Unix, on every system
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by name; raises `FormatError` where one could be taken for another."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = entry.orig_filename  # zipfile cuts names at a NUL and turns backslashes on Windows
        parts = name.removesuffix("/").split("/")
        if name in entries or "\\" in name or "\0" in name or not all(part.strip(". ") for part in parts):
            raise FormatError(f"its member {name[:80]!r} stands twice or leads elsewhere; get a whole copy")
        if not entry.is_dir():
            entries[name] = entry
    return entries


def _listing(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> bytes:
    if _LISTING not in entries:
        raise FormatError(f"this zip is no sign book, it has no {_LISTING}; give a .signs file")
    if entries[_LISTING].file_size > _MOST_JSON:
        raise FormatError(f"its {_LISTING} says {entries[_LISTING].file_size} bytes; get a whole copy")
    return archive.read(entries[_LISTING])


def _check_entries(entries: dict[str, zipfile.ZipInfo], data: BookData) -> None:
    """Raise `FormatError` unless the members are those that the listing tells of, of about its sizes."""
    frames = {
        f"{one.folder}/{name}.npy": (one.frames, name)
        for sign in data.signs
        for one in sign.references
        for name in _ARRAYS
    }
    for name in frames:
        if name not in entries:
            raise FormatError(f"it has no {name}; get a whole copy")
    for name, entry in entries.items():
        if name == _LISTING:
            continue
        if name not in frames:
            raise FormatError(f"{name} is no part of a sign book; take it out of the zip")
        count, array = frames[name]
        kind, _, shape = _ARRAYS[array]
        if entry.file_size > count * np.dtype(kind).itemsize * int(np.prod(shape)) + _MOST_HEADER:
            raise FormatError(f"{name} says {entry.file_size} bytes for {count} frames; get a whole copy")
    if sum(entry.file_size for entry in entries.values()) > MOST_BYTES + _MOST_JSON:
        raise FormatError(f"it says more than {MOST_BYTES >> 20} MiB of arrays, too many for one sign book")


def _reference(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], data: ReferenceData
) -> Reference:
    arrays: dict[str, NDArray[Any]] = {}
    for name, (kind, _, shape) in _ARRAYS.items():
        member = f"{data.folder}/{name}.npy"
        values = member_array(archive, entries[member])
        wanted = (data.frames, *shape)
        if values.dtype.newbyteorder("=") != kind or values.shape != wanted:
            raise FormatError(
                f"{member} must be {np.dtype(kind)} {list(wanted)}, not {values.dtype} {list(values.shape)}"
            )
        arrays[name] = values.astype(kind, copy=False)
    clip = SignClip(**arrays, mirrored=data.left_handed)
    return Reference(clip, data.source, data.enrolled, data.fps, data.consent, data.mirrored, data.sha256)


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Say where in the book the value stands that it cannot hold."""
    try:
        yield
    except AccessifyError as error:
        raise FormatError(f"{where}: {error}") from None
    except ValueError as error:
        raise FormatError(f"{where}: {error}; get a whole copy") from None
