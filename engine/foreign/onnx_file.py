"""Reads the ONNX file of another program with all its weights, also those in files beside it; no code is run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from onnx import ModelProto, TensorProto

from ..contract.errors import JobError
from ..contract.paths import check_file, is_file
from ..contract.translation import tr, tr_noop
from ..models.onnx_safety import parse_onnx, refusal, stored_tensors

#: The maximum size of a protocol buffer, bytes.
_MAX_FILE_BYTES = 2**31 - 1

#: Bytes of a number of each type that has not four.
_NUMBER_BYTES: dict[int, int] = {
    **dict.fromkeys((TensorProto.BOOL, TensorProto.UINT8, TensorProto.INT8), 1),
    **dict.fromkeys((TensorProto.FLOAT16, TensorProto.BFLOAT16), 2),
    **dict.fromkeys((TensorProto.DOUBLE, TensorProto.INT64, TensorProto.UINT64), 8),
}

_TOO_LARGE = tr_noop("it has {:.1f} GiB, and a network can have 2 GiB at most")


def read_onnx(path: str) -> ModelProto:
    """Reads an ONNX file with its weights, also those that lie in files beside it.

    Raises:
        JobError: If it is not an ONNX file, or names weights elsewhere.
    """
    check_file(path, JobError)
    if not is_file(path):
        raise JobError(tr("There is no ONNX file {}.").format(path))
    size = Path(path).stat().st_size
    if size > _MAX_FILE_BYTES:
        raise refusal(path, tr(_TOO_LARGE).format(size / 2**30))
    proto = parse_onnx(Path(path).read_bytes(), path)
    _read_weights_beside(proto, Path(path))
    return proto


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


def _bytes(kind: int, dims: Iterable[int]) -> int:
    """Bytes of a tensor of a type of ``onnx.TensorProto``."""
    return math.prod(dims) * _NUMBER_BYTES.get(kind, 4)


def _read_weights_beside(proto: ModelProto, path: Path) -> None:
    """Reads the weights that the file names, from files in its own folder."""
    total = 0
    for tensor in stored_tensors(proto):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        facts = {entry.key: entry.value for entry in tensor.external_data}
        name = facts.get("location", "")
        source = path.parent / name
        is_beside = name not in ("", ".", "..") and "\\" not in name and Path(name).name == name
        if not is_beside or source.is_symlink() or not is_file(source):
            raise refusal(
                str(path),
                tr(
                    "it keeps weights in {!r}, and only files in its own folder are read; put that file beside it, or "
                    "export the network as one file"
                ).format(name),
            )
        tensor.raw_data = _slice(source, facts, str(path))
        total += len(tensor.raw_data)
        if total > _MAX_FILE_BYTES:  # many tensors may name the same bytes
            raise refusal(str(path), tr(_TOO_LARGE).format(total / 2**30))
        del tensor.external_data[:]
        tensor.ClearField("data_location")


def _slice(source: Path, facts: dict[str, str], path: str) -> bytes:
    """The part of a file of weights that a tensor names."""
    size = source.stat().st_size
    begin, length = facts.get("offset", "0"), facts.get("length", "")
    are_numbers = begin.isdecimal() and (length.isdecimal() or not length)
    first = int(begin[:20]) if are_numbers else size
    count = int(length[:20]) if are_numbers and length else max(size - first, 0)
    if not are_numbers or first + count > min(size, _MAX_FILE_BYTES):
        raise refusal(path, tr("the file of its weights, {}, is cut off").format(source.name))
    with source.open("rb") as file:
        file.seek(first)
        return file.read(count)
