from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.hub.onnx_builder import OnnxBuilder
from accessify.hub.onnx_channels import BLOCK, arrange_channels
from tests.hub.tflite_files import run

pytest.importorskip("onnx")

SIDE = 6


class Network:
    """A graph of pictures of one size, with kernels of which some are zero."""

    def __init__(self, seed: int, dead: float) -> None:
        self.builder = OnnxBuilder()
        self.channels = {"image": 3}
        self._random = np.random.default_rng(seed)
        self.dead = dead

    def dense(self, source: str, channels: int, size: int = 1) -> str:
        kernel = self._kernel((channels, self.channels[source], size, size))
        return self._conv(source, kernel, 1)

    def depthwise(self, source: str, size: int = 3) -> str:
        count = self.channels[source]
        return self._conv(source, self._kernel((count, 1, size, size)), count)

    def wider(self, source: str, more: int) -> str:
        """Channels of zeros behind those of `source`, as the converter writes it."""
        count = self.channels[source]
        kernel = np.eye(count + more, count)[:, :, None, None]
        name = self.builder.add("Conv", [source, self.builder.weights(kernel)])
        self.channels[name] = count + more
        return name

    def tied(self, kind: str, *sources: str) -> str:
        bounds = [self.builder.weights(np.array(bound)) for bound in (0, 6)] if kind == "Clip" else []
        more = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)} if kind == "MaxPool" else {}
        name = self.builder.add(kind, [*sources, *bounds], **more)
        self.channels[name] = self.channels[sources[0]]
        return name

    def result(self, source: str) -> NDArray[np.float32]:
        """What the graph makes of a picture, as it is now."""
        from onnx import checker

        nodes = list(self.builder.nodes)
        self.builder.finish(source, "output0")
        shape = (1, self.channels[source], SIDE, SIDE)
        model = self.builder.model({"image": (1, 3, SIDE, SIDE)}, {"output0": shape})
        self.builder.nodes = nodes
        checker.check_model(model, full_check=True)
        picture = np.random.default_rng(1).random((1, SIDE, SIDE, 3), np.float32)
        return run(model.SerializeToString(), picture)[0]

    def widths(self) -> list[int]:
        """Channels of the convolutions' results."""
        return [
            len(self.builder.constants[node.inputs[1]]) for node in self.builder.nodes if node.kind == "Conv"
        ]

    def arrange(self, output: str) -> None:
        """Arrange the channels of a graph that gives `output`."""
        self.builder.finish(output, "output0")
        arrange_channels(self.builder)
        self.builder.nodes = self.builder.nodes[:-1]

    def _kernel(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        kernel = self._random.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
        kernel[self._random.random(shape[0]) < self.dead] = 0
        return kernel

    def _conv(self, source: str, kernel: NDArray[np.float64], group: int) -> str:
        edge = kernel.shape[2] // 2
        bias = self._random.normal(size=len(kernel))
        weights = [self.builder.weights(kernel), self.builder.weights(bias)]
        name = self.builder.add("Conv", [source, *weights], pads=[edge] * 4, group=group)
        self.channels[name] = len(kernel)
        return name


def bottleneck(network: Network, source: str, width: int) -> str:
    """A residual block of MobileNet's kind."""
    wide = network.tied("Clip", network.dense(source, width))
    deep = network.tied("Clip", network.depthwise(wide))
    return network.tied("Add", network.dense(deep, network.channels[source]), source)


def agree(network: Network, output: str) -> None:
    before = network.result(output)
    network.arrange(output)
    np.testing.assert_allclose(network.result(output), before, rtol=0, atol=1e-5 * np.abs(before).max())


STEPS: dict[str, Callable[[Network, str], str]] = {
    "bottleneck": lambda network, source: bottleneck(network, source, 48),
    "dense": lambda network, source: network.dense(source, 40, 3),
    "narrow": lambda network, source: network.dense(source, 6),
    "depthwise": lambda network, source: network.depthwise(source),
    "relu": lambda network, source: network.tied("Relu", source),
    "pool": lambda network, source: network.tied("MaxPool", source),
    "wider": lambda network, source: network.wider(source, 5),
    "opaque": lambda network, source: network.tied("Sigmoid", source),
}


@given(
    st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=8),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.3, 0.7, 1.0]),
)
def test_the_result_stays_what_it_was(steps: list[str], seed: int, dead: float) -> None:
    network = Network(seed, dead)
    value = network.dense("image", 24)
    for step in steps:
        value = STEPS[step](network, value)
    agree(network, network.dense(value, 5))


@given(st.integers(0, 1000), st.sampled_from([0.0, 0.5]))
def test_branches_that_share_channels_keep_the_same_ones(seed: int, dead: float) -> None:
    network = Network(seed, dead)
    stem = network.tied("Relu", network.dense("image", 40))
    left, right = network.depthwise(stem), network.tied("MaxPool", stem)
    both = network.tied("Add", left, right)
    agree(network, network.tied("Add", network.dense(both, 7), network.dense(stem, 7)))


def test_dead_channels_go_in_whole_blocks() -> None:
    network = Network(0, 0.0)
    stem = network.dense("image", 32, 3)
    network.dead = 0.6
    output = network.dense(bottleneck(network, stem, 200), 4)
    kernel = network.builder.constants[network.builder.nodes[3].inputs[1]]
    living = np.count_nonzero(np.abs(kernel).sum((1, 2, 3)))
    before = network.result(output)
    network.arrange(output)
    enough = -(-living // BLOCK) * BLOCK  # some of those go as well whose input never changes
    wide = network.widths()[1]
    assert network.widths() == [32, wide, wide, 32, 4]
    assert 0 < wide <= enough < 200
    assert wide % BLOCK == 0
    np.testing.assert_allclose(network.result(output), before, rtol=0, atol=1e-5)


def test_padding_to_the_same_blocks_is_left_out() -> None:
    network = Network(0, 0.0)
    stem = network.tied("Relu", network.dense("image", 24))
    wider = network.tied("Add", network.wider(stem, 4), network.dense(stem, 28))
    output = network.dense(wider, 3)
    before = network.result(output)
    assert len(network.widths()) == 4
    network.arrange(output)
    assert network.widths() == [32, 32, 3]
    np.testing.assert_allclose(network.result(output), before, rtol=0, atol=1e-5)


def test_what_is_given_out_keeps_its_channels() -> None:
    network = Network(0, 1.0)
    output = network.tied("Relu", network.dense("image", 40))
    agree(network, output)
    assert network.widths() == [40]
