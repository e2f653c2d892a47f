"""Channels of an ONNX graph, arranged as onnxruntime computes them: in whole blocks, no idle ones.

Out go channels that never change. Training with weight decay leaves kernels that are zero to the
last bit: in MediaPipe's hand landmarks half of those in the widest layers. Such a channel is its bias
whatever the picture shows, and what it adds to the next layer belongs into that layer's bias.

In come channels of zeros where a picture has no whole blocks and onnxruntime would leave its blocked
layout, or where that turns a padding of channels into nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.hub.onnx_builder import Node, OnnxBuilder

BLOCK = 16
"""Channels that onnxruntime computes at once with AVX-512, a multiple of what it does elsewhere."""
FINEST = 4
"""Channels that onnxruntime fills up to whole blocks by itself must be a multiple of this."""

_TIED = frozenset({"Relu", "Clip", "Add", "MaxPool", "Resize", "GlobalAveragePool", "Flatten"})
"""What keeps each channel to itself; convolutions of single channels do so too."""

Numbers = NDArray[np.float64]
Layout = NDArray[np.intp]
"""Number of the old channel at each new place; −1 for a channel of zeros."""


def arrange_channels(builder: OnnxBuilder) -> None:
    """Rewrite the graph so that it computes what it did before, with other channels in between."""
    channels = _Channels(builder)
    layouts = channels.layouts()
    copies: dict[str, str] = {}  # output of a node that is left out → the value it would copy
    nodes = []
    for node in builder.nodes:
        rewritten = channels.rewritten(node, layouts)
        if _copies(node, builder) and channels.keeps_places(node, layouts):
            copies[node.output] = copies.get(node.inputs[0], node.inputs[0])
        else:
            inputs = tuple(copies.get(name, name) for name in rewritten.inputs)
            nodes.append(replace(rewritten, inputs=inputs))
    builder.nodes = nodes


class _Channels:
    """What is known of the channels of each value."""

    def __init__(self, builder: OnnxBuilder) -> None:
        self._builder = builder
        self._fixed: dict[str, Numbers] = {}
        """Value → what each channel always is; NaN where that varies."""
        self._spaces: dict[str, str] = {}
        """Value → another one with the same channels, down to one that stands for all of them."""
        for node in builder.nodes:
            if node.kind == "Conv":
                self._fixed[node.output] = self._fixed_by_convolution(node)
            elif self._is_tied(node):
                self._fixed[node.output] = self._fixed_by_channel(node)
            if self._is_tied(node):
                for name in self._computed(node):
                    self._spaces[self._space(name)] = self._space(node.output)

    def layouts(self) -> dict[str, Layout]:
        """Space → what its channels become, where they change."""
        convolutions = [node for node in self._builder.nodes if node.kind == "Conv"]
        idle = {self._space(node.output): np.ones(len(self._kernel(node)), bool) for node in convolutions}
        rigid = set()
        for node in self._builder.nodes:
            for name in (*node.inputs, node.output):
                space = self._space(name)
                if not self._is_flexible(node, name):
                    rigid.add(space)
                elif space in idle:
                    idle[space] &= self._allows(node, name)
        ends = {
            self._space(name)
            for node in convolutions
            if _copies(node, self._builder)
            for name in (node.inputs[0], node.output)
        }
        found = {space: _layout(mask, space in ends) for space, mask in idle.items() if space not in rigid}
        return {
            space: layout
            for space, layout in found.items()
            if not np.array_equal(layout, np.arange(idle[space].size))
        }

    def keeps_places(self, node: Node, layouts: Mapping[str, Layout]) -> bool:
        """Whether a copying convolution finds each channel where it puts it."""
        before = layouts.get(self._space(node.inputs[0]))
        after = layouts.get(self._space(node.output))
        kernel = self._kernel(node)
        before = np.arange(kernel.shape[1]) if before is None else before
        after = np.arange(kernel.shape[0]) if after is None else after
        zeros = after >= kernel.shape[1]  # what it adds
        return np.array_equal(before, np.where(zeros, -1, after))

    def rewritten(self, node: Node, layouts: Mapping[str, Layout]) -> Node:
        """The node with its channels as `layouts` say."""
        if node.kind not in ("Conv", "Gemm"):
            return node
        kernel, bias = self._kernel(node), self._bias(node)
        columns = None if _is_depthwise(node) else layouts.get(self._space(node.inputs[0]))
        rows = layouts.get(self._space(node.output)) if node.kind == "Conv" else None
        if columns is None and rows is None:
            return node
        if columns is not None:
            gone = np.setdiff1d(np.arange(kernel.shape[1]), columns)
            sums = _taps(kernel)[:, gone]
            bias = bias + np.where(sums == 0, 0.0, sums * self._fixed[node.inputs[0]][gone]).sum(axis=1)
            kernel = _taken(kernel, columns, 1)
        if rows is not None:
            kernel, bias = _taken(kernel, rows, 0), _taken(bias, rows, 0)
        attributes = dict(node.attributes)
        if rows is not None and _is_depthwise(node):
            attributes["group"] = len(rows)
        inputs = (node.inputs[0], self._builder.weights(kernel), self._builder.weights(bias))
        return replace(node, inputs=inputs, attributes=attributes)

    def _is_flexible(self, node: Node, name: str) -> bool:
        """Whether the node could have its value `name` with other channels."""
        if node.kind == "Gemm":
            return name == node.inputs[0]
        return self._is_tied(node) or (node.kind == "Conv" and not _is_depthwise(node))

    def _allows(self, node: Node, name: str) -> NDArray[np.bool_]:
        """Which channels of its value `name` a flexible node could do without."""
        if self._is_tied(node) or name == node.output:
            return np.ones(1, bool)
        fixed = self._fixed[name]
        foldable = fixed == 0 if any(node.attributes.get("pads", ())) else ~np.isnan(fixed)
        unused = (_taps(np.abs(self._kernel(node))) == 0).all(axis=0)
        allowed: NDArray[np.bool_] = foldable | unused
        return allowed

    def _is_tied(self, node: Node) -> bool:
        """Whether all values of the node have the same channels, known ones."""
        if node.kind not in _TIED and not _is_depthwise(node):
            return False
        sizes = {self._fixed[name].size if name in self._fixed else None for name in self._computed(node)}
        constants = node.kind == "Add" and len(self._computed(node)) < 2
        return len(sizes) == 1 and None not in sizes and not constants

    def _computed(self, node: Node) -> list[str]:
        """The inputs of a node that are no constants."""
        return [name for name in node.inputs if name and name not in self._builder.constants]

    def _fixed_by_convolution(self, node: Node) -> Numbers:
        kernel, bias = self._kernel(node), self._bias(node)
        depthwise = _is_depthwise(node)
        known = self._fixed.get(node.inputs[0], np.array(np.nan))
        if any(node.attributes.get("pads", ())):  # at the border it meets zeros
            known = np.where(known == 0, known, np.nan)
        known = known.reshape(-1, 1) if depthwise else known
        used = _taps(np.abs(kernel)) != 0
        fixed: Numbers = bias + np.where(used, _taps(kernel) * known, 0.0).sum(axis=1)
        return fixed

    def _fixed_by_channel(self, node: Node) -> Numbers:
        values = [self._fixed[name] for name in self._computed(node)]
        if node.kind == "Relu":
            return np.maximum(values[0], 0)
        if node.kind == "Clip":
            low, high = (float(self._builder.constants[name]) for name in node.inputs[1:])
            return np.clip(values[0], low, high)
        return values[0] + values[1] if node.kind == "Add" else values[0]

    def _kernel(self, node: Node) -> Numbers:
        return self._builder.constants[node.inputs[1]].astype(np.float64)

    def _bias(self, node: Node) -> Numbers:
        if len(node.inputs) > 2:
            return self._builder.constants[node.inputs[2]].astype(np.float64)
        return np.zeros(len(self._builder.constants[node.inputs[1]]))

    def _space(self, name: str) -> str:
        while self._spaces.get(name, name) != name:
            name = self._spaces[name]
        return name


def _is_depthwise(node: Node) -> bool:
    return node.kind == "Conv" and node.attributes.get("group", 1) > 1


def _copies(node: Node, builder: OnnxBuilder) -> bool:
    """Whether a node only adds channels of zeros behind those of its input."""
    if node.kind != "Conv" or len(node.inputs) > 2:
        return False
    kernel = builder.constants[node.inputs[1]]
    return kernel.shape[2:] == (1, 1) and np.array_equal(kernel[:, :, 0, 0], np.eye(*kernel.shape[:2]))


def _taps(kernel: Numbers) -> Numbers:
    """Sum over height and width: [out, in]."""
    sums: Numbers = kernel.reshape(*kernel.shape[:2], -1).sum(axis=2)
    return sums


def _taken(values: Numbers, layout: Layout, axis: int) -> Numbers:
    """`values` with what `layout` names along `axis`."""
    padded = np.concatenate([values, np.zeros_like(values.take([0], axis))], axis)  # −1 is the last
    return padded.take(layout, axis)


def _layout(idle: NDArray[np.bool_], meets_padding: bool) -> Layout:
    """What stays of channels of which some are `idle`, in whole blocks where that helps."""
    spare = np.flatnonzero(idle)
    busy = max(idle.size - spare.size, 1)
    going = max(idle.size - -(-busy // BLOCK) * BLOCK, 0)
    stay = np.setdiff1d(np.arange(idle.size), spare[spare.size - going :])
    if stay.size % FINEST or stay.size < BLOCK or meets_padding:
        stay = np.concatenate([stay, np.full(-stay.size % BLOCK, -1)])
    return stay
