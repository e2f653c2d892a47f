"""TensorFlow Lite networks as ONNX graphs, weights and results unchanged.

    convert(Path("hand_landmark_full.tflite").read_bytes())

The same file gives the same bytes every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from accessify.core.errors import MissingExtra, ModelError
from accessify.hub.onnx_builder import OnnxBuilder
from accessify.hub.onnx_channels import arrange_channels
from accessify.hub.tflite_operators import OPERATORS
from accessify.hub.tflite_reader import Operator, TfliteGraph, read_tflite
from accessify.hub.tflite_translation import TO_CHANNELS, TO_ROWS, Translation

VERSION = 3
"""To be raised with every change of what `convert` gives: graphs made before are made again."""


def convert(model: bytes, *, half: bool = False, outputs: Sequence[int] | None = None) -> bytes:
    """The ONNX graph of a TensorFlow Lite file.

    Inputs and outputs are float32. A single picture comes in as `image` [1, C, H, W]; other inputs
    keep their shapes and are called `input0`, `input1`… Outputs are called `output0`, `output1`… by
    their number in the file, in its shapes; only those numbered in `outputs` are made, in the file's
    order, and nothing that only others need. With `half`, weights and what lies between are float16.

    Raises `ModelError` for a file of another format, a damaged one, and an operator or option that
    is not known; `MissingExtra` without the extra `signs`.
    """
    graph = read_tflite(model)
    chosen = range(len(graph.outputs)) if outputs is None else sorted(set(outputs))
    if not chosen or not set(chosen) <= set(range(len(graph.outputs))):
        raise ModelError(f"outputs {list(chosen)} of a network that has {len(graph.outputs)}")
    _require_float(graph)
    live = _needed(graph, {graph.outputs[number] for number in chosen})
    translation = Translation(graph, OnnxBuilder(half=half), live)
    inputs = _begin(translation)
    for operator in live:
        _translate(translation, operator)
    shapes = _end(translation, chosen)
    _require_shapes(translation, translation.builder.model(inputs, shapes))
    arrange_channels(translation.builder)
    return _checked(translation.builder.model(inputs, shapes))


def require_converter() -> None:
    """Raise `MissingExtra` unless the packages are here that `convert` needs."""
    for package in ("onnx", "tflite"):
        try:
            import_module(package)
        except ImportError as error:
            raise MissingExtra(package, "signs") from error


def _require_float(graph: TfliteGraph) -> None:
    for tensor in (*graph.inputs, *graph.outputs):
        if graph.tensors[tensor].kind != "FLOAT32":
            raise ModelError(f"inputs or outputs of type {graph.tensors[tensor].kind}; only FLOAT32 is read")


def _needed(graph: TfliteGraph, wanted: set[int]) -> list[Operator]:
    """The operators that the tensors `wanted` depend on, in order."""
    wanted = set(wanted)
    live = []
    for operator in reversed(graph.operators):
        if not wanted.isdisjoint(operator.outputs):
            wanted.update(operator.inputs)
            live.append(operator)
    return live[::-1]


def _begin(translation: Translation) -> dict[str, tuple[int, ...]]:
    """Name the inputs; returns their shapes."""
    graph, builder = translation.graph, translation.builder
    shapes = {}
    for number, tensor in enumerate(graph.inputs):
        shape = graph.tensors[tensor].shape
        picture = len(shape) == 4 and len(graph.inputs) == 1
        name = "image" if picture else f"input{number}"
        shapes[name] = tuple(shape[axis] for axis in TO_CHANNELS) if picture else shape
        value = builder.begin(name)
        if len(shape) == 4 and not picture:
            value = builder.add("Transpose", [value], perm=TO_CHANNELS)
        translation.set_value(tensor, value)
    return shapes


def _translate(translation: Translation, operator: Operator) -> None:
    if operator.kind not in OPERATORS:
        raise ModelError(f"operator {operator.kind} is not known; known: {', '.join(OPERATORS)}")
    try:
        OPERATORS[operator.kind](translation, operator)
    except (LookupError, ValueError, TypeError, ArithmeticError, MemoryError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelError(
            f"operator {operator.kind}: {reason}; the file is damaged, fetch it again"
        ) from error


def _end(translation: Translation, chosen: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Name the outputs; returns their shapes."""
    graph, builder = translation.graph, translation.builder
    shapes = {}
    for number in chosen:
        tensor = graph.outputs[number]
        name = translation.value(tensor)
        shape = graph.tensors[tensor].shape
        if len(shape) == 4:
            name = builder.add("Transpose", [name], perm=TO_ROWS)
        builder.finish(name, f"output{number}")
        shapes[f"output{number}"] = shape
    return shapes


def _require_shapes(translation: Translation, model: Any) -> None:
    """Raise `ModelError` where a value's shape is not what the file says."""
    import onnx

    try:
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except onnx.shape_inference.InferenceError as error:
        raise _invalid(error) from error
    wanted = translation.shapes()
    for value in inferred.graph.value_info:
        shape = tuple(side.dim_value for side in value.type.tensor_type.shape.dim)
        if shape != wanted.get(value.name, shape):
            raise ModelError(
                f"the file says that a tensor has the shape {wanted[value.name]}, and it has {shape}; "
                "the file is damaged, fetch it again"
            )


def _checked(model: Any) -> bytes:
    """The bytes of a model that ONNX finds consistent."""
    import onnx

    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise _invalid(error) from error
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _invalid(error: Exception) -> ModelError:
    return ModelError(
        f"the graph does not hang together ({str(error).splitlines()[0]}); fetch the file again"
    )
