"""Whether a folder of networks made here still holds what its manifest lists.

Two commands write such folders: `accessify models export whisper` and `accessify models optimize`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accessify.core.errors import ModelError, ModelNotFound
from accessify.hub.cache import sha256_of
from accessify.hub.verify import Health

MANIFEST = "manifest.json"

OPTIMIZED = "optimized"
"""The kind of a folder of `accessify models optimize`."""

MAKERS: Mapping[str, str] = MappingProxyType(
    {
        "whisper": "accessify models export whisper --model MODEL -o",
        OPTIMIZED: "accessify models optimize NAME -o",
    }
)
"""Kind of a folder → the command that writes one, up to the folder."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as a manifest tells it."""

    path: Path
    sha256: str
    size: int

    @property
    def health(self) -> Health:
        """What the file is worth; all of it is read where its size is right."""
        try:
            size = self.path.stat().st_size
            whole = size == self.size and sha256_of(self.path) == self.sha256
        except FileNotFoundError:
            return Health.MISSING
        except OSError:  # a disk that cannot read it back
            return Health.DAMAGED
        return Health.WHOLE if whole else Health.DAMAGED


@dataclass(frozen=True, slots=True)
class MadeFolder:
    """A folder that accessify wrote."""

    kind: str
    """One of `MAKERS`."""
    files: tuple[Listed, ...]

    @property
    def maker(self) -> str:
        """The command that writes such a folder, up to the folder."""
        return MAKERS[self.kind]


def read_made(folder: Path) -> MadeFolder:
    """What the manifest in `folder` lists, one file at least; no file is looked at.

    Raises `ModelNotFound` where there is no manifest, `ModelError` where it is damaged or not of `MAKERS`.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        ways = " or ".join(command.split(" -")[0] for command in MAKERS.values())
        raise ModelNotFound(f"{path}: no such file; give a folder written by {ways}") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: damaged ({error}); write the folder again") from error
    kind = str(manifest.get("kind")) if isinstance(manifest, dict) else ""
    if kind not in MAKERS:
        raise ModelError(f"{path}: not by accessify; give a folder of kind {' or '.join(MAKERS)}")
    try:
        files = _files(folder, manifest["files"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: damaged ({error}); run: {MAKERS[kind]} {folder}") from error
    return MadeFolder(kind, files)


def _files(folder: Path, rows: Mapping[str, Any]) -> tuple[Listed, ...]:
    """The rows of a manifest; raises `ValueError` where there is none."""
    if not rows:
        raise ValueError("it lists no files")
    return tuple(_listed(folder, name, entry) for name, entry in rows.items())


def _listed(folder: Path, name: str, entry: Mapping[str, Any]) -> Listed:
    """A row of a manifest; raises `ValueError` where it leads out of the folder."""
    if name in {"", ".", ".."} or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} is no file name")
    return Listed(folder / name, str(entry["sha256"]), int(entry["size"]))
