"""onnxruntime sessions, opened one way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accessify.core.errors import ModelError


def open_session(path: Path, threads: int = 1) -> Any:
    """An `onnxruntime.InferenceSession` on the CPU with `threads` threads.

    One thread is the default on purpose: for networks this small a second thread costs more in
    hand-over than it gives, so copies run side by side in processes instead. Raises `ModelError`
    for a file that onnxruntime cannot load.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: its warnings are about the exporter's leftovers
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (
        failures.Fail,
        failures.InvalidArgument,
        failures.InvalidGraph,
        failures.InvalidProtobuf,
        failures.NoSuchFile,
        failures.NotImplemented,
        failures.RuntimeException,
    ) as error:
        raise ModelError(
            f"{path}: onnxruntime cannot load this model ({str(error).splitlines()[0]}); "
            "run: accessify models verify"
        ) from error
