"""What a ``.safetensors`` file says of itself, read without its weights and without torch.

Such a file begins with the length of its header in eight bytes. The header is JSON: a text by name in
``__metadata__``, and of every tensor its type, its shape and where its bytes lie behind the header.
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

#: The longest header that the format allows, bytes.
MAX_HEADER_BYTES = 100_000_000

#: Bytes of a number by the format's name of its type.
_SIZES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3"), 1),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 2),
    **dict.fromkeys(("I32", "U32", "F32"), 4),
    **dict.fromkeys(("I64", "U64", "F64"), 8),
}


@dataclass(frozen=True)
class TensorEntry:
    """A tensor as the header describes it.

    Attributes:
        dtype: The format's name of its type, such as F32.
        shape: Its shape.
    """

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """The header of a file.

    Attributes:
        metadata: The texts by name.
        tensors: The tensors by name.
    """

    metadata: Mapping[str, str]
    tensors: Mapping[str, TensorEntry]


def read_header(path: str | Path) -> Header:
    """The header of a model file, if the file is whole.

    Raises:
        ModelFileError: If there is no such file, it is none of this format, or a part of it is missing.
    """
    check_file(path, ModelFileError, is_for_gdal=True)
    try:
        if not is_file(path):
            raise ModelFileError(f"There is no model file {path}.")
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = _header_bytes(file, size)
        header, end = _parsed(parse_json(head.decode("utf-8")))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelFileError(f"The model file {path} cannot be read ({reason}).") from error
    except ValueError as error:
        raise ModelFileError(
            f"{path} is no model file ({error}): DualStream's are .safetensors files written by Train "
            "DualStream."
        ) from error
    held = size - 8 - len(head)
    if end != held:
        raise ModelFileError(
            f"The model file {path} is cut off or damaged: its weights take {end} bytes, and {held} are there. "
            "Copy or download it anew."
        )
    return header


def _header_bytes(file: BinaryIO, size: int) -> bytes:
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or not 0 < length <= min(size - 8, MAX_HEADER_BYTES):
        raise ValueError("it has no header")
    return file.read(length)


def _parsed(record: Any) -> tuple[Header, int]:
    """The header, and where the bytes of the last tensor end."""
    if not isinstance(record, dict):
        raise ValueError("its header is no object")
    metadata = record.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError("its header holds what are no texts")
    entries = {name: _entry(value) for name, value in record.items()}
    spans = sorted(span for _, span in entries.values())
    end = 0
    for begin, stop in spans:
        if begin != end:
            raise ValueError("its header describes weights that overlap or leave gaps")
        end = stop
    return Header(metadata, {name: entry for name, (entry, _) in entries.items()}), end


def _entry(value: Any) -> tuple[TensorEntry, tuple[int, int]]:
    """A tensor, and where its bytes begin and end."""
    known = isinstance(value, dict) and value.keys() == {"dtype", "shape", "data_offsets"}
    if not known or not _is_whole(value["shape"]) or not _is_whole(value["data_offsets"], 2):
        raise ValueError("its header describes no tensors")
    dtype, shape, (begin, stop) = value["dtype"], tuple(value["shape"]), value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _SIZES:
        raise ValueError("its header describes numbers of an unknown type")
    if stop - begin != math.prod(shape) * _SIZES[dtype]:
        raise ValueError("its header describes tensors that do not fit their bytes")
    return TensorEntry(dtype, shape), (begin, stop)


def _is_whole(value: Any, count: int | None = None) -> bool:
    """Whether a value is a list of whole numbers from 0 on."""
    is_list = isinstance(value, list) and (count is None or len(value) == count)
    return is_list and all(type(item) is int and item >= 0 for item in value)
