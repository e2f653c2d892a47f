from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path

import pytest

from accessify.engines.providers import CPU, TABLE, Tuning, compiled_folder, provider_options

DEVICES = sorted(TABLE)
KEEPING = sorted(device for device, provider in TABLE.items() if provider.compiled)
KNOWN = {
    "tensorrt": {
        *("trt_engine_cache_enable", "trt_engine_cache_path", "trt_timing_cache_enable"),
        *("trt_timing_cache_path", "trt_fp16_enable", "trt_layer_norm_fp32_fallback"),
    },
    "cuda": {"arena_extend_strategy", "cudnn_conv_algo_search", "use_tf32"},
    "coreml": {
        *("ModelFormat", "RequireStaticInputShapes", "ModelCacheDirectory"),
        "AllowLowPrecisionAccumulationOnGPU",
    },
    "directml": {"performance_preference"},
    "openvino": {"load_config", "cache_dir"},
    "cpu": set(),
}
"""Device → names of options in onnxruntime's documents; one that it does not know stops the device."""


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"weights")
    return path


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("device", DEVICES)
def test_only_documented_options_are_given_as_text(device: str, half: bool, model: Path) -> None:
    options = provider_options(device, model, Tuning(half=half))
    assert set(options) <= KNOWN[device]
    assert all(isinstance(value, str) and value for value in options.values())


def test_the_device_of_every_name_is_one_that_onnxruntime_can_be_built_for() -> None:
    import onnxruntime

    known = set(onnxruntime.get_all_providers())
    assert {provider.name for provider in TABLE.values()} <= known
    assert list(TABLE)[-1] == CPU
    assert all(provider.needs for device, provider in TABLE.items() if device != CPU)


@pytest.mark.parametrize("device", sorted(set(DEVICES) - {CPU, "directml"}))
def test_a_device_computes_in_16_bits_only_where_that_is_asked_for(device: str, model: Path) -> None:
    exact, half = (provider_options(device, model, Tuning(half=half)) for half in (False, True))
    assert exact != half


def test_what_openvino_is_told_is_json(model: Path) -> None:
    for half, hint in ((False, "ACCURACY"), (True, "PERFORMANCE")):
        told = json.loads(provider_options("openvino", model, Tuning(half=half))["load_config"])
        assert {row["EXECUTION_MODE_HINT"] for row in told.values()} == {hint}


@pytest.mark.parametrize("device", KEEPING)
def test_what_is_compiled_is_kept_in_accessifys_cache(device: str, model: Path, cache: Path) -> None:
    options = provider_options(device, model, Tuning())
    folders = {Path(options[name]) for name in (*TABLE[device].compiled, *TABLE[device].learnt)}
    assert all(folder.is_dir() and folder.is_relative_to(cache / "engines" / device) for folder in folders)
    assert provider_options(device, model, Tuning()) == options


@pytest.mark.parametrize("device", sorted(set(DEVICES) - set(KEEPING)))
def test_a_device_that_keeps_nothing_makes_no_folder(device: str, model: Path, cache: Path) -> None:
    provider_options(device, model, Tuning())
    assert not cache.exists()


@pytest.mark.parametrize("device", DEVICES)
def test_the_page_on_devices_tells_every_option(device: str, model: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "devices.md").read_text("utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{device}` |")]
    given = [set(provider_options(device, model, Tuning(half=half))) for half in (False, True)]
    assert f"`{TABLE[device].package}`" in row
    assert all(f"`{option}`" in row for option in given[0] | given[1])


def test_it_can_be_kept_elsewhere(model: Path, tmp_path: Path, cache: Path) -> None:
    options = provider_options("openvino", model, Tuning(cache=tmp_path / "mine"))
    assert Path(options["cache_dir"]).is_relative_to(tmp_path / "mine" / "engines" / "openvino")
    assert not cache.exists()


def test_a_folder_belongs_to_the_contents_of_a_file(model: Path, tmp_path: Path) -> None:
    import onnxruntime

    before = compiled_folder(model)
    assert before.startswith(f"{onnxruntime.__version__}-")
    assert compiled_folder(Path(shutil.copy(model, tmp_path / "b.onnx"))) == before
    others = (Tuning(half=True), Tuning(lengths={"batch": 1}), Tuning(lengths={"batch": 2}))
    assert len({before, *(compiled_folder(model, tuning) for tuning in others)}) == 4
    weights = tmp_path / "b.onnx.data"  # graphs may share one
    weights.write_bytes(b"1")
    with_one = compiled_folder(model)
    weights.write_bytes(b"22")
    assert len({before, with_one, compiled_folder(model)}) == 3
    weights.unlink()
    model.write_bytes(b"others!")
    assert compiled_folder(model) != before


def test_nothing_is_kept_where_nothing_can_be(
    model: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_bytes(b"a file is in the way")
    with caplog.at_level(logging.WARNING):
        options = provider_options("tensorrt", model, Tuning())
    assert not {"trt_engine_cache_path", "trt_timing_cache_path"} & set(options)
    (record,) = caplog.records
    assert "what tensorrt compiles cannot be kept" in record.getMessage()
    assert os.linesep not in record.getMessage()
