"""Who signs: our own figure, built once and kept, or one of the user's."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from accessify.avatar.character import build_figure
from accessify.avatar.look import Look
from accessify.avatar.proportions import figure_proportions
from accessify.core.cache_folder import cache_folder
from accessify.core.character import Character
from accessify.core.errors import FormatError, OutputError
from accessify.delivery.gltf_read import read_figure
from accessify.delivery.gltf_write import write_figure
from accessify.motion.character_proportions import proportions_of
from accessify.pipelines.performance import Figure

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """Who signs."""

    look: Look = field(default_factory=Look)
    """Colours of our own figure."""
    path: Path | None = None
    """A VRM or a humanoid glTF (`.vrm`, `.glb`) of the user's own instead."""


@lru_cache(maxsize=4)
def figure(options: FigureOptions = FigureOptions()) -> Figure:
    """The figure; our own one takes some 10 s to build the first time and is then read from the cache.

    Raises:
        FormatError: the user's file is no humanoid.
        MissingExtra: a package of the extra is not installed.
    """
    if options.path is not None:
        read = read_figure(options.path)
        return Figure(read.character, proportions_of(read.character), read.notes)
    return Figure(own_figure(options.look), figure_proportions())


def own_figure(look: Look) -> Character:
    """Our own figure in these colours, from the cache where it is there."""
    path = figure_path(look)
    if path.is_file():
        try:
            return read_figure(path).character
        except FormatError:
            log.warning("%s: damaged; the figure is built anew", path)
    built = build_figure(look)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_figure(built, path)
    except (OSError, OutputError) as error:
        log.warning("the figure cannot be kept in %s (%s); it is built again next time", path.parent, error)
    return built


def figure_path(look: Look) -> Path:
    """Where our figure in these colours is kept, a `.glb`."""
    name = hashlib.sha256((_sources() + repr(look)).encode()).hexdigest()[:16]
    return cache_folder() / "figures" / f"{name}.glb"


@cache
def _sources() -> str:
    """A name for all code that the figure follows from: what changes it makes another figure."""
    digest = hashlib.sha256()
    for package in ("accessify.avatar", "accessify.core"):
        for entry in sorted(files(package).iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                digest.update(entry.read_bytes())
    return digest.hexdigest()
