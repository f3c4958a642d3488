"""The layout of building competitions: pictures, and tables that list them beside.

    train.csv   img_id,img_path,mask_rle    train_img/
    test.csv    img_id,img_path             test_img/

Paths count from the table's folder; where there is nothing, the picture of that id in train_img or
test_img is meant. The masks are run lengths: pixels of the class, such as building, or background. No
part is set aside for validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..contract.errors import LayoutError
from ..contract.scene import Scene, rasters_by_stem
from .rle_labels import rle_reference
from .rle_tables import ID, PATH, RUNS, Row, has_ids, read_rows

_TRAIN, _TEST = "train.csv", "test.csv"
_TRAIN_IMAGES, _TEST_IMAGES = "train_img", "test_img"


def is_competition_folder(root: Path) -> bool:
    """Whether a folder has this layout's training table."""
    return (root / _TRAIN).is_file()


def is_competition_test(root: Path) -> bool:
    """Whether a folder has this layout's table of pictures to segment.

    Many a folder has some other test.csv: it counts if it has the column of ids, or the layout's
    pictures lie beside it.
    """
    table = root / _TEST
    return table.is_file() and (has_ids(table) or (root / _TEST_IMAGES).is_dir())


def from_competition_folder(root: Path) -> list[Scene]:
    """The labelled scenes of the layout in the table's order, not split.

    Raises:
        LayoutError: If the table is not what it must be, or a picture is missing.
    """
    table = root / _TRAIN
    rows = read_rows(table, (ID, PATH, RUNS))
    return [
        Scene(image, rle_reference(table, row.name), name=row.name)
        for row, image in zip(rows, _images(rows, table, _TRAIN_IMAGES))
    ]


def competition_test_scenes(root: Path) -> list[Scene]:
    """The scenes to segment in the table's order, named by their ids; they have no labels.

    Raises:
        LayoutError: If the table is not what it must be, or a picture is missing.
    """
    table = root / _TEST
    rows = read_rows(table, (ID, PATH))
    return [
        Scene(image, name=row.name) for row, image in zip(rows, _images(rows, table, _TEST_IMAGES))
    ]


def _images(rows: list[Row], table: Path, folder: str) -> list[str]:
    """The picture of every row."""
    named = [table.parent / row.path for row in rows]
    is_there = [bool(row.path) and path.is_file() for row, path in zip(rows, named)]
    by_id: Mapping[str, Path] = {}
    if not all(is_there):
        by_id = rasters_by_stem(table.parent / folder)
    return [
        str(path if found else _by_id(row, by_id, folder))
        for row, path, found in zip(rows, named, is_there)
    ]


def _by_id(row: Row, by_id: Mapping[str, Path], folder: str) -> Path:
    if row.name not in by_id:
        raise LayoutError(
            f"The picture of {row.location}, is missing: there is neither {row.path or 'a path'} beside the "
            f"table nor a picture {row.name} in {folder}."
        )
    return by_id[row.name]
