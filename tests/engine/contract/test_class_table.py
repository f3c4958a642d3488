"""Class tables: order, colours, nodata, and values that are refused."""

from __future__ import annotations

import pytest

from engine.contract.class_table import (
    ClassEntry,
    class_table,
    from_records,
    nodata_value,
    to_records,
)
from engine.contract.errors import JobError


def test_class_tables_are_sorted_coloured_and_survive_records() -> None:
    table = class_table({7: "seven", 2: "two"}, {7: "#ff0000"})
    assert [entry.value for entry in table] == [2, 7]
    assert table[1].rgb == (255, 0, 0)
    assert from_records(to_records(table)) == table


@pytest.mark.parametrize(
    "values, nodata",
    [((0, 1), 255), ((0, 255), 254), ((0, 300), 65535), (tuple(range(256)), 65535)],
)
def test_nodata_is_a_value_no_class_uses(values, nodata) -> None:
    assert nodata_value(class_table({value: str(value) for value in values})) == nodata


@pytest.mark.parametrize("value, colour", [(-1, "#000000"), (65535, "#000000"), (1, "red")])
def test_impossible_classes_are_refused(value, colour) -> None:
    with pytest.raises(JobError):
        ClassEntry(value, "x", colour)
