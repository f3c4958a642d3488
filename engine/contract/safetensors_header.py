"""Reads and checks the header of a ``.safetensors`` file, without its weights and without torch.

The file begins with the length of the header as eight bytes, little endian. The header is JSON: texts by name in
``__metadata__``, and for every tensor its type, its shape and the offsets of its bytes after the header.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from .errors import ModelFileError
from .paths import check_file, is_file
from .strict_json import parse_json
from .translation import tr

#: Longest header that the format allows, bytes.
_MAX_HEADER_BYTES = 100_000_000

#: Bytes per number of each data type.
_SIZES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3"), 1),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 2),
    **dict.fromkeys(("I32", "U32", "F32"), 4),
    **dict.fromkeys(("I64", "U64", "F64"), 8),
}


@dataclass(frozen=True)
class TensorEntry:
    """Data type, such as F32, and shape of a tensor."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """Metadata texts and tensors of a file, by name."""

    metadata: Mapping[str, str]
    tensors: Mapping[str, TensorEntry]


def read_header(path: str | Path) -> Header:
    """The header of a model file.

    Raises:
        ModelFileError: If there is no such file, it has another format, or it is incomplete.
    """
    check_file(path, ModelFileError, is_for_gdal=True)
    try:
        if not is_file(path):
            raise ModelFileError(tr("There is no model file {}.").format(path))
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = _header_bytes(file, size)
        header, end = _parse(parse_json(head.decode("utf-8")))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelFileError(
            tr("The model file {} cannot be read ({}).").format(path, reason)
        ) from error
    except ValueError as error:
        raise ModelFileError(
            tr(
                "{} is not a model file ({}): DualStream's are .safetensors files written by Train "
                "DualStream."
            ).format(path, error)
        ) from error
    available = size - 8 - len(head)
    if end != available:
        raise ModelFileError(
            tr(
                "The model file {} is cut off or damaged: its weights take {} bytes, and {} are "
                "there. Copy or download it again."
            ).format(path, end, available)
        )
    return header


def _header_bytes(file: BinaryIO, size: int) -> bytes:
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or not 0 < length <= min(size - 8, _MAX_HEADER_BYTES):
        raise ValueError(tr("it has no header"))
    return file.read(length)


def _parse(record: Any) -> tuple[Header, int]:
    """The header and the offset of the end of the last tensor."""
    if not isinstance(record, dict):
        raise ValueError(tr("its header is not an object"))
    metadata = record.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError(tr("its header holds values that are not text"))
    entries = {name: _entry(value) for name, value in record.items()}
    spans = sorted(span for _, span in entries.values())
    end = 0
    for begin, stop in spans:
        if begin != end:
            raise ValueError(tr("its header describes weights that overlap or leave gaps"))
        end = stop
    return Header(metadata, {name: entry for name, (entry, _) in entries.items()}), end


def _entry(value: Any) -> tuple[TensorEntry, tuple[int, int]]:
    """A tensor and the offsets of its first byte and of its end."""
    is_entry = isinstance(value, dict) and value.keys() == {"dtype", "shape", "data_offsets"}
    if not is_entry or not _are_whole(value["shape"]) or not _are_whole(value["data_offsets"], 2):
        raise ValueError(tr("its header describes no tensors"))
    dtype = value["dtype"]
    shape = tuple(value["shape"])
    begin, stop = value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _SIZES:
        raise ValueError(tr("its header describes numbers of an unknown type"))
    if stop - begin != math.prod(shape) * _SIZES[dtype]:
        raise ValueError(tr("its header describes tensors that do not fit their bytes"))
    return TensorEntry(dtype, shape), (begin, stop)


def _are_whole(value: Any, count: int | None = None) -> bool:
    """Whether a value is a list of ``count`` whole numbers of at least 0."""
    is_list = isinstance(value, list) and (count is None or len(value) == count)
    return is_list and all(type(item) is int and item >= 0 for item in value)
