"""The plugin's settings.

They are stored with Processing's settings, so Settings > Options > Processing > Providers > DualStream shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QStandardPaths

from .i18n import tr_noop

_GROUP = "Processing/Configuration/"


@dataclass(frozen=True)
class TextSetting:
    """Text setting in the QGIS profile.

    Attributes:
        name: Key in Processing's settings.
        label: Label in the options dialog, in English.
        default: Value if the user has not set one.
        is_file: Whether it is the path of a file, which the options dialog lets the user choose.
    """

    name: str
    label: str
    default: str = ""
    is_file: bool = False

    def get(self) -> str:
        """Returns the value."""
        value = QgsSettings().value(_GROUP + self.name, self.default)
        return str(value).strip() if value is not None else self.default

    def set(self, value: str) -> None:
        """Stores the value."""
        QgsSettings().setValue(_GROUP + self.name, value)


#: The engine's Python; the environment variable DUALSTREAM_PYTHON has priority over it.
ENGINE_PYTHON = TextSetting(
    "DUALSTREAM_ENGINE_PYTHON", tr_noop("Python with DualStream's engine"), is_file=True
)

#: The package index of an office, in place of the ordinary one.
PACKAGE_INDEX = TextSetting(
    "DUALSTREAM_PACKAGE_INDEX", tr_noop("Address of the package index, if not the ordinary one")
)

#: All settings, in the order of the options dialog.
ALL = (ENGINE_PYTHON, PACKAGE_INDEX)


def engine_home_folder() -> Path:
    """Returns the folder in which "Set up DualStream" keeps the engine: local application data, not in the profile.

    Offices copy the profile between computers (roaming). The name is short, since Windows limits the length of paths.
    """
    local = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(local) / "dualstream"


def old_environment_folder() -> Path:
    """Returns the folder in the QGIS profile in which the environment was built at first."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "dualstream" / "engine"
