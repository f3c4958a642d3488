"""Explains why ``import`` cannot make a model of a file, and the way out; free of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..contract.errors import join_choices, join_names
from ..contract.plain_text import one_line
from ..contract.translation import tr, tr_noop

#: Suffixes of files that are often tried and are not weights, and what they are.
_NETWORKS = {
    ".h5": tr_noop("a network of Keras"),
    ".hdf5": tr_noop("a network of Keras"),
    ".keras": tr_noop("a network of Keras"),
    ".pb": tr_noop("a network of TensorFlow"),
    ".tflite": tr_noop("a network of TensorFlow Lite"),
}

#: Packages that hold weights.
_PACKAGES = (".dlpk",)

#: Rasters that somebody may take for a result of another program.
_RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img", ".png", ".jpg", ".jpeg")

#: Beginnings of the names of YOLO's code in a whole network.
_YOLO = ("ultralytics.", "models.yolo.", "models.common.")

#: Author and tasks in the metadata of a YOLO's ONNX file.
_YOLO_AUTHOR, _YOLO_TASKS = "Ultralytics", ("detect", "segment", "pose", "obb")

#: The most names of code in a message, and the longest one.
_MAX_NAMES, _MAX_SHOWN = 10, 80


def not_weights_message(path: str, suffixes: Sequence[str]) -> str:
    """Why a file, or what is not there, is not read.

    Args:
        path: What the user gave.
        suffixes: Suffixes of files of weights.
    """
    suffix = Path(path).suffix.lower()
    if not Path(path).is_file():
        text = tr("There is no file of weights {}: give one in {}.")
        return text.format(path, join_choices(suffixes))
    if suffix in _NETWORKS:
        text = tr(
            "{} is {}, which import does not read: its program can export ONNX (.onnx, with tf2onnx), which import takes."
        )
        return text.format(path, tr(_NETWORKS[suffix]))
    if suffix in _PACKAGES:
        text = tr(
            "{} is a deep learning package of ArcGIS, a zip archive: unpack it and give the .onnx or .pth file in it."
        )
        return text.format(path)
    if suffix in _RASTERS:
        text = tr("{} is a raster, not weights: give the file that another program has trained.")
        return text.format(path)
    text = tr("{} is not a file of weights: give one in {}, or a network in .onnx.")
    return text.format(path, join_choices(suffixes))


def code_message(path: str, names: Sequence[str]) -> str:
    """Why a pickle that would import code is refused.

    Args:
        path: The file.
        names: What it would import, as far as that is known.
    """
    if any(name.startswith(_YOLO) for name in names):
        return yolo_message(path)
    shown = [one_line(name, _MAX_SHOWN) for name in names]
    text = tr(
        "{} holds more than weights ({}), and none of it was run: save only the weights, with "
        "torch.save(model.state_dict(), path), or export ONNX in the program that made it."
    )
    return text.format(path, join_names(shown, _MAX_NAMES) or tr("a whole network with its code"))


def is_yolo(metadata: Mapping[str, str]) -> bool:
    """Whether the metadata of an ONNX file are those of a YOLO that finds objects."""
    return metadata.get("author") == _YOLO_AUTHOR and metadata.get("task") in _YOLO_TASKS


def yolo_message(path: str) -> str:
    """Why no model file can be made of a YOLO."""
    text = tr(
        "{} is a YOLO, which finds objects and gives no class for each pixel, so that no model file can be made of "
        "it: train a network with the same labels as polygons."
    )
    return text.format(path)
