"""Networks to ONNX, with proof: a file whose answers differ from torch's is not kept."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from accessify.core.errors import MissingExtra, ModelError
from accessify.core.placing import placed
from accessify.engines.session import open_session, run_session

OPSET = 18
LARGE = 1000
"""Numbers from which a weight is stored in half precision."""
CLOSE = 1e-4
"""Largest difference of any output between torch and ONNX."""


def export(
    network: nn.Module,
    target: Path,
    examples: Mapping[str, Tensor],
    outputs: Sequence[str],
    facts: Mapping[str, str],
) -> float:
    """Write `network` as ONNX to `target`; the largest difference found between the two.

    Its large weights are rounded to half precision first, and stored so: half the file, the same sums in
    single precision.
    `examples` are its inputs by name, whose first axis may have any length; `facts` go into the file's
    metadata. Raises `ModelError`, and leaves what was at `target` as it was, where answers differ by more
    than `CLOSE`, and `MissingExtra` without the packages that export.
    """
    try:
        import onnx  # noqa: PLC0415
        import onnxscript  # noqa: F401, PLC0415 - what torch exports with
    except ImportError as error:
        raise MissingExtra(error.name or "onnx", "train") from error
    network = network.eval()
    with torch.no_grad():
        for weight in network.parameters():
            if weight.numel() >= LARGE:
                weight.copy_(weight.half().float())
    with placed(target) as temporary:
        program = _exported(network, examples, outputs)
        model = program.model_proto
        del model.metadata_props[:]
        _store_halves(model.graph)
        onnx.helper.set_model_props(model, dict(facts))
        onnx.checker.check_model(model)
        temporary.write_bytes(model.SerializeToString(deterministic=True))
        gap = largest_gap(network, temporary, examples)
        if not gap <= CLOSE:
            raise ModelError(
                f"{target}: the ONNX file answers otherwise than torch (by {gap:.2g}, at most {CLOSE:g}); it "
                "was not kept; report this with the versions of torch and onnxscript"
            )
    return gap


def _exported(network: nn.Module, examples: Mapping[str, Tensor], outputs: Sequence[str]) -> Any:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    any_length = torch.export.Dim("n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch about its own insides
        return torch.onnx.export(
            network,
            tuple(examples.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(examples),
            output_names=list(outputs),
            dynamic_shapes=tuple({0: any_length} for _ in examples),
            verbose=False,
        )


def _store_halves(graph: Any) -> None:
    """Large weights as float16, each behind a node that makes them float32 again when the file is loaded."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    casts = []
    for number, weight in enumerate(graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < LARGE:
            continue
        halves = values.astype(np.float16)
        if (halves.astype(np.float32) != values).any():
            continue  # torch multiplied it with something else on the way, so it is no longer round
        name, short = weight.name, f"{weight.name}.half"
        graph.initializer[number].CopyFrom(numpy_helper.from_array(halves, short))
        casts.append(helper.make_node("Cast", [short], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def largest_gap(network: nn.Module, path: Path, inputs: Mapping[str, Tensor]) -> float:
    """The largest difference of any output between `network` and the ONNX file, for `inputs`."""
    with torch.no_grad():
        expected = network(*inputs.values())
    session = open_session(path)
    actual = run_session(session, path.name, {name: value.numpy() for name, value in inputs.items()})
    gaps = [np.abs(a.numpy() - b).max() for a, b in zip(expected, actual, strict=True)]
    return float(np.max(gaps)) if np.isfinite(gaps).all() else float("inf")
