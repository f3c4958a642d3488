"""The starter model: a small network for the sample data, which ``make package`` trains and puts into the zip."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import ROOT

#: Name of the model file, in the installed plugin and beside the sample data.
NAME = "starter-model.safetensors"

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
