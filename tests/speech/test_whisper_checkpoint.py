"""Checkpoints are read as openai-whisper reads them, and what is wrong with one is named."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import ModelError, ModelNotFound
from accessify.speech.whisper_checkpoint import Checkpoint, read_checkpoint, unreadable
from accessify.speech.whisper_sizes import WhisperDims, tensor_shapes
from tests.hub.whisper_models import SMALL_ENGLISH, SMALL_MANY, TINY, random_whisper, save_whisper

torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return {"dims": asdict(SMALL_MANY), "model_state_dict": random_whisper(SMALL_MANY).state_dict()}


def read(path: Path) -> Checkpoint:
    with path.open("rb") as file:
        return read_checkpoint(path, file, torch, whisper)


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


@pytest.mark.parametrize("dims", [SMALL_ENGLISH, SMALL_MANY, TINY])
def test_dimensions_say_what_openai_whisper_makes(dims: WhisperDims) -> None:
    model = whisper.model.Whisper(whisper.model.ModelDimensions(**asdict(dims)))
    assert dict(tensor_shapes(dims)) == {name: tuple(v.shape) for name, v in model.state_dict().items()}
    assert (dims.multilingual, dims.languages) == (model.is_multilingual, model.num_languages)


@pytest.mark.parametrize("half", [False, True])
def test_a_checkpoint_is_read(half: bool, tmp_path: Path) -> None:
    model = random_whisper(SMALL_ENGLISH)
    checkpoint = read(save_whisper(model, tmp_path / "any.pt", half=half))
    assert checkpoint.dims == SMALL_ENGLISH
    assert set(checkpoint.tensors) == set(model.state_dict())
    for name, values in model.state_dict().items():
        found = checkpoint.values(name)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, values.numpy(), rtol=1e-3 if half else 0, atol=1e-6 if half else 0)


def test_alignment_heads_are_those_of_openai_whisper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_whisper(TINY)
    path = save_whisper(model, tmp_path / "my.pt", half=True)
    checkpoint = read(path)
    assert list(checkpoint.alignment_heads) == [tuple(p) for p in model.alignment_heads.indices().T.tolist()]
    # As if this file were the published one.
    monkeypatch.setitem(whisper._MODELS, "tiny", f"https://example.org/{checkpoint.sha256}/tiny.pt")
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS["tiny"])
    heads = read(path).alignment_heads
    assert list(heads) == [tuple(pair) for pair in model.alignment_heads.indices().T.tolist()]
    assert len(heads) == 6


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_truncated_checkpoint_is_named(share: float, content: dict[str, Any], tmp_path: Path) -> None:
    path = saved(tmp_path / "cut.pt", content)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelError, match=r"cut\.pt: not a checkpoint of openai-whisper \(") as caught:
        read(path)
    if share:
        assert "cut off" in str(caught.value)


def test_what_is_not_whisper_is_named(content: dict[str, Any], tmp_path: Path) -> None:
    others = (b"RIFF0000WAVEfmt ", b"text", b"\x80\x02}q\x00.", b"\x80\x04\x8c\x02osXX")
    for number, other in enumerate(others):
        (tmp_path / f"{number}.pt").write_bytes(other)
    for path in (
        *(tmp_path / f"{number}.pt" for number in range(len(others))),
        saved(tmp_path / "state.pt", content["model_state_dict"]),
        saved(tmp_path / "list.pt", [1, 2]),
        saved(tmp_path / "tensor.pt", torch.zeros(3)),
        saved(tmp_path / "half.pt", {"dims": content["dims"]}),
        saved(tmp_path / "none.pt", {**content, "model_state_dict": None}),
        saved(tmp_path / "more.pt", {**content, "dims": content["dims"] | {"n_more": 1}}),
        saved(tmp_path / "other.pt", {**content, "dims": {"n_mels": 80}}),
    ):
        with pytest.raises(ModelError, match=rf"{path.name}: not a checkpoint of openai-whisper"):
            read(path)


class _Runs:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("ran"),)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number, save in enumerate((torch.save, lambda value, path: path.write_bytes(pickle.dumps(value)))):
        path = tmp_path / f"{number}.pt"
        save({"dims": _Runs(), "model_state_dict": {}}, path)
        with pytest.raises(ModelError, match="not a checkpoint"):
            read(path)
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n_vocab": 51863}, "51863 tokens, not one of 51864, 51865, 51866"),
        ({"n_vocab": 51867}, "51867 tokens, not one of 51864, 51865, 51866"),
        ({"n_vocab": 51865}, r"token_embedding\.weight is \[51866, 40\], its dims say \[51865, 40\]"),
        ({"n_text_layer": 1.5}, "n_text_layer is 1.5"),
        ({"n_text_layer": 2**31 - 1}, r"decoder\.blocks\.1\.attn\.query\.weight is missing"),
        ({"n_audio_ctx": 2**70}, "n_audio_ctx is no size"),
        ({"n_audio_head": 7}, "7 heads cannot share a width of 40"),
        ({"n_text_state": 48}, "its encoder is 40 wide, its decoder 48"),
        ({"n_mels": 0}, "n_mels is 0"),
        ({"n_mels": 64}, "n_mels is 64, not 80 or 128"),
        ({"n_audio_state": 15, "n_text_state": 15}, "cannot share a width of 15"),
        ({"n_text_layer": True}, "n_text_layer is True"),
        ({"n_mels": "80"}, "n_mels is '80'"),
        ({"n_mels": 80}, r"conv1\.weight is \[40, 128, 3\], its dims say \[40, 80, 3\]"),
        ({"n_audio_ctx": 1500}, r"encoder\.positional_embedding is \[75, 40\], its dims say \[1500, 40\]"),
        ({"n_text_layer": 2}, r"decoder\.blocks\.1\.attn\.query\.weight is missing"),
        ({"n_audio_layer": 2}, r"no Whisper has encoder\.blocks\.2"),
    ],
)
def test_tensors_of_another_size_are_named(
    changes: dict[str, Any], reason: str, content: dict[str, Any], tmp_path: Path
) -> None:
    path = saved(tmp_path / "w.pt", {**content, "dims": asdict(replace(SMALL_MANY, **changes))})
    with pytest.raises(ModelError, match=reason):
        read(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_named(
    value: float, content: dict[str, Any], tmp_path: Path
) -> None:
    state = {**content["model_state_dict"]}
    state["decoder.ln.bias"] = torch.full_like(state["decoder.ln.bias"], value)
    path = saved(tmp_path / "w.pt", {**content, "model_state_dict": state})
    with pytest.raises(ModelError, match=r"decoder\.ln\.bias holds what is not a number"):
        read(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda tensor: tensor.T, r"mlp\.2\.weight is \[160, 40\], its dims say \[40, 160\]"),
        (lambda _: "text", r"mlp\.2\.weight is missing"),
        (lambda tensor: tensor.int(), r"mlp\.2\.weight holds what is not a number"),
        (lambda tensor: tensor.to_sparse(), r"mlp\.2\.weight holds what is not a number"),
        (lambda tensor: tensor.to("meta"), r"mlp\.2\.weight holds what is not a number"),
    ],
)
def test_what_is_no_tensor_of_numbers_is_named(
    change: Any, reason: str, content: dict[str, Any], tmp_path: Path
) -> None:
    name = "decoder.blocks.0.mlp.2.weight"
    state = content["model_state_dict"] | {name: change(content["model_state_dict"][name])}
    path = saved(tmp_path / "w.pt", {**content, "model_state_dict": state})
    with pytest.raises(ModelError, match=reason):
        read(path)


def test_weights_that_could_be_trained_on_are_read(content: dict[str, Any], tmp_path: Path) -> None:
    name = "decoder.ln.bias"
    state = content["model_state_dict"] | {name: torch.nn.Parameter(content["model_state_dict"][name])}
    path = saved(tmp_path / "w.pt", {**content, "model_state_dict": state})
    np.testing.assert_array_equal(read(path).values(name), content["model_state_dict"][name].numpy())


def test_a_checkpoint_before_zip_archives_is_read(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save(content, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    checkpoint = read(tmp_path / "old.pt")
    name = "decoder.token_embedding.weight"
    np.testing.assert_array_equal(checkpoint.values(name), content["model_state_dict"][name].numpy())


FUZZED = WhisperDims(80, 4, 4, 1, 1, 51864, 4, 4, 1, 1)
SEEDS = 40


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest checkpoint there is."""
    return save_whisper(random_whisper(FUZZED), tmp_path_factory.mktemp("whole") / "w.pt", half=True)


