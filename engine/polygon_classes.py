"""Classes of polygons: what the values of their class field mean, in all files together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .polygons import is_vector, read_attribute
from .run_length_labels import is_run_lengths


def class_numbers(paths: Iterable[str], class_field: str) -> dict[str, int]:
    """A class value for every name in ``class_field`` of the polygon files among ``paths``.

    All files count together, so that a name means the same class in every scene. A field of whole
    numbers gives its numbers as they are; other names are numbered from 1 in alphabetical order.

    Raises:
        LabelError: If a file has no such field.
    """
    values: list[Any] = []
    for path in sorted(set(paths)):
        if class_field and is_vector(path) and not is_run_lengths(path):
            values += [v for v in read_attribute(path, class_field) if not _is_blank(v)]
    if all(_is_class_value(v) for v in values):
        return {_plain(v): int(v) for v in values}
    return {name: number for number, name in enumerate(sorted({_plain(v) for v in values}), 1)}


def polygon_classes(
    attribute: NDArray[Any] | None, count: int, numbers: Mapping[str, int], unlabelled: int
) -> tuple[NDArray[np.int32], dict[int, str]]:
    """The class value of each polygon of a file, and the names of the classes among them.

    Args:
        attribute: The class field of its polygons; none: all are one class.
        count: How many polygons there are.
        numbers: The class value of every name.
        unlabelled: The value of polygons without a class.
    """
    if attribute is None:
        return np.ones(count, np.int32), {1: "foreground"}
    names = ["" if _is_blank(value) else _plain(value) for value in attribute]
    values = np.array([numbers.get(name, unlabelled) for name in names], np.int32)
    return values, {numbers[name]: name for name in set(names) if name in numbers}


def _is_class_value(value: Any) -> bool:
    """Whether a field's value is a whole number; one blank makes a whole field come as floats."""
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    return is_number and float(value).is_integer() and 0 <= value <= 65534


def _is_blank(value: Any) -> bool:
    return value is None or value != value or value == ""


def _plain(value: Any) -> str:
    """A field's value as a class name: whole floats without their fraction."""
    is_whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)
