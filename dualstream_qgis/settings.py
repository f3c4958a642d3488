"""The plugin's settings.

They are stored with Processing's settings, so Settings > Options > Processing > Providers > DualStream shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsApplication, QgsSettings

_GROUP = "Processing/Configuration/"


@dataclass(frozen=True)
class TextSetting:
    """Text setting in the QGIS profile.

    Attributes:
        name: Key in Processing's settings.
        label: Label in the options dialog.
        default: Value if the user has not set one.
    """

    name: str
    label: str
    default: str = ""

    def get(self) -> str:
        """Returns the value."""
        value = QgsSettings().value(_GROUP + self.name, self.default)
        return str(value).strip() if value is not None else self.default

    def set(self, value: str) -> None:
        """Stores the value."""
        QgsSettings().setValue(_GROUP + self.name, value)


#: The engine's Python; the environment variable DUALSTREAM_PYTHON has priority over it.
ENGINE_PYTHON = TextSetting("DUALSTREAM_ENGINE_PYTHON", "Python with DualStream's engine")

#: All settings, in the order of the options dialog.
ALL = (ENGINE_PYTHON,)


def environment_folder() -> Path:
    """Returns the folder in the QGIS profile in which "Set up DualStream" builds the engine's environment."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "dualstream" / "engine"
