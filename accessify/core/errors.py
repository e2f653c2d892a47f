"""Every error that accessify raises on purpose.

::

    AccessifyError
    ├── MediaError
    │   ├── NotMedia            also ValueError
    │   ├── NoAudio             also ValueError
    │   ├── NoPicture           also ValueError
    │   └── NoSuchTrack         also LookupError
    ├── FormatError             also ValueError
    ├── OptionError             also ValueError
    │   └── UnknownName         also LookupError
    ├── ModelError
    │   ├── ModelNotFound       also FileNotFoundError
    │   ├── ChecksumMismatch    also ValueError
    │   ├── DownloadFailed      also ConnectionError
    │   └── Offline             also ConnectionError
    ├── OutputError             also OSError
    │   └── DiskFull
    ├── NoOpenGL                also RuntimeError
    └── MissingExtra            also ImportError

Leaves also inherit the builtin that people already catch. Each carries its data as attributes,
survives pickling (worker processes), and its text is one line that names the fix.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class AccessifyError(Exception):
    """Base of all errors raised on purpose; `message` is one line that names the fix."""

    message: str
    """One line for people: what is wrong and what to do."""

    def __init__(self, message: str, **data: Any) -> None:
        message = " ".join(message.splitlines())  # a path may hold a line feed; one line is promised
        super().__init__(message)
        self.message = message
        for name, value in data.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(self.__dict__))


def _rebuild(cls: type[AccessifyError], state: dict[str, Any]) -> AccessifyError:
    """Recreate an error without calling its `__init__`, whose arguments differ from leaf to leaf."""
    error = cls.__new__(cls)
    error.__dict__.update(state)
    error.args = (state["message"],)
    return error


class MediaError(AccessifyError):
    """A film or sound file cannot be used as asked."""

    path: str


class NotMedia(MediaError, ValueError):
    """The file is empty or no demuxer recognises it."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(
            f"{path}: not a media file ({reason}); give a film or recording such as .mp4, .mov or .mkv",
            path=str(path),
        )


class NoAudio(MediaError, ValueError):
    """The file has no sound to caption, or its sound has zero length."""

    def __init__(self, path: str | Path, reason: str = "it has no audio track") -> None:
        super().__init__(f"{path}: nothing to caption, {reason}; give a file with sound", path=str(path))


class NoPicture(MediaError, ValueError):
    """The file has nothing to look at, or nothing of it can be decoded."""

    def __init__(self, path: str | Path, reason: str = "it has no picture") -> None:
        super().__init__(f"{path}: nothing to look at, {reason}; give a film", path=str(path))


class NoSuchTrack(MediaError, LookupError):
    """The audio track asked for does not exist."""

    track: int
    available: tuple[str, ...]

    def __init__(self, path: str | Path, track: int, available: Iterable[str]) -> None:
        names = tuple(available)
        super().__init__(
            f"{path}: no audio track {track}; choose --audio-track from: {', '.join(names)}",
            path=str(path),
            track=track,
            available=names,
        )


class FormatError(AccessifyError, ValueError):
    """A caption or landmark file cannot be read, or a value cannot be written in the format asked for."""

    line: int | None
    """1-based line of the file the problem is on, where there is one."""

    def __init__(self, message: str, *, line: int | None = None, source: str | None = None) -> None:
        where = ": ".join(part for part in (source, f"line {line}" if line is not None else None) if part)
        super().__init__(f"{where}: {message}" if where else message, line=line, source=source)


class OptionError(AccessifyError, ValueError):
    """An option has a value that cannot be honoured."""


class UnknownName(OptionError, LookupError):
    """A name (profile, engine, format, language, model) that no table holds."""

    kind: str
    name: str
    known: tuple[str, ...]

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        names = tuple(known)
        close = get_close_matches(name, names, n=1)
        guess = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(
            f"unknown {kind} {name!r}; {guess}known: {', '.join(names)}{'; ' + hint if hint else ''}",
            kind=kind,
            name=name,
            known=names,
        )


class ModelError(AccessifyError):
    """A model file is absent, damaged or out of reach."""


class ModelNotFound(ModelError, FileNotFoundError):
    """A model file is not on this machine."""


class ChecksumMismatch(ModelError, ValueError):
    """A file's sha256 is not the catalogue's."""

    path: str
    expected: str
    actual: str

    def __init__(self, path: str | Path, expected: str, actual: str, fix: str) -> None:
        super().__init__(
            f"{path}: sha256 is {actual[:12]}…, expected {expected[:12]}…; {fix}",
            path=str(path),
            expected=expected,
            actual=actual,
        )


class DownloadFailed(ModelError, ConnectionError):
    """Every source of a file failed."""


class Offline(ModelError, ConnectionError):
    """A file would have to be fetched, but dialling out is forbidden."""


class OutputError(AccessifyError, OSError):
    """A result cannot be written where it was asked for."""


class DiskFull(OutputError):
    """The disk ran out of space; nothing half-written was left."""

    def __init__(self, path: str | Path, needed: int | None = None) -> None:
        size = f" ({needed / 1e6:.0f} MB needed)" if needed else ""
        super().__init__(
            f"{path}: the disk is full{size}; free some space or choose another folder, "
            "then run the same command again",
            path=str(path),
            needed=needed,
        )


class NoOpenGL(AccessifyError, RuntimeError):
    """Nothing on this machine can draw with OpenGL."""

    reason: str

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no OpenGL to draw the avatar with ({reason}); on Debian and Ubuntu install libegl1 and "
            "libgl1-mesa-dri, which need neither screen nor graphics card, or use --style skeleton",
            reason=reason,
        )


class MissingExtra(AccessifyError, ImportError):
    """A package of an optional extra is not installed."""

    package: str
    extra: str

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; run: pip install 'accessify[{extra}]'",
            package=package,
            extra=extra,
        )
