"""What a long job has done so far, on disk, so that a killed job goes on where it was.

One JSON object a line, appended and flushed as soon as a piece is done. A line that a kill tore in
two is ignored. The journal's name is its job's key: the input's fingerprint, the models and every
option that changes the result; anything else starts a new journal.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from accessify.core.errors import DiskFull, OutputError
from accessify.core.placing import write_error

_SAMPLE = 1 << 16
_SAMPLES = 64


def fingerprint(path: Path) -> str:
    """A digest of a file's size and of 64 pieces of 64 KiB spread over it.

    A film of many gigabytes is not read whole; a re-encoded or edited one still differs.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as stream:
        for piece in range(_SAMPLES):
            stream.seek(max(0, size - _SAMPLE) * piece // (_SAMPLES - 1))
            digest.update(stream.read(_SAMPLE))
    return digest.hexdigest()


class Journal:
    """Pieces of one job by name."""

    def __init__(self, path: Path) -> None:
        """Take up the journal at `path` or begin it; its folder is there. Raises `OSError`."""
        self._path = path
        self._done = dict(_read(path))
        self._stream = path.open("a", encoding="utf-8")
        self._stream.write("\n")  # ends a line that a kill left open

    def __contains__(self, name: str) -> bool:
        return name in self._done

    def __getitem__(self, name: str) -> Any:
        return self._done[name]

    def __len__(self) -> int:
        return len(self._done)

    def write(self, name: str, value: Any) -> None:
        """Keep a JSON `value` for good."""
        try:
            self._stream.write(json.dumps([name, value]) + "\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise _cannot_keep(self._path.parent, error) from error
        self._done[name] = value

    def close(self) -> None:
        """Keep the file for the next run, if there is anything in it to go on from."""
        with suppress(OSError):  # what could not be written was reported by `write`
            self._stream.close()
        with suppress(OSError):
            if self._path.stat().st_size <= 1:
                self._path.unlink()

    def remove(self) -> None:
        """Delete it: the job's results are in place."""
        self.close()
        self._path.unlink(missing_ok=True)


@contextmanager
def open_journal(key: str, folder: Path | None = None) -> Iterator[Journal]:
    """The journal of the job `key`; raises `OutputError` while another process works on it.

    `folder` is the platform's state folder, or `ACCESSIFY_STATE`, unless given.
    """
    place = folder or _state_folder()
    lock = FileLock(place / f"{key}.lock")
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        journal = Journal(place / f"{key}.jsonl")
    except Timeout:
        raise OutputError(
            "another accessify is captioning this file with the same options; wait for it to finish"
        ) from None
    except OSError as error:
        lock.release()
        raise _cannot_keep(place, error) from error
    try:
        yield journal
    finally:
        journal.close()
        with suppress(OSError):  # Windows keeps it while it is open
            Path(lock.lock_file).unlink()  # while it is locked: behind the release it may be another's
        lock.release()


def _cannot_keep(place: Path, error: OSError) -> OutputError:
    known = write_error(place, error)
    if isinstance(known, DiskFull):
        return known
    return OutputError(
        f"{place}: the work in progress cannot be kept there ({error.strerror or error}); "
        "set ACCESSIFY_STATE to a folder that can be written",
        path=str(place),
    )


def _state_folder() -> Path:
    return Path(os.environ.get("ACCESSIFY_STATE") or user_state_path("accessify")) / "jobs"


def _read(path: Path) -> Iterator[tuple[str, Any]]:
    if not path.exists():
        return
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str):
            yield entry[0], entry[1]
