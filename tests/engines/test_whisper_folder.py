from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

from accessify.core.errors import ModelError, ModelNotFound
from accessify.engines.whisper_folder import read_folder
from accessify.speech.whisper_sizes import FORMAT, WhisperDims

NAMES = ("encoder.onnx", "decoder.onnx", "decoder_words.onnx", "vocabulary.tiktoken")
SIZES = WhisperDims(80, 1500, 384, 6, 4, 51865, 448, 384, 6, 4)


def folder(path: Path) -> dict[str, Any]:
    """Files in `path` and the manifest they should have."""
    for number, name in enumerate(NAMES):
        (path / name).write_bytes(b"x" * (number + 1))
    return {
        "format": FORMAT,
        "kind": "whisper",
        "dims": asdict(SIZES),
        "multilingual": True,
        "languages": 99,
        "alignment_heads": [[0, 1], [3, 5]],
        "files": {name: {"sha256": "", "size": number + 1} for number, name in enumerate(NAMES)},
    }


def files(path: Path, manifest: object) -> Mapping[str, Path]:
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    (path / "manifest.json").write_text(text, "utf-8")
    return {entry.name: entry for entry in path.iterdir()}


def test_a_whole_folder(tmp_path: Path) -> None:
    found = read_folder(files(tmp_path, folder(tmp_path)))
    assert found.sizes == SIZES
    assert found.sizes.head == 64
    assert (found.languages, found.alignment_heads) == (99, 2)
    assert set(found.paths) == set(NAMES)


def test_the_manifest_finds_what_lies_beside_it(tmp_path: Path) -> None:
    everything = files(tmp_path, folder(tmp_path))
    found = read_folder({"manifest.json": everything["manifest.json"]})
    assert found.paths["encoder.onnx"] == tmp_path / "encoder.onnx"


def test_an_english_model_has_no_languages(tmp_path: Path) -> None:
    manifest = folder(tmp_path) | {"multilingual": False, "languages": 98}
    assert read_folder(files(tmp_path, manifest)).languages == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 1}, "format is 1, not 2"),
        ({"kind": "moonshine"}, "not the manifest of a Whisper"),
        ({"dims": {}}, "damaged .*n_mels"),
        ({"dims": asdict(SIZES) | {"n_mels": 80.5}}, "damaged .*80.5 is no size"),
        ({"dims": asdict(SIZES) | {"n_text_ctx": 0}}, "damaged .*0 is no size"),
        ({"languages": 101}, "damaged .*101 languages"),
        ({"alignment_heads": [[1]]}, "damaged"),
        ({"alignment_heads": None}, "damaged"),
        ({"files": {}}, "decoder.onnx, decoder_words.onnx, encoder.onnx, vocabulary.tiktoken is not listed"),
        ({"files": ["encoder.onnx"]}, "damaged"),
    ],
    ids=str,
)
def test_a_damaged_manifest_is_told(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        read_folder(files(tmp_path, folder(tmp_path) | change))
    assert "accessify models export whisper" in str(caught.value)


@pytest.mark.parametrize("name", [field.name for field in fields(WhisperDims)])
def test_every_size_is_needed(tmp_path: Path, name: str) -> None:
    manifest = folder(tmp_path)
    del manifest["dims"][name]
    with pytest.raises(ModelError, match=name):
        read_folder(files(tmp_path, manifest))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"kind": "whisper"}', "\x00"])
def test_what_is_no_manifest_is_told(tmp_path: Path, text: str) -> None:
    folder(tmp_path)
    with pytest.raises(ModelError, match="accessify models export whisper"):
        read_folder(files(tmp_path, text))


def cut(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("harm", "error"), [(cut, ModelError), (Path.unlink, ModelNotFound)])
def test_files_that_are_missing_or_cut_are_told(
    tmp_path: Path, name: str, harm: Callable[[Path], None], error: type[ModelError]
) -> None:
    found = files(tmp_path, folder(tmp_path))
    harm(tmp_path / name)
    with pytest.raises(error, match=rf"{name}.*accessify models export whisper"):
        read_folder(found)


def test_no_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        ModelNotFound, match=r"no manifest\.json among model\.pt; run: accessify models export"
    ):
        read_folder({"model.pt": tmp_path / "model.pt"})
    with pytest.raises(ModelNotFound, match="no such file"):
        read_folder({"manifest.json": tmp_path / "manifest.json"})
