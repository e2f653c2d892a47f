"""The catalogue: which models there are, under which licence, from where, and how each file must hash."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from accessify.core.errors import UnknownName

CATALOG = files("accessify.hub") / "catalog.toml"


@dataclass(frozen=True, slots=True)
class Pinned:
    """Bytes that are known before they are fetched."""

    name: str
    """File name."""
    size: int
    """Bytes."""
    sha256: str
    """64 lower-case hexadecimal digits."""

    @property
    def label(self) -> str:
        """What people are told is being fetched; unique in the catalogue."""
        return self.name


@dataclass(frozen=True, slots=True)
class ModelFile(Pinned):
    """One file of a model."""

    model: str
    """Name of the model it belongs to."""
    member: str
    """Where it lies in its source: path inside the wheel, or below the base address. The file name of the
    wheel itself stands for all of it."""

    @property
    def label(self) -> str:
        return f"{self.model}/{self.name}"


@dataclass(frozen=True, slots=True)
class WheelSource(Pinned):
    """A wheel on the user's package index; its file name (PEP 427) says all that pip must be asked for."""

    @property
    def label(self) -> str:
        return self.requirement

    @property
    def requirement(self) -> str:
        """What pip calls it, e.g. `silero-vad==6.2.3`."""
        package, version = self.name.split("-")[:2]
        return f"{package.replace('_', '-')}=={version}"

    @property
    def pip_options(self) -> tuple[str, ...]:
        """Options that make pip choose this wheel on any platform and interpreter."""
        python, abi, platforms = self.name.removesuffix(".whl").split("-")[-3:]
        options = [f"--platform={tag}" for tag in platforms.split(".") if tag != "any"]
        if abi != "none":
            options += [f"--implementation={python[:2]}", f"--python-version={python[2:]}", f"--abi={abi}"]
        return tuple(options)


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A web address below which the files lie."""

    base: str
    """`http://…/` or `https://…/`; a file is at `base + member`."""

    def __post_init__(self) -> None:
        if not self.base.startswith(("http://", "https://")) or not self.base.endswith("/"):
            raise ValueError(f"{self.base}: a source is http(s) and ends in a slash")

    @property
    def name(self) -> str:
        return self.base


Source = WheelSource | UrlSource


@dataclass(frozen=True, slots=True)
class Model:
    """A set of files that are fetched and used together."""

    name: str
    task: str
    """What it does, as model hubs tag it, e.g. `automatic-speech-recognition`."""
    title: str
    licence: str
    """SPDX identifier."""
    languages: tuple[str, ...]
    """BCP 47 tags, or `*` for any language."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    """Tried in this order."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def load_catalog() -> Mapping[str, Model]:
    """All models by name, in the order of `catalog.toml`."""
    table = tomllib.loads(CATALOG.read_text("utf-8"))
    wheels = {key: WheelSource(**entry) for key, entry in table["wheels"].items()}
    return MappingProxyType({name: _model(name, entry, wheels) for name, entry in table["models"].items()})


def find_model(name: str) -> Model:
    """The model called `name`; raises `UnknownName` listing those there are."""
    catalog = load_catalog()
    if name not in catalog:
        raise UnknownName("model", name, catalog)
    return catalog[name]


def _model(name: str, entry: dict[str, Any], wheels: dict[str, WheelSource]) -> Model:
    return Model(
        name=name,
        task=entry["task"],
        title=entry["title"],
        licence=entry["licence"],
        languages=tuple(entry["languages"]),
        files=tuple(ModelFile(**{"model": name, "member": item["name"], **item}) for item in entry["files"]),
        sources=tuple(
            wheels[source["wheel"]] if "wheel" in source else UrlSource(source["url"])
            for source in entry["sources"]
        ),
    )
