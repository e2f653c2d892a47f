from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.hub.whisper_quantize import Precision
from accessify.hub.whisper_random import SIZES, random_whisper, write_random
from accessify.speech.whisper_sizes import WhisperDims, tensor_shapes

TINY = WhisperDims(80, 20, 64, 2, 2, 51865, 16, 64, 2, 2)


@pytest.mark.parametrize("size", ["tiny", "base", "small", "medium"])
def test_sizes_are_those_of_openai_whisper(size: str) -> None:
    """How many numbers each model has (Radford et al. 2022, table 1), in millions."""
    count = sum(np.prod(shape) for shape in dict(tensor_shapes(SIZES[size])).values())
    assert count / 1e6 == pytest.approx({"tiny": 39, "base": 74, "small": 244, "medium": 769}[size], rel=0.06)


def test_tensors_are_the_same_whenever_they_are_asked_for() -> None:
    drawn = random_whisper(TINY)
    assert set(drawn.tensors) == set(dict(tensor_shapes(TINY)))
    for name in ("decoder.token_embedding.weight", "encoder.blocks.0.mlp.0.bias"):
        assert drawn.values(name).shape == dict(tensor_shapes(TINY))[name]
        assert drawn.values(name).dtype == np.float32
        assert np.array_equal(drawn.values(name), drawn.values(name))
    assert not np.array_equal(drawn.values("decoder.ln.bias"), drawn.values("encoder.ln_post.bias"))
    assert (drawn.values("decoder.ln.weight") == 1).all()
    assert not np.array_equal(
        random_whisper(TINY, seed=1).values("decoder.ln.bias"), drawn.values("decoder.ln.bias")
    )


@pytest.mark.parametrize("precision", list(Precision))
def test_graphs_of_random_weights_run_and_give_numbers(precision: Precision, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="comes with the extra `export`")
    import onnxruntime

    encoder, decoder = (
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for path in write_random(TINY, precision, tmp_path)
    )
    real = np.float16 if precision is Precision.FP16 else np.float32
    heard = encoder.run(None, {"mel": np.zeros((1, 80, 40), real)})
    feed: dict[str, Any] = {
        output.name: value for output, value in zip(encoder.get_outputs(), heard, strict=True)
    }
    feed |= {"tokens": np.array([[7]]), "offset": np.zeros(1, np.int64)}
    for layer in range(TINY.n_text_layer):
        feed |= {f"self_{part}_{layer}": np.zeros((1, 2, 16, 32), real) for part in "kv"}
    (logits,) = decoder.run(["logits"], feed)
    assert logits.shape == (1, 1, 51865)
    assert np.isfinite(logits).all()
    assert asdict(TINY)["n_vocab"] == logits.shape[-1]
