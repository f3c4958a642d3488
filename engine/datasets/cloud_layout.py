"""The folder layout of cloud competitions: separate folders for colour, near infrared and coloured labels.

    train/rgb   val/rgb     test/rgb     red, green, blue
    train/ngr   val/ngr     test/ngr     near infrared, green, red as the picture's red, green, blue
    train/label val/label                one colour per class

Bands are counted in the file's order, as GDAL does: index 2 of a picture read as BGR is band 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..contract.class_table import ClassEntry, ClassTable
from ..contract.errors import LayoutError, format_count
from ..contract.scene import Scene, rasters_by_stem, require_labels, require_matching_auxiliary
from ..contract.translation import tr
from ..rasters.raster import band_counts

#: The classes and their colours in the labels.
CLOUD_CLASSES: ClassTable = (
    ClassEntry(0, "background", "#000000"),
    ClassEntry(1, "thick cloud", "#ff0000"),
    ClassEntry(2, "thin cloud", "#00ff00"),
    ClassEntry(3, "cloud shadow", "#ffff00"),
)

#: The role of each class value in copy-paste augmentation: clouds are copied, thin ones with a faded edge,
#: and a shadow is copied together with its cloud.
CLOUD_PASTE = {1: "", 2: ":soft", 3: ":companion"}

#: Default bands: red, green and blue without alpha, and the near infrared of ``ngr``.
_IMAGE_BANDS, _AUXILIARY_BANDS = (1, 2, 3), (1,)

_VALIDATION = ("val", "valid", "validation")


def is_cloud_folder(root: Path) -> bool:
    """Whether a folder has the training images of this layout."""
    return (root / "train" / "rgb").is_dir()


def cloud_training_scenes(root: Path) -> list[Scene]:
    """The labelled scenes of the layout; they have no split if there is no validation folder.

    Raises:
        LayoutError: If an image has no labels, or no file of ``ngr`` belongs to an image.
    """
    scenes = _labelled_scenes(root / "train", "train")
    if not scenes:
        raise LayoutError(tr("{} holds no raster to train on.").format(root / "train" / "rgb"))
    held_out = [
        scene for name in _VALIDATION for scene in _labelled_scenes(root / name, "validation")
    ]
    return [*scenes, *held_out] if held_out else [replace(scene, split="") for scene in scenes]


def _labelled_scenes(folder: Path, split: str) -> list[Scene]:
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
        require_matching_auxiliary(images, infrared, folder / "ngr", folder / "rgb")
    return [
        Scene(
            str(images[stem]),
            "",
            (str(infrared[stem]),) if stem in infrared else (),
            default_image_bands=_IMAGE_BANDS,
            default_auxiliary_bands=_AUXILIARY_BANDS,
        )
        for stem in sorted(images)
    ]


def require_default_bands(scenes: Iterable[Scene]) -> None:
    """Checks that the images of scenes have the default bands of their layout.

    Raises:
        LayoutError: If an image has fewer bands, such as a grey or a paletted picture.
        RasterError: If an image cannot be opened.
    """
    for scene in scenes:
        count = band_counts(scene.image)[1]
        if count < max(scene.default_image_bands, default=0):
            raise LayoutError(
                tr(
                    "{} has {}, but this layout expects red, green and blue pictures in rgb/. Convert it "
                    "to RGB (a paletted one with Raster > Conversion > PCT to RGB), or choose for all "
                    "images which bands to use."
                ).format(scene.image, format_count(count, "{} band", "{} bands"))
            )
