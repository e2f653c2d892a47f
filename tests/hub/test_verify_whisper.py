"""Clips are a strict judge: good exports of a small trained Whisper pass and disturbed ones do not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import ModelError, ModelNotFound, OptionError
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.verify_whisper import LIMITS, SPEECH_LIMITS, Verified, _require
from accessify.hub.whisper_checkpoint import read_whisper
from accessify.hub.whisper_quantize import Precision

Clips = Sequence[NDArray[np.float32]]


@pytest.fixture(scope="module")
def source() -> Path:
    meaning = pytest.importorskip("tests.meaning")
    if not meaning.COMPACT.exists():
        pytest.skip(f"no {meaning.COMPACT.name}: train it with accessify train whisper")
    checkpoint: Path = meaning.small_whisper()
    return checkpoint


@pytest.fixture(scope="module")
def clips() -> Clips:
    """One of English, one of Mandarin, by voices that it has not heard."""
    training = pytest.importorskip("accessify.training.whisper_clips")
    try:
        return [clip.samples for clip in training.held_out(2)]
    except ModelNotFound as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("precision", [Precision.INT8, Precision.INT4])
def test_a_good_export_is_kept_and_a_disturbed_one_is_not(
    precision: Precision, source: Path, clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    limit, folder = SPEECH_LIMITS[precision], tmp_path / "place" / "out"
    verified = export_whisper(source, folder, Export(precision, clips=clips))
    assert verified.error < limit.error
    assert verified.clips == 2
    assert verified.agreement > 0.95  # one token at most: eSpeak's samples differ a little from call to call
    assert 20 < verified.tokens < 100  # the texts' ends end them
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["verified"]["judge"] == "clips"

    checkpoint = type(read_whisper(source))
    values = checkpoint.values

    def disturbed(self: Any, name: str) -> NDArray[np.float32]:
        louder = name.startswith("decoder.blocks.1.mlp") and name.endswith("weight")
        return values(self, name) * np.float32(1.3 if louder else 1.0)

    monkeypatch.setattr(checkpoint, "values", disturbed)
    with pytest.raises(ModelError, match=rf"the export is off by .* {precision} may be by .* on clips"):
        export_whisper(source, tmp_path / "place" / "new", Export(precision, clips=clips))
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["out"]


def test_clips_are_stricter_than_noise() -> None:
    for precision in Precision:
        assert SPEECH_LIMITS[precision].error <= LIMITS[precision]
    between = (SPEECH_LIMITS[Precision.INT8].error + LIMITS[Precision.INT8]) / 2
    _require(Verified(0, 112, between, 0.5), Precision.INT8)
    with pytest.raises(ModelError, match=r"int8 may be by 0\.2 on clips, so it is not kept"):
        _require(Verified(1, 112, between, 1.0), Precision.INT8)
    with pytest.raises(ModelError, match="off by nan"):
        _require(Verified(0, 112, np.nan, 1.0), Precision.INT8)


@pytest.mark.parametrize(("precision", "kept"), [("int8", 0.97), ("int4", 0.9), ("fp16", 0.97), ("fp32", 1)])
def test_other_tokens_are_not_kept(precision: str, kept: float) -> None:
    _require(Verified(3, 1000, 1e-5, kept), Precision(precision))
    with pytest.raises(
        ModelError, match=rf"other tokens than openai-whisper in .* {precision} may in .* clips"
    ):
        _require(Verified(3, 1000, 1e-5, kept - 0.01), Precision(precision))


def test_one_token_of_a_short_clip_may_be_another() -> None:
    _require(Verified(1, 40, 0.1, 38 / 40), Precision.INT8)  # both decoders are asked for it
    with pytest.raises(ModelError, match=r"in 10\.0% of cases"):
        _require(Verified(1, 40, 0.1, 36 / 40), Precision.INT8)
    with pytest.raises(ModelError, match="please report this"):
        _require(Verified(1, 40, 1e-5, 39 / 40), Precision.FP32)


def test_silence_proves_nothing(source: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    clips = [np.zeros(160_000, np.float32)]
    with pytest.raises(OptionError, match=r"too little speech to judge .* or leave --verify out"):
        export_whisper(source, tmp_path / "out", Export(Precision.INT8, clips=clips))
    assert not (tmp_path / "out").exists()
