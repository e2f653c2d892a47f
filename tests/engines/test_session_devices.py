from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from accessify.core.errors import ModelError, OptionError
from accessify.engines.networks import Networks
from accessify.engines.providers import Tuning
from accessify.engines.session import CPU, PROVIDERS, find_device, open_on, open_session, run_session

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


def test_a_folder_with_a_manifest_is_what_is_to_be_verified(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "encoder.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=rf"encoder\.onnx: .*; run: accessify models verify {tmp_path}$"):
        open_session(tmp_path / "encoder.onnx")


# A device that does not start; no GPU is needed to see it


class Session:
    """Stands in for `onnxruntime.InferenceSession` on a machine with certain devices."""

    working: ClassVar[frozenset[str]] = frozenset()
    """Providers whose libraries are found."""
    failing: ClassVar[Mapping[str, BaseException]] = {}
    """Name of a model file → what opening it on anything but the CPU raises."""
    opened: ClassVar[list[Session]] = []

    def __init__(
        self,
        path: Path,
        settings: Any,
        *,
        providers: list[str],
        provider_options: list[dict[str, str]],
        enable_fallback: int = 1,
    ) -> None:
        if providers != CPU_ONLY and path.name in self.failing:
            if enable_fallback:
                sys.stdout.write("EP Error\n")  # as the real one does
            raise self.failing[path.name]
        self.path, self.asked, self.fallback = path, providers, enable_fallback
        self.settings, self.options = settings, dict(zip(providers, provider_options, strict=True))
        self.opened.append(self)

    def get_providers(self) -> list[str]:
        return [name for name in self.asked if name in self.working or name in CPU_ONLY]


def failure(kind: str, text: str) -> BaseException:
    """One of Python's, or of those onnxruntime brings."""
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    raised: BaseException = (getattr(failures, kind, None) or getattr(builtins, kind))(text)
    return raised


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, only: Callable[..., None], tmp_path: Path) -> type[Session]:
    """onnxruntime is built for every device; none of them starts but the CPU."""
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "cache"))
    only(*(provider for provider, _ in PROVIDERS.values()))
    monkeypatch.setattr("onnxruntime.InferenceSession", Session)
    monkeypatch.setattr(Session, "opened", [])
    return Session


def open_two(device: str) -> dict[str, Any]:
    return open_on(device, lambda found: {name: open_session(Path(name), 1, found) for name in ("a", "b")})


@pytest.mark.parametrize("device", sorted(set(PROVIDERS) - {CPU}))
def test_a_device_that_onnxruntime_passes_over_is_an_error(machine: type[Session], device: str) -> None:
    for opened in (lambda: open_session(Path("a"), 1, device), lambda: open_two(device)):
        with pytest.raises(OptionError) as caught:
            opened()
        told = str(caught.value)
        assert told.startswith(f"device {device!r} does not start (onnxruntime took ")
        assert "; check " in told
        assert told.endswith(", or leave the device to auto")
        assert "\n" not in told


@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
@pytest.mark.parametrize("kind", ["RuntimeError", "ValueError", "EPFail", "RuntimeException"])
def test_a_device_that_fails_is_told_with_what_to_check(
    machine: type[Session],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    kind: str,
    device: str,
) -> None:
    monkeypatch.setattr(
        machine, "failing", {"b": failure(kind, "CUDA failure 100: no device\nat somewhere.cc:12")}
    )
    monkeypatch.setattr(machine, "working", {PROVIDERS["tensorrt"][0], PROVIDERS["cuda"][0]})
    with pytest.raises(OptionError) as caught:
        open_two(device)
    told = str(caught.value)
    assert f"device {device!r} does not start (CUDA failure 100: no device); check the NVIDIA driver" in told
    assert "cuDNN" in told
    assert ("TensorRT" in told) == (device == "tensorrt")
    assert capfd.readouterr() == ("", "")


