from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, ModelError
from accessify.hub.graph_variants import Variant, write_variant
from accessify.hub.shipped import LETTERS_ASE, shipped_model

onnx = pytest.importorskip("onnx", reason="comes with the extra `export`")
LETTERS = shipped_model(LETTERS_ASE)
HANDS = np.random.default_rng(0).standard_normal((8, 21, 3)).astype(np.float32)


def opened(path: Path) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def read(path: Path) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = opened(path).run(None, {"hands": HANDS})
    return found


@pytest.mark.parametrize(
    ("variant", "apart"),
    [(Variant.GRAPH, 1e-5), (Variant.INT8, 0.1), (Variant.CALIBRATED, 0.2), (Variant.FP16, 0.01)],
)
def test_a_variant_of_a_real_network_says_much_the_same(
    variant: Variant, apart: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out" / "new.onnx"
    write_variant(LETTERS, variant, target, [{"hands": HANDS}])
    for before, after in zip(read(LETTERS), read(target), strict=True):
        assert np.abs(before - after).max() <= apart * np.abs(before).max()
    kept = opened(target).get_modelmeta().custom_metadata_map
    assert opened(LETTERS).get_modelmeta().custom_metadata_map.items() <= kept.items()
    assert [path.name for path in target.parent.iterdir()] == ["new.onnx"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("variant", list(Variant))
def test_weights_beside_a_graph_are_taken_in(variant: Variant, tmp_path: Path) -> None:
    source = tmp_path / "letters.onnx"
    model = onnx.load(LETTERS)
    onnx.save(model, source, save_as_external_data=True, location="letters.onnx.data", size_threshold=1024)
    write_variant(source, variant, tmp_path / "out" / "new.onnx", [{"hands": HANDS}])
    before, after = read(LETTERS)[0], read(tmp_path / "out" / "new.onnx")[0]
    assert np.abs(before - after).max() <= 0.2 * np.abs(before).max()


@pytest.mark.parametrize("variant", [Variant.INT8, Variant.FP16])
def test_fewer_bits_make_a_smaller_file(variant: Variant, tmp_path: Path) -> None:
    target = tmp_path / "new.onnx"
    write_variant(LETTERS, variant, target)
    assert target.stat().st_size < 0.7 * LETTERS.stat().st_size


def test_each_variant_tells_its_precision() -> None:
    assert [variant.precision for variant in Variant] == ["fp32", "int8", "int8", "fp16"]


@pytest.mark.parametrize("variant", [Variant.INT8, Variant.CALIBRATED])
def test_a_graph_without_weights_has_nothing_to_quantise(variant: Variant, tmp_path: Path) -> None:
    node = onnx.helper.make_node("Add", ["x", "x"], ["y"])
    ports = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = onnx.helper.make_graph([node], "twice", ports[:1], ports[1:])
    source = tmp_path / "twice.onnx"
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9), source
    )
    with pytest.raises(ModelError, match=r"twice\.onnx: nothing to quantise, no MatMul or Gemm"):
        write_variant(source, variant, tmp_path / "new.onnx", [{"x": np.ones(1, np.float32)}])
    assert not (tmp_path / "new.onnx").exists()


@pytest.mark.parametrize("variant", list(Variant))
@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", None], ids=["empty", "page", "missing"])
def test_a_file_that_is_no_graph_is_told_in_one_line(
    variant: Variant, content: bytes | None, tmp_path: Path
) -> None:
    source = tmp_path / "palm.onnx"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(ModelError, match=r"palm\.onnx: ") as caught:
        write_variant(source, variant, tmp_path / "new.onnx", [{"hands": HANDS}])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "new.onnx").exists()


def test_onnxruntimes_own_format_cannot_be_rewritten(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"encoder\.ort: a graph in onnxruntime's own format"):
        write_variant(tmp_path / "encoder.ort", Variant.INT8, tmp_path / "new.onnx")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[export\]'"):
        write_variant(LETTERS, Variant.GRAPH, tmp_path / "new.onnx")
