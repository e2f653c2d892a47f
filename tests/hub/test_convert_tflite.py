from __future__ import annotations

import sys

import numpy as np
import pytest

from accessify.core.errors import MissingExtra, ModelError
from accessify.hub.convert_tflite import convert
from tests.hub.tflite_files import TfliteFile, farthest, interpreted, run

onnx = pytest.importorskip("onnx")


def forked() -> tuple[bytes, TfliteFile]:
    """A picture, and three outputs of which the second is much work."""
    file = TfliteFile()
    stem = file.convolution(file.input(1, 8, 8, 3), file.weights(4, 3, 3, 3), (1, 8, 8, 4))
    heavy = file.convolution(stem, file.weights(64, 5, 5, 4), (1, 8, 8, 64))
    row = file.operator("RESHAPE", [stem, file.constant([1, 256])], (1, 256))
    return file.build(row, heavy, file.operator("LOGISTIC", [row], (1, 256))), file


def names(graph: bytes) -> tuple[list[str], list[str]]:
    model = onnx.load_from_string(graph)
    return [value.name for value in model.graph.input], [value.name for value in model.graph.output]


def test_outputs_are_called_by_their_number_in_the_file() -> None:
    model, file = forked()
    picture = file.random.random((1, 8, 8, 3), np.float32)
    graph = convert(model)
    assert names(graph) == (["image"], ["output0", "output1", "output2"])
    for found, expected in zip(run(graph, picture), interpreted(model, picture), strict=True):
        assert farthest(found, expected) < 1e-6


def test_outputs_that_are_not_wanted_are_cut_with_what_only_they_need() -> None:
    model, file = forked()
    picture = file.random.random((1, 8, 8, 3), np.float32)
    graph = convert(model, outputs=[2, 0, 2])
    assert names(graph) == (["image"], ["output0", "output2"])
    assert len(graph) < len(convert(model)) / 4
    row, _, logistic = interpreted(model, picture)
    for found, expected in zip(run(graph, picture), (row, logistic), strict=True):
        assert farthest(found, expected) < 1e-6


@pytest.mark.parametrize("outputs", [[], [3], [-1]])
def test_outputs_that_there_are_not_are_told(outputs: list[int]) -> None:
    with pytest.raises(ModelError, match="of a network that has 3"):
        convert(forked()[0], outputs=outputs)


def test_several_inputs_keep_their_shapes() -> None:
    file = TfliteFile()
    shape = (1, 3, 2, 4)
    model = file.build(file.operator("SUB", [file.input(*shape), file.input(*shape)], shape, "Sub"))
    feed = [file.random.random(shape, np.float32) for _ in range(2)]
    graph = convert(model)
    assert names(graph) == (["input0", "input1"], ["output0"])
    assert farthest(run(graph, *feed)[0], interpreted(model, *feed)[0]) < 1e-6


def test_half_precision_stays_inside() -> None:
    model, file = forked()
    picture = file.random.random((1, 8, 8, 3), np.float32)
    graph = convert(model, half=True)
    proto = onnx.load_from_string(graph)
    kinds = {tensor.data_type for tensor in proto.graph.initializer}
    assert kinds == {onnx.TensorProto.FLOAT16, onnx.TensorProto.INT64}
    ends = [*proto.graph.input, *proto.graph.output]
    assert {value.type.tensor_type.elem_type for value in ends} == {onnx.TensorProto.FLOAT}
    assert len(graph) < 0.6 * len(convert(model))
    for found, expected in zip(run(graph, picture), interpreted(model, picture), strict=True):
        assert found.dtype == np.float32
        assert farthest(found, expected) < 3e-3


def test_other_types_than_float_are_told() -> None:
    file = TfliteFile()
    shape = (1, 4)
    model = file.build(file.operator("NEG", [file.input(*shape, kind="UINT8")], shape))
    with pytest.raises(ModelError, match="inputs or outputs of type UINT8"):
        convert(model)


def test_a_shape_that_the_operators_do_not_give_is_damage() -> None:
    file = TfliteFile()
    wrong = file.convolution(file.input(1, 8, 8, 3), file.weights(4, 3, 3, 3), (1, 9, 8, 4))
    mean = file.operator("MEAN", [wrong, file.constant([1, 2])], (1, 4), "Reducer")
    with pytest.raises(ModelError, match=r"has the shape \(1, 4, 9, 8\), and it has \(1, 4, 8, 8\)"):
        convert(file.build(mean))
    with pytest.raises(ModelError, match="does not hang together"):
        convert(file.build(wrong))


def test_an_operator_before_its_input_is_damage() -> None:
    file = TfliteFile()
    source = file.input(1, 4)
    first = file.operator("NEG", [source + 2], (1, 4))
    file.operator("NEG", [source], (1, 4))
    with pytest.raises(ModelError, match="used before it is computed"):
        convert(file.build(first))


@pytest.mark.parametrize("package", ["onnx", "tflite"])
def test_the_extra_is_named_where_it_is_missing(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = forked()[0]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        MissingExtra, match=rf"{package} is not installed; run: pip install 'accessify\[signs\]'"
    ):
        convert(model)
