"""Lists the scenes of images that a job names one by one or by folder, with labels that belong to all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..contract.errors import JobError
from ..contract.paths import format_path, is_folder, real_path
from ..contract.scene import Files, Scene, rasters_by_stem, require_labels
from ..contract.translation import tr


def scenes_of_images(images: Sequence[str], labels: str, auxiliary: tuple[str, ...]) -> list[Scene]:
    """The scenes of a job's images.

    Args:
        images: Rasters, and folders that stand for all rasters in them.
        labels: Polygons or a class raster for all images, or a folder with a class raster of the name of each.
        auxiliary: Auxiliary rasters that cover all images.

    Raises:
        JobError: If an image is named twice, or two have one name where the labels are found by name.
        LayoutError: If a folder has two rasters of one name, or lacks the labels of an image.
    """
    # A class raster may lie in the folder of the images that it covers.
    others = {real_path(path) for path in (labels, *auxiliary)}
    paths: dict[str, str] = {}
    for path in (path for entry in images for path in _rasters(entry, others)):
        if real_path(path) in paths:
            raise JobError(
                tr("The image {} is given twice: give it once.").format(format_path(path))
            )
        paths[real_path(path)] = path
    by_name = rasters_by_stem(Path(labels)) if is_folder(labels) else {}
    if by_name:
        return _labelled_by_name([*paths.values()], by_name, labels, auxiliary)
    return [Scene(path, labels, auxiliary) for path in paths.values()]


def _rasters(entry: str, others: set[str]) -> Iterator[str]:
    """The rasters of a folder except ``others``; any other entry itself, and a folder that GDAL may open."""
    files = rasters_by_stem(Path(entry)) if is_folder(entry) else {}
    if not files:
        yield entry
    yield from (str(file) for file in files.values() if real_path(file) not in others)


def _labelled_by_name(
    images: Sequence[str], labels: Files, folder: str, auxiliary: tuple[str, ...]
) -> list[Scene]:
    by_stem: dict[str, Path] = {}
    for image in map(Path, images):
        other = by_stem.setdefault(image.stem, image)
        if other != image:
            raise JobError(
                tr(
                    "The images {} and {} have one name, by which the labels in {} are found: rename one."
                ).format(format_path(other), format_path(image), format_path(folder))
            )
    require_labels(by_stem, labels, Path(folder))
    return [Scene(str(by_stem[s]), str(labels[s]), auxiliary) for s in by_stem]
