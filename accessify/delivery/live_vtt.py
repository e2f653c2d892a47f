"""A WebVTT file that grows while somebody speaks and is valid at every moment.

Each cue is appended with one write that does not cross a page of 4096 bytes: readers see it whole or
not at all, and a process that is killed leaves whole cues. Filling is line feeds, which mean nothing
between cues (WebVTT §4.1).
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from accessify.captions.formats.vtt import write_vtt
from accessify.core.errors import DiskFull, OptionError
from accessify.core.live import LiveLine
from accessify.core.placing import placed, write_error
from accessify.core.text import Cue, Document
from accessify.core.timeline import Span, Track, millis

_PAGE = 4096
_SHORTEST = millis(1_000)
"""A line stays at least this long: the shortest cue of most style guides."""
_PER_CHARACTER = millis(50)
"""And this for each character: 20 a second, the fastest that adults are given to read."""
_LONGEST = millis(2_000)


class LiveVtt:
    """Writes closed lines as cues; a context manager."""

    def __init__(self, path: Path, document: Document) -> None:
        """Begin the file at `path`, in place of one that is there, with what `document` says of itself.

        Raises `OptionError` where the name is not a `.vtt` file's, and `OutputError`.
        """
        require_vtt(path)
        self._path = path
        self._end = 0
        head = write_vtt(replace(document, cues=Track[Cue]())).encode()
        with placed(path) as temporary:
            temporary.write_bytes(head)
        self._size = len(head)
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise write_error(path, error) from error

    def write(self, line: LiveLine) -> None:
        """Append a closed line. Raises `OutputError`; the file stays valid then too.

        Its cue begins with its first word, or where the cue before ends, and lasts until it can be read:
        the later it begins the shorter, so that it never is more than two seconds behind the speaker.
        """
        if not line.closed or not line.text:
            return
        start = max(line.span.start, self._end, 0)
        wanted = min(_LONGEST, _PER_CHARACTER * len(line.text)) - (start - line.span.start)
        cue = Cue(Span(start, max(line.span.end, start + max(_SHORTEST, wanted))), line.text)
        self._append(_spelled(cue))
        self._end = cue.span.end

    def close(self) -> None:
        """End the file; it may be called twice."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, data: bytes) -> None:
        room = -self._size % _PAGE
        filling = b"\n" * room if room < len(data) <= _PAGE else b""
        try:
            for part in (filling, data):
                written = os.write(self._file, part) if part else 0
                if written < len(part):
                    os.ftruncate(self._file, self._size)
                    raise DiskFull(self._path)
                self._size += len(part)
        except OSError as error:
            if isinstance(error, DiskFull):
                raise
            raise write_error(self._path, error) from error


def require_vtt(path: Path) -> None:
    """Raise `OptionError` where the name at `path` is not a `.vtt` file's."""
    if path.suffix.lower() != ".vtt":
        raise OptionError(f"{path}: a live caption file is WebVTT; give it a name that ends in .vtt")


def _spelled(cue: Cue) -> bytes:
    """A cue as it stands in a file, behind an empty line."""
    text = write_vtt(Document(Track((cue,))))
    return text.removeprefix("WEBVTT\n").encode("utf-8", "replace")
