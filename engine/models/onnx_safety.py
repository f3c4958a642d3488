"""Checks whether an ONNX graph is safe to run: no code, no files beside it, no work without a known bound.

An ONNX file is data. It could name operators of another library, which would be code, or files anywhere on this
computer, and a few bytes can describe tensors without end: none of these is accepted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, NodeProto, TensorProto

from ..contract.errors import JobError, first_line, join_names
from ..contract.translation import tr, tr_noop

#: The largest tensor of a network for one tile, in numbers: 8 GiB in fp32.
_MAX_NUMBERS = 2**31

#: The oldest operator set whose operators are those that the network is completed with.
_MIN_OPSET = 9

#: Names of the standard's own operators.
_STANDARD = ("", "ai.onnx")

#: Operators that repeat a part of the graph: nothing in a file bounds how often.
_REPEATING = ("Loop", "Scan", "SequenceMap")

#: Operators that draw random numbers.
_RANDOM = (
    *("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"),
    *("Bernoulli", "Multinomial"),
)


_NOT_STANDARD = tr_noop(
    "it uses operators that are not of the ONNX standard ({}) and would need code of their own; export the "
    "network with standard operators only"
)
_UNBOUNDED = tr_noop(
    "it repeats a part of its graph ({}), which is refused because its work is not bounded; export the network without "
    "loops"
)
_DRAWS = tr_noop(
    "it draws random numbers ({}), so one image would get another mask each time; export the network for inference (in "
    "PyTorch after model.eval())"
)


def parse_onnx(content: bytes, path: str) -> ModelProto:
    """The network in the bytes of an ONNX file.

    Raises:
        JobError: If they are not an ONNX file.
    """
    try:
        proto: ModelProto = ModelProto.FromString(content)
    except DecodeError as error:
        raise refusal(path, tr("it is damaged, cut off or of another kind")) from error
    if not proto.ir_version or not proto.opset_import:
        raise refusal(path, tr("it is damaged, cut off or of another kind"))
    if not proto.graph.node or not proto.graph.output:
        raise refusal(path, tr("its graph is empty"))
    return proto


def check_onnx(proto: ModelProto, path: str) -> ModelProto:
    """Makes sure that a network uses the standard's operators, and that its tensors have known and possible sizes.

    No operator may repeat a part of the graph or draw random numbers.

    Args:
        proto: The network with all its weights.
        path: Its file, for messages.

    Returns:
        The network with the shapes of its tensors, as far as they can be inferred.

    Raises:
        JobError: If not.
    """
    _check_operators(proto, path)
    opset = opset_of(proto)
    if opset < _MIN_OPSET:
        raise refusal(
            path,
            tr(
                "it is written for the operator set {}; export the network for {} or a later one"
            ).format(opset, _MIN_OPSET),
        )
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in stored_tensors(proto)):
        raise refusal(path, tr("a part of its weights is not in the file"))
    _check_declared(proto, path)
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, data_prop=True)
    except Exception as error:  # the errors of the inference and of protocol buffers
        raise refusal(path, first_line(error)) from error
    _check_declared(inferred, path)
    return inferred


def opset_of(proto: ModelProto) -> int:
    """The version of the standard's operators that a network uses."""
    return max(
        (entry.version for entry in proto.opset_import if entry.domain in _STANDARD), default=0
    )


def refusal(path: str, reason: str) -> JobError:
    """The error for a file that cannot be used as an ONNX network, with a reason."""
    return JobError(
        tr("{} cannot be used as an ONNX network: {}.").format(path, reason.rstrip("."))
    )


def _check_operators(proto: ModelProto, path: str) -> None:
    """Refuses operators that are not the standard's, whose work has no bound, or whose results are random."""
    nodes = [*_messages(proto, onnx.NodeProto)]
    foreign = {f"{function.domain}.{function.name}" for function in proto.functions}
    foreign |= {f"{n.domain}.{n.op_type}" for n in nodes if n.domain not in _STANDARD}
    kinds = {node.op_type for node in nodes}
    random = {"Dropout"} if _has_dropout(proto, nodes) else set[str]()
    for names, text in (
        (foreign, _NOT_STANDARD),
        (kinds.intersection(_REPEATING), _UNBOUNDED),
        (kinds.intersection(_RANDOM) | random, _DRAWS),
    ):
        if names:
            raise refusal(path, tr(text).format(join_names(sorted(names), 3)))


def _has_dropout(proto: ModelProto, nodes: Sequence[NodeProto]) -> bool:
    """Whether values are dropped at random: an operator's third input says so, and a constant of False that they are not."""
    switches = {name for node in nodes if node.op_type == "Dropout" for name in node.input[2:3]}
    constants = [(tensor.name, tensor) for tensor in stored_tensors(proto)]
    for node in nodes:
        if node.op_type == "Constant":
            constants += [(name, a.t) for name in node.output for a in node.attribute]
    off = {name for name, t in constants if not any(t.raw_data) and not any(t.int32_data)}
    return bool(switches - off - {""})


def _check_declared(proto: ModelProto, path: str) -> None:
    """Refuses tensors that no tile of a network has."""
    sizes = [[*tensor.dims] for tensor in stored_tensors(proto)]
    sizes += [
        [max(size.dim_value, 1) for size in value.shape.dim]
        for value in _messages(proto, onnx.TypeProto.Tensor)
    ]
    for dims in sizes:
        if min(dims, default=0) < 0 or math.prod(dims) > _MAX_NUMBERS:
            text = tr("it has a tensor of {} numbers, more than any network needs")
            raise refusal(path, text.format(" x ".join(map(str, dims))))


def stored_tensors(proto: ModelProto) -> Iterator[TensorProto]:
    """All stored tensors: weights, constants, and those of attributes."""
    return _messages(proto, TensorProto)


def _messages(message: Message, kind: type[Any]) -> Iterator[Any]:
    """All parts of a protocol buffer that are of a kind, at any depth."""
    if isinstance(message, kind):
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in [value] if isinstance(value, Message) else value:
                yield from _messages(part, kind)
