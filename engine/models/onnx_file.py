"""ONNX files of other programs: read without running code, and refused where their work has no known bound.

An ONNX file is data. It could name operators of another library, which would be code, or files anywhere on this
computer, and a few bytes can describe tensors without end: none of these is accepted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, TensorProto

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


def check_onnx(proto: ModelProto, path: str) -> None:
    """Makes sure that a network uses the standard's operators, and that its tensors have known and possible sizes.

    Args:
        proto: The network with all its weights.
        path: Its file, for messages.

    Raises:
        JobError: If not.
    """
    if foreign := sorted({name for name in _operators(proto) if name}):
        raise _refusal(
            path,
            tr(
                "it uses operators that are not of the ONNX standard ({}) and would need code of their own; export the "
                "network with standard operators only"
            ).format(join_names(foreign, 3)),
        )
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


def opset_of(proto: ModelProto) -> int:
    """The version of the standard's operators that a network uses."""
    return max(
        (entry.version for entry in proto.opset_import if entry.domain in _STANDARD), default=0
    )


def _refusal(path: str, reason: str) -> JobError:
    return JobError(
        tr("{} cannot be used as an ONNX network: {}.").format(path, reason.rstrip("."))
    )


def _operators(proto: ModelProto) -> Iterator[str]:
    """The name of each operator that is not allowed; else empty."""
    for function in proto.functions:
        yield f"{function.domain}.{function.name}"
    for node in _messages(proto, onnx.NodeProto):
        if node.domain not in _STANDARD:
            yield f"{node.domain}.{node.op_type}"
        else:
            yield node.op_type if node.op_type in _REPEATING else ""


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
