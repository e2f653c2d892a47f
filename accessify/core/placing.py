"""Writing a file so that it is either whole or not there.

The one file operation that every edge shares, hence in row 0.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from accessify.core.errors import AccessifyError, DiskFull, OutputError

_READABLE = 40
"""Characters of the target's name kept in the temporary one: a full name plus a mark may be too long."""


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; move it into place on success, remove it on failure.

    The temporary name keeps the suffix, so that writers which look at it choose the right format.
    What a killed process left behind is removed by the next one that writes the same target.
    A temporary name that was given before is given again: who asked for that one moves the file.
    Raises `OutputError` where the folder cannot be written and `DiskFull` where space runs out.
    """
    # The file a link stands for is written, and the link stays.
    if os.path.islink(target):  # noqa: PTH114 - does not raise where it cannot look
        target = target.resolve()
    if _is_temporary(target):
        yield target
        return
    temporary = target.with_name(f"{_mark(target)}{os.getpid()}{target.suffix}")
    try:
        _make_room(target)
        yield temporary
        if target.exists():  # who may read and write it stays as it was
            temporary.chmod(target.stat().st_mode & 0o7777)
        with temporary.open("r+b") as written:  # Windows flushes only what is open for writing
            os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as error:
        if isinstance(error, AccessifyError) or not _concerns(error, target, temporary):
            raise
        replacement = write_error(target, error)
        if replacement is error:
            raise
        raise replacement from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_error(target: Path, error: OSError) -> OSError:
    """The error to raise instead of `error`, met while writing `target`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(target)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            f"{target.parent}: this folder cannot be written; choose another with -o", path=str(target)
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return OutputError(
            f"{target}: a file or folder of that name is in the way; choose another with -o", path=str(target)
        )
    if error.errno == errno.ENAMETOOLONG:
        return OutputError(
            f"{target}: this name is too long for the disk; choose a shorter one with -o", path=str(target)
        )
    if error.errno == errno.EFBIG:
        return OutputError(
            f"{target}: too big for this disk or for the size this account may write; "
            "choose another folder with -o",
            path=str(target),
        )
    if error.strerror:
        return OutputError(
            f"{target}: cannot be written ({error.strerror}); choose another place with -o", path=str(target)
        )
    return error


def require_writable(target: Path) -> None:
    """Raise `OutputError` where `target` could not be written, before hours of work go into it."""
    probe = target.with_name(f"{_mark(target)}{os.getpid()}{target.suffix}")
    try:
        _make_room(target)
        probe.touch()
        probe.unlink()
    except OSError as error:
        if isinstance(error, AccessifyError):
            raise
        raise write_error(target, error) from error


def _mark(target: Path) -> str:
    """How the temporary names of `target` begin; the checksum keeps alike names apart."""
    return f".{target.stem[:_READABLE]}-{crc32(os.fsencode(target.name)):08x}.part-"


def _is_temporary(target: Path) -> bool:
    """Whether `placed` gave this name in this process."""
    return re.fullmatch(rf"\..*-[0-9a-f]{{8}}\.part-{os.getpid()}", target.stem) is not None


def _concerns(error: OSError, target: Path, temporary: Path) -> bool:
    """Whether `error` is about writing `target`, not about another file the writer used."""
    if not isinstance(error.filename, str | bytes):
        return True
    name = os.fsdecode(error.filename).removeprefix("file:")  # as FFmpeg addresses it
    return Path(name) in {temporary, target, *target.parents}


def _make_room(target: Path) -> None:
    if target.exists() and not target.is_file():  # a device would be replaced, not written to
        raise OutputError(
            f"{target}: a folder or device of that name is in the way; choose another with -o",
            path=str(target),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(PermissionError):  # a folder may be written and not listed; leftovers may be another's
        _remove_leftovers(target)


def _remove_leftovers(target: Path) -> None:
    pattern = re.compile(re.escape(_mark(target)) + r"(\d+)" + re.escape(target.suffix))
    for entry in target.parent.iterdir():
        match = pattern.fullmatch(entry.name)
        if match and not _alive(int(match[1])):
            entry.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # there, signal 0 is Ctrl-C
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
