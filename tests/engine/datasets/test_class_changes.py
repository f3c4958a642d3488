"""Ignored and merged classes: texts become changes of class values, and contradictions are refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from engine.contract.errors import JobError, LabelError
from engine.datasets.class_changes import ClassChanges, class_changes
from engine.datasets.label_source import UNLABELLED, LabelOptions
from engine.datasets.labels import open_labels
from engine.rasters.grid import Grid
from engine.rasters.windows import Window

NAMES = ((0, "land"), (1, "river"), (2, "water"), (3, "cloud"), (8, "cloud"), (5, "grass + trees"))


def test_classes_are_named_by_name_or_value() -> None:
    changes = class_changes(("cloud", "255", "-9999"), ("river=water",), NAMES)
    assert changes.values == {3: None, 8: None, 255: None, -9999: None, 1: 2}
    assert changes.names == {2: "water"}
    assert changes.ignored == {3, 8, 255, -9999}


@pytest.mark.parametrize(
    ("merge", "values", "names"),
    [
        ("8+10=thin cloud", {8: 8, 10: 8}, {8: "thin cloud"}),
        ("water + river = wet", {2: 1, 1: 1}, {1: "wet"}),
        ("river+water=water", {1: 2, 2: 2}, {2: "water"}),
        ("10+river=2", {10: 2, 1: 2}, {}),
        ("9+10=30", {9: 30, 10: 30}, {}),
        ("grass + trees=green", {5: 5}, {5: "green"}),
    ],
)
def test_the_result_has_the_value_of_its_name_else_the_smallest(
    merge: str, values: dict[int, int], names: dict[int, str]
) -> None:
    changes = class_changes((), (merge,), NAMES)
    assert (changes.values, changes.names) == (values, names)


def test_two_merges_of_one_name_make_one_class() -> None:
    changes = class_changes((), ("river=wet", "20+21=wet"), NAMES)
    assert changes.values == {1: 1, 20: 1, 21: 1}


@pytest.mark.parametrize(
    ("ignore", "merge", "says"),
    [
        (("cluods",), (), "ignore names the class 'cluods', but the labels have cloud, grass"),
        ((), ("sea+river=wet",), "merge names the class 'sea'"),
        ((), ("70000+1=wet",), "merge names the value 70000"),
        ((), ("1+2=70000",), "makes the value 70000"),
        ((), ("1+2",), "not of the form class+class=name"),
        ((), ("1++2=wet",), "not of the form"),
        ((), ("1+2=",), "not of the form"),
        (("cloud",), ("1+8=wet",), "holds a class that is ignored, 8"),
        (("water",), ("1=water",), "makes a class that is ignored, 2"),
        ((), ("1+2=wet", "2+0=dry"), "class 2 is in two merges, the second is '2+0=dry'"),
        ((), ("1=water", "water+0=land"), "the class 2 is the result of one and part of another"),
    ],
)
def test_contradictions_and_unknown_classes_are_refused(
    ignore: tuple[str, ...], merge: tuple[str, ...], says: str
) -> None:
    with pytest.raises(JobError, match=says.replace("+", re.escape("+"))):
        class_changes(ignore, merge, NAMES)


def test_the_result_s_own_entry_counts_before_those_merged_into_it() -> None:
    changes = ClassChanges({1: 2, 3: None, 7: 6}, {2: "water"})
    assert changes.apply({1: "a", 2: "b", 3: "c", 4: "d", 7: "e"}) == {2: "b", 4: "d", 6: "e"}


def test_pixels_names_and_colours_of_labels_change_together(
    write_raster: Callable[..., str], grid: Grid
) -> None:
    values = np.zeros((40, 50), np.int32)
    values[:, 10:20], values[:, 20:30], values[:, 30:] = 4, 9, 70000
    path = write_raster("l.tif", values)
    whole = Window(0, 0, 40, 50)
    with pytest.raises(LabelError, match="hold the value 70000: .* or ignore that value"):
        open_labels(path, grid, LabelOptions()).read(whole)
    changes = ClassChanges({9: 4, 4: 4, 70000: None}, {4: "wet"})
    labels = open_labels(path, grid, LabelOptions(changes=changes))
    assert labels.names == {4: "wet"}
    expected = np.repeat([0, 4, 4, UNLABELLED], (10, 10, 10, 20))
    assert (labels.read(whole) == expected).all()
    assert (labels.read(Window(3, 18, 5, 14)) == expected[18:32]).all()
