"""Lists the scenes of images that a job names one by one or by folder, with labels that belong to all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..contract.errors import JobError
from ..contract.file_jobs import SuggestJob
from ..contract.jobs import TrainJob
from ..contract.paths import format_path, is_folder, real_path
from ..contract.scene import Correction, Files, Scene, rasters_by_stem, require_labels
from ..contract.translation import tr


def scenes_of_images(
    images: Sequence[str],
    labels: str,
    auxiliary: tuple[str, ...],
    more: Sequence[str] = (),
    some: bool = False,
) -> list[Scene]:
    """The scenes of a job's images.

    Args:
        images: Rasters, and folders that stand for all rasters in them.
        labels: Polygons or a class raster for all images, or a folder with a class raster of the name of each;
            empty: none.
        auxiliary: Auxiliary rasters that cover all images.
        more: Other rasters that are not images.
        some: Whether a folder may lack the labels of some images.

    Raises:
        JobError: If an image is named twice, or two have one name where the labels are found by name.
        LayoutError: If a folder has two rasters of one name, or lacks the labels of an image that needs them.
    """
    # A class raster may lie in the folder of the images that it covers.
    others = {real_path(path) for path in (labels, *auxiliary, *more) if path}
    paths: dict[str, str] = {}
    for path in (path for entry in images for path in _rasters(entry, others)):
        if real_path(path) in paths:
            raise JobError(
                tr("The image {} is given twice: give it once.").format(format_path(path))
            )
        paths[real_path(path)] = path
    by_name = rasters_by_stem(Path(labels)) if labels and is_folder(labels) else {}
    if by_name:
        return _labelled_by_name([*paths.values()], by_name, labels, auxiliary, some)
    return [Scene(path, labels, auxiliary) for path in paths.values()]


def with_later_labels(scenes: list[Scene], labels: Sequence[str]) -> list[Scene]:
    """The scenes with further labels.

    Args:
        scenes: The scenes.
        labels: Polygons or a class raster for all images, or a folder with class rasters of the names of some.

    Raises:
        JobError: If no raster of a folder has the name of an image.
    """
    for path in labels:
        found = _of_scenes(path, scenes)
        scenes = [
            replace(scene, later_labels=(*scene.later_labels, own)) if own else scene
            for scene, own in zip(scenes, found)
        ]
    return scenes


def with_corrections(scenes: list[Scene], job: TrainJob | SuggestJob) -> list[Scene]:
    """The scenes with the corrections of a job, each with the squares in which it is checked.

    Raises:
        JobError: If corrections and checked squares do not belong together, or no raster of a folder has the name
            of an image.
    """
    if job.checked and not job.corrections:
        raise JobError(
            tr(
                "The squares {} are checked, but there are no corrections: give the corrected mask, or give the squares "
                "as the labelled area (area)."
            ).format(job.checked[0])
        )
    if job.corrections and not job.checked:
        raise JobError(
            tr(
                "The corrections {} have no checked squares: give the polygons inside which they are right (checked). If "
                "the whole mask is right, give it as labels."
            ).format(job.corrections[0])
        )
    count = len(job.corrections)
    if len(job.checked) not in (count, min(count, 1)):
        raise JobError(
            tr(
                "There are {} corrections and {} files of checked squares: give one file for all corrections, or one for "
                "each in the same order."
            ).format(count, len(job.checked))
        )
    squares = job.checked * count if len(job.checked) == 1 else job.checked
    for path, checked in zip(job.corrections, squares):
        found = [own and Correction(own, checked) for own in _of_scenes(path, scenes)]
        scenes = [
            replace(scene, corrections=(*scene.corrections, own)) if own else scene
            for scene, own in zip(scenes, found)
        ]
    return scenes


def _of_scenes(path: str, scenes: Sequence[Scene]) -> list[str]:
    """The file of each scene: a path itself, or of a folder the raster of the image's name; empty: none."""
    by_name = rasters_by_stem(Path(path)) if is_folder(path) else {}
    if not by_name:
        return [path] * len(scenes)
    found = [str(by_name.get(Path(scene.image).stem, "")) for scene in scenes]
    if not any(found):
        raise JobError(
            tr(
                "No raster in {} has the name of an image: name each like its image (endings may differ)."
            ).format(format_path(path))
        )
    return found


def _rasters(entry: str, others: set[str]) -> Iterator[str]:
    """The rasters of a folder except ``others``; any other entry itself, and a folder that GDAL may open."""
    files = rasters_by_stem(Path(entry)) if is_folder(entry) else {}
    if not files:
        yield entry
    yield from (str(file) for file in files.values() if real_path(file) not in others)


def _labelled_by_name(
    images: Sequence[str], labels: Files, folder: str, auxiliary: tuple[str, ...], some: bool
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
    if not some:
        require_labels(by_stem, labels, Path(folder))
    return [Scene(str(by_stem[s]), str(labels.get(s, "")), auxiliary) for s in by_stem]
