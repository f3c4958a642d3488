"""The folder layout of building competitions: pictures, and tables that list them.

    train.csv   img_id,img_path,mask_rle    train_img/
    test.csv    img_id,img_path             test_img/

Paths are relative to the table's folder; if there is no such file, the picture named by the id in train_img or
test_img is used. The masks are run lengths of one class, such as building. Nothing is held out for validation.
"""

from __future__ import annotations

from pathlib import Path

from ..contract.errors import LayoutError
from ..contract.scene import Scene, rasters_by_stem
from ..contract.translation import tr
from .rle_labels import rle_reference
from .rle_tables import ID, PATH, RUNS, TableRow, has_ids, read_rows

_TRAIN, _TEST = "train.csv", "test.csv"
_TRAIN_IMAGES, _TEST_IMAGES = "train_img", "test_img"


def is_competition_folder(root: Path) -> bool:
    """Whether a folder has the training table of this layout."""
    return (root / _TRAIN).is_file()


def is_competition_test(root: Path) -> bool:
    """Whether a folder has the table of this layout that lists pictures to segment.

    A test.csv of another kind has no column of ids, and no folder test_img beside it.
    """
    table = root / _TEST
    return table.is_file() and (has_ids(table) or (root / _TEST_IMAGES).is_dir())


def competition_training_scenes(root: Path) -> list[Scene]:
    """The labelled scenes of the layout in the table's order, without a split.

    Raises:
        LayoutError: If the table cannot be used, or a picture is missing.
    """
    table = root / _TRAIN
    rows = read_rows(table, (ID, PATH, RUNS))
    images = _image_paths(rows, table.parent, _TRAIN_IMAGES)
    return [
        Scene(image, rle_reference(table, row.name), name=row.name)
        for row, image in zip(rows, images)
    ]


def competition_test_scenes(root: Path) -> list[Scene]:
    """The scenes to segment in the table's order, named by their ids; they have no labels.

    Raises:
        LayoutError: If the table cannot be used, or a picture is missing.
    """
    rows = read_rows(root / _TEST, (ID, PATH))
    images = _image_paths(rows, root, _TEST_IMAGES)
    return [Scene(image, name=row.name) for row, image in zip(rows, images)]


def _image_paths(rows: list[TableRow], root: Path, folder: str) -> list[str]:
    """The picture of every row: its path, else the picture in ``folder`` that is named by its id."""
    paths = [root / row.path for row in rows]
    images = [path if row.path and path.is_file() else None for row, path in zip(rows, paths)]
    by_id = {} if all(images) else rasters_by_stem(root / folder)
    for row, image in zip(rows, images):
        if image is None and row.name not in by_id:
            text = (
                tr(
                    "{}: the picture is missing. There is neither {} beside the table nor a picture {} in {}."
                ).format(row.location, row.path, row.name, folder)
                if row.path
                else tr(
                    "{}: the picture is missing. The table gives no path, and there is no picture {} in {}."
                ).format(row.location, row.name, folder)
            )
            raise LayoutError(text)
    return [str(image or by_id[row.name]) for row, image in zip(rows, images)]