def changed(source: Path, target: Path, seed: int) -> Path:
    """A copy of a checkpoint, bytes of whose pickle are others."""
    rng = np.random.default_rng(seed)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = bytearray(old.read(entry))
            if entry.filename.endswith("/data.pkl"):
                for place in rng.integers(0, len(data), rng.integers(1, 4)):
                    data[place] = rng.integers(0, 256)
            new.writestr(entry, bytes(data))
    return target


def test_any_change_of_the_pickle_is_read_or_named(whole: Path, tmp_path: Path) -> None:
    refused = 0
    for seed in range(SEEDS):
        path = changed(whole, tmp_path / "w.pt", seed)
        try:
            checkpoint = read(path)
        except ModelError:
            refused += 1
            continue
        shapes = {name: checkpoint.values(name).shape for name in checkpoint.tensors}
        assert shapes == dict(tensor_shapes(checkpoint.dims))
    assert refused > SEEDS / 2


@pytest.mark.parametrize(
    "error",
    [
        *(AttributeError, AssertionError, TypeError, ValueError, KeyError, IndexError, EOFError),
        *(RuntimeError, OverflowError, MemoryError, pickle.UnpicklingError),
    ],
)
def test_whatever_torch_raises_at_damage_is_named(
    error: type[Exception], whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object, **__: object) -> None:
        raise error("damage")

    monkeypatch.setattr(torch, "load", load)
    with pytest.raises(ModelError, match="cut off or damaged"):
        read(whole)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (FileNotFoundError(2, "No such file"), ModelNotFound, "no such file; give a checkpoint"),
        (IsADirectoryError(21, "Is a directory"), ModelNotFound, "no such file"),
        (PermissionError(13, "Permission denied"), ModelError, r"cannot be read \(Permission denied\)"),
    ],
)
def test_a_file_that_does_not_open_is_named(error: OSError, kind: type[ModelError], said: str) -> None:
    with pytest.raises(kind, match=rf"w\.pt: {said}"):
        raise unreadable(Path("w.pt"), error)
