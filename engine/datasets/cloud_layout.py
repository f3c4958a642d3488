"""The layout of cloud competitions: colour, near infrared and coloured labels in folders of their own.

    train/rgb   val/rgb     test/rgb     red, green, blue
    train/ngr   val/ngr     test/ngr     near infrared, green, red as the picture's red, green, blue
    train/label val/label                a colour a class

What is index 2 of a picture read as BGR is band 1 here: GDAL counts the bands as the file has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..contract.class_table import ClassEntry, ClassTable
from ..contract.errors import LayoutError, format_count
from ..contract.scene import Scene, rasters_by_stem, require_labels, require_some
from ..rasters.raster import band_counts

#: The classes and the colours in which the labels show them.
CLOUD_CLASSES: ClassTable = (
    ClassEntry(0, "background", "#000000"),
    ClassEntry(1, "thick cloud", "#ff0000"),
    ClassEntry(2, "thin cloud", "#00ff00"),
    ClassEntry(3, "cloud shadow", "#ffff00"),
)

#: How the augmentation copy-paste treats the classes, by value: clouds are copied, thin ones with a
#: faded edge, and a shadow travels with its cloud.
CLOUD_PASTE = {1: "", 2: ":soft", 3: ":companion"}

#: Unless others are chosen: red, green and blue without an alpha band, and the near infrared of ``ngr``.
_IMAGE_BANDS, _AUXILIARY_BANDS = (1, 2, 3), (1,)

_VALIDATION = ("val", "valid", "validation")


def is_cloud_folder(root: Path) -> bool:
    """Whether a folder has this layout's training images."""
    return (root / "train" / "rgb").is_dir()


def from_cloud_folder(root: Path) -> list[Scene]:
    """The labelled scenes of the layout; without a validation folder they are not split.

    Raises:
        LayoutError: If an image has no labels, or no file of ``ngr`` belongs to an image.
    """
    scenes = _labelled(root / "train", "train")
    if not scenes:
        raise LayoutError(f"{root / 'train' / 'rgb'} holds no raster to train on.")
    held_out = [scene for name in _VALIDATION for scene in _labelled(root / name, "validation")]
    return [*scenes, *held_out] if held_out else [replace(scene, split="") for scene in scenes]


def _labelled(folder: Path, split: str) -> list[Scene]:
    images, labels = rasters_by_stem(folder / "rgb"), rasters_by_stem(folder / "label")
    require_labels(images, labels, folder / "label")
    return [
        replace(scene, labels=str(labels[scene.stem]), split=split)
        for scene in cloud_scenes(folder)
    ]


def cloud_scenes(folder: Path) -> list[Scene]:
    """The scenes in ``rgb`` and ``ngr`` of a folder, without labels, sorted by name.

    A scene without a file in ``ngr`` has no auxiliary raster.

    Raises:
        LayoutError: If no file of ``ngr`` has the name of an image.
    """
    images, infrared = rasters_by_stem(folder / "rgb"), rasters_by_stem(folder / "ngr")
    if (folder / "ngr").is_dir():
        require_some(images, infrared, folder / "ngr", folder / "rgb")
    return [
        Scene(
            str(images[stem]),
            "",
            (str(infrared[stem]),) if stem in infrared else (),
            usual_image_bands=_IMAGE_BANDS,
            usual_auxiliary_bands=_AUXILIARY_BANDS,
        )
        for stem in sorted(images)
    ]


def require_colours(scenes: Iterable[Scene]) -> None:
    """Makes sure that images of this layout have the bands it means, where nobody chose others.

    Raises:
        LayoutError: If one has fewer bands, such as a grey or a paletted picture.
        RasterError: If one cannot be opened.
    """
    for scene in scenes:
        count = band_counts(scene.image)[1]
        if count < max(scene.usual_image_bands, default=0):
            raise LayoutError(
                f"{scene.image} has {format_count(count, 'band')}, but this layout expects red, green and blue "
                "pictures in rgb/. Convert it to RGB (a paletted one with Raster > Conversion > PCT "
                "to RGB), or choose for all images which bands to use."
            )
