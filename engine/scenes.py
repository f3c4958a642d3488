"""A scene's files, and how files of one scene find each other in folders: by the same stem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import LayoutError

#: Endings of files that count as rasters in a folder layout.
RASTER_SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".vrt", ".jp2", ".img")

Files = Mapping[str, Path]


@dataclass(frozen=True)
class Scene:
    """One image raster with its auxiliary rasters and labels.

    Attributes:
        image: The image raster.
        labels: Class raster or polygon file; empty in a scene that is only to be segmented.
        auxiliary: Auxiliary rasters in stacking order; empty where this scene has none.
        split: "train", "validation", or "" to be split by spatial blocks.
        image_bands: Bands of the image to use, counted from 1; none: all but alpha.
        auxiliary_bands: The same for the stack of auxiliary bands.
    """

    image: str
    labels: str
    auxiliary: tuple[str, ...] = ()
    split: str = ""
    image_bands: tuple[int, ...] = ()
    auxiliary_bands: tuple[int, ...] = ()

    @property
    def stem(self) -> str:
        """The image's name without folder and ending."""
        return Path(self.image).stem


def rasters_by_stem(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by stem, sorted; none where there is no such folder."""
    if not folder.is_dir():
        return {}
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in RASTER_SUFFIXES)
    return {file.stem: file for file in files}


def require_labels(images: Files, labels: Files, folder: Path) -> None:
    """Makes sure that every image has labels.

    Raises:
        LayoutError: If one has none in ``folder``.
    """
    missing = sorted(images.keys() - labels.keys())
    if missing:
        raise LayoutError(
            f"{folder} lacks the labels of {len(missing)} image(s), first of {missing[0]!r}: every image "
            "needs a label file of the same name."
        )


def require_some(images: Files, stack: Files, folder: Path, image_folder: Path) -> None:
    """Makes sure that the auxiliary rasters in ``folder`` belong to the images at all.

    Raises:
        LayoutError: If none of them has an image's name.
    """
    if images and not images.keys() & stack.keys():
        raise LayoutError(
            f"No file in {folder} has the name of an image in {image_folder}: files of one scene need "
            "the same name (endings may differ)."
        )
