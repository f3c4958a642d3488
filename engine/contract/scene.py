"""A scene and its files; in folders, files of one scene have the same stem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import normcase
from pathlib import Path

from .errors import JobError, LayoutError, format_count
from .jobs import Extent, SceneJob
from .translation import tr

#: Endings of the files in a folder that are rasters.
_RASTER_SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".vrt", ".jp2", ".img")

Files = Mapping[str, Path]


@dataclass(frozen=True)
class Correction:
    """A corrected mask and where it is right.

    Attributes:
        path: Class raster or polygon file.
        checked: Polygon file with the squares in which it is right.
    """

    path: str
    checked: str


@dataclass(frozen=True)
class Scene:
    """One image raster with its auxiliary rasters and labels.

    Attributes:
        image: The image raster.
        labels: Class raster, polygon file or run lengths in a table; empty if the scene is to be segmented.
        auxiliary: Auxiliary rasters in stacking order; empty if there are none.
        split: "train", "validation", or "" for a split by spatial blocks.
        image_bands: Chosen bands of the image, counted from 1; none: all but alpha.
        auxiliary_bands: The same for the stack of auxiliary bands.
        default_image_bands: Bands that the layout of the scene's folder implies if neither the job nor the model
            chooses any; none: no implication.
        default_auxiliary_bands: The same for the stack of auxiliary bands.
        name: Name in the scenes table; empty: the stem of the image.
        extent: The part of the scene to segment; None: the whole scene.
        extent_crs: The extent's coordinate system; empty: the image's.
        later_labels: Further labels, each of which overrides the ones before where it has a class.
        corrections: Corrected masks, which override all labels where they are checked.
    """

    image: str
    labels: str = ""
    auxiliary: tuple[str, ...] = ()
    split: str = ""
    image_bands: tuple[int, ...] = ()
    auxiliary_bands: tuple[int, ...] = ()
    default_image_bands: tuple[int, ...] = ()
    default_auxiliary_bands: tuple[int, ...] = ()
    name: str = ""
    extent: Extent | None = None
    extent_crs: str = ""
    later_labels: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @classmethod
    def of_job(cls, job: SceneJob) -> Scene:
        """The scene that a job about one scene names."""
        return cls(
            job.image,
            auxiliary=job.auxiliary,
            image_bands=job.image_bands,
            auxiliary_bands=job.auxiliary_bands,
            extent=job.extent,
            extent_crs=job.extent_crs,
        )

    @property
    def label_files(self) -> tuple[str, ...]:
        """The paths of all labels, in the order in which they override each other."""
        own = (self.labels, *self.later_labels, *(c.path for c in self.corrections))
        return tuple(filter(None, own))

    @property
    def stem(self) -> str:
        """The scene's name in its table, or the image's name without folder and ending."""
        return self.name or Path(self.image).stem


def rasters_by_stem(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by stem, sorted by name; none if there is no such folder.

    Raises:
        LayoutError: If two have the same stem.
    """
    if not folder.is_dir():
        return {}
    files: dict[str, Path] = {}
    rasters = (p for p in folder.iterdir() if _is_raster_name(p.name))
    # Sorted by name as paths of one folder are, but in a fifth of the time.
    for file in sorted(rasters, key=lambda p: normcase(p.name)):
        other = files.setdefault(file.stem, file)
        if other != file:
            raise LayoutError(
                tr(
                    "{} holds two rasters of one name, {} and {}: files of one scene find each other by "
                    "the name without ending. Keep one of them there."
                ).format(folder, other.name, file.name)
            )
    return files


def _is_raster_name(name: str) -> bool:
    """Whether a file has a raster's ending and is not hidden, as ``._a.tif`` of macOS on foreign disks is."""
    return not name.startswith(".") and name.lower().endswith(_RASTER_SUFFIXES)


def require_auxiliary(bands: tuple[int, ...], has_auxiliary: bool) -> None:
    """Makes sure that auxiliary bands are chosen only where there are auxiliary rasters.

    Raises:
        JobError: If bands are chosen without a raster.
    """
    if bands and not has_auxiliary:
        raise JobError(
            tr(
                "There are auxiliary bands but no auxiliary raster: name one; it may be the image "
                "itself."
            )
        )


def require_labels(images: Files, labels: Files, folder: Path) -> None:
    """Makes sure that every image has labels.

    Raises:
        LayoutError: If one has none in ``folder``.
    """
    missing = sorted(images.keys() - labels.keys())
    if missing:
        raise LayoutError(
            tr(
                "{} lacks the labels of {}, first of {!r}: every image needs a label file of the "
                "same name, or a scenes table (CSV) must name the files of each scene."
            ).format(folder, format_count(len(missing), "{} image", "{} images"), missing[0])
        )


def require_matching_auxiliary(
    images: Files, stack: Files, folder: Path, image_folder: Path
) -> None:
    """Makes sure that at least one auxiliary raster in ``folder`` belongs to an image.

    Raises:
        LayoutError: If none has the name of an image.
    """
    if images and not images.keys() & stack.keys():
        raise LayoutError(
            tr(
                "No file in {} has the name of an image in {}: files of one scene need the same name "
                "(endings may differ), or a scenes table (CSV) must name the files of each scene."
            ).format(folder, image_folder)
        )
