"""Completes an ONNX network of another program to the form of an exported model.

Before it: bands are scaled, missing pixels become the mean of their band, and the layout is turned where the network
takes bands last. After it: logits become probabilities, a class map a probability of 0 or 1 of each class, and an
output of lower resolution is resized. The network itself is not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx.compose
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from ..contract.unlike import UNLIKE
from ..models.graph_file import AUXILIARY, IMAGE, PROBABILITIES
from ..models.onnx_safety import opset_of

#: What a network can give for each pixel.
LOGITS, SHARES, CLASSES = "logits", "probabilities", "classes"

#: Prefix of all names of the other program's graph.
PREFIX = "network/"

#: From this operator set on, softmax takes any axis.
_SOFTMAX_OPSET = 13

#: From this version of the format on, stored weights are not inputs.
_MIN_IR_VERSION = 4


@dataclass(frozen=True)
class InputForm:
    """How a network takes a stream.

    Attributes:
        name: Name of the graph's input.
        kind: Type of its numbers, of ``onnx.TensorProto``.
        is_channels_last: Whether it is (B, H, W, C).
        bands: Number of bands, C.
        side: Side of a tile, H = W px.
        mean: The physical value of each band that is subtracted; empty: the network scales by itself.
        std: The number by which each band is divided.
    """

    name: str
    kind: int
    is_channels_last: bool
    bands: int
    side: int
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


@dataclass(frozen=True)
class OutputForm:
    """The form of a network's output.

    Attributes:
        name: Name of the graph's output.
        kind: ``LOGITS``, ``SHARES`` or ``CLASSES``.
        channels: Probabilities per pixel that it is completed to: K, of a class map the number of classes.
        is_channels_last: Whether it is (B, h, w, K).
        side: Its rows and columns, h = w.
        is_normalised: Whether the probabilities of all classes add up to 1.
    """

    name: str
    kind: str
    channels: int
    is_channels_last: bool
    side: int
    is_normalised: bool


def completed(
    proto: ModelProto,
    inputs: Sequence[InputForm],
    output: OutputForm,
    values: Sequence[int],
    batch: int,
    with_unlike: bool = False,
) -> ModelProto:
    """The network in the form of an exported model.

    Args:
        proto: The network.
        inputs: Its input for the image and, of two streams, for the auxiliary stream.
        output: Its output.
        values: The values of the classes, of a class map.
        batch: The only batch size that it takes; 0: any.
        with_unlike: Whether to make the value ``unlike``, which our own exports have, an output.
    """
    whole, nodes = _with_inputs(proto, inputs, batch)
    tile = inputs[0].side
    _add_output(nodes, output, values, tile, opset_of(proto))
    planes = {PROBABILITIES: output.channels}
    if with_unlike:
        nodes.add("Identity", PREFIX + UNLIKE, name=UNLIKE)
        planes[UNLIKE] = 1
    shapes = {name: [batch or "batch", count, tile, tile] for name, count in planes.items()}
    kind = TensorProto.FLOAT
    outputs = [helper.make_tensor_value_info(name, kind, dims) for name, dims in shapes.items()]
    return _closed(whole, nodes, *outputs)


def open_ended(
    proto: ModelProto, inputs: Sequence[InputForm], output: str, batch: int
) -> ModelProto:
    """As ``completed``, but with an output of the network as it is, to find out about it."""
    whole, nodes = _with_inputs(proto, inputs, batch)
    value = next(value for value in proto.graph.output if value.name == output)
    open_end = ValueInfoProto(name=PREFIX + output)
    open_end.type.tensor_type.elem_type = value.type.tensor_type.elem_type
    return _closed(whole, nodes, open_end)


@dataclass
class _Nodes:
    """Nodes in their order, with the constants that they use."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def add(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Adds a node; the name of its output, by default a new one."""
        name = name or f"form/{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: NDArray[Any]) -> str:
        """Adds a constant; its name."""
        name = f"form/constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name


