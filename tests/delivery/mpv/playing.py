"""A real mpv, without a screen, for tests."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_mpv = pytest.mark.skipif(shutil.which("mpv") is None, reason="needs the Debian package mpv")


@contextmanager
def mpv(address: Path, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """mpv with its socket at `address`; it is killed in the end."""
    run = ["mpv", "--no-config", "--no-terminal", "--vo=null", "--ao=null", f"--input-ipc-server={address}"]
    with subprocess.Popen([*run, *map(str, arguments)], stdin=subprocess.DEVNULL) as child:
        try:
            wait_for(address.exists)
            yield child
        finally:
            child.kill()


def wait_for(what: Callable[[], object], limit: float = 60) -> None:
    until = time.monotonic() + limit
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
