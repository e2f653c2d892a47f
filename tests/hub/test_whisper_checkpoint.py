"""Checkpoints are read as openai-whisper reads them, and what is wrong with one is named."""

from __future__ import annotations

import pickle
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import ModelError, ModelNotFound
from accessify.hub.whisper_checkpoint import WhisperDims, read_whisper, tensor_shapes, whisper_package
from tests.hub.whisper_models import SMALL_ENGLISH, SMALL_MANY, TINY, random_whisper, save_whisper

torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return {"dims": asdict(SMALL_MANY), "model_state_dict": random_whisper(SMALL_MANY).state_dict()}


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


@pytest.mark.parametrize("dims", [SMALL_ENGLISH, SMALL_MANY, TINY])
def test_dimensions_say_what_openai_whisper_makes(dims: WhisperDims) -> None:
    model = whisper.model.Whisper(whisper.model.ModelDimensions(**asdict(dims)))
    assert tensor_shapes(dims) == {name: tuple(v.shape) for name, v in model.state_dict().items()}
    assert (dims.multilingual, dims.languages) == (model.is_multilingual, model.num_languages)


@pytest.mark.parametrize("half", [False, True])
def test_a_checkpoint_is_read(half: bool, tmp_path: Path) -> None:
    model = random_whisper(SMALL_ENGLISH)
    checkpoint = read_whisper(save_whisper(model, tmp_path / "any.pt", half=half))
    assert checkpoint.dims == SMALL_ENGLISH
    assert set(checkpoint.tensors) == set(model.state_dict())
    for name, values in model.state_dict().items():
        read = checkpoint.values(name)
        assert read.dtype == np.float32
        np.testing.assert_allclose(read, values.numpy(), rtol=1e-3 if half else 0, atol=1e-6 if half else 0)


def test_alignment_heads_are_those_of_openai_whisper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_whisper(TINY)
    path = save_whisper(model, tmp_path / "my.pt", half=True)
    checkpoint = read_whisper(path)
    assert list(checkpoint.alignment_heads) == [tuple(p) for p in model.alignment_heads.indices().T.tolist()]
    # As if this file were the published one.
    monkeypatch.setitem(whisper_package()._MODELS, "tiny", f"https://example.org/{checkpoint.sha256}/tiny.pt")
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS["tiny"])
    heads = read_whisper(path).alignment_heads
    assert list(heads) == [tuple(pair) for pair in model.alignment_heads.indices().T.tolist()]
    assert len(heads) == 6


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_truncated_checkpoint_is_named(share: float, content: dict[str, Any], tmp_path: Path) -> None:
    path = saved(tmp_path / "cut.pt", content)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelError, match=r"cut\.pt: not a checkpoint of openai-whisper \(") as caught:
        read_whisper(path)
    if share:
        assert "cut off" in str(caught.value)


def test_what_is_not_whisper_is_named(content: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"no such file"):
        read_whisper(tmp_path / "absent.pt")
    (tmp_path / "film.pt").write_bytes(b"RIFF0000WAVEfmt ")
    for path in (
        tmp_path / "film.pt",
        saved(tmp_path / "state.pt", content["model_state_dict"]),
        saved(tmp_path / "list.pt", [1, 2]),
        saved(tmp_path / "tensor.pt", torch.zeros(3)),
        saved(tmp_path / "half.pt", {"dims": content["dims"]}),
        saved(tmp_path / "other.pt", {**content, "dims": {"n_mels": 80}}),
    ):
        with pytest.raises(ModelError, match=rf"{path.name}: not a checkpoint of openai-whisper"):
            read_whisper(path)


class _Runs:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("ran"),)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number, save in enumerate((torch.save, lambda value, path: path.write_bytes(pickle.dumps(value)))):
        path = tmp_path / f"{number}.pt"
        save({"dims": _Runs(), "model_state_dict": {}}, path)
        with pytest.raises(ModelError, match="not a checkpoint"):
            read_whisper(path)
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n_vocab": 51863}, "51863 tokens"),
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
        read_whisper(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_named(
    value: float, content: dict[str, Any], tmp_path: Path
) -> None:
    state = {**content["model_state_dict"]}
    state["decoder.ln.bias"] = torch.full_like(state["decoder.ln.bias"], value)
    path = saved(tmp_path / "w.pt", {**content, "model_state_dict": state})
    with pytest.raises(ModelError, match=r"decoder\.ln\.bias holds what is not a number"):
        read_whisper(path)
