"""Every setting of the plugin, typed, with its default.

They live where Processing keeps its own, so that Settings > Options > Processing > Providers >
DualStream shows them without a dialog of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsApplication, QgsSettings

_GROUP = "Processing/Configuration/"


@dataclass(frozen=True)
class TextSetting:
    """A setting that holds text.

    Attributes:
        name: Its name among Processing's settings.
        label: What the options dialog calls it.
        default: Its value until someone sets it.
    """

    name: str
    label: str
    default: str = ""

    def get(self) -> str:
        """The value; the default where none is set."""
        value = QgsSettings().value(_GROUP + self.name, self.default)
        return str(value).strip() if value is not None else self.default

    def set(self, value: str) -> None:
        """Stores the value for this profile."""
        QgsSettings().setValue(_GROUP + self.name, value)


#: Overrides where the engine's Python is found, one step below the variable DUALSTREAM_PYTHON.
ENGINE_PYTHON = TextSetting("DUALSTREAM_ENGINE_PYTHON", "Python with DualStream's engine")

ALL = (ENGINE_PYTHON,)


def environment_folder() -> Path:
    """Where "Set up DualStream" builds the engine's environment: inside the QGIS profile."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "dualstream" / "engine"
