"""A scene's files, and how files of one scene find each other in folders: by the same stem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import normcase
from pathlib import Path

from .errors import JobError, LayoutError, format_count
from .jobs import Extent

#: Endings of files that count as rasters in a folder layout.
RASTER_SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".vrt", ".jp2", ".img")

Files = Mapping[str, Path]


@dataclass(frozen=True)
class Scene:
    """One image raster with its auxiliary rasters and labels.

    Attributes:
        image: The image raster.
        labels: Class raster, polygon file or run lengths in a table; empty in a scene that is only to
            be segmented.
        auxiliary: Auxiliary rasters in stacking order; empty where this scene has none.
        split: "train", "validation", or "" to be split by spatial blocks.
        image_bands: Chosen bands of the image, counted from 1; none: all but alpha.
        auxiliary_bands: The same for the stack of auxiliary bands.
        usual_image_bands: What the layout of the scene's folder means where nobody, and no model,
            has chosen; none: nothing in particular.
        usual_auxiliary_bands: The same for the stack of auxiliary bands.
        name: What a table calls it; empty: it is called as its image.
        extent: The only part of it that is to be segmented; None: all of it.
        extent_crs: The extent's coordinate system; empty: the image's.
    """

    image: str
    labels: str = ""
    auxiliary: tuple[str, ...] = ()
    split: str = ""
    image_bands: tuple[int, ...] = ()
    auxiliary_bands: tuple[int, ...] = ()
    usual_image_bands: tuple[int, ...] = ()
    usual_auxiliary_bands: tuple[int, ...] = ()
    name: str = ""
    extent: Extent | None = None
    extent_crs: str = ""

    @property
    def stem(self) -> str:
        """What the scene is called: in its table, or the image's name without folder and ending."""
        return self.name or Path(self.image).stem


def rasters_by_stem(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by stem, sorted; none where there is no such folder.

    Raises:
        LayoutError: If two have the same stem: nothing says which of them is meant.
    """
    if not folder.is_dir():
        return {}
    files: dict[str, Path] = {}
    rasters = (p for p in folder.iterdir() if p.suffix.lower() in RASTER_SUFFIXES)
    # By name alone, as paths of one folder are sorted, but in a fifth of the time.
    for file in sorted(rasters, key=lambda p: normcase(p.name)):
        other = files.setdefault(file.stem, file)
        if other != file:
            raise LayoutError(
                f"{folder} holds two rasters of one name, {other.name} and {file.name}: files of one "
                "scene find each other by the name without ending. Keep one of them there."
            )
    return files


def require_auxiliary(bands: tuple[int, ...], has_auxiliary: bool) -> None:
    """Makes sure that auxiliary bands are chosen only where there are auxiliary rasters.

    Raises:
        JobError: If bands are chosen of nothing.
    """
    if bands and not has_auxiliary:
        raise JobError(
            "There are auxiliary bands but no auxiliary raster: name one; it may be the image itself."
        )


def require_labels(images: Files, labels: Files, folder: Path) -> None:
    """Makes sure that every image has labels.

    Raises:
        LayoutError: If one has none in ``folder``.
    """
    missing = sorted(images.keys() - labels.keys())
    if missing:
        raise LayoutError(
            f"{folder} lacks the labels of {format_count(len(missing), 'image')}, first of {missing[0]!r}: every image "
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
