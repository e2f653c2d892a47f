"""Small models, wheels and catalogues, and a cache and package index of their own."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from accessify.hub.catalog import Model, ModelFile, Source, WheelSource

WEIGHTS = bytes(range(256)) * 1000
"""256 kB that no shift maps onto itself, so that a part joined wrongly hashes wrongly."""
TOKENS = b"hello world"
WHEEL = "tiny_models-1.2-py3-none-win_arm64.whl"


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Give the test a cache and an empty package index below `folder`, and no way out."""
    for name in tuple(os.environ):
        if name.startswith(("ACCESSIFY_", "PIP_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ACCESSIFY_CACHE", str(folder / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder / "index"))
    (folder / "index").mkdir()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_file(name: str, content: bytes, model: str = "tiny", member: str | None = None) -> ModelFile:
    return ModelFile(name, len(content), sha256(content), model, member or name)


def make_model(*sources: Source, name: str = "tiny", **contents: bytes) -> Model:
    """A model of the files `weights.onnx` and `tokens.txt`, or those given as `stem=content`."""
    if contents:
        files = tuple(
            make_file(f"{stem}.bin", content, name, f"tiny_models/{stem}.bin")
            for stem, content in contents.items()
        )
    else:
        files = (
            make_file("weights.onnx", WEIGHTS, name, "tiny_models/weights.onnx"),
            make_file("tokens.txt", TOKENS, name, "tiny_models/tokens.txt"),
        )
    return Model(name, "automatic-speech-recognition", "Tiny", "MIT", ("en",), files, sources)


def make_wheel(
    folder: Path, members: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED
) -> WheelSource:
    """Write a valid wheel, for a machine that this one is not, with `members` in its package."""
    members = {"weights.onnx": WEIGHTS, "tokens.txt": TOKENS} if members is None else members
    folder.mkdir(parents=True, exist_ok=True)
    tag = WHEEL.removesuffix(".whl").split("-", 2)[2]
    info = "tiny_models-1.2.dist-info"
    entries = {f"tiny_models/{member}": content for member, content in members.items()}
    entries[f"{info}/METADATA"] = b"Metadata-Version: 2.1\nName: tiny-models\nVersion: 1.2\n"
    entries[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    entries[f"{info}/RECORD"] = "".join(f"{entry},,\n" for entry in entries).encode()
    with zipfile.ZipFile(folder / WHEEL, "w", compression) as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    content = (folder / WHEEL).read_bytes()
    return WheelSource(WHEEL, len(content), sha256(content))


def write_catalog(path: Path, model: Model, wheel: WheelSource) -> None:
    """Write a catalogue with one model that comes from one wheel."""
    lines = ["[wheels.only]", *_pairs(wheel.name, wheel.size, wheel.sha256)]
    lines += [f"[models.{model.name}]"]
    lines += [
        f"{key} = {json.dumps(getattr(model, key))}" for key in ("task", "title", "licence", "languages")
    ]
    lines += ['sources = [{ wheel = "only" }]']
    for file in model.files:
        lines += [f"[[models.{model.name}.files]]", *_pairs(file.name, file.size, file.sha256)]
        lines += [f"member = {json.dumps(file.member)}"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _pairs(name: str, size: int, digest: str) -> list[str]:
    return [f"name = {json.dumps(name)}", f"size = {size}", f"sha256 = {json.dumps(digest)}"]
