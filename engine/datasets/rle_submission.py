"""Submissions to competitions: a table of run lengths, in one of three formats.

    image_id,class,rle          one row per image and class; for clouds and all other folders
    img_id,mask_rle             one row per image, with the mask of all classes; for folders with test.csv
    Image_Label,EncodedPixels   one row per image, with its coloured picture; for clouds, beside the first format

The background is the class of value 0. An empty mask is -1 in the first two formats.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.clean_up import CleanUp
from ..contract.errors import RasterError
from ..contract.output_writer import output_file
from ..contract.scene import Scene
from ..contract.translation import tr
from .cloud_layout import CLOUD_CLASSES
from .competition_layout import is_competition_test
from .rle import EMPTY, encode
from .rle_tables import ID, RUNS

#: The class value that is in no mask, and that fills pixels without a value.
BACKGROUND = 0

#: A row of the table: image, class (in the first format only), run lengths.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Submission:
    """A format of the table.

    Attributes:
        classes: The class values in the order of their rows, or those that form an image's only mask.
        order: Direction in which pixels are counted.
        has_class_column: Whether there is one row per image and class, rather than one row per image.
    """

    classes: tuple[int, ...]
    order: str
    has_class_column: bool

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of the table."""
        return ("image_id", "class", "rle") if self.has_class_column else (ID, RUNS)

    def rows(self, name: str, values: NDArray[Any]) -> list[Row]:
        """The rows of the image ``name`` whose class values are ``values`` (H, W)."""
        if self.has_class_column:
            return [(name, value, encode(values == value, self.order)) for value in self.classes]
        return [(name, encode(np.isin(values, self.classes), self.order))]


#: Columns of the table of coloured pictures.
PICTURE_HEADER = ("Image_Label", "EncodedPixels")


def encode_picture(values: NDArray[Any]) -> str:
    """The run lengths of a picture of clouds in the colours of the layout, empty for background alone.

    Its blue, green and red planes are counted one after the other, each down its columns from the left, and a run
    is of pixels where a plane is 255.

    Args:
        values: Class values (H, W) of the layout.
    """
    colours = {entry.value: entry.rgb for entry in CLOUD_CLASSES}
    lit = [[value for value, rgb in colours.items() if rgb[plane]] for plane in (2, 1, 0)]
    planes = np.concatenate([np.isin(values, chosen).T for chosen in lit])
    runs = encode(planes)
    return "" if runs == EMPTY else runs


def has_cloud_layout(dataset: Path, scenes: list[Scene], classes: ClassTable) -> bool:
    """Whether a folder has the clouds' layout and the model no other classes than it."""
    is_layout = not is_competition_test(dataset) and Path(scenes[0].image).parent != dataset
    known = {entry.value for entry in CLOUD_CLASSES}
    return is_layout and {entry.value for entry in classes} <= known


def submission_for(
    dataset: Path, scenes: list[Scene], classes: ClassTable, order: str
) -> Submission:
    """The format for a folder.

    Args:
        dataset: The folder.
        scenes: The scenes of the folder.
        classes: The classes of the model.
        order: Direction in which pixels are counted.
    """
    values = {entry.value for entry in classes}
    if is_competition_test(dataset):
        return Submission(tuple(sorted(values - {BACKGROUND})), order, has_class_column=False)
    # A cloud submission has a row for every class of the layout, also for those that the model lacks. A model
    # with any other class was trained for something else.
    if has_cloud_layout(dataset, scenes, classes):
        values = {entry.value for entry in CLOUD_CLASSES}
    return Submission(tuple(sorted(values - {BACKGROUND})), order, has_class_column=True)


def write_submission(path: Path, header: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Writes the table atomically.

    Raises:
        RasterError: If the table cannot be written.
    """
    with output_file(path, tr("table"), RasterError) as part, CleanUp() as end:
        file = end.enter_context(part.open("w", newline="", encoding="utf-8"))
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