def _with_inputs(
    proto: ModelProto, inputs: Sequence[InputForm], batch: int
) -> tuple[ModelProto, _Nodes]:
    """The network with new inputs and without nodes, and its nodes after those of the inputs."""
    whole = onnx.compose.add_prefix(proto, PREFIX)
    whole.ir_version = max(whole.ir_version, _MIN_IR_VERSION)
    del whole.metadata_props[:], whole.graph.input[:], whole.training_info[:]
    opset = helper.make_opsetid("", opset_of(proto))
    del whole.opset_import[:]
    whole.opset_import.append(opset)
    nodes = _Nodes()
    for name, form in zip((IMAGE, AUXILIARY), inputs):
        shape = [batch or "batch", form.bands, form.side, form.side]
        whole.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        _add_input(nodes, name, form)
    nodes.nodes += whole.graph.node
    return whole, nodes


def _closed(whole: ModelProto, nodes: _Nodes, *outputs: ValueInfoProto) -> ModelProto:
    """The network with all its nodes and its outputs."""
    del whole.graph.node[:], whole.graph.output[:]
    whole.graph.node.extend(nodes.nodes)
    whole.graph.initializer.extend(nodes.constants)
    whole.graph.output.extend(outputs)
    return whole


def _add_input(nodes: _Nodes, name: str, form: InputForm) -> None:
    """The nodes from a stream's physical values to what the network takes."""
    value = name
    if form.mean:
        mean, std = (np.array(v, np.float32).reshape(1, -1, 1, 1) for v in (form.mean, form.std))
        scaled = nodes.add("Div", nodes.add("Sub", name, nodes.constant(mean)), nodes.constant(std))
        zero = nodes.constant(np.zeros(1, np.float32))
        value = nodes.add("Where", nodes.add("IsNaN", scaled), zero, scaled)
    if form.is_channels_last:
        value = nodes.add("Transpose", value, perm=[0, 2, 3, 1])
    nodes.add("Cast", value, name=PREFIX + form.name, to=form.kind)


def _add_output(
    nodes: _Nodes, form: OutputForm, values: Sequence[int], tile: int, opset: int
) -> None:
    """The nodes from what the network gives to probabilities."""
    value, side = PREFIX + form.name, form.side
    is_map, is_single = form.kind == CLASSES, form.channels == 1
    if is_map or is_single:  # with an axis of one channel, or without
        value = nodes.add("Reshape", value, nodes.constant(np.array([0, 1, side, side], np.int64)))
    elif form.is_channels_last:
        value = nodes.add("Transpose", value, perm=[0, 3, 1, 2])
    if is_map:
        classes = nodes.constant(np.array(values, np.int64).reshape(1, -1, 1, 1))
        value = nodes.add("Equal", nodes.add("Cast", value, to=TensorProto.INT64), classes)
    value = nodes.add("Cast", value, to=TensorProto.FLOAT)
    if side != tile:
        scales = nodes.constant(np.array([1, 1, tile / side, tile / side], np.float32))
        roi = nodes.constant(np.zeros(0, np.float32))
        value = nodes.add("Resize", value, roi, scales, mode="linear")
    if form.kind == LOGITS:
        value = _activated(nodes, value, is_single, opset)
    elif not (is_map or is_single or form.is_normalised):
        value = nodes.add("LpNormalization", value, axis=1, p=1)
    nodes.add("Identity", value, name=PROBABILITIES)


def _activated(nodes: _Nodes, logits: str, is_single: bool, opset: int) -> str:
    """The nodes from logits to probabilities, NaN where a logit is not finite, as ``models.logits.probabilities``."""
    if is_single:
        value = nodes.add("Sigmoid", logits)
    elif opset >= _SOFTMAX_OPSET:
        value = nodes.add("Softmax", logits, axis=1)
    else:
        turned = nodes.add("Transpose", logits, perm=[0, 2, 3, 1])
        value = nodes.add("Transpose", nodes.add("Softmax", turned, axis=3), perm=[0, 3, 1, 2])
    return nodes.add("Add", value, nodes.add("Sub", logits, logits))
