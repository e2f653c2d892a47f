"""Writing a file so that it is either whole or not there.

The one file operation that every edge shares, hence in row 0.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accessify.core.errors import AccessifyError, DiskFull, OutputError


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; move it into place on success, remove it on failure.

    The temporary name keeps the suffix, so that writers which look at it choose the right format.
    What a killed process left behind is removed by the next one that writes the same target.
    Raises `OutputError` where the folder cannot be written and `DiskFull` where space runs out.
    """
    temporary = target.with_name(f".{target.stem}.part-{os.getpid()}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as error:
        if isinstance(error, AccessifyError):
            raise
        raise write_error(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


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
    return error


def _remove_leftovers(target: Path) -> None:
    pattern = re.compile(re.escape(f".{target.stem}.part-") + r"(\d+)" + re.escape(target.suffix))
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
