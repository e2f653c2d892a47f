from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.cli.models_optimize import _PRECISIONS
from accessify.core.audio import Audio
from accessify.core.errors import ModelNotFound, OptionError, OutputError, UnknownName
from accessify.core.timeline import Rate, seconds
from accessify.core.video import Frame
from accessify.engines.letters import LetterReader
from accessify.engines.providers import TABLE
from accessify.engines.session import open_session, run_session
from accessify.engines.signs import OnnxSignEncoder
from accessify.evaluation import optimizing
from accessify.evaluation.interleaved import Gain, interleave
from accessify.evaluation.optimize_judges import (
    SCORES,
    SPEECH,
    UNKNOWN,
    Judge,
    landmark_judges,
    letter_judges,
    sign_judges,
)
from accessify.evaluation.optimize_subjects import MODELS, Subject, subjects
from accessify.evaluation.optimizing import MANIFEST, PRECISIONS, OptimizeOptions, optimize
from accessify.evaluation.recording import write_wav
from accessify.hub.cache import sha256_of
from accessify.hub.graph_variants import Variant, write_variant
from accessify.hub.graphs import HOLISTIC, graph_files
from accessify.media.clip_writer import open_clip

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


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timing that takes no time."""
    monkeypatch.setattr(optimizing, "interleave", lambda ways, _: interleave(ways, 0))


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


def test_a_device_that_can_compute_in_16_bits_is_asked_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The CPU cannot; it stands in for one that can and is faster for it."""
    able = replace(TABLE["cpu"], half={"in": "16 bits"})
    monkeypatch.setattr(optimizing, "TABLE", {"cpu": able})
    monkeypatch.setattr(optimizing, "gain", lambda *_: Gain(2.0, sure=True))
    source = wide_product(tmp_path / "wide.onnx", 128)
    told = optimize(str(source), tmp_path / "out", OptimizeOptions(precision="fp16", seconds=0))
    row = told["graphs"]["wide"]
    assert row["variants"]["device-fp16"]["changes"][0]["value"] == 0
    assert set(row["variants"]) == {"fp16", "device-fp16"}
    assert row["chosen"] in row["variants"]
    assert row["tuning"] == {"half": row["chosen"] == "device-fp16"}
    (tmp_path / "wide.onnx.data").write_bytes(b"")
    told = optimize(str(source), tmp_path / "out", OptimizeOptions(precision="fp16", seconds=0))
    assert "Tuning(half=True)" in told["graphs"]["wide"]["variants"]["device-fp16"]["refused"]


