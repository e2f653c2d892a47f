"""An ONNX graph written anew so that it may run faster, by the tools that onnxruntime ships.

Whether a variant does, and still says the same, is for `accessify.evaluation.optimizing` to measure.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, ModelError
from accessify.core.placing import placed

Feed = Mapping[str, NDArray[Any]]
"""Name of an input → what it is given."""

_PRODUCTS = ("MatMul", "Gemm")


class Variant(StrEnum):
    """How a graph may be written."""

    GRAPH = "graph"
    """What onnxruntime makes of it before it runs, without what only this processor can run."""
    INT8 = "int8"
    """Weights of products in 8 bits, a scale for each output; what they meet is rounded as it comes
    (`onnxruntime.quantization.quantize_dynamic`)."""
    CALIBRATED = "int8-calibrated"
    """Weights and values of products and convolutions in 8 bits, in the ranges that were seen on
    examples (`onnxruntime.quantization.quantize_static`)."""
    FP16 = "fp16"
    """Everything between inputs and outputs in 16 bits (`onnxruntime.transformers.float16`)."""

    @property
    def precision(self) -> str:
        """`fp32`, `int8` or `fp16`."""
        return {Variant.GRAPH: "fp32", Variant.CALIBRATED: "int8"}.get(self, self.value)


def write_variant(source: Path, variant: Variant, target: Path, examples: Sequence[Feed] = ()) -> None:
    """Write `variant` of the graph in `source` to `target`.

    `examples` are what CALIBRATED is calibrated with. Raises `MissingExtra` where the package onnx is not
    installed, and `ModelError` for a file that is no ONNX graph, is in onnxruntime's own format, or has
    nothing that the variant would change.
    """
    if source.suffix == ".ort":
        raise ModelError(
            f"{source.name}: a graph in onnxruntime's own format is written ready and cannot be rewritten; "
            "give the .onnx file that it was made from"
        )
    onnx = _onnx()
    with placed(target) as path, _understood(source, onnx), _whole(source, onnx) as whole:
        if variant is Variant.GRAPH:
            _optimize(whole, path)
        elif variant is Variant.FP16:
            convert = import_module("onnxruntime.transformers.float16").convert_float_to_float16
            model = onnx.load(whole)
            onnx.checker.check_model(whole)
            onnx.save(convert(model, keep_io_types=True), path)
        else:
            _quantize(whole, path, examples if variant is Variant.CALIBRATED else None)


def _onnx() -> Any:
    try:
        return import_module("onnx")
    except ImportError as error:
        raise MissingExtra("onnx", "export") from error


@contextmanager
def _whole(source: Path, onnx: Any) -> Iterator[Path]:
    """The graph with all weights inside: the file itself, or a copy where some lie beside it.

    The tools look for such weights beside what they write.
    """
    graph = onnx.load(source, load_external_data=False).graph
    if not any(onnx.external_data_helper.uses_external_data(tensor) for tensor in graph.initializer):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="accessify-") as folder:
        copy = Path(folder, source.name)
        onnx.save(onnx.load(source), copy)
        yield copy


def _optimize(source: Path, path: Path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def _quantize(source: Path, path: Path, examples: Sequence[Feed] | None) -> None:
    """8 bits: calibrated with `examples`, dynamic where there are none to be had."""
    tools = import_module("onnxruntime.quantization")
    kinds = _PRODUCTS if examples is None else (*_PRODUCTS, "Conv")
    with tempfile.TemporaryDirectory(prefix="accessify-") as folder, _quiet():
        ready = Path(folder, "ready.onnx")
        tools.shape_inference.quant_pre_process(source, ready, skip_symbolic_shape=True)
        _require_weights(source, ready, kinds)
        how = {"per_channel": True, "weight_type": tools.QuantType.QInt8, "op_types_to_quantize": kinds}
        if examples is None:
            tools.quantize_dynamic(ready, path, **how)
        else:
            tools.quantize_static(ready, path, _reader(tools, examples), **how)


def _require_weights(source: Path, ready: Path, kinds: Sequence[str]) -> None:
    """Raise `ModelError` where no operator of `kinds` has weights to quantise."""
    graph = _onnx().load(ready, load_external_data=False).graph
    held = {tensor.name for tensor in graph.initializer}
    if not any(node.op_type in kinds and node.input[1] in held for node in graph.node):
        raise ModelError(f"{source.name}: nothing to quantise, no {' or '.join(kinds)} has weights")


def _reader(tools: Any, examples: Sequence[Feed]) -> Any:
    """`examples` as the calibration takes them: one after the other, then None."""
    waiting = iter([dict(feed) for feed in examples])
    reader = type("Examples", (tools.CalibrationDataReader,), {"get_next": lambda _: next(waiting, None)})
    return reader()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the advice that the quantiser gives to programmers out of the log."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _understood(source: Path, onnx: Any) -> Iterator[None]:
    """Raise as `ModelError` what the tools raise at the contents of a file."""
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    unreadable = import_module("google.protobuf.message").DecodeError
    try:
        yield
    except (
        *(failures.Fail, failures.InvalidGraph, failures.InvalidProtobuf, failures.NotImplemented),
        *(failures.RuntimeException, failures.InvalidArgument, failures.NoSuchFile),
        *(onnx.checker.ValidationError, onnx.shape_inference.InferenceError, unreadable),
        *(ValueError, LookupError, TypeError, AttributeError, RuntimeError, FileNotFoundError),
    ) as error:
        if isinstance(error, ModelError):
            raise
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise ModelError(f"{source}: cannot be rewritten ({said}); give an ONNX graph") from error
