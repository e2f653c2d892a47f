from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.core.errors import MissingExtra, OptionError
from accessify.evaluation import device_bench, device_parts, device_whisper
from accessify.evaluation.device_advice import FILE_X, LIVE_S, advise
from accessify.evaluation.device_bench import DeviceBenchOptions, bench_device, fast_enough
from accessify.evaluation.device_tables import PARTS
from accessify.evaluation.device_whisper import WhisperSpeed, encoder_work, measure_whisper, reckon, step_work
from accessify.evaluation.tables import PARTS as DOCUMENT_PARTS
from accessify.evaluation.tables import fill, read_benches, update_document
from accessify.hub.whisper_quantize import Precision
from accessify.hub.whisper_random import SIZES
from accessify.speech.whisper_sizes import WhisperDims

SMALLEST = WhisperDims(80, 50, 64, 2, 1, 51865, 64, 64, 2, 1)
SPEED = WhisperSpeed("whisper-onnx", "base", "int8", 2, "cpu", 0.6, 0.006, measured=True)


@pytest.fixture
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whispers that are made and run in no time."""
    pytest.importorskip("onnx", reason="comes with the extra `export`")
    sizes = {name: replace(SMALLEST, n_audio_layer=rank + 1) for rank, name in enumerate(SIZES)}
    for module in (device_bench, device_whisper):
        monkeypatch.setattr(module, "SIZES", sizes)


# Reckoning


def test_speeds_are_reckoned_from_encoder_and_steps() -> None:
    assert SPEED.file_x == pytest.approx(30 / (0.6 + 135 * 0.006))
    assert SPEED.live_s == pytest.approx(0.6 + 22.5 * 0.006)
    assert SPEED.bytes == pytest.approx(72e6, rel=0.05)


def test_a_size_reckoned_from_itself_is_the_same() -> None:
    same = reckon(SPEED, "base")
    assert (same.encode_s, same.step_s) == (SPEED.encode_s, SPEED.step_s)
    assert not same.measured


def test_work_grows_with_size_and_turbo_writes_as_fast_as_it_hears_slowly() -> None:
    encoders = [encoder_work(SIZES[size]) for size in ("tiny", "base", "small", "medium", "large-v3")]
    steps = [step_work(SIZES[size], 1.0) for size in ("tiny", "base", "small", "medium", "large-v3")]
    assert encoders == sorted(encoders)
    assert steps == sorted(steps)
    assert encoder_work(SIZES["turbo"]) > 0.85 * encoders[-1]
    assert step_work(SIZES["turbo"], 1.0) < steps[2]
    assert encoder_work(SIZES["base"]) == pytest.approx(4.4e10, rel=0.25)  # as profilers count them


# Measuring


@pytest.mark.usefixtures("small_sizes")
@pytest.mark.parametrize("precision", [Precision.INT8, Precision.FP32])
def test_random_weights_are_run_by_the_engines_parts(precision: Precision) -> None:
    found = measure_whisper("tiny", precision, "cpu", [1, 2])
    assert found.measured
    assert found.threads in {1, 2}
    assert found.encode_s > 0
    assert found.step_s > 0


def test_openai_whisper_is_run_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_whisper, "find_spec", lambda _: None)
    assert device_whisper.measure_torch("tiny", 1) is None
    monkeypatch.undo()
    pytest.importorskip("whisper", reason="comes with the extra `whisper`")
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    monkeypatch.setattr(device_whisper, "SIZES", {"tiny": SMALLEST})
    found = device_whisper.measure_torch("tiny", 1)
    assert found is not None
    assert (found.engine, found.precision, found.threads) == ("whisper", "fp32", 1)
    assert torch.get_num_threads() == before


@pytest.mark.usefixtures("small_sizes")
def test_the_command_prints_advice_and_writes_what_documents_are_filled_with(tmp_path: Path) -> None:
    asked = ["bench", "device", "--quick", "-o", str(tmp_path / "device.json")]
    done = CliRunner().invoke(program, asked)
    assert done.exit_code == 0, done.output
    for word in ("English, live", "other languages, files", "whisper-onnx large-v3", "reckoned", "letters"):
        assert word in done.output
    bench = json.loads((tmp_path / "device.json").read_text("utf-8"))
    assert bench["options"] == {"quick": True, "device": "cpu"}
    assert any(note.startswith("Reckoned from tiny, base would be ") for note in bench["notes"])
    whispers = [row for row in bench["captions"] if row["what"].startswith("whisper-onnx")]
    assert [row["size"] for row in whispers] == list(SIZES)
    assert [row["measured"] for row in whispers] == [True, True, False, False, False, False]
    assert [row["what"] for row in bench["parts"]] == ["landmarks", "letters", "signs", "avatar"]
    assert {row["device"]: row["state"] for row in bench["devices"]}["cpu"] == "works"
    for part in PARTS:
        assert "| --- |" in fill(f"<!-- bench:d:{part} -->\n<!-- /bench:d:{part} -->", {"d": bench})
    assert "Measured 20" in fill("<!-- bench:d -->\n<!-- /bench:d -->", {"d": bench})
    assert set(PARTS) < set(DOCUMENT_PARTS["device"])


@pytest.mark.usefixtures("small_sizes")
def test_a_slow_machine_reckons_what_it_has_no_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_bench, "_BUDGET_S", {False: 0.0})
    monkeypatch.setattr(device_bench, "_parts", lambda *_: [])
    bench = bench_device()
    whispers = [row for row in bench["captions"] if row["what"].startswith("whisper-onnx")]
    assert [row["size"] for row in whispers] == list(SIZES)
    assert [row["measured"] for row in whispers] == [True] + [False] * 5
    assert "takes too long" in bench["captions"][-1]["missing"]
    assert len(bench["notes"]) <= 2  # nothing was run to compare reckoning with


def test_what_is_not_installed_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "moderngl", None)
    bench = bench_device(DeviceBenchOptions(quick=True))
    told = {row["what"]: row["missing"] for row in (*bench["captions"], *bench["parts"]) if "missing" in row}
    assert set(told) == {"moonshine tiny-en", "whisper-onnx", "landmarks", "avatar"}
    assert "accessify models pull moonshine-tiny-en" in told["moonshine tiny-en"]
    assert "pip install 'accessify[" in told["whisper-onnx"]
    for part in PARTS.values():
        assert part(bench)[1]
    assert {row["choice"] for row in bench["advice"][:4]} == {"nothing was measured"}


def test_a_device_that_is_not_there_is_an_error() -> None:
    import onnxruntime

    if "DmlExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has DirectML")
    with pytest.raises(OptionError, match="onnxruntime-directml"):
        bench_device(DeviceBenchOptions(device="directml"))


def test_every_device_is_told_of() -> None:
    rows = {row["device"]: row for row in device_parts.devices()}
    assert rows["cpu"]["ms"] > 0
    for name, row in rows.items():
        assert row["state"] in {"works", "does not start", "not there"}
        assert (row["state"] == "works") == ("ms" in row) == (not row["told"]), name


def test_the_page_on_devices_shows_the_bench_file() -> None:
    root = Path(__file__).parents[2] / "docs"
    assert not update_document(root / "devices.md", read_benches(root / "benchmarks"), write=False), (
        "run: accessify bench tables docs/devices.md"
    )


def test_attempts_keep_the_reason() -> None:
    def fail() -> dict[str, Any]:
        raise MissingExtra("moderngl", "avatar")

    assert device_parts.attempt("avatar", fail) == {
        "what": "avatar",
        "missing": "moderngl is not installed; run: pip install 'accessify[avatar]'",
    }


# Advice


def caption(engine: str, size: str, file_x: float, live_s: float, **more: Any) -> dict[str, Any]:
    usual = {"precision": "int8", "device": "cpu", "threads": 2, "bytes": 1e8, "measured": True}
    return {"engine": engine, "size": size, "file_x": file_x, "live_s": live_s, **usual, **more}


MOONSHINE = caption("moonshine", "tiny-en", 40, 0.15, threads=1)
WHISPERS = [
    caption("whisper-onnx", "tiny", 40, 0.3),
    caption("whisper-onnx", "base", 20, 0.8),
    caption("whisper-onnx", "small", 6, 2.5),
    caption("whisper-onnx", "medium", 1.6, 9, measured=False),
]


def test_the_largest_that_is_fast_enough_is_chosen() -> None:
    rows = {row["task"]: row for row in advise([MOONSHINE, *WHISPERS], [], 16)}
    assert rows["English, live"]["choice"] == "moonshine tiny-en, int8, cpu, 1 thread"
    assert rows["other languages, live"]["choice"] == "whisper-onnx base, int8, cpu, 2 threads"
    assert rows["other languages, live"]["sure"] == "measured, but near the limit"
    assert rows["other languages, files"]["choice"] == "whisper-onnx small, int8, cpu, 2 threads"
    assert rows["other languages, files"]["sure"] == "sure"


def test_what_is_only_reckoned_must_be_well_within_and_is_told_to_be() -> None:
    fast = [*WHISPERS[:3], caption("whisper-onnx", "medium", 2.2, 9, measured=False)]
    row = advise(fast, [], 16)[3]
    assert row["choice"].startswith("whisper-onnx medium")
    assert row["sure"] == "reckoned, and near the limit"
    faster = [*WHISPERS[:3], caption("whisper-onnx", "medium", 9, 9, measured=False)]
    assert advise(faster, [], 16)[3]["sure"] == "reckoned"


def test_a_model_that_does_not_fit_into_memory_is_not_chosen() -> None:
    big = caption("whisper-onnx", "large-v3", 9, 0.5, bytes=1.6e9)
    assert advise([*WHISPERS, big], [], 2)[3]["choice"].startswith("whisper-onnx small")
    assert advise([*WHISPERS, big], [], None)[3]["choice"].startswith("whisper-onnx large-v3")


def test_where_nothing_is_fast_enough_that_is_said() -> None:
    live, files = advise([caption("whisper-onnx", "tiny", 1.2, 4.0)], [], 16)[2:]
    assert live["choice"] == "none; caption files instead"
    assert "heard in 4.00 s" in live["why"]
    assert files["choice"] == "none; let it run longer than the film"
    assert live["sure"] == "sure"


def test_a_busy_machine_is_to_be_measured_again() -> None:
    assert {row["sure"] for row in advise([MOONSHINE], [], 16, busy=True)} == {
        "a busy machine: measure again"
    }


@pytest.mark.parametrize(
    ("rate", "choice"),
    [
        (60.0, "live"),
        (25.0, "live"),
        (14.2, "files; live at 14 pictures a second"),
        (0.4, "files; live at 1"),
    ],
)
def test_pictures_are_live_from_25_a_second(rate: float, choice: str) -> None:
    part = {"what": "landmarks", "value": rate, "unit": "pictures/s", "how": "here"}
    assert advise([], [part], None)[-1]["choice"].startswith(choice)


def test_parts_that_were_not_measured_tell_why() -> None:
    row = advise([], [{"what": "avatar", "missing": "moderngl is not installed"}], None)[-1]
    assert (row["choice"], row["why"]) == ("not measured", "moderngl is not installed")


def test_fast_enough_is_at_the_limits() -> None:
    assert fast_enough(caption("whisper", "tiny", FILE_X, LIVE_S), live=True)
    assert fast_enough(caption("whisper", "tiny", FILE_X, LIVE_S), live=False)
    assert not fast_enough(caption("whisper", "tiny", FILE_X - 0.1, LIVE_S + 0.1), live=True)
    assert not fast_enough(caption("whisper", "tiny", FILE_X - 0.1, LIVE_S + 0.1), live=False)