def test_tensorrt_leaves_to_cuda_what_it_lacks(
    machine: type[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = [PROVIDERS[device][0] for device in ("tensorrt", "cuda", "cpu")]
    monkeypatch.setattr(machine, "working", set(chain))
    assert open_session(Path("a"), 1, "tensorrt").asked == chain
    assert open_session(Path("a"), 1, "cuda").asked == chain[1:]
    assert open_session(Path("a"), 1, "cpu").asked == chain[2:]
    assert {one.fallback for one in machine.opened} == {0}


def test_a_device_is_opened_with_the_options_of_the_table(
    machine: type[Session], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "working", {provider for provider, _ in PROVIDERS.values()})
    exact = open_session(Path("a"), 1, "tensorrt").options
    assert exact[PROVIDERS["tensorrt"][0]]["trt_fp16_enable"] == "0"
    assert exact[PROVIDERS["cuda"][0]]["use_tf32"] == "0"
    assert exact["CPUExecutionProvider"] == {}
    assert Path(exact[PROVIDERS["tensorrt"][0]]["trt_engine_cache_path"]).is_relative_to(tmp_path / "cache")
    half = open_session(Path("a"), 1, "tensorrt", Tuning(half=True)).options
    assert half[PROVIDERS["tensorrt"][0]]["trt_fp16_enable"] == "1"
    assert half[PROVIDERS["cuda"][0]]["use_tf32"] == "1"
    assert not open_session(Path("a"), 1, "directml").settings.enable_mem_pattern
    assert open_session(Path("a"), 1, "cuda").settings.enable_mem_pattern


def test_options_that_are_given_go_before_those_of_the_table(
    machine: type[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "working", {PROVIDERS["tensorrt"][0]})
    tuning = Tuning(options={"trt_fp16_enable": "1", "trt_profile_opt_shapes": "mel:1x80x3000"})
    options = open_session(Path("a"), 1, "tensorrt", tuning).options
    assert options[PROVIDERS["tensorrt"][0]]["trt_fp16_enable"] == "1"
    assert options[PROVIDERS["tensorrt"][0]]["trt_profile_opt_shapes"] == "mel:1x80x3000"
    assert "trt_profile_opt_shapes" not in options[PROVIDERS["cuda"][0]]


def test_threads_wait_by_spinning_only_where_that_is_asked_for(tmp_path: Path) -> None:
    path, key = tmp_path / "twice.onnx", "session.intra_op.allow_spinning"
    path.write_bytes(twice())
    settings = open_session(path, threads=2).get_session_options()
    assert settings.get_session_config_entry(key) == "0"
    settings = open_session(path, threads=2, tuning=Tuning(spinning=True)).get_session_options()
    assert settings.get_session_config_entry(key) == "1"


@pytest.mark.parametrize("kept", [True, False])
def test_scratch_memory_is_kept_unless_told_otherwise(tmp_path: Path, kept: bool) -> None:
    path = tmp_path / "twice.onnx"
    path.write_bytes(twice())
    settings = open_session(path, tuning=Tuning(arena=kept)).get_session_options()
    assert settings.enable_cpu_mem_arena is kept


def test_auto_takes_the_device_that_works(
    machine: type[Session], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(machine, "working", {PROVIDERS["cuda"][0]})
    assert {one.get_providers()[0] for one in open_two("auto").values()} == {PROVIDERS["cuda"][0]}
    assert not caplog.records


@pytest.mark.parametrize("late", [False, True], ids=["at the first network", "at a later one"])
def test_where_autos_device_does_not_start_everything_runs_on_the_cpu(
    machine: type[Session],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    late: bool,
) -> None:
    """The networks of one landmarker are never spread over two devices, and it is said once."""
    pytest.importorskip("cv2", reason="comes with the extra `signs`")
    if late:
        monkeypatch.setattr(machine, "working", {PROVIDERS["cuda"][0]})
        monkeypatch.setattr(machine, "failing", {"c.onnx": failure("EPFail", "out of memory")})
    files = {name: Path(f"{name}.onnx") for name in "abcd"}
    Networks(files, "auto")
    assert [(one.path.stem, one.asked) for one in machine.opened[-4:]] == [
        (name, CPU_ONLY) for name in "abcd"
    ]
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "device 'cuda' does not start" in record.getMessage()
    assert record.getMessage().endswith("; the CPU computes instead")


def test_a_device_that_was_asked_for_is_not_replaced(machine: type[Session]) -> None:
    pytest.importorskip("cv2", reason="comes with the extra `signs`")
    with pytest.raises(OptionError, match="device 'cuda' does not start"):
        Networks({"a": Path("a.onnx")}, "cuda")


@pytest.mark.parametrize("kind", ["InvalidProtobuf", "NoSuchFile", "InvalidGraph"])
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_bad_file_is_not_the_devices_fault(
    machine: type[Session], monkeypatch: pytest.MonkeyPatch, kind: str, device: str
) -> None:
    monkeypatch.setattr(machine, "failing", {"a": failure(kind, "it ends too soon")})
    monkeypatch.setattr(machine, "working", {PROVIDERS["cuda"][0]})
    with pytest.raises(ModelError, match=r"a: onnxruntime cannot load this model \(it ends too soon\)"):
        open_two(device)


def test_onnxruntime_itself_passes_over_what_it_has_not(only: Callable[..., None], tmp_path: Path) -> None:
    """The real one: asked for a device that it was not built for, it takes the CPU."""
    import onnxruntime

    if PROVIDERS["directml"][0] in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has DirectML")
    path = tmp_path / "twice.onnx"
    path.write_bytes(twice())
    only(PROVIDERS["directml"][0], *CPU_ONLY)
    with (
        pytest.warns(UserWarning, match="not in available provider names"),
        pytest.raises(
            OptionError, match=r"'directml' does not start \(onnxruntime took CPUExecutionProvider"
        ),
    ):
        open_session(path, 1, "directml")


def test_nothing_is_printed_over_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(ModelError):
        open_session(path)
    assert capsys.readouterr().out == ""


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
