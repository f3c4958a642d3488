"""Where training data lies: single layers, a DualStream folder or a scenes table become one list of scenes."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .config import TrainJob
from .errors import JobError, LayoutError

#: Endings of files that count as rasters in a folder layout.
RASTER_SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".vrt", ".jp2", ".img")

#: DualStream's folders by split: image, labels, and the auxiliary stacks in stacking order.
DUALSTREAM_FOLDERS = {
    "train": ("ts_sn", "tl_sn", ("t_ap", "t_gems")),
    "validation": ("vs_sn", "vl_sn", ("v_ap", "v_gems")),
}

_SPLITS = {"train": "train", "val": "validation", "valid": "validation", "validation": "validation"}


@dataclass(frozen=True)
class Scene:
    """One image raster with its auxiliary rasters and labels.

    Attributes:
        image: The image raster.
        labels: Class raster or polygon file.
        auxiliary: Auxiliary rasters in stacking order; empty where this scene has none.
        split: "train", "validation", or "" to be split by spatial blocks.
    """

    image: str
    labels: str
    auxiliary: tuple[str, ...] = ()
    split: str = ""


def scenes_of(job: TrainJob) -> list[Scene]:
    """The scenes a training job names, whichever way it names them.

    Raises:
        JobError: If the job names no data, or names it twice.
        LayoutError: If a folder or table is incomplete.
    """
    if job.dataset and (job.image or job.labels):
        raise JobError("Give either a dataset or an image with labels, not both.")
    if job.dataset:
        return from_dataset(Path(job.dataset))
    if not job.image:
        raise JobError("There is nothing to train on: give an image with labels, or a dataset.")
    if not job.labels:
        raise JobError(f"The image {job.image} has no labels: give a class raster or polygons.")
    return [Scene(job.image, job.labels, job.auxiliary)]


def from_dataset(path: Path) -> list[Scene]:
    """The scenes of a folder in a known layout, or of a scenes table.

    Raises:
        LayoutError: If the path is neither, or incomplete.
    """
    if path.is_file():
        return from_table(path)
    if not path.is_dir():
        raise LayoutError(
            f"The dataset {path} does not exist: give a folder or a scenes table (CSV)."
        )
    if (path / DUALSTREAM_FOLDERS["train"][0]).is_dir():
        return from_dualstream_folder(path)
    raise LayoutError(
        f"The folder {path} has no known layout. DualStream's has ts_sn (images), tl_sn (labels), t_ap "
        "and t_gems (auxiliary), and the same with v for validation; or give a scenes table (CSV)."
    )


def from_dualstream_folder(root: Path) -> list[Scene]:
    """The scenes of DualStream's layout: files of the same stem belong together.

    Raises:
        LayoutError: If an image has no labels, or an auxiliary folder belongs to no image.
    """
    scenes: list[Scene] = []
    for split, (image_folder, label_folder, auxiliary_folders) in DUALSTREAM_FOLDERS.items():
        images, labels = _by_stem(root / image_folder), _by_stem(root / label_folder)
        stacks = [_by_stem(root / name) for name in auxiliary_folders if (root / name).is_dir()]
        _require(images.keys() <= labels.keys(), root / label_folder, images.keys() - labels.keys())
        for folder, stack in zip((n for n in auxiliary_folders if (root / n).is_dir()), stacks):
            if images and not images.keys() & stack.keys():
                raise LayoutError(
                    f"No file in {root / folder} has the name of an image in {root / image_folder}: "
                    "files of one scene need the same name (endings may differ)."
                )
        for stem, image in images.items():
            present = tuple(str(stack[stem]) for stack in stacks if stem in stack)
            complete = present if len(present) == len(stacks) else ()
            scenes.append(Scene(str(image), str(labels[stem]), complete, split))
    if not any(scene.split == "train" for scene in scenes):
        raise LayoutError(f"{root / DUALSTREAM_FOLDERS['train'][0]} holds no raster to train on.")
    if not any(scene.split == "validation" for scene in scenes):
        return [Scene(s.image, s.labels, s.auxiliary) for s in scenes]
    return scenes


def from_table(path: Path) -> list[Scene]:
    """The scenes of a CSV with the columns image, labels and, if wanted, auxiliary and split.

    Several auxiliary rasters are separated by semicolons; paths count from the table's folder; split
    is train or validation, and where it is empty in every row the validation part is cut out of the
    scenes in spatial blocks.

    Raises:
        LayoutError: If the table or a file it names is missing, or a column or split is unknown.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [_cells(row) for row in csv.DictReader(file) if any(row.values())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LayoutError(f"The scenes table {path} cannot be read: {error}.") from error
    if not rows:
        raise LayoutError(f"The scenes table {path} has no row.")
    for column in ("image", "labels"):
        if column not in rows[0]:
            raise LayoutError(
                f"The scenes table {path} has no column {column!r}; it needs image and labels, and may "
                "have auxiliary and split."
            )
    return [_row_scene(path, number, row) for number, row in enumerate(rows, start=2)]


def _cells(row: dict[str, str | None]) -> dict[str, str]:
    """A row without the spaces and capitals that spreadsheets leave in headers and cells."""
    return {name.strip().lower(): (value or "").strip() for name, value in row.items() if name}


def _row_scene(table: Path, number: int, cells: dict[str, str]) -> Scene:
    paths = {
        name: tuple(
            _beside(table, part.strip()) for part in cells.get(name, "").split(";") if part.strip()
        )
        for name in ("image", "labels", "auxiliary")
    }
    for name, found in paths.items():
        missing = [part for part in found if not _exists(part)]
        if missing:
            raise LayoutError(f"Line {number} of {table}: the {name} {missing[0]} does not exist.")
    if len(paths["image"]) != 1 or len(paths["labels"]) != 1:
        raise LayoutError(f"Line {number} of {table} must name one image and one labels file.")
    split = cells.get("split", "").lower()
    if split and split not in _SPLITS:
        raise LayoutError(
            f"Line {number} of {table}: the split {split!r} is unknown; use train or validation."
        )
    return Scene(paths["image"][0], paths["labels"][0], paths["auxiliary"], _SPLITS.get(split, ""))


def _beside(table: Path, path: str) -> str:
    return path if path.startswith("/vsi") else str(table.parent / path)


def _exists(path: str) -> bool:
    """Whether there is such a file; GDAL's own file systems are asked when they are opened."""
    return path.startswith("/vsi") or Path(path.split("|")[0]).exists()


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in RASTER_SUFFIXES)
    return {file.stem: file for file in files}


def _require(is_complete: bool, folder: Path, missing: Iterable[str]) -> None:
    if not is_complete:
        names = sorted(missing)
        raise LayoutError(
            f"{folder} lacks the labels of {len(names)} image(s), first of {names[0]!r}: every image "
            "needs a label file of the same name."
        )
