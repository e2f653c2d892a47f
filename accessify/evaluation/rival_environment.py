"""MediaPipe's last package with a holistic solution, in an environment of its own.

It pins numpy below 2 and has no wheel for Python 3.13, so it is never installed beside accessify:
the bench makes a virtual environment in the cache, once, with pip and the user's own index.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import DownloadFailed, Offline, OptionError
from accessify.hub.cache import locked, writing_cache

_log = logging.getLogger(__name__)

PACKAGE = "mediapipe==0.10.21"
OLDEST, NEWEST = (3, 10), (3, 12)
"""Pythons that it has wheels for and that are still kept up."""
_COMPLETE = "complete"
"""A file that is written last: an environment without it was left half-made."""
_NAMES = tuple(f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1))
_ABLE = "import ensurepip, sys, venv; print(*sys.version_info[:2])"


def rival_python(on_make: Callable[[str], None] | None = None) -> Path:
    """The interpreter of the environment, which is made first where it is missing.

    `on_make` is told what is being done. Raises `OptionError` where no fitting Python is on the
    PATH, `Offline`, and `DownloadFailed` with pip's own words.
    """
    folder = cache_folder() / "rivals" / PACKAGE.replace("==", "-")
    if _works(folder):
        return _interpreter(folder)
    with locked(folder.name):
        if not _works(folder):  # another process may have made it meanwhile
            _make(folder, on_make or _log.info)
    return _interpreter(folder)


def find_base_python() -> Path:
    """A Python that MediaPipe has a wheel for, our own first; raises `OptionError` where none is found."""
    for candidate in _candidates():
        if OLDEST <= _version(candidate) <= NEWEST:
            return candidate
    span = " to ".join(".".join(map(str, version)) for version in (OLDEST, NEWEST))
    raise OptionError(
        f"{PACKAGE} needs Python {span} with venv, and none is on the PATH; install python3.12, or leave "
        "MediaPipe out with --no-rivals"
    )


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable)
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)


def _version(python: Path) -> tuple[int, int]:
    """Major and minor; (0, 0) where it cannot make environments (or is a stand-in for nothing)."""
    try:
        done = subprocess.run([python, "-c", _ABLE], capture_output=True, text=True, check=True, timeout=30)
        major, minor = map(int, done.stdout.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0, 0
    return major, minor


def _interpreter(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _works(folder: Path) -> bool:
    """Whether it was made to the end and the Python it stands on is still there."""
    return (folder / _COMPLETE).is_file() and _version(_interpreter(folder)) != (0, 0)


def _make(folder: Path, on_make: Callable[[str], None]) -> None:
    base = find_base_python()
    if os.environ.get("ACCESSIFY_OFFLINE", "0") not in ("", "0"):
        raise Offline(f"{PACKAGE} must be fetched, but ACCESSIFY_OFFLINE forbids it; use --no-rivals")
    with writing_cache():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
    on_make(f"make an environment with {PACKAGE}, once")
    pip: list[str | Path] = [_interpreter(folder), "-m", "pip", "--disable-pip-version-check", "install"]
    try:
        _run([base, "-m", "venv", folder])
        _run([*pip, "--quiet", "--prefer-binary", PACKAGE])
        (folder / _COMPLETE).touch()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        complaints = [line for line in said if line.startswith("ERROR")] or said
        reason = complaints[-1] if complaints else "no reason given"
        raise DownloadFailed(
            f"the environment for {PACKAGE} could not be made ({reason}); "
            "mend that or leave MediaPipe out with --no-rivals"
        )
