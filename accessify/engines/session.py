"""onnxruntime sessions, opened one way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accessify.core.errors import ModelError, OptionError

CPU = "cpu"
PROVIDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "tensorrt": ("TensorrtExecutionProvider", "onnxruntime-gpu"),
        "cuda": ("CUDAExecutionProvider", "onnxruntime-gpu"),
        "coreml": ("CoreMLExecutionProvider", "onnxruntime"),
        "directml": ("DmlExecutionProvider", "onnxruntime-directml"),
        "openvino": ("OpenVINOExecutionProvider", "onnxruntime-openvino"),
        CPU: ("CPUExecutionProvider", "onnxruntime"),
    }
)
"""Device → onnxruntime's name for it and the package that brings it, the first choice of `auto` first."""
_AUTO = ("cuda", CPU)
"""What `auto` tries: TensorRT compiles for minutes, CoreML and OpenVINO may compute in 16 bits unasked."""


def find_device(device: str) -> str:
    """The device meant by `device`, which onnxruntime must have; `auto` takes CUDA if it is there.

    Raises `OptionError` naming the package to install.
    """
    import onnxruntime

    there = set(onnxruntime.get_available_providers())
    if device == "auto":
        return next(name for name in _AUTO if PROVIDERS[name][0] in there)
    if device not in PROVIDERS:
        raise OptionError(f"no device {device!r}; choose from: auto, {', '.join(sorted(PROVIDERS))}")
    provider, package = PROVIDERS[device]
    if provider not in there:
        usable = ", ".join(name for name in PROVIDERS if PROVIDERS[name][0] in there)
        raise OptionError(
            f"device {device!r}: this onnxruntime cannot use it (it can: {usable}); replace onnxruntime by "
            f"the package {package}, or leave the device to auto"
        )
    return device


def open_session(path: Path, threads: int = 1, device: str = CPU) -> Any:
    """An `onnxruntime.InferenceSession` on `device` (a key of `PROVIDERS`), with `threads` CPU threads.

    One thread is the default on purpose: for networks this small a second thread costs more in
    hand-over than it gives, so copies run side by side in workers instead. What a device cannot
    run falls back to the CPU. Raises `ModelError` for a file that onnxruntime cannot load.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if threads > 1:  # threads that wait by spinning would take the cores from whoever comes next
        options.add_session_config_entry("session.force_spinning_stop", "1")
    options.log_severity_level = 3  # errors only: its warnings are about the exporter's leftovers
    providers = list(dict.fromkeys((PROVIDERS[device][0], PROVIDERS[CPU][0])))
    with _told(f"{path}: onnxruntime cannot load this model", "run: accessify models verify"):
        return onnxruntime.InferenceSession(path, options, providers=providers)


def run_session(session: Any, name: str, feed: Mapping[str, Any]) -> list[Any]:
    """All outputs of `session` for `feed`; raises `ModelError` with the model's `name` where it fails."""
    fix = "run: accessify models verify, or choose the device cpu"
    with _told(f"{name}: onnxruntime cannot run this model", fix):
        outputs: list[Any] = session.run(None, feed)
        return outputs


@contextmanager
def _told(what: str, fix: str) -> Iterator[None]:
    """Raise what onnxruntime raises as `ModelError`, in one line."""
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    try:
        yield
    except (
        failures.EPFail,
        failures.Fail,
        failures.InvalidArgument,
        failures.InvalidGraph,
        failures.InvalidProtobuf,
        failures.NoSuchFile,
        failures.NotImplemented,
        failures.RuntimeException,
    ) as error:
        raise ModelError(f"{what} ({str(error).splitlines()[0]}); {fix}") from error
