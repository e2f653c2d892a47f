"""A checkpoint becomes a folder that says what openai-whisper says, or nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import ModelError, OptionError, OutputError
from accessify.core.progress import Progress
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.verify_whisper import LIMITS, verify_whisper
from accessify.hub.whisper_checkpoint import read_whisper
from accessify.hub.whisper_layers import Weights
from accessify.hub.whisper_quantize import Precision
from accessify.speech import whisper_sizes as module
from tests.hub.whisper_models import (
    SMALL_ENGLISH,
    SMALL_MANY,
    graph_greedy,
    greedy,
    random_whisper,
    save_whisper,
    session,
    start_of,
)
from tests.spoken import sound

torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")
pytest.importorskip("onnx")

FILES = {"encoder.onnx", "decoder.onnx", "decoder_words.onnx", "vocabulary.tiktoken"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "many.pt"
    return save_whisper(random_whisper(SMALL_MANY), path, half=True)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def manifest_of(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return read


@pytest.mark.parametrize("precision", list(Precision))
def test_a_folder_is_whole(precision: Precision, source: Path, place: Path) -> None:
    folder, steps = place / "new" / "out", list[Progress]()
    verified = export_whisper(source, folder, Export(precision), on_progress=steps.append)
    assert [(step.done, step.total) for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {path.name for path in folder.iterdir()} == FILES | {"manifest.json"}
    assert [path.name for path in folder.parent.iterdir()] == ["out"]
    manifest = manifest_of(folder)
    files = manifest.pop("files")
    assert files == {
        name: {
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
            "size": (folder / name).stat().st_size,
        }
        for name in FILES
    }
    assert manifest == {
        "format": 2,
        "kind": "whisper",
        "dims": asdict(SMALL_MANY),
        "multilingual": True,
        "languages": 100,
        "precision": {"encoder": str(precision.encoder), "decoder": str(precision)},
        "opset": 17,
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "alignment_heads": [[0, 0], [0, 1]],
        "verified": {"judge": "noise", **asdict(verified)},
    }
    assert verified.error <= LIMITS[precision]
    assert verified.tokens == 2 * 2 * 28


def test_smaller_weights_make_smaller_files(source: Path, place: Path) -> None:
    sizes, errors = {}, {}
    for precision in Precision:
        errors[precision] = export_whisper(source, place / precision, Export(precision)).error
        sizes[precision] = [(place / precision / f"{n}.onnx").stat().st_size for n in ("encoder", "decoder")]
    (encoder, decoder), eight = sizes[Precision.FP32], sizes[Precision.INT8]
    assert sizes[Precision.FP16] == pytest.approx([encoder / 2, decoder / 2], rel=0.1)
    # Convolutions stay as they are, and 40 inputs are filled up to 48.
    assert eight == pytest.approx([encoder / 2, decoder / 3], rel=0.15)
    assert sizes[Precision.INT4][0] == eight[0]
    assert sizes[Precision.INT4][1] < eight[1]
    assert errors["fp32"] < 1e-5 < errors["fp16"] < 5e-3 < errors["int8"] < 0.1 < errors["int4"] < 0.5


@pytest.mark.parametrize(("precision", "encoder"), [("int8", "fp32"), ("int8", "fp16"), ("fp16", "int8")])
def test_the_encoder_may_be_of_another_precision(
    precision: str, encoder: str, source: Path, place: Path
) -> None:
    verified = export_whisper(source, place / "out", Export(Precision(precision), Precision(encoder)))
    assert manifest_of(place / "out")["precision"] == {"encoder": encoder, "decoder": precision}
    given = {port.type for port in session(place / "out" / "encoder.onnx").get_outputs()}
    taken = {port.type for port in session(place / "out" / "decoder.onnx").get_inputs()}
    assert given == taken - {"tensor(int64)"}
    assert verified.error < 0.1


def test_no_encoder_is_int4() -> None:
    with pytest.raises(OptionError, match="choose --encoder int8"):
        Export(Precision.INT8, Precision.INT4)


@pytest.mark.parametrize(
    ("dims", "name", "count"), [(SMALL_ENGLISH, "gpt2", 50256), (SMALL_MANY, "multilingual", 50257)]
)
def test_the_vocabulary_is_that_of_the_checkpoint(dims: Any, name: str, count: int, place: Path) -> None:
    export_whisper(save_whisper(random_whisper(dims), place / "w.pt"), place / "out")
    ranks = (place / "out" / "vocabulary.tiktoken").read_bytes()
    assert ranks == (Path(whisper.__file__).parent / "assets" / f"{name}.tiktoken").read_bytes()
    assert len(ranks.splitlines()) == count


@pytest.mark.models
def test_speech_verifies_and_is_decoded_alike(place: Path) -> None:
    model = random_whisper(SMALL_MANY, seed=4)
    source = save_whisper(model, place / "w.pt")
    clips = (sound("beckett.wav").samples,)
    verified = export_whisper(source, place / "out", Export(clips=clips))
    assert (verified.clips, verified.agreement) == (1, 1.0)
    window = whisper.pad_or_trim(clips[0], 2 * SMALL_MANY.n_audio_ctx * 160)
    mel = whisper.log_mel_spectrogram(window, n_mels=128).numpy()
    encoder, decoder = (session(place / "out" / f"{name}.onnx") for name in ("encoder", "decoder"))
    theirs, _ = greedy(model, mel, start_of(SMALL_MANY), 40)
    assert graph_greedy(encoder, decoder, mel, start_of(SMALL_MANY), 40)[0] == theirs


@pytest.mark.parametrize("samples", [0, 1600, 32_000])
def test_clips_of_any_length_verify(samples: int, source: Path, place: Path) -> None:
    clip = np.random.default_rng(0).normal(size=samples).astype(np.float32) * 0.1
    verified = export_whisper(source, place / "out", Export(clips=(clip,)))
    assert (verified.clips, verified.tokens) == (1, 2 * (4 + 64))


def test_large_weights_lie_beside_their_graphs(source: Path, place: Path) -> None:
    folder = place / "out"
    export_whisper(source, folder, Export(external=500_000))
    names = {path.name for path in folder.iterdir()}
    assert names == FILES | {"manifest.json", "decoder.onnx.data"}
    assert set(manifest_of(folder)["files"]) == names - {"manifest.json"}
    for name in ("decoder", "decoder_words"):
        assert (folder / f"{name}.onnx").stat().st_size < 100_000


def test_an_export_that_says_something_else_is_not_kept(
    source: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_whisper(source, place / "out", Export(Precision.INT8))
    before = manifest_of(place / "out")

    def turned(self: Weights, writer: Any, x: str, name: str, weight: Any) -> str:
        return str(writer.add("MatMul", [x, writer.weight(name, -weight)]))

    monkeypatch.setattr(Weights, "product", turned)
    for folder in (place / "out", place / "other"):
        with pytest.raises(ModelError, match=rf"{folder.name}: the export is off by .* not kept"):
            export_whisper(source, folder)
    assert {path.name for path in place.iterdir()} == {"out"}
    assert manifest_of(place / "out") == before


def test_verification_sees_one_wrong_weight(source: Path, place: Path) -> None:
    export_whisper(source, place / "out")
    checkpoint = read_whisper(source)
    name = "decoder.blocks.0.mlp.0.bias"
    checkpoint.tensors[name][0] += 0.5  # type: ignore[index]
    with pytest.raises(ModelError, match="the export is off by"):
        verify_whisper(place / "out", checkpoint, Precision.FP32)


def test_numbers_beyond_float16_are_not_kept(place: Path) -> None:
    model = random_whisper(SMALL_MANY)
    with torch.no_grad():
        model.decoder.blocks[0].mlp[2].bias[0] = 1e6
    source = save_whisper(model, place / "w.pt")
    export_whisper(source, place / "fp32")
    with pytest.raises(
        ModelError, match=r"fp16: decoder\.blocks\.0\.mlp\.2\.bias holds numbers beyond float16"
    ):
        export_whisper(source, place / "fp16", Export(Precision.FP16))
    assert not (place / "fp16").exists()


def test_an_earlier_export_is_replaced(source: Path, place: Path) -> None:
    (place / "out").mkdir()  # an empty folder is free
    export_whisper(source, place / "out", Export(external=500_000))
    export_whisper(source, place / "out", Export(Precision.INT8))
    assert manifest_of(place / "out")["precision"]["decoder"] == "int8"
    assert {path.name for path in (place / "out").iterdir()} == FILES | {"manifest.json"}
    assert {path.name for path in place.iterdir()} == {"out"}


def test_other_things_are_not_replaced(source: Path, place: Path) -> None:
    (place / "film.mp4").write_bytes(b"film")
    (place / "holiday").mkdir()
    (place / "holiday" / "beach.jpg").write_bytes(b"sand")
    export_whisper(source, place / "mixed")
    (place / "mixed" / "notes.txt").write_text("mine", "utf-8")
    for name in ("film.mp4", "holiday", "mixed"):
        with pytest.raises(OutputError, match=rf"{name}: something else is in the way"):
            export_whisper(source, place / name)
    with pytest.raises(OutputError, match="another"):
        export_whisper(source, place / "film.mp4" / "out")


@pytest.mark.parametrize("content", ['{"kind": "optimized"}', '{"name": "a web page"}', "[]", "no JSON", "["])
def test_a_manifest_of_others_is_not_replaced(content: str, source: Path, place: Path) -> None:
    (place / "manifest.json").write_text(content, "utf-8")
    with pytest.raises(OutputError, match="place: something else is in the way"):
        export_whisper(source, place)
    assert (place / "manifest.json").read_text("utf-8") == content


def test_a_checkpoint_that_is_none_leaves_nothing(place: Path) -> None:
    (place / "w.pt").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not a checkpoint"):
        export_whisper(place / "w.pt", place / "out")
    assert {path.name for path in place.iterdir()} == {"w.pt"}


def test_the_graphs_that_are_told_of_are_those_that_are_written() -> None:
    assert {*module.GRAPHS, module.VOCABULARY} == FILES
