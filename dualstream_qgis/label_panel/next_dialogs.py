"""The files beside an image, and the dialogs that take the marks and the model further: *Segment* and *Train DualStream*."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from qgis.core import QgsProject

from ..i18n import tr
from ..message_bar import open_dialog
from .mark_layers import CLASS_FIELD, MarkLayers, MarksError
from .panel import LabelPanel


def keep_model(sketch: str, marks: str) -> str:
    """Copies the model of a sketch beside the marks, and returns the copy.

    Args:
        sketch: The model, which is deleted when QGIS closes.
        marks: The GeoPackage of the marks.

    Raises:
        MarksError: If it cannot be saved.
    """
    kept = Path(marks).with_name(f"{Path(marks).stem}-sketch.safetensors")
    try:
        return str(shutil.copyfile(sketch, kept))
    except OSError as error:
        raise MarksError(tr("The model cannot be saved as {}: {}.").format(kept, error)) from error


def open_segment(panel: LabelPanel, model: str) -> None:
    """Opens *Segment* with a model and the panel's rasters."""
    open_dialog("segment", {**_rasters(panel), "MODEL": model})


def open_train(panel: LabelPanel, marks: MarkLayers, start: str) -> None:
    """Opens *Train DualStream* with marks and the panel's rasters.

    Args:
        panel: The panel.
        marks: The marks, which are saved first.
        start: The model to start from; "" for none.

    Raises:
        MarksError: If the marks cannot be saved.
    """
    given = {**_rasters(panel), "LABELS": _labels(marks), "CLASS_FIELD": CLASS_FIELD}
    given["IMAGE"] = [given["IMAGE"]]
    open_dialog("train", {**given, "START": start} if start else given)


def default_marks(image: str) -> str:
    """Returns the file for the marks of an image: beside it, or where the user may write."""
    path = Path(image.partition("|")[0])
    places = (path.parent, Path(QgsProject.instance().homePath() or Path.home()))
    folder = next((place for place in places if os.access(place, os.W_OK)), Path.home())
    return str(folder / f"{path.stem}-marks.gpkg")


def _labels(marks: MarkLayers) -> str:
    """Returns the saved marks as one value of a dialog: their layer, or a file that also holds the polygons."""
    marks.save()
    if not marks.areas.featureCount():
        return str(marks.strokes.id())
    path = Path(marks.path)
    together = str(path.with_name(f"{path.stem}-all.gpkg"))
    marks.snapshot().write(together)
    return together


def _rasters(panel: LabelPanel) -> dict[str, Any]:
    """Returns image and auxiliary rasters as a dialog's parameters."""
    auxiliary = [layer.id() for layer in panel.auxiliary_layers()]
    return {"IMAGE": panel.image_layer().id(), "AUXILIARY": auxiliary}
