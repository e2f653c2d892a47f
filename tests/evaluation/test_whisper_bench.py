"""The Whisper bench over small networks: the same number of tokens everywhere, losses, tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import OptionError, UnknownName
from accessify.evaluation import whisper_bench, whisper_child, whisper_loss
from accessify.evaluation.tables import BENCHES, PARTS, fill
from accessify.evaluation.whisper_bench import WhisperBenchOptions, bench_whisper
from accessify.evaluation.whisper_loss import REFERENCE, HeldOut, Loss, count_errors
from accessify.evaluation.whisper_report import TOGETHER, figures, ratio
from accessify.evaluation.whisper_systems import FASTER, OPENAI, OURS, open_system
from accessify.evaluation.whisper_weights import write_weights
from accessify.speech.whisper_sizes import WhisperDims
from tests.engines.whisper_folders import checkpoint

for _package in ("torch", "whisper", "onnx", "tiktoken", "faster_whisper", "psutil", "jiwer"):
    pytest.importorskip(_package)

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # openai-whisper's vocabulary

NARROW = WhisperDims(80, 1500, 64, 2, 2, 51865, 448, 64, 2, 2)
TOKENS = 12


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A quick run, of a narrow model in place of tiny."""
    work = tmp_path_factory.mktemp("bench")
    stages: list[str] = []
    options = WhisperBenchOptions(tokens=TOKENS, threads=1, quick=True, keep=work)
    sound = np.random.default_rng(0).normal(0, 0.1, 50_000).astype(np.float32)
    heard = [HeldOut(sound, "nobody knows", "en"), HeldOut(sound[:20_000], "没有人", "zh")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whisper_bench, "DIMS", {"tiny": NARROW})
        told = bench_whisper(
            ("noise", sound), (checkpoint(), heard), options, lambda progress: stages.append(progress.stage)
        )
    assert any("round 1 of 1" in stage for stage in stages)
    return told


def test_every_system_writes_the_forced_number_of_tokens(bench: dict[str, Any]) -> None:
    rows = bench["rows"]
    assert {(row["system"], row["batch"]) for row in rows} == {
        *((system, 1) for system in (OURS, FASTER, OPENAI)),
        *((system, TOGETHER) for system in (OURS, FASTER)),
    }
    for row in rows:
        assert row["tokens"] == TOKENS
        assert row["seconds"] > 0
        assert row["peak"] > 50e6


def test_the_result_is_json_with_a_table_for_every_part(bench: dict[str, Any]) -> None:
    told = json.loads(json.dumps(bench, allow_nan=False))
    assert set(told["figures"]) <= {figure.name for figure in BENCHES["whisper"]}
    for part in PARTS["whisper"]:
        table = fill(f"<!-- bench:whisper:{part} -->\n<!-- /bench:whisper:{part} -->", {"whisper": told})
        assert table.count("|") > 8, part
    assert "over_openai_tiny" in told["figures"]
    assert told["figures"]["loss_fp16"] == pytest.approx(0, abs=60)


def test_the_float_export_says_what_openai_whisper_says(bench: dict[str, Any]) -> None:
    by = {loss["name"]: loss for loss in bench["losses"]}
    assert list(by) == [REFERENCE, "fp32", "fp16", "int8", "int4"]
    assert by["fp32"]["differ"] == 0
    assert by["fp32"]["errors"] == by[REFERENCE]["errors"]


def test_the_weights_say_how_many_tokens(tmp_path: Path) -> None:
    path = write_weights(replace(NARROW, n_text_layer=1), 30, tmp_path / "model.pt")
    windows = np.zeros((1, 480_000), np.float32)
    windows[0, ::7] = 0.1
    assert open_system(OPENAI, path, 1, 1)(windows) == [30]


def test_unknown_systems_and_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="whisper-onnx"):
        open_system("whisper-cpp", tmp_path, 1, 1)
    with pytest.raises(OptionError, match="tiny, base, small"):
        bench_whisper(("x", np.zeros(9, np.float32)), options=WhisperBenchOptions(sizes=("huge",)))
    with pytest.raises(OptionError, match="no sound"):
        bench_whisper(("x", np.zeros(0, np.float32)))


def test_what_a_child_says_of_a_bad_model_is_told(tmp_path: Path) -> None:
    request, result = tmp_path / "request.json", tmp_path / "result.json"
    (tmp_path / "model.pt").write_bytes(b"nothing")
    asked = {"work": "convert", "threads": 2, "model": str(tmp_path / "model.pt"), "precision": "int8"}
    request.write_text(json.dumps(asked | {"folder": str(tmp_path / "out"), "result": str(result)}), "utf-8")
    whisper_child.main(request)
    assert "not a checkpoint of openai-whisper" in json.loads(result.read_text("utf-8"))["error"]


def test_memory_is_that_of_this_process() -> None:
    assert 10e6 < whisper_child.peak_memory() < 100e9


@pytest.mark.parametrize(
    ("said", "heard", "language", "errors", "count"),
    [
        ("Where is Ann?", "where is ann", "en", 0, 3),
        ("Where is Ann?", "Where Ann is", "en", 2, 3),
        ("我看见三只猫。", "我看见山只猫", "zh", 1, 6),
        ("Yes", "", "en", 1, 1),
    ],
)
def test_errors_are_counted_by_words_or_characters(
    said: str, heard: str, language: str, errors: int, count: int
) -> None:
    assert count_errors(said, heard, language) == (errors, count)


def test_a_loss_is_that_of_the_worse_language() -> None:
    losses = [
        Loss(REFERENCE, {"en": 2.0, "zh": 5.0}, 0),
        *(Loss(name, {"en": 2.1, "zh": 5.4}, 3) for name in ("fp32", "fp16", "int8", "int4")),
    ]
    assert figures([], [], losses)["loss_int8"] == pytest.approx(0.4)
    assert whisper_loss.units("It's 5 o'clock.", "en") == ["it's", "5", "o'clock"]


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio({"rounds": [2.0, 9.0, 6.0]}, {"rounds": [1.0, 3.0, 3.0]}) == 2.0
