"""The starter model: a small network for the sample data, which ``make package`` trains and puts into the zip."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from . import ROOT

#: Name of the model file, in the installed plugin and beside the sample data.
NAME = "starter-model.safetensors"

#: Image and air quality of the scene that the model has not seen, in the folder of the sample data.
UNSEEN = ("unseen/image.tif", "unseen/air.tif")

#: The model file in the installed plugin; a checkout has none.
PATH = ROOT / "resources" / "models" / NAME


def copy_to(folder: Path) -> Path | None:
    """Copies the model beside the sample data, where a user may browse for it; a copy that is there is replaced.

    Returns:
        The copy; None if this installation has no starter model.

    Raises:
        OSError: If it cannot be written.
    """
    if not PATH.is_file():
        return None
    target = folder / NAME
    part = folder / f"{NAME}.part"
    shutil.copyfile(PATH, part)
    part.replace(target)
    return target


def unseen_layers(project: Any) -> list[Any]:
    """Returns the layers of the sample data's unseen scene, in the order of ``UNSEEN``.

    Args:
        project: The project of QGIS.

    Returns:
        The layers; none unless the project has both.
    """
    layers = project.mapLayers().values()
    by_file = {Path(layer.source().partition("|")[0]): layer for layer in layers}
    for file in by_file:
        folder = file.parent.parent
        wanted = [folder / name for name in UNSEEN]
        if all(path in by_file for path in wanted) and (folder / NAME).is_file():
            return [by_file[path] for path in wanted]
    return []
