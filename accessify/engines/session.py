"""onnxruntime sessions, opened one way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from accessify.core.errors import ModelError, OptionError
from accessify.engines.providers import CPU, TABLE, Tuning, provider_options
from accessify.speech.whisper_sizes import MANIFEST

logger = logging.getLogger(__name__)
T = TypeVar("T")

PROVIDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {device: (provider.name, provider.package) for device, provider in TABLE.items()}
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


def open_on(device: str, opened: Callable[[str], T]) -> T:
    """What `opened` makes of the device meant by `device`, all of it on one.

    Where the device that `auto` found does not start, that is the CPU, with a warning in the log. Raises
    as `find_device` and `opened` do.
    """
    found = find_device(device)
    try:
        return opened(found)
    except OptionError as error:
        if device != "auto" or found == CPU:
            raise
        logger.warning("%s; the CPU computes instead", error)
        return opened(CPU)


def open_session(path: Path, threads: int = 1, device: str = CPU, tuning: Tuning | None = None) -> Any:
    """An `onnxruntime.InferenceSession` on `device` (a key of `PROVIDERS`), with `threads` CPU threads.

    One thread is the default on purpose: for networks this small a second thread costs more in
    hand-over than it gives, so copies run side by side in workers instead. Layers that a device lacks
    run on the CPU (those of TensorRT on CUDA). What a device compiles is kept for the next run. Raises
    `ModelError` for a file that onnxruntime cannot load, and `OptionError` for a device that does not
    start, which onnxruntime itself passes over.
    """
    import onnxruntime

    tuning = tuning or Tuning()
    chain = _chain(device)
    with (
        _told(f"{path}: onnxruntime cannot load this model", _verify(path)),
        _started(device),
    ):
        session = onnxruntime.InferenceSession(
            path,
            session_options(threads, device, tuning),
            providers=[PROVIDERS[name][0] for name in chain],
            provider_options=[
                provider_options(name, path, tuning) | (dict(tuning.options) if name == device else {})
                for name in chain
            ],
            enable_fallback=0,  # it would print, and go on with the CPU
        )
    if session.get_providers()[0] != PROVIDERS[device][0]:
        raise _unusable(device, f"onnxruntime took {session.get_providers()[0]} instead")
    return session


def session_options(threads: int, device: str = CPU, tuning: Tuning | None = None) -> Any:
    """The `onnxruntime.SessionOptions` of `open_session`."""
    import onnxruntime

    tuning = tuning or Tuning()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = tuning.planned and TABLE[device].memory_pattern
    options.enable_cpu_mem_arena = tuning.arena
    for axis, length in tuning.lengths.items():
        options.add_free_dimension_override_by_name(axis, length)
    if threads > 1:
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(tuning.spinning)))
    options.log_severity_level = 3  # errors only: its warnings are about the exporter's leftovers
    return options


def _chain(device: str) -> list[str]:
    """The devices to be used, the first choice first."""
    import onnxruntime

    there = onnxruntime.get_available_providers()
    chain = (device, "cuda", CPU) if device == "tensorrt" else (device, CPU)
    return [name for name in dict.fromkeys(chain) if PROVIDERS[name][0] in there]


def _unusable(device: str, why: str) -> OptionError:
    return OptionError(
        f"device {device!r} does not start ({why}); check {TABLE[device].needs}, or leave the device to auto"
    )


@contextmanager
def _started(device: str) -> Iterator[None]:
    """Raise `OptionError` where it is the device that fails, and not the file."""
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    try:
        yield
    except (failures.InvalidGraph, failures.InvalidProtobuf, failures.NoSuchFile):
        raise
    except (
        failures.EPFail,
        failures.Fail,
        failures.InvalidArgument,
        failures.NotImplemented,
        failures.RuntimeException,
        RuntimeError,
        ValueError,
    ) as error:
        if device == CPU:
            raise
        raise _unusable(device, _first_line(error)) from error


def _verify(path: Path) -> str:
    """What tells whether the file at `path` is whole: by its folder where that has a manifest."""
    folder = path.parent if (path.parent / MANIFEST).is_file() else None
    return f"run: accessify models verify{f' {folder}' if folder else ''}"


_RUN_FIX = "run: accessify models verify, or choose the device cpu"


def run_session(session: Any, name: str, feed: Mapping[str, Any]) -> list[Any]:
    """All outputs of `session` for `feed`; raises `ModelError` with the model's `name` where it fails."""
    with _told(f"{name}: onnxruntime cannot run this model", _RUN_FIX):
        outputs: list[Any] = session.run(None, feed)
        return outputs


def run_bound(session: Any, name: str, binding: Any) -> None:
    """Run `session` on what is bound to `binding` (an IO binding of it); raises as `run_session`."""
    with _told(f"{name}: onnxruntime cannot run this model", _RUN_FIX):
        session.run_with_iobinding(binding)


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
        raise ModelError(f"{what} ({_first_line(error)}); {fix}") from error


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
