"""What competitions take: a table of run lengths, in one of two formats.

    image_id,class,rle      a row an image and class; of the clouds, and of any other folder
    img_id,mask_rle         a row an image, whose mask is everything but background; of folders with test.csv

The background is the class of value 0. A mask without a pixel is -1 in both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import RasterError
from ..contract.output_files import atomic_output, write_error_message
from ..contract.scene import Scene
from .cloud_layout import CLOUD_CLASSES
from .competition_layout import is_competition_test
from .rle import encode
from .rle_tables import ID, RUNS

#: The class value that is in no mask, and that pixels without a value get.
BACKGROUND = 0

#: A row of the table: the image, the class where the format tells them apart, run lengths.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class ClassMasks:
    """A row an image and class.

    Attributes:
        classes: The values of the classes that have a row, in the order of their rows.
        order: Direction in which run lengths are counted.
    """

    classes: tuple[int, ...]
    order: str
    header: tuple[str, ...] = ("image_id", "class", "rle")

    def rows(self, name: str, values: NDArray[Any]) -> list[Row]:
        """The rows of the image ``name`` whose class values are ``values`` (H, W)."""
        return [(name, value, encode(values == value, self.order)) for value in self.classes]


@dataclass(frozen=True)
class OneMask:
    """A row an image.

    Attributes:
        classes: The values of the classes that make up the mask together.
        order: Direction in which run lengths are counted.
    """

    classes: tuple[int, ...]
    order: str
    header: tuple[str, ...] = (ID, RUNS)

    def rows(self, name: str, values: NDArray[Any]) -> list[Row]:
        """The row of the image ``name`` whose class values are ``values`` (H, W)."""
        return [(name, encode(np.isin(values, self.classes), self.order))]


#: A format of the table.
Submission = Union[ClassMasks, OneMask]


def submission_for(
    dataset: Path, scenes: list[Scene], classes: ClassTable, order: str
) -> Submission:
    """The format that goes with a folder.

    Args:
        dataset: The folder.
        scenes: Its scenes to segment.
        classes: What the model knows.
        order: Direction in which run lengths are counted.
    """
    values = {entry.value for entry in classes}
    if is_competition_test(dataset):
        return OneMask(tuple(sorted(values - {BACKGROUND})), order)
    # In the clouds' folders every class of theirs has a row, one that the model does not know too. A
    # model with a class that is none of theirs was trained for something else.
    asked = {entry.value for entry in CLOUD_CLASSES}
    is_layout = Path(scenes[0].image).parent != dataset  # where plain images lie
    if is_layout and values <= asked:
        values |= asked
    return ClassMasks(tuple(sorted(values - {BACKGROUND})), order)


def write_submission(path: Path, header: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Writes the table, whole or not at all.

    Raises:
        RasterError: If it cannot be written.
    """
    try:
        with atomic_output(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(header)
            table.writerows(rows)
    except OSError as error:
        raise RasterError(write_error_message("table", path, error)) from error
