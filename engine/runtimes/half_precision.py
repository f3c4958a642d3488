"""Halves an ONNX graph: weights and activations of 16 bits between inputs and outputs of 32.

ONNX Runtime's own converter (``onnxruntime.transformers.float16``, 1.31) makes graphs of these networks that ONNX Runtime
refuses: ``IsInf`` of 16 bits, which operator set 18 does not have, or two casts of one name where nodes keep 32 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

#: Operations that trained weights go through: what comes before the first of them is the standardisation of the bands.
_TRAINED = frozenset({"Conv", "ConvTranspose", "MatMul", "Gemm"})

#: Operations that write 32 bits whatever they read.
_WRITES_FLOAT = frozenset({"ConstantOfShape", "Range"})

#: Inputs that must have 32 bits, by operation: the region and the factors of a resize.
_FLOAT_INPUTS = {"Resize": (1, 2)}

#: The largest number of 16 bits.
_LARGEST = float(np.finfo(np.float16).max)


def to_half(proto: ModelProto, logits: str) -> None:
    """Changes a graph of 32 bits to one that computes in 16 bits.

    Inputs and outputs keep 32 bits, and so do the standardisation of the bands, because digital numbers of rasters do
    not fit into 16 bits, and what follows the logits.

    Args:
        proto: The graph, changed in place.
        logits: Name of the tensor of the logits.
    """
    graph = _HalfGraph(proto)
    nodes = [part for node in proto.graph.node for part in graph.converted(node, logits)]
    del proto.graph.node[:], proto.graph.value_info[:]
    proto.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    weights = [one for one in proto.graph.initializer if one.name in used]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend([*weights, *graph.weights])


class _HalfGraph:
    """Converts the nodes of a graph in the order of their computation.

    Attributes:
        weights: The weights in 16 bits of the nodes so far.
    """

    def __init__(self, proto: ModelProto) -> None:
        inferred = onnx.shape_inference.infer_shapes(proto).graph
        values = (*inferred.value_info, *inferred.input, *inferred.output)
        self._initializers = {one.name: one for one in proto.graph.initializer}
        self._floats = {v.name for v in values if v.type.tensor_type.elem_type == TensorProto.FLOAT}
        self._floats |= {
            name for name, one in self._initializers.items() if one.data_type == TensorProto.FLOAT
        }
        self._after_weights: set[str] = set()
        self._halves: set[str] = set()
        self._casts: set[str] = set()
        self._is_past_logits = False
        self.weights: list[TensorProto] = []

    def converted(self, node: NodeProto, logits: str) -> Iterator[NodeProto]:
        """A node, after the casts that it needs."""
        is_trained = node.op_type in _TRAINED or bool(self._after_weights & set(node.input))
        is_half = is_trained and not self._is_past_logits and node.op_type not in _WRITES_FLOAT
        if is_trained:
            self._after_weights.update(node.output)
        exact = _FLOAT_INPUTS.get(node.op_type, ())
        for position, name in enumerate(node.input):
            wants_half = is_half and position not in exact
            if name in self._floats and wants_half != (name in self._halves):
                yield from self._cast(name, wants_half)
                node.input[position] = _cast_name(name, wants_half)
        if is_half:
            self._halves.update(self._floats.intersection(node.output))
            _retarget(node)
        self._is_past_logits |= logits in node.output
        yield node

    def _cast(self, name: str, to_half: bool) -> Iterator[NodeProto]:
        """The node that casts a tensor; none if it is cast already, or a weight."""
        target = _cast_name(name, to_half)
        if target in self._casts:
            return
        self._casts.add(target)
        if name in self._initializers:
            values = numpy_helper.to_array(self._initializers[name]).clip(-_LARGEST, _LARGEST)
            self.weights.append(numpy_helper.from_array(values.astype(np.float16), target))
            return
        kind = TensorProto.FLOAT16 if to_half else TensorProto.FLOAT
        yield helper.make_node("Cast", [name], [target], name=f"cast_{target}", to=kind)


def _cast_name(name: str, to_half: bool) -> str:
    return f"{name}_{'half' if to_half else 'float'}"


def _retarget(node: NodeProto) -> None:
    """Makes a cast to 32 bits one to 16."""
    if node.op_type == "Cast":
        for attribute in node.attribute:
            if attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.FLOAT16
