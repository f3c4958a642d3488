"""The Processing provider: one tuple of algorithms."""

from __future__ import annotations

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import ROOT, settings
from .algorithms.polygons import PolygonsAlgorithm
from .algorithms.predict_folder import PredictFolderAlgorithm
from .algorithms.segment import SegmentAlgorithm
from .algorithms.segment_folder import SegmentFolderAlgorithm
from .algorithms.setup import SetupAlgorithm
from .algorithms.train import TrainAlgorithm
from .engine.contract.version import engine_version
from .i18n import tr

ALGORITHMS = (
    TrainAlgorithm,
    SegmentAlgorithm,
    SegmentFolderAlgorithm,
    PredictFolderAlgorithm,
    PolygonsAlgorithm,
    SetupAlgorithm,
)

ICON = ROOT / "resources" / "icons" / "dualstream.svg"


class DualStreamProvider(QgsProcessingProvider):
    """Offers DualStream's algorithms to the Toolbox, models, batches and ``qgis_process``."""

    def id(self) -> str:
        """The stable id in front of every algorithm's name."""
        return "dualstream"

    def name(self) -> str:
        """The name in the Toolbox."""
        return "DualStream"

    def longName(self) -> str:
        """The name where there is room."""
        return tr("DualStream: segmentation of two fused raster streams")

    def versionInfo(self) -> str:
        """The plugin's version, whose only home is metadata.txt."""
        return engine_version()

    def icon(self) -> QIcon:
        """The provider's icon."""
        return QIcon(str(ICON))

    def svgIconPath(self) -> str:
        """The same icon for the modeller."""
        return str(ICON)

    def load(self) -> bool:
        """Shows the plugin's settings among Processing's, then loads the algorithms."""
        ProcessingConfig.settingIcons[self.name()] = self.icon()
        for setting in settings.ALL:
            ProcessingConfig.addSetting(
                Setting(
                    self.name(),
                    setting.name,
                    tr(setting.label),
                    setting.default,
                    valuetype=Setting.FILE,
                )
            )
        ProcessingConfig.readSettings()
        self.refreshAlgorithms()
        return True

    def unload(self) -> None:
        """Takes the settings back."""
        for setting in settings.ALL:
            ProcessingConfig.removeSetting(setting.name)

    def loadAlgorithms(self) -> None:
        """Called by Processing whenever it wants the list."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Masks are GeoTIFFs."""
        return ["tif"]

    def defaultRasterFileExtension(self) -> str:
        """Whatever format the user prefers elsewhere."""
        return "tif"

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        """Polygons are GeoPackages."""
        return ["gpkg"]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:
        """Whatever format the user prefers elsewhere."""
        return "gpkg"
