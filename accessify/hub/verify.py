"""Whether the model files on this machine are what the catalogue says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from accessify.hub.cache import is_whole, path_of
from accessify.hub.catalog import Model, ModelFile


class Health(StrEnum):
    """What a model file on this machine is worth."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    """Its size or sha256 is not the catalogue's."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The health of one file."""

    file: ModelFile
    path: Path
    health: Health


def verify_model(model: Model, *, thorough: bool = True) -> tuple[Verdict, ...]:
    """One verdict per file of `model`, in the catalogue's order.

    Every file is hashed, unless `thorough` is false: then only those written to since they were.
    """
    return tuple(Verdict(file, path_of(file), _health(path_of(file), file, thorough)) for file in model.files)


def _health(path: Path, file: ModelFile, thorough: bool) -> Health:
    if is_whole(path, file, thorough=thorough):
        return Health.WHOLE
    return Health.DAMAGED if path.exists() else Health.MISSING
