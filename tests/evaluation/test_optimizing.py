from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from accessify.cli import app
from accessify.cli.models_optimize import _PRECISIONS
from accessify.core.errors import ModelNotFound, OptionError, UnknownName
from accessify.engines.letters import LetterReader
from accessify.engines.session import open_session, run_session
from accessify.engines.signs import OnnxSignEncoder
from accessify.evaluation import optimizing
from accessify.evaluation.optimize_judges import (
    SCORES,
    SPEECH,
    UNKNOWN,
    Judge,
    landmark_judges,
    letter_judges,
    sign_judges,
)
from accessify.evaluation.optimize_subjects import MODELS, subjects
from accessify.evaluation.optimizing import MANIFEST, PRECISIONS, OptimizeOptions, optimize
from accessify.hub.cache import sha256_of
from accessify.hub.graph_variants import Variant, write_variant

onnx = pytest.importorskip("onnx", reason="comes with the extra `export`")
SHORT = 0.2


def wide_product(path: Path, width: int = 1024) -> Path:
    """A graph of nothing but large products, of which 8 bits make less work."""
    rng = np.random.default_rng(0)
    helper = onnx.helper
    weights = [
        onnx.numpy_helper.from_array(rng.standard_normal((width, width)).astype(np.float32), f"w{index}")
        for index in range(3)
    ]
    nodes = [
        helper.make_node("MatMul", [name, weight.name], [out])
        for name, weight, out in zip(("x", "a", "b"), weights, ("a", "b", "y"), strict=True)
    ]
    ports = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", width]) for name in "xy"]
    graph = helper.make_graph(nodes, "wide", ports[:1], ports[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judges who let everything through."""
    judges = (Judge("anything", 9.0, UNKNOWN[0].compare),)
    found = optimizing.subjects
    monkeypatch.setattr(
        optimizing,
        "subjects",
        lambda *given: tuple(replace(one, judges=judges) for one in found(*given)),
    )


@pytest.mark.usefixtures("lenient")
def test_what_is_faster_is_written_with_all_that_was_measured(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx")
    told = optimize(str(source), tmp_path / "out", OptimizeOptions(precision="int8", seconds=SHORT))
    row = told["graphs"]["wide"]
    assert row["chosen"] in {"int8", "int8-calibrated"}
    assert row["variants"][row["chosen"]]["ratio"] >= 1.05
    assert row["original"]["sha256"] == sha256_of(source)
    assert json.loads((tmp_path / "out" / MANIFEST).read_text("utf-8")) == told
    written = tmp_path / "out" / "wide.onnx"
    assert told["files"] == {"wide.onnx": {"sha256": sha256_of(written), "size": written.stat().st_size}}
    feed = {"x": np.ones((1, 1024), np.float32)}
    before, after = (run_session(open_session(path), "wide", feed)[0] for path in (source, written))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.99


def test_what_changes_the_output_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx")
    told = optimize(str(source), tmp_path / "out", OptimizeOptions(precision="int8", seconds=SHORT))
    row = told["graphs"]["wide"]
    assert row["chosen"] is None
    for name in ("int8", "int8-calibrated"):
        assert "more than 0.01" in row["variants"][name]["refused"]
        assert "ms" not in row["variants"][name]
    assert told["files"] == {}
    assert not (tmp_path / "out").exists()


def test_what_is_not_faster_is_not_written(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx")
    told = optimize(str(source), tmp_path / "out", OptimizeOptions(precision="fp32", seconds=SHORT))
    (row,) = told["graphs"]["wide"]["variants"].values()
    assert row["refused"] is None
    assert row["changes"][0]["value"] < 1e-6
    assert told["graphs"]["wide"]["chosen"] is None
    assert not (tmp_path / "out").exists()
    assert set(told["graphs"]["wide"]["threads"]) >= {"1"}


def test_the_letter_network_is_judged_by_the_letters_that_it_reads(tmp_path: Path) -> None:
    told = optimize("letters-ase", tmp_path, OptimizeOptions(precision="fp16", seconds=SHORT))
    row = told["graphs"]["letters-ase"]["variants"]["fp16"]
    assert row["changes"][0]["what"] == "share of hands that are read as another letter"
    assert row["changes"][0]["value"] <= row["changes"][0]["limit"]


def test_the_sign_encoder_in_8_bits_finds_the_same_signs_sooner(tmp_path: Path) -> None:
    told = optimize("signs", tmp_path, OptimizeOptions(precision="int8", seconds=SHORT))
    row = told["graphs"]["signs"]["variants"]["int8"]
    assert row["refused"] is None
    assert row["changes"][0]["value"] == 0
    if told["files"]:  # a busy machine may not be sure of it
        assert OnnxSignEncoder(tmp_path / "signs.onnx")


def test_a_written_letter_network_is_one_that_the_reader_takes(tmp_path: Path) -> None:
    (subject,) = subjects("letters-ase")
    write_variant(subject.path, Variant.INT8, tmp_path / "new.onnx")
    assert LetterReader(tmp_path / "new.onnx").letters == LetterReader(subject.path).letters


@pytest.mark.models
def test_the_speech_detector_is_judged_by_what_it_takes_for_speech(tmp_path: Path) -> None:
    told = optimize("silero-vad", tmp_path, OptimizeOptions(seconds=SHORT))
    variants = told["graphs"]["silero_vad_16k_sequence"]["variants"]
    assert variants["graph"]["changes"][0]["value"] == 0
    assert "nothing to quantise" in variants["int8"]["refused"]


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("holistic-landmarks", OptionError, "give a film of a person with --example"),
        ("moonshine-tiny-en", OptionError, "already optimised and in 8 bits"),
        ("letter", UnknownName, "did you mean 'letters-ase'"),
        ("nothing.onnx", ModelNotFound, "no such file"),
    ],
)
@pytest.mark.models
def test_what_cannot_be_done_is_told(name: str, error: type[Exception], told: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=told) as caught:
        optimize(name, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_an_ort_file_is_told_to_be_ready(tmp_path: Path) -> None:
    path = tmp_path / "encoder.ort"
    path.write_bytes(b"ORTM")
    with pytest.raises(OptionError, match="onnxruntime's own format"):
        optimize(str(path), tmp_path)


def test_an_unknown_precision_and_device_are_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no precision 'int2'; choose from: fp32, int8, fp16"):
        OptimizeOptions(precision="int2")
    with pytest.raises(OptionError, match="no device 'abacus'"):
        optimize("letters-ase", tmp_path, OptimizeOptions(device="abacus"))


# Judges


def outputs(*values: Any) -> list[dict[str, Any]]:
    return [{"output0": np.asarray(value, np.float32)} for value in values]


def test_pixels_are_the_mean_distance_of_points() -> None:
    points, presence = landmark_judges("hand_landmark_full")
    before, moved = np.zeros((1, 63), np.float32), np.tile(np.float32([3, 4, 9]), 21)[None]
    assert points.change(outputs(before), outputs(moved)) == pytest.approx(5)
    pair = [{"output0": before, "output1": np.float32([[value]])} for value in (0.9, 0.6)]
    assert presence.change(pair[:1], pair[1:]) == pytest.approx(0.3)


def test_letters_speech_and_scores_are_counted() -> None:
    (letters,) = letter_judges(2)
    logs = [[[0.1, 0.9, 5.0], [0.9, 0.1, 5.0]]], [[[0.9, 0.1, 0.0], [0.9, 0.1, 0.0]]]
    assert letters.change(outputs(*logs[0]), outputs(*logs[1])) == 0.5
    assert SPEECH[0].change(outputs([0.4, 0.6, 0.7, 0.1]), outputs([0.6, 0.6, 0.7, 0.1])) == 0.25
    assert SCORES[0].change(outputs([0.0, 1.0]), outputs([0.5, 1.0])) == 0.25
    assert UNKNOWN[0].change(outputs([3.0, 4.0]), outputs([3.3, 4.4])) == pytest.approx(0.1)
    assert UNKNOWN[0].change(outputs([0.0]), outputs([0.5])) == 0.5


def test_signs_are_compared_by_the_word_of_their_neighbour() -> None:
    def codes(order: list[int]) -> list[dict[str, Any]]:
        whole = np.eye(2, dtype=np.float32)[order]
        return [{"moments": np.repeat(whole[:, None], 32, axis=1), "wholes": whole}]

    (judge,) = sign_judges(["a", "a", "b", "b"], [1, 2, 3, 4], 1.0)
    assert judge.change(codes([0, 0, 1, 1]), codes([0, 0, 1, 1])) == 0
    assert judge.change(codes([0, 0, 1, 1]), codes([0, 1, 0, 1])) == 1
    (judge,) = sign_judges(["a", "a", "b", "b"], [1, 1, 3, 3], 1.0)  # a clip is not found by its own take
    assert judge.change(codes([0, 0, 1, 1]), codes([0, 1, 0, 1])) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_refused(bad: float) -> None:
    assert UNKNOWN[0].change(outputs([1.0]), outputs([bad])) == np.inf


# The command


def test_the_command_prints_what_it_tried(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx", 256)
    done = CliRunner().invoke(app, ["models", "optimize", str(source), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "original" in done.output
    assert "nothing was written" in done.output
    assert "refused" in done.output


def test_the_command_gives_json(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx", 256)
    asked = ["models", "optimize", str(source), "-o", str(tmp_path / "out"), "--precision", "fp32", "--json"]
    done = CliRunner().invoke(app, asked)
    assert json.loads(done.stdout)["kind"] == "optimized"


def test_the_help_names_the_models_that_can_be_written_anew() -> None:
    done = CliRunner().invoke(app, ["models", "optimize", "--help"])
    named = ",".join(name for name in MODELS if name != "moonshine-tiny-en")
    assert named in "".join(done.output.split())
    assert set(_PRECISIONS) == set(PRECISIONS)