@pytest.mark.usefixtures("lenient", "hasty")
def test_a_later_run_leaves_no_graph_of_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(optimizing, "gain", lambda *_: Gain(2.0, sure=True))
    how, out = OptimizeOptions(precision="fp32", seconds=0), tmp_path / "out"
    for name in ("first", "second", "third"):
        optimize(str(wide_product(tmp_path / f"{name}.onnx", 64)), out, how)
        assert {path.name for path in out.iterdir()} == {f"{name}.onnx", MANIFEST}
    (out / "third.onnx").write_bytes(b"mine now")
    optimize(str(tmp_path / "first.onnx"), out, how)
    assert {path.name for path in out.iterdir()} == {"first.onnx", "third.onnx", MANIFEST}
    monkeypatch.setattr(optimizing, "gain", lambda *_: Gain(1.0, sure=False))
    before = (out / MANIFEST).read_bytes()
    assert optimize(str(tmp_path / "second.onnx"), out, how)["files"] == {}
    assert (out / "first.onnx").exists()
    assert (out / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"kind": "whisper", "files": {"a": {"sha256": "", "size": 1}}}', "something else is in the way"),
        ('{"kind": "web"}', "not by accessify; .*; or choose another folder with -o"),
    ],
)
def test_a_manifest_of_something_else_is_not_replaced(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(content, "utf-8")
    with pytest.raises(OutputError, match=told):
        optimize("letters-ase", tmp_path)
    assert (tmp_path / MANIFEST).read_text("utf-8") == content


def test_the_letter_network_is_judged_by_the_letters_that_it_reads(tmp_path: Path) -> None:
    told = optimize("letters-ase", tmp_path, OptimizeOptions(precision="fp16", seconds=SHORT))
    row = told["graphs"]["letters-ase"]["variants"]["fp16"]
    assert row["changes"][0]["what"] == "share of hands that are read as another letter"
    assert row["changes"][0]["value"] <= row["changes"][0]["limit"]


def test_a_written_letter_network_is_one_that_the_reader_takes(tmp_path: Path) -> None:
    (subject,) = subjects("letters-ase")
    write_variant(subject.path, Variant.INT8, tmp_path / "new.onnx")
    assert LetterReader(tmp_path / "new.onnx").letters == LetterReader(subject.path).letters


def test_the_sign_encoder_in_8_bits_finds_the_same_invented_signs(tmp_path: Path) -> None:
    (subject,) = subjects("signs")
    write_variant(subject.path, Variant.INT8, tmp_path / "new.onnx")
    assert judged(subject, tmp_path / "new.onnx") == [0]
    assert OnnxSignEncoder(tmp_path / "new.onnx")


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
        ("whisper-base", OptionError, "accessify models export whisper"),
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


# Real input

DATA = Path(__file__).parents[3] / "shared" / "data" / "sign"
SIGNER = DATA / "reference" / "sentence_320x240.mp4"


def judged(subject: Subject, path: Path) -> list[float]:
    """How much the graph at `path` changes, judge by judge."""

    def outputs(source: Path) -> list[dict[str, Any]]:
        session = open_session(source)
        names = [port.name for port in session.get_outputs()]
        return [
            dict(zip(names, run_session(session, source.name, feed), strict=True)) for feed in subject.trials
        ]

    before, after = outputs(subject.path), outputs(path)
    return [judge.change(before, after) for judge in subject.judges]


@pytest.mark.models
@pytest.mark.skipif(not SIGNER.is_file(), reason="the film of a signer is not here")
def test_landmark_networks_are_judged_in_pixels_on_crops_of_a_film(tmp_path: Path) -> None:
    found = {one.name: one for one in subjects("holistic-landmarks", SIGNER)}
    assert set(found) == set(graph_files(HOLISTIC))
    assert all(len(one.trials) >= 2 for one in found.values())
    hand = found["hand_landmark_full"]
    for variant in (Variant.FP16, Variant.CALIBRATED):
        write_variant(hand.path, variant, tmp_path / f"{variant}.onnx", hand.examples)
    pixels, presence = judged(hand, tmp_path / "fp16.onnx")
    assert 0 < pixels < 0.05
    assert presence < 0.01
    assert judged(hand, tmp_path / "int8-calibrated.onnx")[0] > 1  # 8 bits are too few for points


@pytest.mark.models
def test_a_film_without_a_person_is_too_little(tmp_path: Path) -> None:
    film = tmp_path / "grey.mp4"
    with open_clip(film, (320, 240), Rate(Fraction(25))) as clip:
        for number in range(8):
            clip.write(Frame(np.full((240, 320, 3), 128, np.uint8), number * seconds(Fraction(1, 25))))
    with pytest.raises(OptionError, match="a film that shows a face and both hands"):
        subjects("holistic-landmarks", film)


@pytest.mark.models
def test_a_moment_of_sound_is_too_little(tmp_path: Path) -> None:
    write_wav(Audio(np.zeros(48_000, np.float32)), tmp_path / "short.wav")
    with pytest.raises(OptionError, match="give at least 12 seconds of sound"):
        subjects("silero-vad", tmp_path / "short.wav")


@pytest.mark.skipif(not DATA.is_dir(), reason="the letters and words are not here")
@pytest.mark.parametrize(
    ("name", "example"), [("letters-ase", "letters_kjt.npz"), ("signs", "words_asl25.npz")]
)
def test_in_8_bits_real_letters_and_words_stay_what_they_are(name: str, example: str, tmp_path: Path) -> None:
    (subject,) = subjects(name, DATA / example)
    assert example in subject.data
    write_variant(subject.path, Variant.INT8, tmp_path / "int8.onnx")
    (changed,) = judged(subject, tmp_path / "int8.onnx")
    assert changed <= subject.judges[0].limit


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


@pytest.mark.usefixtures("hasty")
def test_the_command_prints_what_it_tried(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx", 256)
    done = CliRunner().invoke(program, ["models", "optimize", str(source), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "original" in done.output
    assert "nothing was written" in done.output
    assert "refused" in done.output


@pytest.mark.usefixtures("hasty", "lenient")
def test_the_command_says_that_no_other_one_uses_what_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(optimizing, "gain", lambda *_: Gain(2.0, sure=True))
    source, out = wide_product(tmp_path / "wide.onnx", 64), tmp_path / "out"
    asked = ["models", "optimize", str(source), "-o", str(out), "--precision", "fp32"]
    done = CliRunner().invoke(program, asked)
    assert f"written: {out / 'wide.onnx'}, {out / MANIFEST}\nNo command of accessify uses them" in done.output
    assert (
        "with onnxruntime themselves" in CliRunner().invoke(program, ["models", "optimize", "--help"]).output
    )


@pytest.mark.usefixtures("hasty")
def test_the_command_gives_json(tmp_path: Path) -> None:
    source = wide_product(tmp_path / "wide.onnx", 256)
    asked = ["models", "optimize", str(source), "-o", str(tmp_path / "out"), "--precision", "fp32", "--json"]
    done = CliRunner().invoke(program, asked)
    assert json.loads(done.stdout)["kind"] == "optimized"


def test_the_help_names_the_models_that_can_be_written_anew() -> None:
    done = CliRunner().invoke(program, ["models", "optimize", "--help"])
    named = ",".join(name for name in MODELS if name != "moonshine-tiny-en")
    assert named in "".join(done.output.split())
    assert set(_PRECISIONS) == set(PRECISIONS)
