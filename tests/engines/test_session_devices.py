from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import ModelError, OptionError
from accessify.engines.session import CPU, PROVIDERS, find_device, open_session, run_session

CPU_ONLY = ["CPUExecutionProvider"]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that onnxruntime was built with these providers."""

    def build(*providers: str) -> None:
        monkeypatch.setattr("onnxruntime.get_available_providers", lambda: list(providers))

    return build


def test_this_machines_processor_can_always_be_chosen() -> None:
    assert find_device("cpu") == CPU
    assert find_device("auto") in PROVIDERS


@pytest.mark.parametrize(
    ("providers", "device"),
    [
        (["CPUExecutionProvider"], "cpu"),
        (["AzureExecutionProvider", "CPUExecutionProvider"], "cpu"),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], "cuda"),
        (["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"], "cuda"),
        (["CoreMLExecutionProvider", "CPUExecutionProvider"], "cpu"),
        (["OpenVINOExecutionProvider", "CPUExecutionProvider"], "cpu"),
    ],
)
def test_auto_takes_only_what_computes_the_same_at_once(
    only: Callable[..., None], providers: list[str], device: str
) -> None:
    only(*providers)
    assert find_device("auto") == device


@pytest.mark.parametrize("device", sorted(PROVIDERS))
def test_a_device_that_is_there_is_taken(only: Callable[..., None], device: str) -> None:
    only(PROVIDERS[device][0], "CPUExecutionProvider")
    assert find_device(device) == device


@pytest.mark.parametrize("device", sorted(set(PROVIDERS) - {CPU}))
def test_a_device_that_is_not_there_names_the_package_that_brings_it(
    only: Callable[..., None], device: str
) -> None:
    only(*CPU_ONLY)
    with pytest.raises(OptionError) as caught:
        find_device(device)
    told = str(caught.value)
    assert "\n" not in told
    assert f"device '{device}'" in told
    assert "it can: cpu" in told
    assert f"the package {PROVIDERS[device][1]}" in told
    assert "auto" in told


@pytest.mark.parametrize("device", ["gpu", "CUDA", "", "cuda:0"])
def test_an_unknown_device_names_those_there_are(device: str) -> None:
    with pytest.raises(OptionError) as caught:
        find_device(device)
    told = str(caught.value)
    assert told.startswith(f"no device {device!r}; choose from: auto, ")
    assert all(name in told for name in PROVIDERS)
    assert "\n" not in told


def test_a_session_runs_on_as_many_threads_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "twice.onnx"
    path.write_bytes(twice())
    session = open_session(path, threads=2)
    assert session.get_session_options().intra_op_num_threads == 2
    assert session.get_providers() == CPU_ONLY
    ((answer,),) = run_session(session, "twice", {"image": np.array([21], np.float32)})
    assert answer == 42


def test_a_model_that_fails_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "twice.onnx"
    path.write_bytes(twice())
    with pytest.raises(
        ModelError, match=r"^twice: onnxruntime cannot run this model \(.*; run: accessify models verify, or"
    ) as caught:
        run_session(open_session(path), "twice", {"image": np.ones((2, 3), np.float32)})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", None], ids=["empty", "page", "missing"])
def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "palm.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        ModelError, match=r"palm\.onnx: onnxruntime cannot load .*; run: accessify models verify$"
    ):
        open_session(path)


def twice() -> bytes:
    """A graph that doubles a number."""
    onnx = pytest.importorskip("onnx", reason="comes with the extra `signs`")
    node = onnx.helper.make_node("Add", ["image", "image"], ["output0"])
    values = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("image", "output0")
    ]
    graph = onnx.helper.make_graph([node], "twice", values[:1], values[1:])
    opset = onnx.helper.make_opsetid("", 17)
    return onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()
