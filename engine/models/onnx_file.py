"""ONNX files of other programs: read without running code, and refused where their work has no known bound.

An ONNX file is data. It could name operators of another library, which would be code, or files anywhere on this
computer, and a few bytes can describe tensors without end: none of these is accepted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, NodeProto, TensorProto

from ..contract.errors import JobError, first_line, join_names
from ..contract.paths import check_file, is_file
from ..contract.translation import tr, tr_noop

#: The maximum size of a protocol buffer, bytes.
MAX_FILE_BYTES = 2**31 - 1

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

#: Bytes of a number of each type that has not four.
_NUMBER_BYTES: dict[int, int] = {
    **dict.fromkeys((TensorProto.BOOL, TensorProto.UINT8, TensorProto.INT8), 1),
    **dict.fromkeys((TensorProto.FLOAT16, TensorProto.BFLOAT16), 2),
    **dict.fromkeys((TensorProto.DOUBLE, TensorProto.INT64, TensorProto.UINT64), 8),
}

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
_TOO_LARGE = tr_noop("it has {:.1f} GiB, and a network can have 2 GiB at most")


def read_onnx(path: str) -> ModelProto:
    """Reads an ONNX file with its weights, also those that lie in files beside it.

    Raises:
        JobError: If it is no ONNX file, or names weights elsewhere.
    """
    check_file(path, JobError)
    if not is_file(path):
        raise JobError(tr("There is no ONNX file {}.").format(path))
    size = Path(path).stat().st_size
    if size > MAX_FILE_BYTES:
        raise _refusal(path, tr(_TOO_LARGE).format(size / 2**30))
    proto = parse_onnx(Path(path).read_bytes(), path)
    _read_weights_beside(proto, Path(path))
    return proto


def parse_onnx(content: bytes, path: str) -> ModelProto:
    """The network in the bytes of an ONNX file.

    Raises:
        JobError: If they are no ONNX file.
    """
    try:
        proto: ModelProto = ModelProto.FromString(content)
    except DecodeError as error:
        raise _refusal(path, tr("it is damaged, cut off or of another kind")) from error
    if not proto.ir_version or not proto.opset_import:
        raise _refusal(path, tr("it is damaged, cut off or of another kind"))
    if not proto.graph.node or not proto.graph.output:
        raise _refusal(path, tr("its graph is empty"))
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
        raise _refusal(
            path,
            tr(
                "it is written for the operator set {}; export the network for {} or a later one"
            ).format(opset, _MIN_OPSET),
        )
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in _tensors(proto)):
        raise _refusal(path, tr("a part of its weights is not in the file"))
    _check_declared(proto, path)
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, data_prop=True)
    except Exception as error:  # the errors of the inference and of protocol buffers
        raise _refusal(path, first_line(error)) from error
    _check_declared(inferred, path)
    return inferred


def pass_bytes(inferred: ModelProto) -> int:
    """The least memory of a forward pass: the bytes of all that the largest operator takes and gives.

    Args:
        inferred: A network with the shapes of its tensors; where a size is open it counts as 1.
    """
    graph = inferred.graph
    sizes = {tensor.name: _bytes(tensor.data_type, tensor.dims) for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        kind = value.type.tensor_type
        sizes[value.name] = _bytes(
            kind.elem_type, [max(size.dim_value, 1) for size in kind.shape.dim]
        )
    return max(
        sum(sizes.get(name, 0) for name in {*node.input, *node.output}) for node in graph.node
    )


def opset_of(proto: ModelProto) -> int:
    """The version of the standard's operators that a network uses."""
    return max(
        (entry.version for entry in proto.opset_import if entry.domain in _STANDARD), default=0
    )


def _refusal(path: str, reason: str) -> JobError:
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
            raise _refusal(path, tr(text).format(join_names(sorted(names), 3)))


def _has_dropout(proto: ModelProto, nodes: Sequence[NodeProto]) -> bool:
    """Whether values are dropped at random: an operator's third input says so, and a constant of False that they are not."""
    switches = {name for node in nodes if node.op_type == "Dropout" for name in node.input[2:3]}
    constants = [(tensor.name, tensor) for tensor in _tensors(proto)]
    for node in nodes:
        if node.op_type == "Constant":
            constants += [(name, a.t) for name in node.output for a in node.attribute]
    off = {name for name, t in constants if not any(t.raw_data) and not any(t.int32_data)}
    return bool(switches - off - {""})


def _bytes(kind: int, dims: Iterable[int]) -> int:
    """Bytes of a tensor of a type of ``onnx.TensorProto``."""
    return math.prod(dims) * _NUMBER_BYTES.get(kind, 4)


def _check_declared(proto: ModelProto, path: str) -> None:
    """Refuses tensors that no tile of a network has."""
    sizes = [[*tensor.dims] for tensor in _tensors(proto)]
    sizes += [
        [max(size.dim_value, 1) for size in value.shape.dim]
        for value in _messages(proto, onnx.TypeProto.Tensor)
    ]
    for dims in sizes:
        if min(dims, default=0) < 0 or math.prod(dims) > _MAX_NUMBERS:
            text = tr("it has a tensor of {} numbers, more than any network needs")
            raise _refusal(path, text.format(" x ".join(map(str, dims))))


def _tensors(proto: ModelProto) -> Iterator[TensorProto]:
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


def _read_weights_beside(proto: ModelProto, path: Path) -> None:
    """Reads the weights that the file names, from files in its own folder."""
    total = 0
    for tensor in _tensors(proto):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        facts = {entry.key: entry.value for entry in tensor.external_data}
        name = facts.get("location", "")
        source = path.parent / name
        is_beside = name not in ("", ".", "..") and "\\" not in name and Path(name).name == name
        if not is_beside or source.is_symlink() or not is_file(source):
            raise _refusal(
                str(path),
                tr(
                    "it keeps weights in {!r}, and only files in its own folder are read; put that file beside it, or "
                    "export the network as one file"
                ).format(name),
            )
        tensor.raw_data = _slice(source, facts, str(path))
        total += len(tensor.raw_data)
        if total > MAX_FILE_BYTES:  # many tensors may name the same bytes
            raise _refusal(str(path), tr(_TOO_LARGE).format(total / 2**30))
        del tensor.external_data[:]
        tensor.ClearField("data_location")


def _slice(source: Path, facts: dict[str, str], path: str) -> bytes:
    """The part of a file of weights that a tensor names."""
    size = source.stat().st_size
    begin, length = facts.get("offset", "0"), facts.get("length", "")
    are_numbers = begin.isdecimal() and (length.isdecimal() or not length)
    first = int(begin[:20]) if are_numbers else size
    count = int(length[:20]) if are_numbers and length else max(size - first, 0)
    if not are_numbers or first + count > min(size, MAX_FILE_BYTES):
        raise _refusal(path, tr("the file of its weights, {}, is cut off").format(source.name))
    with source.open("rb") as file:
        file.seek(first)
        return file.read(count)
